//! The work beside the screen. Work that is no longer wanted is aborted, not waited for.

mod spikes;
mod status;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;
use zenith_core::config::Config;
use zenith_core::index::{IndexRequest, Progress, project};
use zenith_core::ingest::Source;
use zenith_core::search::{Hit, Project, SearchRequest};
use zenith_core::{Zenith, find_lockfile};

use super::app::Tab;
use super::load;
use super::message::{Effect, Found, Message, Opened};
use super::preview::PageKey;
use super::status::Home;
use super::tree::Tree;
use crate::text::{clean, clean_line};
use spikes::SpikeTask;

/// How long a page waits while one moves on: a key held down loads the last row alone.
const PAGE_DELAY: Duration = Duration::from_millis(25);

/// What there is at most one of; the next one replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Slot {
    Packages,
    Tree,
    Filter,
    Search,
    Page(Tab),
    History,
    Replicas,
    Disk,
    Sync,
    Reach,
    Look,
}

/// The tasks of one screen.
pub struct Tasks {
    sender: UnboundedSender<Message>,
    /// Set once the data folder is open; no effect asks for it before.
    zenith: Arc<OnceLock<Zenith>>,
    running: HashMap<Slot, AbortHandle>,
    cancel_indexing: CancellationToken,
    spikes: SpikeTask,
}

impl Tasks {
    pub fn new(sender: UnboundedSender<Message>) -> Tasks {
        Tasks {
            sender,
            zenith: Arc::default(),
            running: HashMap::new(),
            cancel_indexing: CancellationToken::new(),
            spikes: SpikeTask::default(),
        }
    }

    /// Opens the data folder, and reads the lockfile that governs a folder.
    pub fn open(&self, config: Config, folder: PathBuf) {
        let (sender, zenith) = (self.sender.clone(), self.zenith.clone());
        tokio::spawn(async move {
            let data_dir = config.data_dir.clone();
            let place = tokio::task::spawn_blocking(move || read_project(&data_dir, &folder));
            let opened = match Zenith::open(config).await {
                Err(error) => Err(error.to_string()),
                Ok(opened) => {
                    let home = home(&opened);
                    let _ = zenith.set(opened);
                    Ok(home)
                }
            };
            let (place, unreadable) = place.await.unwrap_or_default();
            let _ = sender.send(Message::Opened(opened.map(|home| Opened { home, ..place })));
            if let Some(why) = unreadable {
                let _ = sender.send(Message::Failed(why));
            }
        });
    }

    /// Begins what the state asks for. What only the terminal can do is not done here.
    pub fn begin(&mut self, effect: Effect) {
        let Some(zenith) = self.zenith.get().cloned() else { return };
        match effect {
            Effect::LoadPackages => self.replace(Slot::Packages, async move {
                Message::Packages(zenith.searchable().await.map_err(|error| error.to_string()))
            }),
            Effect::LoadTree { generation, entry } => self.replace(Slot::Tree, async move {
                Message::Tree { generation, tree: load::tree(&zenith, &entry).await }
            }),
            Effect::Filter { generation, tree, filter } => {
                self.replace(Slot::Filter, filter_tree(generation, tree, filter));
            }
            Effect::Search { generation, request, project, delay } => {
                self.replace(Slot::Search, async move {
                    tokio::time::sleep(delay).await;
                    Message::Found { generation, found: search(&zenith, request, project).await }
                });
            }
            Effect::LoadPage { tab, generation, key } => self.load_page(zenith, tab, generation, key),
            Effect::Index(lockfile) => self.index(zenith, lockfile),
            Effect::Look(lockfile) => self.replace(Slot::Look, async move {
                Message::Looked(zenith.freshness(&lockfile).await.map_err(|error| error.to_string()))
            }),
            Effect::CancelIndex => self.cancel_indexing.cancel(),
            Effect::LoadHistory { generation } => {
                self.replace(Slot::History, async move { spikes::history(&zenith.config, generation).await })
            }
            Effect::RunSpikes(selection) => {
                self.spikes.begin(&zenith.config, selection, self.sender.clone());
            }
            Effect::CancelSpikes => self.spikes.cancel(),
            Effect::Sync => self.replace(Slot::Sync, async move { status::sync(&zenith).await }),
            Effect::Reach(project) => {
                self.replace(Slot::Reach, async move { status::reach(&zenith, project).await });
            }
            Effect::LoadReplicas { generation } => {
                self.replace(Slot::Replicas, status::replicas(zenith, generation));
            }
            Effect::Measure { generation } => {
                self.replace(Slot::Disk, async move { status::disk(&zenith, generation).await });
            }
            Effect::Copy(_) | Effect::Edit(_) | Effect::Suspend | Effect::Redraw | Effect::Quit => {}
        }
    }

    /// Stops everything; indexing gives back what it holds, and labs are closed.
    pub fn stop(&self) {
        self.cancel_indexing.cancel();
        self.spikes.cancel();
        self.running.values().for_each(AbortHandle::abort);
    }

