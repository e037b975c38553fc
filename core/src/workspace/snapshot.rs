//! The document at one moment, as rows: what the databases are made from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::row::{Problem, Row};

/// All rows of a document after one of its commits. Cheap to keep: rows are shared between moments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// The id of the document.
    pub document: String,
    /// How many commits this process has seen; a later moment has a higher one.
    pub generation: u64,
    /// Rows by table and id. A table without rows may be missing.
    pub tables: BTreeMap<&'static str, BTreeMap<String, Arc<Row>>>,
    /// By table and id: a row may have several.
    pub problems: BTreeMap<(String, String), Vec<Problem>>,
}

/// What differs between two moments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows that came, changed, went, or became a problem, by table and id.
    pub rows: BTreeSet<(&'static str, String)>,
}

impl Snapshot {
    /// The row of a table by its id.
    pub fn row(&self, table: &str, id: &str) -> Option<&Arc<Row>> {
        self.tables.get(table)?.get(id)
    }
}
