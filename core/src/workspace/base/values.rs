//! A row as the values of a statement, and as a hash.

use blake3::{Hash, Hasher};
use libsql::Value as Sql;
use serde_json::{Map, Value as Json};

use super::schema::names;
use crate::workspace::row::{Row, Value};
use crate::workspace::table::Table;

/// What is bound for a row: its id, its columns in their order, and the fields that nobody here knows.
pub(super) fn values(table: &Table, row: &Row) -> Vec<Sql> {
    let columns = (0..table.columns.len()).map(|at| row.values.get(at).map_or(Sql::Null, value));
    std::iter::once(Sql::Text(row.id.clone()))
        .chain(columns)
        .chain([Sql::Text(canonical(&row.extra))])
        .collect()
}

fn value(value: &Value) -> Sql {
    match value {
        Value::None => Sql::Null,
        Value::Text(text) => Sql::Text(text.clone()),
        Value::Integer(number) => Sql::Integer(*number),
        Value::Flag(flag) => Sql::Integer(i64::from(*flag)),
        Value::Words(words) => {
            Sql::Text(Json::Array(words.iter().map(|word| word.as_str().into()).collect()).to_string())
        }
    }
}

/// JSON with the members of each object in the order of their names: equal fields are equal texts.
fn canonical(fields: &Map<String, Json>) -> String {
    let mut text = String::new();
    write_object(fields, &mut text);
    text
}

fn write_object(fields: &Map<String, Json>, text: &mut String) {
    let mut members: Vec<_> = fields.iter().collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    text.push('{');
    for (at, (name, value)) in members.into_iter().enumerate() {
        text.push_str(if at == 0 { "" } else { "," });
        text.push_str(&Json::from(name.as_str()).to_string());
        text.push(':');
        write(value, text);
    }
    text.push('}');
}

fn write(json: &Json, text: &mut String) {
    match json {
        Json::Object(fields) => write_object(fields, text),
        Json::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { "," });
                write(item, text);
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}

/// The hash of rows of one table: columns by name, each with its kind and length, none that is empty. So it does not
/// depend on the order in which columns are declared, nor on optional ones that came later.
pub(super) struct RowHash {
    order: Vec<(&'static str, usize)>,
}

impl RowHash {
    pub fn new(table: &Table) -> RowHash {
        let mut order: Vec<_> = names(table).enumerate().map(|(at, name)| (name, at)).collect();
        order.sort_unstable();
        RowHash { order }
    }

    /// Of values in the order that [`values`] has.
    pub fn of(&self, values: &[Sql]) -> Hash {
        let mut hasher = Hasher::new();
        for (name, at) in &self.order {
            let value = values.get(*at).unwrap_or(&Sql::Null);
            if !matches!(value, Sql::Null) {
                put(&mut hasher, b'n', name.as_bytes());
                put_value(&mut hasher, value);
            }
        }
        hasher.finalize()
    }
}

/// The hash of values that stand in an order of their own.
pub(super) fn hash_of(values: &[Sql]) -> Hash {
    let mut hasher = Hasher::new();
    for value in values {
        put_value(&mut hasher, value);
    }
    hasher.finalize()
}

fn put_value(hasher: &mut Hasher, value: &Sql) {
    match value {
        Sql::Null => put(hasher, b'0', &[]),
        Sql::Integer(number) => put(hasher, b'i', &number.to_le_bytes()),
        Sql::Real(number) => put(hasher, b'r', &number.to_bits().to_le_bytes()),
        Sql::Text(text) => put(hasher, b't', text.as_bytes()),
        // Texts are read as their bytes: a file that another program changed may hold what is no UTF-8.
        Sql::Blob(bytes) => put(hasher, b't', bytes),
    }
}

fn put(hasher: &mut Hasher, kind: u8, bytes: &[u8]) {
    hasher.update(&[kind]);
    hasher.update(&(bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}
