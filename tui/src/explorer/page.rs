//! The pages of the preview, laid out in background tasks.

use zenith_core::answers::Example;
use zenith_core::catalog::{CatalogEntry, Status};
use zenith_core::lake::{ApiSymbol, DocChunk, Names};
use zenith_core::package::Tier;

use super::builder::Builder;
use super::clock::{ago, now_ms};
use super::explore::Standing;
use super::kind::Kind;
use super::markdown;
use super::paint::Painter;
use super::preview::{Location, Page};
use super::signature::spread;
use super::theme::Role;
use crate::count::Count;
use crate::text::{clean, clean_line, counted, grouped};

/// What a tier is, and how one comes to have something in it.
pub fn tier(tier: Tier, packages: Count, symbols: u64, has_lockfile: bool, painter: &Painter) -> Page {
    let (title, what) = match tier {
        Tier::Public => {
            ("Public", "Released packages, in the exact versions that projects on this machine build on.")
        }
        Tier::Team => ("Team", "Packages that an organisation shares among its members."),
        Tier::Private => ("Private", "Your own code. It is indexed on this machine and only you find it."),
    };
    let empty = match (tier, has_lockfile) {
        (Tier::Team, _) => {
            "Sign in with an organisation to see its packages: `zenith login SERVICE`, then `zenith sync`. \
             `zenith push` shares yours."
        }
        (_, true) => "Packages appear here as they are indexed.",
        (_, false) => {
            "No Cargo.lock governs this folder. Start zenith inside a project, or index one with \
             `zenith index PATH`."
        }
    };
    let mut page = Builder::new(painter);
    page.title(&[painter.span(title, Role::Strong)]);
    page.blank();
    page.text(what, Role::Text);
    page.blank();
    if packages.all == 0 {
        page.text(empty, Role::Quiet);
    } else {
        page.text(&format!("{packages} with {}", counted(symbols, "symbol")), Role::Quiet);
    }
    page.finish()
}

/// What is known of a package, then the first pages of its documentation.
pub fn package(
    entry: &CatalogEntry,
    standing: Standing,
    chunks: &[DocChunk],
    location: Option<Location>,
    painter: &Painter,
) -> Page {
    let mut page = Builder::new(painter);
    page.title(&[
        painter.span(entry.id.name(), Role::Strong),
        painter.span(format!(" {}", entry.id.version()), Role::Quiet),
    ]);
    page.blank();
    if let Some(description) = &entry.description {
        page.text(&clean_line(description), Role::Text);
        page.blank();
    }
    match (entry.status, &entry.error) {
        (Status::Failed, Some(why)) => {
            page.text(&format!("It could not be indexed: {}", clean_line(why)), Role::Bad);
            page.blank();
        }
        (Status::Claimed, _) if entry.dataset.is_none() => {
            page.text("It is being indexed; what is in it shows as soon as it is searchable.", Role::Warning);
            page.blank();
        }
        _ => {}
    }
    page.fact("Tier", entry.tier().as_str());
    let used = match (entry.tier(), standing) {
        (Tier::Private, _) => "your own",
        (_, Standing::Direct) => "• named by this project",
        (_, Standing::Indirect) => "by what this project builds on",
        (_, Standing::OtherPlatform) => "by this project on other platforms; it is not built here",
        (_, Standing::Elsewhere) => "by other projects",
        (_, Standing::Alone) => "",
    };
    if !used.is_empty() {
        page.fact("Used", used);
    }
    if entry.dataset.is_some() {
        page.fact("Symbols", &grouped(entry.symbol_count));
        page.fact("Sections", &grouped(entry.chunk_count));
    }
    if let Some(model) = &entry.embedding_model {
        page.fact("Model", &clean_line(model));
    }
    if let Some(at_ms) = entry.indexed_at_ms {
        page.fact("Indexed", &ago(at_ms, now_ms()));
    }
    if let Some(url) = &entry.repo_url {
        page.fact("Repository", &clean_line(url));
    }
    let first_file = chunks.iter().find(is_readme).or(chunks.first()).map(|chunk| &chunk.file_path);
    let sections = chunks.iter().filter(|chunk| Some(&chunk.file_path) == first_file);
    let text: Vec<String> = sections.map(|chunk| clean(&chunk.content)).collect();
    if let (Some(file), false) = (first_file, text.is_empty()) {
        page.rule(&clean_line(file));
        page.lines.extend(markdown::render(&text.join("\n\n"), painter));
    }
    Page { location, ..page.finish() }
}

