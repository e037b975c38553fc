//! Going back to where one was, and on again; and the palette, which has everything that can be done.

use crossterm::event::KeyCode;

use super::super::parts::areas::Pane;
use super::super::shell::{Command, Does};
use super::super::tabs::explore::Explore;
use super::super::tabs::search::Search;
use super::super::tabs::spikes::Spikes;
use super::super::world;
use super::Screen;

const PATHS: [&str; 2] = ["tokio::spawn", "tokio::task::spawn_blocking"];

/// A result of a search was opened in its package.
fn jumped() -> Screen {
    let mut screen = Screen::open(140, 30);
    screen.keys("2").keys("spawn");
    let generation = screen.search_generation();
    screen.found(generation, &PATHS).press(KeyCode::Down).press(KeyCode::Enter);
    assert_eq!(screen.shown(), "Explore");
    screen
}

#[test]
fn back_leads_to_the_result_and_on_to_the_item() {
    let mut screen = jumped();
    screen.alt(KeyCode::Left);
    assert_eq!(screen.shown(), "Search");
    assert_eq!(screen.tab::<Search>().selected().unwrap().path, PATHS[1], "results are kept in place");
    assert!(screen.asked::<Search>().is_empty(), "nothing is searched again: {:?}", screen.effects);
    screen.alt(KeyCode::Right);
    assert_eq!((screen.shown(), screen.tab::<Explore>().pane), ("Explore", Pane::List));
    screen.assert_shows("‹ tokio 1.48.0");
    screen.alt(KeyCode::Left).alt(KeyCode::Left);
    screen.assert_shows("Packages");
    screen.assert_lacks("‹ tokio");
    screen.alt(KeyCode::Left);
    screen.assert_shows("this is where you began");
}

#[test]
fn a_search_that_was_typed_since_becomes_the_one_before() {
    let mut screen = jumped();
    screen.keys("2").press(KeyCode::End).keys(" local");
    assert_eq!(screen.tab::<Search>().input.value(), "spawn local");
    screen.alt(KeyCode::Left).alt(KeyCode::Left);
    assert_eq!(screen.tab::<Search>().input.value(), "spawn");
    screen.search_generation();
}

#[test]
fn each_tab_is_come_back_to_in_turn() {
    let mut screen = Screen::open(140, 30);
    let names: Vec<&str> = screen.app.tabs.iter().map(|tab| tab.name()).collect();
    for _ in 1..names.len() {
        screen.press(KeyCode::Tab);
    }
    for name in names.iter().rev() {
        assert_eq!(screen.shown(), *name);
        screen.alt(KeyCode::Left);
    }
    screen.assert_shows("this is where you began");
}

#[test]
fn a_spike_is_come_back_to() {
    let mut screen = Screen::open(140, 30);
    screen.keys("3").keys("jj").keys("4");
    screen.tab_mut::<Spikes>().cursor.selected = 0;
    screen.alt(KeyCode::Left);
    assert_eq!((screen.shown(), screen.tab::<Spikes>().cursor.selected), ("Spikes", 2));
}

#[test]
fn what_is_gone_is_passed_over_on_the_way_back() {
    let mut screen = jumped();
    screen.keys("4");
    screen.send(world::Message::Packages(Ok(Vec::new())));
    screen.alt(KeyCode::Left);
    assert_eq!(screen.shown(), "Search");
}

#[test]
fn the_palette_has_every_action_and_does_the_selected_one() {
    let mut screen = Screen::open(100, 40);
    for told in screen.app.told() {
        screen.keys(":");
        assert!(screen.text().contains(" Actions "), "{told:?}");
        let label: String = told.label.chars().take(30).collect();
        screen.keys(&label);
        screen.assert_shows(&label);
        screen.press(KeyCode::Esc);
    }
    screen.keys(":").keys("in Search: search all");
    screen.press(KeyCode::Enter);
    assert_eq!(screen.shown(), "Search");
    assert_eq!(screen.tab::<Search>().input.value(), "tier:public ");

    let mut screen = Screen::open(100, 40);
    let told = screen.app.told();
    let quit = told.iter().position(|told| told.does == Does::Command(Command::Quit)).unwrap();
    screen.alt(KeyCode::Char('x'));
    for _ in 0..quit {
        screen.press(KeyCode::Down);
    }
    let shown = screen.text();
    assert!(shown.contains("quit"), "what is selected shows: {shown}");
    screen.press(KeyCode::Enter);
    assert!(matches!(screen.effects[..], [super::super::shell::Effect::Quit]), "{:?}", screen.effects);
}
