//! The tab Status.

use super::{Canvas, preview};
use crate::explorer::app::App;
use crate::explorer::layout::Areas;

pub fn draw(canvas: &mut Canvas<'_>, areas: &Areas, app: &App) {
    preview::draw_sheet(canvas, areas.preview, &app.status.sheet, true);
}
