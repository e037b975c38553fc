//! What is done with a tenant that is there: suspending, rotating, revoking, erasing; counting; bringing schemas up to
//! date.

use std::time::Duration;

use futures::stream::{self, StreamExt};
use serde::Serialize;

use super::provider::{Block, Usage};
use super::registry::{Entry, Standing, Tombstone};
use super::tenant::Tenant;
use super::{Secret, Tenancy, TenancyError};

/// Tenants that are looked at side by side: half of what a server of ours takes at once stays for its users.
const WIDTH: usize = 8;
const PAGE: u64 = 256;

/// What erasing a tenant came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    pub tombstone: Tombstone,
    /// For how long its provider may still bring it back.
    pub recoverable: Duration,
}

/// What a sweep of all tenants' schemas found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    pub current: u64,
    /// Those that could not be brought up to date, each with its reason.
    pub failed: Vec<(String, String)>,
}

impl Tenancy {
    /// Keeps everybody out of a tenant's database until it is resumed; what is in it stays. Its tokens are taken back where
    /// the provider can: a server that refuses statements hands its log out to replicas all the same.
    pub async fn suspend(&self, tenant: &Tenant) -> Result<(), TenancyError> {
        let entry = self.known(tenant).await?;
        // The registry first: from then on no token is given out.
        self.registry.set_standing(tenant, Standing::Suspended).await?;
        let secret = entry.secret(&self.ring)?.taken_back()?;
        self.keep_secret(&entry, &secret).await?;
        // It is told the new key by the same request.
        self.provider.block(&entry.name, &secret, Block::Everything).await
    }

    /// Lets a suspended tenant in again; members sign in anew.
    pub async fn resume(&self, tenant: &Tenant) -> Result<(), TenancyError> {
        let entry = self.known(tenant).await?;
        if entry.standing == Standing::Erasing {
            return Err(TenancyError::Erasing { tenant: tenant.to_string() });
        }
        let secret = entry.secret(&self.ring)?;
        self.provider.block(&entry.name, &secret, Block::Nothing).await?;
        self.registry.set_standing(tenant, Standing::Ready).await?;
        Ok(())
    }

    /// Signs a tenant's tokens with a new key from now on; those that are out stay good until [`Tenancy::revoke`].
    pub async fn rotate(&self, tenant: &Tenant) -> Result<(), TenancyError> {
        self.change_keys(tenant, |secret| match secret {
            Secret::Keys(keys) => Ok(Secret::Keys(keys.rotated()?)),
            Secret::Minted => Ok(Secret::Minted),
        })
        .await
    }

    /// Takes back every token of a tenant's database that is out, at once; members sign in again.
    pub async fn revoke(&self, tenant: &Tenant) -> Result<(), TenancyError> {
        self.change_keys(tenant, Secret::taken_back).await
    }

    /// How long a token of a member's may be good that nobody takes back.
    pub fn token_lifetime(&self) -> Duration {
        self.terms.token_lifetime.min(self.provider.lifetime_max())
    }

    async fn change_keys(
        &self,
        tenant: &Tenant,
        change: impl FnOnce(Secret) -> Result<Secret, TenancyError>,
    ) -> Result<(), TenancyError> {
        let entry = self.known(tenant).await?;
        let secret = change(entry.secret(&self.ring)?)?;
        if matches!(secret, Secret::Minted) {
            return self.provider.believe(&entry.name, &secret).await;
        }
        self.keep_secret(&entry, &secret).await?;
        self.provider.believe(&entry.name, &secret).await
    }

    /// Keeps a tenant's keys before the provider believes them: a kill in between leaves keys that are told to it at the next
    /// change, and tokens that are refused, never ones that nobody can take back.
    async fn keep_secret(&self, entry: &Entry, secret: &Secret) -> Result<(), TenancyError> {
        let sealed = entry.seal(&self.ring, secret)?;
        if !self.registry.set_secret(entry, &sealed).await? {
            let tenant = entry.tenant.to_string();
            return Err(TenancyError::Busy { tenant, after: Duration::from_secs(1) });
        }
        self.pool.forget(entry.name.as_str());
        Ok(())
    }

    /// Takes a tenant's database away for good: first nobody gets in, then it goes, then its secrets do. What is left is
    /// a name that is never used again. Safe to repeat until it says that it is done.
    pub async fn erase(&self, tenant: &Tenant) -> Result<Erased, TenancyError> {
        let entry = self.known(tenant).await?;
        self.registry.set_standing(tenant, Standing::Erasing).await?;
        self.pool.forget(entry.name.as_str());
        if entry.standing != Standing::Erasing {
            let secret = entry.secret(&self.ring)?;
            self.provider.block(&entry.name, &secret, Block::Everything).await?;
        }
        self.provider.retire(&entry.name).await?;
        let recoverable = self.provider.recoverable();
        let tombstone = self.registry.bury(tenant, &entry.name, recoverable).await?;
        Ok(Erased { tombstone, recoverable })
    }

    /// What a tenant's database takes up, asked of its provider and kept in the registry.
    pub async fn usage(&self, tenant: &Tenant) -> Result<Usage, TenancyError> {
        let entry = self.known(tenant).await?;
        let usage = self.provider.usage(&entry.name).await?;
        self.registry.set_usage(tenant, usage.bytes).await?;
        Ok(usage)
    }

    /// Bounds a tenant's database.
    pub async fn limit(&self, tenant: &Tenant, bytes: u64) -> Result<(), TenancyError> {
        let entry = self.known(tenant).await?;
        let secret = entry.secret(&self.ring)?;
        self.provider.limit(&entry.name, &secret, bytes).await?;
        self.registry.set_quota(tenant, bytes).await
    }

    /// Opens every ready tenant's database once, which brings its schema up to date. One that fails is named, in the
    /// registry too, and holds up no other; one that did not answer is asked once more when all others are done.
    pub async fn sweep(&self) -> Result<Swept, TenancyError> {
        let (mut swept, mut away) = (Swept::default(), Vec::new());
        let mut after = String::new();
        loop {
            let page = self.registry.page(&after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.tenant.key();
            let ready = page.into_iter().filter(|entry| entry.standing == Standing::Ready);
            let opened: Vec<(Entry, Result<(), TenancyError>)> = stream::iter(ready)
                .map(async |entry| {
                    let opened = self.open_entry(&entry).await.map(drop);
                    (entry, opened)
                })
                .buffer_unordered(WIDTH)
                .collect()
                .await;
            for (entry, opened) in opened {
                match opened {
                    Err(error) if error.is_away() => away.push(entry),
                    opened => self.note_swept(&mut swept, &entry, opened).await?,
                }
            }
        }
        for entry in away {
            let opened = match self.open_entry(&entry).await {
                Err(TenancyError::Resting { after, .. }) => {
                    tokio::time::sleep(after).await;
                    self.open_entry(&entry).await
                }
                opened => opened,
            };
            self.note_swept(&mut swept, &entry, opened.map(drop)).await?;
        }
        Ok(swept)
    }

    async fn note_swept(
        &self,
        swept: &mut Swept,
        entry: &Entry,
        opened: Result<(), TenancyError>,
    ) -> Result<(), TenancyError> {
        match opened {
            Ok(()) => swept.current += 1,
            Err(error) => {
                let why = error.to_string();
                self.registry.set_schema(&entry.tenant, None, Some(&why)).await?;
                swept.failed.push((entry.tenant.to_string(), why));
            }
        }
        Ok(())
    }
}
