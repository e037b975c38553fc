//! The parts of the preview of Search: how one switches them, and what becomes of work for what nobody sees.

use crossterm::event::{Event, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use zenith_core::identity::Scope;
use zenith_core::index::{IndexReport, Progress};

use super::super::parts::page::{Page, Part};
use super::super::tabs::search::{Effect, Message, Search};
use super::super::world::{self, Opened};
use super::{Screen, entry};

const PATHS: [&str; 2] = ["tokio::spawn", "tokio::task::spawn_blocking"];

fn results() -> Screen {
    let mut screen = Screen::open(140, 30);
    screen.keys("2").keys("spawn");
    let generation = screen.search_generation();
    screen.found(generation, &PATHS);
    screen
}

/// The page that was asked for last: its generation, and the part that it is.
#[track_caller]
fn asked(screen: &Screen) -> (u64, Option<Part>) {
    let page = |effect: &&Effect| match effect {
        Effect::Page { generation, key, .. } => Some((*generation, key.part)),
        _ => None,
    };
    screen.asked::<Search>().iter().find_map(page).unwrap_or_else(|| panic!("{:?}", screen.effects))
}

fn rests(screen: &Screen) -> bool {
    screen.asked::<Search>().iter().any(|effect| matches!(effect, Effect::Rest))
}

#[test]
fn each_part_has_its_key_and_the_same_key_leads_back() {
    let mut screen = results();
    assert_eq!(asked(&screen).1, Some(Part::Doc));
    screen.assert_shows("doc · source · uses · changes");
    for (key, part) in [('s', Part::Source), ('u', Part::Uses), ('c', Part::Changes)] {
        screen.alt(KeyCode::Char(key));
        assert_eq!(asked(&screen).1, Some(part));
        screen.alt(KeyCode::Char(key));
        assert_eq!(asked(&screen).1, Some(Part::Doc));
    }
    for part in [Part::Source, Part::Uses, Part::Changes, Part::Doc, Part::Source] {
        screen.alt(KeyCode::Char('p'));
        assert_eq!(asked(&screen).1, Some(part));
    }
    assert_eq!(screen.tab::<Search>().input.value(), "spawn", "nothing of it is typed");
    // Another result shows the same part of it.
    screen.press(KeyCode::Down);
    assert_eq!(asked(&screen).1, Some(Part::Source));
}

#[test]
fn a_part_is_chosen_by_a_click_on_its_name() {
    let mut screen = results();
    for (word, part) in [("uses", Part::Uses), ("changes", Part::Changes), ("doc", Part::Doc)] {
        let text = screen.text();
        let (y, row) = text.lines().enumerate().find(|(_, row)| row.contains("doc · source")).unwrap();
        let x = row[..row.rfind(&format!(" {word} ")).unwrap() + 1].chars().count();
        let (column, row) = (u16::try_from(x).unwrap(), u16::try_from(y).unwrap());
        let kind = MouseEventKind::Down(MouseButton::Left);
        screen.send(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
        assert_eq!(asked(&screen).1, Some(part), "{text}");
    }
}

#[test]
fn work_for_what_nobody_sees_any_more_is_dropped() {
    let mut screen = results();
    screen.alt(KeyCode::Char('u'));
    let (generation, _) = asked(&screen);
    let page = |goes_on| Page { lines: vec!["3 of 7".to_string().into()], goes_on, ..Page::default() };
    screen.tell::<Search>(Message::Page { generation, page: page(true) });
    screen.assert_shows("3 of 7");
    screen.alt(KeyCode::Char('1'));
    assert!(rests(&screen), "{:?}", screen.effects);
    screen.press(KeyCode::Down);
    assert!(!rests(&screen), "it is dropped once: {:?}", screen.effects);
    screen.alt(KeyCode::Char('2'));
    screen.assert_shows("3 of 7");
    let (generation, part) = asked(&screen);
    assert_eq!(part, Some(Part::Uses), "it goes on where one comes back");
    screen.tell::<Search>(Message::Page { generation, page: page(false) });
    screen.alt(KeyCode::Char('1'));
    assert!(!rests(&screen), "what is done is not dropped");
    screen.alt(KeyCode::Char('2'));
    assert!(screen.asked::<Search>().is_empty(), "{:?}", screen.effects);
    // Where the line is emptied there is nothing to show.
    screen.press(KeyCode::Down);
    asked(&screen);
    screen.ctrl('u');
    assert!(rests(&screen), "{:?}", screen.effects);
    screen.assert_lacks("doc · source");
}

#[test]
fn a_screen_too_low_for_both_shows_the_part_that_was_asked_for() {
    let mut screen = Screen::open(80, 14);
    screen.keys("2").keys("spawn");
    let generation = screen.search_generation();
    screen.found(generation, &PATHS);
    screen.alt(KeyCode::Char('u'));
    assert_eq!(asked(&screen).1, Some(Part::Uses));
    screen.assert_shows("doc · source · uses · changes");
    screen.press(KeyCode::Esc);
    screen.assert_lacks("doc · source · uses · changes");
}

/// Uses that were looked for while packages were still coming are of what was there; they are looked for again when all
/// is.
#[test]
fn uses_are_looked_for_again_when_the_packages_are_others() {
    let mut screen = Screen::new(140, 30);
    let opened = Opened { lockfile: Some("/project/Cargo.lock".into()), ..Opened::default() };
    screen.send(world::Message::Opened(Ok(opened)));
    screen.send(world::Message::Progress(Progress::Planned { packages: 2, ready: 1 }));
    let packages = |names: &[&str]| {
        let all = names.iter().map(|name| entry(Scope::Public, name, "1.48.0"));
        world::Message::Packages(Ok(all.collect()))
    };
    screen.send(packages(&["tokio"]));
    screen.keys("2").keys("spawn");
    let generation = screen.search_generation();
    screen.found(generation, &PATHS);
    screen.alt(KeyCode::Char('u'));
    assert_eq!(asked(&screen).1, Some(Part::Uses));
    let pages = |screen: &Screen| {
        let all = screen.asked::<Search>();
        all.iter().filter(|effect| matches!(effect, Effect::Page { .. })).count()
    };
    screen.send(packages(&["tokio", "hyper"]));
    let generation = screen.search_generation();
    screen.found(generation, &PATHS);
    assert_eq!(pages(&screen), 0, "packages still come: {:?}", screen.effects);
    screen.send(world::Message::Indexed(Ok(IndexReport { indexed: 1, ..IndexReport::default() })));
    assert_eq!((pages(&screen), asked(&screen).1), (1, Some(Part::Uses)));
}
