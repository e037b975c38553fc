//! How a service looks after its tenants' runs: those that take long, that are to stop, and whose database is lost.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use zenith_core::jobs::{Action, LEASE, NewJob, Place, RunStatus, Store};
use zenith_core::service::Bounds;
use zenith_core::tenancy::{PoolLimits, Tenant, Terms};
use zenith_harness::lab::{Lab, LabService, ServiceOptions, Wire, WireState};

use crate::support::local_lab;

/// What Ctrl-C leaves a service.
const END_WITHIN: Duration = Duration::from_secs(4);
/// Longer than anything here takes that works.
const LONG: Duration = Duration::from_secs(60);

pub fn user(number: usize) -> Tenant {
    Tenant::User(format!("user_{number}"))
}

pub fn sql(name: &str, schedule: &str, statement: &str) -> NewJob {
    NewJob::new(name, schedule, Action::Sql { statements: vec![statement.to_string()] })
}

/// A tenant's jobs, past the service: as a program of their own has them.
pub async fn store_of(service: &LabService, tenant: &Tenant) -> Store {
    let database = service.database(tenant).await.unwrap().open().await.unwrap();
    Store::on_server(Arc::new(database), &tenant.key()).unwrap()
}

pub fn with_service(options: ServiceOptions, test: impl AsyncFnOnce(&Lab, &mut LabService)) {
    let runtime = Runtime::new().unwrap();
    let Some(lab) = local_lab(&runtime) else { return };
    runtime.block_on(async {
        let mut service = lab.service(options).await.unwrap();
        test(&lab, &mut service).await;
        service.close().await;
        lab.close(false).await;
    });
}

/// Asks the service for a run that never ends by itself, and comes back when the service has it in hand.
async fn run_endless(service: &LabService, store: &Store) {
    let database = service.database(&user(0)).await.unwrap().open().await.unwrap();
    let connection = database.connect().unwrap();
    connection.execute("CREATE TABLE begun (i)", ()).await.unwrap();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let statements = ["INSERT INTO begun VALUES (1)", endless].map(String::from).to_vec();
    let job = NewJob::new("endless", "0 4 1 1 *", Action::Sql { statements });
    store.create(&job).await.unwrap();
    store.run_now("endless").await.unwrap();
    service.tenancy().registry().set_next_due(&user(0), Some(1)).await.unwrap();
    service.look_again();
    let began = async || {
        let mut rows = connection.query("SELECT i FROM begun", ()).await.unwrap();
        rows.next().await.unwrap().is_some()
    };
    until(began).await;
    assert_eq!(last(store, "endless").await, RunStatus::Running);
}

async fn last(store: &Store, job: &str) -> RunStatus {
    store.runs(job, 1).await.unwrap()[0].status
}

/// Asks now and then, so that what it waits for has the processor, and its own end is heard.
async fn until(is_so: impl AsyncFn() -> bool) {
    let waited = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(LONG, waited).await.expect("it comes to be so");
}

/// Ends it, and says how long that took.
async fn ended(service: &mut LabService) -> Duration {
    let began = Instant::now();
    // It is told that it took too long, not waited for.
    let _ = tokio::time::timeout(LONG, service.end()).await;
    began.elapsed()
}

fn leases_of(run_lease: Duration) -> Bounds {
    Bounds { run_lease, ..Bounds::default() }
}

/// A run that takes longer than its lease is kept by who runs it, and hears that it is to stop.
#[test]
fn a_run_outlives_its_lease_while_the_service_looks_after_it() {
    let bounds = leases_of(Duration::from_secs(2));
    with_service(ServiceOptions { bounds, ..ServiceOptions::default() }, async |_, service| {
        let store = store_of(service, &user(0)).await;
        run_endless(service, &store).await;
        let raw = service.database(&user(0)).await.unwrap().open().await.unwrap();
        let lease = async || -> Option<(i64, i64)> {
            let sql = "SELECT lease_until, CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM job_runs \
                       WHERE status = 'running'";
            let mut rows = raw.connect().unwrap().query(sql, ()).await.unwrap();
            let row = rows.next().await.unwrap()?;
            Some((row.get(0).unwrap(), row.get(1).unwrap()))
        };
        let (first, _) = lease().await.unwrap();
        // By the database's clock its first lease is over, and it runs still.
        loop {
            let (until, now) = lease().await.expect("it runs still");
            if now > first + 2_000 {
                assert!(until > now);
                break;
            }
        }
        store.stop("endless").await.unwrap();
        until(async || lease().await.is_none()).await;
        assert_eq!(last(&store, "endless").await, RunStatus::Stopped);
    });
}

