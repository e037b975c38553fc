//! What the shell does whichever tab shows, with its keys.

use crossterm::event::KeyCode;

use super::Command;
use crate::explorer::parts::key::{alt, char, ctrl, plain};
use crate::explorer::parts::list::Motion;
use crate::explorer::tabs::actions::{ALL, Binding, COMMANDS, LINE, bind};

/// What the shell does, without its tabs.
pub const SHELL: &[Binding<Command>] = &[
    bind(&[char('?')], COMMANDS, Command::Help, "help; ? tells it on an empty line as well")
        .hint("help")
        .also("keys shortcuts"),
    bind(&[plain(KeyCode::F(1))], LINE, Command::Help, "help").hint("help"),
    bind(&[plain(KeyCode::F(1))], COMMANDS, Command::Help, "help"),
    bind(&[char(':')], COMMANDS, Command::Palette, "everything that can be done")
        .also("commands actions menu"),
    bind(&[alt(KeyCode::Char('x'))], ALL, Command::Palette, "everything that can be done"),
    bind(&[alt(KeyCode::Left)], ALL, Command::Back, "back to where you were").also("previous history"),
    bind(&[alt(KeyCode::Right)], ALL, Command::On, "on to where you came back from").also("forward"),
    bind(&[plain(KeyCode::BackTab)], ALL, Command::PreviousTab, "previous tab"),
    bind(&[char('i')], COMMANDS, Command::Index, "index the lockfile, or resume")
        .also("update build refresh"),
    bind(&[alt(KeyCode::Char('i'))], ALL, Command::Index, "index the lockfile, or resume"),
    bind(&[char('x')], COMMANDS, Command::CancelIndex, "stop indexing").also("cancel abort"),
    bind(&[ctrl('x')], LINE, Command::CancelIndex, "stop indexing"),
    bind(&[char('f')], COMMANDS, Command::Failures, "what could not be indexed")
        .also("errors failures problems"),
    bind(&[alt(KeyCode::Char('w'))], ALL, Command::Failures, "what could not be indexed"),
    bind(
        &[char('T')],
        COMMANDS,
        Command::Theme,
        "other colours: light, dark, high contrast, none, the terminal's",
    )
    .also("theme colors scheme appearance"),
    bind(&[char('M')], COMMANDS, Command::Mouse, "mouse off or on; select text with it off, or with Shift")
        .also("pointer click"),
    bind(&[ctrl('l')], ALL, Command::Redraw, "draw anew").also("refresh repaint"),
    bind(&[ctrl('z')], ALL, Command::Suspend, "suspend").also("stop background shell"),
    bind(&[char('q')], COMMANDS, Command::Quit, "quit").hint("quit").also("exit close leave"),
    bind(&[ctrl('c')], ALL, Command::Interrupt, "empty the line, or quit").also("clear cancel exit"),
];

/// What can be done in a list above the screen, where letters filter it.
pub const OVERLAY: &[Binding<Command>] = &[
    bind(&[plain(KeyCode::Enter)], ALL, Command::Choose, "do what is selected").hint("do it"),
    bind(&[plain(KeyCode::Down), ctrl('n')], ALL, Command::Move(Motion::Lines(1)), "next line")
        .hint("scroll"),
    bind(&[plain(KeyCode::Up), ctrl('p')], ALL, Command::Move(Motion::Lines(-1)), "previous line"),
    bind(&[plain(KeyCode::PageDown)], ALL, Command::Move(Motion::Pages(1)), "next page"),
    bind(&[plain(KeyCode::PageUp)], ALL, Command::Move(Motion::Pages(-1)), "previous page"),
    bind(&[plain(KeyCode::Esc)], ALL, Command::Close, "close").hint("close"),
    bind(&[plain(KeyCode::F(1))], ALL, Command::Help, "help"),
    bind(&[alt(KeyCode::Char('x'))], ALL, Command::Palette, "everything that can be done"),
    bind(&[ctrl('l')], ALL, Command::Redraw, "draw anew"),
    bind(&[ctrl('z')], ALL, Command::Suspend, "suspend"),
    bind(&[ctrl('c')], ALL, Command::Interrupt, "empty the line, or quit"),
];

/// Tabs that a digit shows.
pub const DIGITS: [char; 9] = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];
