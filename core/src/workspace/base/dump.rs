//! What lies in a base, or should: one hash a row, by table and id.

use std::collections::{BTreeMap, BTreeSet};

use blake3::Hash;
use libsql::Value as Sql;

use super::values::{RowHash, hash_of, values};
use crate::workspace::row::Problem;
use crate::workspace::snapshot::{Changes, Snapshot};
use crate::workspace::table::{TABLES, Table, table};

/// The table of problems, which is no table of the document.
pub(super) const PROBLEMS: &str = "problems";

/// A table and the id of a row in it.
pub(super) type Key = (&'static str, String);

/// The canonical content of a base: equal dumps are equal rows, whatever way they came there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dump {
    rows: BTreeMap<Key, Hash>,
}

impl Dump {
    /// What a base of this moment holds.
    pub fn of(snapshot: &Snapshot) -> Dump {
        Dump::of_tables(TABLES, snapshot)
    }

    pub(super) fn of_tables(tables: &'static [Table], snapshot: &Snapshot) -> Dump {
        let mut dump = Dump::default();
        for table in tables {
            let hash = RowHash::new(table);
            for (id, row) in snapshot.rows(table.name) {
                dump.rows.insert((table.name, id.clone()), hash.of(&values(table, row)));
            }
        }
        for ((table, id), problems) in &snapshot.problems {
            dump.rows.insert(problem_key(table, id), hash_of_problems(problems));
        }
        dump
    }

    /// Rows and problems together.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// One hash over all of it.
    pub fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for ((table, id), hash) in &self.rows {
            for part in [table.as_bytes(), id.as_bytes()] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part);
            }
            hasher.update(hash.as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }

    /// Rows that are in one of the two alone, or not the same in both.
    pub fn differences(&self, other: &Dump) -> BTreeSet<(&'static str, String)> {
        let differs = |key: &&Key| self.rows.get(*key) != other.rows.get(*key);
        self.rows.keys().chain(other.rows.keys()).filter(differs).cloned().collect()
    }

    /// What must be changed to come from here to another. A base's problems are always brought along as a whole.
    pub(in crate::workspace) fn changes_to(&self, other: &Dump) -> Changes {
        let differences = self.differences(other).into_iter();
        Changes { rows: differences.filter(|(name, _)| table(name).is_some()).collect() }
    }

    pub(super) fn set(&mut self, key: Key, hash: Option<Hash>) {
        match hash {
            Some(hash) => self.rows.insert(key, hash),
            None => self.rows.remove(&key),
        };
    }

    pub(super) fn get(&self, key: &Key) -> Option<&Hash> {
        self.rows.get(key)
    }

    /// The rows whose problems are known here.
    pub(super) fn problems(&self) -> impl Iterator<Item = &Key> {
        self.rows.keys().filter(|(table, _)| *table == PROBLEMS)
    }
}

/// The key under which all problems of one row stand.
pub(super) fn problem_key(table: &str, id: &str) -> Key {
    (PROBLEMS, format!("{}:{table}{id}", table.len()))
}

/// The row that a key of problems is of.
pub(super) fn row_of_problem(id: &str) -> (&str, &str) {
    let (length, rest) = id.split_once(':').unwrap_or_default();
    length.parse().ok().and_then(|length| rest.split_at_checked(length)).unwrap_or_default()
}

pub(super) fn hash_of_problems(problems: &[Problem]) -> Hash {
    let values: Vec<Sql> = problems.iter().flat_map(told_of).collect();
    hash_of(&values)
}

/// What of a problem stands beside the row that it is of.
pub(super) fn told_of(problem: &Problem) -> [Sql; 2] {
    [problem.field.clone().map_or(Sql::Null, Sql::Text), Sql::Text(problem.why.clone())]
}
