//! What each action does.

use super::app::{App, Notice, Pane, Tab};
use super::explore::{OpenPackage, PackageRow, standing};
use super::indexing::Phase;
use super::keys::Action;
use super::layout::{Areas, TABS};
use super::list::Motion;
use super::message::Effect;
use super::overlay::{Overlay, Topic};
use super::search::item;
use crate::text::clean_line;

impl App {
    /// Does what a key or the mouse asks for.
    pub fn act(&mut self, action: Action, effects: &mut Vec<Effect>) {
        match action {
            Action::Quit => self.quit(effects),
            Action::Suspend => effects.push(Effect::Suspend),
            Action::Redraw => effects.push(Effect::Redraw),
            Action::NextTab => self.show(neighbour(self.tab, 1)),
            Action::PreviousTab => self.show(neighbour(self.tab, TABS.len() - 1)),
            Action::Show(tab) => self.show(tab),
            Action::Help => self.toggle_overlay(Topic::Help),
            Action::Failures => self.show_failures(),
            Action::Find => self.set_pane(Pane::Input),
            Action::Move(motion) => self.step(motion),
            Action::Scroll(motion) => self.scroll_preview(motion),
            Action::Open => self.open(),
            Action::Forward => self.forward(),
            Action::Back => self.back(),
            Action::Escape => self.escape(effects),
            Action::Source => {
                let height = usize::from(self.areas().preview.height);
                if let Some(preview) = self.preview_mut() {
                    preview.toggle_source(height);
                }
            }
            Action::Mode | Action::Tier if self.tab != Tab::Search => {}
            Action::Mode => self.search.cycle_mode(),
            Action::Tier => self.search.cycle_tier(),
            Action::Copy => self.copy(effects),
            Action::Edit => self.edit(effects),
            Action::Index => self.index(effects),
            Action::CancelIndex => self.cancel_indexing(effects),
            Action::RunSpike => self.run_spike(effects),
            Action::RunAllSpikes => self.run_all_spikes(effects),
            Action::CancelSpikes => self.cancel_spikes(effects),
            Action::Backends => self.spikes.backends = self.spikes.backends.next(),
            Action::Sync => self.sync(effects),
            Action::Appearance => self.theme = self.theme.toggled(),
        }
    }

    /// Ends the program, once what is being written is whole and labs are closed; asked twice, at once.
    fn quit(&mut self, effects: &mut Vec<Effect>) {
        if self.is_busy() && self.leaving_since.is_none() {
            self.leaving_since = Some(self.now);
            self.overlay = None;
            self.cancel_indexing(effects);
            self.cancel_spikes(effects);
        } else {
            effects.push(Effect::Quit);
        }
    }

    fn show(&mut self, tab: Tab) {
        self.tab = tab;
        if tab == Tab::Search && self.search.hits().is_empty() {
            self.search.pane = Pane::Input;
        }
    }

    fn toggle_overlay(&mut self, topic: Topic) {
        self.overlay = match &self.overlay {
            Some(open) if open.topic == topic => None,
            _ => Some(Overlay::help()),
        };
    }

    fn show_failures(&mut self) {
        if self.indexing.failures.is_empty() {
            self.notice = Some(Notice::Done("every package so far could be indexed".to_string()));
        } else {
            self.overlay = Some(Overlay::failures(&self.indexing.failures));
        }
    }

    fn step(&mut self, motion: Motion) {
        let areas = self.areas();
        if let Some(overlay) = &mut self.overlay {
            overlay.scroll(motion, areas.overlay_rows());
            return;
        }
        if self.pane() == Pane::Preview {
            self.scroll_preview(motion);
            return;
        }
        let height = usize::from(areas.list.height);
        match self.tab {
            Tab::Explore => {
                let len = self.explore.len();
                self.explore.cursor().step(motion, len, height);
            }
            Tab::Search => {
                let len = self.search.hits().len();
                self.search.cursor.step(motion, len, height);
            }
            Tab::Spikes => self.spikes.cursor.step(motion, self.spikes.spikes.len(), height),
            Tab::Status => {}
        }
    }

