//! Publishing: what is authored here, brought to a store where others read it, one way.
//!
//! An instance goes through the states of [`State`], each written down once it was done. Whatever ends a run, the next one
//! goes on from there: what lies in the store under the name of its content is not put again, the mirror's numbers only
//! rise, and a swap whose answer was lost is looked up, never guessed. No value is ever read back. A publication reads a
//! pointer where its put was refused, for the number, the publisher and the hash that stand there; taking note of what
//! others published reads pointers for the same, a sweep reads manifests for what they name, and who looks whether all is
//! there, or puts it back, compares hashes.

mod adopt;
mod advance;
mod collect;
mod outlook;
mod plan;
mod repair;
mod report;
mod set;
mod target;
mod verify;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::authored::Authored;
use super::error::PublishError;
use super::generate::Generator;
use super::id::AuthoredId;
use super::ledger::{Live, Sealed};
use super::manifest::Manifest;
use super::mirror::Mirror;
use super::pinned::Pin;
use super::registry::Registry;
use super::step::{State, Step};
use crate::lake::Store;

pub use adopt::Adopted;
pub use outlook::Outlook;
pub use repair::Repaired;
pub use report::{PublishEvent, PublishReport, Published};
pub use verify::Difference;

/// Requests for one thing on their way at the same time: instances, or objects of one.
const AT_ONCE: usize = 8;

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

