//! Lists that are filtered and ordered: what is left, in which order, which letters are marked, and what stays selected.

use std::collections::HashMap;

use crossterm::event::KeyCode;
use zenith_core::catalog::{CatalogEntry, Status};
use zenith_core::identity::Scope;
use zenith_core::lake::LeftOut;

use super::super::parts::theme::Role;
use super::super::shell::Memory;
use super::super::tabs::explore::{self, Explore, PackageRow, Sort};
use super::super::world;
use super::{DARK, Screen, entry};

/// Some packages of two tiers, each of another size and age.
fn packages() -> Vec<CatalogEntry> {
    let own = Scope::Private("local".to_string());
    let of = |scope: &Scope, name, symbols, indexed_at_ms| CatalogEntry {
        symbol_count: symbols,
        indexed_at_ms: Some(indexed_at_ms),
        ..entry(scope.clone(), name, "1.0.0")
    };
    vec![
        of(&Scope::Public, "serde", 40, 3),
        of(&Scope::Public, "serde_json", 30, 4),
        of(&Scope::Public, "tokio", 20, 1),
        of(&Scope::Public, "tokio-util", 10, 5),
        of(&own, "tool-of-kin", 50, 2),
    ]
}

fn screen() -> Screen {
    let mut screen = Screen::open(100, 30);
    screen.send(world::Message::Packages(Ok(packages())));
    screen
}

/// The names of the packages in the list, from its top.
fn listed(screen: &Screen) -> Vec<String> {
    let name = |row: &PackageRow| match row {
        PackageRow::Package { entry, .. } => Some(entry.id.name().to_string()),
        PackageRow::Tier { .. } => None,
    };
    screen.tab::<Explore>().packages.rows.iter().filter_map(name).collect()
}

fn selected(screen: &Screen) -> Option<String> {
    match screen.tab::<Explore>().packages.selected()? {
        PackageRow::Package { entry, .. } => Some(entry.id.name().to_string()),
        PackageRow::Tier { .. } => None,
    }
}

/// The letters that are marked on the first line with a text.
#[track_caller]
fn marked(screen: &Screen, line: &str) -> String {
    let (text, buffer) = (screen.text(), screen.buffer());
    let y = text.lines().position(|row| row.contains(line));
    let y = y.unwrap_or_else(|| panic!("{line:?} is not on\n{text}"));
    let colour = DARK.style(Role::Match).fg;
    let cells = buffer.content.chunks(usize::from(buffer.area.width)).nth(y).unwrap();
    cells.iter().filter(|cell| Some(cell.fg) == colour).map(|cell| cell.symbol()).collect()
}

/// What a dead indexer left off is not what a living one comes to yet.
#[test]
fn what_was_interrupted_is_told_from_what_waits() {
    let mut screen = Screen::open(100, 30);
    let begun = |name, status| CatalogEntry { status, dataset: None, ..entry(Scope::Public, name, "1.0.0") };
    let packages = vec![begun("left", Status::Interrupted), begun("next", Status::Claimed)];
    screen.send(world::Message::Packages(Ok(packages)));
    let text = screen.text();
    let line = |name: &str| text.lines().find(|line| line.contains(name)).unwrap_or_default().to_string();
    assert!(line("left 1.0.0").contains("interrupted"), "{text}");
    assert!(line("next 1.0.0").contains("waiting") && !line("next 1.0.0").contains("interrupted"), "{text}");
}

#[test]
fn packages_are_filtered_by_letters_in_their_order_and_those_are_marked() {
    let mut screen = screen();
    screen.keys("/sdj");
    assert_eq!(listed(&screen), ["serde_json"]);
    assert_eq!(marked(&screen, "serde_json 1.0.0"), "sdj");
    screen.assert_shows("Packages  best first");
    screen.assert_shows("1 of 5");
    screen.press(KeyCode::Esc);
    assert_eq!((listed(&screen).len(), selected(&screen).as_deref()), (5, Some("serde_json")));
    assert_eq!(marked(&screen, "serde_json 1.0.0"), "");
}

#[test]
fn what_fits_best_is_first_with_its_tier_and_selected() {
    let mut screen = screen();
    screen.keys("/toki");
    assert_eq!(listed(&screen), ["tokio", "tokio-util", "tool-of-kin"]);
    assert_eq!(selected(&screen).as_deref(), Some("tokio"));
    assert_eq!(marked(&screen, "tool-of-kin"), "toki");
    let text = screen.text();
    assert!(text.find("Public").unwrap() < text.find("Private").unwrap(), "{text}");
}

#[test]
fn packages_are_ordered_by_tier_name_size_and_age_and_the_title_says_by_what() {
    let mut screen = screen();
    screen.keys("/serde_j").press(KeyCode::Esc);
    for (sort, expected) in [
        ("by name", ["serde", "serde_json", "tokio", "tokio-util", "tool-of-kin"]),
        ("by size", ["tool-of-kin", "serde", "serde_json", "tokio", "tokio-util"]),
        ("by age", ["tokio-util", "serde_json", "serde", "tool-of-kin", "tokio"]),
        ("by tier", ["tool-of-kin", "serde", "serde_json", "tokio", "tokio-util"]),
    ] {
        screen.keys("S");
        assert_eq!(listed(&screen), expected, "{sort}");
        assert_eq!(selected(&screen).as_deref(), Some("serde_json"), "{sort}: the selection stays");
        screen.assert_shows(&format!("Packages  {sort}"));
    }
    let told = screen.app.told().into_iter().find(|told| told.label.contains("order the packages")).unwrap();
    assert_eq!(told.keys, "S", "help and palette tell of it");
}

