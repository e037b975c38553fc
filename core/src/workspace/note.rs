//! A note, read from its row, and which notes a few words find.

use std::collections::BTreeSet;

use serde::Serialize;

use super::row::{Row, Value};
use super::snapshot::Snapshot;
use super::table::table;

/// A note. All text in it may be another machine's, or a peer's: it is untrusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Note<'a> {
    pub id: &'a str,
    pub title: &'a str,
    pub body: &'a str,
    pub tags: BTreeSet<&'a str>,
    #[serde(flatten)]
    pub target: Target<'a>,
    /// Milliseconds since 1970.
    pub created_at: i64,
    pub changed_at: i64,
}

/// What a note speaks of, as it was when it was written; nothing in particular, where no package is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Target<'a> {
    pub ecosystem: Option<&'a str>,
    pub package: Option<&'a str>,
    pub version: Option<&'a str>,
    pub item: Option<&'a str>,
    pub signature: Option<&'a str>,
    pub file: Option<&'a str>,
    pub line: Option<i64>,
}

impl Snapshot {
    /// All notes, the last that was changed first.
    pub fn notes(&self) -> Vec<Note<'_>> {
        let mut notes: Vec<_> = self.rows("notes").map(|(_, row)| Note::of(row)).collect();
        notes.sort_by(|a, b| (b.changed_at, b.id).cmp(&(a.changed_at, a.id)));
        notes
    }
}

impl<'a> Note<'a> {
    fn of(row: &'a Row) -> Note<'a> {
        let value = |column| table("notes").map_or(&Value::None, |table| row.value(table, column));
        let text = |column| match value(column) {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        };
        let number = |column| match value(column) {
            Value::Integer(number) => Some(*number),
            _ => None,
        };
        Note {
            id: &row.id,
            title: text("title").unwrap_or_default(),
            body: text("body").unwrap_or_default(),
            tags: match value("tags") {
                Value::Words(words) => words.iter().map(String::as_str).collect(),
                _ => BTreeSet::new(),
            },
            target: Target {
                ecosystem: text("ecosystem"),
                package: text("package"),
                version: text("version"),
                item: text("item"),
                signature: text("signature"),
                file: text("file"),
                line: number("line"),
            },
            created_at: number("created_at").unwrap_or_default(),
            changed_at: number("changed_at").unwrap_or_default(),
        }
    }
}

/// The notes that hold all of the words, in whatever letters: those that have them in their title first, then the last that
/// were changed.
pub fn found<'a>(snapshot: &'a Snapshot, words: &str) -> Vec<Note<'a>> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let holds = |text: &str| {
        let text = text.to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    let mut notes = snapshot.notes();
    notes.retain(|note| {
        let Target { package, item, file, .. } = note.target;
        let tags: Vec<&str> = note.tags.iter().copied().collect();
        let [package, item, file] = [package, item, file].map(Option::unwrap_or_default);
        holds(&[note.title, note.body, &tags.join(" "), package, item, file].join("\n"))
    });
    notes.sort_by_key(|note| !holds(note.title));
    notes
}
