//! What is done beside the conversation: the data folder is opened, and the project indexed.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use tokio::runtime::Handle;
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::{OnceCell, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use zenith_core::Zenith;
use zenith_core::config::Config;
use zenith_core::index::{IndexReport, IndexRequest, Progress};
use zenith_core::ingest::{STANDARD_CRATES, Source};

use super::project::Place;
use crate::allocator::Sparing;
use crate::text::{clean_line, counted};

/// How long a run may take to give back what it holds, when the agent is gone.
const GRACE: Duration = Duration::from_secs(3);

/// Where a run stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Run {
    /// There was none yet.
    #[default]
    None,
    /// Finding out what there is to do.
    Looking,
    Indexing {
        done: usize,
        packages: usize,
    },
    /// Another process indexes these.
    Waiting {
        packages: usize,
    },
    Ended {
        failed: usize,
    },
    Failed(String),
}

/// An open data folder that comes, and the run on a project.
pub struct Beside {
    config: Config,
    opened: OnceCell<Zenith>,
    run: watch::Sender<Run>,
    begun: Mutex<Option<Begun>>,
    stop: CancellationToken,
}

/// A run, and of what it is.
struct Begun {
    of: State,
    task: JoinHandle<()>,
}

/// What decides whether another run would do more than the last.
#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    path: PathBuf,
    /// Bytes and time of its last change; none of a project without a lockfile.
    lockfile: Option<(u64, SystemTime)>,
    stale: Option<String>,
}

impl Beside {
    pub fn new(config: Config) -> Arc<Beside> {
        Arc::new(Beside {
            config,
            opened: OnceCell::new(),
            run: watch::Sender::new(Run::None),
            begun: Mutex::default(),
            stop: CancellationToken::new(),
        })
    }

    /// The data folder, once it is open. After a failure the next question tries again.
    pub async fn zenith(&self) -> anyhow::Result<&Zenith> {
        let open = async || {
            let (config, runtime) = (self.config.clone(), Handle::current());
            // A disk or a lock that does not answer must not hold up the threads that the agent is answered on.
            let opening = tokio::task::spawn_blocking(move || runtime.block_on(Zenith::open(config)));
            opening.await?.context("cannot open the data folder")
        };
        self.opened.get_or_try_init(open).await
    }

    pub fn is_open(&self) -> bool {
        self.opened.initialized()
    }

    /// Where the run stands.
    pub fn run(&self) -> Run {
        self.run.borrow().clone()
    }

    /// Begins a run on a project if there was none yet, or if it is `stale`: in words, what is not indexed as it is.
    /// What cannot be indexed is not tried for ever.
    pub fn index(self: &Arc<Self>, zenith: &Zenith, place: &Place, stale: Option<&str>) {
        let Some(source) = place.source.clone() else { return };
        let state = State::of(&source, stale);
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if self.stop.is_cancelled() {
            return;
        }
        if let Some(last) = &mut *begun
            && last.of.path == state.path
        {
            if !last.task.is_finished() || last.of == state {
                return;
            }
            if stale.is_none() {
                // All is as it is: what becomes stale again is indexed again.
                last.of = state;
                return;
            }
        }
        self.run.send_replace(Run::Looking);
        let task = tokio::spawn(self.clone().follow(zenith.clone(), source));
        *begun = Some(Begun { of: state, task });
    }

    async fn follow(self: Arc<Self>, zenith: Zenith, source: Source) {
        let request = IndexRequest { source, tier: None, direct_only: false, anew: false };
        let (progress, mut steps) = unbounded_channel();
        let told = async {
            while let Some(step) = steps.recv().await {
                self.run.send_modify(|run| run.take(&step));
            }
        };
        let _sparing = Sparing::at_once();
        let (report, ()) = tokio::join!(zenith.index_behind(request, progress, self.stop.clone()), told);
        let run = match report {
            Ok(IndexReport { failed, missing, .. }) => {
                // The standard library's sources are an addition to a toolchain, and most have none.
                let is_standard = |package: &str| {
                    package.split('@').next().is_some_and(|name| STANDARD_CRATES.contains(&name))
                };
                let lacking = failed.iter().chain(&missing).filter(|one| !is_standard(&one.package));
                Run::Ended { failed: lacking.count() }
            }
            Err(error) => Run::Failed(clean_line(&error.to_string())),
        };
        self.run.send_replace(run);
    }

