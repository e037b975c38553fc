//! The tab Status: who is signed in, where the replicas stand, what is stored, what is at work.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event, KeyCode};
use serde_json::json;
use zenith_core::catalog::{MemberState, Synced};
use zenith_core::identity::Scope;
use zenith_core::index::Reached;
use zenith_core::{StoreExport, StoreLook};

use super::super::shell::Effect as Asked;
use super::super::tabs::status::{Disk, Effect, Message, Status, SyncedDatabase};
use super::super::world::{self, Home, Opened};
use super::Screen;

/// Three minutes after what the replicas say.
pub const NOW_MS: i64 = 1_000_180_000;

pub fn home(is_signed_in: bool) -> Home {
    let session = json!({
        "service": "https://user:hunter2@zenith.example:8443/?key=hunter2",
        "issuer": "https://issuer.example",
        "subject": "ada\u{1b}[2J",
        "organisation": "acme",
        "role": "admin",
        "signed_in_at": 992_800,
        "databases": [
            { "role": "global", "url": "https://db.example", "expires_at": 2_000_000 },
            { "role": "team", "of": "acme", "url": "https://acme.db.example", "expires_at": 1_000 },
        ],
    });
    Home {
        session: is_signed_in.then(|| Arc::new(serde_json::from_value(session).unwrap())),
        data_dir: "/data/zenith".into(),
        model: "table-1".to_string(),
        ..Home::default()
    }
}

fn replica(
    frame: Option<u64>,
    synced_at_ms: Option<u64>,
    lag: u64,
    error: Option<&str>,
) -> serde_json::Value {
    json!({ "frame": frame, "synced_at_ms": synced_at_ms, "lag": lag, "error": error,
            "checked_at_ms": null, "unfinished": false })
}

pub fn members() -> Vec<MemberState> {
    let member = |name: &str, replica| MemberState {
        database: name.to_string(),
        replica: serde_json::from_value(replica).unwrap(),
        age_s: None,
        doubt: None,
    };
    vec![
        member("global", replica(Some(42), Some(1_000_000_000), 7, None)),
        member("team acme", replica(None, None, 0, Some("db.example did\u{1b}[31m not answer"))),
    ]
}

pub fn open_at(width: u16, height: u16, home: Home) -> Screen {
    let mut screen = Screen::new(width, height);
    screen.app.wall_ms = NOW_MS;
    screen.send(world::Message::Opened(Ok(Opened { home, ..Opened::default() })));
    screen.send(world::Message::Packages(Ok(vec![super::entry(
        zenith_core::identity::Scope::Public,
        "serde",
        "1.0.0",
    )])));
    screen.keys("4");
    screen
}

pub fn open(home: Home) -> Screen {
    open_at(100, 40, home)
}

pub fn signed_in() -> Screen {
    let mut screen = open(home(true));
    let generation = replicas_generation(&screen);
    screen.tell::<Status>(Message::Replicas { generation, replicas: members() });
    screen
}

pub fn replicas_generation(screen: &Screen) -> u64 {
    screen.generation_of::<Status>(|effect| match effect {
        Effect::Replicas { generation } => Some(*generation),
        _ => None,
    })
}

fn disk_generation(screen: &Screen) -> u64 {
    screen.generation_of::<Status>(|effect| match effect {
        Effect::Measure { generation } => Some(*generation),
        _ => None,
    })
}

#[test]
fn without_a_session_one_is_the_user_of_this_machine() {
    let mut screen = open(home(false));
    screen.assert_shows("You are the user of this machine");
    screen.assert_lacks("Databases");
    screen.keys("s");
    assert!(screen.effects.is_empty(), "{:?}", screen.effects);
    screen.assert_shows("nobody is signed in");
}

#[test]
fn who_is_signed_in_is_told_without_a_secret() {
    let screen = signed_in();
    for text in ["ada", "acme", "admin", "zenith.example:8443", "2 hours ago"] {
        screen.assert_shows(text);
    }
    screen.assert_lacks("hunter2");
    screen.assert_lacks("[2J");
}

#[test]
fn replicas_tell_frame_age_lag_and_what_is_wrong() {
    let screen = signed_in();
    for text in [
        "up to date 3 minutes ago · frame 42, 7 frames behind before",
        "never synchronised",
        "db.example did not answer",
    ] {
        screen.assert_shows(text);
    }
}

