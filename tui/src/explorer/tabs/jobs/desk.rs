//! Where the jobs are read and changed: opened once, and anew after something went wrong.

use std::fmt;

use zenith_core::jobs::Store;
use zenith_core::{JobsKept, Zenith};

/// The jobs as they were opened last; what is empty is opened by whoever needs it.
#[derive(Clone, Default)]
pub struct Desk(Option<(Store, JobsKept)>);

impl Desk {
    pub fn of(store: Store, kept: JobsKept) -> Desk {
        Desk(Some((store, kept)))
    }

    /// The jobs of whoever is signed in, else those of this machine.
    pub async fn opened(self, zenith: &Zenith) -> Result<(Store, JobsKept), String> {
        match self.0 {
            Some(opened) => Ok(opened),
            None => zenith.jobs().await.map_err(|error| error.to_string()),
        }
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Desk").field(&self.0.as_ref().map(|(_, kept)| kept)).finish()
    }
}
