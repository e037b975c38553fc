//! What jobs cost a server of databases, whose requests are counted on a wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::mpsc::unbounded_channel;
use zenith_core::jobs::execute::Statements;
use zenith_core::jobs::{RunStatus, Scheduler, Store};
use zenith_harness::issuer::Person;
use zenith_harness::lab::{LabDatabase, ServiceOptions, Wire};

use crate::looked_after::{sql, store_of, user, with_service};
use crate::support::local_lab;

/// 2026-06-01 12:00.
const NOON_MS: i64 = 1_780_315_200_000;

/// What a round asks the server, and what is asked until all that began has ended.
async fn asked(scheduler: &mut Scheduler<Statements>, wire: &Wire) -> (u64, u64) {
    let before = wire.requests();
    scheduler.round().await.unwrap();
    let round = wire.requests();
    scheduler.settle().await.unwrap();
    (round - before, wire.requests() - round)
}

#[test]
fn a_tick_asks_once_and_what_is_due_at_one_time_is_claimed_at_one_time() {
    let runtime = Runtime::new().unwrap();
    let Some(lab) = local_lab(&runtime) else { return };
    runtime.block_on(async {
        let LabDatabase::Served(server) = lab.database("counted").await.unwrap() else { panic!("no server") };
        let wire = Wire::to(lab.server().unwrap().address()).await.unwrap();
        let database = Arc::new(wire.reach(&server).unwrap().open().await.unwrap());
        let clock = Arc::new(AtomicI64::new(NOON_MS));
        let now = clock.clone();
        let store = Store::on_server(database.clone(), "user_ada").unwrap();
        let store = store.with_clock(Arc::new(move || now.load(Ordering::SeqCst)));
        store.ensure().await.unwrap();
        let (events, _) = unbounded_channel();
        let executor = Arc::new(Statements::over(database, 2));
        let mut scheduler = Scheduler::new(store.clone(), executor, "a test", events);
        scheduler.round().await.unwrap();
        // A question is two requests of the library's: what its columns are, and its rows.
        assert_eq!(asked(&mut scheduler, &wire).await, (2, 0), "one question where nothing is due");

        store.create(&sql("alone", "1 12 * * *", "SELECT 1")).await.unwrap();
        assert_eq!(asked(&mut scheduler, &wire).await, (2, 0), "nothing is due yet");
        clock.store(NOON_MS + 61_000, Ordering::SeqCst);
        let (claim, end) = asked(&mut scheduler, &wire).await;
        // A statement that the server stopped is sent again, which happens where it has much to do.
        assert!(claim <= 20, "a look, what is due, and a transaction of two statements: {claim}");
        assert!((2..=10).contains(&end), "its statement, and how it ended: {end}");

        for number in 0..50 {
            store.create(&sql(&format!("job {number}"), "3 12 * * *", "SELECT 1")).await.unwrap();
        }
        clock.store(NOON_MS + 181_000, Ordering::SeqCst);
        let (of_fifty, end) = asked(&mut scheduler, &wire).await;
        assert!(of_fifty <= 20, "of fifty as of one: {of_fifty}, {claim}");
        assert!((100..=300).contains(&end), "a statement each, and how it ended: {end}");
        let runs = store.recent(1).await.unwrap();
        assert_eq!(runs.iter().filter(|run| run.status == RunStatus::Succeeded).count(), 51);
        lab.close(false).await;
    });
}

async fn has_ended(store: &Store, job: &str, runs: usize) {
    for _ in 0..3000 {
        let found = store.runs(job, 100).await.unwrap();
        if found.iter().filter(|run| run.status == RunStatus::Succeeded).count() == runs {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("{:#?}", store.runs(job, 100).await);
}

#[test]
fn idle_tenants_are_not_asked() {
    with_service(ServiceOptions::default(), async |lab, service| {
        let registry = service.tenancy().registry();
        let busy = store_of(service, &user(0)).await;
        busy.create(&sql("tick", "0 4 1 1 *", "SELECT 1")).await.unwrap();
        let wire = Wire::to(lab.server().unwrap().address()).await.unwrap();
        service.reach_databases_at(format!("http://{}", wire.address()).parse().unwrap());
        let mut costs = Vec::new();
        let mut runs = 0;
        let mut run = async || {
            runs += 1;
            busy.run_now("tick").await.unwrap();
            registry.set_next_due(&user(0), Some(1)).await.unwrap();
            service.look_again();
            has_ended(&busy, "tick", runs).await;
            // The round is over once it is noted that nothing is due.
            while registry.entry(&user(0)).await.unwrap().unwrap().next_due_at == Some(1) {
                tokio::task::yield_now().await;
            }
        };
        // What it costs to open its database is paid before.
        run().await;
        for idle in [0, 10] {
            for number in 1..=idle {
                let store = store_of(service, &user(number)).await;
                store.create(&sql("later", "0 4 1 1 *", "SELECT 1")).await.unwrap();
                let later = chrono::Utc::now().timestamp_millis() + 3_600_000;
                registry.set_next_due(&user(number), Some(later)).await.unwrap();
            }
            // A run now and then looks through its history as well.
            let mut least = u64::MAX;
            for _ in 0..5 {
                let before = wire.requests();
                run().await;
                least = least.min(wire.requests() - before);
            }
            costs.push(least);
        }
        // A look more or less is the clock's; ten tenants that are asked would be ten requests.
        assert!(costs[0] > 0 && costs[1] < costs[0] + 10, "{costs:?}");
    });
}

/// Their own programs write a job for the service into their database: it is told when they next ask it for anything.
#[test]
fn a_job_that_was_written_past_the_service_runs_once_its_user_signs_in() {
    with_service(ServiceOptions::default(), async |lab, service| {
        let store = store_of(service, &user(0)).await;
        store.create(&sql("tick", "0 4 1 1 *", "SELECT 1")).await.unwrap();
        store.run_now("tick").await.unwrap();
        let hint = async || service.tenancy().registry().entry(&user(0)).await.unwrap().unwrap().next_due_at;
        assert_eq!(hint().await, None, "it is not told");
        let hour = Duration::from_secs(3600);
        let token = lab.issuer().mint_clerk_v2(&Person::new("user_0"), hour).unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = service.url().join("/exchange").unwrap();
        use secrecy::ExposeSecret;
        let answer = client.post(url).bearer_auth(token.expose_secret()).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        has_ended(&store, "tick", 1).await;
        while hint().await.is_none_or(|due| due < chrono::Utc::now().timestamp_millis()) {
            tokio::task::yield_now().await;
        }
    });
}
