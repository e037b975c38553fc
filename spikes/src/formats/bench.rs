//! Both datasets of one size on the lab's bucket, which counts what is asked of it.

use std::time::Instant;

use anyhow::Context;
use futures::future::BoxFuture;
use zenith_core::lake::to_batch;
use zenith_harness::lab::{Bucket, dependent_steps};

use super::axes::{Format, Operation};
use super::data::{Export, Exports, Traffic};
use super::held::InHand;
use super::lance::{LanceHandle, LanceSide};
use super::measure::Plan;
use super::parquet::{ParquetHandle, ParquetSide};
use super::question::{Question, Truth};
use crate::parquet_export::blocking;

pub struct Bench<'a> {
    pub bucket: &'a Bucket,
    pub parquet: ParquetSide,
    pub lance: LanceSide,
    pub truth: Truth,
    pub plan: &'a Plan,
}

impl Bench<'_> {
    /// Writes both, each by itself and both at one time, in turns; what was written last stays.
    pub async fn export(&self) -> anyhow::Result<Exports> {
        let rows = &self.truth.rows;
        let batch = to_batch(rows)?;
        let whole = rows.len() - self.plan.parquet_lacks;
        let (mut parquets, mut lances, mut boths) = (Vec::new(), Vec::new(), Vec::new());
        for turn in 0..self.plan.export_turns {
            let aside = |side: &str| format!("{}_{side}_{turn}", self.lance.name);
            let lance = LanceSide { name: aside("alone"), ..self.lance.clone() };
            lances.push(self.timed(lance.write(batch.clone())).await?.0);
            parquets.push(self.timed(self.parquet.write(batch.slice(0, whole))).await?.0);
            let lance = LanceSide { name: aside("both"), ..self.lance.clone() };
            // An export of both begins with rows; the bare writes have their batch already.
            let both = async {
                let batch = to_batch(rows)?;
                tokio::try_join!(lance.write(batch.clone()), self.parquet.write(batch.slice(0, whole)))
            };
            boths.push(self.timed(both).await?.0);
        }
        let table = self.lance.write(batch).await?;
        let folder = format!("lance/{}.lance", self.lance.name);
        let lance_bytes = self.lance.store.bytes_below(&folder).await?;
        let (lance_index, ()) = self.timed(self.lance.index(&table, rows.len())).await?;
        let all_bytes = self.lance.store.bytes_below(&folder).await?;
        let parquet_folder = format!("parquet/{}", rows.len());
        Ok(Exports {
            parquet: median(parquets, |export| export.ms),
            lance: median(lances, |export| export.ms),
            lance_index,
            both_ms: median(boths, |export| export.ms).ms,
            parquet_bytes: self.parquet.store.bytes_below(&parquet_folder).await?,
            lance_bytes,
            lance_index_bytes: all_bytes - lance_bytes,
        })
    }

    /// A handle that has read nothing. Lance's has the manifest that a catalog could hand out with the path.
    pub fn handle(&self, format: Format, manifest: &InHand) -> anyhow::Result<Handle<'_>> {
        Ok(match format {
            Format::Parquet => Handle::Parquet(Some(self.parquet.handle()?)),
            Format::Lance => {
                Handle::Lance(Box::new(self.lance.handle(self.truth.rows.len(), manifest.clone())))
            }
        })
    }

    /// How long work took, and what passed meanwhile.
    pub async fn timed<T>(
        &self,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<(Export, T)> {
        self.bucket.reset();
        let started = Instant::now();
        let result = work.await?;
        let ms = started.elapsed().as_secs_f64() * 1e3;
        let traffic = Traffic::new(self.bucket.count(), dependent_steps(&self.bucket.requests()));
        Ok((Export { ms: (ms * 100.0).round() / 100.0, traffic }, result))
    }
}

/// An opened dataset of either format.
pub enum Handle<'a> {
    /// Lent to the thread that it blocks.
    Parquet(Option<ParquetHandle>),
    Lance(Box<LanceHandle<'a>>),
}

impl Handle<'_> {
    pub fn ask<'b>(
        &'b mut self,
        operation: Operation,
        question: &'b Question,
    ) -> BoxFuture<'b, anyhow::Result<Vec<String>>> {
        Box::pin(async move {
            match self {
                Handle::Lance(handle) => handle.ask(operation, question).await,
                Handle::Parquet(slot) => {
                    let handle = slot.take().context("the handle is gone")?;
                    let question = question.clone();
                    let work = move || handle.ask(operation, &question).map(|ids| (handle, ids));
                    let (handle, ids) = blocking(work).await?;
                    *slot = Some(handle);
                    Ok(ids)
                }
            }
        })
    }
}

/// The one in the middle by time.
pub fn median<T>(mut found: Vec<T>, time: impl Fn(&T) -> f64) -> T {
    found.sort_by(|one, other| time(one).total_cmp(&time(other)));
    found.swap_remove(found.len() / 2)
}
