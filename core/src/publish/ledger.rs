//! The ledger: what is live as far as this folder knows, what was published before, and where.

use std::collections::BTreeMap;

use libsql::{Connection, Row, TransactionBehavior, Value};

use super::authored::{Authored, text};
use super::canonical::Sha256;
use super::error::PublishError;
use super::id::AuthoredId;
use super::manifest::Manifest;
use super::outbox::give_up;
use super::prepare::Snapshot;
use super::step::{snapshot_of, snapshot_text};
use crate::catalog::{Trouble, execute, query};

/// A manifest with the bytes that it lies there in.
#[derive(Clone, Debug)]
pub(super) struct Sealed {
    pub manifest: Manifest,
    pub bytes: Vec<u8>,
    pub hash: Sha256,
}

impl Sealed {
    pub fn new(manifest: Manifest) -> Result<Sealed, PublishError> {
        let bytes = manifest.seal()?;
        Ok(Sealed { manifest, hash: Sha256::of(&bytes), bytes })
    }

    /// Reads what lies in the store as this object.
    pub fn read(bytes: Vec<u8>, id: &AuthoredId, object: &str) -> Result<Sealed, PublishError> {
        let manifest = Manifest::unseal(&bytes, id, object)?;
        Ok(Sealed { manifest, hash: Sha256::of(&bytes), bytes })
    }

    /// Reads what is kept here.
    pub fn kept(bytes: Vec<u8>, id: &AuthoredId) -> Result<Sealed, PublishError> {
        Sealed::read(bytes, id, "a manifest").map_err(|error| match error {
            PublishError::Damaged { .. } => Trouble::Damaged.into(),
            other => other,
        })
    }
}

/// What is live of an instance, as far as this folder knows.
#[derive(Clone, Debug)]
pub struct Live {
    /// No later one than this was seen.
    pub sequence: u64,
    pub(super) version: String,
    pub(super) inputs: String,
    /// Whether every generator answered.
    pub(super) is_complete: bool,
    pub(super) sealed: Sealed,
}

impl Live {
    pub fn manifest(&self) -> &Manifest {
        &self.sealed.manifest
    }
}

/// Something that was published.
#[derive(Clone, Debug)]
pub struct Past {
    pub sequence: u64,
    pub manifest: Manifest,
    pub(super) inputs: String,
    pub(super) snapshot: Option<Snapshot>,
}

/// What is known of the set.
#[derive(Clone, Debug)]
pub(super) struct KnownSet {
    /// None once it was found to be gone.
    pub version: Option<String>,
    pub body: Vec<u8>,
}

/// Where this folder publishes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub store: String,
    pub mirror: Option<String>,
}

/// What was found published there.
pub(super) struct FoundLive {
    pub id: AuthoredId,
    pub version: String,
    pub sealed: Sealed,
}

pub(super) fn whole(number: i64) -> Result<u64, PublishError> {
    Ok(u64::try_from(number).map_err(|_| Trouble::Damaged)?)
}

pub(super) fn integer(number: u64) -> Result<Value, PublishError> {
    Ok(Value::Integer(i64::try_from(number).map_err(|_| Trouble::Damaged)?))
}

const STORE: &str = "(SELECT store FROM publish_target)";

impl Authored {
    /// Everything that is live, as far as this folder knows.
    pub async fn live(&self) -> Result<BTreeMap<AuthoredId, Live>, PublishError> {
        self.live_where("true", &[]).await
    }

    /// What is live of one instance.
    pub(super) async fn live_of(&self, id: &AuthoredId) -> Result<Option<Live>, PublishError> {
        Ok(self.live_where("public_id = ?1", &[text(id)]).await?.remove(id))
    }

