//! What the tab remembers.

use ratatui::layout::Rect;
use tui_input::Input;
use zenith_core::jobs::{Job, Place, Run, RunKey, Watch};

use super::desk::Desk;
use super::form::Form;
use super::serving::Serving;
use super::work::Looked;
use crate::explorer::parts::areas::{Areas, Pane, take_top};
use crate::explorer::parts::fuzzy::{Filter, Fit};
use crate::explorer::parts::latest::Latest;
use crate::explorer::parts::list::Cursor;
use crate::explorer::parts::sheet::Sheet;

/// Narrower places show the page below the list.
const COLUMNS_BESIDE: u16 = 130;

/// How many times the jobs were asked for, and by which session.
pub type Asked = (usize, Option<String>);

/// The runs of one job.
#[derive(Debug, Default)]
pub struct Opened {
    pub job: String,
    /// As the last runs of the list were when they were asked for: others are a reason to read them again.
    pub runs: Latest<Vec<Run>, Result<Vec<Run>, String>>,
    pub cursor: Cursor,
}

/// What the page is about: a job, or one of its runs.
pub type Subject = (String, Option<RunKey>);

#[derive(Debug, Default)]
pub struct Jobs {
    pub pane: Pane,
    pub filter: Input,
    /// Jobs that the filter leaves, by their places.
    pub rows: Vec<usize>,
    pub cursor: Cursor,
    /// How often there was a reason to read them.
    pub looks: usize,
    pub look: Latest<Asked, Result<(), String>>,
    /// When the last answer came, whatever it was, in milliseconds since 1970.
    pub answered_ms: i64,
    pub desk: Desk,
    pub looked: Option<Box<Looked>>,
    /// The job that is to be selected once it is read.
    pub select_next: Option<String>,
    pub opened: Option<Opened>,
    pub form: Option<Form>,
    pub page: Sheet,
    /// What the page's position belongs to.
    pub shown: Option<Subject>,
    pub is_shown: bool,
    /// When it is to be woken.
    pub wakes_ms: Option<i64>,
    /// What runs jobs in this explorer, where it was told to.
    pub serving: Option<Serving>,
    /// Whether the jobs' file is watched.
    pub is_watching: bool,
}

impl Jobs {
    /// How it parts its place. The line that filters stands in `parts`.
    pub fn areas(&self, mut area: Rect, is_roomy: bool) -> Areas {
        let mut areas = Areas { head: take_top(&mut area, 1), ..Areas::default() };
        areas.switches = take_top(&mut area, 1);
        areas.parts = take_top(&mut area, u16::from(self.has_filter_line()));
        if is_roomy {
            take_top(&mut area, 1);
        }
        areas.list = areas.split(area, area.width * 3 / 5, area.width >= COLUMNS_BESIDE, self.pane);
        areas
    }

    pub fn has_filter_line(&self) -> bool {
        self.opened.is_none() && (self.pane == Pane::Input || self.is_filtered())
    }

    pub fn is_filtered(&self) -> bool {
        !self.filter.value().trim().is_empty()
    }

    pub fn jobs(&self) -> &[Job] {
        self.looked.as_ref().map_or(&[], |looked| &looked.jobs)
    }

    pub fn job(&self, id: &str) -> Option<&Job> {
        self.jobs().iter().find(|job| job.id == id)
    }

    /// The job that keys are about: the one whose runs show, or the selected one.
    pub fn subject(&self) -> Option<&Job> {
        match &self.opened {
            Some(opened) => self.job(&opened.job),
            None => self.jobs().get(*self.rows.get(self.cursor.selected)?),
        }
    }

    /// The last runs of a job, newest first.
    pub fn recent(&self, job: &Job) -> &[Run] {
        let recent = self.looked.as_ref().and_then(|looked| looked.recent.get(&job.id));
        recent.map_or(&[], Vec::as_slice)
    }

    /// Who runs the jobs of a place.
    pub fn runner(&self, place: Place) -> Option<&Watch> {
        let looked = self.looked.as_ref()?;
        match place {
            Place::Machine => looked.machine.as_ref(),
            Place::Service => looked.service.as_ref(),
        }
    }

    pub fn run(&self) -> Option<&Run> {
        let opened = self.opened.as_ref()?;
        opened.runs().get(opened.cursor.selected)
    }

    pub fn len(&self) -> usize {
        self.opened.as_ref().map_or(self.rows.len(), |opened| opened.runs().len())
    }

    pub fn cursor_mut(&mut self) -> &mut Cursor {
        match &mut self.opened {
            Some(opened) => &mut opened.cursor,
            None => &mut self.cursor,
        }
    }

    pub fn matcher(&self) -> Option<Filter> {
        Filter::new(self.filter.value())
    }

    /// Makes the rows anew, what fits best first, with the selection on the job that it was on.
    pub fn refresh(&mut self, selected: Option<&str>) {
        let mut filter = self.matcher();
        let mut rows: Vec<(Option<Fit>, usize)> = Vec::new();
        for (at, job) in self.jobs().iter().enumerate() {
            let fit = filter.as_mut().map(|filter| filter.fit(&job.given.name));
            if fit != Some(None) {
                rows.push((fit.flatten(), at));
            }
        }
        rows.sort_by(|(a, at), (b, other)| b.cmp(a).then(at.cmp(other)));
        self.rows = rows.into_iter().map(|(_, at)| at).collect();
        let is_it = |at: &usize| self.jobs().get(*at).map(|job| job.id.as_str()) == selected;
        if let Some(place) = selected.and_then(|_| self.rows.iter().position(is_it)) {
            self.cursor.selected = place;
        }
    }
}

impl Opened {
    pub fn of(job: &str) -> Opened {
        Opened { job: job.to_string(), ..Opened::default() }
    }

    pub fn runs(&self) -> &[Run] {
        self.runs.value().and_then(|runs| runs.as_deref().ok()).unwrap_or_default()
    }

    /// Takes its runs. Who stands on the newest stays on the newest, and on any other on that one.
    pub fn arrive(&mut self, generation: u64, runs: Result<Vec<Run>, String>) -> bool {
        let selected = self.runs().get(self.cursor.selected).map(|run| run.key.clone());
        let is_current = self.runs.arrive(generation, runs);
        if let Some(selected) = selected.filter(|_| is_current && self.cursor.selected > 0) {
            let place = self.runs().iter().position(|run| run.key == selected);
            self.cursor.selected = place.unwrap_or(self.cursor.selected);
        }
        is_current
    }
}
