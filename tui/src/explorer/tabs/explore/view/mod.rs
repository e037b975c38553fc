//! How it looks.

mod packages;
mod tree;

use super::Explore;
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::tabs::Seen;

pub fn draw(canvas: &mut Canvas<'_>, tab: &Explore, seen: &Seen<'_>) {
    let (areas, pane) = (tab.areas(seen.area), tab.pane);
    canvas.rule(areas.divider);
    canvas.input(areas.switches, " / ", tab.filter(), pane == Pane::Input, "filter by name");
    match &tab.opened {
        Some(opened) => {
            tree::draw_head(canvas, areas.head, opened);
            tree::draw(canvas, areas.list, opened, pane != Pane::Preview);
        }
        None => {
            packages::draw_head(canvas, areas.head, &tab.packages, seen);
            packages::draw(canvas, areas.list, &tab.packages, pane != Pane::Preview, seen);
        }
    }
    tab.preview.draw(canvas, areas.preview, pane == Pane::Preview);
}
