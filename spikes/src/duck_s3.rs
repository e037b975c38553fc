//! DuckDB with its `httpfs` extension on a lab's bucket, as the documents describe the export: tables go
//! there by `COPY`, and are read where they lie.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{ArrayRef, RecordBatch};
use duckdb::arrow::datatypes::{DataType, Field, FieldRef, Schema, TimeUnit};
use duckdb::vtab::arrow::{ArrowVTab, arrow_recordbatch_to_query_params};
use duckdb::{Config, Connection, params};
use secrecy::ExposeSecret;
use zenith_core::embed::DIMENSIONS;
use zenith_core::lake::{Row, to_batch};
use zenith_harness::lab::StoreAddress;

use crate::rows::PackageRow;
use crate::sql::{list, literal};
use crate::tables;

/// A DuckDB in memory that reaches one place in one bucket.
pub struct DuckS3 {
    pub connection: Connection,
}

impl DuckS3 {
    /// A new one, with nothing cached. Blocks.
    pub fn open(httpfs: &Path, store: &StoreAddress) -> anyhow::Result<DuckS3> {
        let config = Config::default()
            .with("allow_community_extensions", "false")?
            .with("autoinstall_known_extensions", "false")?
            .with("autoload_known_extensions", "false")?;
        let connection = Connection::open_in_memory_with_flags(config)?;
        let extension = httpfs.to_str().context("the extension's path is not written in UTF-8")?;
        connection.execute_batch(&format!("LOAD {}", literal(extension)?))?;
        // DuckDB's errors quote the statement.
        connection.execute_batch(&secret(store)?).map_err(|error| {
            let told = error.to_string().replace(store.secret.expose_secret(), "…");
            anyhow!("DuckDB takes no secret for the bucket: {told}")
        })?;
        connection.register_table_function::<ArrowVTab>("arrow")?;
        Ok(DuckS3 { connection })
    }

    /// Creates the three tables of the documents, empty.
    pub fn create_tables(&self) -> anyhow::Result<()> {
        self.connection.execute_batch(&tables::create()?).context("cannot create the tables")
    }

    /// Puts rows into the table of their kind.
    pub fn insert<R: Row>(&self, rows: &[R]) -> anyhow::Result<()> {
        self.insert_batch(R::TABLE, to_batch(rows)?)
    }

    /// Puts a batch into the table of this name. DuckDB's crate keeps the batch until the process ends.
    pub fn insert_batch(&self, table: &str, batch: RecordBatch) -> anyhow::Result<()> {
        let names: Vec<&str> = tables::columns(table)?.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        let sql = format!("INSERT INTO {table} ({names}) SELECT {names} FROM arrow(?, ?)");
        self.connection.execute(&sql, arrow_recordbatch_to_query_params(without_zones(&batch)?))?;
        Ok(())
    }

    pub fn insert_packages(&self, rows: &[PackageRow]) -> anyhow::Result<()> {
        let mut statement = self.connection.prepare(
            "INSERT INTO indexed_packages VALUES (?, ?, ?, make_timestamp(CAST(? AS BIGINT)), ?, ?, ?)",
        )?;
        for row in rows {
            statement.execute(params![
                row.ecosystem,
                row.package,
                row.version,
                row.indexed_at,
                row.symbol_count,
                row.chunk_count,
                row.source_cached
            ])?;
        }
        Ok(())
    }

    /// Writes what a query gives as one Parquet file.
    pub fn export(&self, query: &str, url: &str) -> anyhow::Result<()> {
        let sql = format!("COPY ({query}) TO {} (FORMAT PARQUET, COMPRESSION ZSTD)", literal(url)?);
        self.connection.execute_batch(&sql).with_context(|| format!("cannot export to {url}"))
    }

    /// The columns of Parquet files and their types.
    pub fn columns_of(&self, urls: &[String]) -> anyhow::Result<Vec<(String, String)>> {
        let sql = format!("DESCRIBE SELECT * FROM {}", parquet(urls)?);
        let mut statement = self.connection.prepare(&sql)?;
        let columns = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(columns.collect::<Result<_, _>>()?)
    }

    /// Everything that a query gives.
    pub fn batches(&self, sql: &str) -> anyhow::Result<Vec<RecordBatch>> {
        let mut statement = self.connection.prepare(sql)?;
        Ok(statement.query_arrow([])?.collect())
    }

    /// One value of one row.
    pub fn value<T: duckdb::types::FromSql>(&self, sql: &str) -> anyhow::Result<T> {
        self.connection
            .query_row(sql, [], |row| row.get(0))
            .with_context(|| format!("DuckDB refuses {sql:?}"))
    }

    /// How many rows one query gives that the other does not, both ways: nothing where they are the same.
    pub fn differences(&self, one: &str, other: &str) -> anyhow::Result<u64> {
        self.value(&format!(
            "SELECT count(*) FROM (({one} EXCEPT ALL {other}) UNION ALL ({other} EXCEPT ALL {one}))"
        ))
    }

    /// The names and cosine similarities of the rows that are most like a vector, the most alike first.
    pub fn most_alike(
        &self,
        urls: &[String],
        vector: &[f32],
        k: usize,
    ) -> anyhow::Result<Vec<(String, f64)>> {
        let sql = format!(
            "SELECT name, array_cosine_similarity(CAST(embedding AS FLOAT[{DIMENSIONS}]), \
             CAST(? AS FLOAT[{DIMENSIONS}])) AS score FROM {} ORDER BY score DESC LIMIT {k}",
            parquet(urls)?
        );
        let mut statement = self.connection.prepare(&sql)?;
        let vector = serde_json::to_string(vector)?;
        let rows = statement.query_map(params![vector], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// The documents' tables have times without a zone. DuckDB would take the machine's own for one.
fn without_zones(batch: &RecordBatch) -> anyhow::Result<RecordBatch> {
    let schema = batch.schema();
    let plain = schema.fields().iter().zip(batch.columns()).map(|(field, column)| match field.data_type() {
        DataType::Timestamp(unit @ TimeUnit::Microsecond, Some(_)) => {
            let times = column.as_primitive::<TimestampMicrosecondType>().clone();
            let field = Field::clone(field).with_data_type(DataType::Timestamp(*unit, None));
            (Arc::new(field), Arc::new(times.with_timezone_opt(None::<&str>)) as ArrayRef)
        }
        _ => (field.clone(), column.clone()),
    });
    let (fields, columns): (Vec<FieldRef>, Vec<ArrayRef>) = plain.unzip();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// The table function that reads these Parquet files.
pub fn parquet(urls: &[String]) -> anyhow::Result<String> {
    Ok(format!("read_parquet({})", list(urls)?))
}

/// Access to the lab's place and to nothing beside it: a scope is a plain prefix, so it ends with a slash.
fn secret(store: &StoreAddress) -> anyhow::Result<String> {
    let (scheme, host) = store.endpoint.split_once("://").context("the endpoint has no scheme")?;
    Ok(format!(
        "CREATE SECRET bucket (TYPE s3, KEY_ID {}, SECRET {}, ENDPOINT {}, URL_STYLE 'path', USE_SSL {}, \
         REGION {}, SCOPE {})",
        literal(&store.key_id)?,
        literal(store.secret.expose_secret())?,
        literal(host)?,
        scheme == "https",
        literal(&store.region)?,
        literal(&format!("s3://{}/{}/", store.bucket, store.prefix))?,
    ))
}
