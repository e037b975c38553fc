//! A page that is made of the state itself, and so is laid out at once.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::canvas::Canvas;
use super::list::{Motion, target};
use super::scroll;

/// Its lines, and how far it is scrolled.
#[derive(Debug, Default)]
pub struct Sheet {
    pub lines: Vec<Line<'static>>,
    /// The first row that shows.
    pub offset: usize,
}

impl Sheet {
    pub fn scroll(&mut self, motion: Motion, height: usize) {
        self.offset = target(motion, self.offset, self.lines.len().saturating_sub(height), height);
    }

    /// Takes the lines as they are now, and stays within them.
    pub fn lay_out(&mut self, lines: Vec<Line<'static>>, height: usize) {
        self.lines = lines;
        self.offset = self.offset.min(self.lines.len().saturating_sub(height));
    }

    pub fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, has_focus: bool) {
        scroll::draw(canvas, area, &self.lines, self.offset, has_focus);
    }
}
