//! The list above the screen.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Padding, Widget};

use super::Frame;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::theme::Role;
use crate::explorer::shell::overlay::{Overlay, Topic};

pub fn draw(canvas: &mut Canvas<'_>, frame: &Frame, overlay: &Overlay) {
    let (title, hint) = match overlay.topic {
        Topic::Help => (" Keys ", "type to filter, Enter does what is selected"),
        Topic::Palette => (" Actions ", "type to filter, Enter does what is selected"),
        Topic::Failures => (" Not indexed ", "type to filter, Esc closes"),
        Topic::Menu(title) => (title, "type to choose, Enter does what is selected"),
    };
    let border = canvas.within(frame.overlay);
    canvas.clear(border);
    let area = frame.overlay_rows();
    if frame.is_framed {
        Block::bordered()
            .border_type(BorderType::Rounded)
            .border_style(canvas.theme.style(Role::Rule))
            .title(canvas.span(title, Role::Heading))
            .padding(Padding::horizontal(1))
            .render(border, canvas.buffer);
    }
    let first = frame.overlay.y + u16::from(frame.is_framed);
    let filter = Rect { y: first, height: frame.overlay.height.min(1), ..area };
    let hint = if area.height == 0 { "there is no room for it here" } else { hint };
    canvas.input(filter, "› ", &overlay.filter, true, hint);
    let (columns, lines) = overlay.lines(usize::from(area.width), canvas.theme.style(Role::Match));
    if lines.is_empty() {
        canvas.put(area, 0, &Line::from(canvas.span("nothing is like that", Role::Quiet)));
    }
    for (row, line) in lines.into_iter().skip(overlay.offset).take(usize::from(area.height)).enumerate() {
        if line.is_selected {
            // With the margin, where the mark stands.
            let marked = Rect { x: area.x.saturating_sub(1), width: area.width + 1, ..area };
            canvas.select(marked, row, true);
        }
        let blanks = " ".repeat(columns.saturating_sub(line.name.width()) + 2);
        let role = if line.is_idle { Role::Quiet } else { Role::Text };
        let mut whole = patched(line.name, canvas.theme.style(Role::Strong));
        whole.push_span(blanks);
        whole.extend(patched(line.text, canvas.theme.style(role)));
        canvas.put(area, row, &whole);
    }
}

/// A line whose spans add to how it looks.
fn patched(line: Line<'static>, style: Style) -> Line<'static> {
    line.spans.into_iter().map(|span| Span::styled(span.content, style.patch(span.style))).collect()
}
