//! A result in the list: what it is, and where there is room for a second line, what it is for and why it is here.

use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;
use zenith_core::search::{FoundBy, Hit, Words};

use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::flow::{truncate, truncate_start};
use crate::explorer::parts::kind::Kind;
use crate::explorer::parts::markdown;
use crate::explorer::parts::theme::Role;
use crate::text::clean_line;

const KIND_COLUMNS: usize = 8;
const TIER_COLUMNS: usize = 8;
/// Narrower lists go without the tier, then without the package and why a result is here.
const COLUMNS_WITH_TIER: u16 = 60;
const COLUMNS_WITH_PACKAGE: u16 = 44;
/// A shorter beginning of a signature says nothing.
const SIGNATURE_COLUMNS_MIN: usize = 8;
/// Columns of the bar, and the parts that each fills in.
const BAR_COLUMNS: usize = 5;
const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const FULL: &str = "█";

/// Draws a result on so many lines from a row on.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, row: usize, lines: usize, hit: &Hit, words: &mut Words) {
    draw_what(canvas, area, row, hit, words);
    if lines > 1 {
        draw_why(canvas, area, row + 1, hit, words);
    }
}

/// Its kind, its path and its signature, and at the right where it is from.
fn draw_what(canvas: &mut Canvas<'_>, area: Rect, row: usize, hit: &Hit, words: &mut Words) {
    let kind = Kind::parse(&hit.kind);
    let mut right = Line::default();
    if area.width >= COLUMNS_WITH_PACKAGE {
        let marks = [
            (hit.other_platform, "other platform  "),
            (hit.other_project, "another project  "),
            (hit.not_built().is_some(), "off here  "),
        ];
        let mark = marks.into_iter().find(|(is_so, _)| *is_so).map_or("", |(_, mark)| mark);
        right.push_span(canvas.span(mark, Role::Warning));
        right.push_span(canvas.span(format!("{}@{} ", hit.package, hit.version), Role::Quiet));
    }
    if area.width >= COLUMNS_WITH_TIER {
        right.push_span(canvas.span(format!("{:TIER_COLUMNS$}", hit.tier.as_str()), Role::Tier(hit.tier)));
    }
    let mut left = Line::from(canvas.span(format!(" {:KIND_COLUMNS$}", kind.word()), Role::Kind(kind)));
    let room = usize::from(area.width).saturating_sub(left.width() + right.width() + 1);
    let separator = if kind == Kind::Doc { " › " } else { "::" };
    let (before, name) = match hit.path.rfind(separator) {
        Some(at) => hit.path.split_at(at + separator.len()),
        None => ("", hit.path.as_str()),
    };
    // What it is called elsewhere says why it is here, so it may take half of the room.
    let alias = hit.alias.as_deref().map(|alias| truncate(&format!(" = {alias}"), room / 2));
    let room = room.saturating_sub(alias.as_deref().map_or(0, |alias| alias.width()));
    let name = truncate(name, room);
    let before = truncate_start(before, room.saturating_sub(name.width()));
    let room = room.saturating_sub(before.width() + name.width());
    push(canvas, &mut left, &before, Role::Quiet, &words.places_in_name(&before));
    push(canvas, &mut left, &name, Role::Strong, &words.places_in_name(&name));
    if let Some(alias) = alias {
        left.push_span(canvas.span(alias, Role::Match));
    }
    if room >= SIGNATURE_COLUMNS_MIN {
        let signature = truncate(&signature(&clean_line(&hit.signature), &hit.name), room);
        push(canvas, &mut left, &signature, Role::Quiet, &words.places(&signature));
    }
    canvas.put_sides(area, row, &left, &right);
}

