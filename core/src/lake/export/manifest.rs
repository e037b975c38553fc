//! The manifest: what an export holds. Nothing of it is used before all of it was checked.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::identity::Scope;
use crate::lake::{ContentHash, LeftOut};
use crate::package::{PackageId, check_segment};

/// Raised when a field or a column changes its meaning; manifests and data files of a later number are not
/// read. The second says in its summary where each package's rows lie, and its data files hold times with
/// their zone and null for vectors that mean nothing.
pub const SCHEMA_VERSION: u64 = 2;
const SCHEMA_VERSION_OLDEST: u64 = 1;

/// Whether a version of the schema is one that is read here.
pub(super) fn is_read(version: u64) -> bool {
    (SCHEMA_VERSION_OLDEST..=SCHEMA_VERSION).contains(&version)
}

/// A larger manifest is not read.
pub(super) const MANIFEST_BYTES_MAX: u64 = 64 << 20;
/// A larger data file is neither written nor read.
pub(super) const FILE_BYTES_MAX: u64 = 1 << 30;
const FILE_ROWS_MAX: u64 = 4_000_000;
const DELTAS_READ_MAX: usize = 10_000;
const TEXT_CHARS_MAX: usize = 10_000;

/// The three tables of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    ApiSymbols,
    DocChunks,
    IndexedPackages,
}

impl Table {
    pub const ALL: [Table; 3] = [Table::ApiSymbols, Table::DocChunks, Table::IndexedPackages];

    pub fn as_str(self) -> &'static str {
        match self {
            Table::ApiSymbols => "api_symbols",
            Table::DocChunks => "doc_chunks",
            Table::IndexedPackages => "indexed_packages",
        }
    }

    /// A data file's place beside the manifest.
    pub(super) fn file(self, hash: &ContentHash) -> String {
        format!("{}/{hash}.parquet", self.as_str())
    }
}

/// What an export holds, at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub schema_version: u64,
    /// `public`, `team/<org>` or `private/<sub>`: whose it is.
    pub scope: String,
    /// The organisation, for a team's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org_id: Option<String>,
    pub exported_at: DateTime<Utc>,
    /// One more with every swap.
    pub sequence: u64,
    pub total_packages: u64,
    pub total_symbols: u64,
    pub total_chunks: u64,
    /// What base and deltas come to, by name and version.
    pub packages: Vec<ListedPackage>,
    pub base: Segment,
    /// Oldest first.
    pub deltas: Vec<Segment>,
}

/// A package in the manifest's summary: all that a reader has to know who leaves the merge to us. Rows of
/// the package in other files were replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedPackage {
    pub ecosystem: String,
    pub package: String,
    pub version: String,
    pub symbol_count: u64,
    pub chunk_count: u64,
    /// The file of `api_symbols` with its rows, beside the manifest; null where it has none.
    #[serde(default)]
    pub api_symbols: Option<String>,
    /// The same of `doc_chunks`.
    #[serde(default)]
    pub doc_chunks: Option<String>,
}

/// What one run added: the base, or a delta.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    pub exported_at: DateTime<Utc>,
    pub files: Vec<DataFile>,
    pub packages: Vec<ExportedPackage>,
    /// Packages that are no longer there; none in a base.
    #[serde(default, with = "keys")]
    pub removed: Vec<PackageId>,
}

/// A Parquet file beside the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataFile {
    pub table: Table,
    pub hash: ContentHash,
    pub rows: u64,
    pub bytes: u64,
}

/// A package version as a segment brings it. Its rows of one table lie in one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawPackage", into = "RawPackage")]
pub struct ExportedPackage {
    pub id: PackageId,
    pub symbol_count: u64,
    pub chunk_count: u64,
    /// Which attempt at indexing this is: a package that was indexed anew has another.
    pub attempt: String,
    /// Milliseconds since 1970, UTC.
    pub indexed_at_ms: i64,
    pub embedding_model: Option<String>,
    pub description: Option<String>,
    pub repo_url: Option<String>,
    /// The data folder that exported it, and the only one that says when it is gone.
    pub exported_by: String,
    /// The file with its symbols, where it has any.
    pub symbols: Option<ContentHash>,
    pub chunks: Option<ContentHash>,
    /// Where some of its symbols were left out.
    pub left_out: Option<LeftOut>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPackage {
    ecosystem: String,
    package: String,
    version: String,
    symbol_count: u64,
    chunk_count: u64,
    attempt: String,
    indexed_at_ms: i64,
    embedding_model: Option<String>,
    description: Option<String>,
    repo_url: Option<String>,
    exported_by: String,
    symbols: Option<ContentHash>,
    chunks: Option<ContentHash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left_out: Option<LeftOut>,
}

impl TryFrom<RawPackage> for ExportedPackage {
    type Error = String;

