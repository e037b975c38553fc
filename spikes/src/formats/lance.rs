//! The Lance side: one fragment, an index for each way of asking, written and read by lancedb.
//!
//! Below [`INDEXED_FROM`] rows vectors are compared one by one: reading them all is fewer requests than any index. From
//! there on, one list of one bit a dimension (`IVF_RQ`) is one range to read whatever the number of rows; the best
//! hundred are compared again by their full vectors.

use anyhow::bail;
use arrow_array::RecordBatch;
use futures::TryStreamExt;
use lancedb::Table;
use lancedb::index::scalar::FullTextSearchQuery;
use lancedb::query::{ExecutableQuery, QueryBase, Select};
use zenith_core::lake::{ApiSymbol, Row};
use zenith_harness::lab::StoreAddress;

use super::K;
use super::axes::Operation;
use super::held::{self, Held, InHand};
use super::question::Question;
use crate::lance_s3;

/// What the layout is, for the report.
pub const LAYOUT: &str = "one fragment; IVF_RQ of one list and one bit a dimension, refined 10 times, from 10,000 rows \
    on (flat below); BTree on id, bitmap on package, BM25 on name without stemming and stop words; queried by lancedb";

pub const INDEXED_FROM: usize = 10_000;
const REFINE: u32 = 10;

/// A dataset on the bucket.
#[derive(Clone)]
pub struct LanceSide {
    pub store: StoreAddress,
    pub name: String,
    /// Rows a fragment; everything in one unless a fault asks for many.
    pub fragment_rows: usize,
}

/// An open table, if it was opened already, and what is kept of it.
pub struct LanceHandle<'a> {
    side: &'a LanceSide,
    rows: usize,
    manifest: InHand,
    table: Option<Table>,
    held: Option<Held>,
}

impl LanceSide {
    pub async fn write(&self, batch: RecordBatch) -> anyhow::Result<Table> {
        let rows = batch.num_rows();
        let first = self.fragment_rows.min(rows);
        let table = lance_s3::write_batch(&self.store, &self.name, batch.slice(0, first)).await?;
        let mut done = first;
        while done < rows {
            let next = self.fragment_rows.min(rows - done);
            table.add(batch.slice(done, next)).execute().await?;
            done += next;
        }
        Ok(table)
    }

    pub async fn index(&self, table: &Table, rows: usize) -> anyhow::Result<()> {
        lance_s3::index_keys(table).await?;
        lance_s3::index_names(table, lance_s3::identifiers()).await?;
        if rows >= INDEXED_FROM {
            lance_s3::index_vectors(table).await?;
        }
        Ok(())
    }

    /// A fragment more.
    pub async fn append(&self, batch: RecordBatch) -> anyhow::Result<()> {
        let table = lance_s3::connect(&self.store).await?.open_table(&self.name).execute().await?;
        table.add(batch).execute().await?;
        Ok(())
    }

    /// How many rows there are now.
    pub async fn rows(&self) -> anyhow::Result<usize> {
        let table = lance_s3::connect(&self.store).await?.open_table(&self.name).execute().await?;
        Ok(table.count_rows(None).await?)
    }

    /// A handle that has read nothing. What a catalog hands out beside the path is in hand.
    pub fn handle(&self, rows: usize, manifest: InHand) -> LanceHandle<'_> {
        LanceHandle { side: self, rows, manifest, table: None, held: None }
    }

    /// The manifest, as a catalog could hand it out.
    pub async fn manifest(&self) -> anyhow::Result<InHand> {
        held::manifest(&self.store, &self.name).await
    }
}

impl LanceHandle<'_> {
    /// The ids of what an operation finds.
    pub async fn ask(&mut self, operation: Operation, question: &Question) -> anyhow::Result<Vec<String>> {
        if operation == Operation::VectorHeld {
            let held = match self.held.take() {
                Some(held) => held,
                None => Held::read(&self.side.store, &self.side.name, &self.manifest).await?,
            };
            return self.held.insert(held).nearest(&question.vector, K);
        }
        let table = self.table().await?;
        let query = table.query();
        let columns = Select::columns(&["id", "name", "signature"]);
        let stream = match operation {
            Operation::Vector => {
                let query = query.nearest_to(question.vector.as_slice())?.limit(K);
                let query = if self.rows >= INDEXED_FROM { query.refine_factor(REFINE) } else { query };
                query.select(Select::columns(&["id", "name", "_distance"])).execute().await?
            }
            Operation::Text => {
                let text = FullTextSearchQuery::new(question.word.clone()).with_column("name".to_string())?;
                let columns = Select::columns(&["id", "name", "signature", "_score"]);
                query.full_text_search(text).limit(K).select(columns).execute().await?
            }
            Operation::Point => {
                let all = ApiSymbol::schema();
                let names = all.fields().iter().map(|field| field.name().clone());
                let names: Vec<String> = names.filter(|name| name != "embedding").collect();
                // Ids are hexadecimal: there is nothing to quote.
                query
                    .only_if(format!("id = '{}'", question.id))
                    .select(Select::columns(&names))
                    .execute()
                    .await?
            }
            Operation::Filter => {
                query.only_if(format!("package = '{}'", question.package)).select(columns).execute().await?
            }
            Operation::Open => return Ok(vec![table.count_rows(None).await?.to_string()]),
            Operation::VectorHeld | Operation::Append => bail!("lancedb is not asked for {operation:?}"),
        };
        let batches: Vec<RecordBatch> = stream.try_collect().await?;
        lance_s3::texts(&batches, "id")
    }

    async fn table(&mut self) -> anyhow::Result<Table> {
        if let Some(table) = &self.table {
            return Ok(table.clone());
        }
        let connection = lance_s3::connect(&self.side.store).await?;
        let table = connection.open_table(&self.side.name).execute().await?;
        self.table = Some(table.clone());
        Ok(table)
    }
}
