//! How notes are printed. Their text may be another machine's or a peer's: it is cleaned on its way to a terminal.

use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use zenith_core::Standing;
use zenith_core::workspace::sync::Synced;
use zenith_core::workspace::{Note, Row, Snapshot, TABLES, Table, Value};

use crate::cli::output::{self, Style, clean, clean_line};
use crate::notes::meeting;
use crate::notes::told::{short, spoken, stands, title};
use crate::text::ago;

/// A note, as `--json` prints it.
#[derive(Serialize)]
struct NoteLine<'a> {
    #[serde(flatten)]
    note: &'a Note<'a>,
    /// How what it speaks of stands in the project of this folder; null without one.
    standing: Option<&'a Standing>,
}

/// A note on one line.
pub fn line(note: &Note<'_>, standing: Option<&Standing>, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(&NoteLine { note, standing });
    }
    let style = Style::of_stdout();
    let mut text = format!("{}  {}", style.dim(&short(note.id)), style.bold(&title(note.title)));
    if let Some(target) = spoken(&note.target) {
        text += &format!("  {target}");
    }
    if let Some(stands) = standing.and_then(|standing| stands(standing, &note.target)) {
        text += &format!("  [{stands}]");
    }
    for tag in &note.tags {
        text += &format!("  #{}", clean_line(tag));
    }
    output::line(format!("{text}  {}", style.dim(&age(note.changed_at))))
}

/// A note with its text.
pub fn whole(note: &Note<'_>, standing: Option<&Standing>, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(&NoteLine { note, standing });
    }
    let style = Style::of_stdout();
    output::line(style.bold(&clean_line(note.title)))?;
    if let Some(target) = spoken(&note.target) {
        output::line(target)?;
    }
    if let Some(signature) = note.target.signature {
        output::line(format!("was {}", clean_line(signature)))?;
    }
    if let Some(standing) = standing {
        if let Standing::Changed { signature: Some(signature), .. } = standing {
            output::line(format!("is  {}", clean_line(signature)))?;
        }
        if let Some(stands) = stands(standing, &note.target) {
            output::line(stands)?;
        }
    }
    let tags: Vec<String> = note.tags.iter().map(|tag| format!("#{}", clean_line(tag))).collect();
    let when = format!("{}  changed {}", clean_line(note.id), age(note.changed_at));
    output::line(style.dim(&[vec![when], tags].concat().join("  ")))?;
    if !note.body.is_empty() {
        output::line("")?;
        for text in note.body.lines() {
            output::line(clean(text))?;
        }
    }
    Ok(())
}

fn age(changed_at: i64) -> String {
    let age = chrono::Utc::now().timestamp_millis().saturating_sub(changed_at);
    ago(Duration::from_millis(u64::try_from(age).unwrap_or(0)))
}

/// What is wrong with rows of the document.
pub fn problems(snapshot: &Snapshot, json: bool) -> anyhow::Result<()> {
    for problem in snapshot.problems.values().flatten() {
        if json {
            output::json(problem)?;
            continue;
        }
        let field = problem.field.as_deref().map_or(String::new(), |field| format!(" {field}"));
        let text = format!("{} {}:{field} {}", problem.table, problem.id, problem.why);
        output::line(clean_line(&text))?;
    }
    match snapshot.problems.is_empty() && !json {
        true => output::line("every row can be read"),
        false => Ok(()),
    }
}

/// What a synchronisation did.
pub fn synced(synced: &Synced, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(synced);
    }
    output::line(meeting::told(synced))?;
    meeting::lacks(synced).iter().for_each(|lack| output::note(lack));
    Ok(())
}

/// Every row of every table, and every problem, a line each.
pub fn rows(snapshot: &Snapshot) -> anyhow::Result<()> {
    for table in TABLES {
        for (_, row) in snapshot.rows(table.name) {
            output::json(&json!({ "table": table.name, "row": as_json(table, row) }))?;
        }
    }
    snapshot.problems.values().flatten().try_for_each(|problem| output::json(&json!({ "problem": problem })))
}

fn as_json(table: &Table, row: &Row) -> serde_json::Value {
    let mut fields = serde_json::Map::new();
    fields.insert("id".to_owned(), json!(row.id));
    for (column, value) in table.columns.iter().zip(&row.values) {
        let value = match value {
            Value::None => serde_json::Value::Null,
            Value::Text(text) => json!(text),
            Value::Integer(integer) => json!(integer),
            Value::Flag(is_set) => json!(is_set),
            Value::Words(words) => json!(words),
        };
        fields.insert(column.name.to_owned(), value);
    }
    if !row.extra.is_empty() {
        fields.insert("extra".to_owned(), json!(row.extra));
    }
    serde_json::Value::Object(fields)
}

/// All notes as one Markdown document.
pub fn document(snapshot: &Snapshot) -> anyhow::Result<()> {
    for note in snapshot.notes() {
        output::line(format!("# {}\n", clean_line(note.title)))?;
        if let Some(target) = spoken(&note.target) {
            output::line(format!("`{target}`\n"))?;
        }
        if !note.tags.is_empty() {
            let tags: Vec<String> = note.tags.iter().map(|tag| format!("#{}", clean_line(tag))).collect();
            output::line(format!("{}\n", tags.join(" ")))?;
        }
        for text in note.body.lines() {
            output::line(clean(text))?;
        }
        output::line("")?;
    }
    Ok(())
}
