//! A tree is built from what a package has.

use std::collections::HashMap;

use zenith_core::lake::{DocChunk, Names, SymbolOutline};

use super::{Item, Node, NodeId, Tree, place};
use crate::explorer::parts::kind::Kind;
use crate::text::clean_line;

/// Deeper items stand together: no API that people wrote is as deep, and each level costs the length
/// of its path.
pub const DEPTH_MAX: usize = 64;
/// Other paths that a filter knows of a node.
const OTHERS_MAX: usize = 16;

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
