//! DuckDB's `lance` extension on a lab's bucket. It takes the bucket's endpoint and keys from the environment of its
//! process alone, so it runs in a child that is started with them; questions and answers pass as JSON.

use std::path::PathBuf;

use anyhow::Context;
use duckdb::{Config, Connection, ToSql, params};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use zenith_core::embed::DIMENSIONS;
use zenith_harness::lab::StoreAddress;

use crate::child;
use crate::sql::literal;

/// What the child is to find out.
#[derive(Debug, Serialize, Deserialize)]
pub struct Work {
    pub extension: PathBuf,
    /// The URL of the dataset.
    pub table: String,
    pub questions: Vec<Question>,
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Question {
    /// Every row.
    Scan,
    /// The rows whose JSON in `metadata` has this text at this path.
    Json { path: String, value: String },
    /// The rows nearest to a vector.
    Vector { vector: Vec<f32>, k: u32 },
    /// The rows whose names have a word, by BM25.
    Text { query: String, k: u32 },
    /// Both, in equal parts.
    Hybrid { vector: Vec<f32>, query: String, k: u32 },
}

/// A row that was found; its score is a distance, BM25's, or that of both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    pub id: String,
    pub name: String,
    pub score: f64,
}

/// Asks in a child process, which gets the bucket's keys in its environment, never in its arguments.
pub async fn ask(store: &StoreAddress, work: &Work) -> anyhow::Result<Vec<Vec<Found>>> {
    let http = if store.endpoint.starts_with("http://") { "true" } else { "false" };
    let environment = [
        ("AWS_ACCESS_KEY_ID", store.key_id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", store.secret.expose_secret()),
        ("AWS_REGION", &store.region),
        ("AWS_ENDPOINT", &store.endpoint),
        ("AWS_ALLOW_HTTP", http),
    ];
    let answer = child::answer("duckdb-lance", &environment, &serde_json::to_string(work)?).await?;
    serde_json::from_str(&answer).context("the child's answer is no JSON")
}

/// The child's part.
pub fn work(work: &str) -> anyhow::Result<String> {
    let work: Work = serde_json::from_str(work).context("the child was asked nothing that it knows")?;
    let config = Config::default()
        .with("allow_community_extensions", "false")?
        .with("autoinstall_known_extensions", "false")?
        .with("autoload_known_extensions", "false")?;
    let connection = Connection::open_in_memory_with_flags(config)?;
    let extension = work.extension.to_str().context("the extension's path is not written in UTF-8")?;
    connection.execute_batch(&format!("LOAD {}", literal(extension)?))?;
    let answers = work.questions.iter().map(|question| answer(&connection, &work.table, question));
    Ok(serde_json::to_string(&answers.collect::<anyhow::Result<Vec<_>>>()?)?)
}

fn answer(connection: &Connection, table: &str, question: &Question) -> anyhow::Result<Vec<Found>> {
    let vector_type = format!("CAST(? AS FLOAT[{DIMENSIONS}])");
    // The extension may give more rows than `k`, in no order: what is wanted is asked for in SQL as well.
    match question {
        Question::Scan => {
            let sql = format!("SELECT id, name, 0::DOUBLE FROM {} ORDER BY id", literal(table)?);
            rows(connection, &sql, params![])
        }
        Question::Json { path, value } => {
            let sql = format!(
                "SELECT id, name, 0::DOUBLE FROM {} WHERE (CAST(metadata AS JSON)->>?) = ? ORDER BY id",
                literal(table)?
            );
            rows(connection, &sql, params![path, value])
        }
        Question::Vector { vector, k } => {
            let sql = format!(
                "SELECT id, name, _distance::DOUBLE FROM lance_vector_search(?, 'embedding', {vector_type}, k := ?) \
                 ORDER BY _distance LIMIT {k}"
            );
            rows(connection, &sql, params![table, serde_json::to_string(vector)?, k])
        }
        Question::Text { query, k } => {
            let sql = format!(
                "SELECT id, name, _score::DOUBLE FROM lance_fts(?, 'name', ?, k := ?) \
                 ORDER BY _score DESC, id LIMIT {k}"
            );
            rows(connection, &sql, params![table, query, k])
        }
        Question::Hybrid { vector, query, k } => {
            let sql = format!(
                "SELECT id, name, _hybrid_score::DOUBLE \
                 FROM lance_hybrid_search(?, 'embedding', {vector_type}, 'name', ?, alpha := 0.5, k := ?) \
                 ORDER BY _hybrid_score DESC, id LIMIT {k}"
            );
            rows(connection, &sql, params![table, serde_json::to_string(vector)?, query, k])
        }
    }
}

fn rows(connection: &Connection, sql: &str, values: &[&dyn ToSql]) -> anyhow::Result<Vec<Found>> {
    let mut statement = connection.prepare(sql).with_context(|| format!("DuckDB refuses {sql:?}"))?;
    let rows = statement
        .query_map(values, |row| Ok(Found { id: row.get(0)?, name: row.get(1)?, score: row.get(2)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
