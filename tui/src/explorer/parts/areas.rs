//! How a tab parts its place on the screen. The same areas serve the drawing, the mouse and the bounds of the lists.

use ratatui::layout::{Position, Rect};

/// Lower places show the preview instead of the list.
const ROWS_BELOW: u16 = 14;

/// The part of a tab that has the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    #[default]
    List,
    /// A line of text: letters belong to it.
    Input,
    /// A page.
    Preview,
}

/// The parts of a tab. A part that does not fit is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// What the list shows, or the line that one types.
    pub head: Rect,
    /// The switches of a tab, or the line that filters a list.
    pub switches: Rect,
    pub list: Rect,
    /// The line between list and preview.
    pub divider: Rect,
    /// What of its subject the preview can show.
    pub parts: Rect,
    pub preview: Rect,
}

impl Areas {
    /// Parts the preview from the list, which has so many columns beside it, and returns the list's part.
    pub fn split(&mut self, mut rest: Rect, columns: u16, beside: bool, pane: Pane) -> Rect {
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

    pub fn list_height(&self) -> usize {
        usize::from(self.list.height)
    }

    pub fn preview_height(&self) -> usize {
        usize::from(self.preview.height)
    }
}

/// A column of air on both sides of text; the right one is the scroll bar's.
pub fn inset(rect: Rect) -> Rect {
    Rect { x: rect.x + 1.min(rect.width), width: rect.width.saturating_sub(2), ..rect }
}

pub fn take_top(rect: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(rect.height);
    let taken = Rect { height: rows, ..*rect };
    (rect.y, rect.height) = (rect.y + rows, rect.height - rows);
    taken
}

pub fn take_bottom(rect: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(rect.height);
    rect.height -= rows;
    Rect { y: rect.y + rect.height, height: rows, ..*rect }
}

pub fn take_left(rect: &mut Rect, columns: u16) -> Rect {
    let columns = columns.min(rect.width);
    let taken = Rect { width: columns, ..*rect };
    (rect.x, rect.width) = (rect.x + columns, rect.width - columns);
    taken
}
