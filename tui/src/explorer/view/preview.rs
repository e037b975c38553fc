//! The page beside a list.

use ratatui::layout::Rect;

use super::Canvas;
use crate::explorer::preview::Preview;
use crate::explorer::theme::Role;

pub fn draw(canvas: &mut Canvas<'_>, area: Rect, preview: &Preview, has_focus: bool) {
    let Some(page) = preview.page.value() else { return };
    let height = usize::from(area.height);
    for (row, line) in page.lines.iter().skip(preview.offset).take(height).enumerate() {
        canvas.put(area, row, line);
    }
    draw_scroll_bar(canvas, area, preview, has_focus);
}

/// In the margin, where the page is longer than its area.
fn draw_scroll_bar(canvas: &mut Canvas<'_>, area: Rect, preview: &Preview, has_focus: bool) {
    let (height, len) = (usize::from(area.height), preview.len());
    if len <= height || height == 0 {
        return;
    }
    let thumb = (height * height / len).max(1);
    let start = preview.offset * (height - thumb) / (len - height).max(1);
    let style = canvas.theme.style(if has_focus { Role::Accent } else { Role::Rule });
    for row in start..(start + thumb).min(height) {
        let y = area.y + u16::try_from(row).unwrap_or(0);
        if let Some(cell) = canvas.buffer.cell_mut((area.right(), y)) {
            cell.set_symbol("▐").set_style(style);
        }
    }
}
