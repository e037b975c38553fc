//! A row as everything behind the document sees it, and what is told of one that is none.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::table::Table;

/// A row that is as its table says.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub id: String,
    /// One a column of its table, in the table's order.
    pub values: Vec<Value>,
    /// Fields that its table does not know: another version's, kept as they are.
    pub extra: Map<String, Json>,
}

/// What stands in one column of a row, by the column's kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Value {
    #[default]
    None,
    /// Of `Text` and `Body`.
    Text(String),
    /// Of `Integer` and `Time`.
    Integer(i64),
    Flag(bool),
    Words(BTreeSet<String>),
}

impl Row {
    /// What stands in a column of its table.
    pub fn value(&self, table: &Table, column: &str) -> &Value {
        let at = table.columns.iter().position(|one| one.name == column);
        at.and_then(|at| self.values.get(at)).unwrap_or(&Value::None)
    }
}

/// What is wrong with a row of the document. The row stands in no table; all others do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Problem {
    pub table: String,
    pub id: String,
    /// The field; `None` where the row is no row at all.
    pub field: Option<String>,
    /// Untrusted where it quotes: a peer may have written it.
    pub why: String,
}
