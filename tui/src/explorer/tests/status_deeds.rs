//! What one does in Status: stop what is at work, copy what was said, sign in and out, push.

use crossterm::event::{Event, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use secrecy::ExposeSecret;
use zenith_core::index::{Failure, Progress, PushEvent, PushReport};
use zenith_core::package::PackageId;
use zenith_core::session::{KeptIn, SignedOut};

use super::super::shell::Effect as Asked;
use super::super::tabs::spikes::{self, Spikes};
use super::super::tabs::status::{Effect, Message, Status};
use super::super::world::{self, Opened};
use super::Screen;
use super::status::{home, open, open_at, replicas_generation, signed_in};

fn click(screen: &mut Screen, text: &str) {
    let shown = screen.text();
    let (row, line) = shown.lines().enumerate().find(|(_, line)| line.contains(text)).expect(text);
    let column = line[..line.find(text).unwrap()].chars().count();
    let (column, row) = (u16::try_from(column).unwrap(), u16::try_from(row).unwrap());
    let kind = MouseEventKind::Down(MouseButton::Left);
    screen.send(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
}

/// Indexes one of three packages, and synchronises.
fn busy() -> Screen {
    let mut screen = Screen::new(100, 40);
    let opened =
        Opened { home: home(true), lockfile: Some("/project/Cargo.lock".into()), ..Opened::default() };
    screen.send(world::Message::Opened(Ok(opened)));
    screen.send(world::Message::Progress(Progress::Planned { packages: 4, ready: 1 }));
    screen.keys("4s");
    screen
}

fn is_cancelled(screen: &Screen) -> bool {
    screen.effects.iter().any(|effect| matches!(effect, Asked::World(world::Effect::CancelIndex)))
}

#[test]
fn what_is_at_work_is_selected_and_stopped_by_a_key() {
    let mut screen = busy();
    screen.assert_shows("██████────────────────── 1 of 4 packages  x stops");
    screen.keys("x");
    assert!(is_cancelled(&screen), "{:?}", screen.effects);
    screen.assert_shows("stopping: what is written is being published");

    let mut screen = busy();
    screen.keys("jx");
    assert!(!is_cancelled(&screen));
    assert!(matches!(screen.asked_alone::<Status>()[..], [Effect::LeaveOff]), "{:?}", screen.effects);
    screen.keys("x");
    assert!(!is_cancelled(&screen) && screen.effects.is_empty(), "it is stopping: {:?}", screen.effects);
    screen.tell::<Status>(Message::Synced(Err("stopped".to_string())));
    screen.assert_shows("nothing was synchronised: stopped");
    screen.keys("gx");
    assert!(is_cancelled(&screen), "{:?}", screen.effects);
}

#[test]
fn a_click_on_its_word_stops_it_and_one_elsewhere_selects_it() {
    let mut screen = busy();
    click(&mut screen, "Syncing");
    assert!(screen.effects.is_empty(), "{:?}", screen.effects);
    let bar = screen.text().lines().rev().nth(1).unwrap().to_string();
    assert!(bar.contains("Indexing"), "{bar}");
    click(&mut screen, "x stops");
    assert!(is_cancelled(&screen), "{:?}", screen.effects);
    click(&mut screen, "x stops");
    assert!(matches!(screen.asked_alone::<Status>()[..], [Effect::LeaveOff]), "{:?}", screen.effects);
}

#[test]
fn what_other_tabs_have_at_work_is_stopped_from_here() {
    let mut screen = open(home(false));
    screen.keys("3").press(KeyCode::Enter).keys("4x");
    assert!(matches!(screen.asked_alone::<Spikes>()[..], [spikes::Effect::Cancel]), "{:?}", screen.effects);
    assert_eq!(screen.shown(), "Status");
    screen.assert_shows("stopping: its lab is being closed");
}

#[test]
fn a_word_of_the_log_wraps_and_is_copied_whole() {
    let mut screen = open_at(60, 40, home(false));
    let long = format!("{}the end of it", "a long word, and ".repeat(12));
    screen.send(world::Message::Unreadable(long.clone()));
    screen.press(KeyCode::Esc);
    screen.assert_shows("the end of it");
    screen.keys("G");
    let marks = screen.text().lines().filter(|line| line.starts_with('▌')).count();
    assert!(marks > 3, "all of it is marked:\n{}", screen.text());
    screen.keys("y");
    assert!(matches!(&screen.effects[..], [Asked::Copy(text)] if *text == long), "{:?}", screen.effects);
}

#[test]
fn one_signs_in_by_two_lines_and_the_token_is_never_on_the_screen() {
    let mut screen = open(home(false));
    screen.keys("l");
    screen.assert_shows("Sign in to your issuer in a browser");
    screen.keys("https://a.example").press(KeyCode::Enter);
    screen.send(Event::Paste("secret-token\n".to_string()));
    screen.assert_shows("https://a.example");
    screen.assert_shows("••••••••••••");
    screen.assert_lacks("secret-token");
    assert!(!format!("{:?}", screen.app.tabs).contains("secret-token"));
    screen.press(KeyCode::Enter);
    let [Effect::SignIn { service, token }] = &screen.asked_alone::<Status>()[..] else {
        panic!("{:?}", screen.effects)
    };
    assert_eq!((service.as_str(), token.expose_secret()), ("https://a.example", "secret-token"));
    assert!(!format!("{:?}", screen.effects).contains("secret-token"));
    // The screen goes on meanwhile, and it can be stopped.
    screen.assert_shows("Signing in");
    screen.keys("j?").press(KeyCode::Esc).keys("x");
    assert!(matches!(screen.asked_alone::<Status>()[..], [Effect::LeaveOff]), "{:?}", screen.effects);
    screen.tell::<Status>(Message::SignedIn(Err("the token\u{1b}[2J is refused".to_string())));
    screen.assert_shows("not signed in: the token is refused");
    // What was typed but the token is still there.
    screen.keys("l");
    screen.assert_shows("https://a.example");
    screen.assert_lacks("•");
    screen.press(KeyCode::Enter);
    screen.assert_shows("no token was given");
    screen.press(KeyCode::Esc);
    screen.assert_shows("At work");
}

#[test]
fn who_signed_in_is_seen_and_what_they_may_see_is_looked_for() {
    let mut screen = open(home(false));
    let session = Box::new((*home(true).session.unwrap()).clone());
    screen.tell::<Status>(Message::SignedIn(Ok((session, KeptIn::File))));
    assert!(matches!(screen.effects[..], [Asked::Renew]), "{:?}", screen.effects);
    screen.assert_shows("signed in as ada; the tokens of your databases are kept in a file");
    screen.send(world::Message::Renewed(Ok(home(true))));
    let asks = |wanted: fn(&Asked) -> bool| screen.effects.iter().any(wanted);
    assert!(asks(|effect| matches!(effect, Asked::World(world::Effect::LoadPackages))));
    assert!(asks(|effect| matches!(effect, Asked::World(world::Effect::Reach(_)))));
    replicas_generation(&screen);
    screen.assert_shows("Signed in     ada");
    screen.keys("l");
    screen.assert_shows("https://zenith.example:8443/");
    screen.assert_lacks("hunter2");
}

#[test]
fn a_push_is_asked_first_told_as_it_goes_and_waited_for() {
    let mut screen = signed_in();
    screen.keys("p");
    screen.assert_shows("share with acme what you indexed for your team");
    screen.keys("n");
    assert!(screen.effects.is_empty() && screen.app.overlay.is_none());
    screen.keys("pp");
    assert!(matches!(screen.asked_alone::<Status>()[..], [Effect::Push]), "{:?}", screen.effects);
    screen.tell::<Status>(Message::Pushing(PushEvent::Planned { push: 2, there: 5 }));
    let id = PackageId::rust("mine", "0.1.0").unwrap();
    screen.tell::<Status>(Message::Pushing(PushEvent::Pushed { id, bytes: 1 }));
    screen.assert_shows("1 of 2 ended, mine@0.1.0");
    screen.keys("q");
    assert!(matches!(screen.asked_alone::<Status>()[..], [Effect::LeaveOff]), "{:?}", screen.effects);
    screen.assert_shows("what is pushed is being made whole; Ctrl-C again leaves at once");

    let mut screen = signed_in();
    screen.keys("pp");
    let report = PushReport {
        scope: "team/acme".to_string(),
        store: "s3://shared".to_string(),
        pushed: 1,
        there_before: 5,
        failed: vec![Failure { package: "mine".to_string(), why: "the disk\u{1b}[2J is gone".to_string() }],
        ..PushReport::default()
    };
    screen.tell::<Status>(Message::Pushed(Ok(report)));
    screen
        .assert_shows("pushed 1 package of team/acme to s3://shared, 5 shared before; 1 package not pushed");
    screen.assert_shows("not pushed: mine: the disk is gone");
    screen.keys("pp");
    screen.tell::<Status>(Message::Pushed(Err("no store is set".to_string())));
    screen.assert_shows("nothing was pushed: no store is set");

    let mut screen = open(home(false));
    screen.keys("p");
    screen.assert_shows("nobody is signed in");
    assert!(screen.effects.is_empty() && screen.app.overlay.is_none());
}

#[test]
fn one_signs_out_after_a_question_and_is_told_what_remains() {
    let mut screen = signed_in();
    screen.keys("o");
    screen.assert_shows("what was indexed here stays");
    assert!(screen.asked::<Status>().is_empty());
    screen.keys("n");
    assert!(screen.asked::<Status>().is_empty());
    screen.keys("oo");
    assert!(matches!(screen.asked::<Status>()[..], [Effect::SignOut]), "{:?}", screen.effects);
    screen.keys("s");
    screen.assert_shows("signing out is at work");
    let remains = vec!["the copies of shared catalogs: no\u{1b}[2J".to_string()];
    screen.tell::<Status>(Message::SignedOut(Ok(SignedOut { signed_out: true, remains })));
    assert!(screen.effects.iter().any(|effect| matches!(effect, Asked::Renew)), "{:?}", screen.effects);
    screen.assert_shows("signed out");
    screen.send(world::Message::Renewed(Ok(home(false))));
    screen.assert_shows("could not be removed: the copies of shared catalogs: no");
    screen.keys("o");
    screen.assert_shows("nobody is signed in");
}
