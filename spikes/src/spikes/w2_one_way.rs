//! W2: what is authored goes one way, since nobody on the other side has a credential for the way back.
//!
//! Why: a rule that the cloud does not write what is authored is kept until somebody copies a token, or a convenience syncs
//! the other way round.
//!
//! Method: two instances are published, into a bucket and a mirror. Then each credential that a service of the cloud has,
//! and that a user has, tries every statement that could change the mirror, and every request that could change an object;
//! and a user's instance with a canary is kept beside. What is authored, the mirror's rows and the objects are compared with
//! what they were; the author's folder is searched for the canary; the requests of a publication are looked at.
//!
//! Accept when nothing changed, no file of the author's has the canary, and a publication reads no object.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use futures::FutureExt;
use secrecy::SecretString;
use zenith_core::catalog::Server;
use zenith_core::identity::service::Access;
use zenith_core::lake::Put;
use zenith_core::publish::{AuthoredId, Publisher, ROOT, Reader, Sha256, Terms, UserId, Workspace};
use zenith_harness::lab::{RequestKind, StoreAddress};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::instances::{english, entitle, mirror, publish, publisher, raw, texts};
use crate::people::TOKEN_LIFETIME;
use crate::tenants::{connect, lies_below};

const WRITES: &str = "reader-writes";

pub const SPIKE: Spike = Spike {
    id: "W2",
    title: "no credential of the cloud changes what is authored, and a publication reads nothing back",
    group: Group::Publishing,
    backends: &[Backend::Local],
    expected: Expected::Holds,
    targets: &[
        Target::gate("rows and objects that changed", 0.0, Unit::Count),
        Target::gate("objects that a publication read", 0.0, Unit::Requests),
        Target::gate("files of the author's with a user's text", 0.0, Unit::Files),
    ],
    faults: &[Fault { name: WRITES, what: "the token of a service that reads the mirror may write it, too" }],
    run: |trial| run(trial).boxed(),
};

const PAIR: [&str; 2] = ["wgt_main_faq", "wgt_main_hero"];
const MIRROR: &str = "curated";
const USER: &str = "olive";
const CANARY: &str = "CANARY-OF-A-USER";
const OBJECT_BYTES_MAX: u64 = 1 << 20;
/// What could change a row of the mirror, or take away what holds others back.
const ATTACKS: [&str; 6] = [
    "UPDATE curated_widget_instances SET config = '{\"title\":\"evil\"}', sequence = sequence + 1",
    "UPDATE curated_widget_instances SET status = 'unpublished', sequence = sequence + 1",
    "INSERT OR REPLACE INTO curated_widget_instances SELECT * FROM curated_widget_instances",
    "DROP TRIGGER curated_stays",
    "DELETE FROM curated_widget_instances",
    "DROP TABLE curated_widget_instances",
];

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let database = trial.lab.database(MIRROR).await?;
    let server = database.server()?.clone();
    let author = Publisher { mirror: Some(mirror(&database).await?), ..publisher(&trial, "author").await? };
    for id in PAIR {
        entitle(&author, id, "first").await?;
    }
    publish(&author).await?;

    trial.progress("what a publication asks");
    for id in PAIR {
        entitle(&author, id, "second").await?;
    }
    let bucket = trial.lab.bucket().await?;
    bucket.reset();
    publish(&author).await?;
    let kinds: Vec<RequestKind> = bucket.requests().iter().map(|request| request.kind).collect();
    let reads = kinds.iter().filter(|kind| **kind == RequestKind::Get).count();
    evidence.check("it put something", kinds.contains(&RequestKind::Put));
    evidence.count("objects that a publication read", reads as u64, Unit::Requests);

    trial.progress("a user's instance");
    let own = user(&trial, &author).await?;

    trial.progress("every credential of the cloud");
    let before = state(&author, &server).await?;
    let (mut attempts, mut done) = (0, 0);
    for token in tokens(&trial)? {
        for attack in ATTACKS {
            attempts += 1;
            let at = Server { url: server.url.clone(), token: token.clone() };
            done += u64::from(executes(&at, attack).await);
        }
    }
    evidence.check_eq("statements that were executed", done, 0);
    let beside = executes(&own, "ATTACH DATABASE 'curated' AS other").await;
    evidence.check("a user's own database reaches no other", !beside);
    let store = trial.lab.store().await?;
    // A service that only reads has no key that writes: whichever it has is none of the bucket's.
    let foreign =
        StoreAddress { key_id: "cloud".to_string(), secret: "cloud-secret".into(), ..store }.store()?;
    for key in before.keys().filter(|key| key.starts_with(ROOT)) {
        attempts += 2;
        evidence.check_err("an object is replaced", &foreign.put(key, "evil".into(), Put::Overwrite).await);
        evidence.check_err("an object is removed", &foreign.delete(key).await);
    }
    let after = state(&author, &server).await.unwrap_or_default();
    let changed = before.iter().filter(|(name, was)| after.get(*name) != Some(was)).count();
    evidence.count("rows and objects that changed", changed as u64, Unit::Count);
    evidence.check_eq("rows and objects in the end", after.len(), before.len());
    evidence.count("attempts", attempts, Unit::Count);

    entitle(&author, PAIR[0], "third").await?;
    let report = publish(&author).await;
    evidence.check("the author still publishes", report.is_ok_and(|report| report.failed.is_empty()));
    let reader = Reader::remembering(author.store.clone(), &author.authored.folder().join("seen.db"));
    let got = reader.resolve(&AuthoredId::parse(PAIR[0])?, &english()?, &Terms::default()).await?;
    evidence.check_eq("what readers get", got.content["title"].as_str(), Some("third"));
    let leaked = lies_below(author.authored.folder(), CANARY.as_bytes())?;
    evidence.count("files of the author's with a user's text", leaked.len() as u64, Unit::Files);
    Ok(evidence)
}

