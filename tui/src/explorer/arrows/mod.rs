//! Which room of the explorer may name which: the one declaration, and the test that holds it.
//!
//! A room names only rooms that stand above it here, so there is no circle; an arrow that is declared is one
//! that the code has; no tab names another, and nobody but the list names one.

mod paths;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use paths::named;

/// The rooms, each with those that it may name.
const ROOMS: &[(&str, &[&str])] = &[
    ("parts", &[]),
    ("world", &["parts"]),
    ("tabs", &["parts", "world"]),
    ("shell", &["parts", "world", "tabs"]),
];

/// What of the explorer's own module the shell is started with.
const START: &str = "Start";

/// Everything that is wrong with what a file names, where it stands below the explorer at `place`.
fn wrong_in(place: &Path, text: &str, tabs: &BTreeSet<String>, arrows: &mut Arrows) -> Vec<String> {
    let mut wrong = Vec::new();
    let own: Vec<&str> = place.iter().filter_map(|part| part.to_str()).collect();
    let Some(room) = ROOMS.iter().map(|(room, _)| *room).find(|room| own.first() == Some(room)) else {
        return wrong;
    };
    for path in named(place, text) {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let mut no = |why: &str| wrong.push(format!("{}: {why}: {}", place.display(), path.join("::")));
        match path[..] {
            [] | ["*"] => no("the whole of the explorer is named"),
            ["tabs", "*"] => no("tabs are named without their names"),
            [_, "as"] => no("a room has another name"),
            ["tabs", tab, ..] if tabs.contains(tab) => {
                let is_list = own == ["tabs", "mod.rs"];
                if !is_list && own.get(..2) != Some(&["tabs", tab]) {
                    no("only the list names a tab");
                }
            }
            _ => {}
        }
        match path.first() {
            Some(named) if *named == room => {}
            Some(named) if ROOMS.iter().any(|(room, _)| room == named) => {
                let arrow = (room.to_string(), named.to_string());
                arrows.entry(arrow).or_default().insert(place.to_path_buf());
            }
            Some(&START) if room == "shell" => {}
            Some(_) => no("this is of no room"),
            None => {}
        }
    }
    wrong
}

/// An arrow, with the places that it comes from.
type Arrows = BTreeMap<(String, String), BTreeSet<PathBuf>>;

#[test]
fn a_room_names_only_what_is_declared_and_nobody_a_tab() {
    let tabs = tabs();
    assert!(tabs.len() >= 4, "{tabs:?}");
    let (mut arrows, mut wrong) = (Arrows::new(), Vec::new());
    for file in rust_files(&root()) {
        let place = file.strip_prefix(root()).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        wrong.extend(wrong_in(place, &text, &tabs, &mut arrows));
    }
    let declared: BTreeSet<(String, String)> = ROOMS
        .iter()
        .flat_map(|(from, named)| named.iter().map(|to| (from.to_string(), to.to_string())))
        .collect();
    for (arrow, places) in arrows.iter().filter(|(arrow, _)| !declared.contains(arrow)) {
        wrong.push(format!("`{}` must not name `{}`: {places:?}", arrow.0, arrow.1));
    }
    let unused = declared.iter().filter(|arrow| !arrows.contains_key(arrow));
    wrong.extend(unused.map(|(from, to)| format!("`{from}` no longer names `{to}`")));
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_rooms_are_those_that_are_declared_and_have_no_circle() {
    let folders: BTreeSet<String> =
        folders(&root()).into_iter().filter(|name| !["arrows", "tests"].contains(&name.as_str())).collect();
    assert_eq!(folders, ROOMS.iter().map(|(room, _)| room.to_string()).collect());
    let files: BTreeSet<String> = names(&root(), |path| path.is_file());
    assert_eq!(files, BTreeSet::from(["mod.rs".to_string()]), "nothing lies flat");
    for (at, (room, may_name)) in ROOMS.iter().enumerate() {
        for named in *may_name {
            assert!(ROOMS[..at].iter().any(|(above, _)| above == named), "`{room}` may name `{named}`");
        }
    }
}

/// One line a tab, and no other way to it.
#[test]
fn each_tab_is_a_folder_and_a_line_of_the_list() {
    let list = std::fs::read_to_string(root().join("tabs/mod.rs")).unwrap();
    for tab in tabs() {
        assert_eq!(list.matches(&format!("Box::new({tab}::")).count(), 1, "{tab} in the list");
        assert!(!list.contains(&format!("use {tab}")), "{tab} has another name");
    }
}

#[test]
fn what_should_not_be_named_is_found() {
    let tabs: BTreeSet<String> = ["search", "status"].map(str::to_string).into();
    let wrong = |place: &str, text: &str| {
        let mut arrows = Arrows::new();
        let wrong = wrong_in(Path::new(place), text, &tabs, &mut arrows);
        let back = |(from, to): &&(String, String)| {
            let at = |room: &String| ROOMS.iter().position(|(name, _)| name == room);
            at(from) < at(to)
        };
        !wrong.is_empty() || arrows.keys().any(|arrow| back(&arrow))
    };
    for (place, text) in [
        ("parts/list.rs", "use crate::explorer::tabs::Tab;"),
        ("parts/page/mod.rs", "use super::super::world::World;"),
        ("world/mod.rs", "use crate::explorer::{parts::out::Out, shell};"),
        ("tabs/search/view.rs", "use super::super::status::Status;"),
        ("tabs/search/view.rs", "use crate::explorer::tabs::{Seen, status::{self, Status}};"),
        ("tabs/search/mod.rs", "use super::{Tab, status};"),
        ("tabs/any.rs", "fn f(tab: super::search::Search) {}"),
        ("shell/run.rs", "use crate::explorer::tabs; fn f() { tabs::search::Search::default(); }"),
        ("shell/act.rs", "use crate::explorer::tabs::*;"),
        ("shell/act.rs", "use crate::explorer::tabs as t;"),
        ("shell/act.rs", "use super::super::*;"),
        ("tabs/search/mod.rs", "mod tests { use super::super::status::Status; }"),
    ] {
        assert!(wrong(place, text), "{place}: {text}");
    }
    for (place, text) in [
        (
            "tabs/search/view.rs",
            "use super::Search; use crate::explorer::world::World; use crate::text::clean;",
        ),
        ("tabs/search/view.rs", "mod tests { use super::*; } pub(super) fn f() {}"),
        ("tabs/mod.rs", "fn f() { search::Search::default(); }"),
        ("shell/run.rs", "use crate::explorer::tabs; fn f() { tabs::all(); } // tabs::search"),
        ("shell/run.rs", "use crate::explorer::Start;"),
    ] {
        assert!(!wrong(place, text), "{place}: {text}");
    }
}

/// The tabs, by their folders.
fn tabs() -> BTreeSet<String> {
    folders(&root().join("tabs"))
}

fn folders(folder: &Path) -> BTreeSet<String> {
    names(folder, Path::is_dir)
}

fn names(folder: &Path, wanted: impl Fn(&Path) -> bool) -> BTreeSet<String> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths
        .filter(|path| wanted(path))
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_string())
        .collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let (mut folders, mut files) = (vec![folder.to_path_buf()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/explorer")
}
