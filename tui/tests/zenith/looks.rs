//! What the explorer looks like in terminals of every kind, and that it hears all of what they say.

use std::process::Command;

use serde::Serialize;

use crate::screen::in_terminal;
use crate::support::Place;

const QUESTION: &str = "\u{1b}]11;?\u{1b}\\";
const WHITE: &str = "\u{1b}]11;rgb:ffff/ffff/ffff\u{1b}\\";
const BLACK: &str = "\u{1b}]11;rgb:0000/0000/0000\u{1b}\\";
/// The mouse is listened to.
const ON: &str = "\u{1b}[?1000h";
const OFF: &str = "\u{1b}[?1000l";
/// It is open: "3 packages", of which the last letters may stand there already.
const OPEN: &str = "3 packag";
/// Of the terminal that tests are in.
const ROWS: u16 = 30;
const COLUMNS: u16 = 100;
/// Empties the line and ends, within one read: the screen stays as it was.
const QUIT: &str = "\u{3}\u{3}";

/// The explorer where colours are wanted.
fn coloured(place: &Place) -> Command {
    let mut command = place.command(&[]);
    command.env_remove("NO_COLOR");
    command
}

/// The screen as it was last, and all that was written.
pub fn shown(program: Command, steps: &impl Serialize) -> (vt100::Parser, String) {
    let (code, written) = in_terminal(&program, steps);
    assert_eq!(code, Some(0), "{written}");
    let end = written.rfind("\u{1b}[?1049l").unwrap();
    let mut terminal = vt100::Parser::new(ROWS.try_into().unwrap(), COLUMNS.try_into().unwrap(), 0);
    terminal.process(&written.as_bytes()[..end]);
    (terminal, written)
}

fn cells(screen: &vt100::Screen) -> Vec<vt100::Cell> {
    let cell = |at: u16| screen.cell(at / COLUMNS, at % COLUMNS).cloned();
    (0..ROWS * COLUMNS).filter_map(cell).filter(vt100::Cell::has_contents).collect()
}

/// The cells that a text is drawn in.
fn drawn(screen: &vt100::Screen, text: &str) -> Vec<vt100::Cell> {
    let rows = screen.rows(0, COLUMNS).collect::<Vec<_>>();
    let (row, column) = rows
        .iter()
        .enumerate()
        .find_map(|(row, line)| Some((row, line[..line.find(text)?].chars().count())))
        .unwrap_or_else(|| panic!("{text:?} is not on\n{}", rows.join("\n")));
    let cell = |at: usize| screen.cell(u16::try_from(row).unwrap(), u16::try_from(column + at).unwrap());
    (0..text.chars().count()).map(|at| cell(at).unwrap().clone()).collect()
}

