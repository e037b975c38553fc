//! What does a schedule cost, and how late does a job start when a thousand are due at once? Each answer is compared with
//! croner's, or with what must be, before it is timed.

use std::hint::black_box;
use std::mem::size_of;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use croner::parser::{CronParser, Seconds, Year};
use futures::future::try_join_all;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use zenith_benches::gate::{Gates, keep};
use zenith_benches::targets;
use zenith_core::config::{Config, Overrides};
use zenith_core::jobs::{Action, JOBS_MAX, NewJob, Place, RunStatus, Schedule, Store, zone};
use zenith_core::tenancy::Tenant;
use zenith_harness::Backend;
use zenith_harness::lab::{Lab, LabOptions, ServiceOptions};

const USUAL: [&str; 4] = ["*/15 9-17 * * MON-FRI", "30 2 * * *", "0 0 1,15 * *", "5 4 * * SUN"];
const BERLIN: &str = "Europe/Berlin";

fn main() -> ExitCode {
    let mut gates = Gates::new("jobs");
    agree();
    schedules(&mut gates);
    at_once(&mut gates);
    gates.finish()
}

fn croner(schedule: &str) -> croner::Cron {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(schedule).expect("croner reads it")
}

/// Is an independent library of one mind with ours? It is but where a clock changes: there it runs a list of times
/// twice, or leaves out what falls into a gap, and ours goes by Debian's rule.
fn agree() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/jobs/vectors.jsonl");
    let text = std::fs::read_to_string(path).expect("the vectors are there");
    let (mut same, mut at_changes) = (0, 0);
    for line in text.lines() {
        let (text, name, after, expected): (String, String, i64, Vec<i64>) =
            serde_json::from_str(line).expect("a vector");
        let zone = zone(&name).expect("a zone");
        let from = Timestamp::from_second(after * 60).expect("an instant");
        let ours = text.parse::<Schedule>().expect("a schedule").fires(from, &zone, expected.len());
        let theirs = fires_of_croner(&text, from.to_zoned(zone.clone()), expected.len());
        if ours == theirs {
            same += 1;
            continue;
        }
        let day = jiff::SignedDuration::from_hours(25);
        let last = ours.last().copied().unwrap_or(from).checked_add(day).expect("an instant");
        let mut changes = zone.following(from.checked_sub(day).expect("an instant"));
        assert!(changes.next().is_some_and(|change| change.timestamp() < last), "{line}: {theirs:?}");
        at_changes += 1;
    }
    println!("of croner's answers {same} are ours, and {at_changes} near a change of the clock are others");
    assert!(same > 2900 && at_changes < 30);
}

fn fires_of_croner(schedule: &str, from: Zoned, most: usize) -> Vec<Timestamp> {
    let cron = croner(schedule);
    let next = |at: &Zoned| cron.find_next_occurrence(at, false).ok();
    std::iter::successors(next(&from), next).take(most).map(|at| at.timestamp()).collect()
}

/// What does reading a schedule take, and its next time, usual and worst?
fn schedules(gates: &mut Gates) {
    let usual: Vec<Schedule> = USUAL.map(|text| text.parse().expect("a schedule")).to_vec();
    let theirs = USUAL.map(croner);
    let zone = zone(BERLIN).expect("a zone");
    let from: Timestamp = "2026-06-01T12:34:56Z".parse().expect("an instant");
    let zoned = from.to_zoned(zone.clone());
    let parse = || USUAL.map(|text| black_box(text).parse::<Schedule>());
    let next = || usual.iter().map(|schedule| schedule.next(black_box(from), &zone)).collect::<Vec<_>>();
    let next_of_theirs =
        || theirs.iter().map(|cron| cron.find_next_occurrence(black_box(&zoned), false)).collect::<Vec<_>>();
    for (ours, theirs) in next().into_iter().zip(next_of_theirs()) {
        assert_eq!(ours, theirs.ok().map(|at| at.timestamp()));
    }
    // A fifth weekday of February comes in leap years alone, and of one of the seven for the longest time not.
    let worst = (0..7).map(|weekday| {
        let schedule: Schedule = format!("0 0 * 2 {weekday}#5").parse().expect("a schedule");
        let from: Timestamp = "2088-03-01T00:00:00Z".parse().expect("an instant");
        (schedule.next(from, &TimeZone::UTC).expect("it comes"), schedule, from)
    });
    let (late, worst, after) = worst.max_by_key(|(next, ..)| *next).expect("there are seven");
    assert!(late > "2128-01-01T00:00:00Z".parse::<Timestamp>().expect("an instant"), "{late}");
    let of_worst = || worst.next(black_box(after), &TimeZone::UTC);

    gates.criterion.bench_function("jobs/read four schedules", |bench| bench.iter(parse));
    gates.criterion.bench_function("jobs/next of four schedules", |bench| bench.iter(next));
    gates.criterion.bench_function("jobs/next of the rarest schedule", |bench| bench.iter(of_worst));
    let all = u32::try_from(USUAL.len()).expect("a few");
    gates.answers(format!("{:?}", next()));
    let most = targets::SCHEDULE_READ_MAX * all;
    gates.time("four schedules read", most, || keep(parse()));
    gates.time("their next times", targets::NEXT_FIRE_MAX * all, || keep(next()));
    gates.time("the next time of the rarest", targets::NEXT_FIRE_WORST_MAX, || keep(of_worst()));
    gates.ratio(
        "next times, of what croner takes",
        targets::NEXT_FIRE_OF_CRONER_MAX,
        || keep(next()),
        || keep(next_of_theirs()),
    );
    gates.count("bytes of a schedule", size_of::<Schedule>() as u64, targets::SCHEDULE_BYTES_MAX);
}

