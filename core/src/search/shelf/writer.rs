//! Changing a shelf: one writer at a time across processes, one commit a change.

use std::collections::HashSet;
use std::fs::File;

use tantivy::indexer::{LogMergePolicy, PreparedCommit};
use tantivy::schema::Schema;
use tantivy::{Index, IndexSettings, IndexWriter, Term};

use super::fields::{Fields, tokenizers};
use super::manifest::{Manifest, Shelved};
use super::snapshot::read_manifest;
use super::traits::write_traits;
use super::vectors::QuantizedVectors;
use super::{Shelf, ShelfError, ShelfRow};
use crate::embed::{DIMENSIONS, Embedder, StaticModel, part_text, use_text};
use crate::lake::{ApiSymbol, DocChunk, PackageRows};
use crate::package::PackageId;

/// From so many rows on, two threads write a change, which then makes two segments: below, the terms that both would
/// have, and the merges of twice as many segments, cost more than the second thread brings.
const TWO_WRITERS_FROM: usize = 60_000;
const WRITER_BYTES: usize = 64 << 20;
/// Second texts of an item that have a vector: the best come first.
const USE_VECTORS_MAX: usize = 2;
pub(super) const WRITER_LOCK: &str = "shelf.lock";

/// A package on its way to a shelf. Its rows and vectors are in the order of the dataset: the
/// symbols, then the chunks; after them the pieces of long items.
pub struct ShelfPackage {
    pub id: PackageId,
    pub dataset: String,
    pub model: String,
    pub rows: Vec<ShelfRow>,
    pub vectors: QuantizedVectors,
    /// Pieces of long items, which [`ShelfPackage::finish`] puts after all other rows.
    pub parts: Vec<ShelfRow>,
}

impl ShelfPackage {
    /// What a shelf keeps of a dataset's rows. Their second texts have no vectors in a dataset: `embedder`
    /// makes them, where it is the one that made the others.
    pub fn of(
        id: &PackageId,
        dataset: &str,
        model: &str,
        rows: &PackageRows,
        embedder: &dyn Embedder,
    ) -> ShelfPackage {
        let mut package = ShelfPackage::empty(id, dataset, model);
        package.add_symbols(&rows.symbols);
        package.add_chunks(&rows.chunks);
        package.finish(embedder);
        package
    }

    pub fn empty(id: &PackageId, dataset: &str, model: &str) -> ShelfPackage {
        let (id, dataset, model) = (id.clone(), dataset.to_string(), model.to_string());
        let (rows, vectors, parts) = (Vec::new(), QuantizedVectors::default(), Vec::new());
        ShelfPackage { id, dataset, model, rows, vectors, parts }
    }

    /// Adds rows with their vectors, in the order of the dataset.
    pub fn add_symbols(&mut self, symbols: &[ApiSymbol]) {
        for symbol in symbols {
            self.vectors.extend(&symbol.embedding);
            self.rows.push(ShelfRow::of_symbol(symbol));
            self.parts.extend(ShelfRow::parts_of(symbol));
        }
    }

    /// Adds sections, after the symbols.
    pub fn add_chunks(&mut self, chunks: &[DocChunk]) {
        for chunk in chunks {
            self.vectors.extend(&chunk.embedding);
            self.rows.push(ShelfRow::of_chunk(&self.id, chunk));
        }
    }

    /// Adds the pieces of long items and the vectors of second texts, after all else. What cannot be
    /// embedded has no vector, and is found by its words.
    pub fn finish(&mut self, embedder: &dyn Embedder) {
        let mut texts = Vec::new();
        for part in &self.parts {
            texts.push(part_text(&part.card.path, part.body.as_deref().unwrap_or_default()));
        }
        let parts = texts.len();
        let mut owners = Vec::new();
        for (row, entry) in (0_u32..).zip(&self.rows) {
            for text in entry.uses.iter().take(USE_VECTORS_MAX) {
                texts.push(use_text(&entry.card.path, text));
                owners.push(row);
            }
        }
        self.rows.append(&mut self.parts);
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let embedded = if embedder.id() == self.model { embedder.embed(&texts).ok() } else { None };
        match embedded.as_deref().and_then(|vectors| vectors.split_at_checked(parts * DIMENSIONS)) {
            Some((of_parts, of_uses)) => {
                self.vectors.extend(of_parts);
                self.vectors.extend_seconds(of_uses, &owners);
            }
            None => self.vectors.extend(&vec![0.0; parts * DIMENSIONS]),
        }
    }
}

