//! DuckDB as a reader of datasets, locked down: it reads the paths that it was opened with and
//! nothing else, loads nothing more, and its settings can no longer be changed.

use std::path::{Path, PathBuf};

use duckdb::{Config, Connection, params};

/// A DuckDB in memory with its extensions loaded.
pub struct Duck {
    connection: Connection,
}

/// A symbol near a vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Nearest {
    pub id: String,
    pub name: String,
    pub path: String,
    pub embedding: Vec<f32>,
    /// Squared Euclidean.
    pub distance: f32,
}

/// A DuckDB that cannot be opened or asked.
#[derive(Debug, thiserror::Error)]
pub enum DuckError {
    #[error("cannot load DuckDB's extension {extension}: {source}; `scripts/setup` brings the right one")]
    Extension { extension: PathBuf, source: duckdb::Error },
    #[error("the path {0} is not written in UTF-8")]
    Path(PathBuf),
    #[error("DuckDB cannot {attempted}: {source}")]
    Query { attempted: &'static str, source: duckdb::Error },
}

impl Duck {
    /// Opens one with extensions from files, that reads below `allowed` alone. Blocks.
    pub fn open(extensions: &[PathBuf], allowed: &[PathBuf]) -> Result<Duck, DuckError> {
        let fail = |source| DuckError::Query { attempted: "be opened", source };
        let config = Config::default()
            .with("allow_community_extensions", "false")
            .and_then(|config| config.with("autoinstall_known_extensions", "false"))
            .and_then(|config| config.with("autoload_known_extensions", "false"))
            .map_err(fail)?;
        let connection = Connection::open_in_memory_with_flags(config).map_err(fail)?;
        for extension in extensions {
            let load = format!("LOAD {}", quoted(extension)?);
            let failed = |source| DuckError::Extension { extension: extension.clone(), source };
            connection.execute_batch(&load).map_err(failed)?;
        }
        let allowed: Vec<String> = allowed.iter().map(|path| quoted(path)).collect::<Result<_, _>>()?;
        let lock = format!(
            "SET allow_persistent_secrets = false; SET allowed_directories = [{}]; \
             SET enable_external_access = false; \
             SET lock_configuration = true;",
            allowed.join(", ")
        );
        connection.execute_batch(&lock).map_err(fail)?;
        Ok(Duck { connection })
    }

    /// The symbols of a Lance table that are nearest to a vector, the nearest first. Blocks.
    pub fn nearest(&self, table: &Path, vector: &[f32], limit: usize) -> Result<Vec<Nearest>, DuckError> {
        let fail = |source| DuckError::Query { attempted: "search a dataset by a vector", source };
        let table = table.to_str().ok_or_else(|| DuckError::Path(table.to_path_buf()))?;
        let vector = serde_json::to_string(vector).unwrap_or_default();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql = format!(
            "SELECT id, name, path, CAST(embedding AS VARCHAR), _distance \
             FROM lance_vector_search(?, 'embedding', CAST(? AS FLOAT[{}]), k := ?) ORDER BY _distance",
            crate::embed::DIMENSIONS
        );
        let mut statement = self.connection.prepare(&sql).map_err(fail)?;
        let rows = statement
            .query_map(params![table, vector, limit], |row| {
                let embedding: String = row.get(3)?;
                Ok(Nearest {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    path: row.get(2)?,
                    embedding: serde_json::from_str(&embedding).unwrap_or_default(),
                    distance: row.get(4)?,
                })
            })
            .map_err(fail)?;
        rows.collect::<Result<_, _>>().map_err(fail)
    }
}

/// A path as an SQL string, for the statements that take no parameters.
fn quoted(path: &Path) -> Result<String, DuckError> {
    let text = path.to_str().ok_or_else(|| DuckError::Path(path.to_path_buf()))?;
    Ok(format!("'{}'", text.replace('\'', "''")))
}
