//! Reading a shelf: one commit of it, held while it is searched.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use tantivy::columnar::Column;
use tantivy::schema::Value;
use tantivy::{DocAddress, Index, ReloadPolicy, Searcher, SegmentReader, TantivyDocument};

use super::directory::ReaderDirectory;
use super::fields::{Fields, tokenizers};
use super::manifest::{Manifest, Shelved};
use super::{Card, Shelf, ShelfError, TraitFile, VectorFile};
use crate::embed::{Embedder, StaticModel};
use crate::package::PackageId;

/// How often a reader that meets a writer's commit starts over.
const ATTEMPTS_MAX: usize = 5;

/// One commit of a shelf.
pub struct Snapshot {
    pub searcher: Searcher,
    pub fields: Fields,
    /// One a segment, opened once since each candidate is looked up in them.
    columns: Vec<Columns>,
    packages: HashMap<PackageId, ShelvedPackage>,
}

/// What is kept of every document for ranking.
struct Columns {
    slots: Column<u64>,
    qualities: Column<u64>,
}

/// A package as a snapshot holds it.
pub struct ShelvedPackage {
    pub shelved: Shelved,
    pub vectors: Arc<VectorFile>,
    pub traits: Arc<TraitFile>,
}

/// Tells whether the shelf's commit changed, for the price of one look at a file's metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    modified: SystemTime,
    length: u64,
}

impl Stamp {
    /// `None` where there is no text index.
    pub fn read(text_folder: &Path) -> Option<Stamp> {
        let metadata = std::fs::metadata(text_folder.join("meta.json")).ok()?;
        Some(Stamp { modified: metadata.modified().ok()?, length: metadata.len() })
    }
}

impl Snapshot {
    pub(super) fn load(shelf: &Shelf, previous: Option<&Snapshot>) -> Result<Snapshot, ShelfError> {
        let damaged = |error: tantivy::TantivyError| shelf.failed("read", &error);
        let directory = ReaderDirectory::open(&shelf.text_folder()).map_err(|error| damaged(error.into()))?;
        let mut index = Index::open(directory).map_err(damaged)?;
        index.set_tokenizers(tokenizers());
        let (schema, fields) = Fields::schema();
        if index.schema() != schema {
            return Err(shelf.other_layout());
        }
        let model = StaticModel::shipped()?;
        let mut last = None;
        for _ in 0..ATTEMPTS_MAX {
            let before = index.load_metas().map_err(damaged)?;
            let manifest =
                read_manifest(before.payload.as_deref(), model.id()).map_err(|why| shelf.damaged(why))?;
            if !manifest.is_current(model.id()) {
                return Err(shelf.other_layout());
            }
            let reader =
                index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(damaged)?;
            // A commit that came between would pair one list with another's documents.
            if index.load_metas().map_err(damaged)?.opstamp != before.opstamp {
                continue;
            }
            match open_packages(shelf, manifest, previous) {
                Ok(packages) => {
                    let searcher = reader.searcher();
                    let columns = open_columns(&searcher).map_err(damaged)?;
                    return Ok(Snapshot { searcher, fields, columns, packages });
                }
                // The writer removes the files that its commit no longer names: look again.
                Err(error) => last = Some(error),
            }
        }
        Err(last.map_or_else(
            || shelf.damaged("it changes faster than it can be read"),
            |error| shelf.damaged(error),
        ))
    }

    /// The package that lies here from this very dataset. A row of any other dataset, however it
    /// came here, is not what the catalog speaks of.
    pub fn package(&self, id: &PackageId, dataset: &str) -> Option<&ShelvedPackage> {
        self.packages.get(id).filter(|package| package.shelved.dataset == dataset)
    }

    /// Everything that lies here, in no order.
    pub fn packages(&self) -> impl Iterator<Item = &ShelvedPackage> {
        self.packages.values()
    }

    /// The slot of a document, and its quality.
    pub fn placed(&self, address: DocAddress) -> Option<(u64, u8)> {
        let columns = self.columns.get(address.segment_ord as usize)?;
        let quality = columns.qualities.first(address.doc_id).unwrap_or(0);
        Some((columns.slots.first(address.doc_id)?, u8::try_from(quality).unwrap_or(u8::MAX)))
    }

    /// The card of a document.
    pub fn card(&self, address: DocAddress) -> Option<Card> {
        let document: TantivyDocument = self.searcher.doc(address).ok()?;
        serde_json::from_slice(document.get_first(self.fields.card)?.as_bytes()?).ok()
    }
}

fn open_columns(searcher: &Searcher) -> tantivy::Result<Vec<Columns>> {
    let open = |reader: &SegmentReader| {
        let fields = reader.fast_fields();
        Ok(Columns { slots: fields.u64("slot")?, qualities: fields.u64("quality")? })
    };
    searcher.segment_readers().iter().map(open).collect()
}

/// The list that a commit carries; a new index, which has none, is empty.
pub(super) fn read_manifest(payload: Option<&str>, table: &str) -> Result<Manifest, String> {
    let Some(payload) = payload else { return Ok(Manifest::empty(table)) };
    serde_json::from_str(payload).map_err(|error| error.to_string())
}

fn open_packages(
    shelf: &Shelf,
    manifest: Manifest,
    previous: Option<&Snapshot>,
) -> std::io::Result<HashMap<PackageId, ShelvedPackage>> {
    let mut packages = HashMap::with_capacity(manifest.packages.len());
    for shelved in manifest.packages {
        let known = previous.and_then(|snapshot| snapshot.package(&shelved.id, &shelved.dataset));
        let folder = shelf.vector_folder();
        let (vectors, traits) = match known {
            Some(package) => (package.vectors.clone(), package.traits.clone()),
            None => (
                Arc::new(VectorFile::open(&folder.join(shelved.vector_file()))?),
                Arc::new(TraitFile::open(&folder.join(shelved.trait_file()))?),
            ),
        };
        packages.insert(shelved.id.clone(), ShelvedPackage { shelved, vectors, traits });
    }
    Ok(packages)
}
