//! A package that is open: its tree, and where one stands in it.

use std::collections::HashSet;
use std::sync::Arc;

use tui_input::Input;
use zenith_core::catalog::CatalogEntry;

use crate::explorer::parts::latest::Latest;
use crate::explorer::parts::list::Cursor;
use crate::explorer::parts::standing::Standing;
use crate::explorer::parts::tree::{Filtered, Item, NodeId, Tree};

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
    /// A name to look for once the tree is there, and the path that it is written at.
    pub look_for: Option<(String, String)>,
    /// What was jumped to is to stand in the middle of the list.
    pub jumped: bool,
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
            look_for: None,
            jumped: false,
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
        if first {
            self.cursor.selected = tree.selected_at_first(&self.rows);
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
            self.jump(&tree, id);
        }
    }

    /// Selects what a name means, once the tree is there; a name that means nothing here.
    pub fn look_up(&mut self) -> Option<String> {
        let tree = self.tree().cloned()?;
        let (name, from) = self.look_for.take()?;
        let Some(id) = tree.find_named(&name, &from) else { return Some(name) };
        self.clear_filter();
        self.jump(&tree, id);
        None
    }

    fn jump(&mut self, tree: &Tree, id: NodeId) {
        self.select(tree, id);
        self.jumped = true;
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

    /// What is to be selected of what a filter leaves: the best, but where it leaves more than before what is selected.
    pub fn place_in(&self, filtered: &Filtered) -> usize {
        let is_wider = |before: &Filtered| {
            before.typed.len() > filtered.typed.len() && before.typed.starts_with(&filtered.typed)
        };
        let selected = self.filtered.value().filter(|before| is_wider(before)).and_then(|_| self.selected());
        let place = selected.and_then(|id| filtered.rows.iter().position(|row| *row == id));
        place.unwrap_or(filtered.best)
    }

    /// Keeps what was selected of what a filter left, where nothing stands in the filter any more.
    pub fn keep_selected_unfiltered(&mut self) {
        if self.is_filtered() {
            return;
        }
        let left = self.filtered.value().map(|filtered| filtered.rows.as_slice()).unwrap_or_default();
        let selected = left.get(self.cursor.selected).copied();
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
