//! The frame around the tab that shows, drawn from the state alone.

mod bars;
mod layout;
mod overlay;
mod progress;

use ratatui::layout::Rect;

use super::app::App;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::theme::Role;
use crate::explorer::world::Catalog;

pub use layout::Frame;

/// Draws everything.
pub fn draw(cells: &mut ratatui::Frame<'_>, app: &App) {
    let (frame, tasks) = (Frame::of(app), app.tasks());
    let mut canvas = Canvas { buffer: cells.buffer_mut(), theme: app.theme, cursor: None };
    bars::draw_tabs(&mut canvas, &frame, app);
    match (&app.world.catalog, app.tabs.get(app.shown)) {
        (Catalog::Unusable(why), _) => draw_unusable(&mut canvas, frame.body, why),
        (_, Some(tab)) => tab.draw(&mut canvas, &app.seen(app.shown, &frame, &tasks)),
        (_, None) => {}
    }
    progress::draw(&mut canvas, frame.progress, app);
    bars::draw_status(&mut canvas, frame.status, app);
    if let Some(above) = &app.overlay {
        canvas.cursor = None;
        overlay::draw(&mut canvas, &frame, above);
    }
    if let Some(cursor) = canvas.cursor {
        cells.set_cursor_position(cursor);
    }
}

fn draw_unusable(canvas: &mut Canvas<'_>, body: Rect, why: &str) {
    let advice = "Check that the folder can be written to, or name another one with --data FOLDER or ZENITH_DATA. \
                  `zenith doctor` looks closer. Ctrl-C quits.";
    canvas.say(body, Role::Bad, "The data folder cannot be used", &[why, advice]);
}
