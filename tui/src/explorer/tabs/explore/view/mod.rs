//! How it looks.

mod packages;
mod tree;

use super::Explore;
use super::columns::{Columns, Focus};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::tabs::Seen;

const HINT: &str = "filter by name";

pub fn draw(canvas: &mut Canvas<'_>, tab: &Explore, seen: &Seen<'_>) {
    let (columns, focus) = (tab.columns(seen.area), tab.focus());
    let Columns { dividers, page, bar, bar_of_focus, .. } = columns;
    dividers.into_iter().for_each(|divider| canvas.rule(divider));
    canvas.rule(bar);
    canvas.bar(bar_of_focus);
    let is_typing = |list| tab.pane == Pane::Input && focus == list;
    let column = columns.packages;
    packages::draw_head(canvas, column.head, &tab.packages, seen);
    canvas.input(column.filter, " / ", &tab.packages.filter, is_typing(Focus::Packages), HINT);
    packages::draw(canvas, column.list, &tab.packages, focus == Focus::Packages, seen);
    if let Some(opened) = tab.shown_tree() {
        let column = columns.tree;
        tree::draw_head(canvas, column.head, opened, tab.is_inside);
        canvas.input(column.filter, " / ", &opened.filter, is_typing(Focus::Tree), HINT);
        tree::draw(canvas, column.list, opened, focus == Focus::Tree);
    }
    tab.preview.draw(canvas, page, focus == Focus::Page);
}
