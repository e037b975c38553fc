//! The tree of a package.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::fuzzy::Filter;
use crate::explorer::parts::theme::Role;
use crate::explorer::parts::tree::Node;
use crate::explorer::tabs::explore::opened::OpenPackage;
use crate::text::{clean_line, counted};

/// Which package it is, and how much is in it.
pub fn draw_head(canvas: &mut Canvas<'_>, area: Rect, opened: &OpenPackage, is_inside: bool) {
    let left = Line::from(vec![
        canvas.span(if is_inside { " ‹ " } else { " " }, Role::Quiet),
        canvas.span(opened.entry.id.name(), Role::Heading),
        canvas.span(format!(" {}", opened.entry.id.version()), Role::Quiet),
    ]);
    let right = match opened.tree() {
        Some(_) if opened.is_filtered() => "best first ".to_string(),
        Some(tree) => format!("{} ", counted(tree.symbols, "symbol")),
        None => String::new(),
    };
    canvas.put_sides(area, 0, &left, &Line::from(canvas.span(right, Role::Quiet)));
}

pub fn draw(canvas: &mut Canvas<'_>, area: Rect, opened: &OpenPackage, has_focus: bool) {
    let tree = match opened.tree.value() {
        Some(Ok(tree)) => tree,
        Some(Err(why)) => return canvas.say(area, Role::Bad, "This package cannot be shown", &[why]),
        None => return canvas.put(area, 0, &Line::from(canvas.span(" reading…", Role::Quiet))),
    };
    let shown = opened.shown();
    if shown.is_empty() {
        let why = match opened.is_filtered() {
            true => "Nothing here has a name like that. Esc clears the filter.",
            false => "Nothing of this package can be reached from outside it, and it has no documentation.",
        };
        return canvas.say(area, Role::Quiet, "", &[why]);
    }
    let mut found = Found::of(opened);
    let rows = shown.iter().enumerate().skip(opened.cursor.offset).take(usize::from(area.height));
    for (row, (index, id)) in rows.enumerate() {
        let Some(node) = tree.node(*id) else { continue };
        if index == opened.cursor.selected {
            canvas.select(area, row, has_focus);
        }
        draw_node(canvas, area, row, node, opened.fold(*id), found.as_mut());
    }
}

/// What was typed where the rows that show were made of it.
struct Found<'a> {
    filter: Filter,
    typed: &'a str,
}

impl Found<'_> {
    fn of(opened: &OpenPackage) -> Option<Found<'_>> {
        let filtered = opened.filtered.value().filter(|_| opened.is_filtered())?;
        Some(Found { filter: Filter::new(&filtered.typed)?, typed: &filtered.typed })
    }
}

fn draw_node(
    canvas: &mut Canvas<'_>,
    area: Rect,
    row: usize,
    node: &Node,
    fold: Option<bool>,
    found: Option<&mut Found<'_>>,
) {
    let arrow = match fold {
        Some(true) => "▾ ",
        Some(false) => "▸ ",
        None => "  ",
    };
    // Deep trees keep half of the row for names.
    let indent = (2 * usize::from(node.depth)).min(usize::from(area.width / 2));
    let mut left = Line::from(vec![
        Span::raw(" ".repeat(indent + 1)),
        canvas.span(arrow, Role::Quiet),
        canvas.span(node.kind.glyph(), Role::Kind(node.kind)),
        Span::raw(" "),
    ]);
    let role = if node.kind.is_folder() { Role::Strong } else { Role::Text };
    let (mut letters, mut right) = (Vec::new(), Line::default());
    if let Some(Found { filter, typed }) = found {
        letters = node.letters(filter, typed);
        // Why it is here, where its own name does not tell.
        if let Some(path) = node.found_as(filter, typed) {
            let path = clean_line(path);
            right.push_span(canvas.span("as ", Role::Quiet));
            right.extend(canvas.found(&path, &filter.letters(&path), Role::Quiet));
            right.push_span(Span::raw(" "));
        }
    }
    left.extend(canvas.found(&node.name, &letters, role));
    canvas.put_sides(area, row, &left, &right);
}
