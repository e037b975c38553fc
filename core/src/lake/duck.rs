//! DuckDB as a reader of datasets, locked down: it touches the paths that it was opened with and
//! nothing else, loads nothing more, and its settings can no longer be changed.
//!
//! # Decisions
//!
//! - **DuckDB's library is its makers' own build**, pinned by hash and linked: compiling it would double a
//!   newcomer's first half hour. Programs find it beside themselves (`.cargo/config.toml`).

use std::path::{Component, Path, PathBuf};

use duckdb::{Config, Connection, params};

/// A DuckDB in memory with its extensions loaded.
pub struct Duck {
    connection: Connection,
    allowed: Vec<PathBuf>,
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
    #[error("{0} was not handed out by the catalog, and is not opened")]
    NotAllowed(PathBuf),
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
        let quoted: Vec<String> = allowed.iter().map(|path| quoted(path)).collect::<Result<_, _>>()?;
        let lock = format!(
            "SET allow_persistent_secrets = false; SET allowed_directories = [{}]; \
             SET enable_external_access = false; \
             SET lock_configuration = true;",
            quoted.join(", ")
        );
        connection.execute_batch(&lock).map_err(fail)?;
        Ok(Duck { connection, allowed: allowed.to_vec() })
    }

    /// The symbols of a Lance table that are nearest to a vector, the nearest first. Blocks.
    pub fn nearest(&self, table: &Path, vector: &[f32], limit: usize) -> Result<Vec<Nearest>, DuckError> {
        let fail = |source| DuckError::Query { attempted: "search a dataset by a vector", source };
        // An extension opens files by itself: what DuckDB forbids does not reach it.
        let climbs =
            table.components().any(|part| !matches!(part, Component::Normal(_) | Component::RootDir));
        if climbs || !self.allowed.iter().any(|allowed| table.starts_with(allowed)) {
            return Err(DuckError::NotAllowed(table.to_path_buf()));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_paths_that_were_handed_out_is_read_and_no_setting_changes() {
        let folder = tempfile::tempdir().unwrap();
        let (inside, outside) = (folder.path().join("in"), folder.path().join("it's out"));
        for place in [&inside, &outside] {
            std::fs::create_dir(place).unwrap();
            std::fs::write(place.join("rows.csv"), "a\n1\n").unwrap();
        }
        let duck = Duck::open(&[], std::slice::from_ref(&inside)).unwrap();
        let read =
            |place: &Path| format!("SELECT * FROM read_csv({})", quoted(&place.join("rows.csv")).unwrap());
        duck.connection.execute_batch(&read(&inside)).unwrap();
        let copy = format!("COPY (SELECT 1) TO {}", quoted(&outside.join("made")).unwrap());
        for refused in [
            read(&outside).as_str(),
            &copy,
            "SET enable_external_access = true",
            "SET allow_community_extensions = true",
            "SET allowed_directories = ['/']",
            "RESET lock_configuration",
            "INSTALL httpfs",
            "LOAD httpfs",
            "ATTACH '/tmp/zenith-other.db'",
            "CREATE PERSISTENT SECRET s (TYPE s3, KEY_ID 'k', SECRET 's')",
            "SELECT * FROM read_text('/etc/passwd')",
        ] {
            assert!(duck.connection.execute_batch(refused).is_err(), "{refused} was done");
        }
        assert!(!outside.join("made").exists());
    }

    #[test]
    fn a_table_that_was_not_handed_out_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let duck = Duck::open(&[], &[folder.path().join("mine")]).unwrap();
        for other in ["other/t.lance", "mine/../other/t.lance", "mine2/t.lance"] {
            let refused = duck.nearest(&folder.path().join(other), &[0.0], 1);
            assert!(matches!(refused, Err(DuckError::NotAllowed(_))), "{other}: {refused:?}");
        }
    }
}
