//! T12: 300 tenants' schemas are brought up to date on one server while they work and their jobs run, and one that cannot be
//! holds up none.
//!
//! Why: a schema changes for every tenant at once. A sweep that stops at the first poisoned one leaves half of them old,
//! and a server that lets go of databases says of some that they are not there.
//!
//! Method: 300 tenants with the first version of the schema, on a server that keeps 100 open. One has something else in
//! the place of a table. Some write, and jobs of ten that are up to date run by a service of their own, while another sweeps
//! twice, beginning anew in the middle.
//!
//! Accept when 299 have the new version and its tables, the one is named with its table and keeps its old rows, no
//! acknowledged write is lost, and the second sweep finds nothing to do.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures::FutureExt;
use futures::future::try_join_all;
use tokio_util::sync::CancellationToken;
use zenith_core::config::SignupPolicy;
use zenith_core::identity::service::Access;
use zenith_core::identity::{IssuerConfig, Verifier};
use zenith_core::jobs::{Action, NewJob, RunStatus, Store};
use zenith_core::service::{Service, ServiceTerms};
use zenith_core::tenancy::{Entry, SqldAddress, Terms};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::tenants::{Tenants, provider};

const RAISED: &str = "version-without-table";

pub const SPIKE: Spike = Spike {
    id: "T12",
    title: "300 tenants migrate on one server while they write, and a poisoned one is named",
    group: Group::Tenancy,
    backends: &[Backend::Local],
    expected: Expected::Holds,
    targets: &[
        Target::gate("tenants that were not brought up to date", 1.0, Unit::Count),
        Target::gate("acknowledged writes that are lost", 0.0, Unit::Count),
        Target::gate("runs of jobs that did not succeed", 0.0, Unit::Count),
    ],
    faults: &[Fault {
        name: RAISED,
        what: "some tenants' stamps say the new version, and the tables are not there",
    }],
    run: |trial| run(trial).boxed(),
};

const TENANTS: usize = 300;
const POISONED: usize = 123;
const WRITERS: usize = 10;
/// Each as many places after the one before, from one that neither writes nor is poisoned on.
const WITH_JOBS: usize = 7;

fn has_jobs(number: usize) -> bool {
    number % (TENANTS / WRITERS) == WITH_JOBS
}

/// Runs of each of their jobs.
const RUNS: usize = 3;
/// Longer than a service leaves a tenant alone that did not answer.
const RUN_WITHIN: Duration = Duration::from_secs(90);

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let crowded = trial.lab.crowded_server(100).await?;
    let address = crowded.address()?;
    let tenants = Arc::new(Tenants::at(&trial.lab, address.clone(), Terms::default()).await?);
    trial.progress(format!("{TENANTS} tenants sign up"));
    let entries = tenants.sign_up(TENANTS).await?;
    trial.progress("back to the first version");
    let numbered: Vec<(usize, &Entry)> = entries.iter().enumerate().collect();
    for some in numbered.chunks(8) {
        let (trial, tenants) = (&trial, &*tenants);
        let age = |(number, entry)| patiently(move || age(trial, tenants, number, entry));
        try_join_all(some.iter().copied().map(age)).await?;
    }
    let (_database, registry) = tenants.raw_registry().await?;
    registry.execute("UPDATE user_databases SET schema_version = 1", ()).await?;
    let at_work = numbered.iter().filter(|(number, _)| has_jobs(*number)).map(|(_, entry)| (*entry).clone());
    let at_work: Vec<Entry> = at_work.collect();
    let running =
        tokio::spawn(run_jobs(trial.lab.issuer().clerk(), tenants.folder.clone(), address.clone(), at_work));

    trial.progress("swept while they write");
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = entries
        .iter()
        .step_by(TENANTS / WRITERS)
        .map(|entry| tokio::spawn(write(tenants.clone(), entry.clone(), stop.clone())))
        .collect();
    {
        // Whoever sweeps is killed on the way.
        let first = Tenants::over(&tenants.folder, provider(address.clone())?, Terms::default()).await?;
        let sweep = first.tenancy.sweep();
        let _ = tokio::time::timeout(Duration::from_millis(300), sweep).await;
    }
    let service = Tenants::over(&tenants.folder, provider(address)?, Terms::default()).await?;
    let swept = service.tenancy.sweep().await?;
    evidence.count("runs of jobs that did not succeed", running.await??, Unit::Count);
    stop.store(true, Ordering::Relaxed);
    let mut lost = 0;
    for writer in writers {
        lost += writer.await??;
    }
    evidence.count("acknowledged writes that are lost", lost, Unit::Count);
    evidence.count("tenants that were not brought up to date", swept.failed.len() as u64, Unit::Count);
    let named = swept.failed.iter().map(|(tenant, _)| tenant.as_str()).collect::<Vec<_>>();
    let poisoned = entries[POISONED].tenant.to_string();
    evidence.check_eq("who is named", named, vec![poisoned.as_str()]);
    let kept = tenants.tenancy.registry().entry(&entries[POISONED].tenant).await?.context("it is gone")?;
    evidence.check("the registry says why", kept.schema_error.is_some());
    let rows = count(&tenants, &entries[POISONED], "SELECT count(*) FROM kept").await?;
    evidence.check_eq("its rows are as they were", rows, 1);

    let mut without = 0;
    for (_, entry) in numbered.iter().filter(|(number, _)| *number != POISONED) {
        let sql = "SELECT count(*) FROM sqlite_master WHERE name IN ('cron_jobs', 'job_runs')";
        without += u64::from(count(&tenants, entry, sql).await? != 2);
    }
    evidence.check_eq("new ones without their tables", without, 0);
    let again = service.tenancy.sweep().await?;
    evidence.check_eq("a second sweep finds", again.failed.len(), 1);
    evidence.check_eq("and has current", again.current, TENANTS as u64 - 1);
    crowded.stop().await;
    Ok(evidence)
}

