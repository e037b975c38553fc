//! Publishing: what is authored here, brought to a store where others read it, one way.
//!
//! An instance goes through the states of [`State`], each written down once it was done. Whatever ends a run, the next one
//! goes on from there: what lies in the store under the name of its content is not put again, the mirror's numbers only
//! rise, and a swap whose answer was lost is looked up, never guessed. No value is ever read back: a pointer is read only
//! where its put was refused, for the number, the publisher and the hash that stand there.

mod adopt;
mod advance;
mod collect;
mod outlook;
mod set;
mod verify;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::artifact::manifest_key;
use super::authored::Authored;
use super::error::PublishError;
use super::generate::Generator;
use super::id::AuthoredId;
use super::manifest::{Manifest, SCHEMA_VERSION};
use super::mirror::Mirror;
use super::outbox::{Live, Sealed, State, Step};
use super::prepare::{Prepared, Snapshot, inputs};
use super::registry::Registry;
use crate::holder::Alone;
use crate::lake::Store;

pub use adopt::Adopted;
pub use outlook::Outlook;
pub use verify::Difference;

/// Publications of one data folder to one store.
#[derive(Clone)]
pub struct Publisher {
    pub authored: Authored,
    pub store: Store,
    /// Where configurations are mirrored as rows, if anywhere.
    pub mirror: Option<Mirror>,
    pub generator: Arc<dyn Generator>,
    /// The data folder's own name.
    pub name: String,
}

/// What happens in a run, as it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublishEvent {
    Planned { instances: usize },
    Reached { id: AuthoredId, state: State },
    Failed { id: AuthoredId, why: String },
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PublishReport {
    pub published: Vec<Published>,
    /// Instances whose publication would say nothing new.
    pub unchanged: usize,
    /// What could not be published, and why. The set stays as it was until all of it is.
    pub failed: Vec<(AuthoredId, String)>,
    /// The number of the set, where it was replaced.
    pub set: Option<u64>,
}

/// An instance that was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Published {
    pub public_id: AuthoredId,
    pub sequence: u64,
    pub locales: usize,
    pub left_out: Vec<(String, String)>,
}

impl Publisher {
    /// Publishes instances, all where none is named; what was left unfinished before is finished first. Where nothing
    /// changed, nobody is asked anything.
    pub async fn publish(
        &self,
        ids: &[AuthoredId],
        events: mpsc::UnboundedSender<PublishEvent>,
        cancel: &CancellationToken,
    ) -> Result<PublishReport, PublishError> {
        let _turn = self.begin().await?;
        let mut report = PublishReport::default();
        let run = uuid::Uuid::new_v4().simple().to_string();
        let registry = self.authored.registry()?;
        report.unchanged = self.plan(ids, &registry, &run).await?;
        self.finish(&registry, &mut report, &events, cancel).await?;
        // What was edited while an unfinished publication of it went out.
        if report.failed.is_empty() {
            let again = uuid::Uuid::new_v4().simple().to_string();
            self.plan(ids, &registry, &again).await?;
            self.finish(&registry, &mut report, &events, cancel).await?;
        }
        Ok(report)
    }

    /// Publishes again what was published before under a number, as a new number.
    pub async fn rollback(
        &self,
        id: &AuthoredId,
        sequence: u64,
        events: mpsc::UnboundedSender<PublishEvent>,
        cancel: &CancellationToken,
    ) -> Result<PublishReport, PublishError> {
        let _turn = self.begin().await?;
        if let Some(open) = self.authored.open_steps().await?.into_iter().find(|open| open.public_id == *id) {
            return Err(PublishError::Open { id: id.to_string(), state: open.state.as_str().to_string() });
        }
        let none = || PublishError::NoSuchSequence { id: id.to_string(), sequence };
        let past = self.authored.history(id).await?.into_iter().find(|past| past.sequence == sequence);
        let past = past.ok_or_else(none)?;
        let snapshot = past.snapshot.ok_or_else(none)?;
        let live = self.authored.live_of(id).await?.ok_or_else(none)?;
        let run = uuid::Uuid::new_v4().simple().to_string();
        let manifest = Manifest {
            sequence: live.sequence + 1,
            previous: Some(live.sealed.hash.clone()),
            published_at: self.now(),
            publisher: self.name.clone(),
            run: run.clone(),
            ..past.manifest
        };
        let step = Step {
            run,
            public_id: id.clone(),
            state: State::Generated,
            sequence: manifest.sequence,
            attempts: 0,
            error: None,
            inputs: past.inputs,
            snapshot,
            is_complete: true,
            manifest: Some(Sealed::new(manifest)?),
            version: None,
        };
        self.authored.plan_step(&step).await?;
        let mut report = PublishReport::default();
        self.finish(&self.authored.registry()?, &mut report, &events, cancel).await?;
        Ok(report)
    }

    /// One publication from a data folder at a time, and to the store that its ledger is of.
    async fn begin(&self) -> Result<Alone, PublishError> {
        let turn = self.turn()?;
        self.check_target().await?;
        Ok(turn)
    }

    async fn check_target(&self) -> Result<(), PublishError> {
        let now = self.store.name();
        match self.authored.target().await? {
            Some(was) if was == now => Ok(()),
            Some(was) => Err(PublishError::OtherStore { was, now: now.to_string() }),
            None => self.authored.know_target(now).await,
        }
    }

