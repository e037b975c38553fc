//! What is done to rows from here. All of an edit is checked before a transaction is opened: a transaction that is let go
//! of commits what it has.

use std::collections::BTreeSet;

use yrs::{GetString, In, Map, MapPrelim, MapRef, Out, Text, TextPrelim, TextRef, Transact, TransactionMut};

use super::super::row::Value;
use super::super::table::{Column, Kind, Table, table};
use super::conform::INTEGERS;
use super::{BODY_BYTES_MAX, ROWS_MAX, Replica, words};

/// Something that is done to one row. `Value::None` takes a field away.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// A row under an id of [`super::new_id`].
    Create {
        table: &'static str,
        id: String,
        values: Vec<(&'static str, Value)>,
    },
    /// Some fields of a row; the others stay, and so does what others write into them meanwhile.
    Set {
        table: &'static str,
        id: String,
        values: Vec<(&'static str, Value)>,
    },
    Remove {
        table: &'static str,
        id: String,
    },
}

/// An edit that cannot be made. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    #[error("there is no table {0}")]
    NoTable(String),
    #[error("{table} has no column {column}")]
    NoColumn { table: &'static str, column: String },
    #[error("{column} of {table} takes another kind of value")]
    Kind { table: &'static str, column: &'static str },
    #[error("{table} wants {column}")]
    Missing { table: &'static str, column: &'static str },
    #[error("{0} is no longer there")]
    Gone(String),
    #[error("{0} is there already")]
    There(String),
    #[error("{column} has {bytes} bytes, more than the {BODY_BYTES_MAX} that a text may have")]
    Long { column: &'static str, bytes: usize },
    #[error("there are {ROWS_MAX} rows, and no more are kept")]
    Full,
}

impl Edit {
    fn row(&self) -> (&'static str, &str) {
        match self {
            Edit::Create { table, id, .. } | Edit::Set { table, id, .. } | Edit::Remove { table, id } => {
                (table, id)
            }
        }
    }
}

impl Replica {
    /// Makes edits, all of them or none. Returns the update that tells others, empty where nothing changed.
    pub fn edit(&mut self, edits: &[Edit]) -> Result<Vec<u8>, EditError> {
        self.check(edits)?;
        let mut txn = self.doc.transact_mut();
        for edit in edits {
            let (name, id) = edit.row();
            let Some((table, root)) = self.roots.iter().find(|(table, _)| table.name == name) else {
                continue;
            };
            match edit {
                Edit::Remove { .. } => {
                    root.remove(&mut txn, id);
                }
                Edit::Create { values, .. } => {
                    let row = root.insert(&mut txn, id.to_owned(), MapPrelim::default());
                    set_all(table, &row, values, &mut txn);
                }
                Edit::Set { values, .. } => {
                    if let Some(Out::YMap(row)) = root.get(&txn, id) {
                        set_all(table, &row, values, &mut txn);
                    }
                }
            }
        }
        let update = if txn.has_changes() { txn.encode_update_v1() } else { Vec::new() };
        drop(txn);
        self.refresh();
        Ok(update)
    }

    /// Whether edits could be made.
    fn check(&self, edits: &[Edit]) -> Result<(), EditError> {
        let txn = self.doc.transact();
        let mut created = BTreeSet::new();
        for edit in edits {
            let (name, id) = edit.row();
            let table = table(name).ok_or_else(|| EditError::NoTable(name.to_owned()))?;
            let root = self.roots.iter().find(|(one, _)| one.name == name).map(|(_, root)| root);
            let found = root.and_then(|root| root.get(&txn, id));
            match edit {
                Edit::Create { .. } if found.is_some() || !created.insert((name, id)) => {
                    return Err(EditError::There(id.to_owned()));
                }
                Edit::Create { values, .. } => {
                    let has = |column: &&Column| {
                        values.iter().any(|(name, value)| *name == column.name && *value != Value::None)
                    };
                    let required = table.columns.iter().filter(|column| column.is_required);
                    if let Some(column) = required.clone().find(|column| !has(column)) {
                        return Err(EditError::Missing { table: table.name, column: column.name });
                    }
                    check_all(table, values)?;
                }
                Edit::Set { values, .. } => {
                    if !matches!(found, Some(Out::YMap(_))) && !created.contains(&(name, id)) {
                        return Err(EditError::Gone(id.to_owned()));
                    }
                    check_all(table, values)?;
                }
                Edit::Remove { .. } if found.is_none() => return Err(EditError::Gone(id.to_owned())),
                Edit::Remove { .. } => {}
            }
        }
        match self.row_count() + created.len() {
            count if count > ROWS_MAX && !created.is_empty() => Err(EditError::Full),
            _ => Ok(()),
        }
    }
}

fn check_all(table: &'static Table, values: &[(&'static str, Value)]) -> Result<(), EditError> {
    for (name, value) in values {
        let column = column(table, name)
            .ok_or_else(|| EditError::NoColumn { table: table.name, column: (*name).to_owned() })?;
        let fits = match (column.kind, value) {
            (_, Value::None) if column.is_required => {
                return Err(EditError::Missing { table: table.name, column: column.name });
            }
            (Kind::Text | Kind::Body, Value::Text(text)) if text.len() > BODY_BYTES_MAX => {
                return Err(EditError::Long { column: column.name, bytes: text.len() });
            }
            (Kind::Integer | Kind::Time, Value::Integer(integer)) => INTEGERS.contains(integer),
            (_, Value::None)
            | (Kind::Text | Kind::Body, Value::Text(_))
            | (Kind::Flag, Value::Flag(_))
            | (Kind::Words, Value::Words(_)) => true,
            _ => false,
        };
        if !fits {
            return Err(EditError::Kind { table: table.name, column: column.name });
        }
    }
    Ok(())
}

