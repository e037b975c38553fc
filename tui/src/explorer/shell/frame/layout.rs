//! Where the parts of the frame stand. The same areas serve the drawing and the mouse.

use ratatui::layout::{Rect, Size};
use unicode_width::UnicodeWidthStr;

use super::notice;
use crate::explorer::parts::areas::{take_bottom, take_top};
use crate::explorer::shell::app::App;
use crate::explorer::shell::overlay::Overlay;

/// Smaller screens have no lines around a list above them.
const ROWS_FRAMED: u16 = 9;
const COLUMNS_FRAMED: u16 = 30;
/// Lower screens go without lines between the parts.
const ROWS_RULED: u16 = 12;
/// Narrower screens name the tab that shows alone, the others by their numbers.
const COLUMNS_NAMED: u16 = 80;
/// Columns before the first tab: the program's name.
const TABS_START: u16 = 9;

/// The parts of the frame. A part that does not fit is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    pub tabs: Rect,
    /// Of each tab, where its name stands.
    pub labels: Vec<Rect>,
    /// The line below the tabs.
    pub rule: Rect,
    /// The place of the tab that shows.
    pub body: Rect,
    pub progress: Rect,
    /// What is said, above the hints.
    pub notice: Rect,
    pub status: Rect,
    /// The list above everything.
    pub overlay: Rect,
    /// Whether there is room for lines around it.
    pub is_framed: bool,
    /// Whether there is room for lines between the parts.
    pub is_roomy: bool,
}

impl Frame {
    pub fn of(app: &App) -> Frame {
        let Size { width, height } = app.size;
        let screen = Rect::new(0, 0, width, height);
        let is_framed = height >= ROWS_FRAMED && width >= COLUMNS_FRAMED;
        let overlay = app.overlay.as_ref().map(|open| overlay(screen, is_framed, open)).unwrap_or_default();
        let is_roomy = height >= ROWS_RULED;
        let mut frame = Frame { overlay, is_framed, is_roomy, ..Frame::default() };
        let mut rest = screen;
        frame.tabs = take_top(&mut rest, 1);
        frame.labels = labels(frame.tabs, app);
        frame.status = take_bottom(&mut rest, 1);
        frame.notice = take_bottom(&mut rest, notice::rows(app, width));
        frame.progress = take_bottom(&mut rest, app.progress_rows());
        if frame.is_roomy {
            frame.rule = take_top(&mut rest, 1);
        }
        frame.body = rest;
        frame
    }

    /// Where the overlay's rows stand: inside its border, below its title and its filter.
    pub fn overlay_rows(&self) -> Rect {
        let Rect { x, y, width, height } = self.overlay;
        if self.is_framed {
            Rect::new(x + 2.min(width), y + 3.min(height), width.saturating_sub(4), height.saturating_sub(4))
        } else {
            // The first column is that of the mark.
            Rect::new(x + 1.min(width), y + 1.min(height), width.saturating_sub(1), height.saturating_sub(1))
        }
    }
}

/// What the tab at a place of the list is called where there is so much room.
pub fn label(app: &App, index: usize) -> String {
    let number = index + 1;
    match app.tabs.get(index) {
        Some(tab) if index == app.shown || app.size.width >= COLUMNS_NAMED => {
            format!("{number} {}", tab.name())
        }
        _ => number.to_string(),
    }
}

fn labels(tabs: Rect, app: &App) -> Vec<Rect> {
    let mut x = tabs.x + TABS_START;
    let place = |index: usize| {
        let width = u16::try_from(label(app, index).width() + 2).unwrap_or(u16::MAX);
        let area = Rect::new(x, tabs.y, width, tabs.height).intersection(tabs);
        x = x.saturating_add(width);
        area
    };
    (0..app.tabs.len()).map(place).collect()
}

/// As high as what is in it, which stays so while one filters. The hints below it stay.
fn overlay(screen: Rect, is_framed: bool, open: &Overlay) -> Rect {
    if !is_framed {
        return Rect { height: screen.height.saturating_sub(1), ..screen };
    }
    let width = screen.width.min(84);
    let lines = u16::try_from(open.len(usize::from(width.saturating_sub(4)))).unwrap_or(u16::MAX);
    let height = lines.max(1).saturating_add(4).min(screen.height.saturating_sub(2)).min(36);
    Rect::new((screen.width - width) / 2, (screen.height - height) / 2, width, height)
}
