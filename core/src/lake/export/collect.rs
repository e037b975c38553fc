//! Removing data files that no manifest names any more.

use std::time::Duration;

use super::exporter::Exporter;
use super::manifest::Table;
use super::reader::{Found, find};
use super::{ContentHash, ExportError, folder};
use crate::identity::Scope;
use crate::lake::Collected;

/// How long a data file stays after nobody names it: a reader that opened the export before, and an
/// exporter that has not swapped its manifest in yet, still need it. More than the day for which a
/// file's name can come up again.
pub const GRACE: Duration = Duration::from_secs(48 * 3600);

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
        let is_unnamed = |key: &str| {
            let file = key.strip_prefix(&prefix).and_then(data_file);
            file.is_some_and(|(table, hash)| !named.contains(&(table, &hash)))
        };
        Ok(self.store.collect(&listed, grace, is_unnamed).await?)
    }
}

/// The data file that `/{table}/{hash}.parquet` names. Whatever else lies there is left alone.
fn data_file(rest: &str) -> Option<(Table, ContentHash)> {
    let (table, name) = rest.strip_prefix('/')?.split_once('/')?;
    let table = Table::ALL.into_iter().find(|known| known.as_str() == table)?;
    let hash = ContentHash::try_from(name.strip_suffix(".parquet")?.to_string()).ok()?;
    Some((table, hash))
}