    fn turn(&self) -> Result<Alone, PublishError> {
        let path = self.authored.folder().join("publish.lock");
        let fail =
            |source| PublishError::File { attempted: "lock", path: path.display().to_string(), source };
        Alone::take(&path).map_err(fail)?.ok_or(PublishError::Busy)
    }

    /// Writes down what is to be published, and says how much need not be.
    async fn plan(&self, ids: &[AuthoredId], registry: &Registry, run: &str) -> Result<usize, PublishError> {
        let (live, mut unchanged) = (self.authored.live().await?, 0);
        let open = self.authored.open_steps().await?;
        for (instance, overlays) in self.authored.wanted(ids).await? {
            let id = &instance.public_id;
            let inputs = inputs(&instance, &overlays, registry, &*self.generator)?;
            let live = live.get(id);
            match open.iter().find(|open| open.public_id == *id) {
                Some(open) if open.inputs == inputs || open.state >= State::Uploaded => continue,
                // Nothing of it was sent.
                Some(open) => self.authored.move_on(open, State::Superseded).await?,
                None if live.is_some_and(|live| live.is_complete && live.inputs == inputs) => {
                    unchanged += 1;
                    continue;
                }
                None => {}
            }
            let step = Step {
                run: run.to_string(),
                public_id: id.clone(),
                state: State::Planned,
                sequence: live.map_or(0, |live| live.sequence) + 1,
                attempts: 0,
                error: None,
                inputs,
                snapshot: Snapshot::from(&instance),
                is_complete: true,
                manifest: None,
                version: None,
            };
            self.authored.plan_step(&step).await?;
        }
        Ok(unchanged)
    }

    /// Brings all that is under way to its end, and then the set.
    async fn finish(
        &self,
        registry: &Registry,
        report: &mut PublishReport,
        events: &mpsc::UnboundedSender<PublishEvent>,
        cancel: &CancellationToken,
    ) -> Result<(), PublishError> {
        let open = self.authored.open_steps().await?;
        if !open.is_empty() {
            let _ = events.send(PublishEvent::Planned { instances: open.len() });
        }
        for mut step in open {
            while step.state < State::Checked {
                if cancel.is_cancelled() {
                    return Err(PublishError::Cancelled);
                }
                match self.advance(&mut step, registry).await {
                    Ok(()) => {
                        let (id, state) = (step.public_id.clone(), step.state);
                        let _ = events.send(PublishEvent::Reached { id, state });
                    }
                    Err(error) => {
                        let gives_up =
                            matches!(error, PublishError::Conflict { .. } | PublishError::Collected { .. });
                        self.authored.note_error(&step, &error, gives_up).await?;
                        if error.is_of_all() {
                            return Err(error);
                        }
                        let (id, why) = (step.public_id.clone(), error.to_string());
                        let _ = events.send(PublishEvent::Failed { id: id.clone(), why: why.clone() });
                        report.failed.push((id, why));
                        break;
                    }
                }
            }
            match (step.state, &step.manifest) {
                (State::Checked, Some(sealed)) => report.published.push(Published {
                    public_id: step.public_id.clone(),
                    sequence: step.sequence,
                    locales: sealed.manifest.locales.len(),
                    left_out: left_out(&sealed.manifest),
                }),
                (State::Superseded, _) => report.unchanged += 1,
                _ => {}
            }
        }
        if report.failed.is_empty() {
            report.set = self.swap_set().await?.or(report.set);
            self.authored.finish_checked().await?;
        }
        Ok(())
    }

    fn now(&self) -> DateTime<Utc> {
        self.authored.now()
    }
}

/// What a manifest says of what was prepared, but for who publishes it in which run.
fn manifest(
    id: &AuthoredId,
    snapshot: &Snapshot,
    prepared: &Prepared,
    registry: &Registry,
    live: Option<&Live>,
    now: DateTime<Utc>,
) -> Result<Manifest, PublishError> {
    let widget_type = snapshot.widget_type.clone();
    Ok(Manifest {
        schema_version: SCHEMA_VERSION,
        public_id: id.clone(),
        kind: id.kind(),
        status: snapshot.status,
        sequence: live.map_or(0, |live| live.sequence) + 1,
        previous: live.map(|live| live.sealed.hash.clone()),
        published_at: now,
        publisher: String::new(),
        run: String::new(),
        config_hash: prepared.config_hash.clone(),
        text_fingerprint: prepared.text_fingerprint.clone(),
        registry_hash: registry.hash.clone(),
        base_locale: registry.base_locale.clone(),
        locales: prepared.locales.clone(),
        left_out: prepared.left_out.clone(),
        fallback: registry.rules(&widget_type)?.fallback.clone(),
        baseline: id.widget_type().is_none().then(|| AuthoredId::Baseline(widget_type.clone())),
        widget_type,
    })
}

fn left_out(manifest: &Manifest) -> Vec<(String, String)> {
    manifest.left_out.iter().map(|(locale, why)| (locale.to_string(), why.clone())).collect()
}

/// Where the manifest of a step lies for ever.
fn copy_key(step: &Step, sealed: &Sealed) -> String {
    manifest_key(&step.public_id, &sealed.hash)
}

#[cfg(test)]
mod tests;
