//! A copy of a server's catalog on this machine: read at any time, also offline; brought up to date
//! when asked; fetched again when it is damaged. It holds nothing that the server does not hold, so
//! nothing is lost with it.
//!
//! A sync writes its files and nothing else does: readers open them for reading alone, which also keeps
//! them from tidying the log away under a sync as the last to close. What a sync left is remembered with
//! its state, so that a file that is missing, emptied, restored or written to by others is noticed by the
//! next one. It fetches the whole database into files beside, checks those, and puts them in place of the
//! old ones: a copy that is in doubt is read until there is a better one.
//!
//! # Decisions
//!
//! - **A replica is read as a plain SQLite file by every process, and written by one.** libSQL's replica
//!   handle is opened for the time of a sync, under a lock; J2 reads from another process during the syncs.
//! - **A replica is checked whole once a day, and when a sync did not end well.** The log's identity decides
//!   whether a file goes on: a server that was set up again is a new log.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libsql::OpenFlags;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep, timeout_at};

use super::files::{self, Files, beside};
use super::trouble::Trouble;
use super::{BUSY_TIMEOUT, Catalog, CatalogError, SCHEMA_VERSION, Server, failed, query_one_integer};
use crate::holder::Alone;
use crate::task::alone;

/// A replica is checked whole when it was not for this long, or when a sync did not end well.
const CHECK_EVERY: Duration = Duration::from_secs(24 * 3600);
/// Between two looks whether another process has let go.
const PAUSE: Duration = Duration::from_millis(25);

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
    /// Its files as they were left; none where that is not known.
    #[serde(default)]
    left: Option<Files>,
}

impl ReplicaState {
    /// How long ago the replica was up to date.
    pub fn age(&self) -> Option<Duration> {
        let synced_at = Duration::from_millis(self.synced_at_ms?);
        Some(now().saturating_sub(synced_at))
    }

    fn needs_check(&self) -> bool {
        let checked = self.checked_at_ms.map(Duration::from_millis);
        self.unfinished
            || self.left.is_none()
            || checked.is_none_or(|at| now().saturating_sub(at) > CHECK_EVERY)
    }
}

/// Why what a replica holds is not to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    #[error("its file is missing or empty")]
    Lost,
    #[error("its files were changed since it was synchronised")]
    Changed,
    #[error("its file does not read whole")]
    Damaged,
}

