//! The page of a package.

use zenith_core::answers::Offer;
use zenith_core::catalog::{CatalogEntry, Status};
use zenith_core::lake::{DocChunk, LeftOut};
use zenith_core::package::Tier;

use super::copies::documented_at;
use super::{Location, Page};
use crate::explorer::parts::builder::Builder;
use crate::explorer::parts::clock::{ago, now_ms};
use crate::explorer::parts::markdown;
use crate::explorer::parts::paint::Painter;
use crate::explorer::parts::standing::Standing;
use crate::explorer::parts::theme::Role;
use crate::left_out::{how_to_lift, of_all};
use crate::text::{clean, clean_line, grouped};

/// Features that are told by name.
const FEATURES_SHOWN: usize = 40;

/// What is known of a package beside its row in the catalog.
#[derive(Debug, Default)]
pub struct Known {
    pub chunks: Vec<DocChunk>,
    pub offer: Offer,
    pub left_out: Option<LeftOut>,
    /// Its manifest.
    pub location: Option<Location>,
}

/// What one needs to use a package, what is known of it, then the first pages of its documentation.
pub fn page(entry: &CatalogEntry, standing: Standing, known: &Known, painter: &Painter) -> Page {
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
        (Status::Interrupted, _) => {
            page.text("Its indexing was interrupted; the next index goes on with it.", Role::Warning);
            page.blank();
        }
        _ => {}
    }
    use_of(entry, &known.offer, &mut page);
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
        match known.left_out {
            Some(left_out) => {
                page.fact("Symbols", &of_all(entry.symbol_count, left_out));
                let all = left_out.left_out.saturating_add(entry.symbol_count);
                page.below_fact(&format!("the rest is left out; {}", how_to_lift(all)), Role::Warning);
            }
            None => page.fact("Symbols", &grouped(entry.symbol_count)),
        }
        page.fact("Sections", &grouped(entry.chunk_count));
    }
    if let Some(model) = &entry.embedding_model {
        page.fact("Model", &clean_line(model));
    }
    if let Some(at_ms) = entry.indexed_at_ms {
        page.fact("Indexed", &ago(at_ms, now_ms()));
    }
    let text = first_pages(&known.chunks);
    if let (Some(file), false) = (first_file(&known.chunks), text.is_empty()) {
        page.rule(&clean_line(file));
        page.lines.extend(markdown::render(&text, painter));
    }
    Page { location: known.location.clone(), ..page.finish() }
}

/// How one gets it, what can be turned on, and where more is to be read.
fn use_of(entry: &CatalogEntry, offer: &Offer, page: &mut Builder<'_>) {
    let links = [("Documentation", documented_at(entry)), ("Repository", entry.repo_url.clone())];
    let facts = [
        ("Add", offer.add.clone()),
        ("Features", features(offer)),
        ("Rust", offer.rust_version.as_ref().map(|version| format!("{version} or newer"))),
    ];
    let known = facts.into_iter().chain(links).filter_map(|(name, value)| Some((name, value?)));
    let known: Vec<_> = known.collect();
    for (name, value) in &known {
        page.fact(name, &clean_line(value));
    }
    if !known.is_empty() {
        page.blank();
    }
}

/// Those that are on where nobody asks for others, and the others.
fn features(offer: &Offer) -> Option<String> {
    let list = |names: &[String]| {
        let shown = names.iter().take(FEATURES_SHOWN).cloned().collect::<Vec<_>>().join(", ");
        match names.len().saturating_sub(FEATURES_SHOWN) {
            0 => shown,
            more => format!("{shown} and {more} more"),
        }
    };
    match (offer.default.is_empty(), offer.optional.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("{} by default", list(&offer.default))),
        (true, false) => Some(format!("{}; none by default", list(&offer.optional))),
        (false, false) => {
            Some(format!("{} by default; also {}", list(&offer.default), list(&offer.optional)))
        }
    }
}

/// The README, else what documentation is first.
fn first_file(chunks: &[DocChunk]) -> Option<&str> {
    chunks.iter().find(is_readme).or(chunks.first()).map(|chunk| chunk.file_path.as_str())
}

pub fn first_pages(chunks: &[DocChunk]) -> String {
    let file = first_file(chunks);
    let sections = chunks.iter().filter(|chunk| Some(chunk.file_path.as_str()) == file);
    sections.map(|chunk| clean(&chunk.content)).collect::<Vec<_>>().join("\n\n")
}

fn is_readme(chunk: &&DocChunk) -> bool {
    chunk.file_path.to_lowercase().starts_with("readme")
}

#[cfg(test)]
mod tests {
    use zenith_core::identity::Scope;
    use zenith_core::package::PackageId;

    use super::*;
    use crate::explorer::parts::theme::{Appearance, Depth, Theme};

    fn lines(known: &Known) -> Vec<String> {
        let theme = Theme { appearance: Appearance::Dark, depth: Depth::Full };
        let painter = Painter { theme, width: 70, highlighter: None };
        let entry = CatalogEntry {
            scope: Scope::Public,
            id: PackageId::rust("serde", "1.0.0").unwrap(),
            description: Some("what serde is for".to_string()),
            repo_url: Some("https://example.org/ser\u{1b}[31mde".to_string()),
            symbol_count: 1234,
            chunk_count: 5,
            source_cached: true,
            dataset: Some("lance/serde".to_string()),
            embedding_model: None,
            status: Status::Ready,
            claim: None,
            error: None,
            indexed_by: None,
            indexed_at_ms: None,
        };
        let page = page(&entry, Standing::Direct, known, &painter);
        page.lines.iter().map(|line| line.to_string().trim_end().to_string()).collect()
    }

    #[test]
    fn what_one_needs_stands_first() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let offer = Offer {
            add: Some("cargo add serde@1.0.0".to_string()),
            default: names(&["std"]),
            optional: names(&["derive", "rc"]),
            rust_version: Some("1.56".to_string()),
        };
        let lines = lines(&Known { offer, ..Known::default() });
        let expected = [
            "serde 1.0.0",
            "",
            "what serde is for",
            "",
            "Add           cargo add serde@1.0.0",
            "Features      std by default; also derive, rc",
            "Rust          1.56 or newer",
            "Documentation https://docs.rs/serde/1.0.0/",
            "Repository    https://example.org/serde",
            "",
            "Tier          public",
        ];
        assert_eq!(lines[..expected.len()], expected);
    }

    #[test]
    fn what_is_left_out_is_told_with_how_to_lift_it() {
        let left_out = Some(LeftOut { left_out: 40_000, symbols_max: 1_234 });
        let lines = lines(&Known { left_out, ..Known::default() });
        assert!(lines.contains(&"Symbols       1,234 of 41,234".to_string()), "{lines:#?}");
        assert!(lines.join(" ").contains("the rest is left out; ZENITH_SYMBOLS=50000"), "{lines:#?}");
    }
}
