//! Whatever a spike does, there is an outcome and its lab is closed.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use zenith_core::config::{Config, Overrides};

use super::*;
use crate::evidence::Evidence;
use crate::group::Group;
use crate::lab::{Lab, LabError};
use crate::measure::{Target, Unit};
use crate::spike::{Expected, Trial};
use crate::verdict::Verdict;

/// Embedded labs that are counted; no other backend is there, and a container never starts.
#[derive(Default)]
struct Counted {
    started: AtomicUsize,
    /// Whether each was kept.
    closed: Mutex<Vec<bool>>,
}

impl Labs for Counted {
    fn start(&self, backend: Backend) -> BoxFuture<'_, Result<Arc<Lab>, LabError>> {
        async move {
            match backend {
                Backend::Embedded => {}
                Backend::Local => return Err(LabError::Failed(anyhow::anyhow!("the port is taken"))),
                Backend::Container => std::future::pending().await,
                Backend::Cloud => return Err(LabError::Absent { because: "no account".into() }),
            }
            self.started.fetch_add(1, Ordering::SeqCst);
            let config = Config::load(Overrides::default()).map_err(anyhow::Error::from)?;
            Lab::start(Backend::Embedded, &LabOptions::new(&config)).await.map(Arc::new)
        }
        .boxed()
    }

    fn close(&self, lab: Arc<Lab>, keep: bool) -> BoxFuture<'_, Option<String>> {
        async move {
            self.closed.lock().unwrap().push(keep);
            lab.close(false).await;
            keep.then(|| "ls lab".to_string())
        }
        .boxed()
    }
}

const fn spike(id: &'static str, run: fn(Trial) -> BoxFuture<'static, anyhow::Result<Evidence>>) -> Spike {
    Spike {
        id,
        title: "It does what it says",
        group: Group::Catalog,
        backends: &[Backend::Embedded],
        expected: Expected::Holds,
        targets: &[],
        faults: &[],
        run,
    }
}

static HOLDS: Spike = Spike {
    targets: &[Target::gate("requests", 2.0, Unit::Requests)],
    faults: &[
        Fault { name: "one-more-request", what: "It asks once more." },
        Fault { name: "unnoticed", what: "Nothing looks there." },
        Fault { name: "stops", what: "It fails before it is tried." },
    ],
    ..spike("J1", |trial| holds(trial).boxed())
};

async fn holds(trial: Trial) -> anyhow::Result<Evidence> {
    anyhow::ensure!(!trial.has_fault("stops"), "no such \u{1b}[31mtable");
    trial.progress("asking");
    let mut evidence = Evidence::new();
    evidence.check("it answers", true);
    evidence.count("requests", 2 + u64::from(trial.has_fault("one-more-request")), Unit::Requests);
    Ok(evidence)
}

/// Ends by an error that quotes a server, after a check and a figure.
static FAILS: Spike = spike("J7", |trial| {
    async move {
        let mut evidence = trial.evidence();
        evidence.check("it answered once", true);
        evidence.check("it answered twice", false);
        evidence.count("requests", 2, Unit::Requests);
        let answered = "api error: `status=500 Internal Server Error, body=Bearer s3cret`";
        Err(anyhow::Error::new(libsql::Error::Hrana(answered.into())).context("cannot ask"))
    }
    .boxed()
});
/// The same by a panic, and by never ending.
static FAILS_BADLY: Spike = spike("J8", |trial| {
    async move {
        let mut evidence = trial.evidence();
        evidence.check("it answered once", true);
        panic!("no luck")
    }
    .boxed()
});
static FAILS_SLOWLY: Spike = spike("J9", |trial| {
    async move {
        let mut evidence = trial.evidence();
        evidence.check("it answered once", true);
        std::future::pending().await
    }
    .boxed()
});

/// Refuted, and known to be.
static KNOWN: Spike = Spike {
    expected: Expected::Refuted,
    faults: &[
        Fault { name: "unnoticed", what: "Nothing looks there." },
        Fault { name: "worse", what: "It fails where it did not." },
    ],
    ..spike("J2", |trial| known(trial).boxed())
};

async fn known(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = Evidence::new();
    evidence.check_eq("rows", 1, 2);
    evidence.check("it answers", !trial.has_fault("worse"));
    Ok(evidence)
}

static PANICS: Spike = spike("J3", |_| {
    async {
        assert!(is_running_spike());
        panic!("no {}", "luck")
    }
    .boxed()
});
static PANICS_AT_ONCE: Spike = spike("J4", |_| panic!("at once"));
static NEVER_ENDS: Spike = spike("J5", |_| std::future::pending().boxed());
static BLOCKS: Spike = spike("J6", |_| {
    async {
        std::thread::sleep(Duration::from_millis(600));
        Ok(Evidence::new())
    }
    .boxed()
});

