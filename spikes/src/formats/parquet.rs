//! The Parquet side: one file of zstd pages, written and read by DuckDB. A delta is a file of its own.
//!
//! Row groups are DuckDB's usual 122,880 rows: at these sizes one group, so that a column is one range. Data files are
//! immutable, but DuckDB still asks with a HEAD whether a file that it has cached changed.

use std::path::PathBuf;

use anyhow::bail;
use arrow_array::RecordBatch;
use duckdb::params;
use zenith_core::embed::DIMENSIONS;
use zenith_core::lake::{ApiSymbol, Row};
use zenith_harness::lab::StoreAddress;

use super::K;
use super::axes::Operation;
use super::question::Question;
use crate::duck_s3::{DuckS3, parquet};
use crate::parquet_export::blocking;

/// What the layout is, for the report.
pub const LAYOUT: &str = "one file, zstd, row groups of 122,880 rows, rows in the order of packages; \
    queried by DuckDB's httpfs";

/// A Parquet file on the bucket.
#[derive(Clone)]
pub struct ParquetSide {
    pub store: StoreAddress,
    pub httpfs: PathBuf,
    pub key: String,
}

/// A DuckDB that may have read some of it.
pub struct ParquetHandle {
    duck: DuckS3,
    urls: Vec<String>,
}

impl ParquetSide {
    fn url(&self, key: &str) -> String {
        self.store.url(key)
    }

    /// Writes rows to the bucket. The table in DuckDB's memory is part of the way.
    pub async fn write(&self, batch: RecordBatch) -> anyhow::Result<()> {
        let this = self.clone();
        blocking(move || this.write_now(batch, &this.key)).await
    }

    fn write_now(&self, batch: RecordBatch, key: &str) -> anyhow::Result<()> {
        let duck = DuckS3::open(&self.httpfs, &self.store)?;
        duck.create_tables()?;
        duck.insert_batch(ApiSymbol::TABLE, batch)?;
        duck.export(&format!("FROM {}", ApiSymbol::TABLE), &self.url(key))
    }

    /// A delta beside the base.
    pub async fn append(&self, batch: RecordBatch) -> anyhow::Result<()> {
        let this = self.clone();
        blocking(move || this.write_now(batch, &this.delta())).await
    }

    /// How many rows the last delta has.
    pub async fn appended(&self) -> anyhow::Result<usize> {
        let this = self.clone();
        blocking(move || {
            let duck = DuckS3::open(&this.httpfs, &this.store)?;
            let file = parquet(&[this.url(&this.delta())])?;
            Ok(usize::try_from(duck.value::<i64>(&format!("SELECT count(*) FROM {file}"))?)?)
        })
        .await
    }

    fn delta(&self) -> String {
        format!("{}.delta", self.key)
    }

    /// A DuckDB that has read nothing.
    pub fn handle(&self) -> anyhow::Result<ParquetHandle> {
        let duck = DuckS3::open(&self.httpfs, &self.store)?;
        Ok(ParquetHandle { duck, urls: vec![self.url(&self.key)] })
    }
}

impl ParquetHandle {
    /// The ids of what an operation finds. Blocks.
    pub fn ask(&self, operation: Operation, question: &Question) -> anyhow::Result<Vec<String>> {
        let file = parquet(&self.urls)?;
        let connection = &self.duck.connection;
        let ids = |sql: String, values: &[&dyn duckdb::ToSql]| -> anyhow::Result<Vec<String>> {
            let mut statement = connection.prepare(&sql)?;
            let rows = statement.query_map(values, |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        match operation {
            Operation::Open => {
                let rows: i64 = self.duck.value(&format!("SELECT count(*) FROM {file}"))?;
                Ok(vec![rows.to_string()])
            }
            Operation::Vector => ids(
                format!(
                    "SELECT id, name, array_distance(CAST(embedding AS FLOAT[{DIMENSIONS}]), \
                     CAST(? AS FLOAT[{DIMENSIONS}])) AS distance FROM {file} ORDER BY distance LIMIT {K}"
                ),
                params![serde_json::to_string(&question.vector)?],
            ),
            Operation::Text => ids(
                format!("SELECT id, name, signature FROM {file} WHERE contains(name, ?) LIMIT {K}"),
                params![question.word],
            ),
            Operation::Point => {
                ids(format!("SELECT * EXCLUDE (embedding) FROM {file} WHERE id = ?"), params![question.id])
            }
            Operation::Filter => ids(
                format!("SELECT id, name, signature FROM {file} WHERE package = ?"),
                params![question.package],
            ),
            Operation::VectorHeld | Operation::Append => {
                bail!("DuckDB is not asked for {operation:?}")
            }
        }
    }
}
