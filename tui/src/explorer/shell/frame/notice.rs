//! What is said, above the hints, of which it hides none. A key that it names is one for the mouse too.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::flow::wrap;
use crate::explorer::parts::key::Key;
use crate::explorer::parts::out::Notice;
use crate::explorer::parts::theme::Role;
use crate::explorer::shell::actions::{Command, Does};
use crate::explorer::shell::app::App;

/// Lines of what is said that show at once.
const ROWS_MAX: usize = 5;
/// Columns before each.
const INDENT: u16 = 1;

/// What is said, over as many lines as it takes.
fn lines(app: &App, width: u16) -> Vec<Line<'static>> {
    let Some(notice) = app.notices.shown() else { return Vec::new() };
    let text = [Span::raw(notice.text().to_string())];
    let mut lines = wrap(&text, usize::from(width.saturating_sub(2 * INDENT)).max(1), &[], &[]);
    if lines.len() > ROWS_MAX {
        lines.truncate(ROWS_MAX - 1);
        lines.push(Line::raw("… all of it stands in Status"));
    }
    lines
}

pub fn rows(app: &App, width: u16) -> u16 {
    u16::try_from(lines(app, width).len()).unwrap_or(u16::MAX)
}

pub fn draw(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let role = match app.notices.shown() {
        Some(Notice::Done(_)) => Role::Good,
        Some(Notice::Wrong(_)) => Role::Bad,
        None => return,
    };
    for (row, line) in lines(app, area.width).into_iter().enumerate() {
        let indent = " ".repeat(usize::from(INDENT));
        let text = canvas.span(format!("{indent}{line}"), role);
        canvas.put(area, row, &Line::from(text));
    }
}

/// The keys that it names and that do something where one is, each where it stands.
pub fn placed(app: &App, area: Rect) -> Vec<(Rect, Does)> {
    let mut placed = Vec::new();
    for (y, line) in (area.y..area.bottom()).zip(lines(app, area.width)) {
        let line = line.to_string();
        let mut at = 0;
        for word in line.split(' ') {
            let x = line.get(..at).map_or(0, UnicodeWidthStr::width);
            at += word.len() + 1;
            let word = word.trim_end_matches([',', ';', '.', ':']);
            if let Some(does) = meant(app, word) {
                let [x, width] = [x, word.width()].map(|columns| u16::try_from(columns).unwrap_or(u16::MAX));
                let x = area.x.saturating_add(INDENT).saturating_add(x);
                placed.push((Rect { x, y, width, height: 1 }.intersection(area), does));
            }
        }
    }
    placed
}

/// What a word does, if it is a key as keys are told. A letter alone is a word as any other, and nobody leaves the
/// program by a word that names how.
fn meant(app: &App, word: &str) -> Option<Does> {
    let is_word = |key: &Key| key.is_letter() && word.chars().all(char::is_alphanumeric);
    let key = Key::parse(word).filter(|key| key.to_string() == word && !is_word(key))?;
    let does = app.bound(&KeyEvent::new(key.0, key.1))?;
    let leaves = [Command::Quit, Command::Interrupt, Command::Suspend].map(Does::Command);
    (!leaves.contains(&does)).then_some(does)
}
