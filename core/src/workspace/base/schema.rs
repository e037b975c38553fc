//! The statements that make a base, from the one declaration of the tables.
//!
//! Every name is quoted, whatever it is; values are bound, never pasted.

use super::dump::PROBLEMS;
use crate::workspace::table::{Kind, Table};

/// `ZNTH`, in the header of a file that is ours.
pub const APPLICATION_ID: i64 = 0x5a4e_5448;

/// What stands beside the tables of the document, the same in each base.
const BESIDE: &str = "\
CREATE TABLE \"problems\" (\"table\" TEXT NOT NULL, \"id\" TEXT NOT NULL, \"place\" INTEGER NOT NULL, \"field\" TEXT, \
\"why\" TEXT NOT NULL, PRIMARY KEY (\"table\", \"id\", \"place\")) STRICT;
CREATE TABLE \"_columns\" (\"table\" TEXT NOT NULL, \"column\" TEXT, \"kind\" TEXT, \"required\" INTEGER, \
\"about\" TEXT NOT NULL) STRICT;
CREATE TABLE \"_zenith\" (\"document\" TEXT NOT NULL, \"generation\" INTEGER NOT NULL, \"schema\" INTEGER NOT NULL, \
\"model\" TEXT, \"rows\" INTEGER NOT NULL, \"dump_hash\" TEXT NOT NULL, \"made_at\" INTEGER NOT NULL) STRICT;
";

/// What the columns are that no table of the document declares.
pub(super) const DOCUMENTED: [(&str, Option<&str>, &str); 14] = [
    (PROBLEMS, None, "What is wrong with rows of the document; such a row stands in no other table"),
    (PROBLEMS, Some("table"), "The table that the row should stand in"),
    (PROBLEMS, Some("id"), "The row"),
    (PROBLEMS, Some("place"), "A row may have several, the first is 0"),
    (PROBLEMS, Some("field"), "The field; NULL where the row is no row at all"),
    (PROBLEMS, Some("why"), "What is wrong"),
    ("_zenith", None, "One row: which moment of the document all rows here are of"),
    ("_zenith", Some("document"), "The id of the document"),
    ("_zenith", Some("generation"), "Counts the moments of the process that wrote this"),
    ("_zenith", Some("schema"), "What the tables are; another number, other tables"),
    ("_zenith", Some("model"), "What made the vectors; NULL where there are none"),
    ("_zenith", Some("rows"), "How many rows and problems there are"),
    ("_zenith", Some("dump_hash"), "BLAKE3 of all rows and problems"),
    ("_zenith", Some("made_at"), "When this was written, in milliseconds since 1970"),
];

/// A name as SQL takes it, keyword or not.
pub(in crate::workspace) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The tables, without the text index.
pub(super) fn create(tables: &[Table]) -> String {
    let mut sql: String = tables.iter().map(create_table).collect();
    sql.push_str(BESIDE);
    sql
}

/// The text index over the tables that have a body, and what keeps it. After the rows, so that they are indexed at once.
pub(super) fn create_text(tables: &[Table]) -> String {
    tables.iter().filter(|table| has_text(table)).map(create_text_of).collect()
}

/// What the tables are, as a number that fits SQLite's `user_version`.
pub(super) fn version(tables: &[Table]) -> i64 {
    let hash = blake3::hash(format!("{}{}", create(tables), create_text(tables)).as_bytes());
    let [first, second, third, fourth, ..] = *hash.as_bytes();
    // Never 0, which an empty file has.
    i64::from(u32::from_le_bytes([first, second, third, fourth & 0x7f]) | 1)
}

/// Writes a row of a table: `id`, its columns and `extra` are bound.
pub(super) fn upsert(table: &Table) -> String {
    let names: Vec<String> = names(table).map(quoted).collect();
    let places: Vec<String> = (1..=names.len()).map(|at| format!("?{at}")).collect();
    let set: Vec<String> = names.iter().skip(1).map(|name| format!("{name} = excluded.{name}")).collect();
    format!(
        "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT (\"id\") DO UPDATE SET {}",
        quoted(table.name),
        names.join(", "),
        places.join(", "),
        set.join(", ")
    )
}

