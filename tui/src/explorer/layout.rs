//! Where things stand on the screen. The same areas serve the drawing, the mouse and the bounds of
//! the lists.

use ratatui::layout::{Position, Rect, Size};

use super::app::{App, Pane, Tab};

/// Narrower screens show the preview below the list.
const COLUMNS_BESIDE_EXPLORE: u16 = 76;
const COLUMNS_BESIDE_SEARCH: u16 = 124;
const COLUMNS_BESIDE_SPIKES: u16 = 150;
/// Lower screens show the preview instead of the list.
const ROWS_BELOW: u16 = 14;
/// Lower screens go without lines between the parts.
const ROWS_RULED: u16 = 12;

/// Narrower screens name the tab that shows alone, the others by their numbers.
const COLUMNS_NAMED: u16 = 58;

pub const TABS: [(Tab, &str); 4] = [
    (Tab::Explore, "1 Explore"),
    (Tab::Search, "2 Search"),
    (Tab::Spikes, "3 Spikes"),
    (Tab::Status, "4 Status"),
];
/// Columns before the first tab: the program's name.
const TABS_START: u16 = 10;

/// The parts of the screen. A part that does not fit is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    pub tabs: Rect,
    pub tab_labels: [Rect; TABS.len()],
    /// The line below the tabs.
    pub rule: Rect,
    /// What the list shows, or the line that one types.
    pub head: Rect,
    /// The switches of a search, or the line that filters a list.
    pub switches: Rect,
    pub list: Rect,
    /// The line between list and preview.
    pub divider: Rect,
    pub preview: Rect,
    pub progress: Rect,
    pub status: Rect,
    /// The list above everything.
    pub overlay: Rect,
}

impl Areas {
    pub fn of(app: &App) -> Areas {
        let Size { width, height } = app.size;
        let screen = Rect::new(0, 0, width, height);
        let mut areas = Areas { overlay: overlay(screen), ..Areas::default() };
        let mut rest = screen;
        areas.tabs = take_top(&mut rest, 1);
        areas.tab_labels = tab_labels(areas.tabs, app.tab);
        areas.status = take_bottom(&mut rest, 1);
        areas.progress = take_bottom(&mut rest, app.progress_rows());
        if height >= ROWS_RULED {
            areas.rule = take_top(&mut rest, 1);
        }
        match app.tab {
            Tab::Explore => areas.explore(rest, app),
            Tab::Search => areas.search(rest, app),
            Tab::Spikes => areas.spikes(rest, app),
            Tab::Status => areas.status(rest),
        }
        areas
    }

    fn explore(&mut self, rest: Rect, app: &App) {
        let columns = (rest.width * 2 / 5).clamp(32, 56);
        let mut left = self.split(rest, columns, rest.width >= COLUMNS_BESIDE_EXPLORE, app.explore.pane);
        self.head = take_top(&mut left, 1);
        if app.explore.pane == Pane::Input || !app.explore.filter().value().is_empty() {
            self.switches = take_top(&mut left, 1);
        }
        self.list = left;
    }

    fn search(&mut self, mut rest: Rect, app: &App) {
        self.head = take_top(&mut rest, 1);
        if app.size.height >= ROWS_RULED {
            self.switches = take_top(&mut rest, 1);
            take_top(&mut rest, 1);
        }
        let beside = rest.width >= COLUMNS_BESIDE_SEARCH;
        self.list = self.split(rest, rest.width / 2, beside, app.search.pane);
    }

    fn spikes(&mut self, mut rest: Rect, app: &App) {
        self.head = take_top(&mut rest, 1);
        if app.size.height >= ROWS_RULED {
            self.switches = take_top(&mut rest, 1);
            take_top(&mut rest, 1);
        }
        let beside = rest.width >= COLUMNS_BESIDE_SPIKES;
        self.list = self.split(rest, rest.width * 3 / 5, beside, app.spikes.pane);
    }

    fn status(&mut self, rest: Rect) {
        let none = Rect { height: 0, ..rest };
        (self.head, self.list, self.preview) = (none, none, inset(rest));
    }

    /// Parts the preview from the list, and returns the list's part.
    fn split(&mut self, mut rest: Rect, columns: u16, beside: bool, pane: Pane) -> Rect {
        if beside {
            let list = take_left(&mut rest, columns);
            self.divider = take_left(&mut rest, 1);
            self.preview = inset(rest);
            list
        } else if rest.height >= ROWS_BELOW {
            let rows = rest.height * 2 / 5;
            let list = take_top(&mut rest, rows);
            self.divider = take_top(&mut rest, 1);
            self.preview = inset(rest);
            list
        } else if pane == Pane::Preview {
            self.preview = inset(rest);
            Rect::default()
        } else {
            rest
        }
    }

    /// The row of the list at a position of the screen.
    pub fn list_row(&self, position: Position) -> Option<usize> {
        self.list.contains(position).then(|| usize::from(position.y - self.list.y))
    }

    /// The line that one types.
    pub fn typed(&self, tab: Tab) -> Rect {
        match tab {
            Tab::Explore => self.switches,
            Tab::Search => self.head,
            // Nothing is typed there.
            Tab::Spikes | Tab::Status => Rect::default(),
        }
    }

    /// Where the overlay's rows stand: inside its border, below its title and its filter.
    pub fn overlay_rows(&self) -> Rect {
        let Rect { x, y, width, height } = self.overlay;
        Rect::new(x + 2.min(width), y + 3.min(height), width.saturating_sub(4), height.saturating_sub(4))
    }
}

fn overlay(screen: Rect) -> Rect {
    let (width, height) = (screen.width.min(84), screen.height.saturating_sub(2).min(36));
    Rect::new((screen.width - width) / 2, (screen.height - height) / 2, width, height)
}

/// What a tab is called where there is so much room.
pub fn tab_label(label: &str, is_shown: bool, columns: u16) -> &str {
    if is_shown || columns >= COLUMNS_NAMED { label } else { label.split(' ').next().unwrap_or(label) }
}

fn tab_labels(tabs: Rect, shown: Tab) -> [Rect; TABS.len()] {
    let mut x = tabs.x + TABS_START;
    TABS.map(|(tab, label)| {
        let label = tab_label(label, tab == shown, tabs.width);
        let width = u16::try_from(label.len() + 2).unwrap_or(u16::MAX);
        let area = Rect::new(x, tabs.y, width, tabs.height).intersection(tabs);
        x += width + 1;
        area
    })
}

/// A column of air on both sides of text; the right one is the scroll bar's.
fn inset(rect: Rect) -> Rect {
    Rect { x: rect.x + 1.min(rect.width), width: rect.width.saturating_sub(2), ..rect }
}

fn take_top(rect: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(rect.height);
    let taken = Rect { height: rows, ..*rect };
    (rect.y, rect.height) = (rect.y + rows, rect.height - rows);
    taken
}

fn take_bottom(rect: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(rect.height);
    rect.height -= rows;
    Rect { y: rect.y + rect.height, height: rows, ..*rect }
}

fn take_left(rect: &mut Rect, columns: u16) -> Rect {
    let columns = columns.min(rect.width);
    let taken = Rect { width: columns, ..*rect };
    (rect.x, rect.width) = (rect.x + columns, rect.width - columns);
    taken
}
