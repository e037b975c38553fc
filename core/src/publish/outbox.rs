//! The outbox: what is being published, in rows that outlive whatever ends a run. Each step is written down once it was
//! done, so that it is done again at most, never left out. An instance has one row at most, until the set names it.

use std::collections::BTreeMap;

use libsql::{Connection, Row, TransactionBehavior, Value};

use super::authored::{Authored, now_ms, text};
use super::error::PublishError;
use super::id::AuthoredId;
use super::ledger::{Sealed, integer, write_live};
use super::overlay::Overlay;
use super::pinned::{Pin, pin, unpin};
use super::step::{COLUMNS, State, Step, UnderWay, columns, snapshot_text, step_of};
use super::translations::keep_overlay;
use crate::catalog::{execute, query};

impl Authored {
    /// Publications that are under way, by id.
    pub async fn open_steps(&self) -> Result<Vec<Step>, PublishError> {
        self.steps_where("state NOT IN ('checked', 'failed')").await
    }

    /// The last publication of each instance that could not be done.
    pub(super) async fn failed_steps(&self) -> Result<Vec<Step>, PublishError> {
        self.steps_where("state = 'failed'").await
    }

    async fn steps_where(&self, which: &'static str) -> Result<Vec<Step>, PublishError> {
        let sql = format!("SELECT {COLUMNS} FROM publish_steps WHERE {which} ORDER BY public_id");
        query(&*self.lock().await, &sql, &[], columns).await?.into_iter().map(step_of).collect()
    }

    /// How far each instance is that has a row.
    pub(super) async fn under_way(&self) -> Result<BTreeMap<AuthoredId, UnderWay>, PublishError> {
        let sql = "SELECT public_id, state, inputs FROM publish_steps";
        let read = |row: &Row| Ok((row.get::<String>(0)?, row.get::<String>(1)?, row.get::<String>(2)?));
        let found = query(&*self.lock().await, sql, &[], read).await?;
        let row = |(id, state, inputs): (String, String, String)| {
            Ok((AuthoredId::parse(&id)?, UnderWay { state: State::parse(&state)?, inputs }))
        };
        found.into_iter().map(row).collect()
    }