    fn try_from(raw: RawPackage) -> Result<ExportedPackage, String> {
        let id =
            PackageId::new(raw.ecosystem, raw.package, raw.version).map_err(|error| error.to_string())?;
        check_segment("attempt", &raw.attempt).map_err(|error| error.to_string())?;
        check_segment("exporter", &raw.exported_by).map_err(|error| error.to_string())?;
        for text in [&raw.embedding_model, &raw.description, &raw.repo_url].into_iter().flatten() {
            if text.chars().count() > TEXT_CHARS_MAX {
                return Err(format!("a text of {id} is longer than {TEXT_CHARS_MAX} characters"));
            }
        }
        Ok(ExportedPackage {
            id,
            symbol_count: raw.symbol_count,
            chunk_count: raw.chunk_count,
            attempt: raw.attempt,
            indexed_at_ms: raw.indexed_at_ms,
            embedding_model: raw.embedding_model,
            description: raw.description,
            repo_url: raw.repo_url,
            exported_by: raw.exported_by,
            symbols: raw.symbols,
            chunks: raw.chunks,
            left_out: raw.left_out,
        })
    }
}

impl From<ExportedPackage> for RawPackage {
    fn from(package: ExportedPackage) -> RawPackage {
        RawPackage {
            ecosystem: package.id.ecosystem().to_string(),
            package: package.id.name().to_string(),
            version: package.id.version().to_string(),
            symbol_count: package.symbol_count,
            chunk_count: package.chunk_count,
            attempt: package.attempt,
            indexed_at_ms: package.indexed_at_ms,
            embedding_model: package.embedding_model,
            description: package.description.map(cut),
            repo_url: package.repo_url.map(cut),
            exported_by: package.exported_by,
            symbols: package.symbols,
            chunks: package.chunks,
            left_out: package.left_out,
        }
    }
}

fn cut(text: String) -> String {
    text.chars().take(TEXT_CHARS_MAX).collect()
}

impl ExportedPackage {
    /// The file of a table with its rows, and how many they are.
    pub fn part(&self, table: Table) -> Option<(&ContentHash, u64)> {
        match table {
            Table::ApiSymbols => self.symbols.as_ref().map(|hash| (hash, self.symbol_count)),
            Table::DocChunks => self.chunks.as_ref().map(|hash| (hash, self.chunk_count)),
            Table::IndexedPackages => None,
        }
    }
}

impl Segment {
    pub fn new(exported_at: DateTime<Utc>) -> Segment {
        Segment { exported_at, files: Vec::new(), packages: Vec::new(), removed: Vec::new() }
    }

    pub fn file(&self, table: Table, hash: &ContentHash) -> Option<&DataFile> {
        self.files.iter().find(|file| file.table == table && file.hash == *hash)
    }
}

impl Manifest {
    /// A manifest of these segments, its summary made from them.
    pub fn new(
        scope: &Scope,
        sequence: u64,
        exported_at: DateTime<Utc>,
        base: Segment,
        deltas: Vec<Segment>,
    ) -> Manifest {
        let mut manifest = Manifest {
            schema_version: SCHEMA_VERSION,
            scope: scope.prefix(),
            org_id: scope.team().map(str::to_string),
            exported_at,
            sequence,
            total_packages: 0,
            total_symbols: 0,
            total_chunks: 0,
            packages: Vec::new(),
            base,
            deltas,
        };
        let packages = manifest.summary();
        manifest.total_packages = packages.len() as u64;
        manifest.total_symbols = packages.iter().map(|package| package.symbol_count).sum();
        manifest.total_chunks = packages.iter().map(|package| package.chunk_count).sum();
        manifest.packages = packages;
        manifest
    }

    /// The base, then the deltas from the oldest to the newest.
    pub fn segments(&self) -> impl Iterator<Item = &Segment> {
        std::iter::once(&self.base).chain(&self.deltas)
    }