    pub fn scroll_preview(&mut self, motion: Motion) {
        let height = usize::from(self.areas().preview.height);
        match self.tab {
            Tab::Explore => self.explore.preview.scroll(motion, height),
            Tab::Search => self.search.preview.scroll(motion, height),
            Tab::Spikes => self.spikes.detail.scroll(motion, height),
            Tab::Status => self.status.sheet.scroll(motion, height),
        }
    }

    /// Opens what is selected.
    pub fn open(&mut self) {
        match (self.tab, self.pane()) {
            (Tab::Search, _) => self.open_hit(),
            (Tab::Explore, Pane::Input) => self.explore.pane = Pane::List,
            (Tab::Explore, Pane::Preview) => {}
            (Tab::Explore, Pane::List) => self.open_row(),
            // A click too many must not start servers: Enter runs.
            (Tab::Spikes, _) => self.read(),
            (Tab::Status, _) => {}
        }
    }

    /// A result, where it stands in its package.
    fn open_hit(&mut self) {
        let Some(hit) = self.search.selected().cloned() else { return };
        let Some(entry) = self.entry(hit.tier, &hit.package, &hit.version).cloned() else { return };
        let item = item(&hit);
        let standing = standing(&entry, self.project.as_deref());
        match &mut self.explore.opened {
            Some(opened) if opened.entry == entry => opened.reveal(&item),
            opened => *opened = Some(OpenPackage::new(entry, standing, Some(item))),
        }
        self.explore.pane = Pane::List;
        self.tab = Tab::Explore;
    }

    fn open_row(&mut self) {
        if let Some(opened) = &mut self.explore.opened {
            match opened.selected() {
                Some(id) if opened.fold(id).is_some() => opened.toggle(id),
                Some(_) => self.read(),
                None => {}
            }
            return;
        }
        match self.explore.packages.selected().cloned() {
            Some(PackageRow::Tier { tier, .. }) => self.toggle_tier(tier),
            Some(PackageRow::Package { entry, standing }) if entry.dataset.is_some() => {
                self.explore.opened = Some(OpenPackage::new(entry, standing, None));
            }
            // Why it has nothing to show stands in its preview.
            Some(PackageRow::Package { .. }) => self.read(),
            None => {}
        }
    }

    fn toggle_tier(&mut self, tier: zenith_core::package::Tier) {
        let list = &mut self.explore.packages;
        list.toggle(tier);
        list.refresh(&self.packages, self.project.as_deref());
    }

    /// Gives the focus to the page, if there is one.
    fn read(&mut self) {
        let len = match self.tab {
            Tab::Explore => self.explore.preview.len(),
            Tab::Search => self.search.preview.len(),
            Tab::Spikes => self.spikes.detail.lines.len(),
            Tab::Status => 0,
        };
        if len > 0 || self.areas().preview.height == 0 {
            self.set_pane(Pane::Preview);
        }
    }

    /// Into what is selected: expanded, or its page.
    fn forward(&mut self) {
        if self.pane() == Pane::Preview {
            return;
        }
        if self.tab == Tab::Explore {
            match (&mut self.explore.opened, self.explore.packages.selected()) {
                (Some(opened), _) => {
                    if let Some(id) = opened.selected().filter(|id| opened.fold(*id) == Some(false)) {
                        opened.toggle(id);
                        return;
                    }
                }
                (None, Some(PackageRow::Tier { expanded: false, .. })) => return self.open_row(),
                (None, Some(PackageRow::Package { entry, .. })) if entry.dataset.is_some() => {
                    return self.open_row();
                }
                _ => {}
            }
        }
        self.read();
    }

