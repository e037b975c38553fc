//! The tab Instances: how instances stand here and there, what a publication would change before it does, and what is
//! done to them.

use std::collections::BTreeMap;
use std::path::Path;

use crossterm::event::{Event, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use serde_json::{Value, json};
use zenith_core::publish::{
    AuthoredId, Change, Difference, Instance, LocaleStanding, Outlook, Progress, Sha256, Standing, Status,
    WidgetType,
};

use super::super::parts::theme::Theme;
use super::super::shell::{self, Message as Told};
use super::super::tabs::instances::{Detail, Effect, Instances, Looked, Message, Planned};
use super::super::world::{self, Opened};
use super::runs::Busy;
use super::{DARK, Screen};

/// 2026-11-27 01:00 UTC.
const NOW_MS: i64 = 1_795_741_200_000;
const TYPES: &str = r#"{"v":1,"base_locale":"en","locales":["de"],"types":{"faq":{"paths":["/title"]},"hero":{"paths":["/title"]}}}"#;

fn id(text: &str) -> AuthoredId {
    AuthoredId::parse(text).unwrap()
}

fn standing(name: &str, of: &str, status: Status, progress: Progress, sequence: Option<u64>) -> Standing {
    let at = chrono::DateTime::from_timestamp_millis(NOW_MS - 7_200_000);
    Standing {
        public_id: id(name),
        widget_type: WidgetType::parse(of).unwrap(),
        status,
        revision: 3,
        progress,
        sequence,
        published_at: sequence.and(at),
        publisher: sequence.map(|_| "ada\u{1b}[31m".to_string()),
        locales: vec![LocaleStanding {
            locale: "de".to_string(),
            applied: 1,
            stale: vec!["/title\u{202e}".to_string()],
            orphans: Vec::new(),
            missing: 2,
        }],
    }
}

fn usual() -> Vec<Standing> {
    vec![
        standing("wgt_curated_spring", "hero", Status::Deprecated, Progress::InStep, Some(4)),
        standing("wgt_main_faq", "faq", Status::Published, Progress::Ahead, Some(2)),
        standing("wgt_main_hero", "hero", Status::Published, Progress::Never, None),
    ]
}

fn config(title: &str) -> serde_json::Map<String, Value> {
    json!({ "title": title, "colour": "red" }).as_object().unwrap().clone()
}

fn outlook(name: &str, sequence: u64) -> Outlook {
    Outlook {
        public_id: id(name),
        sequence,
        puts: vec![format!("instances/curated/{name}/en.…"), "instances/curated/catalog.json".to_string()],
        left_out: vec![("de".to_string(), "not translated".to_string())],
        unusable: None,
    }
}

fn detail() -> Detail {
    let change = |at: &str, was: Option<Value>, now: Option<Value>| Change { at: at.to_string(), was, now };
    Detail {
        instance: Instance {
            public_id: id("wgt_main_faq"),
            widget_type: WidgetType::parse("faq").unwrap(),
            status: Status::Published,
            config: config("New\u{1b}[2J questions"),
            config_hash: Sha256::of(b""),
            revision: 3,
            updated_at: NOW_MS,
        },
        changes: Some(vec![
            change("/title", Some("Questions".into()), Some("New questions".into())),
            change("/gone", Some(1.into()), None),
        ]),
        outlooks: vec![outlook("wgt_main_faq", 3)],
        history: Vec::new(),
    }
}

fn generation(screen: &Screen, of: fn(&Effect) -> Option<u64>) -> u64 {
    screen.generation_of::<Instances>(of)
}

/// The tab over some instances, on the second, whose page is there.
pub fn with(theme: Theme, width: u16, height: u16) -> Screen {
    let mut screen = Screen::new(width, height);
    (screen.app.theme, screen.app.wall_ms) = (theme, NOW_MS);
    screen.send(world::Message::Opened(Ok(Opened::default())));
    screen.send(world::Message::Packages(Ok(Vec::new())));
    screen.alt(KeyCode::Char('7'));
    let look = generation(&screen, |effect| match effect {
        Effect::Look { generation, .. } => Some(*generation),
        _ => None,
    });
    let looked = Looked { standings: usual(), ..Looked::default() };
    screen.tell::<Instances>(Message::Looked { generation: look, looked: Ok(looked) });
    let compare = generation(&screen, |effect| match effect {
        Effect::Compare { generation, deep: false } => Some(*generation),
        _ => None,
    });
    let what = "its pointer is another than was put from here".to_string();
    let compared = Ok(vec![Difference { public_id: Some(id("wgt_curated_spring")), what }]);
    screen.tell::<Instances>(Message::Compared { generation: compare, compared });
    screen.press(KeyCode::Down);
    let generation = generation(&screen, |effect| match effect {
        Effect::Detail { generation, id, .. } if id.to_string() == "wgt_main_faq" => Some(*generation),
        _ => None,
    });
    screen.tell::<Instances>(Message::Detail { generation, detail: Ok(Box::new(detail())) });
    screen
}

fn open() -> Screen {
    with(DARK, 150, 44)
}

#[test]
fn a_row_says_how_it_stands_here_and_there_and_the_page_what_the_next_publication_changes() {
    let mut screen = open();
    screen.assert_shows("Authored  Workspace  3");
    screen.assert_shows("what is published is not as it was put from here");
    screen.assert_shows("wgt_curated_spring  deprecated");
    screen.assert_shows("another is there  in step  4");
    screen.assert_shows("ahead  2");
    for told in [
        "number 2, 2 hours ago, by ada",
        "− \"Questions\"",
        "+ \"New questions\"",
        "put instances/curated/wgt_main_faq/en.…",
        "without de: not translated",
        "1 of 4 texts in place",
        "stale /title",
        "\"colour\": \"red\"",
    ] {
        screen.assert_shows(told);
    }
    assert!(!screen.text().contains(['\u{1b}', '\u{202e}']));
    screen.press(KeyCode::Up);
    screen.assert_shows("There         its pointer is another");
    // What was never published is compared with nothing.
    screen.keys("/hero");
    screen.assert_shows("never published");
    screen.assert_lacks("wgt_main_faq");
}

/// The effect that was asked for, which is alone of its kind.
#[track_caller]
fn found<T>(screen: &Screen, of: impl Fn(&Effect) -> Option<T>) -> T {
    let found = screen.asked::<Instances>().into_iter().find_map(of);
    found.unwrap_or_else(|| panic!("{:?}\n{}", screen.effects, screen.text()))
}

fn published(effect: &Effect) -> Option<Vec<String>> {
    match effect {
        Effect::Publish { ids } => Some(ids.iter().map(ToString::to_string).collect()),
        _ => None,
    }
}

#[test]
fn nothing_is_published_before_it_was_shown_what_that_puts() {
    let mut screen = open();
    screen.keys("p");
    assert!(screen.asked::<Instances>().iter().all(|effect| published(effect).is_none()));
    let planned = Planned {
        one: Some((id("wgt_main_faq"), vec![outlook("wgt_main_faq", 3)])),
        all: vec![outlook("wgt_main_faq", 3), outlook("wgt_main_hero", 1)],
    };
    screen.tell::<Instances>(Message::Planned(Ok(planned.clone())));
    screen.assert_shows("wgt_main_faq: number 3, 2 objects put");
    // The set is put once.
    screen.assert_shows("2 instances: 3 objects put");
    screen.keys("n");
    assert!(screen.effects.is_empty(), "{:?}", screen.effects);
    screen.tell::<Instances>(Message::Planned(Ok(planned.clone()))).keys("p");
    assert_eq!(found(&screen, published), ["wgt_main_faq"]);
    screen.assert_shows("publishing…");
    screen.keys("p");
    assert!(screen.asked::<Instances>().is_empty(), "one run at a time");
    screen.keys("x");
    assert!(matches!(screen.asked::<Instances>()[..], [Effect::StopPublishing]), "{:?}", screen.effects);
    screen.assert_shows("stopping…");
    screen.tell::<Instances>(Message::Published(Err("stopped".to_string())));
    screen.tell::<Instances>(Message::Planned(Ok(planned))).keys("a");
    assert!(found(&screen, published).is_empty(), "all that changed");
    screen.tell::<Instances>(Message::Published(Ok(Default::default())));
    screen.tell::<Instances>(Message::Planned(Ok(Planned::default())));
    screen.assert_shows("nothing changed since the last publication");
}

#[test]
fn what_becomes_of_one_is_asked_first_and_nothing_stands_in_for_a_baseline() {
    let mut screen = open();
    screen.keys("d");
    screen.assert_shows("wgt_main_faq: readers are told that it is withdrawn");
    screen.assert_lacks("readers get the baseline");
    screen.keys("u");
    let status = |effect: &Effect| match effect {
        Effect::SetStatus { id, status, .. } => Some((id.to_string(), *status)),
        _ => None,
    };
    assert_eq!(found(&screen, status), ("wgt_main_faq".to_string(), Status::Unpublished));
    screen.press(KeyCode::Up).keys("dp");
    assert_eq!(found(&screen, status), ("wgt_curated_spring".to_string(), Status::Published));
}

#[test]
fn it_goes_back_to_a_number() {
    let mut screen = open();
    screen.keys("bone").press(KeyCode::Enter);
    screen.assert_shows("write the number that its history tells");
    screen.ctrl('u').keys(" 1 ").press(KeyCode::Enter);
    let back = found(&screen, |effect| match effect {
        Effect::Rollback { id, sequence } => Some((id.to_string(), *sequence)),
        _ => None,
    });
    assert_eq!(back, ("wgt_main_faq".to_string(), 1));
    let mut screen = open();
    screen.press(KeyCode::Down).keys("b1").press(KeyCode::Enter);
    assert!(screen.asked::<Instances>().is_empty(), "it was never published: {:?}", screen.effects);
}

#[test]
fn ones_own_are_in_the_workspace_alone_and_are_not_published() {
    let mut screen = open();
    screen.keys("w");
    let generation = generation(&screen, |effect| match effect {
        Effect::Users { generation } => Some(*generation),
        _ => None,
    });
    let users = Err("sign in first\u{1b}[2J".to_string());
    screen.tell::<Instances>(Message::Users { generation, users });
    screen.assert_shows("sign in first");
    screen.assert_lacks("wgt_main_faq");
    screen.keys("p");
    screen.assert_shows("a user's instance is not published");
    screen.keys("w");
    screen.assert_shows("wgt_main_faq");
}

#[test]
fn where_nothing_is_authored_it_says_how_one_begins() {
    let mut screen = Screen::open(100, 30);
    screen.alt(KeyCode::Char('7'));
    let generation = generation(&screen, |effect| match effect {
        Effect::Look { generation, .. } => Some(*generation),
        _ => None,
    });
    screen.tell::<Instances>(Message::Looked { generation, looked: Ok(Looked::default()) });
    for told in
        ["Nothing is authored here", "n begins one here", "zenith instance edit", "p publishes", "w shows"]
    {
        screen.assert_shows(told);
    }
    let asked: Vec<_> = screen.asked::<Instances>();
    assert!(asked.is_empty(), "nobody is asked about what was never published: {asked:?}");
}

#[test]
fn any_size_is_drawn_clicked_and_scrolled() {
    for (width, height) in [(0, 0), (1, 1), (20, 5), (40, 10), (60, 20), (80, 24), (200, 60)] {
        let mut screen = with(DARK, width, height);
        for key in "jkGglhwwdnbp/".chars() {
            screen.keys(&key.to_string()).text();
            screen.press(KeyCode::Esc).text();
        }
        for (column, row) in [(0, 0), (3, 6), (width.saturating_sub(2), height.saturating_sub(3))] {
            for kind in [MouseEventKind::ScrollDown, MouseEventKind::Down(MouseButton::Left)] {
                let modifiers = KeyModifiers::NONE;
                screen.send(Event::Mouse(MouseEvent { kind, column, row, modifiers })).text();
            }
        }
        screen.send(Event::Resize(height, width)).text();
    }
}

/// What the editor is asked for, and then writes.
async fn writes(busy: &mut Busy, keys: &str, write: impl FnOnce(&shell::Composition) -> String) {
    busy.screen.keys(keys);
    if !keys.ends_with(['e', 'E']) {
        busy.screen.press(KeyCode::Enter);
    }
    let asked = busy.screen.effects.iter().find_map(|effect| match effect {
        shell::Effect::Compose(index, composition) => Some((*index, composition.clone())),
        _ => None,
    });
    let (index, composition) = asked.unwrap_or_else(|| panic!("{}", busy.screen.text()));
    assert_eq!(composition.suffix, "json");
    let written = write(&composition);
    busy.screen.send(Told::Composed(index, Ok(written)));
}

fn objects(store: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![store.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => drop(found.insert(path.display().to_string(), std::fs::read(&path).unwrap())),
            }
        }
    }
    found
}

