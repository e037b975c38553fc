//! The tab Notes: what is listed and what became of it, how a note is written from wherever one is, and where notes meet.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crossterm::event::{Event, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use zenith_core::workspace::sync::{Hole, Synced};
use zenith_core::workspace::{Problem, Row, Snapshot, Value, table};
use zenith_core::{Standing, notes_file_path};

use super::super::parts::theme::Theme;
use super::super::parts::tree::Item;
use super::super::shell::{self, Message as Told};
use super::super::tabs::notes::{Desk, Effect, FileStands, Kept, Message, Notes, On, SyncFailed};
use super::super::world::{self, Opened};
use super::platforms::project;
use super::runs::Busy;
use super::{DARK, Screen};

/// 2026-11-27 01:00 UTC.
const NOW_MS: i64 = 1_795_741_200_000;
const HOUR_MS: i64 = 3_600_000;

fn text(text: &str) -> Value {
    Value::Text(text.to_string())
}

fn note(id: &str, hours: i64, fields: &[(&str, Value)]) -> (String, Arc<Row>) {
    let at = Value::Integer(NOW_MS - hours * HOUR_MS);
    let times = [("created_at", at.clone()), ("changed_at", at)];
    let value = |name: &str| {
        let named = fields.iter().chain(&times).find(|(known, _)| *known == name);
        named.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let values = table("notes").unwrap().columns.iter().map(|column| value(column.name)).collect();
    (id.to_string(), Arc::new(Row { id: id.to_string(), values, extra: Default::default() }))
}

/// Three notes, one of them about an item that has another signature by now, and a row that is none.
pub fn usual() -> Arc<Snapshot> {
    let on = |item: &str| {
        [
            ("ecosystem", text("rust")),
            ("package", text("tokio")),
            ("version", text("1.40.0")),
            ("item", text(item)),
        ]
    };
    let blocking = [
        vec![
            ("title", text("Blocking\u{1b}[31m work")),
            ("body", text("Files are read **here**.\n\n- one\n- two\u{202e}\n")),
            ("tags", Value::Words(["async", "io"].map(String::from).into())),
            ("signature", text("pub fn spawn_blocking(f: F)")),
        ],
        on("tokio::task::spawn_blocking").into(),
    ];
    let gone = [vec![("title", text("Old timer"))], on("tokio::timer::Timer").into()];
    let notes = BTreeMap::from([
        note("0193-blocking", 1, &blocking.concat()),
        note("0192-gone-now", 30, &gone.concat()),
        note("0191-nothing1", 90, &[("title", text("Ask Ada about retries"))]),
    ]);
    let problem = Problem {
        table: "notes".to_string(),
        id: "7".to_string(),
        field: Some("title".to_string()),
        why: "a number\u{7} where a text belongs".to_string(),
    };
    Arc::new(Snapshot {
        document: "d".to_string(),
        generation: 1,
        tables: BTreeMap::from([("notes", notes)]),
        problems: BTreeMap::from([(("notes".to_string(), "7".to_string()), vec![problem])]),
    })
}

fn standings() -> HashMap<String, Standing> {
    let version = "1.48.0".to_string();
    let signature = Some("pub fn spawn_blocking(f: F, name: &str)".to_string());
    HashMap::from([
        ("0193-blocking".to_string(), Standing::Changed { version: version.clone(), signature }),
        ("0192-gone-now".to_string(), Standing::Gone { version: Some(version) }),
    ])
}

/// The tab over some notes, with what became of them.
pub fn with(theme: Theme, width: u16, height: u16, snapshot: Arc<Snapshot>) -> Screen {
    let mut screen = Screen::new(width, height);
    (screen.app.theme, screen.app.wall_ms) = (theme, NOW_MS);
    screen.send(world::Message::Opened(Ok(Opened { project: Some(project()), ..Opened::default() })));
    assert!(matches!(screen.asked::<Notes>()[..], [Effect::Open]), "{:?}", screen.effects);
    screen.send(world::Message::Packages(Ok(Vec::new())));
    screen.tell::<Notes>(Message::Opened(Ok(Some((Desk::default(), snapshot)))));
    screen.tell::<Notes>(Message::File(FileStands::Kept));
    screen.alt(KeyCode::Char('6'));
    let generation = screen.generation_of::<Notes>(|effect| match effect {
        Effect::Standings { generation, .. } => Some(*generation),
        _ => None,
    });
    screen.tell::<Notes>(Message::Standings { generation, standings: standings() });
    screen
}

fn open() -> Screen {
    with(DARK, 150, 40, usual())
}

/// What is to be kept.
#[track_caller]
fn given(screen: &Screen) -> super::super::tabs::notes::Given {
    let found = screen.asked::<Notes>().into_iter().find_map(|effect| match effect {
        Effect::Keep { given, .. } => Some((**given).clone()),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{:?}\n{}", screen.effects, screen.text()))
}

#[test]
fn a_row_says_what_it_is_about_and_what_became_of_that() {
    let mut screen = open();
    screen.assert_shows("Notes  3");
    screen.assert_shows("Blocking work  tokio@1.40.0 to");
    screen.assert_shows("changed in 1.48.0  ");
    screen.assert_shows("gone in 1.48.0");
    // The page of the selected one: what it was beside what it is, and its text.
    screen.assert_shows("− pub fn spawn_blocking(f: F)");
    screen.assert_shows("+ pub fn spawn_blocking(f: F, name: &str)");
    screen.assert_shows("Files are read here.");
    screen.assert_shows("`zenith note show blocking`");
    screen.press(KeyCode::Down);
    screen.assert_lacks("Files are read");
    screen.press(KeyCode::Down);
    screen.assert_lacks("Now  ");
    assert!(!screen.text().contains(['\u{1b}', '\u{7}', '\u{202e}']));
}

#[test]
fn without_a_note_it_says_what_one_is_and_how_one_comes_by_it() {
    let mut screen = Screen::open(100, 30);
    screen.tell::<Notes>(Message::Opened(Ok(None)));
    screen.alt(KeyCode::Char('6'));
    assert!(matches!(screen.asked::<Notes>()[..], [Effect::Open]), "another process may have written one");
    screen.assert_shows("No note yet");
    for told in
        ["n writes one here", "zenith note add", "Alt-n", "When Cargo.lock moves", "s brings them together"]
    {
        screen.assert_shows(told);
    }
    screen.tell::<Notes>(Message::Opened(Ok(None)));
    screen.press(KeyCode::Down);
    assert!(screen.asked::<Notes>().is_empty(), "once each time that one comes");
}

#[test]
fn words_find_at_once_and_what_became_of_notes_elsewhere_shows() {
    let mut screen = open();
    screen.keys("/timer");
    screen.assert_shows("1 of 3");
    screen.assert_shows("Old timer");
    screen.assert_lacks("Blocking work");
    screen.press(KeyCode::Enter).press(KeyCode::Esc);
    screen.assert_shows("Blocking work");
    // Another machine's edit came: who stands on a note stays on it.
    screen.press(KeyCode::Down);
    let mut later = (*usual()).clone();
    later.generation = 2;
    let (id, row) = note("0194-new-note", 0, &[("title", text("Newest"))]);
    later.tables.get_mut("notes").unwrap().insert(id, row);
    screen.tell::<Notes>(Message::Moment(Arc::new(later)));
    screen.assert_shows("Notes  4");
    assert_eq!(screen.tab::<Notes>().selected().unwrap().title, "Ask Ada about retries");
}

#[test]
fn rows_that_are_none_are_counted_listed_and_explained() {
    let mut screen = open();
    screen.assert_shows("1 row of the document cannot be read; p lists them");
    screen.keys("p");
    screen.assert_shows("notes 7: title a number where a text belongs");
    screen.assert_shows("Another program, or another version");
    screen.keys("dcey");
    assert!(screen.asked::<Notes>().is_empty(), "{:?}", screen.effects);
    screen.press(KeyCode::Esc);
    screen.assert_shows("Blocking work");
}

#[test]
fn a_note_is_written_in_lines_and_what_is_wrong_stands_below_its_line() {
    let mut screen = open();
    screen.keys("n").press(KeyCode::Enter);
    screen.keys("text").press(KeyCode::Down).keys("tokio::spam").press(KeyCode::Down).ctrl('s');
    screen.assert_shows("a note has a title");
    screen.keys("Why").ctrl('s');
    let kept = given(&screen);
    assert_eq!((kept.id, kept.title.as_deref(), kept.body.as_deref()), (None, Some("Why"), Some("text")));
    assert_eq!(kept.on, On::Typed("tokio::spam".to_string()));
    screen.ctrl('s');
    assert!(screen.asked::<Notes>().is_empty(), "it is being kept already");
    screen.tell::<Notes>(Message::Kept(Err("tokio has no spam; did you mean spawn\u{1b}[2J".to_string())));
    let shown = screen.text();
    let rows: Vec<&str> = shown.lines().collect();
    let at = rows.iter().position(|row| row.contains("About")).unwrap();
    assert!(rows[at + 1].contains("tokio has no spam; did you mean spawn"), "{shown}");
    screen.ctrl('u').keys("tokio").press(KeyCode::Enter).keys("#a b").press(KeyCode::Enter);
    let kept = given(&screen);
    assert_eq!(kept.tags.unwrap().into_iter().collect::<Vec<_>>(), ["a", "b"]);
    screen.tell::<Notes>(Message::Kept(Ok(Kept {
        id: "x".to_string(),
        told: "kept Why on tokio".to_string(),
    })));
    screen.assert_shows("kept Why on tokio");
    screen.assert_shows("Blocking work");
}

#[test]
fn a_note_that_is_written_in_the_editor_is_kept_with_the_other_lines() {
    let mut screen = open();
    screen.keys("nWhy").press(KeyCode::Down).press(KeyCode::Down).keys("tokio").alt(KeyCode::Char('e'));
    let index = screen.place_of::<Notes>();
    assert!(
        matches!(&screen.effects[..], [shell::Effect::Compose(at, written)] if *at == index && written.text == "Why\n\n"),
        "{:?}",
        screen.effects
    );
    screen.send(Told::Composed(index, Ok("\n".to_string())));
    screen.assert_shows("nothing was written");
    screen.send(Told::Composed(index, Err("the editor vi ended with 3".to_string())));
    screen.assert_shows("the editor vi ended with 3");
    screen.send(Told::Composed(index, Ok("Why not\n\none\ntwo\n".to_string())));
    let kept = given(&screen);
    assert_eq!((kept.title.as_deref(), kept.body.as_deref()), (Some("Why not"), Some("one\ntwo\n")));
    assert_eq!(kept.on, On::Typed("tokio".to_string()));
}

#[test]
fn a_change_in_lines_names_what_changed_alone() {
    let mut screen = open();
    screen.keys("c");
    screen.assert_shows("Change a note");
    screen.assert_shows("About   › tokio::task::spawn_blocking");
    screen.ctrl('s');
    assert!(screen.asked::<Notes>().is_empty(), "nothing changed");
    screen.keys("c").press(KeyCode::Down).press(KeyCode::Down).keys(" more").ctrl('s');
    let kept = given(&screen);
    assert_eq!((kept.id.as_deref(), kept.title, kept.body), (Some("0193-blocking"), None, None));
    assert_eq!((kept.tags.unwrap().len(), kept.on), (3, On::Same));
}

/// From an item in Explore and from a result in Search, and back to where one was.
#[test]
fn a_note_is_written_wherever_one_is_about_what_is_selected() {
    let mut screen = Screen::open(150, 40);
    screen.tell::<Notes>(Message::Opened(Ok(None)));
    screen.keys("1").open_package("tokio", &[("mod", "tokio"), ("fn", "tokio::spawn")]);
    screen.press(KeyCode::Down);
    screen.assert_shows("n note");
    screen.keys("n");
    assert_eq!(screen.shown(), "Notes");
    screen.assert_shows("About   › tokio::spawn");
    screen.keys("needs rt").ctrl('s');
    let On::Known { id, item: Some(Item::Symbol { path, .. }), .. } = given(&screen).on else {
        panic!("{:?}", screen.effects)
    };
    assert_eq!((id.to_string().as_str(), path.as_str()), ("tokio@1.48.0", "tokio::spawn"));
    let told = "kept needs rt on tokio@1.48.0 tokio::spawn".to_string();
    screen.tell::<Notes>(Message::Kept(Ok(Kept { id: "1".to_string(), told })));
    assert_eq!(screen.shown(), "Explore", "one goes on where one was");
    screen.assert_shows("kept needs rt on tokio@1.48.0 tokio::spawn");
    // Whether there are notes was asked for when the tab came.
    screen.tell::<Notes>(Message::Opened(Ok(None)));
    assert!(matches!(screen.asked::<Notes>()[..], [Effect::Open]), "the first one: {:?}", screen.effects);

    screen.alt(KeyCode::Char('2')).keys("spawn");
    let generation = screen.search_generation();
    screen.found(generation, &["tokio::task::spawn"]);
    screen.alt(KeyCode::Char('n'));
    assert_eq!(screen.shown(), "Notes");
    screen.assert_shows("About   › tokio::task::spawn");
    screen.press(KeyCode::Esc);
    assert_eq!(screen.shown(), "Search", "nothing was written");
    screen.assert_shows("tokio::task::spawn");
}

#[test]
fn of_a_tier_no_note_is_written_and_a_package_is_known_by_its_version() {
    let mut screen = Screen::open(100, 30);
    screen.keys("1gn");
    assert_eq!(screen.shown(), "Explore");
    screen.assert_shows("select it first");
    screen.press(KeyCode::Down).keys("n");
    screen.assert_shows("About   › mine@0.1.0");
}

#[test]
fn what_a_note_speaks_of_is_opened_in_the_version_that_is_locked() {
    let mut screen = open();
    let versions = ["1.40.0", "1.48.0", "1.50.0"];
    let entries =
        versions.map(|version| super::entry(zenith_core::identity::Scope::Public, "tokio", version));
    screen.send(world::Message::Packages(Ok(entries.to_vec())));
    screen.keys("F");
    assert_eq!(screen.shown(), "Explore");
    screen.assert_shows("‹ tokio 1.48.0");
    screen.alt(KeyCode::Left);
    assert_eq!(screen.shown(), "Notes");
    screen.send(world::Message::Packages(Ok(Vec::new())));
    screen.keys("F");
    screen.assert_shows("tokio is not indexed here");
}

#[test]
fn a_note_is_deleted_after_it_was_asked() {
    let mut screen = open();
    screen.keys("d");
    assert!(screen.asked::<Notes>().is_empty());
    screen.assert_shows("remove Blocking work, here and wherever it is synchronised to");
    screen.keys("n").keys("d").keys("d");
    assert!(
        matches!(screen.asked::<Notes>()[..], [Effect::Remove { id, .. }] if id == "0193-blocking"),
        "{:?}",
        screen.effects
    );
}

/// The place of a sync that was asked for, and whether other notes are taken up.
fn met(screen: &Screen) -> Option<(String, bool)> {
    screen.asked::<Notes>().into_iter().find_map(|effect| match effect {
        Effect::Sync { place, join, .. } => Some((place.clone(), *join)),
        _ => None,
    })
}

#[test]
fn notes_meet_at_a_place_and_others_are_taken_up_after_it_was_asked() {
    let mut screen = open();
    screen.keys("s../between").press(KeyCode::Enter);
    assert_eq!(met(&screen), Some(("../between".to_string(), false)));
    screen.assert_shows("synchronising with ../between…");
    let place = "../between".to_string();
    let synced = Err(SyncFailed::OtherDocument);
    screen.tell::<Notes>(Message::Synced { place: place.clone(), join: false, synced });
    screen.assert_shows("take up the notes that lie there");
    screen.keys("j");
    assert_eq!(met(&screen), Some((place.clone(), true)));
    let holes = vec![Hole { writer: "0123456789".to_string(), number: 7 }];
    let synced = Synced { place: "between".to_string(), pulled: 2, pushed: 1, holes, ..Synced::default() };
    screen.tell::<Notes>(Message::Synced { place, join: true, synced: Ok(synced) });
    screen.assert_shows("what the machine 01234567 put there as number 7 is missing");
    screen.assert_lacks("synchronising");
    // It stands in the line the next time, and after the next start, unless it may hold a secret.
    screen.keys("s");
    screen.assert_shows("with ../between");
    let kept = |screen: &Screen| screen.app.tabs[screen.place_of::<Notes>()].kept().unwrap()["place"].clone();
    assert_eq!(kept(&screen), "../between");
    screen.ctrl('u').keys("wss://ada:secret@example.org/room").press(KeyCode::Enter);
    screen.assert_shows("synchronising with wss://example.org/room");
    screen.assert_lacks("secret");
    assert_eq!(kept(&screen), "");
}

#[test]
fn what_is_in_the_way_is_said() {
    let mut screen = open();
    screen.assert_shows("1 row of the document");
    screen.tell::<Notes>(Message::File(FileStands::Failed("it is not ours\u{1b}[2J".to_string())));
    screen.assert_shows("other tools read what is behind: it is not ours");
    let mut screen = Screen::open(100, 30);
    screen.keys("1").alt(KeyCode::Char('6'));
    screen.tell::<Notes>(Message::Opened(Err("the log cannot be read\u{1b}[2J".to_string())));
    screen.assert_shows("the log cannot be read");
    screen.alt(KeyCode::Char('1')).alt(KeyCode::Char('6'));
    assert!(matches!(screen.asked::<Notes>()[..], [Effect::Open]), "it is tried again");
}

#[test]
fn any_size_is_drawn_clicked_and_scrolled() {
    for (width, height) in [(0, 0), (1, 1), (20, 5), (40, 10), (60, 20), (100, 30), (200, 60)] {
        let mut screen = with(DARK, width, height, usual());
        for key in "jkGglhp/".chars() {
            screen.keys(&key.to_string()).text();
        }
        screen.keys("ti").press(KeyCode::Esc).keys("n").text();
        screen.keys("x").press(KeyCode::Down).text();
        screen.press(KeyCode::Esc).keys("s").text();
        screen.press(KeyCode::Esc).text();
        for (column, row) in [(0, 0), (3, 6), (width.saturating_sub(2), height.saturating_sub(3))] {
            for kind in [MouseEventKind::ScrollDown, MouseEventKind::Down(MouseButton::Left)] {
                screen
                    .send(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }))
                    .text();
            }
        }
        screen.send(Event::Resize(height, width)).text();
    }
}

impl Busy {
    /// Does what was asked for, and takes what comes of it, until the screen shows a text.
    pub async fn until(&mut self, text: &str) {
        while !self.screen.text().contains(text) {
            self.begin_asked();
            let told = self.next().await;
            self.screen.send(told);
        }
        self.begin_asked();
    }

    /// The same until it asks for the editor: for which tab, and with which text.
    async fn composed(&mut self) -> (usize, String) {
        loop {
            let composed = self.screen.effects.iter().find_map(|effect| match effect {
                shell::Effect::Compose(index, written) => Some((*index, written.text.clone())),
                _ => None,
            });
            if let Some(composed) = composed {
                return composed;
            }
            self.begin_asked();
            let told = self.next().await;
            self.screen.send(told);
        }
    }
}

/// Over a real document: the first note makes it, what another process writes shows, meaning finds, the editor's text is
/// merged, and the file for other tools holds all of it when the program has ended.
#[tokio::test(flavor = "multi_thread")]
async fn notes_are_really_kept_found_merged_and_removed() {
    let mut busy = Busy::open(Screen::new(150, 40)).await;
    busy.begin_asked();
    busy.screen.alt(KeyCode::Char('6'));
    busy.until("No note yet").await;
    busy.screen.keys("nRetries").press(KeyCode::Down).keys("Ask the server again after a while.").ctrl('s');
    busy.until("Notes  1").await;
    busy.screen.keys("nColours").ctrl('s');
    busy.until("Notes  2").await;

    // As another process does.
    let other = zenith_core::workspace::Workspace::open(&busy.data()).await.unwrap();
    let note = other
        .snapshot()
        .notes()
        .into_iter()
        .find(|note| note.title == "Retries")
        .map(|note| note.id.to_string());
    let id = note.unwrap();
    busy.screen.keys("/try request once more backoff");
    busy.until("by meaning").await;
    busy.screen.press(KeyCode::Enter);
    busy.screen.assert_shows("Retries");
    busy.screen.keys("ge");
    let (index, written) = busy.composed().await;
    assert_eq!(written, "Retries\n\nAsk the server again after a while.");
    let edit = zenith_core::workspace::Edit::Set {
        table: "notes",
        id: id.clone(),
        values: vec![("body", text("ASK the server again after a while."))],
    };
    other.edit(vec![edit]).await.unwrap();
    let written = written.replace("a while", "a WHILE");
    busy.screen.send(Told::Composed(index, Ok(written)));
    busy.until("ASK the server again after a WHILE.").await;

    busy.screen.keys("dd");
    busy.until("removed Retries").await;
    let data = busy.data();
    busy.end().await;
    let moment = other.edit(Vec::new()).await.unwrap();
    assert_eq!(moment.notes().iter().map(|note| note.title).collect::<Vec<_>>(), ["Colours"]);
    let mut file = zenith_core::workspace::FileProvider::new(&notes_file_path(&data)).unwrap().unwrap();
    assert_eq!(file.look(&moment).await.unwrap(), zenith_core::workspace::FileLook::Same(1));
}
