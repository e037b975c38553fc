//! A page, put together from its top.

use ratatui::text::{Line, Span};

use super::flow::{fold, wrap};
use super::page::Page;
use super::paint::Painter;
use super::theme::Role;

/// Columns of a fact's name.
const FACT_COLUMNS: usize = 14;

/// The lines of a page so far.
pub struct Builder<'a> {
    painter: &'a Painter,
    pub lines: Vec<Line<'static>>,
}

impl<'a> Builder<'a> {
    pub fn new(painter: &'a Painter) -> Builder<'a> {
        Builder { painter, lines: Vec::new() }
    }

    pub fn finish(self) -> Page {
        Page { lines: self.lines, ..Page::default() }
    }

    pub fn title(&mut self, spans: &[Span<'static>]) {
        self.lines.extend(wrap(spans, self.painter.width, &[], &[Span::raw("  ")]));
    }

    pub fn text(&mut self, text: &str, role: Role) {
        self.lines.extend(wrap(&[self.painter.span(text, role)], self.painter.width, &[], &[]));
    }

    pub fn blank(&mut self) {
        self.lines.push(Line::default());
    }

    pub fn fact(&mut self, name: &str, value: &str) {
        // A longer name keeps a blank behind it.
        let columns = FACT_COLUMNS - 1;
        let name = [self.painter.span(format!("{name:columns$} "), Role::Quiet)];
        let rest = [Span::raw(" ".repeat(FACT_COLUMNS))];
        self.lines.extend(wrap(&[self.painter.span(value, Role::Text)], self.painter.width, &name, &rest));
    }

    /// What more there is to say of the fact above.
    pub fn below_fact(&mut self, text: &str, role: Role) {
        self.item(&" ".repeat(FACT_COLUMNS), text, role);
    }

    /// Text with a mark before it; what does not fit goes on below the text.
    pub fn item(&mut self, mark: &str, text: &str, role: Role) {
        let first = [self.painter.span(mark, role)];
        let rest = [Span::raw(" ".repeat(first[0].width()))];
        self.lines.extend(wrap(&[self.painter.span(text, role)], self.painter.width, &first, &rest));
    }

    /// A line across, with what comes below it.
    pub fn rule(&mut self, title: &str) {
        let dashes = "─".repeat(self.painter.width.saturating_sub(title.chars().count() + 1));
        let line =
            vec![self.painter.span(format!("{title} "), Role::Quiet), self.painter.span(dashes, Role::Rule)];
        self.blank();
        self.lines.push(Line::from(line));
        self.blank();
    }

    pub fn code(&mut self, code: &str, language: &str) {
        for line in self.painter.code(code, language) {
            self.lines.extend(fold(line, self.painter.width, 4));
        }
    }

    /// Code with the numbers of its lines.
    pub fn source(&mut self, source: &str, first: u32, language: &str) {
        let lines = self.painter.code(source, language);
        let last = u64::from(first) + u64::try_from(lines.len()).unwrap_or(0);
        let columns = last.to_string().len();
        let width = self.painter.width.saturating_sub(columns + 2);
        for (number, line) in (u64::from(first)..).zip(lines) {
            for (index, mut part) in fold(line, width, 4).into_iter().enumerate() {
                let number =
                    if index == 0 { format!("{number:>columns$}  ") } else { " ".repeat(columns + 2) };
                part.spans.insert(0, self.painter.span(number, Role::Rule));
                self.lines.push(part);
            }
        }
    }
}
