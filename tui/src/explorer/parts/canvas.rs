//! Where the parts of the screen are drawn.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};
use tui_input::Input;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::flow::wrap;
use super::fuzzy::marked;
use super::theme::{Role, Theme};

/// The cells of a frame, and what they are painted with.
pub struct Canvas<'a> {
    pub buffer: &'a mut Buffer,
    pub theme: Theme,
    /// Where the terminal's cursor shows, if anywhere.
    pub cursor: Option<Position>,
    /// Where it stands hidden elsewhere: on what is selected in what has the focus.
    pub stands: Option<Position>,
    /// The beginnings of selected rows, and whether they have the focus.
    selected: Vec<(Position, bool)>,
}

/// What selected rows begin with, so that they are seen without colour.
const MARK: &str = "▌";

impl<'a> Canvas<'a> {
    pub fn new(buffer: &'a mut Buffer, theme: Theme) -> Canvas<'a> {
        Canvas { buffer, theme, cursor: None, stands: None, selected: Vec::new() }
    }
}

impl Canvas<'_> {
    /// Blanks an area for something else, as what everything stands on.
    pub fn clear(&mut self, area: Rect) {
        let area = self.within(area);
        Clear.render(area, self.buffer);
        if let Some(ground) = self.theme.ground() {
            self.buffer.set_style(area, ground);
        }
    }

    /// A terminal that just shrank is smaller than the screen that was laid out.
    pub fn within(&self, area: Rect) -> Rect {
        area.intersection(self.buffer.area)
    }

    pub fn span(&self, text: impl Into<String>, role: Role) -> Span<'static> {
        Span::styled(text.into(), self.theme.style(role))
    }

    /// A text whose letters a filter found.
    pub fn found(&self, text: &str, letters: &[usize], role: Role) -> Vec<Span<'static>> {
        let plain = self.theme.style(role);
        marked(text, letters, plain, plain.patch(self.theme.style(Role::Match)))
    }

    /// One of several that can be chosen.
    pub fn choice(&self, name: impl Into<String>, is_chosen: bool) -> Span<'static> {
        let mut style = self.theme.style(if is_chosen { Role::Accent } else { Role::Quiet });
        if is_chosen {
            style = style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
        }
        Span::styled(name.into(), style)
    }

    /// Writes a line on a row of an area; what is too long is cut and says so, what is outside is not written.
    pub fn put(&mut self, area: Rect, row: usize, line: &Line<'_>) {
        let area = self.within(area);
        if let Some(y) = row_of(area, row) {
            self.put_cut(area.x, y, line, area.width);
        }
    }

    /// Writes a line on so many columns, with a mark at its end where it has more.
    fn put_cut(&mut self, x: u16, y: u16, line: &Line<'_>, columns: u16) {
        let (end, _) = self.buffer.set_line(x, y, line, columns);
        // What is blank is not missed.
        let text: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
        if text.trim_end().width() > usize::from(columns)
            && let Some(cell) =
                self.buffer.cell_mut((end.saturating_sub(1).max(x), y)).filter(|_| columns > 0)
        {
            cell.set_symbol("…");
        }
    }

    /// Writes a line with something at its right end, which stays whole where the left is too long.
    pub fn put_sides(&mut self, area: Rect, row: usize, left: &Line<'_>, right: &Line<'_>) {
        let area = self.within(area);
        let Some(y) = row_of(area, row) else { return };
        let right_width = u16::try_from(right.width()).unwrap_or(u16::MAX).min(area.width);
        let gap = u16::from(right_width > 0);
        let room = area.width.saturating_sub(right_width + gap);
        self.put_cut(area.x, y, left, room);
        self.buffer.set_line(area.right() - right_width, y, right, right_width);
    }

    /// Marks the selected row over its whole width. Its first column, which is blank, is marked last.
    pub fn select(&mut self, area: Rect, row: usize, has_focus: bool) {
        let role = if has_focus { Role::Selected } else { Role::SelectedElsewhere };
        let area = self.within(area);
        if let Some(y) = row_of(area, row) {
            self.buffer.set_style(Rect::new(area.x, y, area.width, 1), self.theme.style(role));
            let begins = Position::new(area.x, y);
            self.selected.push((begins, has_focus));
            if has_focus {
                self.stands = Some(begins);
            }
        }
    }

    /// Marks the beginnings of the rows that were selected, once they are drawn.
    pub fn mark_selected(&mut self) {
        for (begins, has_focus) in std::mem::take(&mut self.selected) {
            let style = self.theme.style(if has_focus { Role::Accent } else { Role::Quiet });
            if let Some(cell) = self.buffer.cell_mut(begins).filter(|cell| cell.symbol() == " ") {
                cell.set_symbol(MARK).set_style(style);
            }
        }
    }

    /// A line of dashes, lying or standing.
    pub fn rule(&mut self, area: Rect) {
        let style = self.theme.style(Role::Rule);
        let symbol = if area.width == 1 && area.height > 1 { "│" } else { "─" };
        for position in area.positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                cell.set_symbol(symbol).set_style(style);
            }
        }
    }

    /// Marks the part of a lying line that belongs to what has the focus.
    pub fn bar(&mut self, area: Rect) {
        let style = self.theme.style(Role::Accent);
        for position in area.positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                cell.set_symbol("━").set_style(style);
            }
        }
    }

    /// A line that one types, with a mark before it, and with the cursor where it has the focus.
    pub fn input(&mut self, area: Rect, mark: &str, input: &Input, has_focus: bool, hint: &str) {
        let mark_width = u16::try_from(Span::raw(mark).width()).unwrap_or(0);
        let width = area.width.saturating_sub(mark_width + 1);
        let scroll = input.visual_scroll(usize::from(width));
        let role = if has_focus { Role::Accent } else { Role::Quiet };
        let mut line = Line::from(self.span(mark, role));
        if input.value().is_empty() {
            line.push_span(self.span(hint, Role::Quiet));
        } else {
            line.push_span(self.span(after_columns(input.value(), scroll), Role::Strong));
        }
        self.put(area, 0, &line);
        if has_focus && area.height > 0 {
            let column = u16::try_from(input.visual_cursor().saturating_sub(scroll)).unwrap_or(0);
            let cursor = Position::new(area.x + mark_width + column.min(width), area.y);
            self.cursor = Some(cursor).filter(|cursor| self.buffer.area.contains(*cursor));
        }
    }

    /// A word to the reader of an empty area.
    pub fn say(&mut self, area: Rect, role: Role, title: &str, paragraphs: &[&str]) {
        let mut room = area;
        room.x += 2.min(room.width);
        room.width = area.width.saturating_sub(4).min(76);
        let mut row = usize::from(room.height > 6);
        if !title.is_empty() {
            self.put(room, row, &Line::from(self.span(title, role)));
            row += 2;
        }
        for paragraph in paragraphs {
            let text = [self.span(*paragraph, Role::Quiet)];
            for line in wrap(&text, usize::from(room.width), &[], &[]) {
                self.put(room, row, &line);
                row += 1;
            }
            row += 1;
        }
    }
}

fn row_of(area: Rect, row: usize) -> Option<u16> {
    let row = u16::try_from(row).ok().filter(|row| *row < area.height)?;
    Some(area.y + row)
}

/// The text from a column on.
fn after_columns(text: &str, columns: usize) -> String {
    let mut left = columns;
    let skipped = |c: &char| {
        let skip = left > 0;
        left = left.saturating_sub(c.width().unwrap_or(0));
        skip
    };
    text.chars().skip_while(skipped).collect()
}
