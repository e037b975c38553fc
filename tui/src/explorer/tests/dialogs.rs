//! Lists above the screen: as large as what is in them, on every screen, and with what their keys do.

use crossterm::event::KeyCode;
use zenith_core::index::{Failure, IndexReport};

use super::super::parts::menu::{Choice, Menu};
use super::super::shell::{Command, Does};
use super::super::tabs::search::Search;
use super::super::tabs::spikes::Spikes;
use super::super::world;
use super::Screen;

fn last(screen: &Screen) -> String {
    screen.text().lines().last().unwrap().to_string()
}

/// Over a menu of two choices.
fn asked(width: u16, height: u16) -> Screen {
    let mut screen = Screen::open(width, height);
    screen.keys("3a");
    assert!(screen.app.overlay.is_some(), "{}", screen.text());
    screen
}

#[test]
fn a_list_is_as_high_as_what_is_in_it_and_stays_so_while_one_filters() {
    let rows = |screen: &Screen| screen.text().lines().filter(|line| line.contains("│")).count();
    let mut screen = asked(120, 40);
    assert!(rows(&screen) < 8, "{}", screen.text());
    let before = rows(&screen);
    screen.keys("zzz");
    assert_eq!(rows(&screen), before);
    screen.press(KeyCode::Esc).keys(":");
    assert!(rows(&screen) > 20, "what is long is as high as there is room for");
}

#[test]
fn the_smallest_screens_show_what_can_be_chosen() {
    for (width, height) in [(20, 5), (20, 3), (12, 8), (40, 6)] {
        let mut screen = asked(width, height);
        let shown = screen.text();
        assert!(shown.contains("spik") && shown.contains('▌'), "{width} × {height}\n{shown}");
        screen.press(KeyCode::Esc).keys("1?");
        screen.keys("quit");
        screen.assert_shows("quit");
    }
    let screen = asked(30, 2);
    screen.assert_shows("there is no room");
}

#[test]
fn the_last_line_says_what_enter_and_letters_do() {
    let menu = last(&asked(100, 30));
    assert!(menu.contains("Enter or its letter") && menu.contains("Esc close"), "{menu}");
    let mut screen = Screen::open(100, 30);
    screen.keys("1:");
    assert!(last(&screen).contains("Enter do it"), "{}", last(&screen));
    screen.press(KeyCode::Esc);
    let failure = Failure { package: "gone".to_string(), why: "its source is not here".to_string() };
    screen.send(world::Message::Indexed(Ok(IndexReport { failed: vec![failure], ..IndexReport::default() })));
    screen.keys("f");
    screen.assert_shows("its source is not here");
    assert!(!last(&screen).contains("Enter"), "there is nothing to do with it: {}", last(&screen));
}

#[test]
fn letters_that_are_scattered_count_only_where_nothing_has_the_words() {
    let mut screen = Screen::open(100, 40);
    screen.keys("1:quit");
    screen.assert_lacks("high contrast");
    screen.press(KeyCode::Esc).keys(":qit");
    screen.assert_shows("quit");
}

#[test]
fn the_help_of_search_lists_no_key_that_is_text_there() {
    let mut screen = Screen::open(100, 40);
    screen.alt(KeyCode::Char('2'));
    let told = screen.app.told();
    let quit = told.iter().find(|told| told.does == Does::Command(Command::Quit)).unwrap();
    assert_eq!((quit.keys.as_str(), quit.can), ("", true), "it can be chosen there");
    let tab = told.iter().find(|told| told.label == "Status").unwrap();
    assert_eq!(tab.keys, "Alt-4");
    screen.alt(KeyCode::Char('1'));
    let told = screen.app.told();
    assert_eq!(told.iter().find(|told| told.label == "Status").unwrap().keys, "4  Alt-4");
}

#[test]
fn hints_tell_of_what_would_do_something() {
    let mut screen = Screen::open(160, 30);
    screen.keys("2");
    let empty = last(&screen);
    assert!(empty.contains("Enter search it"), "{empty}");
    for idle in ["in Explore", "Esc", "copy", "edit", "read"] {
        assert!(!empty.contains(idle), "{idle}: {empty}");
    }
    screen.alt(KeyCode::Char('e'));
    screen.assert_shows("no result is selected yet; Enter searches for this line");
    screen.keys("spawn");
    let generation = screen.search_generation();
    screen.found(generation, &["tokio::spawn"]);
    for hint in ["Enter in Explore", "Esc back", "Alt-y copy", "Alt-e edit"] {
        screen.assert_shows(hint);
    }
    assert_eq!(screen.tab::<Search>().hits().len(), 1);
}

#[test]
fn a_spike_that_does_not_run_on_the_chosen_backend_says_so_and_which_key_changes_that() {
    let mut screen = Screen::open(200, 40);
    screen.keys("3");
    screen.assert_shows("It was not tried yet. Enter runs it.");
    screen.assert_shows("Enter run");
    let only_elsewhere = |screen: &Screen| {
        let tab = screen.tab::<Spikes>();
        !tab.backends.run(tab.selected().unwrap())
    };
    for _ in 0..5 {
        if only_elsewhere(&screen) {
            break;
        }
        screen.keys("b");
    }
    assert!(only_elsewhere(&screen), "the first spike runs everywhere");
    screen.assert_lacks("Enter run");
    screen.assert_shows("It was not tried yet. It does not run on");
    screen.assert_shows("b chooses another");
}

#[test]
fn a_menu_has_room_for_its_longest_words() {
    let mut screen = Screen::open(60, 20);
    let choices = vec![Choice::copies('y', "path", "word ".repeat(40)), Choice::leaves("nothing")];
    screen.app.overlay = Some(super::super::shell::Overlay::menu(Menu { title: " Copy ", choices }));
    let shown = screen.text();
    assert!(shown.matches("word").count() == 40 && shown.contains("nothing"), "{shown}");
}
