//! The mouse: each word that does something is an area of its own, and two clicks open.

use crossterm::event::{Event, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use zenith_core::index::{Failure, IndexReport, Progress};

use super::super::parts::out::Notice;
use super::super::shell::Effect;
use super::super::tabs::spikes::{self, Spikes};
use super::super::world;
use super::Screen;

/// Where a text begins on the screen.
fn place(screen: &Screen, text: &str) -> (u16, u16) {
    let shown = screen.text();
    let found = shown
        .lines()
        .enumerate()
        .find_map(|(row, line)| Some((line[..line.find(text)?].chars().count(), row)));
    let (column, row) = found.unwrap_or_else(|| panic!("{text:?} is not on\n{shown}"));
    (u16::try_from(column).unwrap(), u16::try_from(row).unwrap())
}

fn click(screen: &mut Screen, (column, row): (u16, u16)) {
    let kind = MouseEventKind::Down(MouseButton::Left);
    screen.send(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
}

fn click_on(screen: &mut Screen, text: &str) {
    let at = place(screen, text);
    click(screen, at);
}

fn indexing() -> Screen {
    let mut screen = Screen::open(100, 30);
    screen.keys("1i");
    screen.send(world::Message::Progress(Progress::Planned { packages: 4, ready: 1 }));
    screen
}

fn is_cancelled(screen: &Screen) -> bool {
    screen.effects.iter().any(|effect| matches!(effect, Effect::World(world::Effect::CancelIndex)))
}

#[test]
fn the_word_beside_what_is_at_work_stops_it_and_a_click_beside_that_does_not() {
    let mut screen = indexing();
    let (column, row) = place(&screen, "x stops");
    for beside in [column - 1, column + 7] {
        click(&mut screen, (beside, row));
        assert!(!is_cancelled(&screen), "{beside}");
    }
    click(&mut screen, (column + 6, row));
    assert!(is_cancelled(&screen), "{:?}", screen.effects);
}

#[test]
fn what_another_tab_has_at_work_is_stopped_without_going_there() {
    let mut screen = Screen::open(100, 30);
    screen.keys("3").press(KeyCode::Enter).keys("1");
    let (column, row) = place(&screen, " stop ");
    click(&mut screen, (column + 1, row));
    assert!(matches!(screen.asked_alone::<Spikes>()[..], [spikes::Effect::Cancel]), "{:?}", screen.effects);
    assert_eq!(screen.shown(), "Explore");
    screen.assert_lacks(" stop ");

    let mut screen = Screen::open(100, 30);
    screen.keys("3").press(KeyCode::Enter).keys("1M");
    screen.assert_lacks(" stop ");
}

#[test]
fn a_key_that_a_notice_names_is_one_for_the_mouse_and_its_other_words_are_none() {
    let mut screen = Screen::open(100, 30);
    let failure = Failure { package: "gone@1.0.0".to_string(), why: "not on this machine".to_string() };
    let report = IndexReport { missing: vec![failure], ..IndexReport::default() };
    let said = "1 package could not be indexed; Alt-w says why";
    for word in ["Alt-w", "says", "not"] {
        screen.keys("1").send(world::Message::Indexed(Ok(report.clone())));
        let (column, row) = place(&screen, said);
        let at = said.find(word).unwrap();
        click(&mut screen, (column + u16::try_from(at).unwrap(), row));
        assert_eq!(screen.app.overlay.is_some(), word == "Alt-w", "{word}\n{}", screen.text());
        screen.press(KeyCode::Esc);
    }
    for (said, word) in
        [("x and Ctrl-C, so far", "Ctrl-C"), ("x and Ctrl-C, so far", "x "), ("Home; then i", "i")]
    {
        screen.keys("1").app.tell(Notice::Done(said.to_string()));
        let (column, row) = place(&screen, said);
        let at = said.find(word).unwrap();
        click(&mut screen, (column + u16::try_from(at).unwrap(), row));
        assert!(screen.effects.is_empty(), "{said}: {:?}", screen.effects);
    }
}

#[test]
fn the_count_of_what_was_not_indexed_says_why() {
    let mut screen = Screen::open(100, 30);
    let failure = Failure { package: "gone".to_string(), why: "its source is not here".to_string() };
    screen.send(world::Message::Indexed(Ok(IndexReport { failed: vec![failure], ..IndexReport::default() })));
    click_on(&mut screen, "1 not indexed");
    screen.assert_shows("its source is not here");

    let mut screen = Screen::open(100, 30);
    screen.send(world::Message::Indexed(Err("the disk is full".to_string())));
    click_on(&mut screen, "Alt-i tries again");
    assert!(screen.effects.iter().any(|effect| matches!(effect, Effect::World(world::Effect::Index(_)))));
}

#[test]
fn two_clicks_open_what_one_selects_in_every_list() {
    let mut screen = Screen::open(100, 30);
    screen.keys("1");
    click_on(&mut screen, "tokio 1.48.0");
    screen.assert_lacks("‹ tokio");
    click_on(&mut screen, "tokio 1.48.0");
    screen.assert_shows("‹ tokio 1.48.0");

    let mut screen = Screen::open(100, 30);
    screen.keys("2spawn");
    let generation = screen.search_generation();
    screen.found(generation, &["tokio::spawn", "tokio::task::spawn_blocking"]);
    let at = place(&screen, "tokio::task::spawn_blocking");
    click(&mut screen, at);
    assert_eq!(screen.shown(), "Search");
    click(&mut screen, at);
    assert_eq!(screen.shown(), "Explore");

    let mut screen = Screen::open(100, 30);
    screen.keys("4G");
    let at = place(&screen, "l sign in, to see");
    click(&mut screen, (at.0 + 60, at.1));
    screen.assert_lacks("browser");
    click(&mut screen, (at.0 + 60, at.1));
    screen.assert_shows("browser");
}

/// Of every tab, in all widths: what shows as a hint is what a click on it does, whichever letter of it is met.
#[test]
fn every_hint_and_every_tab_is_as_wide_as_its_words() {
    for width in [80, 84, 100, 140] {
        let mut screen = Screen::open(width, 30);
        for name in ["1 Explore", "2 Search", "3 Spikes", "4 Status"] {
            let (column, row) = place(&screen, name);
            for offset in [0, u16::try_from(name.len()).unwrap() - 1] {
                screen.alt(KeyCode::Char('1'));
                click(&mut screen, (column + offset, row));
                assert_eq!(screen.shown(), &name[2..], "{width}");
            }
            if let Some(at) = screen.text().lines().last().and_then(|line| line.find("help")) {
                let at = (u16::try_from(at).unwrap() + 3, 29);
                click(&mut screen, at);
                screen.assert_shows(" Keys ");
                screen.press(KeyCode::Esc);
            }
        }
    }
}
