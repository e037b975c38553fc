//! Where the real components lie that a lab starts: programs and libraries that `scripts/setup`
//! brings, pinned by checksum.

use std::path::{Path, PathBuf};

use zenith_core::config::Config;

use super::LabError;

/// The folder of components.
#[derive(Clone, Debug)]
pub struct Tools {
    folder: PathBuf,
}

impl Tools {
    pub fn new(config: &Config) -> Tools {
        Tools { folder: config.tools_dir.clone() }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the libSQL server lies, if it is there.
    pub fn sqld_place(&self) -> PathBuf {
        self.folder.join("sqld-0.24.32/sqld")
    }

    /// The libSQL server.
    pub fn sqld(&self) -> Result<PathBuf, LabError> {
        present(self.sqld_place(), "the libSQL server, sqld")
    }

    /// The folder of Yjs' own packages.
    pub fn peers(&self) -> Result<PathBuf, LabError> {
        let folder = self.folder.join("peers-13.6.33");
        present(folder.join("package.json"), "Yjs, for its servers and peers,").map(|_| folder)
    }

    /// One of DuckDB's extensions: `httpfs` or `lance`.
    pub fn duckdb_extension(&self, name: &str) -> Result<PathBuf, LabError> {
        present(self.folder.join(format!("duckdb-1.5.5/{name}.duckdb_extension")), "DuckDB's extension")
    }
}

/// An absent component is no failure of the spike: it says how to get it.
fn present(path: PathBuf, what: &str) -> Result<PathBuf, LabError> {
    if path.is_file() {
        return Ok(path);
    }
    let because = format!(
        "{what} is not at {}; run `scripts/setup`, which brings it, or name its folder with ZENITH_TOOLS",
        shown(&path)
    );
    Err(LabError::Absent { because })
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
