//! How Explore, Spikes, Status, Jobs, Notes and Instances look in every theme, and what stands above them, kept in files.

use std::sync::Arc;

use crossterm::event::KeyCode;
use zenith_core::identity::Scope;
use zenith_core::index::Progress;
use zenith_core::package::PackageId;
use zenith_harness::report::history::Runs;
use zenith_harness::{Backend, Verdict};

use super::super::parts::page::{Part, sample_page};
use super::super::parts::paint::Painter;
use super::super::parts::theme::Theme;
use super::super::parts::tree::Tree;
use super::super::parts::tree::tests::symbol;
use super::super::tabs::explore::{self, Explore};
use super::super::tabs::spikes::{self, Spikes};
use super::super::tabs::status::{self, Status};
use super::super::world;
use super::Screen;
use super::instances;
use super::jobs;
use super::notes;
use super::snapshot::assert_snapshot;
use super::spikes::{kept, outcome};
use super::status::{NOW_MS, home, members};

const SYMBOLS: [(&str, &str); 6] = [
    ("mod", "tokio"),
    ("fn", "tokio::spawn"),
    ("macro", "tokio::select"),
    ("mod", "tokio::task"),
    ("struct", "tokio::task::JoinHandle"),
    ("trait", "tokio::task::Join"),
];

fn open(theme: Theme, width: u16, height: u16) -> Screen {
    let mut screen = Screen::new(width, height);
    screen.app.theme = theme;
    screen.opened()
}

/// In the tree of a package, with the page of what is selected.
fn exploring(theme: Theme, width: u16) -> Screen {
    let mut screen = open(theme, width, 24);
    screen.keys("1/tokio").press(KeyCode::Enter).press(KeyCode::Enter);
    let symbols = SYMBOLS.map(|(kind, path)| symbol(kind, path));
    let generation = screen.tab::<Explore>().opened.as_ref().unwrap().tree.generation();
    let tree = Ok(Arc::new(Tree::build(&symbols, &[])));
    screen.tell::<Explore>(explore::Message::Tree { generation, tree });
    let asked = screen.asked::<Explore>().into_iter().find_map(|effect| match effect {
        explore::Effect::Page { generation, key, .. } => Some((*generation, key.clone())),
        _ => None,
    });
    let (generation, key) = asked.unwrap();
    let painter = Painter { theme: key.theme, width: key.width, highlighter: None };
    screen.tell::<Explore>(explore::Message::Page { generation, page: sample_page(Part::Doc, &painter) });
    screen
}

/// Some spikes: one that holds, one that was refuted, and some that were not tried, of which some run elsewhere.
fn with_outcomes(theme: Theme) -> Screen {
    let mut screen = open(theme, 150, 24);
    screen.app.wall_ms = 7_300_000;
    screen.tab_mut::<Spikes>().spikes = &zenith_spikes::all()[..8];
    screen.keys("3");
    let failures = vec!["it takes longer than Parquet".to_string()];
    let spikes = zenith_spikes::all();
    let run = |at, value| {
        kept(vec![
            outcome(&spikes[0], Backend::Embedded, Verdict::Holds, at, value),
            outcome(&spikes[1], Backend::Embedded, Verdict::Refuted { failures: failures.clone() }, at, 2.0),
        ])
    };
    let runs = Runs { runs: vec![run(50, 1.1), run(100, 1.2)], ..Runs::default() };
    let generation = screen.generation_of::<Spikes>(|effect| match effect {
        spikes::Effect::History { generation } => Some(*generation),
        _ => None,
    });
    screen.tell::<Spikes>(spikes::Message::History { generation, loaded: Ok(spikes::Loaded::of(&runs)) });
    screen
}

/// While something is indexed, signed in, after a word that went wrong.
fn standing(theme: Theme) -> Screen {
    let mut screen = Screen::new(110, 36);
    (screen.app.theme, screen.app.wall_ms) = (theme, NOW_MS);
    let opened = world::Opened {
        lockfile: Some("/project/Cargo.lock".into()),
        home: home(true),
        ..world::Opened::default()
    };
    screen.send(world::Message::Opened(Ok(opened)));
    screen.send(world::Message::Packages(Ok(vec![super::entry(Scope::Public, "serde", "1.0.0")])));
    screen.send(world::Message::Progress(Progress::Planned { packages: 984, ready: 62 }));
    let id = PackageId::rust("tokio", "1.48.0").unwrap();
    screen.send(world::Message::Progress(Progress::Started { id }));
    screen.send(world::Message::Unreadable("the lockfile cannot be read".to_string()));
    screen.keys("4");
    let generation = screen.generation_of::<Status>(|effect| match effect {
        status::Effect::Replicas { generation } => Some(*generation),
        _ => None,
    });
    screen.tell::<Status>(status::Message::Replicas { generation, replicas: members() });
    screen
}

#[test]
fn a_package_beside_its_page() {
    assert_snapshot("explore", |theme| exploring(theme, 100));
}

#[test]
fn packages_tree_and_page_in_three_columns() {
    assert_snapshot("explore-three", |theme| exploring(theme, 140));
}

#[test]
fn the_last_verdicts() {
    assert_snapshot("spikes", with_outcomes);
}

#[test]
fn how_things_stand() {
    assert_snapshot("status", standing);
}

#[test]
fn the_jobs_and_when_they_are_due() {
    assert_snapshot("jobs", |theme| jobs::with(theme, 150, 24, jobs::usual(jobs::runner())));
}

#[test]
fn the_runs_of_a_job_and_what_one_wrote() {
    assert_snapshot("jobs-runs", |theme| jobs::with_runs(theme, 100, 36));
}

#[test]
fn a_job_in_lines_with_what_is_wrong() {
    assert_snapshot("jobs-form", |theme| {
        let mut screen = jobs::with(theme, 100, 24, jobs::usual(None));
        screen.keys("e").ctrl('u').keys("0 23-2 * * *");
        screen
    });
}

#[test]
fn the_notes_and_what_became_of_what_they_speak_of() {
    assert_snapshot("notes", |theme| notes::with(theme, 130, 24, notes::usual()));
}

#[test]
fn a_note_in_lines() {
    assert_snapshot("notes-form", |theme| {
        let mut screen = notes::with(theme, 100, 24, notes::usual());
        screen.keys("n").ctrl('s');
        screen
    });
}

#[test]
fn the_instances_and_what_the_next_publication_changes() {
    assert_snapshot("instances", |theme| instances::with(theme, 130, 34));
}

#[test]
fn the_help_above_a_tab() {
    assert_snapshot("help", |theme| {
        let mut screen = exploring(theme, 100);
        screen.keys("?");
        screen
    });
}

#[test]
fn the_palette_filtered() {
    assert_snapshot("palette", |theme| {
        let mut screen = exploring(theme, 100);
        screen.keys(":").keys("index").press(KeyCode::Down);
        screen
    });
}

#[test]
fn a_menu_above_a_tab() {
    assert_snapshot("menu", |theme| {
        let mut screen = with_outcomes(theme);
        screen.keys("a");
        screen
    });
}
