//! What was rolled back stays so: an instance whose earlier number was published again is not published as it is authored
//! until it is edited, or named to be published.

use std::collections::BTreeMap;

use libsql::{Connection, Row, Value};

use super::authored::{Authored, text};
use super::canonical::{Sha256, canonical};
use super::error::PublishError;
use super::id::AuthoredId;
use super::instance::Instance;
use super::ledger::{Live, integer, whole};
use super::overlay::{Overlay, Source};
use crate::catalog::{execute, query};

/// A rollback, and what was authored when it took place.
#[derive(Clone, Debug)]
pub(super) struct Pin {
    pub public_id: AuthoredId,
    /// The number that it got.
    pub sequence: u64,
    /// The number that it went back to.
    pub back_to: u64,
    authored: String,
}

impl Pin {
    pub fn of(
        instance: &Instance,
        overlays: &[Overlay],
        sequence: u64,
        back_to: u64,
    ) -> Result<Pin, PublishError> {
        let (public_id, authored) = (instance.public_id.clone(), as_authored(instance, overlays)?);
        Ok(Pin { public_id, sequence, back_to, authored })
    }

    /// Whether it is still what is live, whole, and nobody edited the instance since.
    pub fn holds(
        &self,
        live: Option<&Live>,
        instance: &Instance,
        overlays: &[Overlay],
    ) -> Result<bool, PublishError> {
        let is_live = live.is_some_and(|live| live.sequence == self.sequence && !live.inputs.is_empty());
        Ok(is_live && self.is_unedited(instance, overlays)?)
    }

    /// Whether nobody edited the instance since.
    pub fn is_unedited(&self, instance: &Instance, overlays: &[Overlay]) -> Result<bool, PublishError> {
        Ok(as_authored(instance, overlays)? == self.authored)
    }
}

/// What a person made of an instance. What else it depends on may change without anybody meaning this one.
fn as_authored(instance: &Instance, overlays: &[Overlay]) -> Result<String, PublishError> {
    let manual: Vec<&Overlay> = overlays.iter().filter(|overlay| overlay.source == Source::Manual).collect();
    Ok(Sha256::of(&canonical(&(&instance.config_hash, instance.status, manual))?).to_string())
}

impl Authored {
    /// Instances that stay rolled back, and to which number.
    pub async fn rolled_back(&self) -> Result<BTreeMap<AuthoredId, u64>, PublishError> {
        let pins = self.pins().await?;
        let mut found = BTreeMap::new();
        if pins.is_empty() {
            return Ok(found);
        }
        let live = self.live().await?;
        for (instance, overlays) in self.wanted(&[]).await? {
            let id = &instance.public_id;
            if let Some(pin) = pins.get(id)
                && pin.holds(live.get(id), &instance, &overlays)?
            {
                found.insert(id.clone(), pin.back_to);
            }
        }
        Ok(found)
    }

    pub(super) async fn pins(&self) -> Result<BTreeMap<AuthoredId, Pin>, PublishError> {
        let sql = "SELECT public_id, sequence, back_to, authored FROM publish_pinned";
        let read = |row: &Row| {
            Ok((row.get::<String>(0)?, row.get::<i64>(1)?, row.get::<i64>(2)?, row.get::<String>(3)?))
        };
        let found = query(&*self.lock().await, sql, &[], read).await?;
        let pin = |(id, sequence, back_to, authored): (String, i64, i64, String)| {
            let public_id = AuthoredId::parse(&id)?;
            let (sequence, back_to) = (whole(sequence)?, whole(back_to)?);
            Ok((public_id.clone(), Pin { public_id, sequence, back_to, authored }))
        };
        found.into_iter().map(pin).collect()
    }
}

pub(super) async fn pin(connection: &Connection, pin: &Pin) -> Result<(), PublishError> {
    let sql = "INSERT INTO publish_pinned (public_id, sequence, back_to, authored) VALUES (?1, ?2, ?3, ?4)";
    let values = [
        text(&pin.public_id),
        integer(pin.sequence)?,
        integer(pin.back_to)?,
        Value::Text(pin.authored.clone()),
    ];
    execute(connection, sql, &values).await?;
    Ok(())
}

pub(super) async fn unpin(connection: &Connection, id: &AuthoredId) -> Result<(), PublishError> {
    execute(connection, "DELETE FROM publish_pinned WHERE public_id = ?1", &[text(id)]).await?;
    Ok(())
}
