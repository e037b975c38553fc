//! Indexing beside the screen.

use std::time::Duration;

use crossterm::event::KeyCode;
use zenith_core::identity::Scope;
use zenith_core::index::{Failure, IndexReport, Progress};
use zenith_core::package::PackageId;

use super::super::shell::{Effect, LEAVE_AFTER, Message};
use super::super::tabs::search::Search;
use super::super::world::{self, Opened, Phase};
use super::{Screen, entry};

fn id(name: &str) -> PackageId {
    PackageId::rust(name, "1.0.0").unwrap()
}

/// Half of a lockfile is indexed.
fn indexing() -> Screen {
    let mut screen = Screen::new(100, 30);
    let opened = Opened { lockfile: Some("/project/Cargo.lock".into()), ..Opened::default() };
    screen.send(world::Message::Opened(Ok(opened)));
    assert!(
        screen.effects.iter().any(|effect| matches!(effect, Effect::World(world::Effect::Index(_)))),
        "{:?}",
        screen.effects
    );
    screen.send(world::Message::Progress(Progress::Planned { packages: 10, ready: 5 }));
    screen.send(world::Message::Progress(Progress::Started { id: id("hyper") }));
    screen
}

#[test]
fn progress_shows_beside_a_usable_screen() {
    let mut screen = indexing();
    screen.assert_shows("5/10");
    screen.assert_shows("hyper");
    screen.send(world::Message::Progress(Progress::Written { id: id("hyper"), symbols: 1, chunks: 1 }));
    screen.assert_shows("6/10");
    screen.press(KeyCode::Tab).keys("x");
    assert_eq!(screen.tab::<Search>().input.value(), "x", "letters are typed, whatever they mean elsewhere");
}

#[test]
fn what_becomes_searchable_is_loaded() {
    let mut screen = indexing();
    screen.send(world::Message::Progress(Progress::Searchable { ids: vec![id("hyper")] }));
    assert!(
        matches!(screen.effects[..], [Effect::World(world::Effect::LoadPackages)]),
        "{:?}",
        screen.effects
    );
    screen.send(world::Message::Packages(Ok(vec![entry(Scope::Public, "hyper", "1.0.0")])));
    screen.assert_shows("hyper 1.0.0");
}

/// Until it is known what there is, nothing is said to be missing, in any tab.
#[test]
fn that_nothing_is_there_is_not_said_before_it_is_known() {
    let mut screen = Screen::new(100, 30);
    let tells = |screen: &mut Screen, when: &str| {
        for tab in ['1', '2', '4'] {
            screen.alt(KeyCode::Char(tab));
            let text = screen.text();
            let is_too_early = ["o package is", "othing to search", "0 packages", "0 symbols"];
            let early = is_too_early.iter().find(|word| text.contains(**word));
            assert_eq!(early, None, "{when}\n{text}");
        }
    };
    tells(&mut screen, "before it is open");
    screen.send(world::Message::Opened(Ok(Opened::default())));
    tells(&mut screen, "before the packages are known");
    screen.send(world::Message::Packages(Ok(Vec::new())));
    screen.alt(KeyCode::Char('2'));
    screen.assert_shows("There is nothing to search yet");
}

#[test]
fn x_stops_once_and_i_resumes() {
    let mut screen = indexing();
    screen.keys("x");
    assert!(matches!(screen.effects[..], [Effect::World(world::Effect::CancelIndex)]));
    screen.assert_shows("Stopping");
    screen.keys("x");
    assert!(screen.effects.is_empty());
    let report = IndexReport { cancelled: true, indexed: 2, ..IndexReport::default() };
    screen.send(world::Message::Indexed(Ok(report)));
    screen.assert_shows("i resumes");
    screen.keys("i");
    assert!(matches!(screen.effects[..], [Effect::World(world::Effect::Index(_))]));
}

#[test]
fn failures_are_counted_and_listed() {
    let mut screen = indexing();
    screen.send(world::Message::Progress(Progress::Failed {
        id: id("hyper"),
        why: "it is too deep".to_string(),
    }));
    screen.assert_shows("1 failed");
    let failure = Failure { package: "gone@1.0.0".to_string(), why: "not on this machine".to_string() };
    let report = IndexReport { missing: vec![failure], ..IndexReport::default() };
    screen.send(world::Message::Indexed(Ok(report)));
    screen.keys("f");
    screen.assert_shows("not on this machine");
    screen.press(KeyCode::Esc);
    screen.assert_lacks("not on this machine");
}

#[test]
fn leaving_waits_for_what_is_being_written_and_asked_twice_does_not() {
    let mut screen = indexing();
    screen.keys("q");
    assert!(matches!(screen.effects[..], [Effect::World(world::Effect::CancelIndex)]));
    screen.assert_shows("leaves at once");
    screen.send(world::Message::Indexed(Ok(IndexReport { cancelled: true, ..IndexReport::default() })));
    assert!(matches!(screen.effects[..], [Effect::Quit]));

    let mut screen = indexing();
    screen.ctrl('c').ctrl('c');
    assert!(matches!(screen.effects[..], [Effect::Quit]));

    let mut screen = indexing();
    screen.keys("q");
    screen.app.now += LEAVE_AFTER + Duration::from_secs(1);
    screen.send(Message::Tick);
    assert!(matches!(screen.effects[..], [Effect::Quit]), "the wait is bounded");
}

#[test]
fn a_folder_without_a_lockfile_says_what_to_do() {
    let mut screen = Screen::new(100, 30);
    screen.send(world::Message::Opened(Ok(Opened::default())));
    assert!(matches!(screen.effects[..], [Effect::World(world::Effect::LoadPackages), ..]));
    screen.assert_shows("no Cargo.lock");
    screen.keys("i");
    screen.assert_shows("zenith index");
    assert_eq!(screen.app.world.indexing.phase, Phase::Idle);
}

#[test]
fn a_run_that_fails_is_told() {
    let mut screen = indexing();
    screen.send(world::Message::Indexed(Err("cannot run cargo metadata".to_string())));
    screen.assert_shows("cannot run cargo metadata");
    screen.keys("j");
    screen.assert_lacks("cannot run cargo metadata");
}
