//! The last outcome of each spike on each backend, and how its figures moved from run to run.

use std::collections::BTreeMap;

use zenith_harness::report::history::Runs;
use zenith_harness::report::trend::{Trend, WHOLE, trends};
use zenith_harness::{Backend, Figure, Outcome, Verdict};

use crate::text::clean_line;

type ByPlace = BTreeMap<(String, Backend), Outcome>;

/// What a history says, safe to show.
#[derive(Debug, Default)]
pub struct Loaded {
    last: ByPlace,
    trends: Vec<Trend>,
    runs: usize,
    damaged: Vec<String>,
}

/// What is known of all spikes.
#[derive(Debug, Default)]
pub struct Results {
    kept: Loaded,
    /// Of this screen's runs.
    here: ByPlace,
}

impl Loaded {
    /// Reads the runs; the work is not for the screen's thread.
    pub fn of(runs: &Runs) -> Loaded {
        let mut last = ByPlace::new();
        for outcome in runs.runs.iter().flat_map(|run| &run.outcomes).filter(|o| o.fault.is_none()) {
            let place = (clean_line(&outcome.id), outcome.backend);
            // Not having run, another time, takes no verdict back.
            if outcome.verdict.is_reached() || !last.contains_key(&place) {
                last.insert(place, safe(outcome));
            }
        }
        let damaged = runs.damaged.iter().map(|damaged| {
            let name = damaged.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            format!("{}: {}", clean_line(&name), clean_line(&damaged.why))
        });
        Loaded {
            last,
            trends: trends(&runs.runs, |_| true),
            runs: runs.runs.len(),
            damaged: damaged.collect(),
        }
    }
}

impl Results {
    pub fn keep(&mut self, loaded: Loaded) {
        self.kept = loaded;
    }

    pub fn add(&mut self, outcome: &Outcome) {
        self.here.insert((outcome.id.clone(), outcome.backend), safe(outcome));
    }

    /// The last outcomes of a spike, a backend each.
    pub fn of(&self, id: &str) -> Vec<&Outcome> {
        let last = |backend: Backend| {
            let place = (id.to_string(), backend);
            let both = [self.kept.last.get(&place), self.here.get(&place)];
            both.into_iter().flatten().max_by_key(|outcome| outcome.at)
        };
        Backend::all().into_iter().filter_map(last).collect()
    }

    /// How a figure moved, where there is more than one run to tell.
    pub fn trend(&self, outcome: &Outcome, figure: Option<&str>) -> Option<&Trend> {
        let figure = figure.unwrap_or(WHOLE);
        let is_it = |trend: &&Trend| {
            trend.id == outcome.id && trend.backend == outcome.backend && trend.figure == figure
        };
        self.kept.trends.iter().find(is_it).filter(|trend| trend.values.len() > 1)
    }

    /// How many runs are kept.
    pub fn runs(&self) -> usize {
        self.kept.runs
    }

    /// The files of the history that were passed over, and why.
    pub fn damaged(&self) -> &[String] {
        &self.kept.damaged
    }
}

/// The outcome that matters most: one that failed, else one that reached a verdict, the latest of them.
pub fn headline<'a>(outcomes: &[&'a Outcome]) -> Option<&'a Outcome> {
    let weight = |outcome: &Outcome| (outcome.failed(), outcome.verdict.is_reached(), outcome.at);
    outcomes.iter().copied().max_by_key(|outcome| weight(outcome))
}

/// The figure that comes nearest to its target, or missed it by most.
pub fn worst(outcome: &Outcome) -> Option<&Figure> {
    let held = outcome.figures.iter().filter(|figure| figure.target.is_some());
    held.max_by(|one, other| strain(one).total_cmp(&strain(other)))
}

/// The value as a part of its target.
fn strain(figure: &Figure) -> f64 {
    match figure.target {
        Some(target) if target > 0.0 => figure.value / target,
        Some(target) if figure.value > target => f64::INFINITY,
        _ => 0.0,
    }
}

/// An outcome that is safe to show: a file of the history is anyone's text.
fn safe(outcome: &Outcome) -> Outcome {
    let mut safe = outcome.clone();
    safe.id = clean_line(&safe.id);
    safe.title = clean_line(&safe.title);
    safe.notes.iter_mut().for_each(|note| *note = clean_line(note));
    safe.kept = safe.kept.as_deref().map(clean_line);
    safe.figures.iter_mut().for_each(|figure| figure.name = clean_line(&figure.name));
    for check in &mut safe.checks {
        check.what = clean_line(&check.what);
        check.detail = check.detail.as_deref().map(clean_line);
    }
    safe.verdict = match safe.verdict {
        Verdict::Holds => Verdict::Holds,
        Verdict::Refuted { failures } => {
            Verdict::Refuted { failures: failures.iter().map(|failure| clean_line(failure)).collect() }
        }
        Verdict::NotRun { because } => Verdict::NotRun { because: clean_line(&because) },
        Verdict::Broken { why } => Verdict::Broken { why: clean_line(&why) },
    };
    safe
}
