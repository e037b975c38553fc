//! What of a package is not in its dataset, noted beside the rows that are, so that a list of packages can tell it
//! without reading them. It lies in the table's own folder, and goes wherever that goes.

use std::fs;
use std::io::Read;

use serde::{Deserialize, Serialize};

use super::dataset::{Lake, LakeError};
use super::rows::ApiSymbol;

const FILE: &str = "left_out.json";
/// A longer note is none of ours.
const BYTES_MAX: u64 = 1024;

/// Symbols that were left out because a package has too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// How many were left out.
    pub left_out: u64,
    /// How many were taken at most.
    pub symbols_max: u64,
}

impl Lake {
    /// Notes what was left out of a dataset that is written.
    pub fn note_left_out(&self, dataset: &str, left_out: LeftOut) -> Result<(), LakeError> {
        let path = self.table::<ApiSymbol>(dataset)?.join(FILE);
        let noted = serde_json::to_vec(&left_out).map_err(std::io::Error::other);
        noted.and_then(|text| fs::write(path, text)).map_err(|error| LakeError::Dataset {
            attempted: "note what was left out of",
            dataset: dataset.to_string(),
            why: error.to_string(),
        })
    }

    /// What was noted. `None` where nothing was, or where the note cannot be read.
    pub fn left_out(&self, dataset: &str) -> Option<LeftOut> {
        let path = self.table::<ApiSymbol>(dataset).ok()?.join(FILE);
        let mut text = Vec::new();
        fs::File::open(path).ok()?.take(BYTES_MAX).read_to_end(&mut text).ok()?;
        serde_json::from_slice(&text).ok()
    }
}