#[test]
fn an_order_without_headings_tells_tier_and_age_in_the_row() {
    let mut screen = screen();
    screen.keys("S");
    let row = |screen: &Screen, name: &str| {
        screen.text().lines().find(|line| line.contains(name)).unwrap().to_string()
    };
    assert!(row(&screen, "tool-of-kin").contains("private  50"), "{}", screen.text());
    screen.keys("SS");
    assert!(row(&screen, "tokio-util").contains("days ago"), "{}", screen.text());
}

#[test]
fn a_closed_tier_opens_where_what_is_selected_is_in_it() {
    let mut screen = screen();
    let heading = |screen: &Screen| {
        matches!(screen.tab::<Explore>().packages.selected(), Some(PackageRow::Tier { .. }))
    };
    screen.press(KeyCode::Home).press(KeyCode::Left);
    assert!(heading(&screen) && !listed(&screen).contains(&"tool-of-kin".to_string()));
    screen.keys("S");
    assert_eq!(selected(&screen).as_deref(), Some("tool-of-kin"), "a heading's first package");
    screen.keys("SSS");
    assert_eq!(selected(&screen).as_deref(), Some("tool-of-kin"));
}

#[test]
fn the_order_is_there_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let memory = Memory::below(folder.path());
    let mut first = screen();
    first.keys("SS");
    memory.write(&first.app.kept()).unwrap();
    let mut screen = Screen::new(100, 30);
    screen.app.resume(memory.read());
    assert_eq!(screen.tab::<Explore>().packages.sort, Sort::Size);
    std::fs::write(folder.path().join("explorer.json"), r#"{"tabs": {"Explore": {"sort": "colour"}}}"#)
        .unwrap();
    screen.app.resume(memory.read());
    assert_eq!(screen.tab::<Explore>().packages.sort, Sort::Tier);
}

#[test]
fn a_tree_is_filtered_by_letters_best_first_and_those_are_marked() {
    let mut screen = Screen::open(100, 30);
    let symbols = [
        ("mod", "tokio"),
        ("fn", "tokio::spawn"),
        ("struct", "tokio::task::JoinHandle"),
        ("method", "tokio::task::JoinHandle::abort"),
        ("fn", "tokio::task::spawn_blocking"),
    ];
    screen.open_package("tokio", &symbols);
    let filter = |screen: &mut Screen, typed: &str| {
        screen.keys("/").keys(typed);
        let generation = screen.generation_of::<Explore>(|effect| match effect {
            explore::Effect::Filter { generation, filter, .. } => (filter == typed).then_some(*generation),
            _ => None,
        });
        let filtered = screen.tab::<Explore>().opened.as_ref().unwrap().tree().unwrap().filtered(typed);
        screen.tell::<Explore>(explore::Message::Filtered { generation, filtered });
    };
    filter(&mut screen, "spwn");
    let text = screen.text();
    assert!(text.find("ƒ spawn ").unwrap() < text.find("ƒ spawn_blocking").unwrap(), "{text}");
    assert_eq!(marked(&screen, "ƒ spawn_blocking"), "spwn");
    assert_eq!(screen.tab::<Explore>().path().as_deref(), Some("tokio::spawn"), "the best is selected");
    screen.assert_shows("best first");
    screen.press(KeyCode::Esc);
    filter(&mut screen, "jh::ab");
    assert_eq!(marked(&screen, "ƒ abort"), "ab", "what of the path stands in the row");
    screen.assert_lacks("spawn");
}

#[test]
fn help_and_palette_are_filtered_by_letters_and_the_best_is_chosen() {
    for open in ["?", ":"] {
        let mut screen = screen();
        screen.keys(open).keys("frst zz");
        screen.assert_shows("nothing is like that");
        screen.ctrl('c');
        screen.keys("cpypth");
        assert_eq!(marked(&screen, "copy: path"), "cpypth", "{open}");
        screen.ctrl('c');
        screen.keys("prv tab");
        assert_eq!(marked(&screen, "previous tab"), "prvtab", "{open}");
        screen.press(KeyCode::Enter);
        assert_eq!(screen.shown(), "Instances", "{open}: the best one is first, and Enter does it");
    }
}

#[test]
fn a_package_that_is_cut_says_so_in_its_row_and_in_status_with_how_to_lift_it() {
    let mut screen = screen();
    screen.assert_lacks(" of 90");
    let left_out = LeftOut { left_out: 50, symbols_max: 40 };
    let cut = HashMap::from([("lance/serde".to_string(), left_out), ("lance/tokio".to_string(), left_out)]);
    screen.send(world::Message::Cut(cut.clone()));
    screen.assert_shows("40 of 90");
    screen.assert_shows("20 of 70");
    screen.app.dirty = false;
    screen.send(world::Message::Cut(cut));
    assert!(!screen.app.dirty, "what is known already changes nothing");
    screen.keys("4");
    screen.assert_shows("2 packages with more symbols than are taken");
    screen.assert_shows("serde@1.0.0 has 40 of 90");
    screen.assert_shows("ZENITH_SYMBOLS=10000");
    screen.send(world::Message::Cut(HashMap::new()));
    screen.assert_lacks("ZENITH_SYMBOLS");
}