#[test]
fn a_service_ends_without_waiting_for_a_run() {
    with_service(ServiceOptions::default(), async |_, service| {
        let store = store_of(service, &user(0)).await;
        run_endless(service, &store).await;
        let took = ended(service).await;
        assert!(took < END_WITHIN, "{took:?}");
        assert_eq!(last(&store, "endless").await, RunStatus::Stopped);
        assert_eq!(store.watch(Place::Service).await.unwrap(), None, "whoever comes next need not wait");
    });
}

/// What cannot be written is left to its lease, and the registry says when that ends.
#[test]
fn a_service_ends_without_waiting_for_a_database() {
    with_service(ServiceOptions::default(), async |lab, service| {
        let store = store_of(service, &user(0)).await;
        let wire = Wire::to(lab.server().unwrap().address()).await.unwrap();
        service.reach_databases_at(format!("http://{}", wire.address()).parse().unwrap());
        run_endless(service, &store).await;
        wire.set(WireState::Silent);
        let took = ended(service).await;
        assert!(took < END_WITHIN, "{took:?}");
        assert_eq!(last(&store, "endless").await, RunStatus::Running, "nobody could say how it ended");
        let due = service.tenancy().registry().entry(&user(0)).await.unwrap().unwrap().next_due_at.unwrap();
        let left = due - chrono::Utc::now().timestamp_millis();
        assert!(left > 0 && left <= i64::try_from(LEASE.as_millis()).unwrap(), "{left} ms");
        let of_jobs = store.next_due(Place::Service).await.unwrap().unwrap();
        assert!((of_jobs - due).abs() < 15_000, "its own table says the same: {of_jobs}, {due}");
    });
}

#[test]
fn runs_go_on_where_a_databases_tokens_are_taken_back() {
    let bounds = leases_of(Duration::from_secs(2));
    with_service(ServiceOptions { bounds, ..ServiceOptions::default() }, async |_, service| {
        run_endless(service, &store_of(service, &user(0)).await).await;
        service.tenancy().revoke(&user(0)).await.unwrap();
        // A member signs in again, and asks for another run meanwhile.
        let store = store_of(service, &user(0)).await;
        store.create(&sql("short", "0 4 1 1 *", "SELECT 1")).await.unwrap();
        store.run_now("short").await.unwrap();
        until(async || last(&store, "short").await == RunStatus::Succeeded).await;
        assert_eq!(last(&store, "endless").await, RunStatus::Running);
    });
}

/// However long a tenant's runs overlap: a token ends, and what is begun must have one that outlives it.
#[test]
fn a_database_is_opened_anew_while_runs_go_on() {
    let runtime = Runtime::new().unwrap();
    let Some(lab) = local_lab(&runtime) else { return };
    runtime.block_on(async {
        let platform = lab.platform().await.unwrap();
        // On a slow machine too, a token is renewed before it ends.
        let token_lifetime = Duration::from_secs(12);
        let pool = PoolLimits { token_lifetime, ..PoolLimits::default() };
        let options = ServiceOptions {
            platform: Some(platform.account()),
            bounds: leases_of(Duration::from_secs(6)),
            terms: Terms { pool, ..Terms::default() },
            token_lifetime,
            ..ServiceOptions::default()
        };
        let service = lab.service(options).await.unwrap();
        let store = store_of(&service, &user(0)).await;
        run_endless(&service, &store).await;
        let before = platform.requests();
        until(async || platform.requests() >= before + 2).await;
        let with_a_newer_token = store_of(&service, &user(0)).await;
        assert_eq!(last(&with_a_newer_token, "endless").await, RunStatus::Running);
        service.close().await;
        lab.close(false).await;
    });
}
