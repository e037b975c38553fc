//! What the owner of the document is asked, and what it tells of its log.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::document::Edit;
use super::error::{Refusal, WorkspaceError};
use super::snapshot::Snapshot;

/// How the log is.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Health {
    /// Records whose bytes are not those that were written: left out, kept as they are.
    pub damaged_records: Vec<i64>,
    /// Snapshots likewise, each by its last record. Records since the one before are kept, so that nothing is lost.
    pub damaged_snapshots: Vec<i64>,
    /// No snapshot can be read, and what was written up to this record was in them alone.
    pub lost_upto: Option<i64>,
    /// Something came whose predecessors have not: it shows when they do.
    pub is_waiting: bool,
    /// Records since the last fold.
    pub records: usize,
    pub bytes: usize,
    /// Why the last fold did not succeed.
    pub fold: Option<String>,
}

/// What became of updates from elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Those that brought something.
    pub taken: usize,
    /// Those that were refused, by their place among those that came.
    pub refused: Vec<(usize, Refusal)>,
}

pub(super) enum Ask {
    Edit(Vec<Edit>, Reply<Arc<Snapshot>>),
    /// Updates from elsewhere, and the place that they came from.
    Take(Vec<Vec<u8>>, i64, Reply<Taken>),
    /// The whole document, and the last record that is in it.
    State(Reply<(Vec<u8>, i64)>),
    /// What one lacks who has this state vector.
    Lacked(Vec<u8>, Reply<Vec<u8>>),
    /// Becomes another document's.
    Join(String, Reply<()>),
    Health(Reply<Health>),
    Check(Reply<Vec<String>>),
    SetAside(Reply<u64>),
    Close(oneshot::Sender<()>),
}

pub(super) type Reply<T> = oneshot::Sender<Result<T, WorkspaceError>>;
