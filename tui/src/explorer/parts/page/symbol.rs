//! The page of a symbol.

use zenith_core::answers::Example;
use zenith_core::lake::{ApiSymbol, Names};

use super::part::Item;
use super::{Page, obtain};
use crate::explorer::parts::builder::Builder;
use crate::explorer::parts::kind::Kind;
use crate::explorer::parts::markdown;
use crate::explorer::parts::paint::Painter;
use crate::explorer::parts::signature::spread;
use crate::explorer::parts::theme::Role;
use crate::text::{clean, clean_line};

/// A symbol: how one gets it, how it is called, what it is for, how it is made.
pub fn page(item: &Item, painter: &Painter) -> Page {
    let (symbol, location) = (&item.symbol, item.location.clone());
    let mut page = Builder::new(painter);
    title(&mut page, symbol, painter);
    remarks(&mut page, symbol);
    page.blank();
    obtain::put(&mut page, &item.facts);
    documentation(&mut page, symbol, painter);
    examples(&mut page, &item.examples);
    let source_row = match symbol.source.as_deref() {
        Some("") => None,
        Some(_) => {
            page.rule("Source");
            Some(page.lines.len().saturating_sub(2))
        }
        None => {
            page.blank();
            None
        }
    };
    source(&mut page, symbol);
    Page { source_row, location, ..page.finish() }
}

/// What it is, and where it stands.
pub fn title(page: &mut Builder<'_>, symbol: &ApiSymbol, painter: &Painter) {
    let kind = Kind::parse(&symbol.kind);
    page.title(&[
        painter.span(format!("{} ", kind.word()), Role::Kind(kind)),
        painter.span(clean_line(&symbol.path), Role::Strong),
    ]);
    let file = format!("{}:{}", clean_line(&symbol.file_path), symbol.line_start);
    page.text(&format!("{} {} · {file}", symbol.package, symbol.version), Role::Quiet);
}

/// What is worth knowing before one reads on.
pub fn remarks(page: &mut Builder<'_>, symbol: &ApiSymbol) {
    for (remark, role) in remarks_of(symbol) {
        page.text(&remark, role);
    }
}

/// How it is called, and what it is for.
pub fn documentation(page: &mut Builder<'_>, symbol: &ApiSymbol, painter: &Painter) {
    if let Some(signature) = symbol.signature.as_deref().filter(|signature| !signature.is_empty()) {
        page.code(&spread(&clean(signature), painter.width), "rust");
        page.blank();
    }
    match symbol.doc_comment.as_deref().filter(|doc| !doc.trim().is_empty()) {
        Some(doc) => page.lines.extend(markdown::render(&clean(doc), painter)),
        None => page.text("It has no documentation.", Role::Quiet),
    }
}

/// How others use it, each with its place.
pub fn examples(page: &mut Builder<'_>, examples: &[Example]) {
    for example in examples {
        page.rule(&format!("{}:{}", clean_line(&example.file), example.line));
        page.code(&clean(&example.code), "rust");
        page.blank();
    }
}

/// How it is made.
pub fn source(page: &mut Builder<'_>, symbol: &ApiSymbol) {
    match symbol.source.as_deref() {
        Some("") => {}
        Some(source) => page.source(
            &clean(source),
            u32::try_from(symbol.line_start).unwrap_or(1),
            language(&symbol.file_path),
        ),
        None => page.text("It lies on the store; `zenith pull` fetches it with its source.", Role::Quiet),
    }
}

/// Each remark, and how it looks.
fn remarks_of(symbol: &ApiSymbol) -> Vec<(String, Role)> {
    let metadata: serde_json::Value = serde_json::from_str(&symbol.metadata).unwrap_or_default();
    let mut remarks = Vec::new();
    if !metadata["deprecated"].is_null() || !metadata["deprecation"].is_null() {
        remarks.push(("deprecated".to_string(), Role::Warning));
    }
    if symbol.visibility != "public" {
        remarks.push((format!("visibility: {}", clean_line(&symbol.visibility)), Role::Quiet));
    }
    if let Some(name) = metadata["trait"].as_str() {
        remarks.push((format!("of the trait {}", clean_line(name)), Role::Quiet));
    }
    if let Some(package) = metadata["declared_in"]["package"].as_str() {
        let version = metadata["declared_in"]["version"].as_str().unwrap_or_default();
        remarks.push((
            format!("declared in {}", clean_line(format!("{package} {version}").trim_end())),
            Role::Quiet,
        ));
    }
    let paths = metadata["paths"].as_array().into_iter().flatten();
    let others: Vec<String> = paths.filter_map(|path| path.as_str()).take(4).map(clean_line).collect();
    if !others.is_empty() {
        remarks.push((format!("also {}", others.join(", ")), Role::Quiet));
    }
    let aliases: Vec<String> =
        Names::of(&symbol.metadata).aliases.iter().take(8).map(|alias| clean_line(alias)).collect();
    if !aliases.is_empty() {
        remarks.push((format!("called {} elsewhere", aliases.join(", ")), Role::Quiet));
    }
    remarks
}

