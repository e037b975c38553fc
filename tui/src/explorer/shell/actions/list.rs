//! What the shell does whichever tab shows, with its keys.

use crossterm::event::KeyCode;

use super::Command;
use crate::explorer::parts::key::{alt, char, ctrl, plain};
use crate::explorer::parts::list::Motion;
use crate::explorer::tabs::actions::{ALL, Binding, COMMANDS, LINE, bind};

/// What the shell does, without its tabs.
pub const SHELL: &[Binding<Command>] = &[
    bind(&[char('?')], COMMANDS, Command::Help, "help, on an empty line as well").hint("help"),
    bind(&[plain(KeyCode::F(1))], LINE, Command::Help, "help").hint("help"),
    bind(&[plain(KeyCode::F(1))], COMMANDS, Command::Help, "help"),
    bind(&[char(':')], COMMANDS, Command::Palette, "everything that can be done"),
    bind(&[alt(KeyCode::Char('x'))], ALL, Command::Palette, "everything that can be done"),
    bind(&[alt(KeyCode::Left)], ALL, Command::Back, "back to where you were"),
    bind(&[alt(KeyCode::Right)], ALL, Command::On, "on to where you came back from"),
    bind(&[plain(KeyCode::BackTab)], ALL, Command::PreviousTab, "previous tab"),
    bind(&[char('i')], COMMANDS, Command::Index, "index the lockfile, or resume"),
    bind(&[alt(KeyCode::Char('i'))], ALL, Command::Index, "index the lockfile, or resume"),
    bind(&[char('x')], COMMANDS, Command::CancelIndex, "stop indexing"),
    bind(&[ctrl('x')], LINE, Command::CancelIndex, "stop indexing"),
    bind(&[char('f')], COMMANDS, Command::Failures, "what could not be indexed"),
    bind(&[alt(KeyCode::Char('w'))], ALL, Command::Failures, "what could not be indexed"),
    bind(&[char('T')], COMMANDS, Command::Theme, "other colours: light, dark, high contrast, none"),
    bind(&[char('M')], COMMANDS, Command::Mouse, "mouse off or on; select text with it off, or with Shift"),
    bind(&[ctrl('l')], ALL, Command::Redraw, "draw anew"),
    bind(&[ctrl('z')], ALL, Command::Suspend, "suspend"),
    bind(&[char('q')], COMMANDS, Command::Quit, "quit").hint("quit"),
    bind(&[ctrl('c')], ALL, Command::Interrupt, "empty the line, or quit"),
];

/// What can be done in a list above the screen, where letters filter it.
pub const OVERLAY: &[Binding<Command>] = &[
    bind(&[plain(KeyCode::Down), ctrl('n')], ALL, Command::Move(Motion::Lines(1)), "next line")
        .hint("scroll"),
    bind(&[plain(KeyCode::Up), ctrl('p')], ALL, Command::Move(Motion::Lines(-1)), "previous line"),
    bind(&[plain(KeyCode::PageDown)], ALL, Command::Move(Motion::Pages(1)), "next page"),
    bind(&[plain(KeyCode::PageUp)], ALL, Command::Move(Motion::Pages(-1)), "previous page"),
    bind(&[plain(KeyCode::Enter)], ALL, Command::Choose, "do what is selected"),
    bind(&[plain(KeyCode::Esc)], ALL, Command::Close, "close").hint("close"),
    bind(&[plain(KeyCode::F(1))], ALL, Command::Help, "help"),
    bind(&[alt(KeyCode::Char('x'))], ALL, Command::Palette, "everything that can be done"),
    bind(&[ctrl('l')], ALL, Command::Redraw, "draw anew"),
    bind(&[ctrl('z')], ALL, Command::Suspend, "suspend"),
    bind(&[ctrl('c')], ALL, Command::Interrupt, "empty the line, or quit"),
];

/// Tabs that a digit shows.
pub const DIGITS: [char; 9] = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];