fn column(table: &'static Table, name: &str) -> Option<&'static Column> {
    table.columns.iter().find(|column| column.name == name)
}

/// Writes values that were checked.
fn set_all(
    table: &'static Table,
    row: &MapRef,
    values: &[(&'static str, Value)],
    txn: &mut TransactionMut<'_>,
) {
    for (name, value) in values {
        let kind = column(table, name).map(|column| column.kind);
        match (kind, value) {
            (_, Value::None) => {
                if row.get(txn, name).is_some() {
                    row.remove(txn, name);
                }
            }
            (Some(Kind::Body), Value::Text(text)) => set_body(row, name, text, txn),
            (_, Value::Text(text)) => {
                row.try_update(txn, *name, text.as_str());
            }
            // As a float: JavaScript takes a large integer for another kind of number.
            #[expect(clippy::cast_precision_loss, reason = "checked to be one that a float holds")]
            (_, Value::Integer(integer)) => {
                row.try_update(txn, *name, *integer as f64);
            }
            (_, Value::Flag(is_set)) => {
                row.try_update(txn, *name, *is_set);
            }
            (_, Value::Words(wanted)) => {
                let words = match row.get(txn, name) {
                    Some(Out::YMap(words)) => words,
                    _ if wanted.is_empty() => continue,
                    _ => row.insert(txn, *name, MapPrelim::default()),
                };
                let there: BTreeSet<String> = words.keys(txn).map(str::to_owned).collect();
                for word in there.difference(wanted) {
                    words.remove(txn, word);
                }
                for word in wanted {
                    words.try_update(txn, word.as_str(), true);
                }
            }
        }
    }
}

/// Changes a text where it differs, so that what others write elsewhere in it stays.
fn set_body(row: &MapRef, name: &str, wanted: &str, txn: &mut TransactionMut<'_>) {
    let there = match row.get(txn, name) {
        Some(Out::YText(text)) => Some((text.get_string(txn), text)),
        _ => None,
    };
    match there {
        Some((current, text)) if is_text_alone(&text, &current, txn) => {
            // From the end, so that the places before stay what they are.
            for change in words::changes(&current, wanted).into_iter().rev() {
                let (Ok(at), Ok(bytes)) = (u32::try_from(change.at.start), u32::try_from(change.at.len()))
                else {
                    continue;
                };
                if bytes > 0 {
                    text.remove_range(txn, at, bytes);
                }
                text.insert(txn, at, &change.put);
            }
        }
        // Something else stands there, or the text has pictures in it, whose places count and whose letters do not.
        _ => {
            row.insert(txn, name.to_owned(), In::from(TextPrelim::new(wanted)));
        }
    }
}

fn is_text_alone(text: &TextRef, current: &str, txn: &TransactionMut<'_>) -> bool {
    usize::try_from(text.len(txn)).is_ok_and(|bytes| bytes == current.len())
}
