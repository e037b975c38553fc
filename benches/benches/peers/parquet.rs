//! What a program would call that keeps the same rows in Parquet and has no Zenith.

use std::fs::File;
use std::path::Path;

use arrow_array::RecordBatch;
use duckdb::{Connection, params};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use zenith_core::embed::DIMENSIONS;

/// Writes batches as one file until it lies on the disk, packed as ours are: a dictionary of vectors would be made and
/// thrown away.
pub fn write(path: &Path, batches: &[RecordBatch]) {
    let components = ColumnPath::from(["embedding", "list", "element"].map(str::to_string).to_vec());
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_coerce_types(true)
        .set_column_dictionary_enabled(components, false)
        .build();
    let file = File::create(path).expect("there is a place for files");
    let mut writer = ArrowWriter::try_new(file, batches[0].schema(), Some(properties)).expect("a schema");
    for batch in batches {
        writer.write(batch).expect("it is written");
    }
    writer.into_inner().expect("it is whole").sync_all().expect("it is kept");
}

/// A DuckDB, and a file that it reads.
pub struct Duck<'a> {
    pub connection: &'a Connection,
    pub file: &'a Path,
}

impl Duck<'_> {
    fn from(&self) -> String {
        format!("FROM read_parquet('{}')", self.file.display())
    }

    /// Writes all rows as a file of its own.
    pub fn copy(&self, to: &Path) {
        let sql = format!("COPY ({}) TO '{}' (FORMAT PARQUET, COMPRESSION ZSTD)", self.from(), to.display());
        self.connection.execute_batch(&sql).expect("it is written");
    }

    /// How many rows there are, with all that is in them.
    pub fn scan(&self) -> usize {
        let mut statement = self.connection.prepare(&self.from()).expect("it is understood");
        let batches = statement.query_arrow([]).expect("it answers");
        batches.map(|batch| batch.num_rows()).sum()
    }

    /// The squared distances of the nearest rows, with their names and paths.
    pub fn nearest(&self, wanted: &[f32], top: usize) -> Vec<f32> {
        let vector = |what: &str| format!("CAST({what} AS FLOAT[{DIMENSIONS}])");
        let distance = format!("array_distance({}, {})", vector("embedding"), vector("?"));
        let sql =
            format!("SELECT id, name, path, {distance} AS far {} ORDER BY far LIMIT {top}", self.from());
        let mut statement = self.connection.prepare(&sql).expect("it is understood");
        let wanted = serde_json::to_string(wanted).expect("numbers");
        let rows = statement.query_map(params![wanted], |row| row.get::<_, f32>(3)).expect("it answers");
        rows.map(|far| far.expect("a distance").powi(2)).collect()
    }

    /// How many rows have a word in their documentation.
    pub fn having(&self, word: &str) -> usize {
        self.rows("contains(doc_comment, ?)", word)
    }

    /// How many rows have this id.
    pub fn point(&self, id: &str) -> usize {
        self.rows("id = ?", id)
    }

    fn rows(&self, filter: &str, value: &str) -> usize {
        let sql = format!("SELECT * EXCLUDE (embedding) {} WHERE {filter}", self.from());
        let mut statement = self.connection.prepare(&sql).expect("it is understood");
        let batches = statement.query_arrow(params![value]).expect("it answers");
        batches.map(|batch| batch.num_rows()).sum()
    }
}
