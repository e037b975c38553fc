//! The fewest steps that the format allows to a reader who was handed a dataset's manifest with its path: the end of
//! the data file, the descriptions of two columns, the columns. Opened as the product opens what it searches where
//! it lies; ids and vectors are kept, and searched here.

use anyhow::Context;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Float32Type;
use zenith_core::lake::shared;
use zenith_harness::lab::StoreAddress;

use crate::lance_s3;

/// A manifest as it can be passed around.
#[derive(Clone)]
pub struct InHand(Vec<u8>);

/// Reads a dataset's manifest.
pub async fn manifest(store: &StoreAddress, name: &str) -> anyhow::Result<InHand> {
    let dataset = shared::open(&store.store()?, &lance_s3::key(name), None).await?;
    Ok(InHand(dataset.manifest().serialized()))
}

/// The ids and vectors of a dataset, in memory.
pub struct Held {
    batch: RecordBatch,
}

impl Held {
    /// Reads both columns in one pass.
    pub async fn read(store: &StoreAddress, name: &str, manifest: &InHand) -> anyhow::Result<Held> {
        let dataset = shared::open(&store.store()?, &lance_s3::key(name), Some(&manifest.0)).await?;
        let mut scan = dataset.scan();
        scan.project(&["id", "embedding"])?;
        Ok(Held { batch: scan.try_into_batch().await? })
    }

    /// The ids of the nearest vectors, by comparing all.
    pub fn nearest(&self, vector: &[f32], k: usize) -> anyhow::Result<Vec<String>> {
        let ids = self.batch.column_by_name("id").context("no ids")?.as_string::<i32>();
        let vectors = self.batch.column_by_name("embedding").context("no vectors")?.as_fixed_size_list();
        let values = vectors.values().as_primitive::<Float32Type>().values();
        let distance = |row: &[f32]| row.iter().zip(vector).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
        let mut distances: Vec<(f32, usize)> =
            values.chunks_exact(vector.len()).map(distance).zip(0..).collect();
        let k = k.min(distances.len());
        if k < distances.len() {
            distances.select_nth_unstable_by(k, |one, other| one.0.total_cmp(&other.0));
        }
        distances.truncate(k);
        distances.sort_by(|one, other| one.0.total_cmp(&other.0));
        Ok(distances.into_iter().map(|(_, row)| ids.value(row).to_string()).collect())
    }
}
