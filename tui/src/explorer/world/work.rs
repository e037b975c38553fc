//! What the world asks for, done beside the screen.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;
use zenith_core::catalog::CatalogEntry;
use zenith_core::config::Config;
use zenith_core::index::{IndexRequest, Progress, project};
use zenith_core::ingest::Source;
use zenith_core::search::SearchRequest;
use zenith_core::{Zenith, catalog_path, find_lockfile};

use super::{Effect, Home, Message, Opened};
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
        Effect::LoadPackages => Job::newest("packages", |sender| load_packages(zenith, sender)),
        Effect::Index(lockfile) => {
            Job::lasting(INDEX, move |sender, cancel| index(zenith, lockfile, sender, cancel))
        }
        Effect::CancelIndex => Job::stop(INDEX),
        Effect::Watch(lockfile) => Job::newest("watch", |sender| {
            super::lockfile::watch(lockfile, move || sender.send(Message::Written))
        }),
        Effect::Look(lockfile) => Job::answer("look", async move {
            Message::Looked(zenith.freshness(&lockfile).await.map_err(|error| error.to_string()))
        }),
        Effect::Reach(project) => Job::answer("reach", async move {
            // As far as the project would search it.
            let everything = SearchRequest::default();
            let reached = zenith.reach(&everything, project.as_deref(), REACH_DEADLINE).await;
            Message::Reached(reached.map_err(|error| error.to_string()))
        }),
    }
}

/// What there is, and then what of it is not whole.
async fn load_packages(zenith: Zenith, sender: Sender<Message>) {
    let packages = zenith.searchable().await.map_err(|error| error.to_string());
    let entries = packages.clone().unwrap_or_default();
    sender.send(Message::Packages(packages));
    let cut = tokio::task::spawn_blocking(move || {
        let left_out = |entry: CatalogEntry| Some((zenith.left_out(&entry)?, entry.dataset?));
        entries.into_iter().filter_map(left_out).map(|(left_out, dataset)| (dataset, left_out)).collect()
    });
    if let Ok(cut) = cut.await {
        sender.send(Message::Cut(cut));
    }
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
