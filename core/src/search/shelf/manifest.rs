//! What lies on a shelf: written with each commit of the text index, so that text, vectors and this
//! list change together or not at all.

use serde::{Deserialize, Serialize};

use crate::package::PackageId;

/// Raised when fields, analyzers or the files beside change; another number is rebuilt.
pub const FORMAT: u32 = 5;

/// The packages of one shelf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// The table whose tokens the files of traits hold.
    #[serde(default)]
    pub table: String,
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
    /// A list without packages, of the layout and the table that this program writes.
    pub fn empty(table: &str) -> Manifest {
        Manifest { format: FORMAT, table: table.to_string(), next_ordinal: 0, packages: Vec::new() }
    }

    /// Whether this program can read what the list speaks of.
    pub fn is_current(&self, table: &str) -> bool {
        self.format == FORMAT && self.table == table
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
        format!("{}.vectors", self.attempt())
    }

    /// The name of the file that holds the traits, beside the vectors.
    pub fn trait_file(&self) -> String {
        format!("{}.traits", self.attempt())
    }

    fn attempt(&self) -> &str {
        self.dataset.rsplit('/').next().unwrap_or(&self.dataset)
    }
}