struct Run {
    labs: Arc<Counted>,
    runner: Runner,
    events: UnboundedSender<Event>,
    seen: UnboundedReceiver<Event>,
    cancel: CancellationToken,
}

impl Run {
    fn new() -> Run {
        let labs = Arc::new(Counted::default());
        let mut runner = Runner::with_labs(labs.clone());
        runner.deadline = Duration::from_secs(20);
        let (events, seen) = unbounded_channel();
        Run { labs, runner, events, seen, cancel: CancellationToken::new() }
    }

    async fn of(&self, selection: Selection) -> RunReport {
        let report = self.runner.run(selection, None, self.events.clone(), self.cancel.clone()).await;
        let closed = self.labs.closed.lock().unwrap().len();
        assert_eq!(closed, self.labs.started.load(Ordering::SeqCst), "each lab is closed once");
        report
    }

    async fn one(&self, spike: &'static Spike, backend: Backend) -> Outcome {
        self.of(vec![(spike, backend)]).await.outcomes.remove(0)
    }

    async fn broken(&self, spike: &'static Spike, backend: Backend) -> String {
        match self.one(spike, backend).await.verdict {
            Verdict::Broken { why } => why,
            other => panic!("not broken: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_run_tells_what_it_does_and_what_it_found() {
    let mut run = Run::new();
    let report = run.of(vec![(&HOLDS, Backend::Embedded), (&KNOWN, Backend::Embedded)]).await;
    assert_eq!(report.exit_code(), 0);
    assert!(report.outcomes.iter().all(|outcome| outcome.as_expected));
    let mut seen = Vec::new();
    while let Ok(event) = run.seen.try_recv() {
        seen.push(match event {
            Event::Planned { trials } => format!("planned {}", trials.len()),
            Event::Started { id, backend, .. } => format!("{id} on {backend}"),
            Event::Progress { id, text } => format!("{id} {text}"),
            Event::Finished(outcome) => format!("{} {}", outcome.id, outcome.verdict),
        });
    }
    assert_eq!(
        seen,
        ["planned 2", "J1 on embedded", "J1 asking", "J1 holds", "J2 on embedded", "J2 refuted"]
    );
}

#[tokio::test]
async fn a_panic_is_broken_and_its_lab_is_closed() {
    let run = Run::new();
    hold_back_panics();
    for (spike, message) in [(&PANICS, ": no luck"), (&PANICS_AT_ONCE, ": at once")] {
        let why = run.broken(spike, Backend::Embedded).await;
        assert!(why.starts_with("it panicked at ") && why.ends_with(message), "{why}");
    }
    assert_eq!(run.labs.closed.lock().unwrap().len(), 2);
    assert!(!is_running_spike());
}

#[tokio::test]
async fn a_spike_that_fails_keeps_what_it_had_found_and_no_words_of_a_server() {
    let mut run = Run::new();
    hold_back_panics();
    let failed = run.one(&FAILS, Backend::Embedded).await;
    let checks: Vec<_> = failed.checks.iter().map(|check| (check.what.as_str(), check.holds)).collect();
    assert_eq!(checks, [("it answered once", true), ("it answered twice", false)]);
    assert_eq!((failed.figures[0].name.as_str(), failed.figures.len()), ("requests", 1));
    let Verdict::Broken { why } = &failed.verdict else { panic!("not broken: {failed:?}") };
    assert!(why.starts_with("cannot ask: it is in trouble") && !why.contains("s3cret"), "{why}");

    run.runner.deadline = Duration::from_millis(100);
    for spike in [&FAILS_BADLY, &FAILS_SLOWLY] {
        let failed = run.one(spike, Backend::Embedded).await;
        assert!(matches!(failed.verdict, Verdict::Broken { .. }), "{failed:?}");
        assert_eq!(failed.checks.len(), 1, "{failed:?}");
    }
}

#[tokio::test]
async fn a_spike_that_never_ends_is_cut_and_its_lab_is_closed() {
    let mut run = Run::new();
    run.runner.deadline = Duration::from_millis(100);
    assert_eq!(run.broken(&NEVER_ENDS, Backend::Embedded).await, "it did not end within 100 ms");
    assert_eq!(run.labs.closed.lock().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spike_that_blocks_its_thread_is_cut_too() {
    let mut run = Run::new();
    run.runner.deadline = Duration::from_millis(200);
    assert_eq!(run.broken(&BLOCKS, Backend::Embedded).await, "it did not end within 200 ms");
}

#[tokio::test]
async fn a_lab_that_does_not_start_is_broken() {
    let mut run = Run::new();
    run.runner.deadline = Duration::from_millis(100);
    let failed = run.broken(&HOLDS, Backend::Local).await;
    assert_eq!(failed, "its lab did not start: the port is taken");
    let late = run.broken(&HOLDS, Backend::Container).await;
    assert_eq!(late, "its lab did not start within 100 ms");
}

#[tokio::test]
async fn an_absent_backend_is_not_run_and_fails_only_where_required() {
    let mut run = Run::new();
    let report = run.of(vec![(&HOLDS, Backend::Cloud)]).await;
    assert_eq!(report.outcomes[0].verdict, Verdict::NotRun { because: "no account".into() });
    assert_eq!(report.exit_code(), 0);
    run.runner.require = vec![Backend::Cloud];
    assert_eq!(run.of(vec![(&HOLDS, Backend::Cloud)]).await.exit_code(), 1);
}

#[tokio::test]
async fn a_run_that_is_cancelled_stops_at_once_and_reports_what_it_has() {
    let run = Run::new();
    let cancel = run.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        cancel.cancel();
    });
    let all = vec![&HOLDS, &NEVER_ENDS, &HOLDS].into_iter().map(|spike| (spike, Backend::Embedded));
    let start = Instant::now();
    let report = run.of(all.collect()).await;
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(report.stopped && report.exit_code() == 1);
    let verdicts: Vec<_> = report.outcomes.iter().map(|outcome| outcome.verdict.as_str()).collect();
    assert_eq!(verdicts, ["holds", "not run"]);
}

#[tokio::test]
async fn the_lab_of_a_spike_that_differs_is_kept_where_asked_for() {
    let mut run = Run::new();
    run.runner.keep_failed = true;
    assert_eq!(run.one(&HOLDS, Backend::Embedded).await.kept, None);
    assert_eq!(run.one(&KNOWN, Backend::Embedded).await.kept, None);
    assert_eq!(run.one(&PANICS, Backend::Embedded).await.kept.as_deref(), Some("ls lab"));
    assert_eq!(*run.labs.closed.lock().unwrap(), [false, false, true]);
}

#[tokio::test]
async fn a_run_is_kept_in_the_history_unless_nothing_was_tried_or_a_fault_was_planted() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = Run::new();
    let history = History::in_data(folder.path());
    run.runner.history = Some(history.clone());
    let report = run.of(vec![(&HOLDS, Backend::Embedded), (&HOLDS, Backend::Cloud)]).await;
    assert!(report.kept.is_some_and(|path| path.exists()));
    assert_eq!(run.of(vec![(&HOLDS, Backend::Cloud)]).await.kept, None);
    let (selection, events) = (vec![(&HOLDS, Backend::Embedded)], run.events.clone());
    let planted = run.runner.run(selection, Some("unnoticed"), events, run.cancel.clone()).await;
    assert_eq!((&planted.kept, planted.outcomes.len(), planted.exit_code()), (&None, 1, 1));
    let runs = history.read().unwrap().runs;
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].outcomes, report.outcomes);
}

#[tokio::test]
async fn a_fault_is_caught_only_by_a_verdict_that_differs_from_the_usual() {
    let run = Run::new();
    let selection: Selection = vec![(&HOLDS, Backend::Embedded), (&KNOWN, Backend::Embedded)];
    let report = run.runner.run_faults(selection, None, run.events.clone(), run.cancel.clone()).await;
    let found: Vec<_> = report.faults.iter().map(|fault| (fault.fault.as_str(), fault.as_str())).collect();
    let expected = [
        ("one-more-request", "caught"),
        ("unnoticed", "MISSED"),
        ("stops", "MISSED"),
        ("unnoticed", "MISSED"),
        ("worse", "caught"),
    ];
    assert_eq!(found, expected);
    assert_eq!(report.exit_code(), 1);
    assert_eq!(report.faults[2].outcome.verdict, Verdict::Broken { why: "no such table".into() });
}

#[tokio::test]
async fn one_fault_can_be_named() {
    let run = Run::new();
    let (selection, name) = (vec![(&HOLDS, Backend::Embedded)], Some("one-more-request"));
    let report = run.runner.run_faults(selection, name, run.events.clone(), run.cancel.clone()).await;
    assert_eq!((report.faults.len(), report.exit_code()), (1, 0));
}
