//! Going back to where one was, and on again; and the palette, which has everything that can be done.

use std::sync::Arc;

use crossterm::event::KeyCode;

use super::super::parts::areas::Pane;
use super::super::parts::menu::{Choice, Chosen};
use super::super::parts::page::Page;
use super::super::parts::place::Place;
use super::super::parts::tree::tests::symbol;
use super::super::parts::tree::{Item, Tree};
use super::super::shell::{Command, Does};
use super::super::tabs::explore::{self, Bearer, Explore};
use super::super::tabs::search::{self, Search};
use super::super::tabs::spikes::Spikes;
use super::super::world;
use super::Screen;
use tui_input::Input;
use zenith_core::identity::Scope;
use zenith_core::package::{PackageId, Tier};

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
    let searches = |effect: &&search::Effect| matches!(effect, search::Effect::Search { .. });
    let again = screen.asked::<Search>().into_iter().find(searches);
    assert!(again.is_none(), "nothing is searched again: {again:?}");
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
    let generation = screen.search_generation();
    screen.found(generation, &PATHS[..1]);
    screen.alt(KeyCode::Left).alt(KeyCode::Left);
    assert_eq!(screen.tab::<Search>().input.value(), "spawn");
    let generation = screen.search_generation();
    screen.found(generation, &PATHS);
    assert_eq!(screen.tab::<Search>().selected().unwrap().path, PATHS[1], "where one stood");
}

#[test]
fn what_was_jumped_to_stands_in_the_middle_of_its_list() {
    let mut screen = jumped();
    let name = |number: usize| format!("tokio::task::{}{number:02}", if number < 60 { 'a' } else { 'z' });
    let names: Vec<String> = (0..99).map(name).collect();
    let mut symbols: Vec<_> = names.iter().map(|path| symbol("fn", path)).collect();
    symbols.extend([symbol("mod", "tokio"), symbol("mod", "tokio::task"), symbol("fn", PATHS[1])]);
    symbols.sort_by(|a, b| a.path.cmp(&b.path));
    arrive(&mut screen, &symbols);
    let tab = screen.tab::<Explore>();
    let (cursor, height) = (tab.opened.as_ref().unwrap().cursor, tab.areas(screen.body()).list_height());
    assert!(cursor.selected > height, "it would be out of sight: {cursor:?}");
    assert_eq!(cursor.offset, cursor.selected - height / 2, "{cursor:?} in {height} rows");
    screen.assert_shows("ƒ spawn_blocking");
}

/// The tree of the package that was just opened.
fn arrive(screen: &mut Screen, symbols: &[zenith_core::lake::SymbolOutline]) {
    let generation = screen.generation_of::<Explore>(|effect| match effect {
        explore::Effect::Tree { generation, .. } => Some(*generation),
        _ => None,
    });
    let tree = Ok(Arc::new(Tree::build(symbols, &[])));
    screen.tell::<Explore>(explore::Message::Tree { generation, tree });
}

/// On the page of an item that leads to a name.
fn reading(name: &str) -> Screen {
    let mut screen = Screen::open(140, 30);
    screen.open_package("tokio", &[("mod", "tokio"), ("struct", "tokio::Handle"), ("fn", "tokio::spawn")]);
    let (scope, id) = (Scope::Public, PackageId::rust("tokio", "1.48.0").unwrap());
    let does =
        Chosen::Go(Place::Named { scope, id, name: name.to_string(), from: "tokio::spawn".to_string() });
    let link = Choice { key: None, name: name.to_string(), text: "in the signature".to_string(), does };
    let generation = screen.generation_of::<Explore>(|effect| match effect {
        explore::Effect::Page { generation, .. } => Some(*generation),
        _ => None,
    });
    let page = Page { lines: vec!["a page".into()], links: vec![link], ..Page::default() };
    screen.tell::<Explore>(explore::Message::Page { generation, page });
    screen
}

#[test]
fn a_name_of_a_page_is_followed_to_its_item_and_back() {
    let mut screen = reading("Handle");
    screen.keys("F");
    screen.assert_shows("in the signature");
    screen.press(KeyCode::Enter);
    assert_eq!(screen.tab::<Explore>().path().unwrap(), "tokio::Handle");
    screen.alt(KeyCode::Left);
    assert_eq!(screen.tab::<Explore>().path().unwrap(), "tokio");
}

/// What bears a name in packages of these names, as it was just asked for.
fn named(screen: &mut Screen, name: &str, packages: &[(&str, &str)]) {
    let asks = |effect: &&explore::Effect| matches!(effect, explore::Effect::Find { name: asked, .. } if asked == name);
    assert!(screen.asked::<Explore>().into_iter().any(|effect| asks(&effect)), "{:?}", screen.effects);
    let bearer = |(package, version): &(&str, &str)| Bearer {
        tier: Tier::Public,
        package: package.to_string(),
        version: version.to_string(),
        path: format!("{package}::{name}"),
        line: 1,
    };
    let (name, found) = (name.to_string(), Ok(packages.iter().map(bearer).collect()));
    screen.tell::<Explore>(explore::Message::Named { name, found });
}