/// How often something is asked for of a server of many databases, which says of some that it let go of that they are not
/// there, or that it is in trouble.
const ASKED_MAX: u32 = 5;
const ASKED_AGAIN_AFTER: Duration = Duration::from_millis(100);

async fn patiently<T, F: Future<Output = Result<T>>>(ask: impl Fn() -> F) -> Result<T> {
    for _ in 1..ASKED_MAX {
        if let Ok(answer) = ask().await {
            return Ok(answer);
        }
        tokio::time::sleep(ASKED_AGAIN_AFTER).await;
    }
    ask().await
}

/// What a database of the first version is.
async fn age(trial: &Trial, tenants: &Tenants, number: usize, entry: &Entry) -> Result<()> {
    if has_jobs(number) {
        return Ok(());
    }
    let connection = tenants.connect(entry).await?;
    let mut batch =
        "BEGIN; UPDATE tenant SET schema_version = 1; CREATE TABLE IF NOT EXISTS kept (number INTEGER);"
            .to_string();
    for table in ["cron_jobs", "job_runs", "scheduler", "jobs_version"] {
        batch += &format!("DROP TABLE IF EXISTS {table};");
    }
    if number == POISONED {
        batch += "INSERT INTO kept VALUES (1); CREATE VIEW cron_jobs AS SELECT 1 AS id;";
    }
    if trial.has_fault(RAISED) && number % 100 == 8 {
        batch += "UPDATE tenant SET schema_version = 3;";
    }
    batch += "COMMIT;";
    connection.execute_batch(&batch).await?;
    Ok(())
}

/// Jobs of some tenants, run by a service a few times each. Returns how many runs did not succeed.
async fn run_jobs(
    issuer: IssuerConfig,
    folder: PathBuf,
    address: SqldAddress,
    at_work: Vec<Entry>,
) -> Result<u64> {
    let tenants = Tenants::over(&folder, provider(address.clone())?, Terms::default()).await?;
    let tenancy = Tenants::over(&folder, provider(address)?, Terms::default()).await?.tenancy;
    let tenancy = Arc::into_inner(tenancy).context("the tenancy is this spike's own")?;
    let terms = ServiceTerms {
        url: "http://127.0.0.1:1".parse()?,
        signup: SignupPolicy::Explicit,
        publishers: Vec::new(),
        team_writers: Vec::new(),
        workspaces: false,
        store: None,
    };
    let service = Arc::new(Service::new(tenancy, Verifier::new(issuer)?, terms));
    let end = CancellationToken::new();
    let scheduling = tokio::spawn(service.clone().schedule_at_once(end.clone()));
    let end = end.drop_guard();
    let tick = Action::Sql { statements: vec!["SELECT count(*) FROM tenant".to_string()] };
    let mut stores = Vec::new();
    for entry in &at_work {
        let server = tenants.server(entry, Access::ReadWrite).await?;
        let store = Store::on_server(Arc::new(server.open().await?), &entry.tenant.key())?;
        let job = NewJob::new("tick", "0 4 1 1 *", tick.clone());
        let (there, job) = (&store, &job);
        patiently(|| async move {
            // It may be there although the server said that it was in trouble.
            let is_there = there.list().await?.iter().any(|job| job.given.name == "tick");
            if !is_there {
                there.create(job).await?;
            }
            Ok(())
        })
        .await?;
        stores.push(store);
    }
    for runs in 1..=RUNS {
        for (store, entry) in stores.iter().zip(&at_work) {
            patiently(|| async move { Ok(store.run_now("tick").await?) }).await?;
            let now = chrono::Utc::now().timestamp_millis();
            service.tenancy.registry().set_next_due(&entry.tenant, Some(now)).await?;
        }
        service.look_again();
        for store in &stores {
            let began = Instant::now();
            while ended(store, RunStatus::has_ended).await? < runs && began.elapsed() < RUN_WITHIN {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    let mut succeeded = 0;
    for store in &stores {
        succeeded += ended(store, |status| status == RunStatus::Succeeded).await?;
    }
    drop(end);
    scheduling.await?;
    Ok((RUNS * stores.len()).saturating_sub(succeeded) as u64)
}

/// How many of a job's runs ended so.
async fn ended(store: &Store, so: impl Fn(RunStatus) -> bool) -> Result<usize> {
    let runs = patiently(|| async move { Ok(store.runs("tick", RUNS).await?) }).await?;
    Ok(runs.iter().filter(|run| so(run.status)).count())
}

/// Writes until it is told to stop. Returns how many acknowledged writes are not there. A database that the server let
/// go of is asked again, as the product does.
async fn write(tenants: Arc<Tenants>, entry: Entry, stop: Arc<AtomicBool>) -> Result<u64> {
    let before = count(&tenants, &entry, "SELECT count(*) FROM kept").await?;
    let mut acknowledged = 0;
    let connection = tenants.connect(&entry).await?;
    while !stop.load(Ordering::Relaxed) {
        if connection.execute("INSERT INTO kept VALUES (2)", ()).await.is_ok() {
            acknowledged += 1;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let now = count(&tenants, &entry, "SELECT count(*) FROM kept").await?;
    Ok((before + acknowledged).saturating_sub(now))
}

async fn count(tenants: &Tenants, entry: &Entry, sql: &str) -> Result<u64> {
    patiently(|| async move {
        let connection = tenants.connect(entry).await?;
        let mut rows = connection.query(sql, ()).await?;
        anyhow::Ok(rows.next().await?.context("a count has a row")?.get(0)?)
    })
    .await
}
