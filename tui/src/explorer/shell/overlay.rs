//! A list above the screen that what one types filters: the help, the palette, a menu, and what could not be
//! indexed.

use std::cell::Cell;
use std::cmp::Reverse;

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text;
use tui_input::Input;
use unicode_width::UnicodeWidthStr;
use zenith_core::index::Failure;

use super::actions::{Does, Told};
use crate::explorer::parts::flow::{truncate, wrap};
use crate::explorer::parts::fuzzy::{Filter, marked};
use crate::explorer::parts::list::{Motion, target};
use crate::explorer::parts::menu::{Choice, Chosen, Menu};
use crate::text::clean_line;

/// What the list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    Help,
    /// Everything that can be done: what is selected is done.
    Palette,
    Failures,
    /// Some choices, with what they are.
    Menu(&'static str),
}

/// What a row does where it is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    Does(Does),
    Chosen(Chosen),
}

/// Something in it: what it is about, what there is to say, and what it does where it can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    /// The letter that chooses it at once, if one does.
    key: Option<char>,
    name: String,
    text: String,
    /// Other words that find it.
    words: String,
    does: Option<Pick>,
    /// It would do nothing now.
    is_idle: bool,
}

/// A line of it, with the letters marked that were typed. What does not fit goes on in lines without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub name: text::Line<'static>,
    pub text: text::Line<'static>,
    /// Among the rows that the filter leaves.
    row: usize,
    pub is_selected: bool,
    /// It would do nothing now.
    pub is_idle: bool,
}

#[derive(Debug)]
pub struct Overlay {
    pub topic: Topic,
    rows: Vec<Row>,
    pub filter: Input,
    /// The first line that shows.
    pub offset: usize,
    /// Among the rows that the filter leaves.
    selected: usize,
    /// How many lines all of it takes, at the width that was asked for last.
    lines_at: Cell<Option<(usize, usize)>>,
}

impl Overlay {
    /// What can be done, with its keys.
    pub fn actions(topic: Topic, told: Vec<Told>) -> Overlay {
        let row = |told: Told| Row {
            key: None,
            name: told.keys,
            text: told.label,
            words: told.words,
            does: Some(Pick::Does(told.does)),
            is_idle: !told.can,
        };
        Overlay::new(topic, told.into_iter().map(row).collect())
    }

    /// What could not be indexed, and why.
    pub fn failures(failures: &[Failure]) -> Overlay {
        let row = |failure: &Failure| Row {
            key: None,
            name: failure.package.clone(),
            text: failure.why.clone(),
            words: String::new(),
            does: None,
            is_idle: false,
        };
        Overlay::new(Topic::Failures, failures.iter().map(row).collect())
    }

    /// What can be chosen.
    pub fn menu(menu: Menu) -> Overlay {
        let row = |Choice { key, name, text, does }: Choice| {
            let name = key.map_or(name.clone(), |key| format!("{key}  {name}"));
            let (text, does) = (clean_line(&text), Some(Pick::Chosen(does)));
            Row { key, name, text, words: String::new(), does, is_idle: false }
        };
        Overlay::new(Topic::Menu(menu.title), menu.choices.into_iter().map(row).collect())
    }

    fn new(topic: Topic, rows: Vec<Row>) -> Overlay {
        Overlay { topic, rows, filter: Input::default(), offset: 0, selected: 0, lines_at: Cell::new(None) }
    }

    /// Changes the filter; what it leaves shows from its beginning. What the letter that was typed chooses.
    pub fn type_in(&mut self, change: impl FnOnce(&mut Input)) -> Option<Pick> {
        let before = self.filter.value().to_string();
        change(&mut self.filter);
        if self.filter.value() != before {
            (self.offset, self.selected) = (0, 0);
        }
        let is_typed = |row: &&Row| row.key.is_some_and(|key| self.filter.value() == key.to_string());
        self.rows.iter().find(is_typed).and_then(|row| row.does.clone())
    }

    /// What filters it. Who begins to filter as in other lists, by a slash, does so here already.
    fn typed(&self) -> &str {
        self.filter.value().trim_start_matches('/')
    }

    /// What is selected, where it can be done.
    pub fn chosen(&self) -> Option<Pick> {
        self.rows().get(self.selected).filter(|_| self.selects())?.does.clone()
    }

    /// Whether one of its rows is selected.
    fn selects(&self) -> bool {
        self.topic != Topic::Failures
    }

