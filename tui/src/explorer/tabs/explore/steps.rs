//! Into what is selected, and out of it again.

use std::sync::Arc;

use zenith_core::catalog::CatalogEntry;
use zenith_core::package::Tier;

use super::Explore;
use super::opened::OpenPackage;
use super::packages::PackageRow;
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::standing::Standing;
use crate::explorer::parts::tree::Item;
use crate::explorer::tabs::Seen;

impl Explore {
    /// Opens what is selected.
    pub fn open_selected(&mut self, seen: &Seen<'_>) {
        match self.pane {
            Pane::Input => self.pane = Pane::List,
            Pane::Preview => {}
            Pane::List => self.open_row(seen),
        }
    }

    fn open_row(&mut self, seen: &Seen<'_>) {
        if let Some(opened) = self.inside_mut() {
            match opened.selected() {
                Some(id) if opened.fold(id).is_some() => opened.toggle(id),
                Some(_) => self.read(seen),
                None => {}
            }
            return;
        }
        match self.packages.selected().cloned() {
            Some(PackageRow::Tier { tier, .. }) => self.toggle_tier(tier, seen),
            Some(PackageRow::Package { entry, standing }) if entry.dataset.is_some() => {
                self.show_tree(entry, standing);
                self.is_inside = true;
            }
            // Why it has nothing to show stands in its preview.
            Some(PackageRow::Package { .. }) => self.read(seen),
            None => {}
        }
    }

    fn toggle_tier(&mut self, tier: Tier, seen: &Seen<'_>) {
        self.packages.toggle(tier);
        self.refresh(seen);
    }

    /// Makes the list of packages anew.
    pub fn refresh(&mut self, seen: &Seen<'_>) {
        self.packages.refresh(&seen.world.packages, seen.world.project.as_deref());
    }

    /// Gives the focus to the page, if there is one.
    fn read(&mut self, seen: &Seen<'_>) {
        if self.preview.len() > 0 || self.areas(seen.area).preview.height == 0 {
            self.pane = Pane::Preview;
        }
    }

    /// Into what is selected: expanded, or its page.
    pub fn forward(&mut self, seen: &Seen<'_>) {
        if self.pane == Pane::Preview {
            return;
        }
        match (self.opened.as_mut().filter(|_| self.is_inside), self.packages.selected()) {
            (Some(opened), _) => {
                if let Some(id) = opened.selected().filter(|id| opened.fold(*id) == Some(false)) {
                    return opened.toggle(id);
                }
            }
            (None, Some(PackageRow::Tier { expanded: false, .. })) => return self.open_row(seen),
            (None, Some(PackageRow::Package { entry, .. })) if entry.dataset.is_some() => {
                return self.open_row(seen);
            }
            _ => {}
        }
        self.read(seen);
    }

    /// Out of what is selected: collapsed, then what it is below, then the list before.
    pub fn back(&mut self, seen: &Seen<'_>) {
        if self.pane == Pane::Preview {
            self.pane = Pane::List;
            return;
        }
        if let Some(opened) = self.inside_mut() {
            match opened.selected() {
                Some(id) if opened.fold(id) == Some(true) && !opened.is_filtered() => opened.toggle(id),
                _ if opened.select_parent() => {}
                _ => self.close_package(),
            }
            return;
        }
        match self.packages.selected().cloned() {
            Some(PackageRow::Tier { tier, expanded: true, .. }) => self.toggle_tier(tier, seen),
            Some(PackageRow::Package { entry, .. }) => self.packages.select_tier(entry.tier()),
            _ => {}
        }
    }

    /// One step back: the page, the filter, the package.
    pub fn escape(&mut self, seen: &Seen<'_>) {
        if self.pane == Pane::Preview {
            self.pane = Pane::List;
            return;
        }
        self.pane = Pane::List;
        if !self.filter().value().is_empty() {
            self.clear_filter(seen);
        } else if self.is_inside {
            self.close_package();
        }
    }

    fn clear_filter(&mut self, seen: &Seen<'_>) {
        match self.inside_mut() {
            Some(opened) => opened.clear_filter(),
            None => self.show_all(seen),
        }
    }

    /// Back to the list of packages.
    pub fn close_package(&mut self) {
        self.is_inside = false;
        self.pane = Pane::List;
    }

    /// Shows the tree of a package, as it was left where it is the one that shows already.
    pub fn show_tree(&mut self, entry: Arc<CatalogEntry>, standing: Standing) {
        if self.opened.as_ref().is_none_or(|opened| opened.entry.dataset != entry.dataset) {
            self.open_tree(entry, standing, None);
        }
    }

    /// Shows the tree of a package from its beginning, or at an item.
    pub fn open_tree(&mut self, entry: Arc<CatalogEntry>, standing: Standing, item: Option<Item>) {
        let mut opened = OpenPackage::new(entry, standing, item);
        if let Some(before) = &self.opened {
            // What still comes for the one before is not for this one.
            opened.tree = before.tree.renewed();
            opened.filtered = before.filtered.renewed();
        }
        self.opened = Some(opened);
    }

    /// Beside the packages the tree is that of the one that is selected.
    pub fn follow_selection(&mut self, seen: &Seen<'_>) {
        if self.is_inside || !self.columns(seen.area).are_three() {
            return;
        }
        if let Some(PackageRow::Package { entry, standing }) = self.packages.selected().cloned()
            && entry.dataset.is_some()
        {
            self.show_tree(entry, standing);
        }
    }
}