fn language(file: &str) -> &str {
    file.rsplit_once('.').map_or("rust", |(_, extension)| extension)
}

#[cfg(test)]
pub mod tests {
    use zenith_core::answers::{Fact, How, Relation};

    use super::super::super::paint::tests::painter;
    use super::*;

    pub fn sample() -> ApiSymbol {
        ApiSymbol {
            id: "a1".to_string(),
            ecosystem: "rust".to_string(),
            package: "tokio".to_string(),
            version: "1.48.0".to_string(),
            file_path: "src/task/blocking.rs".to_string(),
            kind: "fn".to_string(),
            name: "spawn_blocking".to_string(),
            path: "tokio::task::spawn_blocking".to_string(),
            signature: Some("pub fn spawn_blocking<F, R>(f: F) -> JoinHandle<R>".to_string()),
            source: Some("pub fn spawn_blocking() {\n    go()\u{1b}[2J\n}".to_string()),
            doc_comment: Some("Runs a *closure*.\u{202e}".to_string()),
            line_start: 99,
            line_end: 101,
            visibility: "public".to_string(),
            is_async: false,
            is_unsafe: false,
            is_error_type: false,
            returns_result: false,
            metadata: r#"{"declared_in": {"package": "tokio-core", "version": "1.0.0", "path": "x"}}"#
                .to_string(),
            attributes: None,
            embedding: Vec::new(),
            created_at: 0,
        }
    }

    fn text(page: &Page) -> String {
        page.lines.iter().map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn a_symbols_page_has_signature_documentation_and_numbered_source() {
        let page = page(&Item::new(sample(), None), &painter(60));
        let expected = "fn tokio::task::spawn_blocking\n\
            tokio 1.48.0 · src/task/blocking.rs:99\n\
            declared in tokio-core 1.0.0\n\
            \n\
            pub fn spawn_blocking<F, R>(f: F) -> JoinHandle<R>\n\
            \n\
            Runs a closure.\n\
            \n\
            Source ─────────────────────────────────────────────────────\n\
            \n \
             99  pub fn spawn_blocking() {\n\
            100      go()\n\
            101  }\n";
        assert_eq!(text(&page), expected);
        assert_eq!(page.source_row, Some(8));
    }

    #[test]
    fn a_symbols_page_shows_uses_with_their_place_before_the_source() {
        let example = Example {
            rank: 1,
            kind: zenith_core::answers::Kind::Test,
            how: How::Call,
            certain: true,
            relation: Relation::Package,
            tier: zenith_core::package::Tier::Public,
            package: "tokio".to_string(),
            version: "1.48.0".to_string(),
            file: "tests/block.rs".to_string(),
            line: 7,
            line_end: 7,
            within: None,
            whole: true,
            code: "spawn_blocking(|| 1);\u{1b}[2J".to_string(),
        };
        let item = Item { examples: vec![example], ..Item::new(sample(), None) };
        let shown = text(&page(&item, &painter(60)));
        let (place, source) = (shown.find("tests/block.rs:7").unwrap(), shown.find("Source ").unwrap());
        assert!(place < source && shown.contains("spawn_blocking(|| 1);"), "{shown}");
        assert!(!shown.contains('\u{1b}'), "{shown}");
    }

    #[test]
    fn how_to_get_it_stands_before_how_it_is_called() {
        let fact = |what, value: &str| Fact { what, value: value.to_string(), source: "x".to_string() };
        let facts = vec![
            fact("use", "use tokio::task::JoinHandle;"),
            fact("feature", "rt"),
            fact("add", "cargo add tokio"),
        ];
        let shown = text(&page(&Item { facts, ..Item::new(sample(), None) }, &painter(60)));
        let at = |part| shown.find(part).unwrap_or_else(|| panic!("{part} is not in\n{shown}"));
        let order = [
            "cargo add tokio",
            "Feature ",
            "use tokio::task::JoinHandle;",
            "pub fn spawn_blocking",
            "Source ",
        ];
        assert!(order.windows(2).all(|pair| at(pair[0]) < at(pair[1])), "{shown}");
    }

    #[test]
    fn a_narrow_page_folds_its_source_below_the_code() {
        let page = page(&Item::new(sample(), None), &painter(20));
        assert!(page.lines.iter().all(|line| line.width() <= 20), "{}", text(&page));
        assert!(text(&page).contains(" 99  pub fn spawn_bl\n         ocking() {\n"), "{}", text(&page));
    }
}