    /// Writes down what is to be published, in place of what was planned of the same instances: all of it, or nothing. The
    /// runs that those belonged to become part of this one. What is planned is not rolled back any more, unless that is what
    /// is planned.
    pub(super) async fn plan_steps(&self, steps: &[Step], pinned: Option<&Pin>) -> Result<(), PublishError> {
        let connection = self.lock().await;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).await?;
        for step in steps {
            let (id, run) = (text(&step.public_id), text(&step.run));
            let sql = "UPDATE publish_steps SET run = ?2 WHERE run = (SELECT run FROM publish_steps WHERE public_id = ?1)";
            execute(&transaction, sql, &[id, run]).await?;
            forget(&transaction, &step.public_id).await?;
            unpin(&transaction, &step.public_id).await?;
            let sql = format!(
                "INSERT INTO publish_steps ({COLUMNS}, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, NULL, ?9)"
            );
            let values = [
                text(&step.run),
                text(&step.public_id),
                text(&step.state.as_str()),
                integer(step.sequence)?,
                text(&step.inputs),
                snapshot_text(&step.snapshot)?,
                Value::Integer(i64::from(step.is_complete)),
                step.manifest.as_ref().map_or(Value::Null, |sealed| Value::Blob(sealed.bytes.clone())),
                Value::Integer(now_ms()),
            ];
            execute(&transaction, &sql, &values).await?;
        }
        if let Some(pinned) = pinned {
            pin(&transaction, pinned).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Writes down that a step was done.
    pub(super) async fn move_on(&self, step: &Step, to: State) -> Result<(), PublishError> {
        moved(&*self.lock().await, step, to).await
    }

    /// Takes away what was planned of an instance, since there is nothing to be done.
    pub(super) async fn forget_step(&self, id: &AuthoredId) -> Result<(), PublishError> {
        let connection = self.lock().await;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).await?;
        forget(&transaction, id).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Writes down what a step met; it is tried again, or given up.
    pub(super) async fn note_error(
        &self,
        step: &Step,
        error: &PublishError,
        gives_up: bool,
    ) -> Result<(), PublishError> {
        let connection = self.lock().await;
        match gives_up {
            true => give_up(&connection, &step.public_id, &error.to_string()).await,
            false => {
                let sql = "UPDATE publish_steps SET error = ?2, changed_at = ?3 WHERE public_id = ?1";
                let values = [text(&step.public_id), text(error), Value::Integer(now_ms())];
                execute(&connection, sql, &values).await?;
                Ok(())
            }
        }
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
            keep_overlay(&transaction, None, overlay, now_ms()).await?;
        }
        for (key, bytes) in artifacts {
            let sql = "INSERT OR REPLACE INTO publish_artifacts (public_id, key, bytes) VALUES (?1, ?2, ?3)";
            execute(&transaction, sql, &[text(&step.public_id), text(key), Value::Blob(bytes.clone())])
                .await?;
        }
        let sql =
            "UPDATE publish_steps SET manifest = ?2, is_complete = ?3, sequence = ?4 WHERE public_id = ?1";
        let values = [
            text(&step.public_id),
            step.manifest.as_ref().map_or(Value::Null, |sealed| Value::Blob(sealed.bytes.clone())),
            Value::Integer(i64::from(step.is_complete)),
            integer(step.sequence)?,
        ];
        execute(&transaction, sql, &values).await?;
        moved(&transaction, step, State::Generated).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The artifacts of a step, by key.
    pub(super) async fn artifacts(&self, step: &Step) -> Result<BTreeMap<String, Vec<u8>>, PublishError> {
        let sql = "SELECT key, bytes FROM publish_artifacts WHERE public_id = ?1";
        let read = |row: &Row| Ok((row.get::<String>(0)?, row.get::<Vec<u8>>(1)?));
        Ok(query(&*self.lock().await, sql, &[text(&step.public_id)], read).await?.into_iter().collect())
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
        moved(&transaction, step, State::Checked).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Takes note that what is live is what there is to say, also by what it depends on now.
    pub(super) async fn keep_same(&self, step: &Step) -> Result<(), PublishError> {
        let connection = self.lock().await;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).await?;
        let sql = "UPDATE publish_live SET inputs = ?2, is_complete = ?3 WHERE public_id = ?1";
        let complete = Value::Integer(i64::from(step.is_complete));
        execute(&transaction, sql, &[text(&step.public_id), text(&step.inputs), complete]).await?;
        forget(&transaction, &step.public_id).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// What is not to be named by the set yet, and how far it is: something of its run is not live. What belongs together
    /// comes into the set together, however many calls that takes.
    pub(super) async fn held(&self) -> Result<BTreeMap<AuthoredId, State>, PublishError> {
        let sql = "SELECT public_id, state FROM publish_steps \
                   WHERE run IN (SELECT run FROM publish_steps WHERE state <> 'checked')";
        let read = |row: &Row| Ok((row.get::<String>(0)?, row.get::<String>(1)?));
        let found = query(&*self.lock().await, sql, &[], read).await?;
        found.iter().map(|(id, state)| Ok((AuthoredId::parse(id)?, State::parse(state)?))).collect()
    }

    /// Takes away the rows of what the set names.
    pub(super) async fn finish_checked(&self) -> Result<(), PublishError> {
        let sql = "DELETE FROM publish_steps WHERE state = 'checked' \
                   AND run NOT IN (SELECT run FROM publish_steps WHERE state <> 'checked')";
        execute(&*self.lock().await, sql, &[]).await?;
        Ok(())
    }
}

async fn moved(connection: &Connection, step: &Step, to: State) -> Result<(), PublishError> {
    let sql = "UPDATE publish_steps SET state = ?2, version = coalesce(?3, version), error = NULL, changed_at = ?4 \
               WHERE public_id = ?1 AND state = ?5";
    let values = [
        text(&step.public_id),
        text(&to.as_str()),
        step.version.clone().map_or(Value::Null, Value::Text),
        Value::Integer(now_ms()),
        text(&step.state.as_str()),
    ];
    if execute(connection, sql, &values).await? != 1 {
        return Err(PublishError::Changed(step.public_id.to_string()));
    }
    if !to.is_open() {
        forget_artifacts(connection, &step.public_id).await?;
    }
    Ok(())
}

/// Leaves word why a publication goes no further. What belongs together with it waits for the next.
pub(super) async fn give_up(connection: &Connection, id: &AuthoredId, why: &str) -> Result<(), PublishError> {
    let sql = "UPDATE publish_steps SET state = 'failed', error = ?2, changed_at = ?3 WHERE public_id = ?1";
    execute(connection, sql, &[text(id), text(&why), Value::Integer(now_ms())]).await?;
    forget_artifacts(connection, id).await
}

async fn forget(connection: &Connection, id: &AuthoredId) -> Result<(), PublishError> {
    execute(connection, "DELETE FROM publish_steps WHERE public_id = ?1", &[text(id)]).await?;
    forget_artifacts(connection, id).await
}

async fn forget_artifacts(connection: &Connection, id: &AuthoredId) -> Result<(), PublishError> {
    execute(connection, "DELETE FROM publish_artifacts WHERE public_id = ?1", &[text(id)]).await?;
    Ok(())
}
