//! How Search looks in every theme, kept in files.

use std::time::Duration;

use crossterm::event::KeyCode;
use zenith_core::package::Tier;
use zenith_core::search::{FoundBy, Hit};

use super::super::parts::page::{Page, Part, sample_page};
use super::super::parts::paint::Painter;
use super::super::parts::theme::Theme;
use super::super::tabs::search::{Effect, Found, Message, Search};
use super::rows::told;
use super::snapshot::assert_snapshot;
use super::{Screen, hit};

/// Wide enough for the preview beside the list, and high enough for rows of two lines.
fn searching(theme: Theme, query: &str) -> Screen {
    let mut screen = Screen::open(150, 30);
    screen.app.theme = theme;
    screen.keys("2").keys(query);
    screen
}

fn found(theme: Theme, hits: Vec<Hit>) -> Screen {
    let mut screen = searching(theme, "spawn thread kind:fn,doc");
    let generation = screen.search_generation();
    let found = Found { hits, packages: 3, took: Duration::from_millis(7), ..Found::default() };
    screen.tell::<Search>(Message::Found { generation, found: Ok(found) });
    screen
}

/// One of each kind that looks another way.
fn results(theme: Theme) -> Screen {
    let own = Hit {
        tier: Tier::Private,
        package: "mine".to_string(),
        version: "0.1.0".to_string(),
        ..told("mine::spawn")
    };
    let section = Hit {
        kind: "doc".to_string(),
        path: "tokio › Threads › Blocking".to_string(),
        name: "Blocking".to_string(),
        doc: "Threads that block are no trouble here.".to_string(),
        near: 0.31,
        ..hit(3, "")
    };
    let elsewhere =
        Hit { other_platform: true, alias: Some("fork".to_string()), ..hit(4, "tokio::process::start") };
    let near = Hit { found_by: FoundBy::Meaning, near: 0.77, ..hit(5, "tokio::task::begin") };
    found(theme, vec![told("tokio::task::spawn_blocking"), own, section, elsewhere, near])
}

/// Answers with a part of a page that is laid out as it is asked for.
fn with_page(mut screen: Screen, part: Part) -> Screen {
    let asked = screen.asked::<Search>().into_iter().find_map(|effect| match effect {
        Effect::Page { generation, key, .. } => Some((*generation, key.clone())),
        _ => None,
    });
    let (generation, key) = asked.unwrap();
    assert_eq!(key.part, Some(part));
    let painter = Painter { theme: key.theme, width: key.width, highlighter: None };
    let page: Page = sample_page(part, &painter);
    screen.tell::<Search>(Message::Page { generation, page });
    screen
}

#[test]
fn an_empty_line() {
    assert_snapshot("search-empty", |theme| searching(theme, ""));
}

#[test]
fn results_beside_a_page() {
    assert_snapshot("search-results", |theme| with_page(results(theme), Part::Doc));
}

#[test]
fn a_page_that_is_read() {
    assert_snapshot("search-reading", |theme| {
        let mut screen = with_page(results(theme), Part::Doc);
        screen.press(KeyCode::Down).press(KeyCode::Up).alt(KeyCode::Char('s'));
        let mut screen = with_page(screen, Part::Source);
        screen.alt(KeyCode::Down);
        screen
    });
}

#[test]
fn no_result() {
    assert_snapshot("search-nothing", |theme| found(theme, Vec::new()));
}
