//! What lies on a shelf: written with each commit of the text index, so that text, vectors and this
//! list change together or not at all.

use serde::{Deserialize, Serialize};

use crate::package::PackageId;

/// Raised when fields, analyzers or the vector files change; another number is rebuilt.
pub const FORMAT: u32 = 3;

/// The packages of one shelf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// The ordinal that the next package gets; none is used twice.
    pub next_ordinal: u32,
    pub packages: Vec<Shelved>,
}

/// One package on a shelf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelved {
    pub ordinal: u32,
    #[serde(flatten)]
    pub id: PackageId,
    /// The dataset that the rows came from.
    pub dataset: String,
    /// The model that made the vectors.
    pub model: String,
    pub rows: u32,
}

impl Manifest {
    pub fn empty() -> Manifest {
        Manifest { format: FORMAT, next_ordinal: 0, packages: Vec::new() }
    }

    /// Takes a package off the list; returns it where it was there.
    pub fn take(&mut self, id: &PackageId) -> Option<Shelved> {
        let at = self.packages.iter().position(|shelved| shelved.id == *id)?;
        Some(self.packages.swap_remove(at))
    }
}

impl Shelved {
    /// The name of the file that holds the vectors: the attempt's, which is the last part of the
    /// dataset's place.
    pub fn vector_file(&self) -> String {
        let attempt = self.dataset.rsplit('/').next().unwrap_or(&self.dataset);
        format!("{attempt}.vectors")
    }
}
