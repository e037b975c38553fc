//! Where a folder publishes to: one store, whose ledger it keeps, and one mirror at most.

use super::super::authored::now_ms;
use super::super::canonical::{Sha256, canonical};
use super::super::error::PublishError;
use super::super::id::AuthoredId;
use super::super::ledger::{Sealed, Target};
use super::super::mirror::{Mirror, Mirrored};
use super::super::prepare::Snapshot;
use super::Publisher;
use crate::holder::Alone;

impl Publisher {
    /// One publication from a data folder at a time, and to the store that its ledger is of.
    pub(super) async fn begin(&self) -> Result<Alone, PublishError> {
        let turn = self.turn()?;
        let known = self.check_target().await?;
        let now = self.target();
        if known.as_ref() != Some(&now) {
            // A mirror that came later has what was published before it.
            if let Some(mirror) = &self.mirror {
                self.catch_up(mirror).await?;
            }
            self.authored.know_target(&now).await?;
        }
        Ok(turn)
    }

    pub(super) fn turn(&self) -> Result<Alone, PublishError> {
        let path = self.authored.folder().join("publish.lock");
        let fail =
            |source| PublishError::File { attempted: "lock", path: path.display().to_string(), source };
        Alone::take(&path).map_err(fail)?.ok_or(PublishError::Busy)
    }

    /// By the settings.
    pub(super) fn target(&self) -> Target {
        let mirror = self.mirror.as_ref().map(|mirror| mirror.name().to_string());
        Target { store: self.store.identity(), mirror }
    }

    /// Refuses a store that the ledger is not of. Says what is known, if anything is.
    pub(super) async fn check_target(&self) -> Result<Option<Target>, PublishError> {
        let (known, now) = (self.authored.target().await?, self.store.identity());
        match known {
            Some(known) if known.store != now => Err(PublishError::OtherStore { was: known.store, now }),
            known => Ok(known),
        }
    }

    /// Brings all that is live into a mirror, as far as it was published from here.
    async fn catch_up(&self, mirror: &Mirror) -> Result<(), PublishError> {
        for (id, live) in self.authored.live().await? {
            let number = live.manifest().sequence;
            let past = self.authored.history(&id).await?.into_iter().find(|past| past.sequence == number);
            if let Some(snapshot) = past.and_then(|past| past.snapshot) {
                bring(mirror, &id, &snapshot, &live.sealed, true).await?;
            }
        }
        Ok(())
    }
}

/// Brings a publication into a mirror. Before the swap no row of the same number is written over: whose it is, the swap
/// decides. After it, the winner's stands.
pub(super) async fn bring(
    mirror: &Mirror,
    id: &AuthoredId,
    snapshot: &Snapshot,
    sealed: &Sealed,
    won: bool,
) -> Result<(), PublishError> {
    let config = canonical(&snapshot.config)?;
    let row = Mirrored {
        id,
        widget_type: &snapshot.widget_type,
        status: snapshot.status,
        config_hash: &Sha256::of(&config),
        config: &String::from_utf8_lossy(&config),
        sequence: sealed.manifest.sequence,
        manifest_hash: &sealed.hash,
        publisher: &sealed.manifest.publisher,
        now_ms: now_ms(),
    };
    if won { mirror.settle(&row).await } else { mirror.bring(&row).await }
}
