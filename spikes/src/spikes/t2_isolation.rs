//! T2: no tenant reads a row of another's, on any surface.
//!
//! Why: a database a tenant is worth what its walls are. A token that opens two, a name that is used again, an id that
//! is guessed, is a leak.
//!
//! Method: 50 users, each with a canary in their own database and a job of their own. For all pairs: the one's token
//! against the other's database, over the wire; the other's job by its id, through the service; what the service hands
//! out at an exchange; and the service's own open of each database, whose rows must be its owner's alone. Then two
//! databases' stamps are swapped.
//!
//! Accept when no pair yields a row, a foreign job is told like one that never was, every exchange names its user's own
//! databases alone, and a database with another's stamp is not opened.

use anyhow::{Context, Result};
use futures::FutureExt;
use futures::future::try_join_all;
use libsql::Value;
use secrecy::ExposeSecret;
use zenith_core::catalog::Server;
use zenith_core::identity::service::{Access, ExchangeAnswer};
use zenith_core::tenancy::{Entry, Tenant};
use zenith_harness::issuer::Person;
use zenith_harness::lab::{LabService, ServiceOptions};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::people::TOKEN_LIFETIME;
use crate::tenants::connect;

const LEFT: &str = "leftover-folder";

pub const SPIKE: Spike = Spike {
    id: "T2",
    title: "of 50 tenants none reads another's row, on any surface",
    group: Group::Tenancy,
    backends: &[Backend::Local, Backend::Container],
    expected: Expected::Holds,
    targets: &[Target::gate("foreign rows read", 0.0, Unit::Count)],
    faults: &[Fault {
        name: LEFT,
        what: "a new database has the rows of one that was there before, unstamped",
    }],
    run: |trial| run(trial).boxed(),
};

const USERS: usize = 50;

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let service = trial.lab.service(ServiceOptions::default()).await?;
    let users: Vec<String> = (0..USERS).map(|number| format!("user_{number:02}")).collect();
    trial.progress("signing users up");
    let mut answers = Vec::new();
    for user in &users {
        answers.push(exchange(&trial, &service, user).await?);
    }
    let entries = entries(&service, &users).await?;
    for (entry, answer) in entries.iter().zip(&answers) {
        let names: Vec<&str> =
            answer.databases.iter().filter_map(|grant| grant.namespace.as_deref()).collect();
        let global = entries_of(&service, &Tenant::Global).await?;
        let expected = [global.name.as_str(), entry.name.as_str()];
        evidence.check("an exchange names one's own databases alone", names == expected);
    }
    let mut jobs = Vec::new();
    for (user, entry) in users.iter().zip(&entries) {
        let grant = service.tenancy().grant(entry, Access::ReadWrite).await?;
        let server = Server::at(&grant.url, grant.namespace.as_deref(), grant.token.secret.clone());
        let connection = connect(&server).await?;
        connection.execute("CREATE TABLE canary (of TEXT)", ()).await?;
        connection.execute("INSERT INTO canary VALUES (?1)", [Value::Text(user.clone())]).await?;
        jobs.push((ask(&trial, &service, user, "POST", "/jobs").await?, server));
    }
    if trial.has_fault(LEFT) {
        let connection = connect(&jobs[1].1).await?;
        connection.execute("INSERT INTO canary VALUES (?1)", [Value::Text(users[0].clone())]).await?;
    }

    trial.progress("every user against every other's database");
    let mut foreign = 0;
    for (own, (_, server)) in jobs.iter().enumerate() {
        let others = entries.iter().enumerate().filter(|(other, _)| *other != own);
        let reads = others.map(async |(_, entry)| {
            let (url, namespace) = service.tenancy().provider().address(&entry.name);
            let theirs = Server::at(&url, namespace.as_deref(), server.token.clone());
            anyhow::Ok(read(&theirs).await.len() as u64)
        });
        foreign += try_join_all(reads).await?.into_iter().sum::<u64>();
    }
    trial.progress("what each opens as its own");
    for (user, (_, server)) in users.iter().zip(&jobs) {
        foreign += read(server).await.iter().filter(|canary| *canary != user).count() as u64;
    }
    evidence.count("foreign rows read", foreign, Unit::Count);

    trial.progress("jobs of others by their ids");
    let never = ask(&trial, &service, &users[0], "GET", "/jobs/no-such-job").await?;
    let mut told = 0;
    for other in jobs.iter().skip(1) {
        let id = other.0.1["id"].as_str().context("a job has an id")?;
        for (method, below) in [("GET", ""), ("DELETE", ""), ("POST", "/run"), ("GET", "/runs")] {
            let path = format!("/jobs/{id}{below}");
            let answer = ask(&trial, &service, &users[0], method, &path).await?;
            told += u64::from(answer != never || answer.0 != 404);
        }
    }
    evidence.check_eq("foreign jobs that were told from ones that never were", told, 0);

    trial.progress("a stamp of another's");
    for (at, of) in [(0, 1), (1, 0)] {
        let connection = connect(&jobs[at].1).await?;
        let stamp = [Value::Text(users[of].clone()), Value::Text(entries[of].name.to_string())];
        // What keeps the stamp, a member may take away.
        connection.execute("DROP TRIGGER a_stamp_stays", ()).await?;
        connection.execute("UPDATE tenant SET user_id = ?1, db_name = ?2", stamp).await?;
    }
    for entry in entries.iter().take(2) {
        let tenancy = service.tenancy();
        tenancy.let_go(entry);
        evidence.check_err(
            "a database with another's stamp is opened",
            &tenancy.open_entry(entry).await.map(drop),
        );
    }
    service.close().await;
    Ok(evidence)
}

async fn read(server: &Server) -> Vec<String> {
    let rows = async {
        let connection = connect(server).await?;
        let mut rows = connection.query("SELECT of FROM canary", ()).await?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().await? {
            found.push(row.get::<String>(0)?);
        }
        anyhow::Ok(found)
    };
    rows.await.unwrap_or_default()
}

async fn entries(service: &LabService, users: &[String]) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for user in users {
        entries.push(entries_of(service, &Tenant::User(user.clone())).await?);
    }
    Ok(entries)
}

async fn entries_of(service: &LabService, tenant: &Tenant) -> Result<Entry> {
    service.tenancy().registry().entry(tenant).await?.context("a user has no database")
}

async fn exchange(trial: &Trial, service: &LabService, user: &str) -> Result<ExchangeAnswer> {
    let token = trial.lab.issuer().mint_clerk_v2(&Person::new(user), TOKEN_LIFETIME)?;
    let client = reqwest::Client::builder().no_proxy().build()?;
    let url = service.url().join("/exchange")?;
    Ok(client.post(url).bearer_auth(token.expose_secret()).send().await?.error_for_status()?.json().await?)
}

/// The status and the body. A POST to the list makes a job.
async fn ask(
    trial: &Trial,
    service: &LabService,
    user: &str,
    method: &str,
    path: &str,
) -> Result<(u16, serde_json::Value)> {
    let token = trial.lab.issuer().mint_clerk_v2(&Person::new(user), TOKEN_LIFETIME)?;
    let client = reqwest::Client::builder().no_proxy().build()?;
    let mut request =
        client.request(method.parse()?, service.url().join(path)?).bearer_auth(token.expose_secret());
    if (method, path) == ("POST", "/jobs") {
        request = request.json(&serde_json::json!({
            "name": "mine", "schedule": "@daily", "action": {"kind": "sql", "statements": ["SELECT 1"]},
        }));
    }
    let answer = request.send().await?;
    let status = answer.status().as_u16();
    Ok((status, answer.json().await?))
}