#[test]
fn a_name_of_another_package_is_followed_there_and_back() {
    let mut screen = reading("Serialize");
    screen.keys("F").press(KeyCode::Enter);
    named(&mut screen, "Serialize", &[("serde", "1.0.0")]);
    let place = |path: &str| {
        let item = Item::Symbol { id: String::new(), path: path.to_string(), line: 1 };
        let id = PackageId::rust("serde", "1.0.0").unwrap();
        Place::Package { scope: Scope::Public, id, item: Some(item) }
    };
    assert_eq!((screen.shown(), screen.tab::<Explore>().here()), ("Explore", place("serde::Serialize")));
    screen.alt(KeyCode::Left);
    screen.assert_shows("‹ tokio 1.48.0");
}

#[test]
fn a_name_that_nothing_bears_leads_nowhere_and_that_is_said() {
    let mut screen = followed("FnOnce");
    arrive(&mut screen, &[symbol("mod", "tokio"), symbol("fn", PATHS[0])]);
    named(&mut screen, "FnOnce", &[]);
    assert_eq!((screen.shown(), screen.tab::<Search>().input.value()), ("Search", "spawn"));
    assert_eq!(screen.tab::<Search>().selected().unwrap().path, PATHS[1], "where one stood");
    screen.assert_shows("nothing that is indexed is called FnOnce");
}

/// A search, from whose result a name is followed that its package does not have.
fn followed(name: &str) -> Screen {
    let mut screen = Screen::open(140, 30);
    screen.keys("2").keys("spawn");
    let generation = screen.search_generation();
    screen.found(generation, &PATHS).press(KeyCode::Down);
    let (scope, id) = (Scope::Public, PackageId::rust("tokio", "1.48.0").unwrap());
    let does = Chosen::Go(Place::Named { scope, id, name: name.to_string(), from: PATHS[1].to_string() });
    let link = Choice { key: None, name: name.to_string(), text: "in the signature".to_string(), does };
    let generation = screen.generation_of::<Search>(|effect| match effect {
        search::Effect::Page { generation, .. } => Some(*generation),
        _ => None,
    });
    let page = Page { lines: vec!["a page".into()], links: vec![link], ..Page::default() };
    screen.tell::<Search>(search::Message::Page { generation, page });
    screen.alt(KeyCode::Enter).press(KeyCode::Enter);
    assert_eq!(screen.shown(), "Explore", "it is looked for in the package");
    screen
}

#[test]
fn a_name_that_is_followed_from_a_result_leads_back_to_the_result() {
    let mut screen = followed("FnOnce");
    arrive(&mut screen, &[symbol("mod", "tokio"), symbol("fn", PATHS[0])]);
    named(&mut screen, "FnOnce", &[("serde", "1.0.0"), ("tokio", "1.48.0")]);
    assert_eq!((screen.shown(), screen.tab::<Search>().input.value()), ("Search", "FnOnce"));
    screen.assert_shows("2 are called FnOnce");
    screen.alt(KeyCode::Left);
    assert_eq!((screen.shown(), screen.tab::<Search>().input.value()), ("Search", "spawn"));
    let generation = screen.search_generation();
    screen.found(generation, &PATHS);
    assert_eq!(screen.tab::<Search>().selected().unwrap().path, PATHS[1], "where one stood");
    screen.alt(KeyCode::Right);
    assert_eq!(screen.tab::<Search>().input.value(), "FnOnce");
}

#[test]
fn who_went_back_before_the_name_was_looked_for_stays_there() {
    let mut screen = followed("FnOnce");
    let generation = screen.tab::<Explore>().opened.as_ref().unwrap().tree.generation();
    screen.alt(KeyCode::Left);
    let tree = Ok(Arc::new(Tree::build(&[symbol("mod", "tokio")], &[])));
    screen.tell::<Explore>(explore::Message::Tree { generation, tree });
    assert_eq!((screen.shown(), screen.tab::<Search>().input.value()), ("Search", "spawn"));

    let mut screen = followed("FnOnce");
    arrive(&mut screen, &[symbol("mod", "tokio")]);
    screen.alt(KeyCode::Left);
    screen.tell::<Explore>(explore::Message::Named { name: "FnOnce".to_string(), found: Ok(Vec::new()) });
    assert_eq!((screen.shown(), screen.tab::<Search>().input.value()), ("Search", "spawn"));
    screen.assert_lacks("nothing that is indexed");
}

#[test]
fn what_stood_in_the_tab_that_one_is_led_to_is_come_back_to() {
    let mut screen = Screen::open(140, 30);
    // As it was kept of an earlier start, and nobody was there since.
    screen.tab_mut::<Search>().input = Input::new("queue".to_string());
    screen.open_package("tokio", &[("mod", "tokio"), ("fn", "tokio::spawn")]);
    screen.app.go(&Place::Query("Future".to_string()), &mut Vec::new());
    assert_eq!((screen.shown(), screen.tab::<Search>().input.value()), ("Search", "Future"));
    screen.alt(KeyCode::Left);
    screen.assert_shows("‹ tokio 1.48.0");
    screen.alt(KeyCode::Left);
    assert_eq!((screen.shown(), screen.tab::<Search>().input.value()), ("Search", "queue"));
}

#[test]
fn an_empty_line_is_come_back_to_as_one() {
    let mut screen = Screen::open(140, 30);
    screen.keys("2").alt(KeyCode::Char('1')).keys("2").keys("spawn").alt(KeyCode::Left).alt(KeyCode::Left);
    assert_eq!((screen.shown(), screen.tab::<Search>().input.value()), ("Search", ""));
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
