//! A project that changes while the screen is open.

use crossterm::event::{Event, KeyCode};
use zenith_core::index::{Freshness, IndexReport};
use zenith_core::package::PackageId;

use super::super::shell::{Effect, Message};
use super::super::world::{self, LOOK_EVERY};
use super::Screen;

fn looks(screen: &Screen) -> bool {
    screen.effects.iter().any(|effect| matches!(effect, Effect::World(world::Effect::Look(_))))
}

fn indexes(screen: &Screen) -> bool {
    screen.effects.iter().any(|effect| matches!(effect, Effect::World(world::Effect::Index(_))))
}

/// A screen whose project was indexed a while ago.
fn later() -> Screen {
    let mut screen = Screen::open(100, 30);
    screen.app.now += LOOK_EVERY;
    screen
}

fn stale(name: &str) -> Freshness {
    let mut stale = Freshness::default();
    stale.missing.push(PackageId::rust(name, "1.0.0").unwrap());
    stale
}

#[test]
fn somebody_who_comes_back_has_the_project_looked_at_once() {
    let mut screen = Screen::open(100, 30);
    screen.press(KeyCode::Down);
    assert!(!looks(&screen), "it was just indexed");
    screen.app.now += LOOK_EVERY;
    screen.send(Message::Tick);
    assert!(!looks(&screen), "time alone is nobody");
    screen.send(Event::FocusLost);
    assert!(!looks(&screen));
    screen.press(KeyCode::Down);
    assert!(looks(&screen));
    screen.app.now += LOOK_EVERY;
    screen.press(KeyCode::Down);
    assert!(!looks(&screen), "one look is under way");
    screen.send(world::Message::Looked(Ok(Freshness::default())));
    assert!(screen.effects.is_empty(), "{:?}", screen.effects);
    screen.send(Event::FocusGained);
    assert!(looks(&screen));
}

#[test]
fn what_was_left_out_of_packages_is_looked_for_where_they_are_others_than_before() {
    let packages = |name| vec![super::entry(zenith_core::identity::Scope::Public, name, "1.0.0")];
    let looks_for_cuts = |screen: &Screen| {
        screen.effects.iter().any(|effect| matches!(effect, Effect::World(world::Effect::LookForCuts(_))))
    };
    let mut screen = Screen::open(100, 30);
    screen.send(world::Message::Packages(Ok(packages("hyper"))));
    assert!(looks_for_cuts(&screen), "{:?}", screen.effects);
    screen.send(world::Message::Packages(Ok(packages("hyper"))));
    assert!(screen.effects.is_empty(), "a look that finds the same asks for nothing: {:?}", screen.effects);
}

#[test]
fn what_changed_is_told_and_indexed_beside_the_screen() {
    let mut screen = later();
    screen.press(KeyCode::Down).send(world::Message::Looked(Ok(stale("hyper"))));
    assert!(indexes(&screen), "{:?}", screen.effects);
    screen.assert_shows("1 package to index");
    screen.send(world::Message::Indexed(Ok(IndexReport { indexed: 1, ..IndexReport::default() })));
    screen.assert_shows("indexed 1 package");
    // The same state again is what that run could not change.
    screen.app.now += LOOK_EVERY;
    screen.press(KeyCode::Down).send(world::Message::Looked(Ok(stale("hyper"))));
    assert!(!indexes(&screen));
    screen.app.now += LOOK_EVERY;
    screen.press(KeyCode::Down).send(world::Message::Looked(Ok(stale("serde"))));
    assert!(indexes(&screen));
}

#[test]
fn a_run_that_was_stopped_is_not_begun_again_by_itself() {
    let mut screen = later();
    screen.press(KeyCode::Down).send(world::Message::Looked(Ok(stale("hyper"))));
    screen.send(world::Message::Indexed(Ok(IndexReport { cancelled: true, ..IndexReport::default() })));
    for name in ["serde", "serde"] {
        screen.app.now += LOOK_EVERY;
        screen.press(KeyCode::Down).send(world::Message::Looked(Ok(stale(name))));
        assert!(!indexes(&screen), "what is left is what was stopped");
    }
    screen.app.now += LOOK_EVERY;
    screen.press(KeyCode::Down).send(world::Message::Looked(Ok(stale("tokio"))));
    assert!(indexes(&screen), "what changed since is another matter");
}

#[test]
fn a_look_that_fails_is_passed_over() {
    let mut screen = later();
    screen.press(KeyCode::Down).send(world::Message::Looked(Err("torn".to_string())));
    assert!(screen.effects.is_empty());
    screen.assert_lacks("torn");
    screen.app.now += LOOK_EVERY;
    screen.press(KeyCode::Down);
    assert!(looks(&screen));
}

#[test]
fn a_lockfile_that_is_written_is_looked_at_without_any_key() {
    let mut screen = Screen::open(100, 30);
    screen.app.dirty = false;
    screen.send(world::Message::Written);
    assert!(looks(&screen) && !screen.app.dirty, "it was just indexed, and is another now");
    screen.send(world::Message::Written);
    assert!(!looks(&screen), "one look is under way");
    let mut found = stale("hyper");
    found.missing.push(PackageId::rust("bytes", "1.0.0").unwrap());
    screen.send(world::Message::Looked(Ok(found)));
    assert!(looks(&screen), "what was written since is looked at");
    assert!(indexes(&screen), "{:?}", screen.effects);
    screen.assert_shows("2 packages to index");
    screen.send(world::Message::Looked(Ok(Freshness::default())));
    screen.send(world::Message::Written);
    assert!(!looks(&screen), "a run is going on");
    screen.send(world::Message::Indexed(Ok(IndexReport { indexed: 2, ..IndexReport::default() })));
    assert!(looks(&screen), "what was written during it");
}

#[test]
fn a_lockfile_that_is_written_after_a_run_was_stopped_is_indexed() {
    let mut screen = later();
    screen.send(world::Message::Indexed(Ok(IndexReport { cancelled: true, ..IndexReport::default() })));
    screen.send(world::Message::Written).send(world::Message::Looked(Ok(stale("hyper"))));
    assert!(indexes(&screen), "{:?}", screen.effects);
}
