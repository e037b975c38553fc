//! The beginning that the spikes of A to E share: rows, a DuckDB with its tables filled, a bucket.

use std::path::PathBuf;

use anyhow::Context;
use zenith_core::lake::{ApiSymbol, DocChunk};
use zenith_harness::Trial;
use zenith_harness::lab::StoreAddress;

use crate::duck_s3::DuckS3;
use crate::rows::{self, PackageRow};

/// The seed of the rows of A to E.
pub const SEED: u64 = 18;

/// A place in a bucket and the means to reach it.
#[derive(Clone)]
pub struct Place {
    pub store: StoreAddress,
    httpfs: PathBuf,
}

impl Place {
    pub async fn of(trial: &Trial) -> anyhow::Result<Place> {
        Ok(Place { store: trial.lab.store().await?, httpfs: trial.lab.tools().duckdb_extension("httpfs")? })
    }

    /// The URL of one of the export's files.
    pub fn url(&self, file: &str) -> String {
        self.store.url(&format!("packages/org_acme/{file}"))
    }

    /// A new DuckDB, which has seen nothing yet. Blocks.
    pub fn reader(&self) -> anyhow::Result<DuckS3> {
        DuckS3::open(&self.httpfs, &self.store)
    }

    /// A DuckDB with these rows in its tables. Blocks.
    pub fn writer(&self, rows: &Rows) -> anyhow::Result<DuckS3> {
        let duck = self.reader()?;
        duck.create_tables()?;
        if !rows.symbols.is_empty() {
            duck.insert(&rows.symbols)?;
        }
        if !rows.chunks.is_empty() {
            duck.insert(&rows.chunks)?;
        }
        duck.insert_packages(&rows.packages)?;
        Ok(duck)
    }
}

/// What is exported.
#[derive(Clone, Default)]
pub struct Rows {
    pub symbols: Vec<ApiSymbol>,
    pub chunks: Vec<DocChunk>,
    pub packages: Vec<PackageRow>,
}

impl Rows {
    pub fn symbols(count: usize) -> Rows {
        Rows { symbols: rows::symbols(SEED, 0, count), ..Rows::default() }
    }

    pub fn chunks(count: usize) -> Rows {
        Rows { chunks: rows::chunks(SEED, count), ..Rows::default() }
    }

    pub fn packages(symbols: usize, chunks: usize) -> Rows {
        Rows { packages: rows::packages(symbols, chunks), ..Rows::default() }
    }
}

/// Does what blocks where it stalls nobody.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    tokio::task::spawn_blocking(work).await.context("the work panicked")?
}
