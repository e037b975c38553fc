//! Where the runner gets its labs from.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::backend::Backend;
use crate::lab::{Lab, LabError, LabOptions};

/// Starts and closes labs. The runner closes each lab that it started, once.
pub trait Labs: Send + Sync {
    /// Starts a lab on this backend.
    fn start(&self, backend: Backend) -> BoxFuture<'_, Result<Arc<Lab>, LabError>>;

    /// Closes it; where it is kept, tells how to look again.
    fn close(&self, lab: Arc<Lab>, keep: bool) -> BoxFuture<'_, Option<String>>;
}

/// Labs of real components.
pub struct RealLabs(pub LabOptions);

impl Labs for RealLabs {
    fn start(&self, backend: Backend) -> BoxFuture<'_, Result<Arc<Lab>, LabError>> {
        async move { Lab::start(backend, &self.0).await.map(Arc::new) }.boxed()
    }

    fn close(&self, lab: Arc<Lab>, keep: bool) -> BoxFuture<'_, Option<String>> {
        async move { lab.close(keep).await }.boxed()
    }
}