#[test]
fn access_that_has_ended_is_told() {
    let mut screen = open(home(true));
    let generation = replicas_generation(&screen);
    let mut members = members();
    members[1].replica.error = None;
    screen.tell::<Status>(Message::Replicas { generation, replicas: members });
    screen.assert_shows("access to it has ended; sign in again");
}

#[test]
fn s_synchronises_once_and_tells_what_came() {
    let mut screen = signed_in();
    screen.keys("s");
    assert!(matches!(screen.asked_alone::<Status>()[..], [Effect::Sync]), "{:?}", screen.effects);
    screen.assert_shows("Syncing       0 s");
    assert!(screen.app.animates());
    screen.keys("s");
    assert!(screen.effects.is_empty(), "one at a time");

    let synced = Synced { frame: Some(44), frames: 2, fetched_anew: false };
    let done = |database: &str, outcome| SyncedDatabase { database: database.to_string(), outcome };
    let failed = "the server\u{1b}[2J did not answer within 10 s".to_string();
    let outcomes = vec![done("global", Ok(synced)), done("team acme", Err(failed))];
    screen.tell::<Status>(Message::Synced(Ok(outcomes)));
    assert!(screen.effects.iter().any(|effect| matches!(effect, Asked::World(world::Effect::LoadPackages))));
    screen.assert_shows("1 of 2 brought up to date");
    screen.assert_shows("team acme: the server did not answer within 10 s");
    assert!(!screen.app.animates(), "nothing moves any more");
    // Where they stand is asked for anew.
    let generation = replicas_generation(&screen);
    screen.tell::<Status>(Message::Replicas { generation, replicas: members() });
    screen.keys("j");
    screen.assert_shows("the server did not answer within 10 s");
}

#[test]
fn all_in_sync_and_a_sync_that_fails_whole_are_told() {
    let synced = Synced { frame: Some(44), frames: 2, fetched_anew: false };
    let mut screen = signed_in();
    screen.keys("s");
    let done = SyncedDatabase { database: "global".to_string(), outcome: Ok(synced) };
    screen.tell::<Status>(Message::Synced(Ok(vec![done])));
    screen.assert_shows("synchronised: 2 frames came");
    screen.keys("s");
    screen.tell::<Status>(Message::Synced(Err("the keyring is locked".to_string())));
    screen.assert_shows("Nothing was synchronised: the keyring is locked");
}

#[test]
fn the_store_is_counted_and_added_up_in_the_background() {
    let mut screen = open(home(false));
    for text in ["/data/zenith", "table-1", "1 package ready, 1,234 symbols", "adding up…"] {
        screen.assert_shows(text);
    }
    let generation = disk_generation(&screen);
    let disk = Disk { parts: vec![("datasets", 3 << 20), ("catalog", 1 << 20)] };
    screen.tell::<Status>(Message::Disk { generation, disk });
    for text in ["4 MiB", "3 MiB datasets", "1 MiB catalog"] {
        screen.assert_shows(text);
    }
    screen.keys("1").keys("4");
    assert!(screen.effects.is_empty(), "it is added up once: {:?}", screen.effects);
}

#[test]
fn nothing_is_asked_for_before_the_tab_is_opened() {
    let mut screen = Screen::new(100, 40);
    screen.send(world::Message::Opened(Ok(Opened { home: home(true), ..Opened::default() })));
    use world::Effect::{LoadPackages, Reach};
    assert!(
        matches!(screen.effects[..], [Asked::World(LoadPackages), Asked::World(Reach(_)), ..])
            && screen.asked::<Status>().is_empty(),
        "{:?}",
        screen.effects
    );
}

#[test]
fn what_is_at_work_is_listed() {
    let mut screen = signed_in();
    screen.assert_shows("nothing");
    screen.keys("3aa").keys("4s");
    for text in ["Spikes", "0 of ", "Syncing"] {
        screen.assert_shows(text);
    }
}

