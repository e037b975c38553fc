//! What changes it: keys, the mouse, what its work tells, and the world.

use zenith_core::catalog::CatalogEntry;

use super::columns::Column;
use super::packages::PackageRow;
use super::work::Bearer;
use super::{Effect, Explore, Message, keys};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::out::Out;
use crate::explorer::parts::place::Place;
use crate::explorer::parts::standing::Standing;
use crate::explorer::parts::tree::Item;
use crate::explorer::tabs::actions::Action;
use crate::explorer::tabs::{Seen, Tab};

impl Explore {
    pub fn do_action(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let height = self.areas(seen.area).preview_height();
        match action {
            Action::Move(motion) if self.pane == Pane::Preview => self.preview.scroll(motion, height),
            Action::Move(motion) => {
                let (len, height) = (self.len(), self.areas(seen.area).list_height());
                self.cursor().step(motion, len, height);
            }
            Action::Scroll(motion) => self.preview.scroll(motion, height),
            Action::Open => self.open_selected(seen),
            Action::Forward => self.forward(seen),
            Action::Back => self.back(seen),
            Action::Escape => self.escape(seen),
            Action::Find => self.pane = Pane::Input,
            Action::Source => self.preview.toggle_source(height),
            Action::Copy => self.preview.offer_copies(self.path(), out),
            Action::Edit => self.preview.edit(out),
            Action::Follow => self.preview.offer_links(out),
            Action::Note => match self.noted() {
                Some(place) => out.go(place),
                None => out.done("a note is written on a package, or on something in one; select it first"),
            },
            keys::SORT => {
                self.packages.sort_by(self.packages.sort.next());
                self.refresh(seen);
            }
            Action::Own(_) | Action::Compose => {}
        }
    }

    /// Where a note on what is selected is written.
    fn noted(&self) -> Option<Place> {
        let new = |entry: &CatalogEntry, item| Place::NewNote {
            scope: entry.scope.clone(),
            id: entry.id.clone(),
            item,
        };
        if let Some(opened) = self.inside() {
            return Some(new(&opened.entry, opened.selected_item().filter(|item| *item != Item::Group)));
        }
        match self.packages.selected()? {
            PackageRow::Package { entry, .. } => Some(new(entry, None)),
            PackageRow::Tier { .. } => None,
        }
    }

    /// Where the user is.
    pub fn here(&self) -> Place {
        match self.inside() {
            Some(opened) => Place::Package {
                scope: opened.entry.scope.clone(),
                id: opened.entry.id.clone(),
                item: opened.reveal.clone().or_else(|| opened.selected_item()),
            },
            None => Place::Within { tab: Explore::NAME, at: String::new() },
        }
    }

    /// Goes to a package or to something in it, or back to the list.
    pub fn go(&mut self, place: &Place, seen: &Seen<'_>) -> bool {
        match place {
            Place::Package { scope, id, item } => {
                let Some(entry) = seen.world.package(scope, id).cloned() else { return false };
                let standing = Standing::of(&entry, seen.world.project.as_deref());
                match (&mut self.opened, item) {
                    (Some(opened), Some(item)) if opened.entry == entry => opened.reveal(item),
                    (Some(opened), None) if opened.entry == entry => {}
                    (_, item) => self.open_tree(entry, standing, item.clone()),
                }
                self.is_inside = true;
                self.pane = Pane::List;
                self.packages.select(scope, id);
                true
            }
            Place::Named { scope, id, name, from } => {
                if !self.go(&Place::Package { scope: scope.clone(), id: id.clone(), item: None }, seen) {
                    return false;
                }
                let wanted = Some((name.clone(), from.clone()));
                self.opened.iter_mut().for_each(|opened| opened.look_for = wanted.clone());
                true
            }
            Place::Within { tab, .. } if *tab == Explore::NAME => {
                self.close_package();
                true
            }
            _ => false,
        }
    }

    /// What is typed filters the packages; in a package it filters the tree, in a task.
    pub fn filter_packages(&mut self, seen: &Seen<'_>) {
        if let Some(opened) = self.inside_mut() {
            opened.keep_selected_unfiltered();
        } else if self.packages.is_filtered() {
            self.refresh(seen);
            if !self.packages.is_wider() {
                self.packages.select_first_package();
            }
        } else {
            // What was found stays selected where all of them show again.
            self.show_all(seen);
        }
    }

    /// Shows every package again, with the one that is selected.
    pub fn show_all(&mut self, seen: &Seen<'_>) {
        self.packages.clear_filter();
        self.packages.open_tier_of_selected();
        self.refresh(seen);
    }

