//! What happened, from termina's words into crossterm's, which the rest speaks.

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use termina::event;

/// `None` where it means nothing here: answers, and keys that nobody has.
pub fn translate(event: termina::Event) -> Option<Event> {
    match event {
        termina::Event::Key(key) => {
            let kind = match key.kind {
                event::KeyEventKind::Press => KeyEventKind::Press,
                event::KeyEventKind::Repeat => KeyEventKind::Repeat,
                event::KeyEventKind::Release => KeyEventKind::Release,
            };
            Some(Event::Key(KeyEvent::new_with_kind(code(key.code)?, modifiers(key.modifiers), kind)))
        }
        termina::Event::Mouse(mouse) => Some(Event::Mouse(MouseEvent {
            kind: mouse_kind(mouse.kind),
            column: mouse.column,
            row: mouse.row,
            modifiers: modifiers(mouse.modifiers),
        })),
        termina::Event::FocusIn => Some(Event::FocusGained),
        termina::Event::FocusOut => Some(Event::FocusLost),
        termina::Event::Paste(text) => Some(Event::Paste(text)),
        termina::Event::WindowResized(_)
        | termina::Event::Csi(_)
        | termina::Event::Osc(_)
        | termina::Event::Dcs(_) => None,
    }
}

fn code(code: event::KeyCode) -> Option<KeyCode> {
    Some(match code {
        event::KeyCode::Char(c) => KeyCode::Char(c),
        event::KeyCode::Enter => KeyCode::Enter,
        event::KeyCode::Backspace => KeyCode::Backspace,
        event::KeyCode::Tab => KeyCode::Tab,
        event::KeyCode::BackTab => KeyCode::BackTab,
        event::KeyCode::Escape => KeyCode::Esc,
        event::KeyCode::Left => KeyCode::Left,
        event::KeyCode::Right => KeyCode::Right,
        event::KeyCode::Up => KeyCode::Up,
        event::KeyCode::Down => KeyCode::Down,
        event::KeyCode::Home => KeyCode::Home,
        event::KeyCode::End => KeyCode::End,
        event::KeyCode::PageUp => KeyCode::PageUp,
        event::KeyCode::PageDown => KeyCode::PageDown,
        event::KeyCode::Insert => KeyCode::Insert,
        event::KeyCode::Delete => KeyCode::Delete,
        event::KeyCode::KeypadBegin => KeyCode::KeypadBegin,
        event::KeyCode::Menu => KeyCode::Menu,
        event::KeyCode::Null => KeyCode::Null,
        event::KeyCode::Function(number) => KeyCode::F(number),
        _ => return None,
    })
}

fn modifiers(modifiers: event::Modifiers) -> KeyModifiers {
    [
        (event::Modifiers::SHIFT, KeyModifiers::SHIFT),
        (event::Modifiers::ALT, KeyModifiers::ALT),
        (event::Modifiers::CONTROL, KeyModifiers::CONTROL),
        (event::Modifiers::SUPER, KeyModifiers::SUPER),
        (event::Modifiers::HYPER, KeyModifiers::HYPER),
        (event::Modifiers::META, KeyModifiers::META),
    ]
    .into_iter()
    .filter(|(theirs, _)| modifiers.contains(*theirs))
    .map(|(_, ours)| ours)
    .collect()
}

fn mouse_kind(kind: event::MouseEventKind) -> MouseEventKind {
    match kind {
        event::MouseEventKind::Down(button) => MouseEventKind::Down(mouse_button(button)),
        event::MouseEventKind::Up(button) => MouseEventKind::Up(mouse_button(button)),
        event::MouseEventKind::Drag(button) => MouseEventKind::Drag(mouse_button(button)),
        event::MouseEventKind::Moved => MouseEventKind::Moved,
        event::MouseEventKind::ScrollDown => MouseEventKind::ScrollDown,
        event::MouseEventKind::ScrollUp => MouseEventKind::ScrollUp,
        event::MouseEventKind::ScrollLeft => MouseEventKind::ScrollLeft,
        event::MouseEventKind::ScrollRight => MouseEventKind::ScrollRight,
    }
}

fn mouse_button(button: event::MouseButton) -> MouseButton {
    match button {
        event::MouseButton::Left => MouseButton::Left,
        event::MouseButton::Right => MouseButton::Right,
        event::MouseButton::Middle => MouseButton::Middle,
    }
}
