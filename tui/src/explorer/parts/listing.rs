//! A page of entries, put together from its top.

use std::ops::Range;

use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::builder::Builder;
use super::paint::Painter;
use super::theme::Role;

/// Some lines of a page that are selected together. `D` is what it may do.
#[derive(Debug)]
pub struct Entry<D> {
    /// What it is known by, so that it stays selected where the page is made anew.
    pub id: String,
    /// What is copied of it.
    pub text: String,
    /// What it does where it is opened.
    pub does: Option<D>,
    /// A word in it that does something by itself, and where in the page it stands.
    pub word: Option<(Rect, D)>,
    pub lines: Range<usize>,
    /// The first line that belongs to it: that of a heading, where it stands below one.
    pub top: usize,
}

/// The entries so far, with what stands between them.
pub struct Listing<'a, D> {
    pub painter: &'a Painter,
    page: Builder<'a>,
    pub entries: Vec<Entry<D>>,
    /// The heading that the next entry stands below.
    top: Option<usize>,
}

impl<'a, D> Listing<'a, D> {
    pub fn new(painter: &'a Painter) -> Listing<'a, D> {
        Listing { painter, page: Builder::new(painter), entries: Vec::new(), top: None }
    }

    pub fn heading(&mut self, title: &str) {
        if !self.page.lines.is_empty() {
            self.page.blank();
        }
        self.top = Some(self.page.lines.len());
        self.page.title(&[self.painter.span(title.to_string(), Role::Heading)]);
    }

    /// Words that are no entry.
    pub fn note(&mut self, text: &str, role: Role) {
        self.page.text(text, role);
    }

    /// What `write` writes is an entry; `text` is what is copied of it.
    pub fn entry(
        &mut self,
        id: impl Into<String>,
        text: impl Into<String>,
        does: Option<D>,
        write: impl FnOnce(&mut Builder<'a>),
    ) {
        let first = self.page.lines.len();
        write(&mut self.page);
        let (top, lines) = (self.top.take().unwrap_or(first), first..self.page.lines.len());
        self.entries.push(Entry { id: id.into(), text: text.into(), does, word: None, lines, top });
    }

    /// A fact by its name.
    pub fn fact(&mut self, name: &str, value: &str) {
        self.entry(name, value, None, |page| page.fact(name, value));
    }

    /// Puts a word behind the last line of the last entry, where it has room.
    pub fn word(&mut self, word: &str, does: D) {
        let Some((entry, line)) = self.entries.last_mut().zip(self.page.lines.last_mut()) else { return };
        let (before, columns) = (line.width() + 2, word.width());
        if before + columns > self.painter.width {
            return;
        }
        line.push_span("  ");
        line.push_span(self.painter.span(word.to_string(), Role::Accent));
        let number = |columns: usize| u16::try_from(columns).unwrap_or(u16::MAX);
        let place = Rect::new(number(before), number(entry.lines.end.saturating_sub(1)), number(columns), 1);
        entry.word = Some((place, does));
    }

    /// An entry that is something to do: its key, and what it does.
    pub fn action(&mut self, key: &str, label: &str, does: D)
    where
        D: Clone,
    {
        let line = Line::from(vec![
            self.painter.span(format!("{key} "), Role::Accent),
            self.painter.span(label.to_string(), Role::Text),
        ]);
        let columns = u16::try_from(line.width()).unwrap_or(u16::MAX);
        self.entry(label, label, Some(does.clone()), |page| page.lines.push(line));
        if let Some(entry) = self.entries.last_mut() {
            let y = u16::try_from(entry.lines.start).unwrap_or(u16::MAX);
            entry.word = Some((Rect::new(0, y, columns, 1), does));
        }
    }

    pub fn finish(self) -> (Vec<Line<'static>>, Vec<Entry<D>>) {
        (self.page.lines, self.entries)
    }
}
