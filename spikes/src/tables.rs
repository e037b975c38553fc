//! The three tables of the export as the documents declare them, and what DuckDB calls their types.

use anyhow::{Context, bail};

pub const SYMBOLS: &str = "api_symbols";
pub const CHUNKS: &str = "doc_chunks";
pub const PACKAGES: &str = "indexed_packages";

/// The columns of a table: those of the documents, and `path` and `line_start`, which the product added.
pub fn columns(table: &str) -> anyhow::Result<&'static [(&'static str, &'static str)]> {
    Ok(match table {
        SYMBOLS => &[
            ("id", "VARCHAR"),
            ("ecosystem", "VARCHAR"),
            ("package", "VARCHAR"),
            ("version", "VARCHAR"),
            ("file_path", "VARCHAR"),
            ("kind", "VARCHAR"),
            ("name", "VARCHAR"),
            ("path", "VARCHAR"),
            ("signature", "VARCHAR"),
            ("source", "VARCHAR"),
            ("doc_comment", "VARCHAR"),
            ("line_start", "INTEGER"),
            ("line_end", "INTEGER"),
            ("visibility", "VARCHAR"),
            ("is_async", "BOOLEAN"),
            ("is_unsafe", "BOOLEAN"),
            ("is_error_type", "BOOLEAN"),
            ("returns_result", "BOOLEAN"),
            ("metadata", "JSON"),
            ("attributes", "VARCHAR"),
            ("embedding", "FLOAT[]"),
            ("created_at", "TIMESTAMP"),
        ],
        CHUNKS => &[
            ("id", "VARCHAR"),
            ("ecosystem", "VARCHAR"),
            ("package", "VARCHAR"),
            ("version", "VARCHAR"),
            ("file_path", "VARCHAR"),
            ("section_title", "VARCHAR"),
            ("content", "VARCHAR"),
            ("chunk_index", "INTEGER"),
            ("line_start", "INTEGER"),
            ("embedding", "FLOAT[]"),
            ("created_at", "TIMESTAMP"),
        ],
        PACKAGES => &[
            ("ecosystem", "VARCHAR"),
            ("package", "VARCHAR"),
            ("version", "VARCHAR"),
            ("indexed_at", "TIMESTAMP"),
            ("symbol_count", "INTEGER"),
            ("chunk_count", "INTEGER"),
            ("source_cached", "BOOLEAN"),
        ],
        other => bail!("there is no table {other:?}"),
    })
}

/// The key of a table.
fn key(table: &str) -> &'static str {
    if table == PACKAGES { "ecosystem, package, version" } else { "id" }
}

/// The statements that create the three tables.
pub fn create() -> anyhow::Result<String> {
    let mut sql = String::new();
    for table in [SYMBOLS, CHUNKS, PACKAGES] {
        let columns: Vec<String> =
            columns(table)?.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
        sql.push_str(&format!(
            "CREATE TABLE {table} ({}, PRIMARY KEY ({}));\n",
            columns.join(", "),
            key(table)
        ));
    }
    Ok(sql)
}

/// The columns of a table as DuckDB describes them.
pub fn described(table: &str) -> anyhow::Result<Vec<(String, String)>> {
    let columns = columns(table).context("no columns")?;
    Ok(columns.iter().map(|(name, kind)| (name.to_string(), kind.to_string())).collect())
}

#[cfg(test)]
mod tests {
    use duckdb::Connection;

    use super::*;

    /// As the documents declare them.
    const DOCUMENTS: &str = "
        CREATE TABLE api_symbols (
            id VARCHAR PRIMARY KEY, ecosystem VARCHAR NOT NULL, package VARCHAR NOT NULL, version VARCHAR NOT NULL,
            file_path VARCHAR NOT NULL, kind VARCHAR NOT NULL, name VARCHAR NOT NULL, signature VARCHAR, source TEXT,
            doc_comment TEXT, line_start INTEGER, line_end INTEGER, visibility VARCHAR DEFAULT 'public',
            is_async BOOLEAN DEFAULT FALSE, is_unsafe BOOLEAN DEFAULT FALSE, is_error_type BOOLEAN DEFAULT FALSE,
            returns_result BOOLEAN DEFAULT FALSE, metadata JSON, attributes TEXT, embedding FLOAT[],
            created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
        );
        CREATE TABLE doc_chunks (
            id VARCHAR PRIMARY KEY, ecosystem VARCHAR NOT NULL, package VARCHAR NOT NULL, version VARCHAR NOT NULL,
            file_path VARCHAR NOT NULL, section_title VARCHAR, content TEXT NOT NULL, chunk_index INTEGER NOT NULL,
            embedding FLOAT[], created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
        );
        CREATE TABLE indexed_packages (
            ecosystem VARCHAR NOT NULL, package VARCHAR NOT NULL, version VARCHAR NOT NULL,
            indexed_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, symbol_count INTEGER DEFAULT 0,
            chunk_count INTEGER DEFAULT 0, source_cached BOOLEAN DEFAULT FALSE,
            PRIMARY KEY (ecosystem, package, version)
        );";

    #[test]
    fn every_column_of_the_documents_is_there_with_its_type() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(DOCUMENTS).unwrap();
        for table in [SYMBOLS, CHUNKS, PACKAGES] {
            let mut statement = connection.prepare(&format!("DESCRIBE {table}")).unwrap();
            let documented: Vec<(String, String)> = statement
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
                .unwrap()
                .map(Result::unwrap)
                .collect();
            let ours = described(table).unwrap();
            assert!(documented.iter().all(|column| ours.contains(column)), "{table}: {documented:?}");
        }
    }
}
