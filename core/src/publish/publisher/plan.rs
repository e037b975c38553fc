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
    /// Instances that stay rolled back, and to which number.
    pub rolled_back: Vec<(AuthoredId, u64)>,
    /// Instances whose publication was under way, and goes first.
    pub passed_over: Vec<AuthoredId>,
    /// What the registry of types does not fit, and why.
    pub unusable: Vec<(AuthoredId, String)>,
}

impl Publisher {
    /// Writes down what is to be published, and says what need not be. What stays rolled back is published where somebody
    /// `named` it.
    pub(super) async fn plan(
        &self,
        ids: &[AuthoredId],
        named: bool,
        registry: &Registry,
        run: &str,
    ) -> Result<Planned, PublishError> {
        let mut planned = Planned {
            live: self.authored.live().await?,
            unchanged: 0,
            rolled_back: Vec::new(),
            passed_over: Vec::new(),
            unusable: Vec::new(),
        };
        let by = fingerprints(registry, &*self.generator);
        let (mut under_way, mut steps) = (self.authored.under_way().await?, Vec::new());
        let pins = if named { BTreeMap::new() } else { self.authored.pins().await? };
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
            // A rollback that was not brought to its end is no older edit.
            let goes_back = match pins.get(id) {
                Some(pin) => pin.is_unedited(&instance, &overlays)?,
                None => false,
            };
            if open.is_some_and(|open| open.inputs == inputs || open.state >= State::Uploaded || goes_back) {
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
            if let Some(pin) = pins.get(id)
                && pin.holds(live, &instance, &overlays)?
            {
                planned.rolled_back.push((id.clone(), pin.back_to));
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
        self.authored.plan_steps(&steps, None).await?;
        Ok(planned)
    }

    /// What a publication of an instance as it is authored depends on; nothing where it cannot be published.
    pub(super) async fn inputs_of(
        &self,
        id: &AuthoredId,
        registry: &Registry,
    ) -> Result<Option<String>, PublishError> {
        let by = fingerprints(registry, &*self.generator);
        let Some((instance, overlays)) = self.authored.wanted(std::slice::from_ref(id)).await?.pop() else {
            return Ok(None);
        };
        Ok(inputs(&instance, &overlays, registry, &by).ok())
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