/// A symbol: how it is called, what it is for, how it is made.
pub fn symbol(
    symbol: &ApiSymbol,
    examples: &[Example],
    location: Option<Location>,
    painter: &Painter,
) -> Page {
    let kind = Kind::parse(&symbol.kind);
    let mut page = Builder::new(painter);
    page.title(&[
        painter.span(format!("{} ", kind.word()), Role::Kind(kind)),
        painter.span(clean_line(&symbol.path), Role::Strong),
    ]);
    let file = format!("{}:{}", clean_line(&symbol.file_path), symbol.line_start);
    page.text(&format!("{} {} · {file}", symbol.package, symbol.version), Role::Quiet);
    for (remark, role) in remarks(symbol) {
        page.text(&remark, role);
    }
    page.blank();
    if let Some(signature) = symbol.signature.as_deref().filter(|signature| !signature.is_empty()) {
        page.code(&spread(&clean(signature), painter.width), "rust");
        page.blank();
    }
    match symbol.doc_comment.as_deref().filter(|doc| !doc.trim().is_empty()) {
        Some(doc) => page.lines.extend(markdown::render(&clean(doc), painter)),
        None => page.text("It has no documentation.", Role::Quiet),
    }
    for example in examples {
        page.rule(&format!("{}:{}", clean_line(&example.file), example.line));
        page.code(&clean(&example.code), "rust");
        page.blank();
    }
    let mut source_row = None;
    match symbol.source.as_deref() {
        Some("") => {}
        Some(source) => {
            page.rule("Source");
            source_row = Some(page.lines.len().saturating_sub(2));
            page.source(
                &clean(source),
                u32::try_from(symbol.line_start).unwrap_or(1),
                language(&symbol.file_path),
            );
        }
        None => {
            page.blank();
            page.text("It lies on the store; `zenith pull` fetches it with its source.", Role::Quiet);
        }
    }
    Page { source_row, location, ..page.finish() }
}

/// A section of documentation, and the sections after it in its file.
pub fn section(
    chunks: &[DocChunk],
    file: &str,
    line: u32,
    location: Option<Location>,
    painter: &Painter,
) -> Page {
    let mut page = Builder::new(painter);
    let at = i32::try_from(line).unwrap_or(i32::MAX);
    let chunk = chunks.iter().find(|chunk| chunk.file_path == file && chunk.line_start == at);
    let Some(chunk) = chunk else {
        page.text("This section is no longer there; the package was indexed anew.", Role::Quiet);
        return page.finish();
    };
    let title = clean_line(chunk.section_title.as_deref().unwrap_or_default());
    page.title(&[painter.span(if title.is_empty() { clean_line(file) } else { title }, Role::Strong)]);
    page.text(&format!("{} {} · {}:{line}", chunk.package, chunk.version, clean_line(file)), Role::Quiet);
    page.blank();
    page.lines.extend(markdown::render(&clean(&chunk.content), painter));
    Page { location, ..page.finish() }
}

/// What went wrong, in place of a page.
pub fn failed(why: &str, painter: &Painter) -> Page {
    let mut page = Builder::new(painter);
    page.text("This cannot be shown:", Role::Bad);
    page.text(&clean_line(why), Role::Text);
    page.finish()
}

/// What is worth knowing of a symbol before one reads on.
fn remarks(symbol: &ApiSymbol) -> Vec<(String, Role)> {
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

fn is_readme(chunk: &&DocChunk) -> bool {
    chunk.file_path.to_lowercase().starts_with("readme")
}

fn language(file: &str) -> &str {
    file.rsplit_once('.').map_or("rust", |(_, extension)| extension)
}

#[cfg(test)]
mod tests {
    use zenith_core::answers::{How, Relation};

    use super::super::paint::tests::painter;
    use super::*;

    fn sample() -> ApiSymbol {
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
        let page = symbol(&sample(), &[], None, &painter(60));
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
            tier: Tier::Public,
            package: "tokio".to_string(),
            version: "1.48.0".to_string(),
            file: "tests/block.rs".to_string(),
            line: 7,
            line_end: 7,
            within: None,
            whole: true,
            code: "spawn_blocking(|| 1);\u{1b}[2J".to_string(),
        };
        let shown = text(&symbol(&sample(), &[example], None, &painter(60)));
        let (place, source) = (shown.find("tests/block.rs:7").unwrap(), shown.find("Source ").unwrap());
        assert!(place < source && shown.contains("spawn_blocking(|| 1);"), "{shown}");
        assert!(!shown.contains('\u{1b}'), "{shown}");
    }

    #[test]
    fn a_narrow_page_folds_its_source_below_the_code() {
        let page = symbol(&sample(), &[], None, &painter(20));
        assert!(page.lines.iter().all(|line| line.width() <= 20), "{}", text(&page));
        assert!(text(&page).contains(" 99  pub fn spawn_bl\n         ocking() {\n"), "{}", text(&page));
    }

    #[test]
    fn an_empty_team_tier_says_how_to_join_one() {
        let page = tier(Tier::Team, Count::default(), 0, true, &painter(60));
        assert!(text(&page).contains("Sign in with an organisation"), "{}", text(&page));
    }
}
