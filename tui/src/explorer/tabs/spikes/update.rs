//! What changes it: keys, the mouse, and what its work tells.

use ratatui::layout::Position;
use zenith_harness::report::table;
use zenith_harness::runner::Selection;
use zenith_harness::{Outcome, RunReport};

use super::progress::SpikeRun;
use super::results::Loaded;
use super::{Effect, Spikes, backends, detail, keys, question};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::list::Motion;
use crate::explorer::parts::menu::{Choice, Menu};
use crate::explorer::parts::out::Out;
use crate::explorer::parts::paint::Painter;
use crate::explorer::parts::place::Place;
use crate::explorer::tabs::actions::Action;
use crate::explorer::tabs::{Seen, Tab};
use crate::text::{clean_line, counted};

impl Spikes {
    pub fn do_action(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let areas = self.areas(seen.area, seen.is_roomy);
        match action {
            Action::Move(motion) if self.pane == Pane::Preview => {
                self.detail.scroll(motion, areas.preview_height());
            }
            Action::Move(motion) => self.cursor.step(motion, self.spikes.len(), areas.list_height()),
            Action::Scroll(motion) => self.detail.scroll(motion, areas.preview_height()),
            Action::Forward => self.read(seen),
            Action::Back => self.pane = Pane::List,
            // One step back: from the page to the list, then out of the run.
            Action::Escape if self.pane == Pane::Preview => self.pane = Pane::List,
            Action::Escape | keys::CANCEL => self.cancel(out),
            Action::Copy => {
                if let Some(spike) = self.selected() {
                    out.copy(format!("spike run {}", spike.id));
                }
            }
            keys::RUN => self.run_selected(seen, out),
            keys::RUN_ALL => self.ask_all(seen, out),
            Action::Own(keys::RUN_NOW) => {
                let selected = self.selected().map(std::slice::from_ref).unwrap_or_default();
                self.start(self.trials(selected), seen, out);
            }
            Action::Own(keys::RUN_ALL_NOW) => self.start(self.trials(self.spikes), seen, out),
            keys::BACKENDS => self.backends = self.backends.next(),
            _ => {}
        }
    }

    /// Where the user is.
    pub fn here(&self) -> Place {
        match self.selected() {
            Some(spike) => Place::Spike(spike.id),
            None => Place::Within { tab: Spikes::NAME, at: String::new() },
        }
    }

    /// Goes to a spike.
    pub fn go(&mut self, place: &Place) -> bool {
        match place {
            Place::Spike(id) => {
                let at = self.spikes.iter().position(|spike| spike.id == *id);
                self.cursor.selected = at.unwrap_or(self.cursor.selected);
                at.is_some()
            }
            Place::Within { tab, .. } => *tab == Spikes::NAME,
            _ => false,
        }
    }

    /// Through the token alone: the runner closes its lab, then reports what it has.
    pub fn cancel(&mut self, out: &mut Out<Effect>) {
        if let Some(run) = self.run.as_mut().filter(|run| !run.is_stopping) {
            run.is_stopping = true;
            out.work(Effect::Cancel);
        }
    }

    pub fn take_history(
        &mut self,
        generation: u64,
        loaded: Result<Loaded, String>,
        out: &mut Out<Effect>,
    ) -> bool {
        let unreadable = loaded.as_ref().err().cloned();
        let current = self.arrive(generation, loaded);
        // The page has it, too, but perhaps below what shows.
        if let Some(why) = unreadable.filter(|_| current) {
            out.wrong(&why);
        }
        current
    }

    /// The run is over, and kept where anything was found.
    pub fn take_report(&mut self, report: Result<Box<RunReport>, String>, out: &mut Out<Effect>) {
        self.run = None;
        self.ended += 1;
        match report {
            Err(why) => out.wrong(&format!("the run of spikes ended by itself: {why}")),
            Ok(report) => tell_report(&report, out),
        }
    }

    /// Asks for the history when it shows, and not before, and lays out the page of the selected spike.
    pub fn show(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if seen.world.is_open()
            && let Some(generation) = self.want()
        {
            out.work(Effect::History { generation });
        }
        let areas = self.areas(seen.area, seen.is_roomy);
        self.cursor.settle(self.spikes.len(), areas.list_height());
        if let Some(spike) = self.selected().filter(|_| areas.preview.width > 0) {
            let width = usize::from(areas.preview.width);
            let painter = Painter { theme: seen.theme, width, highlighter: None };
            let lines = detail::page(self, spike, seen, &painter);
            if self.shown.replace(spike.id) != Some(spike.id) {
                self.detail.offset = 0;
            }
            self.detail.lay_out(lines, areas.preview_height());
        }
        if self.pane == Pane::Preview && areas.preview.height == 0 {
            self.pane = Pane::List;
        }
    }