pub(super) fn delete(table: &Table) -> String {
    format!("DELETE FROM {} WHERE \"id\" = ?1", quoted(table.name))
}

/// Reads all rows, each text as its bytes: a base that another program changed may hold what is no text.
pub(super) fn select(table: &Table) -> String {
    let columns: Vec<String> = names(table).map(|name| as_bytes(&quoted(name))).collect();
    format!("SELECT {} FROM {}", columns.join(", "), quoted(table.name))
}

pub(super) fn as_bytes(column: &str) -> String {
    format!("CASE typeof({column}) WHEN 'integer' THEN {column} ELSE CAST({column} AS BLOB) END")
}

/// The columns that are written and read, in the order that they have there.
pub(super) fn names(table: &Table) -> impl Iterator<Item = &'static str> + use<'_> {
    std::iter::once("id").chain(table.columns.iter().map(|column| column.name)).chain(["extra"])
}

fn create_table(table: &Table) -> String {
    let mut columns =
        vec!["\"number\" INTEGER PRIMARY KEY".to_owned(), "\"id\" TEXT NOT NULL UNIQUE".to_owned()];
    for column in table.columns {
        let name = quoted(column.name);
        let kind = match column.kind {
            Kind::Text | Kind::Body | Kind::Words => "TEXT",
            Kind::Integer | Kind::Time | Kind::Flag => "INTEGER",
        };
        let required = if column.is_required { " NOT NULL" } else { "" };
        let check =
            if column.kind == Kind::Flag { format!(" CHECK ({name} IN (0, 1))") } else { String::new() };
        columns.push(format!("{name} {kind}{required}{check}"));
    }
    columns.push("\"extra\" TEXT NOT NULL".to_owned());
    format!("CREATE TABLE {} ({}) STRICT;\n", quoted(table.name), columns.join(", "))
}

pub(super) fn has_text(table: &Table) -> bool {
    table.columns.iter().any(|column| column.kind == Kind::Body)
}

/// The name of the text index of a table.
pub(super) fn text_name(table: &Table) -> String {
    format!("{}_text", table.name)
}

fn create_text_of(table: &Table) -> String {
    let is_text = |kind| matches!(kind, Kind::Text | Kind::Body | Kind::Words);
    let texts = table.columns.iter().filter(|column| is_text(column.kind));
    let names: Vec<String> = texts.map(|column| quoted(column.name)).collect();
    let of = |row: &str| names.iter().map(|name| format!("{row}.{name}")).collect::<Vec<_>>().join(", ");
    let (name, table_name, columns) = (quoted(&text_name(table)), quoted(table.name), names.join(", "));
    let content = table.name.replace('\'', "''");
    let take = format!(
        "INSERT INTO {name} ({name}, rowid, {columns}) VALUES ('delete', old.\"number\", {});",
        of("old")
    );
    let put = format!("INSERT INTO {name} (rowid, {columns}) VALUES (new.\"number\", {});", of("new"));
    let trigger = |event: &str, statements: &str| {
        let trigger_name = quoted(&format!("{}_{}", text_name(table), event.to_lowercase()));
        format!("CREATE TRIGGER {trigger_name} AFTER {event} ON {table_name} BEGIN {statements} END;\n")
    };
    format!(
        "CREATE VIRTUAL TABLE {name} USING fts5({columns}, content='{content}', content_rowid='number', \
         tokenize='porter unicode61 remove_diacritics 2');\n\
         INSERT INTO {name} ({name}) VALUES ('rebuild');\n{}{}{}",
        trigger("INSERT", &put),
        trigger("DELETE", &take),
        trigger("UPDATE", &format!("{take} {put}")),
    )
}
