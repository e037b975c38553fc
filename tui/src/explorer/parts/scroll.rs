//! Lines that are scrolled, with their bar.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::canvas::Canvas;
use super::theme::Role;

/// Draws the lines from `offset` on, and the bar in the margin right of the area.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, lines: &[Line<'_>], offset: usize, has_focus: bool) {
    let height = usize::from(area.height);
    for (row, line) in lines.iter().skip(offset).take(height).enumerate() {
        canvas.put(area, row, line);
    }
    draw_bar(canvas, area, (offset, lines.len()), has_focus);
}

/// In the margin, where the page is longer than its area.
fn draw_bar(canvas: &mut Canvas<'_>, area: Rect, (offset, len): (usize, usize), has_focus: bool) {
    let height = usize::from(area.height);
    if len <= height || height == 0 {
        return;
    }
    let thumb = (height * height / len).max(1);
    let start = offset * (height - thumb) / (len - height).max(1);
    let style = canvas.theme.style(if has_focus { Role::Accent } else { Role::Rule });
    for row in start..(start + thumb).min(height) {
        let y = area.y + u16::try_from(row).unwrap_or(0);
        if let Some(cell) = canvas.buffer.cell_mut((area.right(), y)) {
            cell.set_symbol("▐").set_style(style);
        }
    }
}
