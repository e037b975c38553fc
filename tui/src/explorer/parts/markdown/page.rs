//! A page of Markdown, put together from the parser's events.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Tag, TagEnd};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::{language, without_hidden, without_tags};
use crate::explorer::parts::flow::{fold, wrap};
use crate::explorer::parts::paint::Painter;
use crate::explorer::parts::theme::Role;

/// Columns of a table's cell.
const CELL_COLUMNS_MAX: usize = 40;

/// What stands before the lines of a block: its first line's mark, then as many blanks.
struct Container {
    first: Option<Span<'static>>,
    rest: Span<'static>,
}

/// The lines so far, and what is open.
pub struct Page<'a> {
    painter: &'a Painter,
    lines: Vec<Line<'static>>,
    text: Vec<Span<'static>>,
    styles: Vec<Style>,
    containers: Vec<Container>,
    /// The number of the next item of each open list; none for bullets.
    lists: Vec<Option<u64>>,
    /// The language and text of an open code block.
    code: Option<(String, String)>,
    html: Option<String>,
    table: Option<Vec<Vec<String>>>,
    images: usize,
}

impl<'a> Page<'a> {
    pub fn new(painter: &'a Painter) -> Page<'a> {
        Page {
            painter,
            lines: Vec::new(),
            text: Vec::new(),
            styles: vec![painter.style(Role::Text)],
            containers: Vec::new(),
            lists: Vec::new(),
            code: None,
            html: None,
            table: None,
            images: 0,
        }
    }

    pub fn finish(mut self) -> Vec<Line<'static>> {
        self.flush();
        let is_blank = |line: &Line<'_>| line.width() == 0;
        let written = self.lines.iter().rposition(|line| !is_blank(line)).map_or(0, |last| last + 1);
        self.lines.truncate(written);
        let blank = self.lines.iter().take_while(|line| is_blank(line)).count();
        self.lines.split_off(blank)
    }

