//! The switches above the results: how it searches, which tiers, and the filters of the line. What they show stands in
//! the line, and what they change is written there.

use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr;
use zenith_core::package::Tier;
use zenith_core::search::Mode;

use super::asked;
use crate::explorer::parts::flow::truncate;
use crate::text::clean_line;

/// Columns before the first of them, and between two.
const START: u16 = 3;
const GAP: u16 = 2;
/// Columns between groups.
const GROUP_GAP: u16 = 3;

/// What a switch does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Press {
    Mode(Mode),
    Tier(Option<Tier>),
    /// Takes a filter out of the line.
    Drop(String),
}

/// One of them, where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    pub label: String,
    pub is_on: bool,
    pub press: Press,
    pub area: Rect,
}

/// All of them, as they stand in an area.
pub fn switches(line: &str, mode: Mode, area: Rect) -> Vec<Switch> {
    let tiers = asked::tiers(line);
    let modes = [Mode::Hybrid, Mode::Text, Mode::Vector];
    let modes = modes.map(|each| (each.to_string(), each == mode, Press::Mode(each)));
    let all = ("all tiers".to_string(), tiers.is_empty(), Press::Tier(None));
    let each = Tier::ALL.map(|tier| (tier.to_string(), tiers.contains(&tier), Press::Tier(Some(tier))));
    let chips = asked::filters(line).into_iter().map(|word| (format!("{word} ×"), true, Press::Drop(word)));
    let groups: [Vec<(String, bool, Press)>; 3] =
        [modes.into(), std::iter::once(all).chain(each).collect(), chips.collect()];
    let mut x = area.x.saturating_add(START);
    let mut switches = Vec::new();
    for group in groups {
        for (label, is_on, press) in group {
            let width = u16::try_from(label.width()).unwrap_or(u16::MAX);
            let place = Rect { x, width, ..area }.intersection(area);
            x = x.saturating_add(width).saturating_add(GAP);
            let label = truncate(&clean_line(&label), usize::from(place.width));
            switches.push(Switch { label, is_on, press, area: place });
        }
        x = x.saturating_add(GROUP_GAP);
    }
    switches
}

/// The one at a position.
pub fn at(switches: Vec<Switch>, position: Position) -> Option<Press> {
    switches.into_iter().find(|switch| switch.area.contains(position)).map(|switch| switch.press)
}
