//! The tab Explore: tiers, their packages, and what is in one of them.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use tui_input::Input;
use zenith_core::catalog::CatalogEntry;
use zenith_core::package::Tier;
use zenith_core::search::Project;

use super::app::Pane;
use super::latest::Latest;
use super::list::Cursor;
use super::preview::{Preview, Subject};
use super::tree::{Filtered, Item, NodeId, Tree};
use crate::count::Count;

#[derive(Debug, Default)]
pub struct Explore {
    pub pane: Pane,
    pub packages: PackageList,
    /// The package whose tree shows instead of the list of packages.
    pub opened: Option<OpenPackage>,
    pub preview: Preview,
}

/// A row of the list of packages.
#[derive(Clone, Debug, PartialEq)]
pub enum PackageRow {
    Tier { tier: Tier, expanded: bool, packages: Count, symbols: u64 },
    Package { entry: Arc<CatalogEntry>, standing: Standing },
}

/// What a package is to the project. In the order of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Direct,
    Indirect,
    /// Locked by the project for other platforms alone.
    OtherPlatform,
    /// Indexed for another project.
    Elsewhere,
    /// There is no project to stand in.
    Alone,
}

#[derive(Debug, Default)]
pub struct PackageList {
    pub rows: Vec<PackageRow>,
    pub cursor: Cursor,
    pub filter: Input,
    collapsed: HashSet<Tier>,
}

/// A package whose tree shows.
#[derive(Debug)]
pub struct OpenPackage {
    pub entry: Arc<CatalogEntry>,
    pub standing: Standing,
    pub tree: Latest<(), Result<Arc<Tree>, String>>,
    pub expanded: HashSet<NodeId>,
    /// The rows that show without a filter.
    pub rows: Vec<NodeId>,
    pub cursor: Cursor,
    pub filter: Input,
    pub filtered: Latest<String, Filtered>,
    /// What to select once the tree is there.
    pub reveal: Option<Item>,
}

impl PackageList {
    /// Makes the rows anew, and keeps the selection on what it was on.
    pub fn refresh(&mut self, packages: &[Arc<CatalogEntry>], project: Option<&Project>) {
        let selected = self.rows.get(self.cursor.selected).map(PackageRow::identity);
        let filter = self.filter.value().trim().to_lowercase();
        let mut rows = Vec::with_capacity(packages.len() + 3);
        // One's own code first: it is little, and would be out of sight below the public packages.
        for tier in [Tier::Private, Tier::Team, Tier::Public] {
            let mut found: Vec<(Standing, &Arc<CatalogEntry>)> = packages
                .iter()
                .filter(|entry| entry.tier() == tier && entry.id.name().to_lowercase().contains(&filter))
                .map(|entry| (standing(entry, project), entry))
                .collect();
            found.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
            let expanded = !filter.is_empty() || !self.collapsed.contains(&tier);
            let symbols = found.iter().map(|(_, entry)| entry.symbol_count).sum();
            let is_other = |found: &&(Standing, _)| found.0 == Standing::OtherPlatform;
            let packages = Count { all: found.len(), others: found.iter().filter(is_other).count() };
            rows.push(PackageRow::Tier { tier, expanded, packages, symbols });
            if expanded {
                let package = |(standing, entry): (Standing, &Arc<CatalogEntry>)| PackageRow::Package {
                    entry: entry.clone(),
                    standing,
                };
                rows.extend(found.into_iter().map(package));
            }
        }
        let place = selected.and_then(|selected| rows.iter().position(|row| row.identity() == selected));
        self.cursor.selected = place.unwrap_or(self.cursor.selected);
        self.rows = rows;
    }

    pub fn selected(&self) -> Option<&PackageRow> {
        self.rows.get(self.cursor.selected)
    }

    /// Opens or closes a tier.
    pub fn toggle(&mut self, tier: Tier) {
        if !self.collapsed.remove(&tier) {
            self.collapsed.insert(tier);
        }
    }

    /// Selects the first package that is left by a filter.
    pub fn select_first_package(&mut self) {
        let is_package = |row: &PackageRow| matches!(row, PackageRow::Package { .. });
        self.cursor.selected = self.rows.iter().position(is_package).unwrap_or(0);
    }

    /// Selects the row of a tier.
    pub fn select_tier(&mut self, wanted: Tier) {
        let is_it = |row: &PackageRow| matches!(row, PackageRow::Tier { tier, .. } if *tier == wanted);
        self.cursor.selected = self.rows.iter().position(is_it).unwrap_or(self.cursor.selected);
    }
}

impl PackageRow {
    /// What stays the same while counts and states change.
    fn identity(&self) -> (Tier, Option<zenith_core::package::PackageId>) {
        match self {
            PackageRow::Tier { tier, .. } => (*tier, None),
            PackageRow::Package { entry, .. } => (entry.tier(), Some(entry.id.clone())),
        }
    }
}

/// What a package is to a project.
pub fn standing(entry: &CatalogEntry, project: Option<&Project>) -> Standing {
    match project {
        None => Standing::Alone,
        Some(project) if !project.holds(entry) => Standing::Elsewhere,
        Some(project) if project.is_for_others(entry) => Standing::OtherPlatform,
        Some(project) if project.is_direct(entry.id.name(), entry.id.version()) => Standing::Direct,
        Some(_) => Standing::Indirect,
    }
}

impl OpenPackage {
    pub fn new(entry: Arc<CatalogEntry>, standing: Standing, reveal: Option<Item>) -> OpenPackage {
        OpenPackage {
            entry,
            standing,
            tree: Latest::default(),
            expanded: HashSet::new(),
            rows: Vec::new(),
            cursor: Cursor::default(),
            filter: Input::default(),
            filtered: Latest::default(),
            reveal,
        }
    }