/// What services and users of the cloud have: one that reads the mirror, a user's own, and both.
fn tokens(trial: &Trial) -> Result<Vec<SecretString>> {
    let reads = if trial.has_fault(WRITES) { Access::ReadWrite } else { Access::ReadOnly };
    let mint = |grants: &[(&str, Access)]| trial.lab.issuer().mint_database(grants, TOKEN_LIFETIME);
    Ok(vec![
        mint(&[(MIRROR, reads)])?,
        mint(&[(USER, Access::ReadWrite)])?,
        mint(&[(MIRROR, reads), (USER, Access::ReadWrite)])?,
    ])
}

/// A user keeps an instance in the own workspace, whose database this is. The author's program shows it.
async fn user(trial: &Trial, author: &Publisher) -> Result<Server> {
    let database = trial.lab.database(USER).await?;
    let workspace = Workspace::open(database.open().await?, USER).await?;
    let config = format!(r#"{{"title":"{CANARY}"}}"#);
    let id = UserId::parse("wgt_faq_u_mine")?;
    workspace.save(&id, &author.authored.registry()?, config.as_bytes()).await?;
    let listed = workspace.list().await?;
    anyhow::ensure!(listed.len() == 1, "the user's instance is not listed");
    Ok(database.server()?.clone())
}

async fn executes(server: &Server, attack: &str) -> bool {
    match connect(server).await {
        Ok(connection) => connection.execute(attack, ()).await.is_ok(),
        Err(_) => false,
    }
}

/// Every authored row, every row of the mirror by the publisher's own token, and every object.
async fn state(author: &Publisher, server: &Server) -> Result<BTreeMap<String, String>> {
    let mut state = BTreeMap::new();
    let rows = "SELECT * FROM curated_widget_instances ORDER BY public_id";
    let here = texts(&raw(&author.authored).await?, rows).await?;
    let there = texts(&connect(server).await?, rows).await?;
    for (of, rows) in [("authored", here), ("mirror", there)] {
        state.extend(rows.into_iter().enumerate().map(|(at, row)| (format!("{of} row {at}"), row)));
    }
    for object in author.store.list(ROOT).await? {
        let bytes = author.store.get(&object.key, OBJECT_BYTES_MAX).await.context("an object is gone")?.bytes;
        state.insert(object.key, Sha256::of(&bytes).to_string());
    }
    Ok(state)
}