    pub fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.open(tag),
            Event::End(tag) => self.close(tag),
            Event::Text(text) => self.push_text(&text),
            Event::Code(code) => self.push_styled(&code, self.painter.style(Role::Code)),
            Event::SoftBreak => self.push_text(" "),
            Event::HardBreak => self.push_text("\n"),
            Event::Html(html) => {
                if let Some(open) = &mut self.html {
                    open.push_str(&html);
                }
            }
            Event::InlineHtml(tag) if tag.starts_with("<br") => self.push_text("\n"),
            Event::Rule => {
                self.flush();
                let width = self.painter.width.saturating_sub(self.indent()).min(40);
                self.emit(Line::styled("─".repeat(width), self.painter.style(Role::Rule)));
                self.blank();
            }
            Event::TaskListMarker(done) => self.push_text(if done { "[x] " } else { "[ ] " }),
            Event::FootnoteReference(name) => self.push_text(&format!("[{name}]")),
            Event::InlineHtml(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {}
        }
    }

    fn open(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.flush();
                self.blank();
                let style = self.painter.style(Role::Heading);
                let underlined =
                    if level == HeadingLevel::H1 { Modifier::UNDERLINED } else { Modifier::empty() };
                self.styles.push(style.add_modifier(underlined));
            }
            Tag::BlockQuote(_) => {
                self.flush();
                let mark = Span::styled("▎ ", self.painter.style(Role::Quiet));
                self.containers.push(Container { first: None, rest: mark });
            }
            Tag::CodeBlock(kind) => {
                self.flush();
                let language = match kind {
                    CodeBlockKind::Fenced(info) => language(&info),
                    CodeBlockKind::Indented => "rust".to_string(),
                };
                self.code = Some((language, String::new()));
            }
            Tag::List(start) => {
                self.flush();
                self.lists.push(start);
            }
            Tag::Item => self.open_item(),
            Tag::HtmlBlock => {
                self.flush();
                self.html = Some(String::new());
            }
            Tag::Table(_) => {
                self.flush();
                self.table = Some(Vec::new());
            }
            Tag::TableHead | Tag::TableRow => self.table.iter_mut().for_each(|rows| rows.push(Vec::new())),
            Tag::Emphasis => self.push_modifier(Modifier::ITALIC),
            Tag::Strong => self.push_modifier(Modifier::BOLD),
            Tag::Strikethrough => self.push_modifier(Modifier::CROSSED_OUT),
            Tag::Link { .. } => self.styles.push(self.painter.style(Role::Link)),
            Tag::Image { .. } => self.images += 1,
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => {
                self.flush();
                self.blank();
            }
            TagEnd::Heading(_) => {
                self.flush();
                self.styles.pop();
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.containers.pop();
                self.blank();
            }
            TagEnd::CodeBlock => self.close_code(),
            TagEnd::List(_) => {
                self.lists.pop();
                self.blank();
            }
            TagEnd::Item => {
                self.flush();
                self.containers.pop();
            }
            TagEnd::HtmlBlock => self.close_html(),
            TagEnd::TableCell => {
                let cell: String = self.text.drain(..).map(|span| span.content.into_owned()).collect();
                if let Some(row) = self.table.as_mut().and_then(|rows| rows.last_mut()) {
                    row.push(cell);
                }
            }
            TagEnd::Table => self.close_table(),
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link => {
                self.styles.pop();
            }
            TagEnd::Image => self.images = self.images.saturating_sub(1),
            _ => {}
        }
    }

    fn open_item(&mut self) {
        self.flush();
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", number.saturating_sub(1))
            }
            _ => "• ".to_string(),
        };
        let blanks = Span::raw(" ".repeat(mark.width()));
        let first = Some(Span::styled(mark, self.painter.style(Role::Quiet)));
        self.containers.push(Container { first, rest: blanks });
    }

    fn close_code(&mut self) {
        let Some((language, code)) = self.code.take() else { return };
        let code = if language == "rust" { without_hidden(&code) } else { code };
        let width = self.painter.width.saturating_sub(self.indent() + 2);
        for line in self.painter.code(code.trim_end(), &language) {
            for mut part in fold(line, width, 4) {
                part.spans.insert(0, Span::raw("  "));
                self.emit(part);
            }
        }
        self.blank();
    }

    fn close_html(&mut self) {
        let text = without_tags(&self.html.take().unwrap_or_default());
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            self.push_text(line);
            self.push_text(" ");
        }
        self.flush();
        self.blank();
    }

    fn close_table(&mut self) {
        let rows = self.table.take().unwrap_or_default();
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.width()).max().unwrap_or(0).min(CELL_COLUMNS_MAX)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for (number, row) in rows.iter().enumerate() {
            let style = self.painter.style(if number == 0 { Role::Strong } else { Role::Text });
            let mut line = Line::default();
            for (cell, &width) in row.iter().zip(&widths) {
                let blanks = " ".repeat(width.saturating_sub(cell.width()) + 2);
                line.push_span(Span::styled(format!("{cell}{blanks}"), style));
            }
            let room = self.painter.width.saturating_sub(self.indent());
            fold(line, room, 4).into_iter().for_each(|part| self.emit(part));
        }
        self.blank();
    }

    fn push_text(&mut self, text: &str) {
        match &mut self.code {
            Some((_, code)) => code.push_str(text),
            None => self.push_styled(text, self.styles.last().copied().unwrap_or_default()),
        }
    }

    fn push_styled(&mut self, text: &str, style: Style) {
        // A picture's description stands in for a badge far more often than for a picture.
        if self.images == 0 {
            self.text.push(Span::styled(text.to_string(), style));
        }
    }

    fn push_modifier(&mut self, modifier: Modifier) {
        let style = self.styles.last().copied().unwrap_or_default();
        self.styles.push(style.add_modifier(modifier));
    }

    fn indent(&self) -> usize {
        self.containers.iter().map(|container| container.rest.width()).sum()
    }

    /// What stands before the next line, and before those after it.
    fn prefixes(&mut self) -> (Vec<Span<'static>>, Vec<Span<'static>>) {
        // Quotes within quotes within quotes leave some room for text.
        let shown = self.painter.width / 4;
        let rest = self.containers.iter().take(shown).map(|container| container.rest.clone()).collect();
        let first = self.containers.iter_mut().take(shown);
        (
            first.map(|container| container.first.take().unwrap_or_else(|| container.rest.clone())).collect(),
            rest,
        )
    }

    /// Lays out what has gathered.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        if text.iter().any(|span| !span.content.trim().is_empty()) {
            let (first, rest) = self.prefixes();
            self.lines.extend(wrap(&text, self.painter.width, &first, &rest));
        }
    }

    fn emit(&mut self, mut line: Line<'static>) {
        let (first, _) = self.prefixes();
        line.spans.splice(0..0, first);
        self.lines.push(line);
    }

    /// One empty line, where there is none; the items of a list stand close.
    fn blank(&mut self) {
        let in_list = !self.lists.is_empty();
        if !in_list && self.lines.last().is_some_and(|line| line.width() > 0) {
            self.lines.push(Line::default());
        }
    }
}