/// How late do jobs start of which a thousand are due at the same instant? Ten members of a service have a hundred each,
/// in databases of their own on a real server.
fn at_once(gates: &mut Gates) {
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let options = LabOptions::new(&Config::load(Overrides::default()).expect("settings"));
    let lab = match runtime.block_on(Lab::start(Backend::Local, &options)) {
        Ok(lab) => lab,
        Err(error) => return println!("not measured: {error}"),
    };
    let is_small = gates.is_test();
    let mut delays = runtime.block_on(async {
        let delays = start_delays(&lab, if is_small { 2 } else { 10 }).await.expect("they run");
        lab.close(false).await;
        delays
    });
    delays.sort_unstable();
    let of = |share: usize| delays[(delays.len() * share / 100).min(delays.len() - 1)];
    println!("{} jobs due at one instant: half started within {:?}", delays.len(), of(50));
    gates.measured("start after due, 99 of 100", of(99), targets::START_AFTER_DUE_MAX);
}

async fn start_delays(lab: &Lab, members: usize) -> anyhow::Result<Vec<Duration>> {
    let service = lab.service(ServiceOptions::default()).await?;
    let tenants: Vec<Tenant> = (0..members).map(|number| Tenant::User(format!("user_{number}"))).collect();
    let mut stores = Vec::new();
    for tenant in &tenants {
        let database = service.database(tenant).await?.open().await?;
        stores.push(Store::on_server(Arc::new(database), &tenant.key())?);
    }
    let action = Action::Sql { statements: vec!["SELECT 1".to_string()] };
    try_join_all(stores.iter().map(async |store| {
        for number in 0..JOBS_MAX {
            store.create(&NewJob::new(&format!("job {number}"), "0 4 1 1 *", action.clone())).await?;
        }
        anyhow::Ok(())
    }))
    .await?;
    // An instant that nothing else is due at: what is due before the registry knows of it is another's time.
    let due_ms = chrono::Utc::now().timestamp_millis() + 3_000;
    for (tenant, store) in tenants.iter().zip(&stores) {
        let database = service.database(tenant).await?.open().await?.connect()?;
        database.execute("UPDATE cron_jobs SET next_due_at = ?1", [due_ms]).await?;
        let due = store.next_due(Place::Service).await?;
        service.tenancy().registry().set_next_due(tenant, due).await?;
    }
    service.look_again();
    let began = Instant::now();
    let mut delays = Vec::new();
    for store in &stores {
        let runs = loop {
            let runs = store.recent(1).await?;
            let ended = runs.iter().filter(|run| run.key.scheduled_ms == due_ms && run.status.has_ended());
            if ended.count() == JOBS_MAX {
                break runs;
            }
            anyhow::ensure!(
                began.elapsed() < Duration::from_secs(60),
                "they did not all run within a minute"
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        for run in runs {
            anyhow::ensure!(run.status == RunStatus::Succeeded, "{run:?}");
            let started = run.started_ms.unwrap_or(i64::MAX) - run.key.scheduled_ms;
            delays.push(Duration::from_millis(u64::try_from(started)?));
        }
    }
    service.close().await;
    Ok(delays)
}
