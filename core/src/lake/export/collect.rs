//! Removing data files that no manifest names any more.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::exporter::Exporter;
use super::manifest::Table;
use super::reader::{Found, find};
use super::{ContentHash, ExportError, folder};
use crate::identity::Scope;

/// How long a data file stays after nobody names it: a reader that opened the export before, and an
/// exporter that has not swapped its manifest in yet, still need it. More than the day for which a
/// file's name can come up again.
pub const GRACE: Duration = Duration::from_secs(48 * 3600);

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Collected {
    pub removed: usize,
    pub bytes: u64,
    /// Files that nobody names and that are too young.
    pub young: usize,
}

impl Exporter {
    /// Removes a scope's data files that its manifest does not name and that are older than `grace`.
    /// Nothing is removed while the manifest cannot be read.
    pub async fn collect(&self, scope: &Scope, grace: Duration) -> Result<Collected, ExportError> {
        let prefix = folder(scope)?;
        // The list first: what is put after it cannot be taken for old.
        let listed = self.store.list(&prefix).await?;
        let manifest = match find(&self.store, scope).await? {
            Found::Nothing => None,
            Found::Sound(manifest, _) => Some(manifest),
            Found::Unsound(error, _) => return Err(error),
        };
        let named = manifest.as_ref().map(|manifest| manifest.files()).unwrap_or_default();
        let now = SystemTime::now();
        let mut collected = Collected::default();
        for object in &listed {
            let Some((table, hash)) = object.key.strip_prefix(&prefix).and_then(data_file) else { continue };
            if named.contains(&(table, &hash)) {
                continue;
            }
            if now.duration_since(object.modified).unwrap_or_default() < grace {
                collected.young += 1;
                continue;
            }
            self.store.delete(&object.key).await?;
            collected.removed += 1;
            collected.bytes += object.bytes;
        }
        Ok(collected)
    }
}

/// The data file that `/{table}/{hash}.parquet` names. Whatever else lies there is left alone.
fn data_file(rest: &str) -> Option<(Table, ContentHash)> {
    let (table, name) = rest.strip_prefix('/')?.split_once('/')?;
    let table = Table::ALL.into_iter().find(|known| known.as_str() == table)?;
    let hash = ContentHash::try_from(name.strip_suffix(".parquet")?.to_string()).ok()?;
    Some((table, hash))
}
