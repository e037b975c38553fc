//! What the project locks for other platforms says so wherever it shows.

use std::collections::BTreeSet;
use std::sync::Arc;

use zenith_core::identity::Scope;
use zenith_core::ingest::{LockedPackage, Lockfile};
use zenith_core::search::{Hit, Project};

use super::super::tabs::search::{Found, Message, Search};
use super::super::world;
use super::{Screen, entry, hit};

/// A project that builds on serde, and elsewhere on tokio.
pub fn project() -> Arc<Project> {
    let locked = |name: &str, version: &str| LockedPackage {
        name: name.to_string(),
        version: version.to_string(),
        released: version.to_string(),
        source: None,
        own: false,
        direct: true,
        dependencies: Vec::new(),
    };
    let packages = vec![locked("serde", "1.0.0"), locked("tokio", "1.48.0")];
    let lockfile = Lockfile { packages, ..Lockfile::default() };
    let others = BTreeSet::from([("tokio".to_string(), "1.48.0".to_string())]);
    Arc::new(Project::of(lockfile).with_others(others))
}

#[test]
fn the_list_and_the_count_name_both() {
    let mut screen = Screen::open(130, 30);
    screen.assert_lacks("other platform");
    screen.send(world::Message::Project(project()));
    for text in [
        "2 packages here, 1 of other platforms · 3,702 symbols",
        "1 + 1 of other platforms",
        "other platform  1,234",
    ] {
        screen.assert_shows(text);
    }
    screen.keys("/tokio");
    screen.assert_shows("other platform  1,234");
}

/// What was indexed for another version of the project stays here, and is not searched.
#[test]
fn what_is_counted_is_what_is_searched() {
    let mut screen = Screen::open(120, 30);
    let versions = ["1.0.0", "1.0.1", "1.0.2"].map(|version| entry(Scope::Public, "serde", version));
    screen.send(world::Message::Packages(Ok(versions.into())));
    screen.assert_shows("3 packages · 3,702 symbols");
    screen.send(world::Message::Project(project()));
    screen.assert_shows("1 package · 1,234 symbols");
    screen.keys("2");
    screen.assert_shows("1,234 symbols in 1 package are searched as you type");
}

#[test]
fn a_result_says_it_too() {
    let mut screen = Screen::open(120, 30);
    screen.send(world::Message::Project(project()));
    while screen.shown() != "Search" {
        screen.press(crossterm::event::KeyCode::Tab);
    }
    screen.keys("spawn");
    let generation = screen.search_generation();
    let hits = vec![Hit { other_platform: true, ..hit(1, "tokio::spawn") }];
    let found = Found { hits, packages: 3, other_platforms: 1, ..Found::default() };
    screen.tell::<Search>(Message::Found { generation, found: Ok(found) });
    screen.assert_shows("2 packages here, 1 of other platforms searched");
    screen.assert_shows("other platform  tokio@1.48.0");
}
