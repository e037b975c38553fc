//! Searching as one types, and going from a result to where it stands.

use std::time::Duration;

use crossterm::event::{Event, KeyCode};
use zenith_core::search::Mode;

use super::super::parts::areas::Pane;
use super::super::parts::page::{Page, Subject};
use super::super::tabs::explore::{self, Explore};
use super::super::tabs::search::{DEBOUNCE, Effect, Message, Search};
use super::super::world;
use super::{Screen, entry};

const PATHS: [&str; 3] = ["tokio::spawn", "tokio::task::spawn_blocking", "tokio::task::spawn_local"];

fn searching(query: &str) -> Screen {
    let mut screen = Screen::open(140, 30);
    screen.press(KeyCode::Tab).keys(query);
    screen
}

#[test]
fn each_keystroke_asks_for_a_search_that_waits_for_the_next() {
    let mut screen = searching("sp");
    let (first, delay) = match &screen.asked_alone::<Search>()[..] {
        [Effect::Search { generation, request, delay, .. }] => {
            assert_eq!(request.query, "sp");
            (*generation, *delay)
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(delay, DEBOUNCE);
    screen.keys("a");
    assert!(screen.search_generation() > first);
    screen.press(KeyCode::Left);
    assert!(screen.effects.is_empty(), "moving the cursor searches nothing: {:?}", screen.effects);
}

#[test]
fn results_of_an_older_query_are_dropped_and_old_results_stay_until_new_ones_come() {
    let mut screen = searching("s");
    let first = screen.search_generation();
    screen.keys("p");
    let second = screen.search_generation();
    screen.app.dirty = false;
    screen.found(first, &PATHS[2..]);
    assert!(!screen.app.dirty, "a stale answer draws nothing");
    screen.found(second, &PATHS[..1]);
    screen.assert_shows("tokio::spawn");
    screen.keys("x");
    screen.assert_shows("tokio::spawn");
}

#[test]
fn mode_and_tier_search_again_at_once() {
    let mut screen = searching("spawn");
    screen.alt(KeyCode::Char('m'));
    assert_eq!(screen.tab::<Search>().mode, Mode::Text);
    screen.alt(KeyCode::Char('t'));
    match &screen.asked_alone::<Search>()[..] {
        [Effect::Search { request, delay, .. }] => {
            assert_eq!((request.mode, request.query.as_str()), (Mode::Text, "tier:public spawn"));
            assert_eq!(*delay, Duration::ZERO);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn new_packages_search_again_and_leave_the_selection() {
    let mut screen = searching("spawn");
    let generation = screen.search_generation();
    screen.found(generation, &PATHS).press(KeyCode::Down);
    assert_eq!(screen.tab::<Search>().selected().unwrap().path, PATHS[1]);
    let more = entry(zenith_core::identity::Scope::Public, "more", "1.0.0");
    screen.send(world::Message::Packages(Ok(vec![more])));
    let generation = screen.search_generation();
    screen.found(generation, &["tokio::better", PATHS[0], PATHS[1]]);
    assert_eq!(screen.tab::<Search>().selected().unwrap().path, PATHS[1]);
}

#[test]
fn a_query_of_blanks_finds_nothing_and_says_what_to_type() {
    let mut screen = searching("spawn");
    let generation = screen.search_generation();
    screen.found(generation, &PATHS);
    screen.ctrl('u');
    screen.assert_shows("what it should do");
    screen.keys("   ");
    assert!(screen.effects.is_empty());
    screen.found(generation, &PATHS);
    screen.assert_lacks("tokio@1.48.0");
}

#[test]
fn the_page_of_the_selected_result_is_loaded_and_a_stale_one_dropped() {
    let mut screen = searching("spawn");
    let generation = screen.search_generation();
    screen.found(generation, &PATHS);
    let page_generation = |screen: &Screen| {
        screen.generation_of::<Search>(|effect| match effect {
            Effect::Page { generation, key, .. } => {
                assert!(matches!(&key.subject, Subject::Found { .. }));
                Some(*generation)
            }
            _ => None,
        })
    };
    let first = page_generation(&screen);
    screen.press(KeyCode::Down);
    let second = page_generation(&screen);
    let page = |text: &str| Page { lines: vec![text.to_string().into()], ..Page::default() };
    screen.tell::<Search>(Message::Page { generation: second, page: page("the second page") });
    screen.tell::<Search>(Message::Page { generation: first, page: page("the first page") });
    screen.assert_shows("the second page");
}

#[test]
fn enter_opens_a_result_where_it_stands() {
    let mut screen = searching("spawn");
    let generation = screen.search_generation();
    screen.found(generation, &PATHS).press(KeyCode::Down).press(KeyCode::Enter);
    assert_eq!((screen.shown(), screen.tab::<Explore>().pane), ("Explore", Pane::List));
    let generation = screen.generation_of::<Explore>(|effect| match effect {
        explore::Effect::Tree { generation, entry, .. } => {
            assert_eq!(entry.id.name(), "tokio");
            Some(*generation)
        }
        _ => None,
    });
    let symbols = PATHS.map(|path| super::symbol("fn", path));
    let tree = super::Tree::build(&symbols, &[]);
    screen.tell::<Explore>(explore::Message::Tree { generation, tree: Ok(tree.into()) });
    assert_eq!(screen.tab::<Explore>().path().as_deref(), Some(PATHS[1]));
    screen.assert_shows("ƒ spawn_blocking");
}

#[test]
fn a_search_that_fails_is_told_and_no_results_as_well() {
    let mut screen = searching("spawn");
    let generation = screen.search_generation();
    screen.tell::<Search>(Message::Found { generation, found: Err("the shelf is damaged".to_string()) });
    screen.assert_shows("the shelf is damaged");
    screen.keys("x");
    let generation = screen.search_generation();
    screen.found(generation, &[]);
    screen.assert_shows("No results");
}

#[test]
fn what_is_pasted_is_one_clean_line() {
    let mut screen = searching("");
    screen.send(Event::Paste("tokio::\u{1b}[31m\nspawn".to_string()));
    assert_eq!(screen.tab::<Search>().input.value(), "tokio:: spawn");
}
