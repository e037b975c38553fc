//! T4: a tenant's tokens end, are rotated and taken back, and nobody else notices.
//!
//! Why: a leaked token must be worth nothing at once, without the others' databases going down; a rotation must not cost
//! an answer; and one that ended must end.
//!
//! Method: ten tenants write all the time, each by a token that it asks for anew when one is refused. One is rotated,
//! another's tokens are taken back, a third's end by themselves. What was acknowledged is counted at the end.
//!
//! Accept when no acknowledged write is lost, nobody else is refused once, the revoked token is refused at the next
//! request, the rotated one's old token stays good until it is taken back, each says when it ends and is refused within 75 s
//! after that, and a token of the server's own opens nobody's database. A brief trial does not wait for that minute.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::FutureExt;
use secrecy::{ExposeSecret, SecretString};
use zenith_core::catalog::Server;
use zenith_core::identity::service::Access;
use zenith_core::tenancy::{Entry, Terms};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::tenants::{Tenants, connect};

const CLEARED: &str = "key-cleared";

pub const SPIKE: Spike = Spike {
    id: "T4",
    title: "one tenant's tokens are rotated, revoked and end, while ten write",
    group: Group::Tenancy,
    backends: &[Backend::Local],
    expected: Expected::Holds,
    targets: &[
        Target::gate("acknowledged writes that are lost", 0.0, Unit::Count),
        Target::gate("refusals of tenants that nothing was done to", 0.0, Unit::Count),
    ],
    faults: &[Fault { name: CLEARED, what: "a configuration is posted without the tenant's key" }],
    run: |trial| run(trial).boxed(),
};

const TENANTS: usize = 10;
const ROTATED: usize = 0;
const REVOKED: usize = 1;
const ENDED: usize = 2;
const SHORT: Duration = Duration::from_secs(2);

#[derive(Default)]
struct Written {
    acknowledged: AtomicU64,
    refused: AtomicU64,
}

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let server = trial.lab.sqld_address()?;
    let tenants = Arc::new(Tenants::start(&trial.lab).await?);
    let entries = tenants.sign_up(TENANTS).await?;
    for entry in &entries {
        tenants.connect(entry).await?.execute("CREATE TABLE written (number INTEGER)", ()).await?;
    }
    // Another service's view of the same registry, whose tokens are short.
    let terms = Terms { token_lifetime: SHORT, ..Terms::default() };
    let short = Tenants::over(&tenants.folder, crate::tenants::provider(server.clone())?, terms).await?;
    let minted_s = u64::try_from(chrono::Utc::now().timestamp())?;
    let (ended, begun) = (short.server(&entries[ENDED], Access::ReadOnly).await?, Instant::now());

    trial.progress("ten tenants write");
    let stop = Arc::new(AtomicBool::new(false));
    let written: Vec<Arc<Written>> = (0..TENANTS).map(|_| Arc::default()).collect();
    let writers: Vec<_> = entries
        .iter()
        .zip(&written)
        .map(|(entry, written)| {
            tokio::spawn(write(tenants.clone(), entry.clone(), written.clone(), stop.clone()))
        })
        .collect();
    let all_write = async || {
        let before: Vec<u64> = written.iter().map(|one| one.acknowledged.load(Ordering::Relaxed)).collect();
        let have = || {
            written
                .iter()
                .zip(&before)
                .all(|(one, before)| one.acknowledged.load(Ordering::Relaxed) > *before)
        };
        let deadline = Instant::now() + Duration::from_secs(30);
        while !have() && Instant::now() < deadline {
            tokio::task::yield_now().await;
        }
        have()
    };
    evidence.check("all of them write", all_write().await);

    trial.progress("one is rotated, another revoked");
    let old = tenants.server(&entries[ROTATED], Access::ReadWrite).await?;
    tenants.tenancy.rotate(&entries[ROTATED].tenant).await?;
    evidence.check("a rotated key's token is still good", reads(&old).await);
    let leaked = tenants.server(&entries[REVOKED], Access::ReadWrite).await?;
    evidence.check("a token opens before it is taken back", reads(&leaked).await);
    tenants.tenancy.revoke(&entries[REVOKED].tenant).await?;
    evidence.check("it does not at the next request", !reads(&leaked).await);
    tenants.tenancy.revoke(&entries[ROTATED].tenant).await?;
    evidence.check("nor does the rotated one once it is taken back", !reads(&old).await);
    if trial.has_fault(CLEARED) {
        let url = server.admin.join(&format!("v1/namespaces/{}/config", entries[ROTATED].name))?;
        let body = serde_json::json!({"block_reads": false, "block_writes": false});
        reqwest::Client::builder()
            .no_proxy()
            .build()?
            .post(url)
            .json(&body)
            .send()
            .await?
            .error_for_status()?;
    }
    let of_server = trial
        .lab
        .issuer()
        .mint_database(&[(entries[ROTATED].name.as_str(), Access::ReadWrite)], Duration::from_secs(60))?;
    evidence.check("a token of the server's own opens nothing", !reads(&with(&old, of_server)).await);
    evidence.check("all of them write on", trial.has_fault(CLEARED) || all_write().await);

    trial.progress("a token ends");
    evidence.check("a token says when it ends", ends_at(&ended.token)? <= minted_s + SHORT.as_secs() + 1);
    // What was planted is seen by now, and another minute would not show it better.
    let is_waited_for = !trial.is_brief && !trial.has_fault(CLEARED);
    while is_waited_for && reads(&ended).await && begun.elapsed() < Duration::from_secs(90) {
        // Each question takes its time; a pause keeps them few.
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    if is_waited_for {
        let refused_after = begun.elapsed().saturating_sub(SHORT);
        evidence.time("until an ended token is refused", refused_after);
        evidence.check("an ended token is refused", refused_after < Duration::from_secs(75));
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await??;
    }
    let (mut lost, mut refused, mut all) = (0, 0, 0);
    for (number, (entry, written)) in entries.iter().zip(&written).enumerate() {
        let acknowledged = written.acknowledged.load(Ordering::Relaxed);
        let entry = tenants.tenancy.registry().entry(&entry.tenant).await?.context("a tenant is gone")?;
        if let Ok(rows) = count(&tenants, &entry).await {
            lost += acknowledged.saturating_sub(rows);
        } else {
            lost += acknowledged;
        }
        all += acknowledged;
        if number != ROTATED && number != REVOKED {
            refused += written.refused.load(Ordering::Relaxed);
        }
    }
    evidence.count("writes", all, Unit::Count);
    evidence.count("acknowledged writes that are lost", lost, Unit::Count);
    evidence.count("refusals of tenants that nothing was done to", refused, Unit::Count);
    Ok(evidence)
}

