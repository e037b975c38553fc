//! From one state to the next: a message goes in, the work that it asks for comes out.
//!
//! What is loaded follows from what shows: after each message the state is compared with what was
//! asked for, and only the difference is asked for anew.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event, KeyEvent, KeyEventKind};
use tui_input::backend::crossterm::EventHandler;

use super::app::{App, Catalog, Notice, Pane, Tab};
use super::explore::OpenPackage;
use super::keys::{self, Context};
use super::layout::Areas;
use super::message::{Effect, Message, Opened};
use super::preview::PageKey;
use crate::text::clean_line;

/// How long leaving waits for what is being written. What is not published by then is lost, and
/// indexed again the next time.
pub const LEAVE_AFTER: Duration = Duration::from_secs(15);

impl App {
    /// Takes a message; what it asks for is to be done beside the screen.
    pub fn update(&mut self, message: Message) -> Vec<Effect> {
        let mut effects = Vec::new();
        let changed = match message {
            Message::Terminal(event) => {
                let changed = self.take_event(&event, &mut effects);
                self.want_look(&event, &mut effects);
                changed
            }
            Message::Tick => {
                let waited = self.leaving_since.map(|since| self.now.saturating_duration_since(since));
                if waited.is_some_and(|waited| waited > LEAVE_AFTER) {
                    effects.push(Effect::Quit);
                }
                true
            }
            Message::Opened(opened) => self.take_opened(opened, &mut effects),
            Message::Packages(packages) => self.take_packages(packages),
            Message::Project(project) => self.take_project(project),
            Message::Tree { generation, tree } => {
                self.explore.opened.as_mut().is_some_and(|opened| opened.arrive(generation, tree))
            }
            Message::Filtered { generation, filtered } => self.take_filtered(generation, filtered),
            Message::Found { generation, found } => self.search.arrive(generation, found),
            Message::Page { tab, generation, page } => match tab {
                Tab::Explore => self.explore.preview.arrive(generation, page),
                Tab::Search => self.search.preview.arrive(generation, page),
                Tab::Spikes | Tab::Status => false,
            },
            Message::Progress(progress) => {
                if matches!(progress, zenith_core::index::Progress::Searchable { .. }) {
                    effects.push(Effect::LoadPackages);
                }
                self.indexing.take(progress, self.now);
                true
            }
            Message::Looked(looked) => self.take_look(looked, &mut effects),
            Message::Indexed(report) => self.take_indexed(report, &mut effects),
            Message::History { generation, loaded } => self.take_history(generation, loaded),
            Message::Spike(event) => self.take_spike_event(event),
            Message::SpikesRan(report) => self.take_spike_report(report, &mut effects),
            Message::Synced(synced) => self.take_synced(synced, &mut effects),
            Message::Reached(reached) => self.take_reached(reached, &mut effects),
            Message::Replicas { generation, replicas } => self.take_replicas(generation, replicas),
            Message::Disk { generation, disk } => self.take_disk(generation, disk),
            Message::Failed(why) => self.wrong(why),
            Message::Terminated => {
                effects.push(Effect::Quit);
                true
            }
        };
        if changed {
            self.dirty = true;
            self.settle(&mut effects);
        }
        effects
    }

