//! The page of a package.

use zenith_core::catalog::{CatalogEntry, Status};
use zenith_core::lake::DocChunk;
use zenith_core::package::Tier;

use super::{Location, Page};
use crate::explorer::parts::builder::Builder;
use crate::explorer::parts::clock::{ago, now_ms};
use crate::explorer::parts::markdown;
use crate::explorer::parts::paint::Painter;
use crate::explorer::parts::standing::Standing;
use crate::explorer::parts::theme::Role;
use crate::text::{clean, clean_line, grouped};

/// What is known of a package, then the first pages of its documentation.
pub fn page(
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

fn is_readme(chunk: &&DocChunk) -> bool {
    chunk.file_path.to_lowercase().starts_with("readme")
}
