//! The outbox: what is being published, in rows that outlive whatever ends a run. Each step is written down once it was
//! done, so that it is done again at most, never left out.

use std::collections::BTreeMap;

use libsql::{Connection, Row, TransactionBehavior, Value};
use serde::Serialize;

use super::authored::{Authored, keep_overlay, text};
use super::canonical::{Sha256, canonical, read};
use super::error::PublishError;
use super::id::AuthoredId;
use super::manifest::Manifest;
use super::overlay::Overlay;
use super::prepare::Snapshot;
use crate::catalog::{Trouble, execute, query};

const SNAPSHOT_BYTES_MAX: usize = 2 << 20;

/// How far a publication of an instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is known what is to be published.
    Planned,
    /// Its artifacts and its manifest are made.
    Generated,
    /// They lie in the store, and nobody is led there yet.
    Uploaded,
    /// The mirror has it.
    Mirrored,
    /// The pointer names it: readers see it.
    Swapped,
    /// All that it names was found there, and this folder knows that it is live.
    Checked,
    /// The set names it.
    Done,
    /// Another took its place before anything was sent.
    Superseded,
    /// It cannot be done as it was planned.
    Failed,
}

impl State {
    const ALL: [State; 9] = [
        State::Planned,
        State::Generated,
        State::Uploaded,
        State::Mirrored,
        State::Swapped,
        State::Checked,
        State::Done,
        State::Superseded,
        State::Failed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            State::Planned => "planned",
            State::Generated => "generated",
            State::Uploaded => "uploaded",
            State::Mirrored => "mirrored",
            State::Swapped => "swapped",
            State::Checked => "checked",
            State::Done => "done",
            State::Superseded => "superseded",
            State::Failed => "failed",
        }
    }

    fn parse(text: &str) -> Result<State, PublishError> {
        Ok(State::ALL.into_iter().find(|state| state.as_str() == text).ok_or(Trouble::Damaged)?)
    }
}

/// A publication of an instance that is under way.
#[derive(Clone, Debug)]
pub struct Step {
    pub run: String,
    pub public_id: AuthoredId,
    pub state: State,
    pub sequence: u64,
    pub attempts: u64,
    /// What it met last.
    pub error: Option<String>,
    pub(super) inputs: String,
    pub(super) snapshot: Snapshot,
    pub(super) is_complete: bool,
    /// From `generated` on.
    pub(super) manifest: Option<Sealed>,
    /// From `swapped` on: of the pointer.
    pub(super) version: Option<String>,
}

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

    pub fn read(bytes: Vec<u8>, id: &AuthoredId) -> Result<Sealed, PublishError> {
        let manifest = Manifest::unseal(&bytes, id, "a manifest in the ledger")?;
        Ok(Sealed { manifest, hash: Sha256::of(&bytes), bytes })
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
    pub version: Option<String>,
    pub body: Vec<u8>,
}

