//! How far indexing has come.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use zenith_core::index::{Failure, IndexReport, Progress};
use zenith_core::ingest::STANDARD_CRATES;
use zenith_core::package::PackageId;

use crate::text::{clean_line, counted};

/// Where the run stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Phase {
    /// Nothing was asked for yet.
    #[default]
    Idle,
    /// Finding out what there is to do.
    Checking,
    Running,
    /// Told to stop; what is written is being published.
    Stopping,
    Ended(IndexReport),
    Failed(String),
}

/// The run of this screen.
#[derive(Debug, Default)]
pub struct Indexing {
    /// What is indexed: the Cargo.lock that governs the start folder.
    pub lockfile: Option<PathBuf>,
    pub phase: Phase,
    /// Packages that the lockfile has.
    pub packages: usize,
    /// Those of them that are written or failed.
    pub done: usize,
    /// Those of them that were ready before.
    ready_before: usize,
    /// At work now, the oldest first.
    pub current: Vec<PackageId>,
    pub failures: Vec<Failure>,
    /// Packages that another process is indexing.
    pub waiting: usize,
    started: Option<Instant>,
    pub keys: Keys,
}

/// The keys that are told beside what came of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    pub index: String,
    pub failures: String,
}

impl Default for Keys {
    fn default() -> Keys {
        Keys { index: "Alt-i".to_string(), failures: "Alt-w".to_string() }
    }
}

impl Indexing {
    /// A run begins.
    pub fn start(&mut self) {
        let (lockfile, keys) = (self.lockfile.take(), self.keys.clone());
        *self = Indexing { lockfile, keys, phase: Phase::Checking, ..Indexing::default() };
    }

    /// Whether a run is going on.
    pub fn is_active(&self) -> bool {
        matches!(self.phase, Phase::Checking | Phase::Running | Phase::Stopping)
    }

    /// Whether its progress shows: a run that finds nothing to do is over before one could read it.
    pub fn is_running(&self) -> bool {
        matches!(self.phase, Phase::Running | Phase::Stopping)
    }

    pub fn take(&mut self, progress: Progress, now: Instant) {
        match progress {
            Progress::Discovering => {}
            Progress::Planned { packages, ready } => {
                (self.packages, self.done, self.ready_before) = (packages, ready, ready);
                if ready < packages && self.phase == Phase::Checking {
                    self.phase = Phase::Running;
                    self.started = Some(now);
                }
            }
            Progress::Started { id } => {
                self.waiting = 0;
                self.current.push(id);
            }
            Progress::Written { id, .. } => self.finish(&id),
            Progress::Failed { id, why } => {
                self.finish(&id);
                self.failures.push(Failure { package: id.to_string(), why: clean_line(&why) });
            }
            Progress::Searchable { .. } => {}
            Progress::Waiting { packages } => self.waiting = packages,
        }
    }

    fn finish(&mut self, id: &PackageId) {
        self.current.retain(|current| current != id);
        self.done = (self.done + 1).min(self.packages);
    }

    /// The run is over: what is to be said of it, and whether it is bad news.
    pub fn end(&mut self, report: Result<IndexReport, String>) -> (String, bool) {
        self.current.clear();
        match report {
            Err(why) => {
                self.phase = Phase::Failed(why.clone());
                (why, true)
            }
            Ok(report) => {
                let all = report.failed.iter().chain(&report.missing);
                let clean = |failure: &Failure| Failure {
                    package: clean_line(&failure.package),
                    why: clean_line(&failure.why),
                };
                self.failures = all.map(clean).collect();
                let said = (summary(&report, &self.keys), false);
                self.phase = Phase::Ended(report);
                said
            }
        }
    }

    /// How many packages could not be indexed that should have been.
    pub fn lacking(&self) -> usize {
        lacking(&self.failures)
    }

    /// Packages a second, once that can be told.
    pub fn rate(&self, now: Instant) -> Option<f64> {
        let elapsed = now.saturating_duration_since(self.started?);
        let done = self.done.saturating_sub(self.ready_before);
        (elapsed >= Duration::from_secs(1) && done > 0).then(|| as_f64(done) / elapsed.as_secs_f64())
    }
}

/// How many of some failures are of packages that the project cannot do without: the standard library's sources are an
/// addition to a toolchain, and most have none.
fn lacking<'a>(failures: impl IntoIterator<Item = &'a Failure>) -> usize {
    let is_standard = |failure: &&Failure| {
        failure.package.split('@').next().is_some_and(|name| STANDARD_CRATES.contains(&name))
    };
    failures.into_iter().filter(|failure| !is_standard(failure)).count()
}

/// What a run did, in a line. Empty where there was nothing to do.
fn summary(report: &IndexReport, keys: &Keys) -> String {
    let failed = lacking(report.failed.iter().chain(&report.missing));
    let mut parts = Vec::new();
    if report.cancelled {
        parts.push(format!("indexing stopped; {} resumes it", keys.index));
    }
    if report.indexed > 0 {
        let packages = counted(report.indexed, "package");
        parts.push(format!("indexed {packages} in {:.0} s", report.seconds.max(1.0)));
    }
    if failed > 0 {
        let packages = counted(failed, "package");
        parts.push(format!("{packages} could not be indexed; {} says why", keys.failures));
    }
    parts.join(" · ")
}

fn as_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> PackageId {
        PackageId::rust(name, "1.0.0").unwrap()
    }

    #[test]
    fn a_run_counts_what_is_done_and_tells_its_rate() {
        let now = Instant::now();
        let mut indexing = Indexing::default();
        indexing.start();
        indexing.take(Progress::Planned { packages: 10, ready: 5 }, now);
        assert!(indexing.is_running() && indexing.rate(now).is_none());
        for name in ["a", "b"] {
            indexing.take(Progress::Started { id: id(name) }, now);
        }
        indexing.take(Progress::Written { id: id("a"), symbols: 1, chunks: 0 }, now);
        indexing.take(Progress::Failed { id: id("b"), why: "bro\u{1b}[31mken".to_string() }, now);
        assert_eq!((indexing.done, indexing.current.len()), (7, 0));
        assert_eq!(indexing.failures[0].why, "broken");
        assert_eq!(indexing.rate(now + Duration::from_secs(2)), Some(1.0));
    }

    #[test]
    fn a_standard_library_without_sources_is_no_package_that_failed() {
        let failure = |package: &str| Failure { package: package.to_owned(), why: String::new() };
        let mut indexing = Indexing::default();
        let report = IndexReport { missing: vec![failure("std@1.95.0")], ..IndexReport::default() };
        assert_eq!(indexing.end(Ok(report)).0, "");
        assert_eq!((indexing.failures.len(), indexing.lacking()), (1, 0), "it is told where one asks");
        let report = IndexReport {
            missing: vec![failure("std@1.95.0"), failure("a@1.0.0")],
            ..IndexReport::default()
        };
        assert!(indexing.end(Ok(report)).0.starts_with("1 package could not be indexed"));
    }

    #[test]
    fn a_run_that_finds_nothing_to_do_shows_no_progress_and_says_nothing() {
        let mut indexing = Indexing::default();
        indexing.start();
        indexing.take(Progress::Planned { packages: 5, ready: 5 }, Instant::now());
        assert!(indexing.is_active() && !indexing.is_running());
        assert_eq!(indexing.end(Ok(IndexReport::default())), (String::new(), false));
    }
}
