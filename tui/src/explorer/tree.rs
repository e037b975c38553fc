//! A package's symbols and documentation as a tree. It is made in a background task, once a package,
//! however large; the screen then only walks what is expanded.

use std::collections::{HashMap, HashSet};

use zenith_core::lake::{DocChunk, Names, SymbolOutline};

use super::kind::Kind;
use crate::text::clean_line;

/// A node by its place in [`Tree::nodes`]; parents come before their children.
pub type NodeId = u32;

/// Deeper items stand together: no API that people wrote is as deep, and each level costs the length
/// of its path.
const DEPTH_MAX: usize = 64;
/// Other paths that a filter knows of a node.
const OTHERS_MAX: usize = 16;

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

/// The rows that a filter leaves, and the first of them that it was looking for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Filtered {
    pub rows: Vec<NodeId>,
    pub best: usize,
}

impl Tree {
    /// Builds the tree of symbols in the order of their paths and of chunks in that of files.
    pub fn build(symbols: &[SymbolOutline], chunks: &[DocChunk]) -> Tree {
        let mut tree = Tree { symbols: symbols.len(), ..Tree::default() };
        tree.add_sections(chunks);
        let mut holders: HashMap<&str, (u8, NodeId)> = HashMap::new();
        for symbol in symbols {
            let parent = parent_path(&symbol.path).map(|parent| tree.holder(parent, &mut holders));
            let kind = Kind::parse(&symbol.kind);
            let item = Item::Symbol {
                id: symbol.id.clone(),
                path: symbol.path.clone(),
                line: u32::try_from(symbol.line_start).unwrap_or(0),
            };
            let node = tree.add(parent, &symbol.name, kind, item);
            tree.note_others(node, symbol);
            if let Some(rank) = kind.holds() {
                let holder = holders.entry(&symbol.path).or_insert((rank, node));
                if rank < holder.0 {
                    *holder = (rank, node);
                }
            }
        }
        tree.sort();
        tree
    }

    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(place(id))
    }

    /// What is expanded when a package is opened: its crate, but not its documentation.
    pub fn expanded_at_first(&self) -> HashSet<NodeId> {
        let is_module = |id: &NodeId| self.node(*id).is_some_and(|node| node.kind == Kind::Module);
        self.roots.iter().copied().filter(is_module).collect()
    }

    /// The rows that show, in order.
    pub fn rows(&self, expanded: &HashSet<NodeId>) -> Vec<NodeId> {
        self.walk(|_| true, |id| expanded.contains(&id))
    }

    /// The rows whose name, or path where the filter has `::`, contains the filter, below the rows
    /// that lead to them. Any name and path of an item counts.
    pub fn filtered(&self, filter: &str) -> Filtered {
        let wanted = folded(filter);
        let by_path = wanted.contains("::");
        let named = |node: &Node| {
            let own = match &node.item {
                Item::Symbol { path, .. } if by_path => folded(path),
                _ => folded(&node.name),
            };
            let part = |path: &String| {
                let path = folded(path);
                if by_path { path } else { path.rsplit("::").next().unwrap_or_default().to_string() }
            };
            match own.contains(&wanted) {
                true => own,
                false => node.others.iter().map(part).find(|path| path.contains(&wanted)).unwrap_or(own),
            }
        };
        let mut kept = vec![false; self.nodes.len()];
        let mut best: Option<(usize, usize)> = None;
        // Children before their parents, whom they keep.
        for (index, node) in self.nodes.iter().enumerate().rev() {
            let name = named(node);
            if name.contains(&wanted) {
                kept[index] = true;
                // The shortest name is the nearest one; among equals the first in the tree.
                if best.is_none_or(|(length, _)| name.len() <= length) {
                    best = Some((name.len(), index));
                }
            }
            if let (true, Some(parent)) = (kept[index], node.parent.map(place)) {
                kept[parent] = true;
            }
        }
        let rows = self.walk(|id| kept[place(id)], |_| true);
        let best = best.and_then(|(_, index)| rows.iter().position(|row| place(*row) == index)).unwrap_or(0);
        Filtered { rows, best }
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

    /// The nodes that must be expanded for a node to show.
    pub fn ancestors(&self, id: NodeId) -> Vec<NodeId> {
        std::iter::successors(self.parent(id), |id| self.parent(*id)).collect()
    }

    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.node(id)?.parent
    }

    fn walk(&self, shows: impl Fn(NodeId) -> bool, opens: impl Fn(NodeId) -> bool) -> Vec<NodeId> {
        let mut rows = Vec::new();
        let mut stack: Vec<NodeId> = self.roots.iter().rev().copied().collect();
        while let Some(id) = stack.pop() {
            let Some(node) = self.node(id).filter(|_| shows(id)) else { continue };
            rows.push(id);
            if opens(id) {
                stack.extend(node.children.iter().rev());
            }
        }
        rows
    }

    fn add(&mut self, parent: Option<NodeId>, name: &str, kind: Kind, item: Item) -> NodeId {
        let id = NodeId::try_from(self.nodes.len()).unwrap_or(NodeId::MAX);
        let depth =
            parent.and_then(|parent| self.node(parent)).map_or(0, |node| node.depth.saturating_add(1));
        self.nodes.push(Node {
            name: clean_line(name),
            kind,
            depth,
            children: Vec::new(),
            item,
            parent,
            others: Vec::new(),
        });
        let siblings = match parent.and_then(|parent| self.nodes.get_mut(place(parent))) {
            Some(parent) => &mut parent.children,
            None => &mut self.roots,
        };
        siblings.push(id);
        id
    }

    /// Notes the other paths of a symbol: its own, and those through the other paths of what it is in.
    fn note_others(&mut self, node: NodeId, symbol: &SymbolOutline) {
        let mut others = Names::of(&symbol.metadata).paths;
        if let Some(parent) = self.parent(node).and_then(|parent| self.node(parent)) {
            others.extend(parent.others.iter().map(|path| format!("{path}::{}", symbol.name)));
        }
        others.truncate(OTHERS_MAX);
        if let Some(node) = self.nodes.get_mut(place(node)) {
            node.others = others;
        }
    }

    /// The node that holds what lies under a path, made as a group where nothing does.
    fn holder<'a>(&mut self, path: &'a str, holders: &mut HashMap<&'a str, (u8, NodeId)>) -> NodeId {
        // Up to the nearest that is there, then down again.
        let mut missing = Vec::new();
        let mut rest = Some(path);
        let mut parent = None;
        while let Some(path) = rest {
            if let Some((_, id)) = holders.get(path) {
                parent = Some(*id);
                break;
            }
            missing.push(path);
            rest = path.rsplit_once("::").map(|(before, _)| before);
        }
        for path in missing.into_iter().rev() {
            let name = path.rsplit_once("::").map_or(path, |(_, name)| name);
            let id = self.add(parent, name, Kind::Module, Item::Group);
            holders.insert(path, (u8::MAX, id));
            parent = Some(id);
        }
        parent.unwrap_or_default()
    }

    /// Documentation stands in one folder, a file each in it: many a package has more files than
    /// modules.
    fn add_sections(&mut self, chunks: &[DocChunk]) {
        if chunks.is_empty() {
            return;
        }
        let folder = self.add(None, "Documentation", Kind::Folder, Item::Group);
        let mut file: Option<(&str, NodeId)> = None;
        for chunk in chunks {
            let parent = match file {
                Some((name, id)) if name == chunk.file_path => id,
                _ => self.add(Some(folder), &chunk.file_path, Kind::Folder, Item::Group),
            };
            file = Some((&chunk.file_path, parent));
            let title = chunk.section_title.as_deref().unwrap_or_default();
            let name = title.rsplit(" › ").next().filter(|name| !name.is_empty()).unwrap_or("Beginning");
            let line = u32::try_from(chunk.line_start).unwrap_or(0);
            self.add(Some(parent), name, Kind::Doc, Item::Section { file: chunk.file_path.clone(), line });
        }
    }

    /// Siblings by kind, then by name as people sort; sections stay as they were written.
    fn sort(&mut self) {
        let keys: Vec<(u8, String)> = self
            .nodes
            .iter()
            .map(|node| match node.kind {
                Kind::Doc | Kind::Folder => (node.kind.order(), String::new()),
                kind => (kind.order(), node.name.to_lowercase()),
            })
            .collect();
        let key = |id: &NodeId| keys.get(place(*id));
        self.roots.sort_by(|a, b| key(a).cmp(&key(b)));
        for node in &mut self.nodes {
            node.children.sort_by(|a, b| key(a).cmp(&key(b)));
        }
    }
}

