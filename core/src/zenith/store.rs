//! How the store stands: where it lies, what it holds, and how it answers.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::{Zenith, ZenithError};
use crate::identity::Scope;
use crate::lake::export::Export;
use crate::lake::{Location, StoreError};

/// What a look at the store found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreLook {
    /// `s3://bucket/prefix`, or a folder's path.
    pub name: String,
    /// How long the quickest of its answers took.
    pub answered_in: Duration,
    /// What is exported there of the scopes that the identity sees.
    pub exports: Vec<StoreExport>,
}

/// One scope's export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreExport {
    pub scope: Scope,
    pub packages: u64,
    pub symbols: u64,
    pub exported_at: DateTime<Utc>,
}

impl Zenith {
    /// Asks the store that the settings name what it holds, and writes nothing there. `None` where they name none. A
    /// folder that is not there is told as such, and not made.
    pub async fn look_at_store(&self) -> Result<Option<StoreLook>, ZenithError> {
        if !self.config.store.is_named() {
            return Ok(None);
        }
        if let Some(Location::Folder(path)) = &self.config.store.location
            && let Err(source) = std::fs::metadata(path)
        {
            return Err(StoreError::File { attempted: "look into", path: path.clone(), source }.into());
        }
        let store = self.store()?;
        let (mut exports, mut answered_in) = (Vec::new(), Duration::MAX);
        for scope in self.identity.scopes() {
            let asked = Instant::now();
            let export = Export::open(&store, &scope).await?;
            answered_in = answered_in.min(asked.elapsed());
            let found = export.map(|export| StoreExport {
                scope,
                packages: export.manifest.total_packages,
                symbols: export.manifest.total_symbols,
                exported_at: export.manifest.exported_at,
            });
            exports.extend(found);
        }
        Ok(Some(StoreLook { name: store.name().to_string(), answered_in, exports }))
    }
}
