//! The rows of Search: what a result says of itself, and how one moves among rows of two lines.

use crossterm::event::{Event, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::style::Style;
use zenith_core::search::{FoundBy, Hit};

use super::super::parts::theme::Role;
use super::super::tabs::search::{Found, Message, Search};
use super::{DARK, Screen, hit};

/// A function with all that a row can tell.
pub fn told(path: &str) -> Hit {
    Hit {
        signature: "pub fn spawn_blocking<F, R>(f: F) -> JoinHandle<R> where F: Send".to_string(),
        doc: "# Threads\n\nRuns the [closure](x) on a `thread` where blocking is fine. It may\nspawn more."
            .to_string(),
        near: 0.5,
        ..hit(1, path)
    }
}

fn found(width: u16, height: u16, query: &str, hits: Vec<Hit>) -> Screen {
    let mut screen = Screen::open(width, height);
    screen.keys("2").keys(query);
    let generation = screen.search_generation();
    screen.tell::<Search>(Message::Found { generation, found: Ok(Found { hits, ..Found::default() }) });
    screen
}

/// The lines of the screen that have a text.
fn lines(screen: &Screen, text: &str) -> Vec<String> {
    screen.text().lines().filter(|line| line.contains(text)).map(str::to_string).collect()
}

/// How the first letter of a text looks, where it first stands on the screen.
fn style_of(screen: &Screen, line: &str, text: &str) -> Style {
    let shown = screen.text();
    let (y, row) = shown.lines().enumerate().find(|(_, row)| row.contains(line)).unwrap();
    let x = row[..row.find(text).unwrap()].chars().count();
    screen.buffer()[(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())].style()
}

#[test]
fn a_row_says_what_it_is_what_it_is_for_and_why_it_is_here() {
    let hits = vec![told("tokio::task::spawn_blocking")];
    let screen = found(200, 30, "threads spawn zzz", hits.clone());
    let what = &lines(&screen, "tokio@1.48.0")[0];
    assert!(what.contains("fn      tokio::task::spawn_blocking<F, R>(f: F) -> J"), "{what}");
    assert!(what.contains("tokio@1.48.0 public"), "{what}");
    let why = &lines(&screen, "Runs the closure on a thread where blocking is fine.")[0];
    assert!(why.contains("threads spawn  ██▌   "), "{why}");
    assert!(!why.contains("It may") && !why.contains("zzz"), "{why}");
    // What was found is marked where it stands, in the path as in the sentence.
    let marked = DARK.style(Role::Match).fg;
    assert_eq!(style_of(&screen, "tokio@1.48.0", "spawn_").fg, marked);
    assert_eq!(style_of(&screen, "Runs the closure", "thread where").fg, marked);
    assert_ne!(style_of(&screen, "tokio@1.48.0", "_blocking").fg, marked);
    assert_ne!(style_of(&screen, "Runs the closure", "closure").fg, marked);
    // Where there is no room, a row is one line, and says what it is.
    let screen = found(200, 20, "threads spawn", hits);
    assert_eq!(lines(&screen, "tokio@1.48.0").len(), 1, "{}", screen.text());
    screen.assert_lacks("where blocking is fine");
}

#[test]
fn a_row_says_what_it_was_found_by_where_no_word_shows() {
    let of = |found_by, doc: &str| Hit { found_by, doc: doc.to_string(), ..hit(1, "a::start") };
    for (query, found_by, expected) in [
        ("spawn", FoundBy::Words, "in its text"),
        ("spawn", FoundBy::Meaning, "by meaning"),
        ("satrt", FoundBy::LikeName, "a name like it"),
    ] {
        let screen = found(140, 30, query, vec![of(found_by, "Begins.")]);
        let why = &lines(&screen, "Begins.")[0];
        assert!(why.contains(expected), "{why}");
    }
    // A filter alone looks for no words, and what is not documented says where it stands.
    let screen = found(140, 30, "kind:fn", vec![of(FoundBy::Words, "")]);
    let why = &lines(&screen, "src/lib.rs:1")[0];
    assert!(!why.contains("in its text") && !why.contains("fn"), "{why}");
}

#[test]
fn rows_of_two_lines_are_moved_among_and_show_whole() {
    let hits: Vec<Hit> = (0..60).map(|number| told(&format!("a::f{number:02}"))).collect();
    let mut screen = found(140, 30, "zzz", hits);
    let selected = |screen: &Screen| screen.tab::<Search>().selected().unwrap().path.clone();
    let marks = |screen: &Screen| {
        let buffer = screen.buffer();
        (0..buffer.area.height).filter(|row| buffer[(0, *row)].symbol() == "▌").collect::<Vec<u16>>()
    };
    screen.press(KeyCode::PageDown);
    assert_eq!(selected(&screen), "a::f11", "a page is as many results as show");
    let rows = marks(&screen);
    assert_eq!((rows.len(), rows[1]), (2, rows[0] + 1), "both of its lines\n{}", screen.text());
    for _ in 0..30 {
        screen.press(KeyCode::Down);
        let rows = marks(&screen);
        assert_eq!(rows.len(), 2, "{}", screen.text());
        let top = screen.text().lines().nth(5).unwrap().to_string();
        assert!(top.contains("a::f"), "a result shows from its first line on: {top}");
    }
    let at =
        |row: u16, kind| Event::Mouse(MouseEvent { kind, column: 4, row, modifiers: KeyModifiers::NONE });
    let before = selected(&screen);
    for _ in 0..8 {
        screen.send(at(10, MouseEventKind::ScrollUp));
        assert_eq!(marks(&screen).len(), 2, "{}", screen.text());
    }
    assert_ne!(selected(&screen), before, "it goes along where it would leave the view");
    // The second line of a result is the result.
    let row = lines(&screen, "a::f20").len();
    assert_eq!(row, 1, "{}", screen.text());
    let y = screen.text().lines().position(|line| line.contains("a::f20")).unwrap();
    screen.send(at(u16::try_from(y + 1).unwrap(), MouseEventKind::Down(MouseButton::Left)));
    assert_eq!(selected(&screen), "a::f20");
}