    /// Waits until labs are closed, after [`Tasks::stop`], for a bounded time.
    pub async fn wait_for_labs(&mut self) {
        self.spikes.wait().await;
    }

    fn replace(&mut self, slot: Slot, work: impl Future<Output = Message> + Send + 'static) {
        let sender = self.sender.clone();
        let task = tokio::spawn(async move {
            let message = work.await;
            let _ = sender.send(message);
        });
        self.hold(slot, task.abort_handle());
    }

    fn hold(&mut self, slot: Slot, task: AbortHandle) {
        if let Some(stale) = self.running.insert(slot, task) {
            stale.abort();
        }
    }

    /// Plain at first where the colours for code are not loaded yet, then in colours.
    fn load_page(&mut self, zenith: Zenith, tab: Tab, generation: u64, key: PageKey) {
        let sender = self.sender.clone();
        let task = tokio::spawn(async move {
            tokio::time::sleep(PAGE_DELAY).await;
            let content = Arc::new(load::content(&zenith, key.subject.clone()).await);
            for with_colours in [false, true] {
                if let Some(page) = load::lay_out(content.clone(), &key, with_colours).await {
                    let _ = sender.send(Message::Page { tab, generation, page });
                }
            }
        });
        self.hold(Slot::Page(tab), task.abort_handle());
    }

    /// A run of its own token: a cancelled one must not cancel the next.
    fn index(&mut self, zenith: Zenith, lockfile: PathBuf) {
        self.cancel_indexing = CancellationToken::new();
        let (sender, cancel) = (self.sender.clone(), self.cancel_indexing.clone());
        tokio::spawn(async move {
            let request = IndexRequest {
                source: Source::Lockfile(lockfile.clone()),
                tier: None,
                direct_only: false,
                anew: false,
            };
            let (progress, mut steps) = unbounded_channel();
            let forward = async {
                while let Some(step) = steps.recv().await {
                    // By now it is known what is built on this machine.
                    if matches!(step, Progress::Planned { .. })
                        && let Ok(project) = project(&zenith.config.data_dir, &lockfile)
                    {
                        let _ = sender.send(Message::Project(Arc::new(project)));
                    }
                    let _ = sender.send(Message::Progress(step));
                }
            };
            let (report, ()) = tokio::join!(zenith.index(&request, progress, cancel), forward);
            let _ = sender.send(Message::Indexed(report.map_err(|error| error.to_string())));
        });
    }
}

/// What the tab Status tells of an open data folder.
fn home(zenith: &Zenith) -> Home {
    Home {
        session: zenith.session.clone(),
        data_dir: zenith.config.data_dir.clone(),
        model: zenith.search.embedder().id().to_string(),
    }
}

/// What governs a folder, and why its lockfile cannot be read where it cannot.
fn read_project(data_dir: &Path, folder: &Path) -> (Opened, Option<String>) {
    let Some(lockfile) = find_lockfile(folder) else { return Default::default() };
    match project(data_dir, &lockfile) {
        Ok(project) => {
            let project = Some(Arc::new(project));
            (Opened { lockfile: Some(lockfile), project, ..Opened::default() }, None)
        }
        Err(error) => (Opened { lockfile: Some(lockfile), ..Opened::default() }, Some(error.to_string())),
    }
}

async fn filter_tree(generation: u64, tree: Arc<Tree>, filter: String) -> Message {
    let filtered = tokio::task::spawn_blocking(move || tree.filtered(&filter)).await;
    Message::Filtered { generation, filtered: filtered.unwrap_or_default() }
}

async fn search(
    zenith: &Zenith,
    request: SearchRequest,
    project: Option<Arc<Project>>,
) -> Result<Found, String> {
    let started = Instant::now();
    let results = zenith.search(request, project).await.map_err(|error| error.to_string())?;
    Ok(Found {
        hits: results.hits.into_iter().map(safe).collect(),
        packages: results.packages,
        other_platforms: results.other_platforms,
        other_model: results.other_model,
        took: started.elapsed(),
    })
}

/// A result that is safe to show.
fn safe(hit: Hit) -> Hit {
    Hit {
        path: clean_line(&hit.path),
        name: clean_line(&hit.name),
        signature: clean(&hit.signature),
        doc: clean(&hit.doc),
        alias: hit.alias.as_deref().map(clean_line),
        ..hit
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn work_that_is_no_longer_wanted_is_aborted() {
        let (sender, mut inbox) = unbounded_channel();
        let mut tasks = Tasks::new(sender);
        let (held, let_go) = oneshot::channel::<()>();
        tasks.replace(Slot::Search, async move {
            let _held = held;
            std::future::pending().await
        });
        tasks.replace(Slot::Search, async { Message::Tick });
        let ended = timeout(Duration::from_secs(30), let_go).await;
        assert!(matches!(ended, Ok(Err(_))), "the older search goes on");
        assert!(matches!(inbox.recv().await, Some(Message::Tick)));
    }
}