    pub fn tree(&self) -> Option<&Arc<Tree>> {
        self.tree.value()?.as_ref().ok()
    }

    pub fn is_filtered(&self) -> bool {
        !self.filter.value().trim().is_empty()
    }

    /// The rows that show.
    pub fn shown(&self) -> &[NodeId] {
        match (self.is_filtered(), self.filtered.value()) {
            (true, Some(filtered)) => &filtered.rows,
            _ => &self.rows,
        }
    }

    pub fn selected(&self) -> Option<NodeId> {
        self.shown().get(self.cursor.selected).copied()
    }

    /// What the selected row stands for.
    pub fn selected_item(&self) -> Option<Item> {
        Some(self.tree()?.node(self.selected()?)?.item.clone())
    }

    /// The tree is there: show it, with what was asked for selected.
    pub fn arrive(&mut self, generation: u64, tree: Result<Arc<Tree>, String>) -> bool {
        let first = self.tree.value().is_none();
        if !self.tree.arrive(generation, tree) {
            return false;
        }
        let Some(tree) = self.tree().cloned() else { return true };
        if first {
            self.expanded = tree.expanded_at_first();
        }
        self.rows = tree.rows(&self.expanded);
        let crate_row = self.rows.iter().position(|id| self.expanded.contains(id));
        if first {
            self.cursor.selected = crate_row.unwrap_or(0);
        }
        if let Some(item) = self.reveal.take() {
            self.reveal(&item);
        }
        true
    }

    /// Selects an item, and expands what is above it. Where the tree is not there yet, it is done
    /// when it comes.
    pub fn reveal(&mut self, item: &Item) {
        let Some(tree) = self.tree().cloned() else {
            self.reveal = Some(item.clone());
            return;
        };
        self.clear_filter();
        if let Some(id) = tree.find(item) {
            self.select(&tree, id);
        }
    }

    /// Drops the filter, and keeps what is selected.
    pub fn clear_filter(&mut self) {
        let selected = self.selected().filter(|_| self.is_filtered());
        self.filter.reset();
        self.filtered.clear();
        if let (Some(id), Some(tree)) = (selected, self.tree().cloned()) {
            self.select(&tree, id);
        }
    }

    fn select(&mut self, tree: &Tree, id: NodeId) {
        self.expanded.extend(tree.ancestors(id));
        self.rows = tree.rows(&self.expanded);
        self.cursor.selected = self.rows.iter().position(|row| *row == id).unwrap_or(0);
    }

    /// Whether the node has anything below it, and whether that shows.
    pub fn fold(&self, id: NodeId) -> Option<bool> {
        let has_children = self.tree()?.node(id).is_some_and(|node| !node.children.is_empty());
        has_children.then(|| self.is_filtered() || self.expanded.contains(&id))
    }

    /// Shows or hides what is below a node.
    pub fn toggle(&mut self, id: NodeId) {
        if self.is_filtered() {
            return;
        }
        if !self.expanded.remove(&id) {
            self.expanded.insert(id);
        }
        if let Some(tree) = self.tree() {
            self.rows = tree.rows(&self.expanded);
        }
    }

    /// Selects what the selected node is below; `false` where it is below nothing.
    pub fn select_parent(&mut self) -> bool {
        let parent = self.selected().and_then(|id| self.tree()?.parent(id));
        let place = parent.and_then(|parent| self.shown().iter().position(|row| *row == parent));
        self.cursor.selected = place.unwrap_or(self.cursor.selected);
        place.is_some()
    }
}

impl Explore {
    /// The number of rows of the list that shows.
    pub fn len(&self) -> usize {
        self.opened.as_ref().map_or(self.packages.rows.len(), |opened| opened.shown().len())
    }

    pub fn cursor(&mut self) -> &mut Cursor {
        match &mut self.opened {
            Some(opened) => &mut opened.cursor,
            None => &mut self.packages.cursor,
        }
    }

    pub fn filter(&self) -> &Input {
        self.opened.as_ref().map_or(&self.packages.filter, |opened| &opened.filter)
    }

    pub fn filter_mut(&mut self) -> &mut Input {
        match &mut self.opened {
            Some(opened) => &mut opened.filter,
            None => &mut self.packages.filter,
        }
    }

    /// What the selected row is about.
    pub fn subject(&self, lockfile: Option<&PathBuf>) -> Option<Subject> {
        let Some(opened) = &self.opened else {
            return Some(match self.packages.selected()? {
                PackageRow::Tier { tier, packages, symbols, .. } => Subject::Tier {
                    tier: *tier,
                    packages: *packages,
                    symbols: *symbols,
                    lockfile: lockfile.cloned(),
                },
                PackageRow::Package { entry, standing } => {
                    Subject::Package { entry: entry.clone(), standing: *standing }
                }
            });
        };
        let entry = opened.entry.clone();
        Some(match &opened.tree()?.node(opened.selected()?)?.item {
            Item::Group => Subject::Package { entry, standing: opened.standing },
            Item::Symbol { id, .. } => Subject::Symbol { entry, id: id.clone() },
            Item::Section { file, line } => Subject::Section { entry, file: file.clone(), line: *line },
        })
    }

    /// The path that the selected row is written as in code, or the package's name.
    pub fn path(&self) -> Option<String> {
        let Some(opened) = &self.opened else {
            return match self.packages.selected()? {
                PackageRow::Tier { .. } => None,
                PackageRow::Package { entry, .. } => Some(entry.id.to_string()),
            };
        };
        match &opened.tree()?.node(opened.selected()?)?.item {
            Item::Symbol { path, .. } => Some(crate::text::clean_line(path)),
            Item::Section { file, .. } => Some(crate::text::clean_line(file)),
            Item::Group => Some(opened.entry.id.to_string()),
        }
    }
}
