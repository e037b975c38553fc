//! What of a note is embedded.

use crate::workspace::row::{Row, Value};
use crate::workspace::table::{Kind, Table};

/// More paragraphs of a note than anybody searches by meaning; the text index has all of it.
const PIECES_MAX: usize = 64;
/// A mean of more words says nothing.
const PIECE_BYTES_MAX: usize = 2_000;

/// The texts that a note is found by: its title with each paragraph of its body, or alone where there is none. Words and
/// what the note speaks of stand with the title.
pub(super) fn pieces(table: &Table, row: &Row) -> Vec<String> {
    let mut head = String::new();
    let mut body = "";
    for (column, value) in table.columns.iter().zip(&row.values) {
        match (column.kind, value) {
            (Kind::Body, Value::Text(text)) => body = text,
            (Kind::Text, Value::Text(text)) if matches!(column.name, "title" | "package" | "item") => {
                push(&mut head, cut(text));
            }
            (Kind::Words, Value::Words(words)) => words.iter().for_each(|word| push(&mut head, cut(word))),
            _ => {}
        }
    }
    head.truncate(head.floor_char_boundary(PIECE_BYTES_MAX));
    let paragraphs = body.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
    let mut pieces: Vec<String> =
        paragraphs.take(PIECES_MAX).map(|paragraph| format!("{head}. {}", cut(paragraph))).collect();
    if pieces.is_empty() {
        pieces.push(head);
    }
    pieces
}

fn push(head: &mut String, text: &str) {
    if !head.is_empty() {
        head.push_str(". ");
    }
    head.push_str(text);
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(PIECE_BYTES_MAX)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::table::table;

    fn note(title: &str, body: Value, tags: &[&str]) -> Row {
        let notes = table("notes").unwrap();
        let values = notes.columns.iter().map(|column| match column.name {
            "title" => Value::Text(title.to_owned()),
            "body" => body.clone(),
            "tags" => Value::Words(tags.iter().map(|tag| (*tag).to_owned()).collect()),
            _ => Value::None,
        });
        Row { id: "1".to_owned(), values: values.collect(), extra: serde_json::Map::new() }
    }

    fn of(title: &str, body: Value, tags: &[&str]) -> Vec<String> {
        pieces(table("notes").unwrap(), &note(title, body, tags))
    }

    #[test]
    fn each_paragraph_stands_with_its_title() {
        let body = Value::Text("First.\nStill first.\n\n\n\nSecond.\n\n".to_owned());
        assert_eq!(
            of("Timers", body, &["async"]),
            ["Timers. async. First.\nStill first.", "Timers. async. Second."]
        );
        assert_eq!(of("Timers", Value::None, &[]), ["Timers"]);
    }

    #[test]
    fn no_note_is_too_long() {
        let long = "é\n\n".repeat(1 << 20);
        let pieces = of(&long, Value::Text(long.clone()), &[&long]);
        assert_eq!(pieces.len(), PIECES_MAX);
        assert!(pieces.iter().all(|piece| piece.len() <= 2 * PIECE_BYTES_MAX + 2));
    }
}