    pub fn scroll_at(&mut self, at: Position, lines: isize, seen: &Seen<'_>) -> bool {
        let areas = self.areas(seen.area, seen.is_roomy);
        if areas.preview.contains(at) {
            self.detail.scroll(Motion::Lines(lines), areas.preview_height());
        } else if areas.list.contains(at) {
            self.cursor.scroll(lines, self.spikes.len(), areas.list_height());
        } else {
            return false;
        }
        true
    }

    /// A click selects, and reads what is selected already: one too many must not start servers.
    pub fn take_click(&mut self, at: Position, seen: &Seen<'_>) -> bool {
        let areas = self.areas(seen.area, seen.is_roomy);
        if let Some(row) = areas.list_row(at) {
            let was_reading = self.pane == Pane::Preview;
            if let Some(again) = self.cursor.click(row, self.spikes.len()) {
                self.pane = Pane::List;
                if again && !was_reading {
                    self.read(seen);
                }
            }
        } else if areas.preview.contains(at) {
            self.pane = Pane::Preview;
        } else if areas.switches.contains(at) {
            let word = backends::words(areas.switches).into_iter().find(|word| word.area.contains(at));
            self.backends = word.and_then(|word| word.chooses).unwrap_or(self.backends);
        } else {
            return false;
        }
        true
    }

    /// Gives the focus to the page, if there is one.
    fn read(&mut self, seen: &Seen<'_>) {
        if !self.detail.lines.is_empty() || self.areas(seen.area, seen.is_roomy).preview.height == 0 {
            self.pane = Pane::Preview;
        }
    }

    /// Runs the selected spike on the chosen backends.
    fn run_selected(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let Some(spike) = self.selected() else { return };
        let trials = self.trials(std::slice::from_ref(spike));
        if trials.is_empty() {
            let runs_on: Vec<&str> = spike.backends.iter().map(|backend| backend.as_str()).collect();
            let (id, chosen) = (spike.id, self.backends.label());
            let (runs_on, key) = (runs_on.join(" and "), seen.key::<Spikes>(keys::BACKENDS, Pane::List));
            let why = format!("{id} runs on {runs_on}, not on {chosen}; {key} chooses another");
            return out.wrong(&why);
        }
        match self.backends.takes() {
            "" => self.start(trials, seen, out),
            _ if self.may_start(seen, out) => out.choose(self.question(&trials, keys::RUN_NOW)),
            _ => {}
        }
    }

    /// All of them take long: what would start is said before.
    fn ask_all(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let trials = self.trials(self.spikes);
        if trials.is_empty() {
            let key = seen.key::<Spikes>(keys::BACKENDS, Pane::List);
            out.wrong(&format!("no spike runs on {}; {key} chooses another", self.backends.label()));
        } else if self.may_start(seen, out) {
            out.choose(self.question(&trials, keys::RUN_ALL_NOW));
        }
    }

    /// Whether a run can start now; what is in its way is told.
    fn may_start(&self, seen: &Seen<'_>, out: &mut Out<Effect>) -> bool {
        if self.is_running() {
            let key = seen.key::<Spikes>(keys::CANCEL, Pane::List);
            out.wrong(&format!("spikes are running; {key} stops them"));
        } else if !seen.world.is_open() {
            out.wrong("the data folder is not open yet; try again in a moment");
        } else {
            return true;
        }
        false
    }

    fn question(&self, trials: &Selection, action: &'static str) -> Menu {
        let told = question::what_starts(self.backends, trials, &self.results);
        let choices = vec![Choice::does('a', "run", told, action), Choice::leaves("nothing is started")];
        Menu { title: " Run ", choices }
    }

    fn start(&mut self, trials: Selection, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if !trials.is_empty() && self.may_start(seen, out) {
            let planned = trials.iter().map(|(spike, backend)| (spike.id, *backend)).collect();
            self.run = Some(SpikeRun::new(planned));
            out.work(Effect::Run(trials));
        }
    }
}

fn tell_report(report: &RunReport, out: &mut Out<Effect>) {
    let summary = clean_line(&table::summary(&report.outcomes, report.seconds));
    let failed = report.outcomes.iter().any(Outcome::failed);
    match (&report.not_kept, report.stopped) {
        (Some(why), _) => out.wrong(why),
        (None, true) => {
            let reached = report.outcomes.iter().filter(|outcome| outcome.verdict.is_reached()).count();
            out.done(format!("spikes stopped after {}", counted(reached, "verdict")));
        }
        (None, false) if failed => out.wrong(&summary),
        (None, false) => out.done(summary),
    }
}
