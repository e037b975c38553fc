//! A list above the screen that what one types filters: the help, and what could not be indexed.

use ratatui::layout::Rect;
use tui_input::Input;
use unicode_width::UnicodeWidthStr;
use zenith_core::index::Failure;

use super::flow::{truncate, wrap};
use super::keys;
use super::list::{Motion, target};

/// What the list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    Help,
    Failures,
}

/// A line of it: what it is about, and what there is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverlayRow {
    pub name: String,
    pub text: String,
}

#[derive(Debug)]
pub struct Overlay {
    pub topic: Topic,
    rows: Vec<OverlayRow>,
    pub filter: Input,
    /// The first row that shows.
    pub offset: usize,
}

impl Overlay {
    /// The keys.
    pub fn help() -> Overlay {
        let row = |line: keys::HelpLine| OverlayRow { name: line.keys, text: line.label.to_string() };
        Overlay::new(Topic::Help, keys::help().into_iter().map(row).collect())
    }

    /// What could not be indexed, and why.
    pub fn failures(failures: &[Failure]) -> Overlay {
        let row = |failure: &Failure| OverlayRow { name: failure.package.clone(), text: failure.why.clone() };
        Overlay::new(Topic::Failures, failures.iter().map(row).collect())
    }

    fn new(topic: Topic, rows: Vec<OverlayRow>) -> Overlay {
        Overlay { topic, rows, filter: Input::default(), offset: 0 }
    }

    /// The rows that the filter leaves, as lines within a width: what does not fit goes on in lines
    /// without a name. Names take the columns that come with them.
    pub fn lines(&self, width: usize) -> (usize, Vec<OverlayRow>) {
        let rows = self.rows();
        let longest = rows.iter().map(|row| row.name.width()).max().unwrap_or(0);
        let columns = longest.min(width / 2);
        let room = width.saturating_sub(columns + 2);
        let mut lines = Vec::new();
        for row in rows {
            let mut name = truncate(&row.name, columns);
            for part in wrap(&[row.text.clone().into()], room, &[], &[]) {
                lines.push(OverlayRow { name: std::mem::take(&mut name), text: part.to_string() });
            }
        }
        (columns, lines)
    }

    fn rows(&self) -> Vec<&OverlayRow> {
        let filter = self.filter.value().to_lowercase();
        let fits = |row: &&OverlayRow| {
            row.name.to_lowercase().contains(&filter) || row.text.to_lowercase().contains(&filter)
        };
        self.rows.iter().filter(fits).collect()
    }

    pub fn scroll(&mut self, motion: Motion, area: Rect) {
        let (width, height) = (usize::from(area.width), usize::from(area.height));
        let last = self.lines(width).1.len().saturating_sub(height);
        self.offset = target(motion, self.offset, last, height);
    }
}