    /// Out of what is selected: collapsed, then what it is below, then the list before.
    fn back(&mut self) {
        if self.pane() == Pane::Preview {
            self.set_pane(Pane::List);
            return;
        }
        if self.tab != Tab::Explore {
            return;
        }
        if let Some(opened) = &mut self.explore.opened {
            match opened.selected() {
                Some(id) if opened.fold(id) == Some(true) && !opened.is_filtered() => opened.toggle(id),
                _ if opened.select_parent() => {}
                _ => self.close_package(),
            }
            return;
        }
        match self.explore.packages.selected().cloned() {
            Some(PackageRow::Tier { tier, expanded: true, .. }) => self.toggle_tier(tier),
            Some(PackageRow::Package { entry, .. }) => self.explore.packages.select_tier(entry.tier()),
            _ => {}
        }
    }

    /// One step back: the overlay, the page, the filter, the package.
    fn escape(&mut self, effects: &mut Vec<Effect>) {
        if self.overlay.take().is_some() {
            return;
        }
        match (self.tab, self.pane()) {
            (Tab::Spikes, _) => self.escape_spikes(effects),
            (Tab::Status, _) => {}
            (_, Pane::Preview) => self.set_pane(Pane::List),
            (Tab::Search, Pane::Input) => self.search.pane = Pane::List,
            (Tab::Search, Pane::List) => self.search.pane = Pane::Input,
            (Tab::Explore, _) => {
                self.explore.pane = Pane::List;
                if !self.explore.filter().value().is_empty() {
                    self.clear_filter();
                } else if self.explore.opened.is_some() {
                    self.close_package();
                }
            }
        }
    }

    fn clear_filter(&mut self) {
        match &mut self.explore.opened {
            Some(opened) => opened.clear_filter(),
            None => {
                let list = &mut self.explore.packages;
                list.filter.reset();
                list.refresh(&self.packages, self.project.as_deref());
            }
        }
    }

    fn close_package(&mut self) {
        self.explore.opened = None;
        self.explore.pane = Pane::List;
    }

    fn copy(&mut self, effects: &mut Vec<Effect>) {
        let path = match self.tab {
            Tab::Explore => self.explore.path(),
            Tab::Search => self.search.selected().map(|hit| hit.path.clone()),
            Tab::Spikes => self.spikes.selected().map(|spike| format!("spike run {}", spike.id)),
            Tab::Status => None,
        };
        if let Some(path) = path {
            self.notice = Some(Notice::Done(format!("copied {path}")));
            effects.push(Effect::Copy(path));
        }
    }

    fn edit(&mut self, effects: &mut Vec<Effect>) {
        let Some(preview) = self.preview_mut() else { return };
        let page = &preview.page;
        if page.is_pending() {
            self.wrong("still reading where this is declared; try again in a moment".to_string());
            return;
        }
        match page.value().and_then(|page| page.location.clone()) {
            Some(location) => effects.push(Effect::Edit(location)),
            None => {
                self.wrong("there is no source of this on this machine to edit".to_string());
            }
        }
    }

    fn index(&mut self, effects: &mut Vec<Effect>) {
        if self.indexing.is_active() {
            return;
        }
        if self.indexing.lockfile.is_none() {
            let folder = clean_line(&self.folder.display().to_string());
            self.wrong(format!("no Cargo.lock governs {folder}; `zenith index PATH` indexes another folder"));
        }
        self.start_indexing(effects);
    }

    fn cancel_indexing(&mut self, effects: &mut Vec<Effect>) {
        if self.indexing.is_active() && self.indexing.phase != Phase::Stopping {
            self.indexing.phase = Phase::Stopping;
            effects.push(Effect::CancelIndex);
        }
    }

    pub fn areas(&self) -> Areas {
        Areas::of(self)
    }

    /// The page that is loaded beside a list; the other tabs make theirs of the state.
    pub fn preview_mut(&mut self) -> Option<&mut super::preview::Preview> {
        match self.tab {
            Tab::Explore => Some(&mut self.explore.preview),
            Tab::Search => Some(&mut self.search.preview),
            Tab::Spikes | Tab::Status => None,
        }
    }
}

/// The tab so many places on, round and round.
fn neighbour(tab: Tab, places: usize) -> Tab {
    let at = TABS.iter().position(|(other, _)| *other == tab).unwrap_or(0);
    TABS[(at + places) % TABS.len()].0
}
