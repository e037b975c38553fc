//! A copy of a server's catalog on this machine: read at any time, also offline; brought up to date
//! when asked; set aside and fetched again when it is damaged. It holds nothing that the server does
//! not hold, so nothing is lost with it.
//!
//! # Decisions
//!
//! - **A replica is read as a plain SQLite file by every process, and written by one.** libSQL's replica
//!   handle is opened for the time of a sync, under a lock; J2 reads from another process during the syncs.
//! - **A replica is checked whole once a day, and when a sync did not end well**; a damaged one is moved
//!   aside (`.damaged`) and fetched anew. The log's identity decides whether a file goes on: a server that
//!   was set up again is a new log.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libsql::OpenFlags;
use serde::{Deserialize, Serialize};

use super::{BUSY_TIMEOUT, Catalog, CatalogError, Kind, SCHEMA_VERSION, Server, query_one_integer};

/// What libSQL keeps beside a replica's file.
const COMPANIONS: [&str; 4] = ["", "-wal", "-shm", "-client_wal_index"];
/// A replica is checked whole when it was not for this long, or when a sync did not end well.
const CHECK_EVERY: Duration = Duration::from_secs(24 * 3600);

/// A replica's place on disk.
#[derive(Clone, Debug)]
pub struct Replica {
    path: PathBuf,
}

/// What a sync brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Synced {
    /// The last frame of the server's log that the replica has.
    pub frame: Option<u64>,
    /// How many frames this sync brought: how far the replica lagged behind.
    pub frames: u64,
    /// Whether a damaged replica was set aside and fetched anew.
    pub fetched_anew: bool,
}

/// Where a replica stands, as its last sync left it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaState {
    /// The last frame of the server's log that it has.
    pub frame: Option<u64>,
    /// When it was last up to date, in milliseconds since 1970; never, where there is none.
    pub synced_at_ms: Option<u64>,
    /// How many frames the last sync had to bring.
    pub lag: u64,
    /// Why the last sync failed, where it did.
    pub error: Option<String>,
    /// When its file was last checked whole, in milliseconds since 1970.
    checked_at_ms: Option<u64>,
    /// Set while a sync runs: found at the next, it means that one was cut off.
    unfinished: bool,
}

impl ReplicaState {
    /// How long ago the replica was up to date.
    pub fn age(&self) -> Option<Duration> {
        let synced_at = Duration::from_millis(self.synced_at_ms?);
        Some(now().saturating_sub(synced_at))
    }
}