/// What it is for, and at the right why it is here: the words that it has, and how near in meaning it is.
fn draw_why(canvas: &mut Canvas<'_>, area: Rect, row: usize, hit: &Hit, words: &mut Words) {
    let mut right = Line::default();
    if area.width >= COLUMNS_WITH_PACKAGE {
        let found = words.of_hit(hit);
        let (why, role) = match (found.is_empty(), hit.found_by) {
            (false, _) => (clean_line(&found.join(" ")), Role::Match),
            (true, FoundBy::Meaning) => ("by meaning".to_string(), Role::Quiet),
            (true, FoundBy::LikeName) => ("a name like it".to_string(), Role::Quiet),
            (true, FoundBy::Words) if words.is_empty() => (String::new(), Role::Quiet),
            // Further on than a list knows it: in its documentation, its code, or how it is used.
            (true, FoundBy::Words) => ("in its text".to_string(), Role::Quiet),
        };
        right.push_span(canvas.span(truncate(&why, usize::from(area.width) / 3), role));
        right.push_span(canvas.span(format!("  {} ", bar(hit.near)), Role::Accent));
    }
    let mut left = Line::from(canvas.span(" ".repeat(1 + KIND_COLUMNS), Role::Quiet));
    let room = usize::from(area.width).saturating_sub(left.width() + right.width() + 2);
    let summary = clean_line(&markdown::summary(&hit.doc));
    match summary.is_empty() {
        false => {
            let summary = truncate(&summary, room);
            push(canvas, &mut left, &summary, Role::Text, &words.places(&summary));
        }
        true => {
            left.push_span(canvas.span(truncate(&clean_line(&hit.place()), room), Role::Quiet));
        }
    }
    canvas.put_sides(area, row, &left, &right);
}

/// Text with the words of the query marked in it.
fn push(
    canvas: &Canvas<'_>,
    line: &mut Line<'static>,
    text: &str,
    role: Role,
    marks: &[zenith_core::search::Mark],
) {
    let mut done = 0;
    for mark in marks {
        let bytes = mark.bytes.clone();
        if let (Some(before), Some(found)) = (text.get(done..bytes.start), text.get(bytes.clone())) {
            line.push_span(canvas.span(before, role));
            line.push_span(canvas.span(found, Role::Match));
            done = bytes.end;
        }
    }
    line.push_span(canvas.span(&text[done..], role));
}

/// What a signature says beside the name, which the path has said: what stands behind it.
fn signature(signature: &str, name: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let stands_alone = |at: &usize| {
        let (before, after) = (&signature[..*at], &signature[*at + name.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    };
    let mut places = signature.match_indices(name).map(|(at, _)| at);
    match places.find(stands_alone).filter(|_| !name.is_empty()) {
        Some(at) => signature[at + name.len()..].to_string(),
        None if signature.is_empty() => String::new(),
        None => format!("  {signature}"),
    }
}

/// A cosine as a bar, as wide as all of it.
fn bar(near: f32) -> String {
    let all = BAR_COLUMNS * PARTS.len();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is within the bar")]
    let filled = (near.clamp(0.0, 1.0) * f32::from(u8::try_from(all).unwrap_or(u8::MAX))).round() as usize;
    let part = PARTS.get(filled % PARTS.len()).copied().unwrap_or_default();
    format!("{:BAR_COLUMNS$}", FULL.repeat(filled / PARTS.len()) + part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_goes_on_behind_the_name() {
        for (text, name, expected) in [
            ("pub fn spawn<F>(f: F) -> JoinHandle<F>", "spawn", "<F>(f: F) -> JoinHandle<F>"),
            ("pub fn respawn(spawn: u8)", "spawn", ": u8)"),
            ("pub const MAX: u32", "MAX", ": u32"),
            ("macro_rules! join", "join", ""),
            ("Less = -1", "Greater", "  Less = -1"),
            ("", "a", ""),
            ("fn ü()", "", "  fn ü()"),
            ("fn ü(ü: ü)", "ü", "(ü: ü)"),
        ] {
            assert_eq!(signature(text, name), expected, "{text}");
        }
    }

    #[test]
    fn a_bar_is_as_full_as_it_is_near() {
        let all = [-1.0, 0.0, 0.1, 0.5, 0.99, 1.0, 7.0, f32::NAN].map(bar);
        assert_eq!(all, ["     ", "     ", "▌    ", "██▌  ", "█████", "█████", "█████", "     "]);
    }
}