impl Shelf {
    /// Puts packages on the shelf, each in place of what lies there of it, and takes others off; one
    /// commit. Waits while another process changes the shelf.
    pub fn apply(&self, adds: &[ShelfPackage], removes: &[PackageId]) -> Result<(), ShelfError> {
        let _lock = self.lock(WRITER_LOCK)?;
        let damaged = |error: tantivy::TantivyError| self.failed("write to", &error);
        let model = StaticModel::shipped()?;
        let (index, fields, mut manifest) = self.open_to_write(model.id())?;
        let rows: usize = adds.iter().map(|package| package.rows.len()).sum();
        let threads = if rows < TWO_WRITERS_FROM { 1 } else { 2 };
        let mut writer: IndexWriter =
            index.writer_with_num_threads(threads, WRITER_BYTES).map_err(damaged)?;
        writer.set_merge_policy(Box::new(merge_policy()));

        let mut replaced = false;
        for id in removes.iter().chain(adds.iter().map(|package| &package.id)) {
            if let Some(shelved) = manifest.take(id) {
                writer.delete_term(Term::from_field_u64(fields.package, u64::from(shelved.ordinal)));
                replaced = true;
            }
        }
        for package in adds {
            let shelved = Shelved {
                ordinal: manifest.next_ordinal,
                id: package.id.clone(),
                dataset: package.dataset.clone(),
                model: package.model.clone(),
                rows: u32::try_from(package.rows.len()).unwrap_or(u32::MAX),
            };
            manifest.next_ordinal += 1;
            let file = self.vector_folder().join(shelved.vector_file());
            package.vectors.write(&file).map_err(|error| self.io("write vectors to", error))?;
            let file = self.vector_folder().join(shelved.trait_file());
            write_traits(&file, &package.rows, &model).map_err(|error| self.io("write traits to", error))?;
            for (row, entry) in (0..).zip(&package.rows) {
                writer.add_document(fields.document(shelved.ordinal, row, entry)).map_err(damaged)?;
            }
            manifest.packages.push(shelved);
        }

        let payload = serde_json::to_string(&manifest).map_err(|error| self.damaged(error))?;
        let mut commit: PreparedCommit<'_, _> = writer.prepare_commit().map_err(damaged)?;
        commit.set_payload(&payload);
        commit.commit().map_err(damaged)?;
        if replaced {
            drop_deleted(&index, &mut writer).map_err(damaged)?;
        }
        writer.wait_merging_threads().map_err(damaged)?;
        let files = |shelved: &Shelved| [shelved.vector_file(), shelved.trait_file()];
        let named: HashSet<String> = manifest.packages.iter().flat_map(files).collect();
        self.remove_unnamed(&named);
        Ok(())
    }

    /// The index and the list of what lies in it. One of another layout is replaced by an empty one that is
    /// marked as partial. Only the holder of the lock comes here.
    fn open_to_write(&self, table: &str) -> Result<(Index, Fields, Manifest), ShelfError> {
        let (schema, fields) = Fields::schema();
        let index = self.open_or_create(&schema)?;
        let metas = index.load_metas().map_err(|error| self.failed("read", &error))?;
        let manifest = read_manifest(metas.payload.as_deref(), table).map_err(|why| self.damaged(why))?;
        if index.schema() == schema && manifest.is_current(table) {
            return Ok((index, fields, manifest));
        }
        drop(index);
        self.begin_anew()?;
        Ok((self.open_or_create(&schema)?, fields, Manifest::empty(table)))
    }

    /// The lock is the operating system's: it goes with the process that holds it.
    pub(super) fn lock(&self, name: &str) -> Result<File, ShelfError> {
        let path = self.folder.join(name);
        let fail = |source| ShelfError::Lock { path: path.clone(), source };
        std::fs::create_dir_all(&self.folder).map_err(|error| self.io("create", error))?;
        let file = File::create(&path).map_err(fail)?;
        file.lock().map_err(fail)?;
        Ok(file)
    }

    fn open_or_create(&self, schema: &Schema) -> Result<Index, ShelfError> {
        for folder in [self.text_folder(), self.vector_folder()] {
            std::fs::create_dir_all(folder).map_err(|error| self.io("create", error))?;
        }
        let text = self.text_folder();
        let mut index = if text.join("meta.json").exists() {
            Index::open_in_dir(&text)
        } else {
            let compression = tantivy::store::Compressor::Zstd(tantivy::store::ZstdCompressor::default());
            let settings = IndexSettings { docstore_compression: compression, ..IndexSettings::default() };
            Index::builder().schema(schema.clone()).settings(settings).create_in_dir(&text)
        }
        .map_err(|error| self.failed("open", &error))?;
        index.set_tokenizers(tokenizers());
        Ok(index)
    }

    /// Files that no commit names: replaced packages', and those of a writer that died before its
    /// commit. Only the holder of the lock comes here, so none is about to be named.
    fn remove_unnamed(&self, named: &HashSet<String>) {
        let Ok(files) = std::fs::read_dir(self.vector_folder()) else { return };
        for file in files.flatten() {
            if !named.contains(file.file_name().to_string_lossy().as_ref()) {
                // One that stays costs space alone; the next change tries again.
                let _ = std::fs::remove_file(file.path());
            }
        }
    }
}

/// Rewrites the segments that hold deleted rows: a row must not outlive its owner's wish on disk.
fn drop_deleted(index: &Index, writer: &mut IndexWriter) -> tantivy::Result<()> {
    let segments = index.searchable_segment_metas()?;
    let with_deletes: Vec<_> =
        segments.iter().filter(|meta| meta.has_deletes()).map(tantivy::SegmentMeta::id).collect();
    if !with_deletes.is_empty() {
        writer.merge(&with_deletes).wait()?;
        writer.garbage_collect_files().wait()?;
    }
    Ok(())
}

/// Merges early: a shelf is written seldom and searched often.
fn merge_policy() -> LogMergePolicy {
    let mut policy = LogMergePolicy::default();
    policy.set_min_num_segments(6);
    policy
}
