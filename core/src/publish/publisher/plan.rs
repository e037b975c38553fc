//! What is to be published: of what changed since the last publication, by what each depends on.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::super::error::PublishError;
use super::super::id::AuthoredId;
use super::super::instance::Status;
use super::super::ledger::Live;
use super::super::manifest::{Manifest, SCHEMA_VERSION};
use super::super::prepare::{Prepared, Snapshot, fingerprints, inputs, rules_of};
use super::super::registry::Registry;
use super::super::step::{State, Step};
use super::Publisher;

/// What a plan came to.
pub(super) struct Planned {
    /// Everything that was live before.
    pub live: BTreeMap<AuthoredId, Live>,
    pub unchanged: usize,
    /// Instances whose publication was under way, and goes first.
    pub passed_over: Vec<AuthoredId>,
    /// What the registry of types does not fit, and why.
    pub unusable: Vec<(AuthoredId, String)>,
}

impl Publisher {
    /// Writes down what is to be published, and says what need not be.
    pub(super) async fn plan(
        &self,
        ids: &[AuthoredId],
        registry: &Registry,
        run: &str,
    ) -> Result<Planned, PublishError> {
        let mut planned = Planned {
            live: self.authored.live().await?,
            unchanged: 0,
            passed_over: Vec::new(),
            unusable: Vec::new(),
        };
        let by = fingerprints(registry, &*self.generator);
        let (mut under_way, mut steps) = (self.authored.under_way().await?, Vec::new());
        for (instance, overlays) in self.authored.wanted(ids).await? {
            let id = &instance.public_id;
            let (live, under_way) = (planned.live.get(id), under_way.remove(id));
            let inputs = match inputs(&instance, &overlays, registry, &by) {
                Ok(inputs) => inputs,
                Err(error) => {
                    planned.unusable.push((id.clone(), error.to_string()));
                    continue;
                }
            };
            let open = under_way.as_ref().filter(|step| step.state.is_open());
            if open.is_some_and(|open| open.inputs == inputs || open.state >= State::Uploaded) {
                planned.passed_over.push(id.clone());
                continue;
            }
            // What readers never saw need not be withdrawn.
            let is_nothing = live.is_none() && instance.status == Status::Unpublished;
            if is_nothing || live.is_some_and(|live| live.is_complete && live.inputs == inputs) {
                if under_way.is_some_and(|step| step.state != State::Checked) {
                    self.authored.forget_step(id).await?;
                }
                planned.unchanged += usize::from(!is_nothing);
                continue;
            }
            // What a pattern does not fit fails by itself, and holds up nothing that is published with it.
            let snapshot = Snapshot::from(&instance);
            let rules = rules_of(registry, &instance.widget_type, instance.status)?;
            if let Err(error) = rules.texts(&snapshot.config) {
                planned.unusable.push((id.clone(), error.to_string()));
                continue;
            }
            steps.push(Step {
                run: run.to_string(),
                public_id: id.clone(),
                state: State::Planned,
                sequence: live.map_or(0, |live| live.sequence) + 1,
                error: None,
                told: BTreeMap::new(),
                inputs,
                snapshot,
                is_complete: true,
                manifest: None,
                version: None,
            });
        }
        self.authored.plan_steps(&steps).await?;
        Ok(planned)
    }
}

/// What a manifest says of what was prepared, but for who publishes it in which run.
pub(super) fn manifest(
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
        base_locale: registry.base_locale.clone(),
        locales: prepared.locales.clone(),
        left_out: prepared.left_out.clone(),
        fallback: rules_of(registry, &widget_type, snapshot.status)?.fallback.clone(),
        baseline: id.widget_type().is_none().then(|| AuthoredId::Baseline(widget_type.clone())),
        widget_type,
    })
}