/// What became of a step.
enum Outcome {
    Published(report::Published),
    Unchanged(AuthoredId),
    Failed(AuthoredId, String),
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
        let registry = self.authored.registry()?;
        self.generator.begin();
        let is_named = !ids.is_empty();
        let planned = self.plan(ids, is_named, &registry, &new_run()).await?;
        let (unchanged, rolled_back) = (planned.unchanged, planned.rolled_back);
        let mut report = PublishReport { unchanged, rolled_back, ..PublishReport::default() };
        self.finish(&registry, planned.live, &mut report, &events, cancel).await?;
        // What was edited while an unfinished publication of it went out.
        if report.failed.is_empty() && !planned.passed_over.is_empty() {
            let again = self.plan(&planned.passed_over, is_named, &registry, &new_run()).await?;
            report.rolled_back.extend(again.rolled_back);
            self.finish(&registry, again.live, &mut report, &events, cancel).await?;
        }
        // Nothing that was begun waits for what could not even be planned.
        for (id, why) in planned.unusable {
            let _ = events.send(PublishEvent::Failed { id: id.clone(), why: why.clone() });
            report.failed.push((id, why));
        }
        Ok(report)
    }

    /// Publishes again what was published before under a number, as a new number. What is authored is published after that
    /// only once it is edited, or named.
    pub async fn rollback(
        &self,
        id: &AuthoredId,
        sequence: u64,
        events: mpsc::UnboundedSender<PublishEvent>,
        cancel: &CancellationToken,
    ) -> Result<PublishReport, PublishError> {
        let _turn = self.begin().await?;
        let registry = self.authored.registry()?;
        self.generator.begin();
        let under_way = self.authored.under_way().await?.remove(id);
        if let Some(open) = under_way.filter(|step| step.state.is_open()) {
            return Err(PublishError::Open { id: id.to_string(), state: open.state.as_str().to_string() });
        }
        let none = || PublishError::NoSuchSequence { id: id.to_string(), sequence };
        let past = self.authored.history(id).await?.into_iter().find(|past| past.sequence == sequence);
        let past = past.ok_or_else(none)?;
        let is_as_authored = self.inputs_of(id, &registry).await?.as_ref() == Some(&past.inputs);
        let snapshot = past.snapshot.ok_or_else(none)?;
        let live = self.authored.live_of(id).await?.ok_or_else(none)?;
        let manifest = Manifest {
            sequence: live.sequence + 1,
            previous: Some(live.sealed.hash.clone()),
            published_at: self.authored.now(),
            publisher: self.name.clone(),
            run: new_run(),
            ..past.manifest
        };
        let step = Step {
            run: manifest.run.clone(),
            public_id: id.clone(),
            state: State::Generated,
            sequence: manifest.sequence,
            error: None,
            told: BTreeMap::new(),
            inputs: past.inputs,
            snapshot,
            // Who was not there then may be by now.
            is_complete: false,
            manifest: Some(Sealed::new(manifest)?),
            version: None,
        };
        // It stays gone back to, unless it is what is authored.
        let pin = match self.authored.wanted(std::slice::from_ref(id)).await?.pop() {
            Some((instance, overlays)) if !is_as_authored => {
                Some(Pin::of(&instance, &overlays, step.sequence, sequence)?)
            }
            _ => None,
        };
        self.authored.plan_steps(&[step], pin.as_ref()).await?;
        let mut report = PublishReport::default();
        self.finish(&registry, self.authored.live().await?, &mut report, &events, cancel).await?;
        Ok(report)
    }

    /// Brings all that is under way to its end, and then the set. `live` is what was live before.
    async fn finish(
        &self,
        registry: &Registry,
        mut live: BTreeMap<AuthoredId, Live>,
        report: &mut PublishReport,
        events: &mpsc::UnboundedSender<PublishEvent>,
        cancel: &CancellationToken,
    ) -> Result<(), PublishError> {
        let open = self.authored.open_steps().await?;
        if !open.is_empty() {
            let _ = events.send(PublishEvent::Planned { instances: open.len() });
            let bring = |step| self.bring(step, registry, events, cancel);
            let brought = futures::stream::iter(open.into_iter().map(bring)).buffer_unordered(AT_ONCE);
            for outcome in brought.try_collect::<Vec<Outcome>>().await? {
                match outcome {
                    Outcome::Published(published) => report.published.push(published),
                    Outcome::Failed(id, why) => report.failed.push((id, why)),
                    Outcome::Unchanged(id) => {
                        let is_new = report.published.iter().all(|published| published.public_id != id);
                        report.unchanged += usize::from(is_new);
                    }
                }
            }
            report.published.sort_by(|a, b| (&a.public_id, a.sequence).cmp(&(&b.public_id, b.sequence)));
            report.failed.sort();
            live = self.authored.live().await?;
        }
        let held = self.authored.held().await?;
        live.retain(|id, _| !held.contains_key(id));
        let waits = held.into_iter().filter(|(_, state)| *state == State::Checked);
        report.held = waits.map(|(id, _)| id).collect();
        report.set = self.swap_set(&live, false).await?.or(report.set);
        self.authored.finish_checked().await
    }

    /// Brings a step to its end. An error is one that every other would meet as well.
    async fn bring(
        &self,
        mut step: Step,
        registry: &Registry,
        events: &mpsc::UnboundedSender<PublishEvent>,
        cancel: &CancellationToken,
    ) -> Result<Outcome, PublishError> {
        while step.state.is_open() {
            if cancel.is_cancelled() {
                return Err(PublishError::Cancelled);
            }
            if let Err(error) = self.advance(&mut step, registry).await {
                self.authored.note_error(&step, &error, gives_up(&step, &error)).await?;
                if error.is_of_all() {
                    return Err(error);
                }
                let (id, why) = (step.public_id, error.to_string());
                let _ = events.send(PublishEvent::Failed { id: id.clone(), why: why.clone() });
                return Ok(Outcome::Failed(id, why));
            }
        }
        Ok(match &step.manifest {
            Some(sealed) if step.state == State::Checked => {
                Outcome::Published(Published::of(&step, &sealed.manifest))
            }
            _ => Outcome::Unchanged(step.public_id),
        })
    }
}

/// Whether trying it again would change nothing.
fn gives_up(step: &Step, error: &PublishError) -> bool {
    match error {
        PublishError::Conflict { .. } | PublishError::Collected { .. } => true,
        error => error.is_of_content() && step.state < State::Uploaded,
    }
}

fn new_run() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

#[cfg(test)]
mod tests;
