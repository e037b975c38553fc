//! The list of packages.

use std::time::Duration;

use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use zenith_core::catalog::{CatalogEntry, Status};
use zenith_core::package::Tier;

use crate::count::Count;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::fuzzy::Filter;
use crate::explorer::parts::standing::Standing;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::Seen;
use crate::explorer::tabs::explore::packages::{PackageList, PackageRow};
use crate::explorer::tabs::explore::sort::Sort;
use crate::left_out::of_all;
use crate::text::{ago, grouped};

/// What the list shows, by what it is ordered, and how much of it a filter leaves.
pub fn draw_head(canvas: &mut Canvas<'_>, area: Rect, list: &PackageList, seen: &Seen<'_>) {
    let order = match list.is_filtered() {
        true => "best first".to_string(),
        false => format!("by {}", list.sort.word()),
    };
    let left = Line::from(vec![
        Span::raw(" "),
        canvas.span("Packages", Role::Heading),
        canvas.span(format!("  {order}"), Role::Quiet),
    ]);
    let right = match list.is_filtered() {
        true => format!("{} of {} ", grouped(list.left), grouped(seen.world.packages.len())),
        false => String::new(),
    };
    canvas.put_sides(area, 0, &left, &Line::from(canvas.span(right, Role::Quiet)));
}

pub fn draw(canvas: &mut Canvas<'_>, area: Rect, list: &PackageList, has_focus: bool, seen: &Seen<'_>) {
    if list.rows.is_empty() {
        if seen.world.is_opening() {
            canvas.put(area, 0, &Line::from(canvas.span(" opening the data folder…", Role::Quiet)));
        } else {
            let why = match list.is_filtered() {
                true => "No package has a name like that. Esc clears the filter.",
                false => "No package is indexed yet.",
            };
            canvas.say(area, Role::Quiet, "", &[why]);
        }
        return;
    }
    let mut filter = list.matcher();
    let shown = list.rows.iter().enumerate().skip(list.cursor.offset).take(usize::from(area.height));
    for (row, (index, package)) in shown.enumerate() {
        if index == list.cursor.selected {
            canvas.select(area, row, has_focus);
        }
        match package {
            PackageRow::Tier { tier, expanded, packages, .. } => {
                draw_tier(canvas, area, row, *tier, *expanded, *packages);
            }
            PackageRow::Package { entry, standing } => {
                let package = Package { entry, standing: *standing, sort: list.sort };
                draw_package(canvas, area, row, &package, filter.as_mut(), seen);
            }
        }
    }
}

fn draw_tier(canvas: &mut Canvas<'_>, area: Rect, row: usize, tier: Tier, expanded: bool, packages: Count) {
    let name = match tier {
        Tier::Public => "Public",
        Tier::Team => "Team",
        Tier::Private => "Private",
    };
    let arrow = match (packages.all, expanded) {
        (0, _) => "   ",
        (_, true) => " ▾ ",
        (_, false) => " ▸ ",
    };
    let style = canvas.theme.style(Role::Tier(tier)).add_modifier(Modifier::BOLD);
    let left = Line::from(vec![canvas.span(arrow, Role::Quiet), Span::styled(name, style)]);
    let others = match packages.others {
        0 => String::new(),
        others => format!(" + {} of other platforms", grouped(others)),
    };
    let here = grouped(packages.all.saturating_sub(packages.others));
    let right = canvas.span(format!("{here}{others} "), Role::Quiet);
    canvas.put_sides(area, row, &left, &Line::from(right));
}

/// A row of a package, in a list that is ordered so.
struct Package<'a> {
    entry: &'a CatalogEntry,
    standing: Standing,
    sort: Sort,
}

fn draw_package(
    canvas: &mut Canvas<'_>,
    area: Rect,
    row: usize,
    package: &Package<'_>,
    filter: Option<&mut Filter>,
    seen: &Seen<'_>,
) {
    let Package { entry, standing, sort } = *package;
    // Below the heading of their tier they are indented.
    let margin = if sort == Sort::Tier { "   " } else { " " };
    let (mark, role) = match standing {
        Standing::Direct => ("• ", Role::Strong),
        Standing::Indirect | Standing::Alone => ("  ", Role::Text),
        Standing::OtherPlatform | Standing::Elsewhere => ("  ", Role::Quiet),
    };
    let mut left = Line::from(canvas.span(format!("{margin}{mark}"), Role::Accent));
    let letters = filter.map_or_else(Vec::new, |filter| filter.letters(entry.id.name()));
    left.extend(canvas.found(entry.id.name(), &letters, role));
    left.push_span(canvas.span(format!(" {}", entry.id.version()), Role::Quiet));
    let (state, role) = match (entry.status, seen.world.left_out(entry)) {
        (Status::Ready, Some(left_out)) => (of_all(entry.symbol_count, left_out), Role::Warning),
        (Status::Ready, None) if sort == Sort::Age => (age(entry, seen.wall_ms), Role::Quiet),
        (Status::Ready, None) => (grouped(entry.symbol_count), Role::Quiet),
        (Status::Failed, _) => ("failed".to_string(), Role::Bad),
        (Status::Claimed | Status::Interrupted, _) if seen.world.indexing.current.contains(&entry.id) => {
            ("indexing…".to_string(), Role::Warning)
        }
        (Status::Claimed, _) => ("waiting".to_string(), Role::Quiet),
        (Status::Interrupted, _) => ("interrupted".to_string(), Role::Warning),
    };
    let mut right = Line::default();
    if standing == Standing::OtherPlatform {
        right.push_span(canvas.span("other platform  ", Role::Warning));
    }
    // Where no heading says it. What most packages are needs no word.
    if sort != Sort::Tier && entry.tier() != Tier::Public {
        right.push_span(canvas.span(format!("{}  ", entry.tier()), Role::Tier(entry.tier())));
    }
    right.push_span(canvas.span(format!("{state} "), role));
    canvas.put_sides(area, row, &left, &right);
}

/// How long ago a package was indexed.
fn age(entry: &CatalogEntry, wall_ms: i64) -> String {
    let age = entry.indexed_at_ms.and_then(|at_ms| u64::try_from(wall_ms.saturating_sub(at_ms)).ok());
    age.map_or_else(String::new, |age_ms| ago(Duration::from_millis(age_ms)))
}
