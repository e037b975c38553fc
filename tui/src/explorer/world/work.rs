//! What the world asks for, done beside the screen.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;
use zenith_core::catalog::CatalogEntry;
use zenith_core::config::Config;
use zenith_core::index::{IndexRequest, Progress, project};
use zenith_core::ingest::Source;
use zenith_core::lake::LeftOut;
use zenith_core::search::SearchRequest;
use zenith_core::{Zenith, catalog_path, find_lockfile};

use super::{Effect, Home, Message, Opened};
use crate::allocator::Sparing;
use crate::explorer::parts::job::{Job, Sender};

/// How long the store may take: nobody waits for it.
const REACH_DEADLINE: Duration = Duration::from_secs(60);

const INDEX: &str = "index";

/// Opens the data folder, and reads the lockfile that governs a folder. `opened` keeps what was opened, before it
/// is told.
pub async fn open(config: Config, folder: PathBuf, sender: Sender<Message>, opened: impl FnOnce(Zenith)) {
    let data_dir = config.data_dir.clone();
    let place = tokio::task::spawn_blocking(move || read_project(&data_dir, &folder));
    let home = Zenith::open(config).await.map_err(|error| error.to_string()).map(|zenith| {
        let home = home(&zenith);
        opened(zenith);
        home
    });
    let (place, unreadable) = place.await.unwrap_or_default();
    sender.send(Message::Opened(home.map(|home| Opened { home, ..place })));
    if let Some(why) = unreadable {
        sender.send(Message::Unreadable(why));
    }
}

/// Goes on with the same folder as whoever is signed in by now. `renewed` keeps it, before it is told.
pub async fn renew(zenith: Zenith, sender: Sender<Message>, renewed: impl FnOnce(Zenith)) {
    let home = zenith.renewed().await.map_err(|error| error.to_string()).map(|zenith| {
        let home = home(&zenith);
        renewed(zenith);
        home
    });
    sender.send(Message::Renewed(home));
}

/// The work that an effect is.
pub fn work(effect: Effect, zenith: &Zenith) -> Job<Message> {
    let zenith = zenith.clone();
    match effect {
        Effect::LoadPackages => Job::answer("packages", async move { packages(&zenith).await }),
        Effect::Index(lockfile) => {
            Job::lasting(INDEX, move |sender, cancel| index(zenith, lockfile, sender, cancel))
        }
        Effect::CancelIndex => Job::stop(INDEX),
        Effect::Watch(lockfile) => Job::newest("watch", |sender| {
            super::lockfile::watch(lockfile, move || sender.send(Message::Written))
        }),
        Effect::LookForCuts(entries) => {
            Job::answer("cuts", async move { Message::Cut(cuts(zenith, entries).await) })
        }
        Effect::Look(lockfile) => Job::newest("look", |sender| look(zenith, lockfile, sender)),
        Effect::Reach(project) => Job::answer("reach", async move {
            // As far as the project would search it.
            let everything = SearchRequest::default();
            let reached = zenith.reach(&everything, project.as_deref(), REACH_DEADLINE).await;
            Message::Reached(reached.map_err(|error| error.to_string()))
        }),
    }
}

async fn packages(zenith: &Zenith) -> Message {
    Message::Packages(zenith.searchable().await.map_err(|error| error.to_string()))
}

/// What of some packages is not whole.
async fn cuts(zenith: Zenith, entries: Vec<Arc<CatalogEntry>>) -> HashMap<String, LeftOut> {
    let cuts = tokio::task::spawn_blocking(move || {
        let cut = |entry: &Arc<CatalogEntry>| Some((entry.dataset.clone()?, zenith.left_out(entry)?));
        entries.iter().filter_map(cut).collect()
    });
    cuts.await.unwrap_or_default()
}

/// What of the project is not indexed as it is. What it is by now and what there is of it comes first: another process
/// may have indexed what was missing, and then nothing is to be done.
async fn look(zenith: Zenith, lockfile: PathBuf, sender: Sender<Message>) {
    let (data_dir, place) = (zenith.config.data_dir.clone(), lockfile.clone());
    if let Ok(Ok(project)) = tokio::task::spawn_blocking(move || project(&data_dir, &place)).await {
        sender.send(Message::Project(Arc::new(project)));
    }
    if let Ok(packages) = zenith.searchable().await {
        sender.send(Message::Packages(Ok(packages)));
    }
    sender.send(Message::Looked(zenith.freshness(&lockfile).await.map_err(|error| error.to_string())));
}

async fn index(zenith: Zenith, lockfile: PathBuf, sender: Sender<Message>, cancel: CancellationToken) {
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
                sender.send(Message::Project(Arc::new(project)));
            }
            sender.send(Message::Progress(step));
        }
    };
    let _sparing = Sparing::at_once();
    let (report, ()) = tokio::join!(zenith.index_behind(request, progress, cancel), forward);
    sender.send(Message::Indexed(report.map_err(|error| error.to_string())));
}

fn home(zenith: &Zenith) -> Home {
    Home {
        session: zenith.session.clone(),
        data_dir: zenith.config.data_dir.clone(),
        is_read_only: !(is_writable(&zenith.config.data_dir)
            && is_writable(&catalog_path(&zenith.config.data_dir))),
        service: zenith.config.service.clone(),
        has_store: zenith.config.store.is_named(),
        model: zenith.search.embedder().id().to_string(),
    }
}

fn is_writable(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
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