#[test]
fn what_was_said_stays_after_the_next_key() {
    let mut screen = open(home(false));
    screen.assert_lacks("Said");
    screen.send(world::Message::Unreadable("the lockfile\u{1b}[2J is torn".to_string()));
    screen.keys("1i").press(KeyCode::Down);
    screen.assert_lacks("is torn");
    screen.app.wall_ms += 120_000;
    screen.keys("4");
    screen.assert_shows("2 minutes ago  error  the lockfile is torn");
    screen.keys("Gy");
    assert!(matches!(&screen.effects[..], [Asked::Copy(text)] if text == "the lockfile is torn"));
    let text = screen.text();
    assert!(text.find("no Cargo.lock governs") < text.find("is torn"), "the newest first: {text}");
}

#[test]
fn any_size_is_drawn_and_scrolled() {
    for (width, height) in [(0, 0), (1, 1), (20, 5), (40, 10), (60, 20), (100, 30), (200, 60)] {
        let mut screen = open_at(width, height, home(true));
        for key in "jkGgs?".chars() {
            screen.keys(&key.to_string()).text();
        }
        screen.press(KeyCode::Esc).text();
        screen.send(Event::Resize(height, width)).text();
    }
    let mut screen = open_at(40, 10, home(true));
    screen.assert_shows("4 Status");
    screen.assert_shows("At work");
    screen.keys("G");
    screen.assert_shows("Store");
    screen.press(KeyCode::Tab);
    screen.assert_shows("5 Jobs");
}

/// What others share is read beside the screen, once somebody is signed in and after each sync.
#[test]
fn what_is_searched_on_the_store_is_told() {
    let asks = |screen: &Screen| {
        screen.effects.iter().any(|effect| matches!(effect, Asked::World(world::Effect::Reach(_))))
    };
    for is_signed_in in [false, true] {
        let mut screen = Screen::new(100, 40);
        let home = home(is_signed_in);
        screen.send(world::Message::Opened(Ok(Opened { home, ..Opened::default() })));
        assert_eq!(asks(&screen), is_signed_in, "nobody shares with the user of this machine alone");
    }
    let mut screen = signed_in();
    screen.assert_lacks("Elsewhere");
    screen.tell::<Status>(Message::Synced(Ok(Vec::new())));
    assert!(asks(&screen));

    let because = Some("s3 did\u{1b}[31m not answer".to_string());
    screen.send(world::Message::Reached(Ok(Reached { held: 3, too_large: 1, unread: 2, because })));
    assert!(screen.effects.iter().any(|effect| matches!(effect, Asked::World(world::Effect::LoadPackages))));
    for text in ["3 packages searched on the store", "1 package too large", "2 packages not read: s3 did"] {
        screen.assert_shows(text);
    }
    screen.send(world::Message::Reached(Err("no store is set".to_string())));
    screen.assert_shows("no store is set");
    screen.send(world::Message::Reached(Ok(Reached::default())));
    screen.assert_lacks("Elsewhere");
}

/// A click on the first place where a text shows.

#[test]
fn the_store_says_where_it_lies_what_it_holds_and_how_it_answers() {
    let screen = open(home(false));
    screen.assert_shows("None is set. ZENITH_STORE");
    let mut screen = open(Home { has_store: true, ..home(false) });
    let asked = |screen: &Screen| {
        screen.generation_of::<Status>(|effect| match effect {
            Effect::Look { generation } => Some(*generation),
            _ => None,
        })
    };
    let generation = asked(&screen);
    screen.assert_shows("asking it…");
    let exports = vec![StoreExport {
        scope: Scope::Public,
        packages: 7,
        symbols: 4321,
        exported_at: (std::time::UNIX_EPOCH + Duration::from_millis(1_000_000_000)).into(),
    }];
    let look =
        StoreLook { name: "s3://shared/here".to_string(), answered_in: Duration::from_millis(34), exports };
    screen.tell::<Status>(Message::Looked { generation, look: Ok(look) });
    for text in ["s3://shared/here", "within 34 ms", "7 packages, 4,321 symbols, exported 3 minutes ago"] {
        screen.assert_shows(text);
    }
    screen.keys("1").keys("4");
    assert!(screen.effects.is_empty(), "it is asked once: {:?}", screen.effects);
    screen.keys("r");
    let generation = asked(&screen);
    let look = Err("cannot read it:\u{1b}[2J it is not there".to_string());
    screen.tell::<Status>(Message::Looked { generation, look });
    screen.assert_shows("cannot read it: it is not there");
}