    pub fn take_message(&mut self, message: Message, seen: &Seen<'_>, out: &mut Out<Effect>) -> bool {
        match message {
            Message::Named { name, found } => self.take_named(name, found, seen, out),
            Message::Tree { generation, tree } => {
                self.opened.as_mut().is_some_and(|opened| opened.arrive(generation, tree))
            }
            Message::Filtered { generation, filtered } => {
                let Some(opened) = &mut self.opened else { return false };
                let at = opened.place_in(&filtered);
                let current = opened.filtered.arrive(generation, filtered);
                if current {
                    opened.cursor.selected = at;
                }
                current
            }
            Message::Page { generation, page } => self.preview.arrive(generation, page),
        }
    }

    /// Goes to the one item that bears a name which was followed. Of several one chooses; where there is none one stays
    /// where one was.
    fn take_named(
        &mut self,
        name: String,
        found: Result<Vec<Bearer>, String>,
        seen: &Seen<'_>,
        out: &mut Out<Effect>,
    ) -> bool {
        if self.finding.take_if(|finding| *finding == name).is_none() {
            return false;
        }
        let place = |bearer: &Bearer| {
            let entry = seen.world.entry(bearer.tier, &bearer.package, &bearer.version)?;
            let item = Item::Symbol { id: String::new(), path: bearer.path.clone(), line: bearer.line };
            Some(Place::Package { scope: entry.scope.clone(), id: entry.id.clone(), item: Some(item) })
        };
        let places: Result<Vec<Place>, String> = found.map(|found| found.iter().filter_map(place).collect());
        match places.as_deref() {
            Ok([]) => {
                out.go_back();
                out.done(format!("nothing that is indexed is called {name}"));
            }
            Ok([place]) => out.go_instead(place.clone()),
            Ok(several) => {
                out.done(format!("{} are called {name}; back leads to where you were", several.len()));
                out.go_instead(Place::Query(name));
            }
            Err(why) => {
                out.go_back();
                out.wrong(why);
            }
        }
        true
    }

    /// Shows the packages as they are now.
    pub fn follow_world(&mut self, seen: &Seen<'_>) {
        if self.revision == seen.world.revision {
            return;
        }
        self.revision = seen.world.revision;
        self.refresh(seen);
        // A package that was indexed anew shows as it is now.
        if let Some(opened) = &self.opened
            && let Some(entry) = seen.world.package(&opened.entry.scope, &opened.entry.id)
            && entry.dataset != opened.entry.dataset
        {
            let (standing, item) = (opened.standing, opened.selected_item());
            self.open_tree(entry.clone(), standing, item);
        }
    }

    /// Asks for the tree and for what the filter leaves of it, whether it shows or not.
    pub fn want_lists(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let Some(opened) = &mut self.opened else { return };
        // Who went elsewhere before the tree was there is not led away from there.
        if !seen.is_shown {
            (opened.look_for, self.finding) = (None, None);
        }
        // What is not of this package may be of another.
        if let Some(name) = opened.look_up() {
            self.finding = Some(name.clone());
            out.work(Effect::Find { name, project: seen.world.project.clone() });
        }
        if let Some(generation) = opened.tree.want(()) {
            out.work(Effect::Tree { generation, entry: opened.entry.clone(), in_passing: !self.is_inside });
        }
        let filter = opened.filter.value().trim().to_string();
        match opened.tree().cloned() {
            Some(tree) if !filter.is_empty() => {
                if let Some(generation) = opened.filtered.want(filter.clone()) {
                    out.work(Effect::Filter { generation, tree, filter });
                }
            }
            _ if opened.filtered.wanted().is_some() => opened.filtered.clear(),
            _ => {}
        }
    }

    pub fn want_page(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let areas = self.areas(seen.area);
        let (len, height) = (self.len(), areas.list_height());
        if let Some(opened) = self.inside_mut().filter(|opened| opened.jumped && opened.tree().is_some()) {
            opened.jumped = false;
            opened.cursor.center(height);
        }
        self.cursor().settle(len, height);
        self.settle_other(seen);
        let subject = self.subject(seen.world.indexing.lockfile.as_ref());
        let is_looking = self.is_looking();
        if let Some((generation, key)) = self.preview.want(subject, is_looking, areas.preview, seen.theme) {
            out.work(Effect::Page { generation, key, project: seen.world.project.clone() });
        }
        if self.pane == Pane::Preview && areas.preview.height == 0 {
            self.pane = Pane::List;
        }
    }

    /// Puts the list in bounds that shows beside the one that acts.
    fn settle_other(&mut self, seen: &Seen<'_>) {
        let columns = self.columns(seen.area);
        let height = |column: Column| usize::from(column.list.height);
        if self.is_inside {
            self.packages.cursor.settle(self.packages.rows.len(), height(columns.packages));
        } else if let Some(opened) = &mut self.opened {
            let len = opened.shown().len();
            opened.cursor.settle(len, height(columns.tree));
        }
    }
}
