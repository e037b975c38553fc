//! Compaction: base and deltas become a new base.

use std::collections::HashMap;

use tokio_util::sync::CancellationToken;

use super::exporter::{Exporter, TRIES_MAX, seal_segment};
use super::manifest::{ExportedPackage, Manifest, Segment, Table};
use super::reader::{Export, Found, find};
use super::segment::{FILE_ROWS, Packer};
use super::{ContentHash, ExportError, unless_stopped};
use crate::identity::Scope;
use crate::lake::{ApiSymbol, DocChunk, Swap};

/// An export with more deltas than this is compacted by whoever exports next.
pub const DELTAS_MAX: usize = 8;
/// A file with fewer rows than this is packed together with others.
const SMALL_FILE_ROWS: u64 = (FILE_ROWS / 4) as u64;

impl Exporter {
    /// Merges the deltas of a scope into a new base: rows that are no longer there go, small files are
    /// packed together, and large ones stay. Returns whether there was anything to merge. Deltas that
    /// others add meanwhile are kept.
    pub async fn compact(&self, scope: &Scope, cancel: &CancellationToken) -> Result<bool, ExportError> {
        let (seen, version) = match unless_stopped(cancel, find(&self.store, scope)).await? {
            Found::Nothing => return Ok(false),
            Found::Unsound(error, _) => return Err(error),
            Found::Sound(manifest, version) => (*manifest, version),
        };
        if seen.deltas.is_empty() {
            return Ok(false);
        }
        let export = Export::of(seen.clone(), &self.store, scope);
        let base = unless_stopped(cancel, self.merged(export, scope, cancel)).await?;
        let (mut stands, mut version) = (seen.clone(), version);
        for _ in 0..TRIES_MAX {
            let later = stands.deltas.get(seen.deltas.len()..).unwrap_or_default().to_vec();
            let next = Manifest::new(scope, stands.sequence + 1, stands.exported_at, base.clone(), later);
            if cancel.is_cancelled() {
                return Err(ExportError::Cancelled);
            }
            if let Swap::Done(_) = self.swap(scope, &next, Some(&version)).await? {
                return Ok(true);
            }
            match unless_stopped(cancel, find(&self.store, scope)).await? {
                Found::Sound(found, now)
                    if found.base == seen.base && found.deltas.starts_with(&seen.deltas) =>
                {
                    (stands, version) = (*found, now);
                }
                // Somebody else made a new base: it is compact.
                _ => return Ok(false),
            }
        }
        Ok(false)
    }

    async fn merged(
        &self,
        mut export: Export,
        scope: &Scope,
        cancel: &CancellationToken,
    ) -> Result<Segment, ExportError> {
        let manifest = export.manifest.clone();
        let mut base = Segment::new(manifest.exported_at);
        let mut live: Vec<(&Segment, &ExportedPackage)> = manifest.live().into_values().collect();
        // As they lie in their files, so that each is read once.
        live.sort_by(|(one, a), (other, b)| (one.exported_at, &a.id).cmp(&(other.exported_at, &b.id)));
        let mut used: HashMap<(Table, &ContentHash), u64> = HashMap::new();
        for (_, package) in &live {
            for table in [Table::ApiSymbols, Table::DocChunks] {
                if let Some((hash, count)) = package.part(table) {
                    *used.entry((table, hash)).or_default() += count;
                }
            }
        }
        let stays = |segment: &Segment, package: &ExportedPackage| {
            !manifest.is_outdated()
                && [Table::ApiSymbols, Table::DocChunks].into_iter().all(|table| {
                    let Some((hash, _)) = package.part(table) else { return true };
                    let rows = segment.file(table, hash).map_or(0, |file| file.rows);
                    let used = used.get(&(table, hash)).copied().unwrap_or(0);
                    rows >= SMALL_FILE_ROWS && used * 2 >= rows
                })
        };
        let mut packer = Packer::new(&self.store, scope, false);
        for (segment, package) in live {
            if cancel.is_cancelled() {
                return Err(ExportError::Cancelled);
            }
            if stays(segment, package) {
                base.packages.push(package.clone());
                continue;
            }
            let symbols = export.batches::<ApiSymbol>(segment, package, Table::ApiSymbols).await?;
            let chunks = export.batches::<DocChunk>(segment, package, Table::DocChunks).await?;
            packer.add(package.clone(), symbols, chunks).await?;
        }
        let packed = packer.finish().await?;
        base.files.extend(manifest.segments().flat_map(|segment| segment.files.iter().cloned()));
        base.files.extend(packed.files);
        base.packages.extend(packed.packages.into_values());
        base.packages.sort_by(|a, b| a.id.cmp(&b.id));
        seal_segment(&self.store, scope, &mut base).await?;
        Ok(base)
    }
}
