//! Which project is asked about: what the user named, else what the agent offers, else where the program was started.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rmcp::service::{Peer, RoleServer};
use tokio::sync::Mutex;
use url::Url;
use zenith_core::ingest::Source;

use crate::cli::source::surrounding;

/// An agent that does not tell its folders by then tells none.
const ROOTS_DEADLINE: Duration = Duration::from_secs(5);

/// A folder, and the project that governs it.
#[derive(Debug)]
pub struct Place {
    pub folder: PathBuf,
    pub source: Option<Source>,
}

/// The place that is asked about, found once.
pub struct Places {
    /// Where the program was started.
    folder: PathBuf,
    /// What the user named.
    named: Option<PathBuf>,
    found: Mutex<Option<Arc<Place>>>,
}

impl Place {
    fn at(folder: PathBuf) -> Place {
        let source = surrounding(&folder);
        Place { folder, source }
    }

    /// The Cargo.lock of the project, if it has one.
    pub fn lockfile(&self) -> Option<&Path> {
        match &self.source {
            Some(Source::Lockfile(lockfile)) => Some(lockfile),
            _ => None,
        }
    }
}

impl Places {
    pub fn new(folder: PathBuf, named: Option<PathBuf>) -> Places {
        Places { folder, named, found: Mutex::default() }
    }

    /// The place, looked for where it is not known yet. One without a lockfile is looked at each time: it may get one.
    pub async fn current(&self, peer: &Peer<RoleServer>) -> Arc<Place> {
        let mut found = self.found.lock().await;
        if let Some(place) = &*found
            && place.lockfile().is_some()
        {
            return place.clone();
        }
        let folder = match &self.named {
            Some(named) => named.clone(),
            None => offered(peer).await.unwrap_or_else(|| self.folder.clone()),
        };
        let looked = tokio::task::spawn_blocking(move || Place::at(folder)).await;
        let place = Arc::new(looked.unwrap_or_else(|_| Place { folder: self.folder.clone(), source: None }));
        *found = Some(place.clone());
        place
    }

    /// Forgets the place: the agent's folders changed.
    pub async fn forget(&self) {
        *self.found.lock().await = None;
    }
}

/// The first folder with a project that the agent offers as its roots.
#[expect(
    deprecated,
    reason = "agents of today offer roots; later versions of the protocol name no successor"
)]
async fn offered(peer: &Peer<RoleServer>) -> Option<PathBuf> {
    // Newer versions of the protocol have no handshake, and let a server ask nothing.
    peer.peer_info()?.capabilities.roots.as_ref()?;
    let told = tokio::time::timeout(ROOTS_DEADLINE, peer.list_roots()).await.ok()?.ok()?;
    let folders: Vec<PathBuf> = told.roots.iter().filter_map(|root| path_of(&root.uri)).collect();
    let with_project = folders.iter().find(|folder| surrounding(folder).is_some()).cloned();
    with_project.or_else(|| folders.into_iter().next())
}

/// The folder that a `file://` address names.
fn path_of(uri: &str) -> Option<PathBuf> {
    let path = Url::parse(uri).ok()?.to_file_path().ok()?;
    path.is_dir().then_some(path)
}
