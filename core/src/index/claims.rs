//! The claims of a run on a shared catalog: who pushes or takes back a package is alone at it.

use tokio::task::AbortHandle;

use super::IndexError;
use super::arrivals::renew;
use super::push::{PushError, Pusher, asked};
use crate::catalog::{CatalogEntry, ClaimOutcome};
use crate::holder::{Holder, is_gone};

/// The claims of one run. Those that cannot be given back are those of a holder that is gone, so that the next
/// run need not wait for their lease.
pub(super) struct Claims {
    holder: Option<Holder>,
    renewal: AbortHandle,
}

impl Claims {
    pub fn holder(&self) -> &str {
        self.holder.as_ref().map(Holder::id).unwrap_or_default()
    }
}

impl Drop for Claims {
    fn drop(&mut self) {
        self.renewal.abort();
        if let Some(holder) = self.holder.take() {
            holder.leave_behind();
        }
    }
}

impl Pusher {
    /// Begins to hold claims, which are renewed from now on.
    pub(super) fn claims(&self) -> Result<Claims, PushError> {
        let holder = Holder::new(&self.run_folder)
            .map_err(|source| IndexError::Holder { folder: self.run_folder.clone(), source })?;
        let renewal = tokio::spawn(renew(self.catalog.clone(), holder.id().to_string()));
        Ok(Claims { holder: Some(holder), renewal: renewal.abort_handle() })
    }

    /// Gives all claims of a run back.
    pub(super) async fn give_back(&self, mut claims: Claims) -> Result<(), PushError> {
        claims.renewal.abort();
        asked(self.catalog.release_all(claims.holder())).await?;
        drop(claims.holder.take());
        Ok(())
    }

    /// Claims a package, ready or not. `false` where somebody else holds it.
    pub(super) async fn claim_one(&self, entry: &CatalogEntry, holder: &str) -> Result<bool, PushError> {
        let gone = |holder: &str| is_gone(&self.run_folder, holder);
        let ids = std::slice::from_ref(&entry.id);
        let outcomes = asked(self.catalog.claim(&entry.scope, ids, holder, true, gone)).await?;
        Ok(matches!(outcomes.as_slice(), [ClaimOutcome::Won]))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::catalog::Catalog;
    use crate::identity::{Identity, Scope};
    use crate::lake::{Lake, Store};
    use crate::package::PackageId;

    fn entry() -> CatalogEntry {
        CatalogEntry::ready(Scope::Public, PackageId::rust("p", "1.0.0").unwrap())
    }

    #[tokio::test]
    async fn claims_that_were_not_given_back_are_for_the_taking() {
        let folder = tempfile::tempdir().unwrap();
        let pusher = Pusher {
            catalog: Arc::new(Catalog::open(&folder.path().join("catalog.db")).await.unwrap()),
            identity: Identity::local(),
            lake: Lake::new(folder.path()),
            store: Store::folder(&folder.path().join("store")).unwrap(),
            run_folder: folder.path().join("run"),
        };
        let (entry, first) = (entry(), pusher.claims().unwrap());
        assert!(pusher.claim_one(&entry, first.holder()).await.unwrap());
        let second = pusher.claims().unwrap();
        assert!(!pusher.claim_one(&entry, second.holder()).await.unwrap(), "the first lives");
        drop(first);
        assert!(pusher.claim_one(&entry, second.holder()).await.unwrap(), "it is gone, and its lease is not");
        let lock = pusher.run_folder.join(format!("{}.lock", second.holder()));
        assert!(lock.exists());
        pusher.give_back(second).await.unwrap();
        assert!(!lock.exists(), "nothing names it any more");
        let third = pusher.claims().unwrap();
        assert!(pusher.claim_one(&entry, third.holder()).await.unwrap());
    }
}