    /// Base and deltas merged: of each package version the newest, without those that were removed.
    /// With each, the segment that brings it.
    pub fn live(&self) -> BTreeMap<&PackageId, (&Segment, &ExportedPackage)> {
        let mut live = BTreeMap::new();
        for segment in self.segments() {
            for id in &segment.removed {
                live.remove(id);
            }
            live.extend(segment.packages.iter().map(|package| (&package.id, (segment, package))));
        }
        live
    }

    /// Whether it is of an earlier version, so that its data files are others than one would write now.
    pub fn is_outdated(&self) -> bool {
        self.schema_version < SCHEMA_VERSION
    }

    /// Every data file that a segment names.
    pub fn files(&self) -> BTreeSet<(Table, &ContentHash)> {
        self.segments().flat_map(|segment| &segment.files).map(|file| (file.table, &file.hash)).collect()
    }

    fn summary(&self) -> Vec<ListedPackage> {
        let listed = |package: &ExportedPackage| ListedPackage {
            ecosystem: package.id.ecosystem().to_string(),
            package: package.id.name().to_string(),
            version: package.id.version().to_string(),
            symbol_count: package.symbol_count,
            chunk_count: package.chunk_count,
            api_symbols: package.symbols.as_ref().map(|hash| Table::ApiSymbols.file(hash)),
            doc_chunks: package.chunks.as_ref().map(|hash| Table::DocChunks.file(hash)),
        };
        self.live().into_values().map(|(_, package)| listed(package)).collect()
    }

    /// Whether its parts fit together; says why not.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.deltas.len() > DELTAS_READ_MAX {
            return Err(format!("it has more than {DELTAS_READ_MAX} deltas"));
        }
        if !self.base.removed.is_empty() {
            return Err("its base removes packages".to_string());
        }
        self.segments().try_for_each(check_segment_of_manifest)?;
        let mut packages = self.summary();
        if self.is_outdated() {
            // The first version's summary does not say where the rows lie.
            packages.iter_mut().for_each(|one| (one.api_symbols, one.doc_chunks) = (None, None));
        }
        let sum = |count: fn(&ListedPackage) -> u64| packages.iter().map(count).sum::<u64>();
        let totals = (packages.len() as u64, sum(|one| one.symbol_count), sum(|one| one.chunk_count));
        if self.packages != packages || (self.total_packages, self.total_symbols, self.total_chunks) != totals
        {
            return Err("its summary is not what its base and deltas come to".to_string());
        }
        Ok(())
    }
}

fn check_segment_of_manifest(segment: &Segment) -> Result<(), String> {
    let mut free: HashMap<(Table, &ContentHash), u64> = HashMap::new();
    for file in &segment.files {
        if file.rows > FILE_ROWS_MAX || file.bytes > FILE_BYTES_MAX {
            return Err(format!("its file {} claims {} rows in {} bytes", file.hash, file.rows, file.bytes));
        }
        if free.insert((file.table, &file.hash), file.rows).is_some() {
            return Err(format!("it names the file {} twice", file.hash));
        }
    }
    let mut seen: BTreeSet<&PackageId> = segment.removed.iter().collect();
    for package in &segment.packages {
        if !seen.insert(&package.id) {
            return Err(format!("it says two things of {}", package.id));
        }
        let parts = [(Table::ApiSymbols, package.symbol_count), (Table::DocChunks, package.chunk_count)];
        for (table, count) in parts {
            match package.part(table) {
                None if count == 0 => {}
                None => return Err(format!("{} has rows in no file", package.id)),
                Some((hash, _)) => {
                    let rows = free.get_mut(&(table, hash)).filter(|_| count > 0);
                    let Some(rows) = rows else {
                        return Err(format!("{} lies in a file that is not named", package.id));
                    };
                    *rows = rows
                        .checked_sub(count)
                        .ok_or_else(|| format!("the file {hash} has fewer rows than its packages"))?;
                }
            }
        }
    }
    Ok(())
}

/// Package versions as objects with the names that every table uses.
mod keys {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use crate::package::PackageId;

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Key {
        ecosystem: String,
        package: String,
        version: String,
    }

    pub fn serialize<S: Serializer>(ids: &[PackageId], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(ids.iter().map(|id| Key {
            ecosystem: id.ecosystem().to_string(),
            package: id.name().to_string(),
            version: id.version().to_string(),
        }))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PackageId>, D::Error> {
        let keys = Vec::<Key>::deserialize(deserializer)?;
        let id = |key: Key| PackageId::new(key.ecosystem, key.package, key.version).map_err(D::Error::custom);
        keys.into_iter().map(id).collect()
    }
}