/// How light a colour of the palette is, as WCAG has it.
fn luminance(colour: vt100::Color, default: f64) -> f64 {
    let vt100::Color::Idx(number) = colour else { return default };
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    let rgb = match number.checked_sub(16).expect("one of the user's own 16 colours") {
        cube @ 0..=215 => [level(cube / 36), level(cube / 6 % 6), level(cube % 6)],
        grey => [8 + 10 * (grey - 216); 3],
    };
    let [red, green, blue] = rgb.map(|channel| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// The contrast of a cell in a terminal of one background, whose own colour is the opposite.
fn contrast(cell: &vt100::Cell, background: f64) -> f64 {
    let (fore, back) = (luminance(cell.fgcolor(), 1.0 - background), luminance(cell.bgcolor(), background));
    (fore.max(back) + 0.05) / (fore.min(back) + 0.05)
}

/// Everything on the screen can be read on a background, and there are colours.
#[track_caller]
fn assert_legible(screen: &vt100::Screen, background: f64) {
    let cells = cells(screen);
    assert!(cells.iter().any(|cell| cell.fgcolor() != vt100::Color::Default), "nothing is coloured");
    for cell in &cells {
        let least = if cell.contents().chars().all(char::is_alphanumeric) { 4.5 } else { 3.0 };
        assert!(contrast(cell, background) >= least, "{cell:?} on\n{}", screen.contents());
    }
}

const SEARCH: [(&str, &str); 2] = [(OPEN, "do_part1"), ("part1::do_part1", QUIT)];

#[test]
fn a_light_terminal_that_says_so_is_drawn_in_dark_letters() {
    let place = Place::with_workspace(3);
    let steps = [&[(QUESTION, WHITE)], &SEARCH[..]].concat();
    let (terminal, written) = shown(coloured(&place), &steps);
    assert_legible(terminal.screen(), 1.0);
    for cell in drawn(terminal.screen(), "› do_part1") {
        assert!(contrast(&cell, 1.0) >= 4.5, "{cell:?}");
    }
    assert!(written.rfind("\u{1b}[?2031l") > written.rfind("\u{1b}[?2031h"), "it is told of changes no more");
}

#[test]
fn a_change_of_the_background_is_followed() {
    let place = Place::with_workspace(3);
    let to_light = "\u{1b}[?997;2n2";
    let steps = [(QUESTION, BLACK), (OPEN, to_light), ("hybrid", "do_part1"), ("part1::do_part1", QUIT)];
    let (terminal, _) = shown(coloured(&place), &steps);
    assert_legible(terminal.screen(), 1.0);
    let (terminal, _) = shown(coloured(&place), &[&[(QUESTION, BLACK)], &SEARCH[..]].concat());
    assert_legible(terminal.screen(), 0.0);
}

#[test]
fn a_terminal_that_never_answers_keeps_its_own_colours() {
    let place = Place::with_workspace(3);
    let (terminal, _) = shown(coloured(&place), &SEARCH);
    for cell in cells(terminal.screen()) {
        assert_eq!((cell.fgcolor(), cell.bgcolor()), Default::default(), "{cell:?}");
    }
    assert!(drawn(terminal.screen(), "▌").iter().all(vt100::Cell::inverse), "what is selected is seen");
}

/// Over a slow line it comes when one types already.
#[test]
fn a_late_answer_is_not_typed() {
    let place = Place::with_workspace(3);
    let late = ["do_", WHITE, "part1"].concat();
    let steps = [(OPEN, &*late), ("part1::do_part1", QUIT)];
    let (terminal, _) = shown(coloured(&place), &steps);
    drawn(terminal.screen(), "› do_part1 ");
    assert_legible(terminal.screen(), 1.0);
}

#[test]
fn a_theme_of_the_settings_needs_no_answer() {
    let place = Place::with_workspace(3);
    let mut light = coloured(&place);
    light.env("ZENITH_THEME", "light");
    assert_legible(shown(light, &SEARCH).0.screen(), 1.0);
    let mut contrast = coloured(&place);
    contrast.env("ZENITH_THEME", "contrast");
    let (terminal, _) = shown(contrast, &[&[(QUESTION, BLACK)], &SEARCH[..]].concat());
    for cell in cells(terminal.screen()) {
        let is_text = cell.contents().chars().all(char::is_alphanumeric);
        assert!(!is_text || self::contrast(&cell, 0.0) >= 7.0, "{cell:?}");
    }
}

/// It is waited for; then black is painted, and every letter has its contrast on it.
#[test]
fn high_contrast_needs_no_answer_of_the_terminal() {
    let place = Place::with_workspace(3);
    let mut contrast = coloured(&place);
    contrast.env("ZENITH_THEME", "contrast");
    let (terminal, _) = shown(contrast, &[&[("48;5;16m", "\u{1b}[I")], &SEARCH[..]].concat());
    let screen = terminal.screen();
    for at in 0..ROWS * COLUMNS {
        let cell = screen.cell(at / COLUMNS, at % COLUMNS).unwrap();
        assert_ne!(cell.bgcolor(), vt100::Color::Default, "{at} on\n{}", screen.contents());
        let is_text = cell.has_contents() && cell.contents().chars().all(char::is_alphanumeric);
        assert!(!is_text || self::contrast(cell, 0.0) >= 7.0, "{cell:?}");
    }
}

/// What of the screen's settings cannot be meant is told, with what can, and the rest of them counts.
#[test]
fn a_theme_that_there_is_not_is_told_and_stops_nothing() {
    let place = Place::with_workspace(3);
    let settings = "theme = 'nonsense'\nmouse = false\n";
    std::fs::write(place.project().with_file_name("config.toml"), settings).unwrap();
    let steps = [&[(QUESTION, WHITE)], &[("passed over: it can be", "")], &SEARCH[..]].concat();
    let (terminal, written) = shown(coloured(&place), &steps);
    assert_legible(terminal.screen(), 1.0);
    assert!(!written.contains(ON), "the mouse is off");
    let listed = place.run(&["packages"]).ok();
    assert!(listed.err.contains("theme says \"nonsense\""), "{}", listed.err);
}

#[test]
fn a_terminal_of_one_colour_has_bold_and_reversed_letters() {
    let place = Place::with_workspace(3);
    let mut program = coloured(&place);
    program.env("TERM", "vt100").env("COLORFGBG", "0;15");
    let (terminal, written) = shown(program, &SEARCH);
    assert!(!written.contains(QUESTION) && !written.contains("8;5;"), "{written:?}");
    let cells = cells(terminal.screen());
    assert!(cells.iter().any(vt100::Cell::bold) && cells.iter().any(vt100::Cell::inverse));
}

/// For readers of screens and magnifiers.
#[test]
fn the_hidden_cursor_stands_on_what_is_selected() {
    let place = Place::with_workspace(3);
    let (terminal, _) = shown(coloured(&place), &[(OPEN, "\u{1b}1G"), ("▌", QUIT)]);
    let screen = terminal.screen();
    assert!(screen.hide_cursor());
    let (row, column) = screen.cursor_position();
    assert_eq!(screen.cell(row, column).unwrap().contents(), "▌", "{}", screen.contents());
}

#[test]
fn without_unicode_everything_is_ascii() {
    let place = Place::with_workspace(3);
    let mut program = coloured(&place);
    program.env("LC_ALL", "C");
    let steps = [(OPEN, "do_part1"), ("part1::do_part1", "\u{1b}x"), ("Actions", QUIT)];
    let (terminal, written) = shown(program, &steps);
    assert!(written.is_ascii(), "{written:?}");
    drawn(terminal.screen(), "+ Actions -");
    drawn(terminal.screen(), "|>");
}

#[test]
fn a_terminal_that_cannot_move_its_cursor_gets_the_overview() {
    let place = Place::with_workspace(3);
    let mut program = coloured(&place);
    program.env("TERM", "dumb");
    let (code, written) = in_terminal(&program, [(); 0]);
    assert_eq!(code, Some(0), "{written}");
    assert!(written.contains("private: 3 packages"), "{written}");
    assert!(!written.contains('\u{1b}'), "{written:?}");
    let (_, example) = written.split_once("zenith search pkg:part").expect("an example of what is there");
    assert!(example.contains("::do_part"), "{written}");
    assert!(!written.contains("tokio"), "{written}");
    let empty = Place::new();
    let (code, written) = in_terminal(empty.command(&[]).env("TERM", "dumb"), [(); 0]);
    assert!(code == Some(0) && !written.contains("zenith search"), "nothing is there: {written}");
}

/// The hints tell them, and they do it; what is no action is told.
#[test]
fn keys_of_the_settings_take_the_place_of_others() {
    let place = Place::with_workspace(3);
    let settings = "motion = 'reduced'\n[keys]\nmode = 'Alt-z'\nquit = 'Q'\nqit = 'x'\n";
    std::fs::write(place.project().with_file_name("config.toml"), settings).unwrap();
    let steps = [("Alt-z", "do_part1"), ("part1::do_part1", "\u{1b}z\u{1b}m\u{1b}1q"), ("Packages", "Q")];
    let (_, written) = shown(coloured(&place), &steps);
    assert!(written.contains("qit"), "{written}");
    let kept = std::fs::read_to_string(place.state().join("zenith/explorer.json")).unwrap();
    assert!(kept.contains("\"mode\": \"text\""), "{kept}");
}

#[test]
fn the_mouse_is_left_to_the_terminal_by_a_setting_and_by_a_key() {
    let place = Place::with_workspace(3);
    let (_, written) = shown(coloured(&place), &[(OPEN, "\u{1b}1M"), (OFF, "M"), (ON, "q")]);
    assert_eq!(written.matches(ON).count(), 2, "{written:?}");
    let mut program = coloured(&place);
    program.env("ZENITH_MOUSE", "off");
    let (_, written) = shown(program, &[(OPEN, QUIT)]);
    assert!(!written.contains(ON), "{written:?}");
}

/// They are as many edits as they come in pieces, or else each of them would be told of by itself.
#[test]
fn keys_of_an_unmarked_paste_are_taken_together() {
    let place = Place::with_workspace(3);
    // Nothing is at work that the end would wait for, on another screen.
    place.run(&["index", "."]).ok();
    let steps = [(OPEN, "x".repeat(14_000)), ("left", QUIT.to_string())];
    let (terminal, _) = shown(coloured(&place), &steps);
    let shown = terminal.screen().contents();
    assert!(
        shown.contains("a line holds 10,000 characters") && shown.contains(" characters left out"),
        "{shown}"
    );
}

/// A terminal holds some 4,000 bytes for its reader; a reader that takes 1,000 of them must come again by itself.
#[test]
fn ten_thousand_keys_at_once_all_arrive() {
    let place = Place::with_workspace(3);
    // Each one that arrives is answered.
    let keys = ["\u{1b}1", &"M".repeat(9_999), "q"].concat();
    let (_, written) = shown(coloured(&place), &[(OPEN, &keys)]);
    // The first one is that of the beginning, the last one that of the end.
    assert_eq!((written.matches(ON).count(), written.matches(OFF).count()), (1 + 4_999, 5_000 + 1));
}