/// A replica that could not be brought up to date. What it had stays readable.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error("the server {server} did not answer within {seconds} s")]
    Deadline { server: String, seconds: u64 },
    #[error("its token has ended; `zenith login` signs in again")]
    SignInAgain,
    #[error("another zenith is synchronising this catalog, and did not end in time")]
    Busy,
    #[error("cannot synchronise with {server}: {source}")]
    Server { server: String, source: Trouble },
    #[error("cannot keep the replica {path}: {source}")]
    Disk { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

/// What a file of the replica turned out to be.
enum Opened {
    Catalog(Box<Catalog>),
    /// A database in which nobody has made the tables yet.
    Bare,
}

impl Replica {
    /// The replica at `path`, whether or not it exists yet.
    pub fn at(path: PathBuf) -> Replica {
        Replica { path }
    }

    /// Opens it for reading, without asking any server. `None` where it was never synchronised, or holds
    /// no tables yet; one that has lost its file is an error, never an empty catalog.
    pub async fn catalog(&self) -> Result<Option<Catalog>, CatalogError> {
        let state = self.state();
        if state.synced_at_ms.is_none() {
            return Ok(None);
        }
        if is_lost(&Files::at(&self.path), &state) {
            return Err(self.doubted(Doubt::Lost));
        }
        match self.open().await {
            Ok(Opened::Catalog(catalog)) => Ok(Some(*catalog)),
            Ok(Opened::Bare) => Ok(None),
            Err(error @ CatalogError::OtherSchema { .. }) => Err(error),
            Err(CatalogError::Database { source: Trouble::Damaged, .. }) => Err(self.doubted(Doubt::Damaged)),
            Err(error) => Err(error),
        }
    }

    /// Whether it was synchronised and has no database any more, by a look at its folder alone.
    pub fn is_lost(&self) -> Option<Doubt> {
        is_lost(&Files::at(&self.path), &self.state()).then_some(Doubt::Lost)
    }

    /// Whether anything but a sync did something to its files since the last one, as far as that shows
    /// without a look inside. It may be as good as before: the next sync makes sure.
    pub fn is_changed(&self) -> Option<Doubt> {
        // While a sync runs, they change, and the state does not tell how they were left.
        let (before, files, after) = (self.state(), Files::at(&self.path), self.state());
        (before == after && after.left.is_some_and(|left| left != files)).then_some(Doubt::Changed)
    }

    /// Looks at it whole, without asking any server.
    pub async fn examine(&self) -> Option<Doubt> {
        self.doubt(&self.state(), true).await
    }

    /// Takes it out of use, so that the next sync fetches all of it.
    pub async fn give_up(&self) -> Result<(), SyncError> {
        let disk = |source| SyncError::Disk { path: self.path.clone(), source };
        let _lock = self.lock(Instant::now()).await?;
        self.set_aside().map_err(disk)?;
        self.keep(&ReplicaState::default()).map_err(disk)
    }

    /// Brings it up to date within `deadline`. One process at a time does; a damaged replica is set
    /// aside when it was fetched anew.
    pub async fn sync(&self, server: &Server, deadline: Duration) -> Result<Synced, SyncError> {
        self.bring(server, deadline, false).await
    }

    /// The same; where it is to be `whole`, it is checked first, however lately it was.
    pub(super) async fn bring(
        &self,
        server: &Server,
        deadline: Duration,
        whole: bool,
    ) -> Result<Synced, SyncError> {
        let disk = |source| SyncError::Disk { path: self.path.clone(), source };
        let end = Instant::now() + deadline;
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).map_err(disk)?;
        }
        let _lock = self.lock(end).await?;
        let before = self.state();
        let is_checked = whole || before.needs_check();
        let doubted = self.doubt(&before, whole).await.is_some();
        let log = self.log_id();
        // What was in doubt before is so still, until it was fetched.
        let left = before.left.filter(|_| doubted);
        self.keep(&ReplicaState { unfinished: true, left, ..before.clone() }).map_err(disk)?;
        let pulled = match timeout_at(end, guarded(self.clone(), server.clone(), doubted)).await {
            Ok(pulled) => pulled,
            Err(_) => Err(SyncError::Deadline { server: server.name(), seconds: deadline.as_secs() }),
        };
        let pulled = match pulled {
            Err(error) => Err(better_told(error, server).await),
            // Of another log, whatever was here is replaced all the same.
            Ok(synced) if log.is_some_and(|log| self.log_id() != Some(log)) => {
                Ok(Synced { fetched_anew: true, ..synced })
            }
            ok => ok,
        };
        let checked_at_ms = if is_checked { Some(now_ms()) } else { before.checked_at_ms };
        let state = match &pulled {
            Ok(synced) => ReplicaState {
                frame: synced.frame,
                synced_at_ms: Some(now_ms()),
                lag: synced.frames,
                error: None,
                checked_at_ms,
                unfinished: false,
                left: Some(Files::at(&self.path)),
            },
            Err(error) => ReplicaState {
                error: Some(error.to_string()),
                unfinished: true,
                left: match error {
                    _ if doubted => left,
                    // It may be at work for a moment longer.
                    SyncError::Deadline { .. } => None,
                    _ => Some(Files::at(&self.path)),
                },
                ..before
            },
        };
        self.keep(&state).map_err(disk)?;
        pulled
    }

    async fn pull(&self, server: &Server, doubted: bool) -> Result<Synced, SyncError> {
        let fail = |error: libsql::Error| SyncError::Server { server: server.name(), source: error.into() };
        if !doubted {
            match self.replicate(server).await {
                Ok((frame, frames)) => return Ok(Synced { frame, frames, fetched_anew: false }),
                // A file whose log is not the server's, or that lost its companion, cannot go on.
                Err(error) if is_incompatible(&error) => {}
                Err(error) => return Err(fail(error)),
            }
        }
        let disk = |source| SyncError::Disk { path: self.path.clone(), source };
        let fresh = Replica::at(beside(&self.path, ".new"));
        // What an earlier attempt brought is gone on from, where it is sound.
        if fresh.doubt(&ReplicaState::default(), true).await.is_some() {
            fresh.remove().map_err(disk)?;
        }
        let replicated = match fresh.replicate(server).await {
            Err(error) if is_incompatible(&error) => {
                fresh.remove().map_err(disk)?;
                fresh.replicate(server).await
            }
            other => other,
        };
        let (frame, frames) = replicated.map_err(fail)?;
        if let Some(doubt) = fresh.doubt(&ReplicaState { frame, ..ReplicaState::default() }, true).await {
            fresh.remove().map_err(disk)?;
            return Err(self.doubted(doubt).into());
        }
        self.set_aside().map_err(disk)?;
        self.take(&fresh).map_err(disk)?;
        Ok(Synced { frame, frames, fetched_anew: true })
    }

    /// Follows the server's log into the files here: the frame that was reached, and how many came. Who
    /// reads may hold the file for a moment; that is waited for.
    async fn replicate(&self, server: &Server) -> Result<(Option<u64>, u64), libsql::Error> {
        loop {
            match self.follow(server).await {
                Err(error) if Trouble::from(&error) == Trouble::Busy => sleep(PAUSE).await,
                other => return other,
            }
        }
    }

    async fn follow(&self, server: &Server) -> Result<(Option<u64>, u64), libsql::Error> {
        let database = server.open_replica(&self.path).await?;
        let replicated = database.sync().await?;
        let frames = u64::try_from(replicated.frames_synced()).unwrap_or(u64::MAX);
        Ok((replicated.frame_no(), frames))
    }

    /// Where it stands; the state of a replica that never was, where there is none or it cannot be
    /// read.
    pub fn state(&self) -> ReplicaState {
        let text = std::fs::read_to_string(beside(&self.path, "-state.json")).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Removes it from this machine.
    pub fn remove(&self) -> std::io::Result<()> {
        for suffix in files::SUFFIXES.into_iter().chain(["-state.json"]) {
            let path = beside(&self.path, suffix);
            let removed =
                if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
            match removed {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Why it is not to be gone on from; `whole` looks inside, however lately that was done.
    async fn doubt(&self, state: &ReplicaState, whole: bool) -> Option<Doubt> {
        let files = Files::at(&self.path);
        if files.database.is_empty() {
            return is_lost(&files, state).then_some(Doubt::Lost);
        }
        if state.left.is_some_and(|left| left != files) {
            return Some(Doubt::Changed);
        }
        if !whole && !state.needs_check() {
            return None;
        }
        match self.open().await {
            Ok(Opened::Catalog(catalog)) => catalog.check().await.is_err().then_some(Doubt::Damaged),
            Ok(Opened::Bare) | Err(CatalogError::OtherSchema { .. }) => None,
            Err(_) => Some(Doubt::Damaged),
        }
    }

    async fn open(&self) -> Result<Opened, CatalogError> {
        let name = self.path.display().to_string();
        let fail = |error| failed("open", &name, error);
        let database = libsql::Builder::new_local(&self.path)
            .flags(OpenFlags::SQLITE_OPEN_READ_ONLY)
            .build()
            .await
            .map_err(fail)?;
        let connection = database.connect().map_err(fail)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(fail)?;
        match query_one_integer(&connection, "PRAGMA user_version").await.map_err(fail)? {
            Some(SCHEMA_VERSION) => {
                Ok(Opened::Catalog(Box::new(Catalog::in_file(name, database, connection))))
            }
            Some(0) | None => Ok(Opened::Bare),
            Some(found) => Err(CatalogError::OtherSchema { name, found }),
        }
    }

    fn doubted(&self, doubt: Doubt) -> CatalogError {
        CatalogError::Copy { name: self.path.display().to_string(), doubt }
    }

    /// Waits until no other process synchronises it.
    async fn lock(&self, end: Instant) -> Result<Alone, SyncError> {
        let disk = |source| SyncError::Disk { path: self.path.clone(), source };
        loop {
            match Alone::take(&beside(&self.path, "-lock")).map_err(disk)? {
                Some(alone) => return Ok(alone),
                None if Instant::now() < end => sleep(PAUSE).await,
                None => return Err(SyncError::Busy),
            }
        }
    }

    /// Moves the files away, under a name that says why, and keeps one such copy.
    fn set_aside(&self) -> std::io::Result<()> {
        for suffix in files::SUFFIXES {
            let (from, to) = (beside(&self.path, suffix), beside(&self.path, &format!(".damaged{suffix}")));
            if to.is_dir() {
                std::fs::remove_dir_all(&to)?;
            }
            match std::fs::rename(from, to) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Takes the files of another replica over; those of this one are away. The companion comes last: one
    /// without it is fetched again, one before its database would be ahead of it.
    fn take(&self, fresh: &Replica) -> std::io::Result<()> {
        for suffix in ["", "-wal", "-client_wal_index"] {
            match std::fs::rename(beside(&fresh.path, suffix), beside(&self.path, suffix)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fresh.remove()
    }

    /// Which log it follows, as its companion begins: a server that was set up again has another one.
    fn log_id(&self) -> Option<[u8; 16]> {
        let companion = std::fs::read(beside(&self.path, "-client_wal_index")).ok()?;
        companion.first_chunk().copied()
    }

    /// Writes the state whole or not at all.
    fn keep(&self, state: &ReplicaState) -> std::io::Result<()> {
        let text = serde_json::to_string(state)?;
        let written = beside(&self.path, "-state.json.new");
        std::fs::write(&written, text)?;
        std::fs::rename(written, beside(&self.path, "-state.json"))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A pull that libSQL may panic over: it takes some answers of servers for impossible.
async fn guarded(replica: Replica, server: Server, doubted: bool) -> Result<Synced, SyncError> {
    let name = server.name();
    let pulled = alone(async move { replica.pull(&server, doubted).await }).await;
    pulled.unwrap_or(Err(SyncError::Server { server: name, source: Trouble::Stopped }))
}

/// What happened, where libSQL does not say: it calls every failed handshake a timeout, and tries again
/// until the deadline. The server is asked one small thing, which tells.
async fn better_told(error: SyncError, server: &Server) -> SyncError {
    match &error {
        SyncError::Deadline { .. } | SyncError::Server { source: Trouble::NoLog | Trouble::Stopped, .. } => {
            match server.trouble().await {
                Some(source) => SyncError::Server { server: server.name(), source },
                None => error,
            }
        }
        _ => error,
    }
}

/// Whether there was a database once, and is none any more.
fn is_lost(files: &Files, state: &ReplicaState) -> bool {
    files.database.is_empty() && (state.frame.is_some() || !files.companion.is_empty())
}

/// Whether an error means that the files here cannot become the server's database any more.
fn is_incompatible(error: &libsql::Error) -> bool {
    matches!(Trouble::from(error), Trouble::Damaged | Trouble::Incompatible)
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn now_ms() -> u64 {
    u64::try_from(now().as_millis()).unwrap_or(u64::MAX)
}
