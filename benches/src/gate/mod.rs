//! Gates that can be trusted: what a bench is held to, beside a peer that is measured in the same run.
//!
//! # Decisions
//!
//! - **A ratio decides, and a bound of it, not a figure.** Ours and the peer take turns in random order, so that what else
//!   the machine does falls on both alike; a gate fails only where even the lower bound of the 95% interval of the median
//!   ratio is over its target, and holds where the upper one is at most that.
//! - **Every gate has a control.** The peer is measured against itself in the same rounds. Where identical code differs by
//!   more than [`CONTROL_MAX`], more rounds are taken; where it still does, the gate is *inconclusive*, and never *failed*.
//! - **Counts are exact.** Requests, bytes, rows and recall do not depend on the machine, and have no interval.
//! - **Absolute times are tripwires**: far above what is measured, for what no ratio would notice.
//! - **An answer is checked before it is timed**, and its hash is told: what is fast and another is not faster.

mod interval;
mod results;
mod rounds;
mod settings;
mod table;

use std::process::ExitCode;
use std::time::Duration;

use criterion::Criterion;

pub use interval::Interval;
pub use results::{Figure, Outcome, Results, Verdict};
pub use settings::{Pace, SLOWED, Settings};
pub use table::{compared, table, with_table};

use rounds::Rounds;

/// What identical code may differ by.
pub const CONTROL_MAX: f64 = 0.05;

/// Some work, and how much there is of what it is about.
pub type OfSize<'a> = (u64, Box<dyn FnMut() + 'a>);

/// All gates of one bench, as they are tried.
pub struct Gates {
    pub criterion: Criterion,
    pub settings: Settings,
    results: Results,
    answer: String,
}

impl Gates {
    /// The gates of a bench, at the pace that the arguments ask for: `--test` tries each once, `--quick` takes few rounds.
    pub fn new(bench: &str) -> Gates {
        let settings = Settings::from_arguments(std::env::args().skip(1));
        let criterion = Criterion::default().configure_from_args();
        Gates { criterion, results: Results::new(bench, &settings), settings, answer: String::new() }
    }

    /// Whether everything is to be small: it is tried, and nothing is measured.
    pub fn is_test(&self) -> bool {
        self.settings.pace == Pace::Test
    }

    /// What the next gates' work answers, which was checked: its hash stands beside them.
    pub fn answers(&mut self, answer: impl AsRef<[u8]>) {
        self.answer = blake3::hash(answer.as_ref()).to_hex().chars().take(8).collect();
    }

    /// What ours takes of the time that a peer takes for the same, at most.
    pub fn ratio(&mut self, name: &str, most: f64, mut ours: impl FnMut(), mut peer: impl FnMut()) {
        if !self.settings.takes(name) {
            return;
        }
        let mut rounds = Rounds::new(&self.settings, [&mut ours, &mut peer]);
        let figure = rounds.figure(most);
        self.keep(name, figure);
    }

    /// How many of something there are, at most.
    pub fn count(&mut self, name: &str, count: u64, most: u64) {
        self.keep(name, Figure::Count { count, most });
    }

    /// A share of something, at least.
    pub fn share(&mut self, name: &str, share: f64, least: f64) {
        self.keep(name, Figure::Share { share, least });
    }

    /// The median time of something, at most: a tripwire.
    pub fn time(&mut self, name: &str, most: Duration, mut work: impl FnMut()) {
        if self.settings.takes(name) {
            let median = rounds::median(&self.settings, &mut work);
            self.keep(name, Figure::Time { median, most });
        }
    }

    /// A time that was measured otherwise, at most: a tripwire.
    pub fn measured(&mut self, name: &str, median: Duration, most: Duration) {
        let median = median * self.settings.slowdown;
        self.keep(name, Figure::Time { median, most });
    }

    /// One time as a multiple of another, which were measured otherwise and in turns, at most.
    pub fn multiple(&mut self, name: &str, multiple: f64, most: f64) {
        let multiple = multiple * f64::from(self.settings.slowdown);
        self.keep(name, Figure::Multiple { multiple, most });
    }

    /// By which power of its size the time of something grows, at most. Each size is some work.
    pub fn growth(&mut self, name: &str, most: f64, sizes: &mut [OfSize<'_>]) {
        if self.settings.takes(name) {
            let times: Vec<(u64, Duration)> = sizes
                .iter_mut()
                .map(|(size, work)| (*size, rounds::median(&self.settings, &mut **work)))
                .collect();
            self.keep(name, Figure::Growth { exponent: interval::exponent(&times), times, most });
        }
    }

    fn keep(&mut self, name: &str, figure: Figure) {
        let outcome = Outcome::of(name, figure, self.answer.clone(), self.settings.pace);
        println!("gate: {outcome}");
        self.results.outcomes.push(outcome);
    }

    /// Tells all, keeps it as JSON, and says whether anything failed.
    pub fn finish(self) -> ExitCode {
        self.criterion.final_summary();
        if self.results.outcomes.is_empty() {
            return ExitCode::SUCCESS;
        }
        println!("\n{}", table(std::slice::from_ref(&self.results)));
        if self.settings.pace != Pace::Test {
            match self.results.keep(&self.settings.folder) {
                Ok(path) => println!("kept in {}", path.display()),
                Err(error) => println!("not kept: {error}"),
            }
        }
        if self.results.has_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

/// Takes what some work made, so that no compiler leaves the work out.
pub fn keep<T>(made: T) {
    std::hint::black_box(made);
}
