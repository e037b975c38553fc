//! Trees of small packages.

use zenith_core::lake::{DocChunk, SymbolOutline};

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
    let line = |node: &Node| format!("{}{} {}", " ".repeat(node.depth.into()), node.kind.word(), node.name);
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
    let at_first = ["doc Documentation", " doc README.md", "  doc Use", "mod p", " mod task", " fn spawn"];
    assert_eq!(shown(&tree, &rows), at_first, "neither crate nor documentation is folded away");
    assert_eq!(tree.selected_at_first(&rows), 3);
}

#[test]
fn a_filter_keeps_what_leads_to_a_match() {
    let tree = sample();
    let filtered = tree.filtered("SPAWN");
    let best_first = ["mod p", " fn spawn", " mod task", "  fn spawn_blocking"];
    assert_eq!(shown(&tree, &filtered.rows), best_first);
    assert_eq!(filtered.best, 1, "the nearest name is selected");
    assert_eq!(shown(&tree, &tree.filtered("spbl").rows), ["mod p", " mod task", "  fn spawn_blocking"]);
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
    assert_eq!(tree.filtered("a").rows.len(), build::DEPTH_MAX + 2);
}

#[test]
fn a_name_means_what_stands_nearest_to_where_it_is_written() {
    let tree = Tree::build(
        &[
            symbol("mod", "p"),
            symbol("struct", "p::Handle"),
            symbol("struct", "p::task::Handle"),
            symbol("method", "p::task::Handle::abort"),
            symbol("fn", "p::task::spawn"),
        ],
        &[],
    );
    let means = |name: &str, from: &str| match &tree.node(tree.find_named(name, from)?)?.item {
        Item::Symbol { path, .. } => Some(path.clone()),
        _ => None,
    };
    for (name, from, expected) in [
        ("Handle", "p::task::spawn", "p::task::Handle"),
        ("Handle", "p::other", "p::Handle"),
        ("crate::Handle", "p::task::spawn", "p::Handle"),
        ("super::Handle", "p::task", "p::Handle"),
        ("Self::abort", "p::task::Handle", "p::task::Handle::abort"),
        ("Handle::abort", "p::task::spawn", "p::task::Handle::abort"),
        ("abort", "p", "p::task::Handle::abort"),
        ("p::Handle", "", "p::Handle"),
    ] {
        assert_eq!(means(name, from).as_deref(), Some(expected), "{name} at {from}");
    }
    assert_eq!(tree.find_named("Nothing", "p::task"), None);
    assert_eq!(tree.find_named("super::super::super::x", "p"), None);
}