/// The path of what an item stands in.
fn parent_path(path: &str) -> Option<&str> {
    let (parent, _) = path.rsplit_once("::")?;
    match parent.match_indices("::").nth(DEPTH_MAX) {
        Some((end, _)) => parent.get(..end),
        None => Some(parent),
    }
}

/// Text as a filter compares it: in any case, raw names without their mark.
fn folded(text: &str) -> String {
    text.to_lowercase().replace("r#", "")
}

/// A node's place in the list of all.
fn place(id: NodeId) -> usize {
    usize::try_from(id).unwrap_or(usize::MAX)
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn symbol(kind: &str, path: &str) -> SymbolOutline {
        SymbolOutline {
            id: format!("{kind}{path}"),
            file_path: "src/lib.rs".to_string(),
            kind: kind.to_string(),
            name: path.rsplit("::").next().unwrap_or(path).to_string(),
            path: path.to_string(),
            signature: None,
            line_start: 1,
            line_end: 1,
            visibility: "public".to_string(),
            metadata: "{}".to_string(),
        }
    }

    fn chunk(file: &str, title: &str, line: i32) -> DocChunk {
        DocChunk {
            id: String::new(),
            ecosystem: "rust".to_string(),
            package: "p".to_string(),
            version: "1.0.0".to_string(),
            file_path: file.to_string(),
            section_title: Some(title.to_string()),
            content: String::new(),
            chunk_index: 0,
            line_start: line,
            embedding: Vec::new(),
            created_at: 0,
        }
    }

    fn shown(tree: &Tree, rows: &[NodeId]) -> Vec<String> {
        let line =
            |node: &Node| format!("{}{} {}", " ".repeat(node.depth.into()), node.kind.word(), node.name);
        rows.iter().filter_map(|id| tree.node(*id)).map(line).collect()
    }

    fn sample() -> Tree {
        let symbols = [
            symbol("mod", "p"),
            symbol("fn", "p::spawn"),
            symbol("struct", "p::task::Handle"),
            symbol("method", "p::task::Handle::abort"),
            symbol("fn", "p::task::spawn_blocking"),
        ];
        Tree::build(&symbols, &[chunk("README.md", "p › Use", 3)])
    }

    #[test]
    fn symbols_stand_under_their_modules_and_types() {
        let tree = sample();
        let rows = tree.rows(&(0..9).collect());
        let expected = [
            "doc Documentation",
            " doc README.md",
            "  doc Use",
            "mod p",
            " mod task",
            "  struct Handle",
            "   method abort",
            "  fn spawn_blocking",
            " fn spawn",
        ];
        assert_eq!(shown(&tree, &rows), expected);
        let rows = tree.rows(&tree.expanded_at_first());
        assert_eq!(shown(&tree, &rows), ["doc Documentation", "mod p", " mod task", " fn spawn"]);
    }

    #[test]
    fn a_filter_keeps_what_leads_to_a_match() {
        let tree = sample();
        let filtered = tree.filtered("SPAWN");
        assert_eq!(shown(&tree, &filtered.rows), ["mod p", " mod task", "  fn spawn_blocking", " fn spawn"]);
        assert_eq!(filtered.best, 3, "the nearest name is selected");
        let filtered = tree.filtered("task::spawn");
        assert_eq!(shown(&tree, &filtered.rows), ["mod p", " mod task", "  fn spawn_blocking"]);
        assert!(tree.filtered("no such thing").rows.is_empty());
    }

    #[test]
    fn a_filter_knows_every_path_of_an_item() {
        let other = |mut symbol: SymbolOutline, path: &str| {
            symbol.metadata = serde_json::json!({ "paths": [path] }).to_string();
            symbol
        };
        let symbols = [
            symbol("mod", "p"),
            other(symbol("mod", "p::parts"), "p::pieces"),
            other(symbol("struct", "p::parts::Wheel"), "p::Disc"),
            symbol("method", "p::parts::Wheel::turn"),
            symbol("fn", "p::parts::r#type"),
        ];
        let tree = Tree::build(&symbols, &[]);
        let best = |filter: &str| {
            let filtered = tree.filtered(filter);
            filtered.rows.get(filtered.best).and_then(|id| tree.node(*id)).map(|node| node.name.clone())
        };
        assert_eq!(best("disc").as_deref(), Some("Wheel"));
        assert_eq!(best("pieces::wheel::turn").as_deref(), Some("turn"));
        assert_eq!(best("p::disc::turn").as_deref(), Some("turn"));
        assert_eq!(best("parts::type").as_deref(), Some("r#type"));
        assert_eq!(best("pieces::nothing"), None);
    }

    #[test]
    fn what_was_found_elsewhere_is_found_in_the_tree() {
        let tree = sample();
        let wanted = Item::Symbol { id: String::new(), path: "p::task::Handle::abort".to_string(), line: 7 };
        let id = tree.find(&wanted).unwrap();
        assert_eq!(tree.node(id).unwrap().name, "abort");
        let names: Vec<&str> =
            tree.ancestors(id).into_iter().map(|id| tree.node(id).unwrap().name.as_str()).collect();
        assert_eq!(names, ["Handle", "task", "p"]);
        let section = Item::Section { file: "README.md".to_string(), line: 3 };
        assert_eq!(tree.node(tree.find(&section).unwrap()).unwrap().name, "Use");
    }

    #[test]
    fn a_type_holds_its_methods_though_a_macro_shares_its_path() {
        let symbols = [
            symbol("macro", "p::Serialize"),
            symbol("trait", "p::Serialize"),
            symbol("method", "p::Serialize::serialize"),
        ];
        let tree = Tree::build(&symbols, &[]);
        let rows = tree.rows(&(0..9).collect());
        let expected = ["mod p", " trait Serialize", "  method serialize", " macro Serialize"];
        assert_eq!(shown(&tree, &rows), expected);
    }

    #[test]
    fn a_path_of_any_depth_is_no_trouble() {
        let deep = symbol("fn", &vec!["a"; 100_000].join("::"));
        let tree = Tree::build(&[deep], &[]);
        assert_eq!(tree.filtered("a").rows.len(), DEPTH_MAX + 2);
    }
}