fn whole(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

fn integer(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

const COLUMNS: &str =
    "run, public_id, state, sequence, inputs, snapshot, is_complete, manifest, version, attempts, error";

type StepColumns = (
    (String, String, String, i64, String, String),
    (i64, Option<Vec<u8>>, Option<String>, i64, Option<String>),
);

fn columns(row: &Row) -> Result<StepColumns, libsql::Error> {
    Ok((
        (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?),
        (row.get(6)?, row.get(7)?, row.get(8)?, row.get(9)?, row.get(10)?),
    ))
}

fn step_of(columns: StepColumns) -> Result<Step, PublishError> {
    let ((run, id, state, sequence, inputs, snapshot), (is_complete, manifest, version, attempts, error)) =
        columns;
    let public_id = AuthoredId::parse(&id)?;
    Ok(Step {
        run,
        state: State::parse(&state)?,
        sequence: whole(sequence),
        attempts: whole(attempts),
        error,
        inputs,
        snapshot: snapshot_of(&snapshot)?,
        is_complete: is_complete != 0,
        manifest: manifest.map(|bytes| Sealed::read(bytes, &public_id)).transpose()?,
        version,
        public_id,
    })
}

fn snapshot_of(text: &str) -> Result<Snapshot, PublishError> {
    let value = serde_json::Value::Object(read(text.as_bytes(), SNAPSHOT_BYTES_MAX)?);
    Ok(serde_json::from_value(value).map_err(|_| Trouble::Damaged)?)
}

fn snapshot_text(snapshot: &Snapshot) -> Result<Value, PublishError> {
    Ok(Value::Text(String::from_utf8_lossy(&canonical(snapshot)?).into_owned()))
}

impl Authored {
    /// Publications that are under way, by id.
    pub async fn open_steps(&self) -> Result<Vec<Step>, PublishError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM publish_steps WHERE state NOT IN ('done', 'superseded', 'failed') ORDER BY public_id"
        );
        query(&*self.lock().await, &sql, &[], columns).await?.into_iter().map(step_of).collect()
    }

    /// What became of the last publication of each instance that could not be done.
    pub async fn failed_steps(&self) -> Result<Vec<Step>, PublishError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM publish_steps s WHERE state = 'failed' AND changed_at = \
             (SELECT max(changed_at) FROM publish_steps t WHERE t.public_id = s.public_id) ORDER BY public_id"
        );
        query(&*self.lock().await, &sql, &[], columns).await?.into_iter().map(step_of).collect()
    }

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
            let sealed = Sealed::read(manifest, &id)?;
            let is_complete = is_complete != 0;
            Ok((id, Live { sequence: whole(sequence), version, inputs, is_complete, sealed }))
        });
        live.collect()
    }

    /// What was published of an instance, the newest first.
    pub async fn history(&self, id: &AuthoredId) -> Result<Vec<Past>, PublishError> {
        let sql = "SELECT sequence, inputs, snapshot, manifest FROM publish_history WHERE public_id = ?1 \
                   ORDER BY sequence DESC";
        let read = |row: &Row| {
            Ok((row.get::<i64>(0)?, row.get::<String>(1)?, row.get::<String>(2)?, row.get::<Vec<u8>>(3)?))
        };
        let found = query(&*self.lock().await, sql, &[text(id)], read).await?;
        let past = found.into_iter().map(|(sequence, inputs, snapshot, manifest)| {
            // What was adopted has no snapshot here: nothing of it was read.
            let snapshot = (!snapshot.is_empty()).then(|| snapshot_of(&snapshot)).transpose()?;
            let manifest = Sealed::read(manifest, id)?.manifest;
            Ok(Past { sequence: whole(sequence), manifest, inputs, snapshot })
        });
        past.collect()
    }

    pub(super) async fn known_set(&self) -> Result<Option<KnownSet>, PublishError> {
        let read = |row: &Row| Ok(KnownSet { version: row.get(0)?, body: row.get(1)? });
        let sql = "SELECT version, body FROM publish_set";
        Ok(query(&*self.lock().await, sql, &[], read).await?.into_iter().next())
    }

    pub(super) async fn know_set(&self, version: &str, body: &[u8]) -> Result<(), PublishError> {
        let sql = "INSERT INTO publish_set (id, version, body) VALUES (1, ?1, ?2) \
                   ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body";
        let values = [Value::Text(version.to_string()), Value::Blob(body.to_vec())];
        execute(&*self.lock().await, sql, &values).await?;
        Ok(())
    }

    /// The store that this folder publishes to, once it did.
    pub async fn target(&self) -> Result<Option<String>, PublishError> {
        let found =
            query(&*self.lock().await, "SELECT store FROM publish_target", &[], |row| row.get(0)).await?;
        Ok(found.into_iter().next())
    }

    /// Notes the store that this folder publishes to.
    pub(super) async fn know_target(&self, store: &str) -> Result<(), PublishError> {
        note_target(&*self.lock().await, store).await
    }

    /// Turns this folder to another store. What it knew of the one before says nothing of this.
    pub(super) async fn turn_to(&self, store: &str) -> Result<(), PublishError> {
        let connection = self.lock().await;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).await?;
        for table in ["publish_live", "publish_history", "publish_set", "publish_steps", "publish_artifacts"]
        {
            execute(&transaction, &format!("DELETE FROM {table}"), &[]).await?;
        }
        note_target(&transaction, store).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Writes down what is to be published.
    pub(super) async fn plan_step(&self, step: &Step) -> Result<(), PublishError> {
        let sql = format!(
            "INSERT INTO publish_steps ({COLUMNS}, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, NULL, ?10)"
        );
        let values = [
            Value::Text(step.run.clone()),
            text(&step.public_id),
            Value::Text(step.state.as_str().to_string()),
            integer(step.sequence),
            Value::Text(step.inputs.clone()),
            snapshot_text(&step.snapshot)?,
            Value::Integer(i64::from(step.is_complete)),
            step.manifest.as_ref().map_or(Value::Null, |sealed| Value::Blob(sealed.bytes.clone())),
            Value::Null,
            Value::Integer(self.now_ms()),
        ];
        execute(&*self.lock().await, &sql, &values).await?;
        Ok(())
    }

    /// Writes down that a step was done.
    pub(super) async fn move_on(&self, step: &Step, to: State) -> Result<(), PublishError> {
        moved(&*self.lock().await, step, to, self.now_ms()).await
    }

    /// Writes down what a step met; it is tried again, or given up.
    pub(super) async fn note_error(
        &self,
        step: &Step,
        error: &PublishError,
        gives_up: bool,
    ) -> Result<(), PublishError> {
        let sql = "UPDATE publish_steps SET attempts = attempts + 1, error = ?3, changed_at = ?4, \
                   state = CASE WHEN ?5 THEN 'failed' ELSE state END WHERE run = ?1 AND public_id = ?2";
        let values = [
            Value::Text(step.run.clone()),
            text(&step.public_id),
            Value::Text(error.to_string()),
            Value::Integer(self.now_ms()),
            Value::Integer(i64::from(gives_up)),
        ];
        execute(&*self.lock().await, sql, &values).await?;
        Ok(())
    }

    /// Keeps what was generated, the artifacts and the manifest of a step, whole or not at all.
    pub(super) async fn keep_generated(
        &self,
        step: &Step,
        generated: &[Overlay],
        artifacts: &BTreeMap<String, Vec<u8>>,
    ) -> Result<(), PublishError> {
        let connection = self.lock().await;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).await?;
        for overlay in generated {
            keep_overlay(&transaction, overlay, self.now_ms()).await?;
        }
        for (key, bytes) in artifacts {
            let sql = "INSERT OR REPLACE INTO publish_artifacts (run, public_id, key, bytes) VALUES (?1, ?2, ?3, ?4)";
            let values = [
                Value::Text(step.run.clone()),
                text(&step.public_id),
                Value::Text(key.clone()),
                Value::Blob(bytes.clone()),
            ];
            execute(&transaction, sql, &values).await?;
        }
        let sql = "UPDATE publish_steps SET manifest = ?3, is_complete = ?4, sequence = ?5 WHERE run = ?1 AND public_id = ?2";
        let values = [
            Value::Text(step.run.clone()),
            text(&step.public_id),
            step.manifest.as_ref().map_or(Value::Null, |sealed| Value::Blob(sealed.bytes.clone())),
            Value::Integer(i64::from(step.is_complete)),
            integer(step.sequence),
        ];
        execute(&transaction, sql, &values).await?;
        moved(&transaction, step, State::Generated, self.now_ms()).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The artifacts of a step, by key.
    pub(super) async fn artifacts(&self, step: &Step) -> Result<BTreeMap<String, Vec<u8>>, PublishError> {
        let sql = "SELECT key, bytes FROM publish_artifacts WHERE run = ?1 AND public_id = ?2";
        let values = [Value::Text(step.run.clone()), text(&step.public_id)];
        let read = |row: &Row| Ok((row.get::<String>(0)?, row.get::<Vec<u8>>(1)?));
        Ok(query(&*self.lock().await, sql, &values, read).await?.into_iter().collect())
    }

    /// Writes down that a step is live: the ledger comes last.
    pub(super) async fn keep_live(
        &self,
        step: &Step,
        sealed: &Sealed,
        version: &str,
    ) -> Result<(), PublishError> {
        let connection = self.lock().await;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).await?;
        let live = (step.sequence, version, step.inputs.as_str(), step.is_complete);
        write_live(&transaction, &step.public_id, live, sealed, Some(&step.snapshot)).await?;
        let done = [Value::Text(step.run.clone()), text(&step.public_id)];
        execute(&transaction, "DELETE FROM publish_artifacts WHERE run = ?1 AND public_id = ?2", &done)
            .await?;
        moved(&transaction, step, State::Checked, self.now_ms()).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Takes note of what somebody else published. What was under way here is superseded by it.
    pub(super) async fn adopt_live(
        &self,
        id: &AuthoredId,
        version: &str,
        sealed: &Sealed,
    ) -> Result<u64, PublishError> {
        let before = self.live_of(id).await?.map_or(0, |live| live.sequence);
        // Numbers only rise, also where an older pointer was put back.
        let sequence = sealed.manifest.sequence.max(before);
        let connection = self.lock().await;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).await?;
        write_live(&transaction, id, (sequence, version, "", false), sealed, None).await?;
        let sql = "UPDATE publish_steps SET state = 'superseded', changed_at = ?2 WHERE public_id = ?1 \
                   AND state NOT IN ('done', 'superseded', 'failed')";
        execute(&transaction, sql, &[text(id), Value::Integer(self.now_ms())]).await?;
        transaction.commit().await?;
        Ok(sequence)
    }

    /// Takes note that what is live is what there is to say, also by what it depends on now.
    pub(super) async fn keep_same(&self, step: &Step) -> Result<(), PublishError> {
        let connection = self.lock().await;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).await?;
        let sql = "UPDATE publish_live SET inputs = ?2, is_complete = ?3 WHERE public_id = ?1";
        let complete = Value::Integer(i64::from(step.is_complete));
        execute(&transaction, sql, &[text(&step.public_id), Value::Text(step.inputs.clone()), complete])
            .await?;
        moved(&transaction, step, State::Superseded, self.now_ms()).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Writes down that the set names all that is checked.
    pub(super) async fn finish_checked(&self) -> Result<(), PublishError> {
        let sql =
            "UPDATE publish_steps SET state = 'done', error = NULL, changed_at = ?1 WHERE state = 'checked'";
        execute(&*self.lock().await, sql, &[Value::Integer(self.now_ms())]).await?;
        Ok(())
    }
}

