//! Notes, as programs hold them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};

use super::ask::{Ask, Health, Reply, Taken};
use super::document::{Edit, Replica};
use super::error::{Refusal, WorkspaceError};
use super::log::HERE;
use super::owner::Owner;
use super::snapshot::Snapshot;

/// How many messages may wait for the owner.
const ASKS: usize = 64;

/// The notes of a data folder, open. Cheap to clone; all clones share one document.
#[derive(Clone)]
pub struct Workspace {
    path: PathBuf,
    asks: mpsc::Sender<Ask>,
    moments: watch::Receiver<Arc<Snapshot>>,
}

/// The document as somebody saw it when they began to write. What they write is merged with what others wrote meanwhile,
/// as if it had been written on another machine.
pub struct Draft {
    replica: Replica,
}

impl Workspace {
    /// Opens the notes below a data folder, and makes a place for them where there is none. All of the log is read.
    pub async fn open(data_dir: &Path) -> Result<Workspace, WorkspaceError> {
        let folder = data_dir.join("workspace");
        std::fs::create_dir_all(&folder)
            .map_err(|source| WorkspaceError::Folder { path: folder.clone(), source })?;
        let path = log_path(data_dir);
        let (owner, moments) = Owner::open(path.clone()).await?;
        let (asks, asked) = mpsc::channel(ASKS);
        tokio::spawn(owner.run(asked));
        Ok(Workspace { path, asks, moments })
    }

    /// The file of the log.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All rows, as of the last commit.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.moments.borrow())
    }

    /// The moment of now, and each that follows, for whoever makes something of them: see [`Snapshot::changes_since`].
    pub fn moments(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.moments.clone()
    }

    /// Makes edits, all of them or none. When it returns, they are in the log.
    pub async fn edit(&self, edits: Vec<Edit>) -> Result<Arc<Snapshot>, WorkspaceError> {
        self.ask(|reply| Ask::Edit(edits, reply)).await
    }

    /// The document as it is now, to write in for a while.
    pub async fn draft(&self) -> Result<Draft, WorkspaceError> {
        let (state, _) = self.state().await?;
        let mut replica = Replica::new(&self.snapshot().document);
        replica.apply(&state).map_err(Refusal::from)?;
        replica.refresh();
        Ok(Draft { replica })
    }

    /// Merges what was written in a draft.
    pub async fn merge(&self, mut draft: Draft, edits: &[Edit]) -> Result<Arc<Snapshot>, WorkspaceError> {
        let update = draft.replica.edit(edits)?;
        if !update.is_empty() {
            let taken = self.take(vec![update], HERE).await?;
            if let Some((_, refusal)) = taken.refused.into_iter().next() {
                return Err(refusal.into());
            }
        }
        Ok(self.snapshot())
    }

    /// Takes updates from elsewhere. They are tried on a copy first.
    pub(super) async fn take(&self, updates: Vec<Vec<u8>>, origin: i64) -> Result<Taken, WorkspaceError> {
        self.ask(|reply| Ask::Take(updates, origin, reply)).await
    }

    /// All of the document, and the last record that is in it.
    pub(super) async fn state(&self) -> Result<(Vec<u8>, i64), WorkspaceError> {
        self.ask(Ask::State).await
    }

    /// What a peer of this state vector lacks.
    pub(super) async fn lacked(&self, vector: Vec<u8>) -> Result<Vec<u8>, WorkspaceError> {
        self.ask(|reply| Ask::Lacked(vector, reply)).await
    }

    /// Becomes the notes of a place that is joined: its document's name, its rows and the ones that are here.
    pub(super) async fn join(&self, document: String) -> Result<(), WorkspaceError> {
        self.ask(|reply| Ask::Join(document, reply)).await
    }

    /// How the log is.
    pub async fn health(&self) -> Result<Health, WorkspaceError> {
        self.ask(Ask::Health).await
    }

    /// What SQLite finds wrong with the file of the log; nothing where it reads whole.
    pub async fn check(&self) -> Result<Vec<String>, WorkspaceError> {
        self.ask(Ask::Check).await
    }

    /// Puts the damaged records of the log where nobody reads them, and takes damaged folds away. Returns how many
    /// records there were.
    pub async fn set_aside(&self) -> Result<u64, WorkspaceError> {
        self.ask(Ask::SetAside).await
    }

    /// Lets go of the notes, for all clones. What was asked before is done first; nothing is written afterwards.
    pub async fn close(&self) {
        let (closed, done) = oneshot::channel();
        if self.asks.send(Ask::Close(closed)).await.is_ok() {
            let _ = done.await;
        }
    }

    async fn ask<T>(&self, ask: impl FnOnce(Reply<T>) -> Ask) -> Result<T, WorkspaceError> {
        let (reply, answer) = oneshot::channel();
        self.asks.send(ask(reply)).await.map_err(|_| WorkspaceError::Closed)?;
        answer.await.map_err(|_| WorkspaceError::Closed)?
    }
}

/// The file of the log in a data folder.
pub fn log_path(data_dir: &Path) -> PathBuf {
    data_dir.join("workspace").join("log.db")
}

impl Draft {
    /// The rows as they were when the draft was begun.
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        self.replica.snapshot()
    }
}
