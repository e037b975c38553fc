//! How it looks.

use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use zenith_core::catalog::{CatalogEntry, Status};
use zenith_core::package::Tier;

use super::Explore;
use super::opened::OpenPackage;
use super::packages::PackageRow;
use crate::count::Count;
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::standing::Standing;
use crate::explorer::parts::theme::Role;
use crate::explorer::parts::tree::Node;
use crate::explorer::tabs::Seen;
use crate::explorer::world::{Catalog, World};
use crate::text::{counted, grouped};

pub fn draw(canvas: &mut Canvas<'_>, tab: &Explore, seen: &Seen<'_>) {
    let (areas, pane) = (tab.areas(seen.area), tab.pane);
    canvas.rule(areas.divider);
    draw_head(canvas, areas.head, tab);
    canvas.input(areas.switches, " / ", tab.filter(), pane == Pane::Input, "filter by name");
    match &tab.opened {
        Some(opened) => draw_tree(canvas, areas.list, opened, pane != Pane::Preview),
        None => draw_packages(canvas, areas.list, tab, seen.world),
    }
    tab.preview.draw(canvas, areas.preview, pane == Pane::Preview);
}

fn draw_head(canvas: &mut Canvas<'_>, area: Rect, tab: &Explore) {
    let Some(opened) = &tab.opened else {
        let left = Line::from(vec![Span::raw(" "), canvas.span("Packages", Role::Heading)]);
        return canvas.put(area, 0, &left);
    };
    let left = Line::from(vec![
        canvas.span(" ‹ ", Role::Quiet),
        canvas.span(opened.entry.id.name(), Role::Heading),
        canvas.span(format!(" {}", opened.entry.id.version()), Role::Quiet),
    ]);
    let count = opened.tree().map_or(0, |tree| u64::try_from(tree.symbols).unwrap_or(u64::MAX));
    let right = match opened.tree().is_some() {
        true => Line::from(canvas.span(format!("{} ", counted(count, "symbol")), Role::Quiet)),
        false => Line::default(),
    };
    canvas.put_sides(area, 0, &left, &right);
}

fn draw_packages(canvas: &mut Canvas<'_>, area: Rect, tab: &Explore, world: &World) {
    let list = &tab.packages;
    if list.rows.is_empty() {
        if world.catalog == Catalog::Opening {
            canvas.put(area, 0, &Line::from(canvas.span(" opening the data folder…", Role::Quiet)));
        }
        return;
    }
    let shown = list.rows.iter().enumerate().skip(list.cursor.offset).take(usize::from(area.height));
    for (row, (index, package)) in shown.enumerate() {
        if index == list.cursor.selected {
            canvas.select(area, row, tab.pane != Pane::Preview);
        }
        match package {
            PackageRow::Tier { tier, expanded, packages, .. } => {
                draw_tier(canvas, area, row, *tier, *expanded, *packages);
            }
            PackageRow::Package { entry, standing } => {
                draw_package(canvas, area, row, entry, *standing, world)
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

fn draw_package(
    canvas: &mut Canvas<'_>,
    area: Rect,
    row: usize,
    entry: &CatalogEntry,
    standing: Standing,
    world: &World,
) {
    let (mark, role) = match standing {
        Standing::Direct => ("   • ", Role::Strong),
        Standing::Indirect | Standing::Alone => ("     ", Role::Text),
        Standing::OtherPlatform | Standing::Elsewhere => ("     ", Role::Quiet),
    };
    let left = Line::from(vec![
        canvas.span(mark, Role::Accent),
        canvas.span(entry.id.name(), role),
        canvas.span(format!(" {}", entry.id.version()), Role::Quiet),
    ]);
    let (state, role) = match entry.status {
        Status::Ready => (grouped(entry.symbol_count), Role::Quiet),
        Status::Failed => ("failed".to_string(), Role::Bad),
        Status::Claimed if world.indexing.current.contains(&entry.id) => {
            ("indexing…".to_string(), Role::Warning)
        }
        Status::Claimed => ("waiting".to_string(), Role::Quiet),
    };
    let badge = if standing == Standing::OtherPlatform { "other platform  " } else { "" };
    let right = Line::from(vec![canvas.span(badge, Role::Warning), canvas.span(format!("{state} "), role)]);
    canvas.put_sides(area, row, &left, &right);
}

fn draw_tree(canvas: &mut Canvas<'_>, area: Rect, opened: &OpenPackage, has_focus: bool) {
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
    let rows = shown.iter().enumerate().skip(opened.cursor.offset).take(usize::from(area.height));
    for (row, (index, id)) in rows.enumerate() {
        let Some(node) = tree.node(*id) else { continue };
        if index == opened.cursor.selected {
            canvas.select(area, row, has_focus);
        }
        draw_node(canvas, area, row, node, opened.fold(*id));
    }
}

fn draw_node(canvas: &mut Canvas<'_>, area: Rect, row: usize, node: &Node, fold: Option<bool>) {
    let arrow = match fold {
        Some(true) => "▾ ",
        Some(false) => "▸ ",
        None => "  ",
    };
    // Deep trees keep half of the row for names.
    let indent = (2 * usize::from(node.depth)).min(usize::from(area.width / 2));
    let line = Line::from(vec![
        Span::raw(" ".repeat(indent + 1)),
        canvas.span(arrow, Role::Quiet),
        canvas.span(node.kind.glyph(), Role::Kind(node.kind)),
        Span::raw(" "),
        canvas.span(node.name.clone(), if node.kind.is_folder() { Role::Strong } else { Role::Text }),
    ]);
    canvas.put_sides(area, row, &line, &Line::default());
}