    /// Stops the run, and waits until it gave back what it holds.
    pub async fn end(&self) {
        self.stop.cancel();
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Begun { task, .. }) = begun {
            let _ = tokio::time::timeout(GRACE, task).await;
        }
    }
}

impl State {
    fn of(source: &Source, stale: Option<&str>) -> State {
        let (path, lockfile) = match source {
            Source::Lockfile(path) => {
                let metadata = std::fs::metadata(path).ok();
                (path.clone(), metadata.and_then(|file| Some((file.len(), file.modified().ok()?))))
            }
            Source::Workspace(path) | Source::Folder(path) => (path.clone(), None),
            Source::Registry { name, .. } => (PathBuf::from(name), None),
        };
        State { path, lockfile, stale: stale.map(str::to_string) }
    }
}

impl Run {
    fn take(&mut self, step: &Progress) {
        match (step, &mut *self) {
            (Progress::Planned { packages, ready }, _) if ready < packages => {
                *self = Run::Indexing { done: *ready, packages: *packages };
            }
            // What is written is not found before it is searchable.
            (Progress::Searchable { ids }, Run::Indexing { done, packages }) => {
                *done = (*done + ids.len()).min(*packages);
            }
            (Progress::Failed { .. }, Run::Indexing { done, packages }) => *done = (*done + 1).min(*packages),
            (Progress::Waiting { packages }, _) => *self = Run::Waiting { packages: *packages },
            _ => {}
        }
    }

    /// Per cent of the packages that are done, while a run goes on.
    pub fn percent(&self) -> Option<usize> {
        match self {
            Run::Indexing { done, packages } => Some(done.saturating_mul(100) / (*packages).max(1)),
            _ => None,
        }
    }

    /// What an agent is told of it; `None` where all is as one would think.
    pub fn told(&self) -> Option<String> {
        match self {
            Run::None | Run::Ended { failed: 0 } => None,
            // All of it is found, and only notes are left to be written.
            Run::Indexing { done, packages } if done >= packages => None,
            Run::Looking => Some(
                "looking at what of this project is not indexed yet; this answer is from what is".to_string(),
            ),
            Run::Indexing { done, packages } => {
                let percent = self.percent().unwrap_or_default();
                Some(format!(
                    "indexing, {percent}% ({done} of {}); this answer is from what is ready, ask again for more",
                    counted(*packages, "package")
                ))
            }
            Run::Waiting { packages } => Some(format!(
                "another process is indexing {}; this answer is from what is ready, ask again for more",
                counted(*packages, "package")
            )),
            Run::Ended { failed } => Some(format!(
                "{} of this project could not be indexed; `zenith index` says why",
                counted(*failed, "package")
            )),
            Run::Failed(why) => {
                Some(format!("this project could not be indexed: {why}; this answer is from what is"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use zenith_core::package::PackageId;

    use super::*;

    #[test]
    fn a_run_tells_how_far_it_is() {
        let mut run = Run::Looking;
        run.take(&Progress::Planned { packages: 10, ready: 3 });
        for name in ["a", "b"] {
            let id = PackageId::rust(name, "1.0.0").unwrap();
            run.take(&Progress::Started { id: id.clone() });
            run.take(&Progress::Failed { id, why: String::new() });
        }
        assert_eq!(run.percent(), Some(50));
        assert!(run.told().unwrap().starts_with("indexing, 50% (5 of 10 packages)"), "{run:?}");
        let ids: Vec<PackageId> =
            (0..5).map(|at| PackageId::rust(format!("c{at}"), "1.0.0").unwrap()).collect();
        run.take(&Progress::Searchable { ids });
        assert_eq!((run.percent(), run.told()), (Some(100), None), "what is done is not waited for");
        assert_eq!(Run::Ended { failed: 0 }.told(), None);
    }

    #[test]
    fn a_run_that_finds_nothing_to_do_never_says_that_it_indexes() {
        let mut run = Run::Looking;
        run.take(&Progress::Planned { packages: 10, ready: 10 });
        assert_eq!(run, Run::Looking);
    }
}
