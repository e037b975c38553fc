//! A publication of an instance on its way: how far it is, and what it needs to be done again.

use std::collections::BTreeMap;

use libsql::{Row, Value};
use serde::Serialize;

use super::canonical::{canonical, read};
use super::error::PublishError;
use super::id::AuthoredId;
use super::ledger::{Sealed, whole};
use super::locale::Locale;
use super::prepare::Snapshot;
use crate::catalog::Trouble;

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
    /// All that it names was found there, and this folder knows that it is live. Its row goes once the set names it.
    Checked,
    /// There was nothing new to say, and nothing was sent. It leaves no row.
    Superseded,
    /// It cannot be done as it was planned.
    Failed,
}

impl State {
    const ALL: [State; 8] = [
        State::Planned,
        State::Generated,
        State::Uploaded,
        State::Mirrored,
        State::Swapped,
        State::Checked,
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
            State::Superseded => "superseded",
            State::Failed => "failed",
        }
    }

    pub(super) fn parse(text: &str) -> Result<State, PublishError> {
        Ok(State::ALL.into_iter().find(|state| state.as_str() == text).ok_or(Trouble::Damaged)?)
    }

    /// Whether it is still to be brought to its end.
    pub(super) fn is_open(self) -> bool {
        self < State::Checked
    }
}

/// A publication of an instance that is under way.
#[derive(Clone, Debug)]
pub struct Step {
    /// What was planned together belongs together: see `Authored::held`.
    pub run: String,
    pub public_id: AuthoredId,
    pub state: State,
    pub sequence: u64,
    /// What it met last.
    pub error: Option<String>,
    /// Why locales are left out, in words for the author alone; they last as long as the program.
    pub(super) told: BTreeMap<Locale, String>,
    pub(super) inputs: String,
    pub(super) snapshot: Snapshot,
    pub(super) is_complete: bool,
    /// From `generated` on.
    pub(super) manifest: Option<Sealed>,
    /// From `swapped` on: of the pointer.
    pub(super) version: Option<String>,
}

/// As much of a row as a plan needs.
pub(super) struct UnderWay {
    pub state: State,
    pub inputs: String,
}

/// What a step is read from.
pub(super) const COLUMNS: &str =
    "run, public_id, state, sequence, inputs, snapshot, is_complete, manifest, version, error";

type Columns =
    ((String, String, String, i64, String, String), (i64, Option<Vec<u8>>, Option<String>, Option<String>));

pub(super) fn columns(row: &Row) -> Result<Columns, libsql::Error> {
    Ok((
        (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?),
        (row.get(6)?, row.get(7)?, row.get(8)?, row.get(9)?),
    ))
}

pub(super) fn step_of(columns: Columns) -> Result<Step, PublishError> {
    let ((run, id, state, sequence, inputs, snapshot), (is_complete, manifest, version, error)) = columns;
    let public_id = AuthoredId::parse(&id)?;
    Ok(Step {
        run,
        state: State::parse(&state)?,
        sequence: whole(sequence)?,
        error,
        told: BTreeMap::new(),
        inputs,
        snapshot: snapshot_of(&snapshot)?,
        is_complete: is_complete != 0,
        manifest: manifest.map(|bytes| Sealed::kept(bytes, &public_id)).transpose()?,
        version,
        public_id,
    })
}

pub(super) fn snapshot_of(text: &str) -> Result<Snapshot, PublishError> {
    let value = serde_json::Value::Object(read(text.as_bytes(), SNAPSHOT_BYTES_MAX)?);
    Ok(serde_json::from_value(value).map_err(|_| Trouble::Damaged)?)
}

pub(super) fn snapshot_text(snapshot: &Snapshot) -> Result<Value, PublishError> {
    Ok(Value::Text(String::from_utf8_lossy(&canonical(snapshot)?).into_owned()))
}
