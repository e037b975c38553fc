//! What keys and answers do to the tab Spikes.

use zenith_harness::report::table;
use zenith_harness::runner::Selection;
use zenith_harness::{Event, Outcome, RunReport};

use super::results::Loaded;
use super::{SpikeRun, detail};
use crate::explorer::app::{App, Catalog, Notice, Pane, Tab};
use crate::explorer::layout::Areas;
use crate::explorer::message::Effect;
use crate::explorer::paint::Painter;
use crate::text::{clean_line, counted};

impl App {
    /// Runs the selected spike on the chosen backends.
    pub fn run_spike(&mut self, effects: &mut Vec<Effect>) {
        let Some(spike) = self.spikes.selected() else { return };
        let trials = self.spikes.trials(std::slice::from_ref(spike));
        if trials.is_empty() {
            let runs_on: Vec<&str> = spike.backends.iter().map(|backend| backend.as_str()).collect();
            let (id, chosen) = (spike.id, self.spikes.backends.label());
            let why = format!("{id} runs on {}, not on {chosen}; b chooses another", runs_on.join(" and "));
            self.wrong(why);
            return;
        }
        self.start_spikes(trials, effects);
    }

    pub fn run_all_spikes(&mut self, effects: &mut Vec<Effect>) {
        let trials = self.spikes.trials(self.spikes.spikes);
        if trials.is_empty() {
            self.wrong(format!("no spike runs on {}; b chooses another", self.spikes.backends.label()));
            return;
        }
        self.start_spikes(trials, effects);
    }

    fn start_spikes(&mut self, trials: Selection, effects: &mut Vec<Effect>) {
        if self.spikes.is_running() {
            self.wrong("spikes are running; x stops them".to_string());
        } else if self.catalog != Catalog::Open {
            self.wrong("the data folder is not open yet; try again in a moment".to_string());
        } else {
            let planned = trials.iter().map(|(spike, backend)| (spike.id, *backend)).collect();
            self.spikes.run = Some(SpikeRun::new(planned));
            effects.push(Effect::RunSpikes(trials));
        }
    }

    /// Through the token alone: the runner closes its lab, then reports what it has.
    pub fn cancel_spikes(&mut self, effects: &mut Vec<Effect>) {
        if let Some(run) = self.spikes.run.as_mut().filter(|run| !run.is_stopping) {
            run.is_stopping = true;
            effects.push(Effect::CancelSpikes);
        }
    }

    /// One step back: from the page to the list, then out of the run.
    pub fn escape_spikes(&mut self, effects: &mut Vec<Effect>) {
        match self.spikes.pane {
            Pane::Preview => self.spikes.pane = Pane::List,
            Pane::List | Pane::Input => self.cancel_spikes(effects),
        }
    }

    pub fn take_spike_event(&mut self, event: Event) -> bool {
        self.spikes.take(event, self.now);
        true
    }

    pub fn take_history(&mut self, generation: u64, loaded: Result<Loaded, String>) -> bool {
        let unreadable = loaded.as_ref().err().cloned();
        let current = self.spikes.arrive(generation, loaded);
        // The page has it, too, but perhaps below what shows.
        if let Some(why) = unreadable.filter(|_| current) {
            self.wrong(why);
        }
        current
    }

    /// The run is over, and kept where anything was found.
    pub fn take_spike_report(
        &mut self,
        report: Result<Box<RunReport>, String>,
        effects: &mut Vec<Effect>,
    ) -> bool {
        self.spikes.run = None;
        self.spikes.ended += 1;
        match report {
            Err(why) => {
                self.wrong(format!("the run of spikes ended by itself: {why}"));
            }
            Ok(report) => self.tell_report(&report),
        }
        self.leave_when_idle(effects);
        true
    }

    fn tell_report(&mut self, report: &RunReport) {
        let summary = clean_line(&table::summary(&report.outcomes, report.seconds));
        let failed = report.outcomes.iter().any(Outcome::failed);
        self.notice = Some(match (&report.not_kept, report.stopped) {
            (Some(why), _) => Notice::Wrong(clean_line(why)),
            (None, true) => {
                let reached = report.outcomes.iter().filter(|outcome| outcome.verdict.is_reached()).count();
                let verdicts = counted(reached, "verdict");
                Notice::Done(format!("spikes stopped after {verdicts}"))
            }
            (None, false) if failed => Notice::Wrong(summary),
            (None, false) => Notice::Done(summary),
        });
    }

    /// Asks for the history when the tab shows, and not before.
    pub fn want_spikes(&mut self, effects: &mut Vec<Effect>) {
        if self.tab == Tab::Spikes
            && self.catalog == Catalog::Open
            && let Some(generation) = self.spikes.want()
        {
            effects.push(Effect::LoadHistory { generation });
        }
    }

    pub fn lay_out_spike(&mut self, areas: &Areas) {
        let Some(spike) = self.spikes.selected().filter(|_| areas.preview.width > 0) else { return };
        let painter =
            Painter { theme: self.theme, width: usize::from(areas.preview.width), highlighter: None };
        let lines = detail::page(&self.spikes, spike, self.wall_ms, &painter);
        if self.spikes.shown.replace(spike.id) != Some(spike.id) {
            self.spikes.detail.offset = 0;
        }
        self.spikes.detail.lay_out(lines, usize::from(areas.preview.height));
    }
}
