//! What a program would call that keeps the same rows in Lance and has no Zenith.

use std::path::Path;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use futures::{StreamExt, TryStreamExt, stream};
use lancedb::Table;
use lancedb::arrow::{SendableRecordBatchStream, SimpleRecordBatchStream};
use lancedb::query::{ExecutableQuery, QueryBase, Select};

const TABLE: &str = "rows";

/// Writes batches as a new table in a folder.
pub async fn write(folder: &Path, batches: &[RecordBatch]) {
    let schema = batches[0].schema();
    let batches = stream::iter(batches.to_vec()).map(Ok);
    let stream: SendableRecordBatchStream = Box::pin(SimpleRecordBatchStream::new(batches, schema));
    let connection = lancedb::connect(uri(folder)).execute().await.expect("it opens");
    connection.create_table(TABLE, stream).execute().await.expect("it is written");
}

/// Every row, opened anew as ours is.
pub async fn scan(folder: &Path) -> usize {
    let batches = collected(open(folder).await.query()).await;
    batches.iter().map(RecordBatch::num_rows).sum()
}

/// The row of an id.
pub async fn point(folder: &Path, id: &str) -> usize {
    let query = open(folder).await.query().only_if(format!("id = '{id}'"));
    collected(query).await.iter().map(RecordBatch::num_rows).sum()
}

/// The squared distances of the nearest rows, whose names, paths and vectors come with them.
pub async fn nearest(folder: &Path, wanted: &[f32], top: usize) -> Vec<f32> {
    let query = open(folder).await.query().nearest_to(wanted).expect("a vector").limit(top);
    let columns = ["id", "name", "path", "embedding", "_distance"];
    let batches = collected(query.select(Select::columns(&columns))).await;
    let distances = batches.iter().map(|batch| batch.column_by_name("_distance").expect("distances"));
    distances
        .flat_map(|column| column.as_primitive::<arrow_array::types::Float32Type>().values().to_vec())
        .collect()
}

async fn open(folder: &Path) -> Table {
    let connection = lancedb::connect(uri(folder)).execute().await.expect("it opens");
    connection.open_table(TABLE).execute().await.expect("it opens")
}

async fn collected(query: impl ExecutableQuery) -> Vec<RecordBatch> {
    query.execute().await.expect("it answers").try_collect().await.expect("it answers")
}

fn uri(folder: &Path) -> &str {
    folder.to_str().expect("a path of letters")
}