    /// The lines that the filter leaves, within a width, and the columns of their names. Marked letters look so.
    pub fn lines(&self, width: usize, mark: Style) -> (usize, Vec<Line>) {
        let rows = self.rows();
        let mut filter = Filter::new(self.typed());
        let mut found = |text: &str| {
            let letters = filter.as_mut().map_or_else(Vec::new, |filter| filter.letters(text));
            marked(text, &letters, Style::new(), mark)
        };
        let (columns, room) = parted(rows.iter().copied(), width);
        let mut lines = Vec::new();
        for (index, row) in rows.into_iter().enumerate() {
            let mut name = text::Line::from(found(&truncate(&row.name, columns)));
            let is_selected = self.selects() && index == self.selected;
            for text in wrap(&found(&row.text), room, &[], &[]) {
                let name = std::mem::take(&mut name);
                lines.push(Line { name, text, row: index, is_selected, is_idle: row.is_idle });
            }
        }
        (columns, lines)
    }

    /// Selects what stands at a line of those that show; what was selected already is done.
    pub fn click(&mut self, line: usize, area: Rect) -> Option<Pick> {
        let (_, lines) = self.lines(usize::from(area.width), Style::new());
        let row = lines.get(self.offset + line).filter(|_| self.selects())?.row;
        match std::mem::replace(&mut self.selected, row) == row {
            true => self.chosen(),
            false => None,
        }
    }

    /// The rows that the filter leaves, best first. What does not fit by its text may by its name, or by other words for
    /// it. Letters that are scattered over a text count only where no row has the words themselves: there they are noise.
    fn rows(&self) -> Vec<&Row> {
        let Some(mut filter) = Filter::new(self.typed()) else { return self.rows.iter().collect() };
        let typed = self.typed().to_lowercase();
        let all = |row: &Row| format!("{} {} {}", row.text, row.name, row.words);
        let has_words = |row: &&Row| {
            let all = all(row).to_lowercase();
            typed.split_whitespace().all(|word| all.contains(word))
        };
        let mut left: Vec<&Row> = self.rows.iter().filter(has_words).collect();
        let has_found = !left.is_empty();
        if !has_found {
            left = self.rows.iter().collect();
        }
        let mut fit = |row: &Row| {
            let fit = filter.fit(&row.text).max(filter.fit(&row.name));
            if has_found { fit.max(filter.fit(&all(row))) } else { fit }
        };
        let mut rows: Vec<_> = left.into_iter().filter_map(|row| Some((fit(row)?, row))).collect();
        rows.sort_by_key(|(fit, _)| Reverse(*fit));
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// Whether a letter chooses one of its rows at once.
    pub fn has_letters(&self) -> bool {
        self.rows.iter().any(|row| row.key.is_some())
    }

    /// How many lines all of it takes at a width, without a filter. What is in it does not change.
    pub fn len(&self, width: usize) -> usize {
        if let Some((_, lines)) = self.lines_at.get().filter(|(known, _)| *known == width) {
            return lines;
        }
        let (_, room) = parted(self.rows.iter(), width);
        let lines_of = |row: &Row| wrap(&[text::Span::raw(row.text.clone())], room, &[], &[]).len();
        let lines = self.rows.iter().map(lines_of).sum();
        self.lines_at.set(Some((width, lines)));
        lines
    }

    /// Moves the selection where there is one, and scrolls elsewhere.
    pub fn step(&mut self, motion: Motion, area: Rect) {
        if !self.selects() {
            return self.scroll(motion, area);
        }
        let height = usize::from(area.height);
        self.selected = target(motion, self.selected, self.rows().len().saturating_sub(1), height);
        let lines = self.lines(usize::from(area.width), Style::new()).1;
        let first = lines.iter().position(|line| line.is_selected).unwrap_or(0);
        let last = lines.iter().rposition(|line| line.is_selected).unwrap_or(0);
        self.offset = self.offset.max((last + 1).saturating_sub(height)).min(first);
    }

    pub fn scroll(&mut self, motion: Motion, area: Rect) {
        let (width, height) = (usize::from(area.width), usize::from(area.height));
        let last = self.lines(width, Style::new()).1.len().saturating_sub(height);
        self.offset = target(motion, self.offset, last, height);
    }
}

/// The columns of the names of some rows within a width, and those that their texts have.
fn parted<'a>(rows: impl Iterator<Item = &'a Row>, width: usize) -> (usize, usize) {
    let longest = rows.map(|row| row.name.width()).max().unwrap_or(0);
    let columns = longest.min(width / 2);
    (columns, width.saturating_sub(columns + 2))
}
