//! What a second start has of the first.

use crossterm::event::KeyCode;
use zenith_core::search::Mode;

use super::super::shell::Memory;
use super::super::tabs::search::Search;
use super::Screen;

/// A screen that starts with what is kept.
fn started(memory: &Memory) -> Screen {
    let mut screen = Screen::new(140, 30);
    screen.app.resume(memory.read());
    screen.opened()
}

#[test]
fn a_second_start_has_place_query_mode_and_history() {
    let folder = tempfile::tempdir().unwrap();
    let memory = Memory::below(&folder.path().join("state"));
    let mut screen = started(&memory);
    assert_eq!(screen.shown(), "Search", "the first start is at the search");
    screen.keys("queue").press(KeyCode::Esc).keys("spawn").alt(KeyCode::Char('m')).alt(KeyCode::Char('4'));
    memory.write(&screen.app.kept()).unwrap();

    let mut screen = started(&memory);
    assert_eq!(screen.shown(), "Status");
    screen.alt(KeyCode::Char('2'));
    let search = screen.tab::<Search>();
    assert_eq!((search.input.value(), search.mode), ("spawn", Mode::Text));
    assert_eq!(search.history.all(), ["queue", "spawn"]);
    screen.keys("x");
    assert_eq!(screen.tab::<Search>().input.value(), "x", "what is typed takes its place");

    let files: Vec<_> = std::fs::read_dir(folder.path().join("state")).unwrap().collect();
    assert_eq!(files.len(), 1, "one file and nothing else: {files:?}");
}

#[test]
fn what_cannot_be_written_or_read_is_as_a_first_start() {
    let folder = tempfile::tempdir().unwrap();
    // A file where the folder should be: nobody, not even root, can write below it.
    let blocked = folder.path().join("blocked");
    std::fs::write(&blocked, "").unwrap();
    let memory = Memory::below(&blocked.join("state"));
    let screen = started(&memory);
    assert!(memory.write(&screen.app.kept()).is_err());
    assert_eq!(started(&memory).shown(), "Search");

    let memory = Memory::below(folder.path());
    for text in ["", "{", "[1]", r#"{"shown": "Nowhere", "tabs": {"Search": {"query": 3}}}"#] {
        std::fs::write(folder.path().join("explorer.json"), text).unwrap();
        assert_eq!(started(&memory).shown(), "Search", "{text}");
    }
    let hostile =
        "{\"tabs\": {\"Search\": {\"query\": \"a\\u001b[31m\", \"history\": [\"b\\u0007b\", \"good\"]}}}";
    std::fs::write(folder.path().join("explorer.json"), hostile).unwrap();
    let screen = started(&memory);
    assert_eq!(screen.tab::<Search>().input.value(), "");
    assert_eq!(screen.tab::<Search>().history.all(), ["good"]);
}

#[test]
fn what_is_as_it_was_is_not_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let memory = Memory::below(folder.path());
    let screen = started(&memory);
    memory.write(&screen.app.kept()).unwrap();
    let file = folder.path().join("explorer.json");
    let first = std::fs::metadata(&file).unwrap().modified().unwrap();
    memory.write(&screen.app.kept()).unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().modified().unwrap(), first);
}
