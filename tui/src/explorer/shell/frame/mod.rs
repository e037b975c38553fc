//! The frame around the tab that shows, drawn from the state alone.

mod bars;
mod hints;
mod layout;
mod notice;
mod overlay;
mod plain;
mod progress;

use ratatui::layout::{Position, Rect};

use super::actions::{Command, Does};
use super::app::App;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::theme::Role;
use crate::explorer::world::Catalog;

pub use layout::Frame;

/// Every word of the frame that does something, each where it stands. What does nothing where a list is above the
/// screen is not among them.
pub fn words(app: &App, frame: &Frame) -> Vec<(Rect, Does)> {
    let hints = hints::placed(app, frame.status).into_iter().map(|(place, hint)| (place, hint.does));
    let mut words: Vec<(Rect, Does)> = hints.collect();
    if app.overlay.is_none() {
        words.extend(bars::placed_counts(app, frame.status));
        words.extend(progress::placed(app, frame.progress));
        words.extend(notice::placed(app, frame.notice));
        let tabs = frame.labels.iter().enumerate();
        words.extend(tabs.map(|(index, label)| (*label, Does::Command(Command::Show(index)))));
    }
    words
}

/// Draws everything. Where nothing is typed, the hidden cursor is to stand on what is selected: there.
pub fn draw(cells: &mut ratatui::Frame<'_>, app: &App) -> Option<Position> {
    let (frame, tasks) = (Frame::of(app), app.tasks());
    let mut canvas = Canvas::new(cells.buffer_mut(), app.theme);
    canvas.clear(canvas.buffer.area);
    bars::draw_tabs(&mut canvas, &frame, app);
    match (&app.world.catalog, app.tabs.get(app.shown)) {
        (Catalog::Unusable(why), _) => draw_unusable(&mut canvas, frame.body, why),
        (_, Some(tab)) => tab.draw(&mut canvas, &app.seen(app.shown, &frame, &tasks)),
        (_, None) => {}
    }
    canvas.mark_selected();
    progress::draw(&mut canvas, frame.progress, app);
    notice::draw(&mut canvas, frame.notice, app);
    bars::draw_status(&mut canvas, frame.status, app);
    if let Some(above) = &app.overlay {
        (canvas.cursor, canvas.stands) = (None, None);
        overlay::draw(&mut canvas, &frame, above);
        canvas.mark_selected();
    }
    let (cursor, stands) = (canvas.cursor, canvas.stands);
    if !app.look.has_unicode {
        plain::plain(cells.buffer_mut());
    }
    match cursor {
        Some(cursor) => {
            cells.set_cursor_position(cursor);
            None
        }
        None => stands,
    }
}

fn draw_unusable(canvas: &mut Canvas<'_>, body: Rect, why: &str) {
    let advice = "Check that the folder can be written to, or name another one with --data FOLDER or ZENITH_DATA. \
                  `zenith doctor` looks closer. Ctrl-C quits.";
    canvas.say(body, Role::Bad, "The data folder cannot be used", &[why, advice]);
}
