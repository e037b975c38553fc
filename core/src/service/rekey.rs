//! `zenith tenant rekey`: the service's key is changed while the service is stopped, which reads it when it starts.

use super::start::{self, ServiceError};
use crate::config::ServiceSettings;
use crate::tenancy::{KeyRing, TenancyError, rewrap};

/// What changing the service's key came to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Rekeyed {
    /// The number of the key that everything is under now.
    pub key: u32,
    /// How many tenants' keys were under another.
    pub changed: u64,
    /// The keys that nothing is under any more.
    pub unused: Vec<u32>,
    /// Whether the keys lie in the service's folder, where the unused ones are gone now; else in its environment, which
    /// whoever runs it changes.
    pub in_folder: bool,
}

/// Puts a new key in place of the service's. A kill on the way leaves a service that works, under two keys; the next
/// time ends it.
pub async fn rekey(settings: &ServiceSettings) -> Result<Rekeyed, ServiceError> {
    let folder = &settings.folder;
    start::is_there(settings)?;
    let _alone = start::alone(folder)?.ok_or_else(|| ServiceError::Runs { path: folder.clone() })?;
    let (setting, file) = (settings.secrets.tenancy_key.as_ref(), folder.join("tenancy.key"));
    let in_folder = setting.is_none();
    if in_folder {
        KeyRing::add_to(&file).map_err(TenancyError::from)?;
    }
    let ring = KeyRing::load(setting, &file).map_err(TenancyError::from)?;
    let registry = start::registry(settings).await?;
    let changed = rewrap(&registry, &ring).await?;
    let in_use = registry.keys_in_use().await?;
    let is_unused = |key: &u32| *key != ring.current() && !in_use.contains(key);
    let unused: Vec<u32> = ring.numbers().filter(is_unused).collect();
    if in_folder {
        KeyRing::take_out_of(&file, &unused).map_err(TenancyError::from)?;
    }
    Ok(Rekeyed { key: ring.current(), changed, unused, in_folder })
}
