//! What a program would call that keeps vectors in Lance and has no Zenith.

use std::path::Path;
use std::sync::Arc;

use futures::TryStreamExt;
use lancedb::arrow::arrow_schema::{DataType, Field, Schema};
use lancedb::query::{ExecutableQuery, QueryBase};
use tokio::runtime::Runtime;
use zenith_core::embed::DIMENSIONS;

/// Vectors in a dataset of Lance's, without an index.
pub struct Lance {
    runtime: Runtime,
    table: lancedb::Table,
}

impl Lance {
    pub fn of(folder: &Path, vectors: &[f32]) -> Lance {
        let runtime = Runtime::new().expect("threads can be started");
        let table = runtime.block_on(async {
            let width = i32::try_from(DIMENSIONS).expect("a few hundred");
            let item = Arc::new(Field::new("item", DataType::Float32, true));
            let field = Field::new("vector", DataType::FixedSizeList(item.clone(), width), true);
            let values = Arc::new(arrow_array::Float32Array::from(vectors.to_vec()));
            let list =
                arrow_array::FixedSizeListArray::try_new(item, width, values, None).expect("whole rows");
            let schema = Arc::new(Schema::new(vec![field]));
            let batch = arrow_array::RecordBatch::try_new(schema, vec![Arc::new(list)]).expect("a batch");
            let uri = folder.to_str().expect("a path of letters");
            let connection = lancedb::connect(uri).execute().await.expect("it opens");
            connection.create_table("vectors", batch).execute().await.expect("it is written")
        });
        Lance { runtime, table }
    }

    /// How many of the nearest it finds.
    pub fn nearest(&self, wanted: &[f32], top: usize) -> usize {
        self.runtime.block_on(async {
            let query = self.table.query().nearest_to(wanted).expect("a vector").limit(top);
            let batches: Vec<arrow_array::RecordBatch> =
                query.execute().await.expect("it answers").try_collect().await.expect("it answers");
            batches.iter().map(arrow_array::RecordBatch::num_rows).sum()
        })
    }
}