    async fn live_where(
        &self,
        which: &'static str,
        values: &[Value],
    ) -> Result<BTreeMap<AuthoredId, Live>, PublishError> {
        let sql = format!(
            "SELECT public_id, sequence, version, inputs, is_complete, manifest FROM publish_live WHERE {which}"
        );
        let read = |row: &Row| {
            let named: (String, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok((named, (row.get::<String>(3)?, row.get::<i64>(4)?, row.get::<Vec<u8>>(5)?)))
        };
        let found = query(&*self.lock().await, &sql, values, read).await?;
        let live = found.into_iter().map(|((id, sequence, version), (inputs, is_complete, manifest))| {
            let id = AuthoredId::parse(&id)?;
            let sealed = Sealed::kept(manifest, &id)?;
            let is_complete = is_complete != 0;
            Ok((id, Live { sequence: whole(sequence)?, version, inputs, is_complete, sealed }))
        });
        live.collect()
    }

    /// What was published of an instance to the store that this folder publishes to, the newest first.
    pub async fn history(&self, id: &AuthoredId) -> Result<Vec<Past>, PublishError> {
        let sql = format!(
            "SELECT sequence, inputs, snapshot, manifest FROM publish_history WHERE store = {STORE} AND public_id = ?1 \
             ORDER BY sequence DESC"
        );
        let read = |row: &Row| {
            Ok((row.get::<i64>(0)?, row.get::<String>(1)?, row.get::<String>(2)?, row.get::<Vec<u8>>(3)?))
        };
        let found = query(&*self.lock().await, &sql, &[text(id)], read).await?;
        let past = found.into_iter().map(|(sequence, inputs, snapshot, manifest)| {
            // What was adopted has no snapshot here: nothing of it was read.
            let snapshot = (!snapshot.is_empty()).then(|| snapshot_of(&snapshot)).transpose()?;
            let manifest = Sealed::kept(manifest, id)?.manifest;
            Ok(Past { sequence: whole(sequence)?, manifest, inputs, snapshot })
        });
        past.collect()
    }

    pub(super) async fn known_set(&self) -> Result<Option<KnownSet>, PublishError> {
        let read = |row: &Row| Ok(KnownSet { version: row.get(0)?, body: row.get(1)? });
        let sql = "SELECT version, body FROM publish_set";
        Ok(query(&*self.lock().await, sql, &[], read).await?.into_iter().next())
    }

    /// Notes the set, and the version of the object that it was found in.
    pub(super) async fn know_set(&self, version: Option<&str>, body: &[u8]) -> Result<(), PublishError> {
        note_set(&*self.lock().await, version, body).await
    }

    /// Notes the version that a pointer has, whose content is what is live.
    pub(super) async fn know_pointer(&self, id: &AuthoredId, version: &str) -> Result<(), PublishError> {
        let sql = "UPDATE publish_live SET version = ?2 WHERE public_id = ?1";
        execute(&*self.lock().await, sql, &[text(id), text(&version)]).await?;
        Ok(())
    }

    /// Has the next publication make all of an instance anew.
    pub(super) async fn forget_inputs(&self, id: &AuthoredId) -> Result<(), PublishError> {
        let sql = "UPDATE publish_live SET inputs = '' WHERE public_id = ?1";
        execute(&*self.lock().await, sql, &[text(id)]).await?;
        Ok(())
    }

    /// Where this folder publishes to, once it did.
    pub(super) async fn target(&self) -> Result<Option<Target>, PublishError> {
        let read = |row: &Row| Ok(Target { store: row.get(0)?, mirror: row.get(1)? });
        let sql = "SELECT store, mirror FROM publish_target";
        Ok(query(&*self.lock().await, sql, &[], read).await?.into_iter().next())
    }

    /// Notes where this folder publishes to.
    pub(super) async fn know_target(&self, target: &Target) -> Result<(), PublishError> {
        note_target(&*self.lock().await, target).await
    }

    /// Takes note of what is published there, whole or not at all. Where that is another store than this folder's, it turns
    /// to it: what it knew of the one before says nothing of this, but for what was published there, which stays as that
    /// store's. What was under way of these instances is given up.
    pub(super) async fn adopt_live(
        &self,
        turned_to: Option<&Target>,
        found: &[FoundLive],
        set: Option<(&str, &[u8])>,
    ) -> Result<(), PublishError> {
        let connection = self.lock().await;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).await?;
        if let Some(target) = turned_to {
            for table in ["publish_live", "publish_set", "publish_steps", "publish_artifacts"] {
                execute(&transaction, &format!("DELETE FROM {table}"), &[]).await?;
            }
            note_target(&transaction, target).await?;
        }
        for FoundLive { id, version, sealed } in found {
            // Numbers only rise, also where an older pointer was put back.
            let sql = "SELECT sequence FROM publish_live WHERE public_id = ?1";
            let before = query(&transaction, sql, &[text(id)], |row| row.get::<i64>(0)).await?;
            let before = before.first().map_or(Ok(0), |before| whole(*before))?;
            let sequence = sealed.manifest.sequence.max(before);
            write_live(&transaction, id, (sequence, version, "", false), sealed, None).await?;
            give_up(&transaction, id, "what somebody else published came before it; publish again").await?;
        }
        if let Some((version, body)) = set {
            note_set(&transaction, Some(version), body).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

async fn note_target(connection: &Connection, target: &Target) -> Result<(), PublishError> {
    let sql = "INSERT INTO publish_target (id, store, mirror) VALUES (1, ?1, ?2) \
               ON CONFLICT (id) DO UPDATE SET store = excluded.store, mirror = excluded.mirror";
    let mirror = target.mirror.as_ref().map_or(Value::Null, text);
    execute(connection, sql, &[text(&target.store), mirror]).await?;
    Ok(())
}

async fn note_set(connection: &Connection, version: Option<&str>, body: &[u8]) -> Result<(), PublishError> {
    let sql = "INSERT INTO publish_set (id, version, body) VALUES (1, ?1, ?2) \
               ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body";
    let version = version.map_or(Value::Null, |version| text(&version));
    execute(connection, sql, &[version, Value::Blob(body.to_vec())]).await?;
    Ok(())
}

pub(super) async fn write_live(
    connection: &Connection,
    id: &AuthoredId,
    (sequence, version, inputs, is_complete): (u64, &str, &str, bool),
    sealed: &Sealed,
    snapshot: Option<&Snapshot>,
) -> Result<(), PublishError> {
    let live = "INSERT INTO publish_live (public_id, sequence, version, inputs, is_complete, manifest) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (public_id) DO UPDATE SET sequence = excluded.sequence, \
                version = excluded.version, inputs = excluded.inputs, is_complete = excluded.is_complete, \
                manifest = excluded.manifest";
    let (manifest, complete) = (Value::Blob(sealed.bytes.clone()), Value::Integer(i64::from(is_complete)));
    let values = [text(id), integer(sequence)?, text(&version), text(&inputs), complete, manifest.clone()];
    execute(connection, live, &values).await?;
    let past = format!(
        "INSERT INTO publish_history (store, public_id, sequence, inputs, snapshot, manifest) \
         VALUES ({STORE}, ?1, ?2, ?3, ?4, ?5) ON CONFLICT (store, public_id, sequence) DO NOTHING"
    );
    let snapshot = snapshot.map_or(Ok(Value::Text(String::new())), snapshot_text)?;
    let number = integer(sealed.manifest.sequence)?;
    execute(connection, &past, &[text(id), number, text(&inputs), snapshot, manifest]).await?;
    Ok(())
}
