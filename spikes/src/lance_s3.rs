//! Lance datasets on a lab's bucket, written and opened through lancedb.

use std::collections::HashMap;

use anyhow::Context;
use arrow_array::RecordBatch;
use futures::TryStreamExt;
use lancedb::index::Index;
use lancedb::index::scalar::{BTreeIndexBuilder, BitmapIndexBuilder, FtsIndexBuilder};
use lancedb::index::vector::IvfRqIndexBuilder;
use lancedb::query::{ExecutableQuery, QueryBase, Select};
use lancedb::{Connection, Table};
use secrecy::ExposeSecret;
use zenith_core::lake::{Row, from_batch, to_batch};
use zenith_harness::lab::StoreAddress;

/// The folder that datasets lie in, below the lab's prefix.
const FOLDER: &str = "lance";

/// What lancedb needs to reach the bucket.
pub fn options(store: &StoreAddress) -> HashMap<String, String> {
    let pairs = [
        ("aws_access_key_id", store.key_id.as_str()),
        ("aws_secret_access_key", store.secret.expose_secret()),
        ("aws_region", &store.region),
        ("aws_endpoint", &store.endpoint),
        ("aws_virtual_hosted_style_request", "false"),
        ("allow_http", if store.endpoint.starts_with("http://") { "true" } else { "false" }),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}

/// The URL of a dataset, for readers other than lancedb.
pub fn url(store: &StoreAddress, table: &str) -> String {
    store.url(&key(table))
}

/// The key of a dataset, below the lab's prefix.
pub fn key(table: &str) -> String {
    format!("{FOLDER}/{table}.lance")
}

/// A connection of its own, which has nothing cached.
pub async fn connect(store: &StoreAddress) -> anyhow::Result<Connection> {
    let connection = lancedb::connect(&store.url(FOLDER)).storage_options(options(store));
    connection.execute().await.context("lancedb cannot reach the bucket")
}

/// Writes rows as one fragment of a new dataset.
pub async fn write<R: Row>(store: &StoreAddress, table: &str, rows: &[R]) -> anyhow::Result<Table> {
    write_batch(store, table, to_batch(rows)?).await
}

pub async fn write_batch(store: &StoreAddress, table: &str, batch: RecordBatch) -> anyhow::Result<Table> {
    let created = connect(store).await?.create_table(table, batch).execute().await;
    created.with_context(|| format!("cannot write the dataset {table}"))
}

/// An index over vectors whose search costs few requests: one list of one bit a dimension, which is one range
/// to read, and whose best are compared again by their full vectors.
pub async fn index_vectors(table: &Table) -> anyhow::Result<()> {
    let index = IvfRqIndexBuilder::default().num_partitions(1).num_bits(1);
    table
        .create_index(&["embedding"], Index::IvfRq(index))
        .execute()
        .await
        .context("cannot index the vectors")?;
    Ok(())
}

/// Indexes for reading a row by its id, and the rows of a package.
pub async fn index_keys(table: &Table) -> anyhow::Result<()> {
    let id = Index::BTree(BTreeIndexBuilder::default());
    table.create_index(&["id"], id).execute().await.context("cannot index the ids")?;
    let package = Index::Bitmap(BitmapIndexBuilder::default());
    table.create_index(&["package"], package).execute().await.context("cannot index the packages")?;
    Ok(())
}

/// A BM25 index over names: cut at underscores and capitals, nothing stemmed, no word too common to be looked for.
pub fn identifiers() -> FtsIndexBuilder {
    FtsIndexBuilder::code().split_identifiers(true).stem(false).remove_stop_words(false).with_position(false)
}

pub async fn index_names(table: &Table, settings: FtsIndexBuilder) -> anyhow::Result<()> {
    table.create_index(&["name"], Index::FTS(settings)).execute().await.context("cannot index the names")?;
    Ok(())
}

/// Every row of a table.
pub async fn read_all<R: Row>(table: &Table) -> anyhow::Result<Vec<R>> {
    let columns: Vec<String> = R::schema().fields().iter().map(|field| field.name().clone()).collect();
    let stream = table.query().select(Select::columns(&columns)).execute().await?;
    let batches: Vec<RecordBatch> = stream.try_collect().await?;
    let mut rows = Vec::new();
    for batch in &batches {
        rows.extend(from_batch::<R>(batch)?);
    }
    Ok(rows)
}

/// A column of text out of what a query gave.
pub fn texts(batches: &[RecordBatch], column: &str) -> anyhow::Result<Vec<String>> {
    let mut texts = Vec::new();
    for batch in batches {
        let array = batch.column_by_name(column).with_context(|| format!("there is no column {column}"))?;
        let array: &arrow_array::StringArray = arrow_array::cast::AsArray::as_string(&**array);
        texts.extend(array.iter().map(|text| text.unwrap_or_default().to_string()));
    }
    Ok(texts)
}

/// A column of numbers out of what a query gave.
pub fn numbers(batches: &[RecordBatch], column: &str) -> anyhow::Result<Vec<f32>> {
    use arrow_array::cast::AsArray;
    let mut numbers = Vec::new();
    for batch in batches {
        let array = batch.column_by_name(column).with_context(|| format!("there is no column {column}"))?;
        let array = array.as_primitive_opt::<arrow_array::types::Float32Type>();
        let array = array.with_context(|| format!("the column {column} holds no numbers"))?;
        numbers.extend(array.values().iter().copied());
    }
    Ok(numbers)
}
