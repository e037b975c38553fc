//! What a run would start, as one is asked before it does.

use std::collections::BTreeSet;

use zenith_harness::Unit;
use zenith_harness::runner::Selection;

use super::backends::Backends;
use super::results::Results;
use crate::text::counted;

/// How many of what, where, for how long as far as the last runs tell, and what it takes beside this machine.
pub fn what_starts(backends: Backends, trials: &Selection, results: &Results) -> String {
    let spikes: BTreeSet<&str> = trials.iter().map(|(spike, _)| spike.id).collect();
    let last = |id: &str, on| {
        let tried = results.of(id).into_iter().find(|outcome| outcome.backend == on)?;
        tried.verdict.is_reached().then_some(tried.seconds)
    };
    let known: Vec<f64> = trials.iter().filter_map(|(spike, on)| last(spike.id, *on)).collect();
    let mut told = format!(
        "{} on {}, {}",
        counted(spikes.len(), "spike"),
        backends.label(),
        counted(trials.len(), "trial")
    );
    if !known.is_empty() {
        told += &format!("; the last time they took {} in all", Unit::Seconds.show(known.iter().sum()));
    }
    match trials.len() - known.len() {
        0 => {}
        untried if known.is_empty() && untried == trials.len() => told += "; how long they take is not known",
        untried => told += &format!(", without {untried} that were not tried yet"),
    }
    let takes = backends.takes();
    if !takes.is_empty() {
        told += &format!("; {takes}");
    }
    told
}
