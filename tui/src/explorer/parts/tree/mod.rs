//! A package's symbols and documentation as a tree. It is made in a background task, once a package,
//! however large; the screen then only walks what is expanded.

mod build;
mod filter;
#[cfg(test)]
pub mod tests;

use std::collections::HashSet;

use super::kind::Kind;

/// A node by its place in [`Tree::nodes`]; parents come before their children.
pub type NodeId = u32;

/// Everything that a package has, by path.
#[derive(Debug, Default, PartialEq)]
pub struct Tree {
    nodes: Vec<Node>,
    roots: Vec<NodeId>,
    pub symbols: usize,
}

/// A module, an item or a section.
#[derive(Debug, PartialEq)]
pub struct Node {
    pub name: String,
    pub kind: Kind,
    /// 0 at a root.
    pub depth: u16,
    pub children: Vec<NodeId>,
    pub item: Item,
    parent: Option<NodeId>,
    /// Other paths that lead to it, straight or through what it stands in.
    others: Vec<String>,
}

/// What a node stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Only what is below it: a module that was not indexed itself, a file with sections.
    Group,
    Symbol {
        id: String,
        path: String,
        line: u32,
    },
    Section {
        file: String,
        line: u32,
    },
}

/// The rows that a filter leaves, and that of what fits it best.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Filtered {
    /// What was typed.
    pub typed: String,
    pub rows: Vec<NodeId>,
    pub best: usize,
}

impl Tree {
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(place(id))
    }

    /// What is expanded when a package is opened: its crate, and its documentation, where that is one file its
    /// sections as well.
    pub fn expanded_at_first(&self) -> HashSet<NodeId> {
        let mut expanded: HashSet<NodeId> = self.roots.iter().copied().collect();
        let folders =
            self.roots.iter().filter_map(|id| self.node(*id)).filter(|node| node.kind == Kind::Folder);
        expanded.extend(folders.filter_map(|folder| match folder.children[..] {
            [file] => Some(file),
            _ => None,
        }));
        expanded
    }

    /// The row that is selected when a package is opened: its crate.
    pub fn selected_at_first(&self, rows: &[NodeId]) -> usize {
        let is_crate = |id: &NodeId| self.node(*id).is_some_and(|node| node.kind == Kind::Module);
        rows.iter().position(is_crate).unwrap_or(0)
    }

    /// The rows that show, in order.
    pub fn rows(&self, expanded: &HashSet<NodeId>) -> Vec<NodeId> {
        self.walk(|id| expanded.contains(&id))
    }

    /// The node of a symbol or section that was found elsewhere.
    pub fn find(&self, wanted: &Item) -> Option<NodeId> {
        let likeness = |node: &Node| match (&node.item, wanted) {
            (Item::Symbol { path, line, .. }, Item::Symbol { path: wanted, line: at, .. })
                if path == wanted =>
            {
                Some(if line == at { 2 } else { 1 })
            }
            (item @ Item::Section { .. }, wanted) if item == wanted => Some(2),
            _ => None,
        };
        let alike = (0..).zip(&self.nodes).filter_map(|(id, node)| Some((likeness(node)?, id)));
        alike.max_by_key(|(likeness, id)| (*likeness, std::cmp::Reverse(*id))).map(|(_, id)| id)
    }

    /// What a name means where it is written at a path: what stands nearest to that, else what has the name anywhere.
    pub fn find_named(&self, name: &str, from: &str) -> Option<NodeId> {
        let root = from.split("::").next().unwrap_or_default();
        let mut here = from;
        let mut name = name.trim_start_matches("::");
        if let Some(rest) = name.strip_prefix("crate::") {
            (here, name) = (root, rest);
        }
        for word in ["Self::", "self::"] {
            name = name.strip_prefix(word).unwrap_or(name);
        }
        while let Some(rest) = name.strip_prefix("super::") {
            (here, name) = (before(here), rest);
        }
        let mut scope = Some(here);
        while let Some(path) = scope.filter(|path| !path.is_empty()) {
            if let Some(id) = self.find_path(&format!("{path}::{name}")) {
                return Some(id);
            }
            scope = Some(before(path));
        }
        self.find_path(name).or_else(|| {
            let ending = format!("::{name}");
            self.best(|path| path.ends_with(&ending))
        })
    }

    fn find_path(&self, wanted: &str) -> Option<NodeId> {
        self.best(|path| path == wanted)
    }

    /// The symbol with the shortest of the paths that are wanted, be it its own or another.
    fn best(&self, wanted: impl Fn(&str) -> bool) -> Option<NodeId> {
        let likeness = |node: &Node| {
            let Item::Symbol { path, .. } = &node.item else { return None };
            let paths = std::iter::once(path).chain(&node.others);
            paths.filter(|path| wanted(path)).map(String::len).min()
        };
        let alike = (0..).zip(&self.nodes).filter_map(|(id, node)| Some((likeness(node)?, id)));
        alike.min().map(|(_, id)| id)
    }

    /// The nodes that must be expanded for a node to show.
    pub fn ancestors(&self, id: NodeId) -> Vec<NodeId> {
        std::iter::successors(self.parent(id), |id| self.parent(*id)).collect()
    }

    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.node(id)?.parent
    }

    fn walk(&self, opens: impl Fn(NodeId) -> bool) -> Vec<NodeId> {
        let mut rows = Vec::new();
        let mut stack: Vec<NodeId> = self.roots.iter().rev().copied().collect();
        while let Some(id) = stack.pop() {
            let Some(node) = self.node(id) else { continue };
            rows.push(id);
            if opens(id) {
                stack.extend(node.children.iter().rev());
            }
        }
        rows
    }
}

/// The path of what a path stands in; empty at the root.
fn before(path: &str) -> &str {
    path.rsplit_once("::").map_or("", |(before, _)| before)
}

/// A node's place in the list of all.
fn place(id: NodeId) -> usize {
    usize::try_from(id).unwrap_or(usize::MAX)
}
