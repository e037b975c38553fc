//! One package, from its source to datasets that are whole.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::RecordBatch;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::catalog::Finished;
use crate::embed::{DIMENSIONS, EmbedError, Embedder, symbol_text};
use crate::identity::Scope;
use crate::ingest::{Chunk, Ingested, SourcePackage, Symbol};
use crate::lake::{ApiSymbol, DocChunk, Lake, LakeError, Row, to_batch};
use crate::search::shelf::ShelfPackage;

/// Rows embedded and written at a time: what bounds memory for a package of any size.
const BATCH_ROWS: usize = 4096;
/// Batches that wait for the writer.
const BATCHES_WAITING: usize = 1;

/// A package that is written, and not yet announced.
pub struct Written {
    pub finished: Finished,
    pub shelf: ShelfPackage,
}

/// Why a package could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    #[error(transparent)]
    Embed(#[from] EmbedError),
    #[error(transparent)]
    Lake(#[from] LakeError),
    #[error("cannot turn its rows into a batch: {0}")]
    Rows(#[from] serde_arrow::Error),
    #[error("the writer of the dataset stopped: {0}")]
    Writer(#[from] tokio::task::JoinError),
    #[error("it was cancelled")]
    Cancelled,
}

/// Writes what was ingested of a package as the datasets of one attempt. Blocks; runs on a thread of
/// its own. A failure leaves a place that nobody names.
pub fn write_package(
    lake: &Lake,
    embedder: &Arc<dyn Embedder>,
    scope: &Scope,
    package: &SourcePackage,
    ingested: &Ingested,
    cancel: &CancellationToken,
) -> Result<Written, PackageError> {
    let id = &package.id;
    let dataset = Lake::place(scope, id, &uuid::Uuid::new_v4().simple().to_string());
    let created_at = chrono::Utc::now().timestamp_micros();
    let mut shelf = ShelfPackage::empty(id, &dataset, embedder.id());
    let embedding = Embedding { embedder, cancel };
    let symbol_row =
        |symbol: &Symbol, vector: &[f32]| ApiSymbol::new(id, symbol, vector.to_vec(), created_at);
    write_table::<ApiSymbol, Symbol>(lake, &dataset, &ingested.symbols, |symbols| {
        let rows = embedding.rows(symbols, text_of_symbol, symbol_row)?;
        shelf.add_symbols(&rows);
        Ok(to_batch(&rows)?)
    })
    .and_then(|()| {
        let chunk_row = |chunk: &Chunk, vector: &[f32]| DocChunk::new(id, chunk, vector.to_vec(), created_at);
        write_table::<DocChunk, Chunk>(lake, &dataset, &ingested.chunks, |chunks| {
            let rows = embedding.rows(chunks, text_of_chunk, chunk_row)?;
            shelf.add_chunks(&rows);
            Ok(to_batch(&rows)?)
        })
    })
    .inspect_err(|_| drop(lake.remove(&dataset)))?;
    shelf.finish(embedder.as_ref());
    let finished = Finished {
        scope: scope.clone(),
        id: id.clone(),
        description: package.description.clone(),
        repo_url: package.repository.clone(),
        symbol_count: ingested.symbols.len() as u64,
        chunk_count: ingested.chunks.len() as u64,
        dataset,
        embedding_model: embedder.id().to_string(),
        indexed_at_ms: None,
    };
    Ok(Written { finished, shelf })
}

/// Feeds a table with batches made from `items`, a bounded number of rows at a time.
fn write_table<R: Row, T>(
    lake: &Lake,
    dataset: &str,
    items: &[T],
    mut batch_of: impl FnMut(&[T]) -> Result<RecordBatch, PackageError>,
) -> Result<(), PackageError> {
    let runtime = Handle::current();
    let (sender, receiver) = futures::channel::mpsc::channel::<RecordBatch>(BATCHES_WAITING);
    let (lake, dataset) = (lake.clone(), dataset.to_string());
    let writer = runtime.spawn(async move { lake.write::<R>(&dataset, receiver).await });
    let fed = feed(sender, items, &mut batch_of);
    match fed {
        Ok(()) => Ok(runtime.block_on(writer)??),
        Err(error) => {
            // What was fed so far must not be committed as if it were all.
            writer.abort();
            Err(error)
        }
    }
}

fn feed<T>(
    mut sender: futures::channel::mpsc::Sender<RecordBatch>,
    items: &[T],
    batch_of: &mut impl FnMut(&[T]) -> Result<RecordBatch, PackageError>,
) -> Result<(), PackageError> {
    // An empty table is one empty batch: a dataset always has both tables.
    let slices = items.chunks(BATCH_ROWS).chain(items.is_empty().then_some(items));
    for slice in slices {
        let batch = batch_of(slice)?;
        let sent = futures::executor::block_on(futures::SinkExt::send(&mut sender, batch));
        if sent.is_err() {
            // The writer stopped; its own error says why.
            break;
        }
    }
    Ok(())
}

struct Embedding<'a> {
    embedder: &'a Arc<dyn Embedder>,
    cancel: &'a CancellationToken,
}

impl Embedding<'_> {
    fn rows<T, R>(
        &self,
        items: &[T],
        text: impl Fn(&T) -> String,
        row: impl Fn(&T, &[f32]) -> R,
    ) -> Result<Vec<R>, PackageError> {
        if self.cancel.is_cancelled() {
            return Err(PackageError::Cancelled);
        }
        let texts: Vec<String> = items.iter().map(text).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let embedded = self.embedder.embed(&texts)?;
        Ok(items
            .iter()
            .zip(embedded.chunks_exact(DIMENSIONS))
            .map(|(item, vector)| row(item, vector))
            .collect())
    }
}

fn text_of_symbol(symbol: &Symbol) -> String {
    let comment = symbol.metadata.get("comment").and_then(|text| text.as_str());
    let doc = match (symbol.doc_comment.as_deref(), comment) {
        (Some(doc), Some(comment)) => Some(Cow::Owned(format!("{doc}\n\n{comment}"))),
        (one, other) => one.or(other).map(Cow::Borrowed),
    };
    symbol_text(&symbol.path, &symbol.signature, doc.as_deref())
}

fn text_of_chunk(chunk: &Chunk) -> String {
    format!("{}. {}", chunk.section_title.replace(" › ", ". "), chunk.content)
}