/// Writes until it is told to stop; a refused token is asked for anew.
async fn write(
    tenants: Arc<Tenants>,
    entry: Entry,
    written: Arc<Written>,
    stop: Arc<AtomicBool>,
) -> Result<()> {
    let mut number = 0_i64;
    while !stop.load(Ordering::Relaxed) {
        let entry = tenants.tenancy.registry().entry(&entry.tenant).await?.context("a tenant is gone")?;
        let connection = tenants.connect(&entry).await?;
        while !stop.load(Ordering::Relaxed) {
            number += 1;
            if connection.execute("INSERT INTO written VALUES (?1)", [number]).await.is_err() {
                written.refused.fetch_add(1, Ordering::Relaxed);
                break;
            }
            written.acknowledged.fetch_add(1, Ordering::Relaxed);
            // Some writes a second of each are enough to be hit by whatever happens.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    Ok(())
}

async fn count(tenants: &Tenants, entry: &Entry) -> Result<u64> {
    let connection = tenants.connect(entry).await?;
    let mut rows = connection.query("SELECT count(*) FROM written", ()).await?;
    Ok(rows.next().await?.context("a count has a row")?.get(0)?)
}

/// When a token ends, in seconds since 1970, as it says itself.
fn ends_at(token: &SecretString) -> Result<u64> {
    let claims = token.expose_secret().split('.').nth(1).context("it has no claims")?;
    let claims: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?;
    claims["exp"].as_u64().context("it says no end")
}

async fn reads(server: &Server) -> bool {
    let read = async {
        let connection = connect(server).await?;
        connection.query("SELECT count(*) FROM written", ()).await?.next().await?;
        anyhow::Ok(())
    };
    read.await.is_ok()
}

fn with(server: &Server, token: SecretString) -> Server {
    Server { token, ..server.clone() }
}
