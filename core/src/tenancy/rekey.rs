//! Another key of the service's, in place of the one that tenants' keys are sealed with. Tenants' own secrets stay as they
//! are: only what each is sealed with is sealed anew.

use super::TenancyError;
use super::registry::Registry;
use super::seal::KeyRing;

const PAGE: u64 = 256;

/// Puts every tenant's key, and those of sign-ups that are not finished, under the newest of the service's. Returns how
/// many were under another. Safe to repeat: whatever is under the newest already stays.
pub async fn rewrap(registry: &Registry, ring: &KeyRing) -> Result<u64, TenancyError> {
    let mut changed = registry.rewrap_unfinished(ring).await?;
    let mut after = String::new();
    loop {
        let page = registry.page(&after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(changed) };
        after = last.tenant.key();
        for entry in &page {
            if let Some((version, wrapped)) = entry.rewrapped(ring)? {
                changed += u64::from(registry.set_dek(entry, version, &wrapped).await?);
            }
        }
    }
}