async fn note_target(connection: &Connection, store: &str) -> Result<(), PublishError> {
    let sql = "INSERT INTO publish_target (id, store) VALUES (1, ?1) \
               ON CONFLICT (id) DO UPDATE SET store = excluded.store";
    execute(connection, sql, &[Value::Text(store.to_string())]).await?;
    Ok(())
}

async fn moved(connection: &Connection, step: &Step, to: State, now_ms: i64) -> Result<(), PublishError> {
    let sql = "UPDATE publish_steps SET state = ?3, version = coalesce(?4, version), error = NULL, changed_at = ?5 \
               WHERE run = ?1 AND public_id = ?2 AND state = ?6";
    let values = [
        Value::Text(step.run.clone()),
        text(&step.public_id),
        Value::Text(to.as_str().to_string()),
        step.version.clone().map_or(Value::Null, Value::Text),
        Value::Integer(now_ms),
        Value::Text(step.state.as_str().to_string()),
    ];
    match execute(connection, sql, &values).await? {
        1 => Ok(()),
        _ => Err(PublishError::Changed(step.public_id.to_string())),
    }
}

async fn write_live(
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
    let manifest = Value::Blob(sealed.bytes.clone());
    let inputs = Value::Text(inputs.to_string());
    let values = [
        text(id),
        integer(sequence),
        Value::Text(version.to_string()),
        inputs.clone(),
        Value::Integer(i64::from(is_complete)),
        manifest.clone(),
    ];
    execute(connection, live, &values).await?;
    let past = "INSERT INTO publish_history (public_id, sequence, inputs, snapshot, manifest) \
                VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (public_id, sequence) DO NOTHING";
    let snapshot = snapshot.map_or(Ok(Value::Text(String::new())), snapshot_text)?;
    let number = integer(sealed.manifest.sequence);
    execute(connection, past, &[text(id), number, inputs, snapshot, manifest]).await?;
    Ok(())
}