/// Over real files: one is written, kept, published, changed, seen to differ, published again, rolled back, and withdrawn;
/// what another program did to what is published is noticed.
#[tokio::test(flavor = "multi_thread")]
async fn an_instance_is_really_written_published_and_rolled_back() {
    let mut busy = Busy::open(Screen::new(150, 50)).await;
    let folder = busy.data().join("instances");
    std::fs::create_dir_all(folder.join("widgets")).unwrap();
    std::fs::write(folder.join("widgets/manifest.json"), TYPES).unwrap();
    busy.begin_asked();
    busy.screen.alt(KeyCode::Char('7'));
    busy.until("Nothing is authored here").await;
    assert!(!folder.join("authored.db").exists(), "looking makes no file");

    // What cannot be kept is not lost.
    busy.screen.keys("n").ctrl('u');
    writes(&mut busy, "wgt_main_faq", |_| r#"{"title": "Questions""#.to_string()).await;
    busy.until("E goes on with what you wrote").await;
    writes(&mut busy, "E", |written| format!("{}}}", written.text)).await;
    busy.until("wgt_main_faq is kept, revision 1").await;
    busy.until("never published").await;
    busy.until("number 1").await;
    busy.screen.keys("n");
    writes(&mut busy, "spring hero", |_| r#"{"title": "Spring"}"#.to_string()).await;
    busy.until("wgt_curated_spring is kept").await;
    busy.until("Workspace  2").await;

    let store = busy.data().join("store");
    busy.screen.keys("p");
    busy.until("2 instances: ").await;
    assert!(objects(&store).is_empty(), "nothing is put before somebody says so");
    busy.screen.keys("a");
    busy.until("2 instances are published").await;
    busy.until("what is published is as it was put from here").await;
    assert!(!objects(&store).is_empty());

    busy.screen.keys("/faq").press(KeyCode::Enter);
    busy.until("\"title\": \"Questions\"").await;
    writes(&mut busy, "e", |written| written.text.replace("Questions", "Answers")).await;
    busy.until("+ \"Answers\"").await;
    busy.screen.assert_shows("− \"Questions\"");
    busy.screen.keys("p");
    busy.until("wgt_main_faq: number 2").await;
    busy.screen.keys("p");
    busy.until("wgt_main_faq is published as number 2").await;
    busy.screen.keys("b1").press(KeyCode::Enter);
    busy.until("wgt_main_faq is published as number 3").await;

    busy.screen.press(KeyCode::Esc).keys("/spring").press(KeyCode::Enter).keys("du");
    busy.until("wgt_curated_spring is unpublished in the next publication").await;
    // Somebody takes a pointer away.
    std::fs::remove_file(store.join("instances/curated/wgt_curated_spring/manifest.json")).unwrap();
    busy.screen.keys("v");
    busy.until("another is there").await;
    busy.end().await;
}
