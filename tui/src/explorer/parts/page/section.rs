//! The page of a section of documentation, and of what cannot be shown.

use zenith_core::lake::DocChunk;

use super::{Location, Page};
use crate::explorer::parts::builder::Builder;
use crate::explorer::parts::markdown;
use crate::explorer::parts::paint::Painter;
use crate::explorer::parts::theme::Role;
use crate::text::{clean, clean_line};

const GONE: &str = "This section is no longer there; the package was indexed anew.";

/// A section of documentation, and the sections after it in its file.
pub fn page(
    chunks: &[DocChunk],
    file: &str,
    line: u32,
    location: Option<Location>,
    painter: &Painter,
) -> Page {
    let mut page = Builder::new(painter);
    let Some(chunk) = find(chunks, file, line) else {
        page.text(GONE, Role::Quiet);
        return page.finish();
    };
    let title = clean_line(chunk.section_title.as_deref().unwrap_or_default());
    page.title(&[painter.span(if title.is_empty() { clean_line(file) } else { title }, Role::Strong)]);
    page.text(&format!("{} {} · {}:{line}", chunk.package, chunk.version, clean_line(file)), Role::Quiet);
    page.blank();
    page.lines.extend(markdown::render(&clean(&chunk.content), painter));
    Page { location, ..page.finish() }
}

/// The same as it is written.
pub fn source(
    chunks: &[DocChunk],
    file: &str,
    line: u32,
    location: Option<Location>,
    painter: &Painter,
) -> Page {
    let mut page = Builder::new(painter);
    page.title(&[painter.span(format!("{}:{line}", clean_line(file)), Role::Strong)]);
    page.blank();
    match find(chunks, file, line) {
        Some(chunk) => page.source(&clean(&chunk.content), line, "md"),
        None => page.text(GONE, Role::Quiet),
    }
    Page { location, ..page.finish() }
}

/// What there is of items alone.
pub fn of_items_alone(what: &str, painter: &Painter) -> Page {
    let mut page = Builder::new(painter);
    page.text(&format!("This is a section of documentation; {what} are known of items."), Role::Quiet);
    page.finish()
}

/// The section that begins at a line of a file.
pub fn find<'a>(chunks: &'a [DocChunk], file: &str, line: u32) -> Option<&'a DocChunk> {
    let at = i32::try_from(line).unwrap_or(i32::MAX);
    chunks.iter().find(|chunk| chunk.file_path == file && chunk.line_start == at)
}

/// What went wrong, in place of a page.
pub fn failed(why: &str, painter: &Painter) -> Page {
    let mut page = Builder::new(painter);
    page.text("This cannot be shown:", Role::Bad);
    page.text(&clean_line(why), Role::Text);
    page.finish()
}
