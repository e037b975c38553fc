//! Planted defects: a spike that cannot fail proves nothing.

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::{Event, Runner, Selection, plan};
use crate::backend::Backend;
use crate::outcome::Outcome;
use crate::run_report::{FaultOutcome, FaultReport};
use crate::spike::{Expected, Spike};
use crate::verdict::Verdict;

impl Runner {
    /// Plants each declared fault in each spike of the selection, or only those of this name.
    ///
    /// A fault is caught where the verdict is *refuted*, by a check or target that the spike passes
    /// without it. An error that stops the spike is no verdict, and does not count.
    pub async fn run_faults(
        &self,
        selection: Selection,
        name: Option<&str>,
        events: UnboundedSender<Event>,
        cancel: CancellationToken,
    ) -> FaultReport {
        let wanted = |fault: &str| name.is_none_or(|name| name == fault);
        let trials: Vec<_> = selection
            .into_iter()
            .flat_map(|(spike, backend)| spike.faults.iter().map(move |fault| (spike, backend, fault)))
            .filter(|(_, _, fault)| wanted(fault.name))
            .collect();
        plan(&events, trials.iter().map(|(spike, backend, _)| (spike.id, *backend)));
        let mut known = Known::default();
        let mut faults = Vec::new();
        for (spike, backend, fault) in trials {
            let unplanted = known.failures(self, spike, backend, &cancel).await;
            if cancel.is_cancelled() {
                break;
            }
            let outcome = self.one(spike, backend, Some(fault), &events, &cancel).await;
            let caught = matches!(outcome.verdict, Verdict::Refuted { .. })
                && !failures(&outcome).is_subset(&unplanted);
            let (fault, what) = (fault.name.to_string(), fault.what.to_string());
            faults.push(FaultOutcome { fault, what, caught, outcome });
        }
        FaultReport { faults, stopped: cancel.is_cancelled() }
    }
}

/// What fails without a fault. A claim that is known to be refuted fails by itself, which would make
/// every fault look caught, so such a spike is first run as it is.
#[derive(Default)]
struct Known(BTreeMap<(&'static str, Backend), BTreeSet<String>>);

impl Known {
    async fn failures(
        &mut self,
        runner: &Runner,
        spike: &'static Spike,
        backend: Backend,
        cancel: &CancellationToken,
    ) -> BTreeSet<String> {
        if spike.expected == Expected::Holds {
            return BTreeSet::new();
        }
        if let Some(known) = self.0.get(&(spike.id, backend)) {
            return known.clone();
        }
        // Nobody listens: only runs with a fault are told of.
        let (quiet, _) = tokio::sync::mpsc::unbounded_channel();
        let found = failures(&runner.try_one(spike, backend, None, &quiet, cancel).await);
        self.0.insert((spike.id, backend), found.clone());
        found
    }
}

/// The names of the checks that failed and of the targets that were missed, without what was found.
fn failures(outcome: &Outcome) -> BTreeSet<String> {
    let failed = outcome.checks.iter().filter(|check| !check.holds).map(|check| check.what.clone());
    let missed = outcome.figures.iter().filter(|figure| figure.met == Some(false));
    failed.chain(missed.map(|figure| figure.name.clone())).collect()
}
