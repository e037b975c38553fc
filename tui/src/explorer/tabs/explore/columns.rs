//! How it parts its place: list and page, and where there is room packages, tree and page beside each other.

use ratatui::layout::{Position, Rect};

use super::Explore;
use crate::explorer::parts::areas::{Areas, Pane, inset, take_bottom, take_left, take_top};

/// Narrower places show the page below the list.
const COLUMNS_BESIDE: u16 = 76;
/// Narrower places show packages or a tree, not both.
pub const COLUMNS_THREE: u16 = 140;
/// Lower places have no line below the columns.
const ROWS_WITH_BAR: u16 = 12;

/// What has the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    Packages,
    Tree,
    Page,
}

/// The parts of a list. A part that does not fit is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// What it shows.
    pub head: Rect,
    /// The line that filters it.
    pub filter: Rect,
    pub list: Rect,
}

/// Where everything stands. What does not show is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    pub packages: Column,
    pub tree: Column,
    /// The lines between.
    pub dividers: [Rect; 2],
    pub page: Rect,
    /// The line below the columns, and what of it is below the one with the focus.
    pub bar: Rect,
    pub bar_of_focus: Rect,
}

impl Explore {
    pub fn columns(&self, mut area: Rect) -> Columns {
        let mut columns = Columns::default();
        let is_beside = area.width >= COLUMNS_BESIDE;
        if is_beside && area.height >= ROWS_WITH_BAR {
            columns.bar = take_bottom(&mut area, 1);
        }
        let is_typing = |focus| self.pane == Pane::Input && self.focus_of_list() == focus;
        let mut packages = Rect::default();
        let mut tree = Rect::default();
        if area.width >= COLUMNS_THREE {
            let width = area.width;
            packages = take_left(&mut area, (width / 4).clamp(34, 46));
            columns.dividers[0] = take_left(&mut area, 1);
            tree = take_left(&mut area, (width * 3 / 10).clamp(40, 60));
            columns.dividers[1] = take_left(&mut area, 1);
            columns.page = inset(area);
        } else {
            let mut areas = Areas::default();
            let width = (area.width * 2 / 5).clamp(32, 56);
            let list = areas.split(area, width, is_beside, self.pane);
            (columns.dividers[0], columns.page) = (areas.divider, areas.preview);
            match self.focus_of_list() {
                Focus::Tree => tree = list,
                _ => packages = list,
            }
        }
        let has_filter = is_typing(Focus::Packages) || self.packages.is_filtered();
        columns.packages = column(packages, has_filter);
        // Beside the packages there is always a line that says how to filter it.
        let is_filtered = self.shown_tree().is_some_and(|opened| !opened.filter.value().is_empty());
        let has_filter =
            is_typing(Focus::Tree) || is_filtered || (packages.width > 0 && self.shown_tree().is_some());
        columns.tree = column(tree, has_filter);
        let focused = match self.focus() {
            Focus::Packages => packages,
            Focus::Tree => tree,
            // With the margin beside it.
            Focus::Page => {
                Rect { x: columns.page.x.saturating_sub(1), width: columns.page.width + 2, ..columns.page }
            }
        };
        columns.bar_of_focus =
            Rect { x: focused.x, width: focused.width, ..columns.bar }.intersection(columns.bar);
        columns
    }

    /// The parts of the list that acts, and of the page.
    pub fn areas(&self, area: Rect) -> Areas {
        let columns = self.columns(area);
        let Column { head, filter, list } = match self.focus_of_list() {
            Focus::Tree => columns.tree,
            _ => columns.packages,
        };
        let (divider, preview) = (columns.dividers[0], columns.page);
        Areas { head, switches: filter, list, divider, preview, ..Areas::default() }
    }

    pub fn focus(&self) -> Focus {
        if self.pane == Pane::Preview { Focus::Page } else { self.focus_of_list() }
    }

    /// The list that acts, also while one reads the page.
    pub fn focus_of_list(&self) -> Focus {
        if self.inside().is_some() { Focus::Tree } else { Focus::Packages }
    }
}

impl Columns {
    /// Whether packages and tree show beside each other.
    pub fn are_three(&self) -> bool {
        self.packages.list.width > 0 && self.tree.list.width > 0
    }
}

impl Column {
    pub fn contains(&self, at: Position) -> bool {
        [self.head, self.filter, self.list].iter().any(|area| area.contains(at))
    }
}

fn column(mut area: Rect, has_filter: bool) -> Column {
    let head = take_top(&mut area, 1);
    let filter = take_top(&mut area, u16::from(has_filter));
    Column { head, filter, list: area }
}