/// A replica that could not be brought up to date. What it had stays readable.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error("the server {server} did not answer within {seconds} s")]
    Deadline { server: String, seconds: u64 },
    #[error("its token has ended; `zenith login` signs in again")]
    SignInAgain,
    #[error("another zenith is synchronising this catalog")]
    Busy,
    #[error("cannot synchronise with {server}: {source}")]
    Server { server: String, source: libsql::Error },
    #[error("cannot keep the replica {path}: {source}")]
    Disk { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

impl Replica {
    /// The replica at `path`, whether or not it exists yet.
    pub fn at(path: PathBuf) -> Replica {
        Replica { path }
    }

    /// Opens it for reading, without asking any server. `None` where it was never synchronised.
    pub async fn catalog(&self) -> Result<Option<Catalog>, CatalogError> {
        if self.state().synced_at_ms.is_none() || !self.path.exists() {
            return Ok(None);
        }
        let name = self.path.display().to_string();
        let fail = |source| CatalogError::Database { attempted: "open", name: name.clone(), source };
        let database = libsql::Builder::new_local(&self.path)
            .flags(OpenFlags::SQLITE_OPEN_READ_WRITE)
            .build()
            .await
            .map_err(fail)?;
        let connection = database.connect().map_err(fail)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(fail)?;
        // The one who synchronises is the only one who writes; a reader does not even tidy the log.
        connection
            .execute_batch("PRAGMA query_only = 1; PRAGMA wal_autocheckpoint = 0;")
            .await
            .map_err(fail)?;
        match query_one_integer(&connection, "PRAGMA user_version").await.map_err(fail)? {
            Some(SCHEMA_VERSION) => Ok(Some(Catalog::over(name, Kind::Embedded, database, connection))),
            // A database in which nobody has made the tables yet.
            Some(0) | None => Ok(None),
            Some(found) => Err(CatalogError::OtherSchema { name, found }),
        }
    }

    /// Brings it up to date within `deadline`. One process at a time does; a damaged replica is set
    /// aside and fetched anew.
    pub async fn sync(&self, server: &Server, deadline: Duration) -> Result<Synced, SyncError> {
        let disk = |source| SyncError::Disk { path: self.path.clone(), source };
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).map_err(disk)?;
        }
        let lock = File::create(self.beside("-lock")).map_err(disk)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(SyncError::Busy),
            Err(TryLockError::Error(source)) => return Err(disk(source)),
        }
        let before = self.state();
        let damaged = self.path.exists() && self.is_damaged(&before).await;
        if damaged {
            self.set_aside().map_err(disk)?;
        }
        let checked_at_ms =
            if damaged || !before.needs_check() { before.checked_at_ms } else { Some(now_ms()) };
        self.keep(&ReplicaState { unfinished: true, checked_at_ms, ..before.clone() }).map_err(disk)?;
        let pulled = match tokio::time::timeout(deadline, self.pull(server, damaged)).await {
            Ok(pulled) => pulled,
            Err(_) => Err(SyncError::Deadline { server: server.name(), seconds: deadline.as_secs() }),
        };
        let state = match &pulled {
            Ok(synced) => ReplicaState {
                frame: synced.frame,
                synced_at_ms: Some(now_ms()),
                lag: synced.frames,
                error: None,
                checked_at_ms: checked_at_ms.or(Some(now_ms())),
                unfinished: false,
            },
            // What was set aside is gone until a sync succeeds.
            Err(error) => ReplicaState {
                synced_at_ms: if damaged { None } else { before.synced_at_ms },
                error: Some(error.to_string()),
                checked_at_ms,
                unfinished: true,
                ..before
            },
        };
        self.keep(&state).map_err(disk)?;
        pulled
    }

    async fn pull(&self, server: &Server, mut fetched_anew: bool) -> Result<Synced, SyncError> {
        let fail = |source| SyncError::Server { server: server.name(), source };
        // A file whose log is not the server's, or that lost its companion, cannot go on: it is set
        // aside once, and the whole database fetched.
        let mut database = server.open_replica(&self.path).await;
        let incompatible = match &database {
            Err(error) => is_incompatible(error),
            Ok(_) => false,
        };
        if incompatible {
            drop(database);
            self.set_aside().map_err(|source| SyncError::Disk { path: self.path.clone(), source })?;
            fetched_anew = true;
            database = server.open_replica(&self.path).await;
        }
        let database = database.map_err(fail)?;
        let replicated = match database.sync().await {
            Err(error) if is_incompatible(&error) && !fetched_anew => {
                drop(database);
                self.set_aside().map_err(|source| SyncError::Disk { path: self.path.clone(), source })?;
                let database = server.open_replica(&self.path).await.map_err(fail)?;
                fetched_anew = true;
                database.sync().await.map_err(fail)?
            }
            other => other.map_err(fail)?,
        };
        let frames = u64::try_from(replicated.frames_synced()).unwrap_or(u64::MAX);
        Ok(Synced { frame: replicated.frame_no(), frames, fetched_anew })
    }

    /// Where it stands; the state of a replica that never was, where there is none or it cannot be
    /// read.
    pub fn state(&self) -> ReplicaState {
        let text = std::fs::read_to_string(self.beside("-state.json")).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Removes it from this machine.
    pub fn remove(&self) -> std::io::Result<()> {
        for companion in COMPANIONS.into_iter().chain(["-state.json"]) {
            match std::fs::remove_file(self.beside(companion)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    async fn is_damaged(&self, state: &ReplicaState) -> bool {
        if !state.needs_check() {
            return false;
        }
        match self.catalog().await {
            Ok(Some(catalog)) => catalog.check().await.is_err(),
            Ok(None) | Err(CatalogError::OtherSchema { .. }) => false,
            Err(_) => true,
        }
    }

    /// Moves the files away, under a name that says when, and keeps one such copy.
    fn set_aside(&self) -> std::io::Result<()> {
        for companion in COMPANIONS {
            let from = self.beside(companion);
            if from.exists() {
                std::fs::rename(&from, self.beside(&format!(".damaged{companion}")))?;
            }
        }
        Ok(())
    }

    /// Writes the state whole or not at all.
    fn keep(&self, state: &ReplicaState) -> std::io::Result<()> {
        let text = serde_json::to_string(state)?;
        let written = self.beside("-state.json.new");
        std::fs::write(&written, text)?;
        std::fs::rename(written, self.beside("-state.json"))
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.as_os_str().to_os_string();
        name.push(suffix);
        PathBuf::from(name)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl ReplicaState {
    fn needs_check(&self) -> bool {
        let checked = self.checked_at_ms.map(Duration::from_millis);
        self.unfinished || checked.is_none_or(|at| now().saturating_sub(at) > CHECK_EVERY)
    }
}

/// Whether an error means that the files here cannot become the server's database any more. libSQL
/// gives these as text inside an opaque error.
fn is_incompatible(error: &libsql::Error) -> bool {
    let text = error.to_string();
    [
        "wal_index",
        "nvalid meta file",
        "nvalid log id",
        "incompatible with log",
        "not a database",
        "malformed",
        "disk image",
    ]
    .iter()
    .any(|sign| text.contains(sign))
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn now_ms() -> u64 {
    u64::try_from(now().as_millis()).unwrap_or(u64::MAX)
}
