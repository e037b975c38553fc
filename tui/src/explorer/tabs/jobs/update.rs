//! What changes it: keys, and what follows from the whole.

use super::form::Form;
use super::state::Opened;
use super::work::Deed;
use super::{Effect, Jobs, keys, page};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::list::Motion;
use crate::explorer::parts::menu::{Choice, Menu};
use crate::explorer::parts::out::Out;
use crate::explorer::parts::paint::Painter;
use crate::explorer::parts::place::Place;
use crate::explorer::tabs::actions::Action;
use crate::explorer::tabs::{Seen, Tab};
use crate::text::clean_line;

impl Jobs {
    pub fn can_do(&self, action: Action) -> bool {
        match action {
            keys::PAUSE | keys::RUN | keys::CHANGE | keys::DELETE | Action::Copy => self.subject().is_some(),
            keys::STOP => {
                self.subject().is_some_and(|job| self.recent(job).iter().any(|run| !run.status.has_ended()))
            }
            keys::KEEP => self.form.is_some(),
            Action::Find => self.opened.is_none(),
            Action::Open => self.form.is_some() || self.pane == Pane::Input || self.len() > 0,
            _ => true,
        }
    }

    pub fn do_action(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if self.form.is_some() {
            return self.act_in_form(action, seen, out);
        }
        let areas = self.areas(seen.area, seen.is_roomy);
        match action {
            Action::Move(motion) if self.pane == Pane::Preview => {
                self.page.scroll(motion, areas.preview_height())
            }
            Action::Move(motion) => {
                let len = self.len();
                self.cursor_mut().step(motion, len, areas.list_height());
            }
            Action::Scroll(motion) => self.page.scroll(motion, areas.preview_height()),
            Action::Open if self.pane == Pane::Input => self.pane = Pane::List,
            Action::Open | Action::Forward => self.go_in(),
            Action::Back | Action::Escape => self.go_out(),
            Action::Find if self.opened.is_none() => self.pane = Pane::Input,
            Action::Copy => {
                if let Some(job) = self.subject() {
                    out.copy(job.given.action.line());
                }
            }
            keys::NEW => {
                let zone = self.looked.as_ref().map_or("UTC", |looked| &looked.zone);
                self.form = Some(Form::new(zone));
            }
            keys::CHANGE => self.form = self.subject().map(|job| Form::of(job, seen.wall_ms)),
            keys::PAUSE => {
                let is_enabled = self.subject().is_some_and(|job| job.enabled);
                self.begin(if is_enabled { Deed::Pause } else { Deed::Resume }, seen, out);
            }
            keys::RUN => self.begin(Deed::Run, seen, out),
            keys::STOP => self.begin(Deed::Stop, seen, out),
            keys::DELETE => self.ask_delete(out),
            keys::SERVE => self.switch_serving(seen, out),
            Action::Own(keys::DELETE_NOW) => self.begin(Deed::Delete, seen, out),
            _ => {}
        }
    }

    fn act_in_form(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let Some(form) = &mut self.form else { return };
        match action {
            Action::Move(Motion::Lines(lines)) => form.step(lines),
            Action::Open if form.go_on() => {}
            Action::Open | keys::KEEP => self.keep(seen, out),
            Action::Escape => self.form = None,
            _ => {}
        }
    }

    /// Keeps what stands in the lines, where it can be kept.
    fn keep(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let Some(form) = self.form.as_mut().filter(|form| !form.is_keeping) else { return };
        if !seen.world.is_open() {
            return out.wrong("the data folder is not open yet; try again in a moment");
        }
        if let Some(job) = form.job(&seen.world.folder) {
            form.is_keeping = true;
            let id = form.before.as_ref().map(|job| job.id.clone());
            out.work(Effect::Keep { desk: self.desk.clone(), id, job: Box::new(job) });
        }
    }

    fn begin(&mut self, deed: Deed, seen: &Seen<'_>, out: &mut Out<Effect>) {
        match self.subject() {
            _ if !seen.world.is_open() => out.wrong("the data folder is not open yet; try again in a moment"),
            None => out.wrong("no job is selected"),
            Some(job) => {
                let (job, name) = (job.id.clone(), clean_line(&job.given.name));
                out.work(Effect::Do { desk: self.desk.clone(), deed, job, name });
            }
        }
    }

    fn ask_delete(&mut self, out: &mut Out<Effect>) {
        let Some(job) = self.subject() else { return };
        let told = format!(
            "forget {} and what is known of its runs; what runs of it is stopped",
            clean_line(&job.given.name)
        );
        let choices = vec![Choice::does('d', "delete", told, keys::DELETE_NOW), Choice::leaves("it stays")];
        out.choose(Menu { title: " Delete ", choices });
    }

    /// From a job to its runs, from a run to what it wrote.
    pub fn go_in(&mut self) {
        if self.opened.is_none() {
            self.opened = self.subject().map(|job| Opened::of(&job.id));
            self.pane = Pane::List;
        } else if self.run().is_some() {
            self.pane = Pane::Preview;
        }
    }

    /// One step back: from the page to the list, from the runs to the jobs, and out of the filter.
    fn go_out(&mut self) {
        match self.pane {
            Pane::Preview => self.pane = Pane::List,
            Pane::Input => {
                self.pane = Pane::List;
                self.clear_filter();
            }
            Pane::List if self.opened.is_some() => self.opened = None,
            Pane::List => self.clear_filter(),
        }
    }

    pub fn clear_filter(&mut self) {
        let selected = self.subject().map(|job| job.id.clone());
        self.filter.reset();
        self.refresh(selected.as_deref());
    }

    pub fn take_typed(&mut self, seen: &Seen<'_>) {
        match &mut self.form {
            Some(form) => form.check(seen.wall_ms),
            None => {
                self.cursor.selected = 0;
                self.refresh(None);
            }
        }
    }

    /// Goes to the runs of a job, or back to all.
    pub fn go(&mut self, place: &Place) -> bool {
        match place {
            Place::Within { tab, at } if *tab == Jobs::NAME => {
                let is_there = at.is_empty() || self.job(at).is_some();
                if is_there {
                    self.opened = (!at.is_empty()).then(|| Opened::of(at));
                    self.pane = Pane::List;
                }
                is_there
            }
            _ => false,
        }
    }

    /// Puts everything in bounds, and lays the page out.
    pub fn lay_out(&mut self, seen: &Seen<'_>) {
        let areas = self.areas(seen.area, seen.is_roomy);
        let len = self.len();
        self.cursor_mut().settle(len, areas.list_height());
        let subject = self.subject().map(|job| (job.id.clone(), self.run().map(|run| run.key.clone())));
        let lines = match self.subject().filter(|_| areas.preview.width > 0) {
            None => Vec::new(),
            Some(job) => {
                let width = usize::from(areas.preview.width);
                page::page(self, job, seen, &Painter { theme: seen.theme, width, highlighter: None })
            }
        };
        if self.shown != subject {
            self.shown = subject;
            self.page.offset = 0;
        }
        self.page.lay_out(lines, areas.preview_height());
        if self.pane == Pane::Preview && areas.preview.height == 0 {
            self.pane = Pane::List;
        }
    }
}
