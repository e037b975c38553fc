use std::path::PathBuf;
use std::sync::Mutex as Held;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use super::*;
use crate::workspace::base::Dump;
use crate::workspace::file::FileProvider;
use crate::workspace::snapshot::Changes;
use crate::workspace::testing::{History, note, notes};

/// What stands in front of a real provider: each run waits for the test's leave, and is written down.
#[derive(Default)]
struct Gate {
    leave: Option<Semaphore>,
    panics: AtomicBool,
    inside: AtomicUsize,
    inside_max: AtomicUsize,
    runs: Held<Vec<u64>>,
}

struct Gated {
    inner: FileProvider,
    gate: Arc<Gate>,
}

impl Gated {
    async fn enter(&self, generation: u64) {
        let inside = self.gate.inside.fetch_add(1, Ordering::SeqCst) + 1;
        self.gate.inside_max.fetch_max(inside, Ordering::SeqCst);
        self.gate.runs.lock().unwrap().push(generation);
        if let Some(leave) = &self.gate.leave {
            leave.acquire().await.unwrap().forget();
        }
        assert!(!self.gate.panics.swap(false, Ordering::SeqCst), "as a library might");
    }

    fn leave(&self) {
        self.gate.inside.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Provider for Gated {
    fn name(&self) -> String {
        self.inner.name()
    }

    async fn rebuild(&mut self, snapshot: &Snapshot) -> Result<(), BaseError> {
        self.enter(snapshot.generation).await;
        let done = self.inner.rebuild(snapshot).await;
        self.leave();
        done
    }

    async fn apply(&mut self, changes: &Changes, snapshot: &Snapshot) -> Result<(), BaseError> {
        self.enter(snapshot.generation).await;
        let done = self.inner.apply(changes, snapshot).await;
        self.leave();
        done
    }

    async fn check(&mut self, snapshot: &Snapshot) -> Result<Option<Dump>, BaseError> {
        self.inner.check(snapshot).await
    }

    async fn close(&mut self) {
        self.inner.close().await;
    }
}

/// A document, a driver over a real file, and the gate between.
struct Kit {
    folder: tempfile::TempDir,
    document: History,
    moments: watch::Sender<Arc<Snapshot>>,
    gate: Arc<Gate>,
    driver: Driver,
}

fn path(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("notes.db")
}

fn kit(gate: Gate) -> Kit {
    let folder = tempfile::tempdir().unwrap();
    begin(folder, gate, notes(150))
}

fn begin(folder: tempfile::TempDir, gate: Gate, mut document: History) -> Kit {
    let gate = Arc::new(gate);
    let inner = FileProvider::new(&path(&folder)).unwrap().unwrap();
    let (moments, seen) = watch::channel(document.moment());
    let driver = Driver::start(Gated { inner, gate: gate.clone() }, seen);
    Kit { folder, document, moments, gate, driver }
}

impl Kit {
    /// One edit; returns its moment's number.
    fn edit(&mut self, title: &str) -> u64 {
        self.document.put("notes", note("note-0", title, ""));
        let moment = self.document.moment();
        let generation = moment.generation;
        self.moments.send_replace(moment);
        generation
    }

    async fn until(&self, holds: impl FnMut(&Standing) -> bool) -> Standing {
        self.driver.standing().wait_for(holds).await.unwrap().clone()
    }

    fn runs(&self) -> Vec<u64> {
        self.gate.runs.lock().unwrap().clone()
    }

    /// What really lies in the file, once nobody keeps it.
    async fn lies(&self) -> Dump {
        let mut reader = FileProvider::new(&path(&self.folder)).unwrap().unwrap();
        reader.check(&self.document.now).await.unwrap().unwrap()
    }
}

fn held() -> Gate {
    Gate { leave: Some(Semaphore::new(0)), ..Gate::default() }
}

fn let_in(kit: &Kit, runs: usize) {
    kit.gate.leave.as_ref().unwrap().add_permits(runs);
}

#[tokio::test]
async fn edits_while_one_runs_are_one_run_more_and_never_two_at_once() {
    let mut kit = kit(held());
    kit.until(|standing| standing.is_running).await;
    let last = (0..3).map(|at| kit.edit(&format!("edit {at}"))).last().unwrap();
    let_in(&kit, 9);
    assert_eq!(kit.driver.at_least(last).await.unwrap(), last);
    assert_eq!(kit.runs(), [1, last]);
    assert_eq!(kit.gate.inside_max.load(Ordering::SeqCst), 1);
    let standing = kit.until(|standing| !standing.is_running).await;
    assert_eq!((standing.counts.rebuilds, standing.counts.applies), (1, 1));
    assert_eq!(kit.driver.close().await, Kept::Whole);
    assert_eq!(kit.lies().await, Dump::of(&kit.document.now));
}

#[tokio::test]
async fn who_asks_while_a_run_goes_on_that_brings_it_starts_no_other() {
    let mut kit = kit(held());
    kit.until(|standing| standing.is_running).await;
    let driver = kit.driver.clone();
    let mut asking = std::pin::pin!(driver.at_least(1));
    tokio::select! {
        biased;
        early = &mut asking => panic!("{early:?}, while the run goes on"),
        unknown = kit.driver.at_least(7) => assert!(unknown.is_err(), "who asked before was taken up"),
    }
    let_in(&kit, 9);
    assert_eq!(asking.await, Ok(1));
    let last = kit.edit("an edit");
    kit.driver.at_least(last).await.unwrap();
    assert_eq!(kit.runs(), [1, last]);
}

#[tokio::test]
async fn without_being_asked_it_follows_by_itself() {
    let mut kit = kit(Gate::default());
    kit.driver.at_least(1).await.unwrap();
    let last = (0..20).map(|at| kit.edit(&format!("edit {at}"))).last().unwrap();
    kit.until(|standing| standing.applied == Some(last)).await;
    assert!(kit.runs().len() <= 4, "{:?}", kit.runs());
}

#[tokio::test]
async fn a_moment_that_nobody_has_seen_is_not_waited_for() {
    let kit = kit(Gate::default());
    assert_eq!(kit.driver.at_least(7).await, Err(BaseError::Unknown { asked: 7, last: 1 }));
    assert_eq!(kit.driver.at_least(1).await, Ok(1));
    assert_eq!(kit.driver.at_least(0).await, Ok(1), "at least");
}

#[tokio::test]
async fn to_close_brings_the_last_edit_and_nothing_is_written_afterwards() {
    let mut kit = kit(Gate::default());
    kit.driver.at_least(1).await.unwrap();
    kit.edit("the last");
    assert_eq!(kit.driver.close().await, Kept::Whole);
    let written = kit.lies().await;
    assert_eq!(written, Dump::of(&kit.document.now));

    let runs = kit.runs();
    let late = kit.edit("too late");
    assert_eq!(kit.driver.at_least(late).await, Err(BaseError::Closed));
    assert_eq!((kit.runs(), kit.lies().await), (runs, written));
    assert_eq!(kit.driver.check().await, Err(BaseError::Closed));
    kit.driver.close().await;
}

#[tokio::test]
async fn to_close_waits_for_the_run_that_goes_on() {
    let mut kit = kit(held());
    kit.until(|standing| standing.is_running).await;
    let last = kit.edit("the last");
    let driver = kit.driver.clone();
    let mut closing = tokio::spawn(async move { driver.close().await });
    let early = tokio::time::timeout(Duration::from_millis(50), &mut closing).await;
    assert!(early.is_err(), "a run is still going on");
    let_in(&kit, 2);
    assert_eq!(closing.await.unwrap(), Kept::Whole);
    assert_eq!(kit.runs(), [1, last]);
    assert_eq!(kit.lies().await, Dump::of(&kit.document.now));
}

#[tokio::test]
async fn dropped_it_lets_the_run_end_and_begins_none() {
    let mut kit = kit(held());
    kit.until(|standing| standing.is_running).await;
    kit.edit("never brought");
    let mut standing = kit.driver.standing();
    let Kit { folder, gate, .. } = kit;
    drop(kit.driver);
    gate.leave.as_ref().unwrap().add_permits(9);
    standing.wait_for(|standing| standing.is_closed).await.unwrap();
    assert_eq!(*gate.runs.lock().unwrap(), [1]);
    drop(folder);
}

#[tokio::test]
async fn what_keeps_it_is_told_to_who_asks_and_it_goes_on_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(path(&folder), "somebody's own words ".repeat(100)).unwrap();
    let mut kit = begin(folder, Gate::default(), notes(3));
    let error = kit.driver.at_least(1).await.unwrap_err();
    assert!(matches!(error, BaseError::Foreign { .. }), "{error}");
    assert_eq!(kit.until(|standing| standing.failure.is_some()).await.applied, None);

    std::fs::remove_file(path(&kit.folder)).unwrap();
    let last = kit.edit("afterwards");
    let standing = kit.until(|standing| standing.applied == Some(last)).await;
    assert!(standing.failure.is_none() && standing.counts.failures > 0, "{standing:?}");
}

#[tokio::test]
async fn a_library_that_panics_costs_one_run() {
    let mut kit = kit(Gate::default());
    kit.driver.at_least(1).await.unwrap();
    kit.gate.panics.store(true, Ordering::SeqCst);
    let last = kit.edit("an edit");
    let error = kit.driver.at_least(last).await.unwrap_err();
    assert!(matches!(error, BaseError::Stopped { .. }), "{error}");
    kit.until(|standing| standing.applied == Some(last)).await;
    kit.driver.close().await;
    assert_eq!(kit.lies().await, Dump::of(&kit.document.now));
}

#[tokio::test]
async fn what_changed_behind_its_back_is_found_counted_and_mended() {
    let kit = kit(Gate::default());
    kit.driver.at_least(1).await.unwrap();
    assert_eq!(kit.driver.check().await, Ok(true));
    let other = libsql::Builder::new_local(path(&kit.folder)).build().await.unwrap().connect().unwrap();
    other.execute("DELETE FROM notes WHERE id = 'note-7'", ()).await.unwrap();
    assert_eq!(kit.driver.check().await, Ok(false));
    assert_eq!(kit.driver.check().await, Ok(true));
    let counts = kit.driver.standing().borrow().counts;
    assert_eq!((counts.mismatches, counts.rebuilds), (1, 1), "one row was brought, nothing was made anew");
}

#[tokio::test]
async fn a_start_brings_only_what_differs() {
    let mut first = kit(Gate::default());
    first.driver.at_least(1).await.unwrap();
    first.driver.close().await;
    first.edit("while nobody was there");
    let Kit { folder, document, .. } = first;
    let second = begin(folder, Gate::default(), document);
    let generation = second.document.now.generation;
    second.driver.at_least(generation).await.unwrap();
    let counts = second.driver.standing().borrow().counts;
    assert_eq!((counts.rebuilds, counts.applies, counts.checks, counts.mismatches), (0, 1, 1, 0));
    second.driver.close().await;
    assert_eq!(second.lies().await, Dump::of(&second.document.now));
}

#[tokio::test]
async fn many_changes_at_once_are_a_rebuild() {
    let mut kit = kit(Gate::default());
    kit.driver.at_least(1).await.unwrap();
    for at in 0..120 {
        kit.document.put("notes", note(&format!("note-{at}"), "all of them", ""));
    }
    let last = kit.edit("and one");
    kit.driver.at_least(last).await.unwrap();
    assert_eq!(kit.driver.standing().borrow().counts.rebuilds, 2);
}