    fn take_event(&mut self, event: &Event, effects: &mut Vec<Effect>) -> bool {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => self.take_key(key, effects),
            Event::Mouse(mouse) => self.take_mouse(mouse, effects),
            Event::Paste(text) => self.paste(text),
            Event::Resize(width, height) => {
                (self.size.width, self.size.height) = (*width, *height);
                true
            }
            _ => false,
        }
    }

    fn take_key(&mut self, key: &KeyEvent, effects: &mut Vec<Effect>) -> bool {
        self.notice = None;
        let context = self.context();
        if let Some(action) = keys::action(context, key) {
            self.act(action, effects);
            return true;
        }
        if matches!(context, Context::Type | Context::Overlay) {
            self.type_in(|input| input.handle_event(&Event::Key(*key)).is_some());
        }
        true
    }

    /// Pasted text goes where one types; what would start a new line becomes a space.
    fn paste(&mut self, text: &str) -> bool {
        if !matches!(self.context(), Context::Type | Context::Overlay) {
            return false;
        }
        let line = clean_line(text);
        self.type_in(|input| {
            for c in line.chars() {
                input.handle(tui_input::InputRequest::InsertChar(c));
            }
            true
        });
        true
    }

    /// Changes the line that has the focus, and what it filters.
    fn type_in(&mut self, change: impl FnOnce(&mut tui_input::Input) -> bool) {
        if let Some(overlay) = &mut self.overlay {
            if change(&mut overlay.filter) {
                overlay.offset = 0;
            }
            return;
        }
        match self.tab {
            Tab::Search => {
                change(&mut self.search.input);
            }
            Tab::Explore => {
                let before = self.explore.filter().value().to_string();
                change(self.explore.filter_mut());
                if self.explore.filter().value() != before && self.explore.opened.is_none() {
                    self.explore.packages.refresh(&self.packages, self.project.as_deref());
                    self.explore.packages.select_first_package();
                }
            }
            // Nothing is typed there.
            Tab::Spikes | Tab::Status => {}
        }
    }

    fn take_opened(&mut self, opened: Result<Opened, String>, effects: &mut Vec<Effect>) -> bool {
        match opened {
            Err(why) => self.catalog = Catalog::Unusable(why),
            Ok(opened) => {
                self.catalog = Catalog::Open;
                self.project = opened.project;
                self.status.home = opened.home;
                self.indexing.lockfile = opened.lockfile;
                effects.push(Effect::LoadPackages);
                if self.status.home.session.is_some() {
                    effects.push(Effect::Reach(self.project.clone()));
                }
                self.start_indexing(effects);
            }
        }
        true
    }

    fn take_project(&mut self, project: Arc<zenith_core::search::Project>) -> bool {
        if self.project.as_ref() == Some(&project) {
            return false;
        }
        self.project = Some(project);
        // What is searched for again is ranked by it.
        self.revision += 1;
        self.explore.packages.refresh(&self.packages, self.project.as_deref());
        true
    }

    fn take_packages(&mut self, packages: Result<Vec<zenith_core::catalog::CatalogEntry>, String>) -> bool {
        let packages = match packages {
            Ok(packages) => packages,
            Err(why) => return self.wrong(why),
        };
        let same = packages.iter().eq(self.packages.iter().map(Arc::as_ref));
        if same && self.revision > 0 {
            return false;
        }
        self.packages = packages.into_iter().map(Arc::new).collect();
        self.revision += 1;
        self.explore.packages.refresh(&self.packages, self.project.as_deref());
        // A package that was indexed anew shows as it is now.
        if let Some(opened) = &mut self.explore.opened {
            let scope_and_id = |entry: &&Arc<zenith_core::catalog::CatalogEntry>| {
                entry.scope == opened.entry.scope && entry.id == opened.entry.id
            };
            if let Some(entry) = self.packages.iter().find(scope_and_id)
                && entry.dataset != opened.entry.dataset
            {
                *opened = OpenPackage::new(entry.clone(), opened.standing, opened.selected_item());
            }
        }
        true
    }

    fn take_filtered(&mut self, generation: u64, filtered: super::tree::Filtered) -> bool {
        let Some(opened) = &mut self.explore.opened else { return false };
        let best = filtered.best;
        let current = opened.filtered.arrive(generation, filtered);
        if current {
            opened.cursor.selected = best;
        }
        current
    }

    fn take_indexed(
        &mut self,
        report: Result<zenith_core::index::IndexReport, String>,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let was_stopped = report.as_ref().map_or(true, |report| report.cancelled);
        self.watch.settle(was_stopped, self.now);
        let (said, is_bad) = self.indexing.end(report);
        if !said.is_empty() {
            self.notice = Some(if is_bad { Notice::Wrong(clean_line(&said)) } else { Notice::Done(said) });
        }
        if self.leaving_since.is_none() {
            effects.push(Effect::LoadPackages);
        }
        self.leave_when_idle(effects);
        true
    }

    /// Ends the program where that is what it waits for.
    pub fn leave_when_idle(&mut self, effects: &mut Vec<Effect>) {
        if self.leaving_since.is_some() && !self.is_busy() {
            effects.push(Effect::Quit);
        }
    }

    /// Indexes the lockfile, if there is one and nothing is being indexed.
    pub fn start_indexing(&mut self, effects: &mut Vec<Effect>) {
        if self.indexing.is_active() || self.catalog != Catalog::Open {
            return;
        }
        match self.indexing.lockfile.clone() {
            Some(lockfile) => {
                self.indexing.start();
                effects.push(Effect::Index(lockfile));
            }
            None => self.indexing.phase = super::indexing::Phase::Idle,
        }
    }

    pub fn wrong(&mut self, why: String) -> bool {
        self.notice = Some(Notice::Wrong(clean_line(&why)));
        true
    }

    /// Puts everything in bounds, and asks for what shows and is not there.
    pub fn settle(&mut self, effects: &mut Vec<Effect>) {
        self.want_lists(effects);
        self.want_spikes(effects);
        self.want_status(effects);
        let areas = Areas::of(self);
        let height = usize::from(areas.list.height);
        match self.tab {
            Tab::Explore => {
                let len = self.explore.len();
                self.explore.cursor().settle(len, height);
            }
            Tab::Search => {
                let len = self.search.hits().len();
                self.search.cursor.settle(len, height);
            }
            Tab::Spikes => {
                let len = self.spikes.spikes.len();
                self.spikes.cursor.settle(len, height);
                self.lay_out_spike(&areas);
            }
            Tab::Status => self.lay_out_status(&areas),
        }
        self.want_page(&areas, effects);
        if self.pane() == Pane::Preview && areas.preview.height == 0 {
            self.set_pane(Pane::List);
        }
    }

    fn want_lists(&mut self, effects: &mut Vec<Effect>) {
        if let Some(opened) = &mut self.explore.opened {
            if let Some(generation) = opened.tree.want(()) {
                effects.push(Effect::LoadTree { generation, entry: opened.entry.clone() });
            }
            let filter = opened.filter.value().trim().to_string();
            match opened.tree().cloned() {
                Some(tree) if !filter.is_empty() => {
                    if let Some(generation) = opened.filtered.want(filter.clone()) {
                        effects.push(Effect::Filter { generation, tree, filter });
                    }
                }
                _ if opened.filtered.wanted().is_some() => opened.filtered.clear(),
                _ => {}
            }
        }
        if self.catalog == Catalog::Open
            && let Some((generation, request, delay)) = self.search.want(self.revision)
        {
            effects.push(Effect::Search { generation, request, project: self.project.clone(), delay });
        }
    }

    fn want_page(&mut self, areas: &Areas, effects: &mut Vec<Effect>) {
        let (tab, theme, width) = (self.tab, self.theme, usize::from(areas.preview.width));
        // What is still being looked for leaves the old page where it is.
        let is_looking = match tab {
            Tab::Explore => self.tree_is_pending(),
            Tab::Search => self.search.results.is_pending(),
            Tab::Spikes | Tab::Status => false,
        };
        let subject = match tab {
            Tab::Explore => self.explore.subject(self.indexing.lockfile.as_ref()),
            Tab::Search => self.search.subject(self),
            Tab::Spikes | Tab::Status => None,
        };
        let is_open = self.catalog == Catalog::Open;
        let Some(preview) = self.preview_mut() else { return };
        match subject {
            Some(subject) if width > 0 && is_open => {
                let key = PageKey { subject, width, theme };
                if let Some(generation) = preview.page.want(key.clone()) {
                    effects.push(Effect::LoadPage { tab, generation, key });
                }
            }
            Some(_) => {}
            None if is_looking => {}
            None => preview.page.clear(),
        }
        preview.settle(usize::from(areas.preview.height));
    }

    fn tree_is_pending(&self) -> bool {
        let opened = self.explore.opened.as_ref();
        opened.is_some_and(|opened| opened.tree.is_pending() || opened.filtered.is_pending())
    }
}
