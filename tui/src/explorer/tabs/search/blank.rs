//! What stands in place of results.

use ratatui::layout::Rect;
use ratatui::text::Line;
use zenith_core::package::Tier;

use super::{Search, asked};
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::theme::Role;
use crate::explorer::world::World;
use crate::text::clean_line;

/// Columns of a line that can be chosen.
const CHOICE_COLUMNS: usize = 26;

/// Why nothing was found, and what finds more.
pub fn say_nothing_found(canvas: &mut Canvas<'_>, area: Rect, tab: &Search, world: &World) {
    let why = match (&asked::tiers(tab.input.value())[..], world.indexing.is_running()) {
        ([Tier::Team], _) => {
            "Nothing in the team tier is like that. It has what an organisation shares, once you sign in."
        }
        ([_, ..], _) => "Nothing in this tier is like that. Search all tiers, or other words.",
        ([], true) => "Nothing is like that among what is indexed so far; results come as indexing goes on.",
        ([], false) => "Nothing is like that. Fewer words find more; check the filters.",
    };
    canvas.say(area, Role::Text, "No results", &[why]);
}

/// Lines that can be chosen.
pub fn draw_choices(canvas: &mut Canvas<'_>, area: Rect, tab: &Search) {
    let offset = tab.cursor.offset;
    for (row, (index, choice)) in tab.choices.iter().enumerate().skip(offset).enumerate() {
        if index == tab.cursor.selected {
            canvas.select(area, row, !tab.is_reading);
        }
        let name = format!("   {:CHOICE_COLUMNS$} ", clean_line(&choice.line));
        let line = vec![canvas.span(name, Role::Code), canvas.span(choice.what, Role::Quiet)];
        canvas.put(area, row, &Line::from(line));
    }
}
