//! What the tests of this room share: rows, moments, and histories of them.

use std::sync::Arc;

use proptest::prelude::*;

use super::row::{Problem, Row, Value};
use super::snapshot::Snapshot;
use super::table::{Kind, TABLES, Table, table};

/// A note of a title and a body.
pub fn note(id: &str, title: &str, body: &str) -> Row {
    let notes = table("notes").unwrap();
    let values = notes.columns.iter().map(|column| match (column.name, column.kind) {
        ("title", _) => Value::Text(title.to_owned()),
        ("body", _) => Value::Text(body.to_owned()),
        (_, Kind::Time) => Value::Integer(1_780_000_000_000),
        _ => Value::None,
    });
    Row { id: id.to_owned(), values: values.collect(), extra: serde_json::Map::new() }
}

/// A document that is changed step by step; each moment is one of the real kind.
#[derive(Default)]
pub struct History {
    pub now: Snapshot,
}

impl History {
    pub fn put(&mut self, table: &'static str, row: Row) -> &mut History {
        self.now.problems.remove(&(table.to_owned(), row.id.clone()));
        self.now.tables.entry(table).or_default().insert(row.id.clone(), Arc::new(row));
        self
    }

    pub fn take(&mut self, table: &'static str, id: &str) -> &mut History {
        self.now.problems.remove(&(table.to_owned(), id.to_owned()));
        self.now.tables.entry(table).or_default().remove(id);
        self
    }

    pub fn spoil(&mut self, table: &'static str, id: &str, fields: &[&str]) -> &mut History {
        self.take(table, id);
        let problem = |field: &&str| Problem {
            table: table.to_owned(),
            id: id.to_owned(),
            field: (!field.is_empty()).then(|| (*field).to_owned()),
            why: format!("{field:?} is not as it should be"),
        };
        let problems = fields.iter().map(problem).collect();
        self.now.problems.insert((table.to_owned(), id.to_owned()), problems);
        self
    }

    /// The next moment.
    pub fn moment(&mut self) -> Arc<Snapshot> {
        self.now.document = "a document".to_owned();
        self.now.generation += 1;
        Arc::new(self.now.clone())
    }
}

/// What is done to one row.
#[derive(Clone, Debug)]
pub enum Step {
    Put(&'static str, Row),
    Take(&'static str, String),
    Spoil(&'static str, String, Vec<String>),
}

impl Step {
    pub fn apply(self, history: &mut History) {
        match self {
            Step::Put(table, row) => history.put(table, row),
            Step::Take(table, id) => history.take(table, &id),
            Step::Spoil(table, id, fields) => {
                history.spoil(table, &id, &fields.iter().map(String::as_str).collect::<Vec<_>>())
            }
        };
    }
}

/// Steps over few ids, so that rows change, go, come again, and are spoilt.
pub fn step() -> impl Strategy<Value = Step> {
    let place = (0..TABLES.len(), prop::sample::select(vec!["1", "2", "3", "select", "a\"b'\0é", ""]));
    place.prop_flat_map(|(at, id)| {
        let table = table(["notes", "searches", "findings", "tags"][at]).unwrap();
        let id = id.to_owned();
        prop_oneof![
            5 => row(table, id.clone()).prop_map(|row| Step::Put(table.name, row)),
            2 => Just(Step::Take(table.name, id.clone())),
            1 => prop::collection::vec("[a-z]{0,5}", 1..3)
                .prop_map(move |fields| Step::Spoil(table.name, id.clone(), fields)),
        ]
    })
}

fn row(table: &'static Table, id: String) -> impl Strategy<Value = Row> {
    let values: Vec<BoxedStrategy<Value>> = table
        .columns
        .iter()
        .map(|column| {
            let value = value(column.kind);
            if column.is_required { value } else { prop_oneof![Just(Value::None), value].boxed() }
        })
        .collect();
    let extra = prop_oneof![
        3 => Just(serde_json::Map::new()),
        1 => text().prop_map(|text| {
            let fields = serde_json::json!({"z": [1, 2.5, null, text], "a": {"y": true, "b": {}}});
            fields.as_object().cloned().unwrap()
        }),
    ];
    (values, extra).prop_map(move |(values, extra)| Row { id: id.clone(), values, extra })
}

fn value(kind: Kind) -> BoxedStrategy<Value> {
    match kind {
        Kind::Text | Kind::Body => text().prop_map(Value::Text).boxed(),
        Kind::Integer | Kind::Time => any::<i64>().prop_map(Value::Integer).boxed(),
        Kind::Flag => any::<bool>().prop_map(Value::Flag).boxed(),
        Kind::Words => prop::collection::btree_set(text(), 0..3).prop_map(Value::Words).boxed(),
    }
}

/// Words that the model knows, so that pieces have vectors, equal ones among them; and whatever else there is.
fn text() -> impl Strategy<Value = String> {
    let words = [
        "spawn a task",
        "task a spawn",
        "remove a folder\n\nor a file",
        "",
        "'; DROP TABLE notes; --",
        "a\0b",
    ];
    prop_oneof![3 => prop::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => any::<String>()]
}

/// So many notes, some of them with equal texts.
pub fn notes(count: usize) -> History {
    let mut history = History::default();
    let words = ["spawn", "task", "folder", "file", "channel", "timer", "lock", "stream", "socket", "error"];
    for at in 0..count {
        let word = |step: usize| words[(at / step) % words.len()];
        let title = format!("{} {}", word(1), word(10));
        history.put("notes", note(&format!("note-{at}"), &title, &format!("{} of a {}", word(100), word(7))));
    }
    history
}
