//! What the tab remembers.

use std::time::Instant;

use ratatui::layout::Rect;
use zenith_harness::runner::Selection;
use zenith_harness::{Event, Spike};

use super::backends::Backends;
use super::progress::SpikeRun;
use super::results::{Loaded, Results};
use crate::explorer::parts::areas::{Areas, Pane, take_top};
use crate::explorer::parts::latest::Latest;
use crate::explorer::parts::list::Cursor;
use crate::explorer::parts::sheet::Sheet;

/// Narrower places show the page below the list.
const COLUMNS_BESIDE: u16 = 150;

/// Every spike, and what is known of it.
#[derive(Debug)]
pub struct Spikes {
    /// The registry that the program `spike` reads, too.
    pub spikes: &'static [Spike],
    pub pane: Pane,
    pub cursor: Cursor,
    pub backends: Backends,
    pub detail: Sheet,
    /// What the history keeps, as of so many runs of this screen.
    pub history: Latest<usize, Result<(), String>>,
    pub results: Results,
    /// The run that is going on.
    pub run: Option<SpikeRun>,
    /// Runs of this screen that have ended.
    pub ended: usize,
    /// The spike that the detail's position belongs to.
    pub shown: Option<&'static str>,
}

impl Default for Spikes {
    fn default() -> Spikes {
        Spikes {
            spikes: zenith_spikes::all(),
            pane: Pane::List,
            cursor: Cursor::default(),
            backends: Backends::default(),
            detail: Sheet::default(),
            history: Latest::default(),
            results: Results::default(),
            run: None,
            ended: 0,
            shown: None,
        }
    }
}

impl Spikes {
    /// How it parts its place.
    pub fn areas(&self, mut area: Rect, is_roomy: bool) -> Areas {
        let mut areas = Areas { head: take_top(&mut area, 1), ..Areas::default() };
        if is_roomy {
            areas.switches = take_top(&mut area, 1);
            take_top(&mut area, 1);
        }
        areas.list = areas.split(area, area.width * 3 / 5, area.width >= COLUMNS_BESIDE, self.pane);
        areas
    }

    pub fn selected(&self) -> Option<&'static Spike> {
        self.spikes.get(self.cursor.selected)
    }

    pub fn is_running(&self) -> bool {
        self.run.is_some()
    }

    /// Asks for the history where it is not the one that is known.
    pub fn want(&mut self) -> Option<u64> {
        self.history.want(self.ended)
    }

    /// Takes what the history keeps. What it kept before stays where it cannot be read now.
    pub fn arrive(&mut self, generation: u64, loaded: Result<Loaded, String>) -> bool {
        let (outcome, loaded) = match loaded {
            Ok(loaded) => (Ok(()), Some(loaded)),
            Err(why) => (Err(why), None),
        };
        let current = self.history.arrive(generation, outcome);
        if let Some(loaded) = loaded.filter(|_| current) {
            self.results.keep(loaded);
        }
        current
    }

    /// The trials of these spikes on the chosen backends.
    pub fn trials(&self, spikes: &'static [Spike]) -> Selection {
        let on = |spike: &'static Spike| {
            let backends = self.backends.all().into_iter().filter(|backend| spike.runs_on(*backend));
            backends.map(move |backend| (spike, backend)).collect::<Vec<_>>()
        };
        spikes.iter().flat_map(on).collect()
    }

    /// Takes what a run tells.
    pub fn take_event(&mut self, event: Event, now: Instant) {
        let Some(run) = &mut self.run else { return };
        if let Event::Finished(outcome) = &event {
            // What the user stopped says nothing of the claim.
            if !run.is_stopping || outcome.verdict.is_reached() {
                self.results.add(outcome);
            }
        }
        run.take(event, now);
    }
}
