//! What is asked for and what there is to say of it: filters, what may be meant, where words end, honest counts; and
//! what an empty line offers.

use crossterm::event::{Event, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use zenith_core::identity::Scope;
use zenith_core::index::Progress;
use zenith_core::search::{FoundBy, Hit};

use super::super::shell::Frame;
use super::super::tabs::search::{Effect, Found, Message, Search};
use super::super::world;
use super::{Screen, hit};

fn searching(query: &str) -> Screen {
    let mut screen = Screen::open(140, 30);
    screen.keys("2").keys(query);
    screen
}

/// Answers the search that was asked for last with these results.
fn answer(screen: &mut Screen, hits: Vec<Hit>) {
    let generation = screen.tab::<Search>().results.generation();
    let found = Ok(Found { hits, packages: 984, ..Found::default() });
    screen.tell::<Search>(Message::Found { generation, found });
}

fn found_by(found_by: FoundBy, path: &str) -> Hit {
    Hit { found_by, ..hit(1, path) }
}

/// The query that was asked for last, and the packages that it was limited to beside it.
fn asked(screen: &Screen) -> (String, Vec<String>) {
    match &screen.asked::<Search>()[..] {
        [.., Effect::Search { request, .. }] => {
            let packages = request.filters.packages.iter().map(ToString::to_string);
            (request.query.clone(), packages.collect())
        }
        other => panic!("{other:?}"),
    }
}

/// Clicks on a text of the screen.
fn click(screen: &mut Screen, text: &str) {
    let shown = screen.text();
    let (row, line) = shown.lines().enumerate().find(|(_, line)| line.contains(text)).unwrap();
    let column = line[..line.find(text).unwrap()].chars().count();
    let (column, row) = (u16::try_from(column).unwrap(), u16::try_from(row).unwrap());
    let kind = MouseEventKind::Down(MouseButton::Left);
    screen.send(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
}

#[test]
fn a_line_stands_where_words_end_and_is_no_result() {
    let mut screen = searching("spawn");
    answer(
        &mut screen,
        vec![
            found_by(FoundBy::Words, "tokio::spawn"),
            found_by(FoundBy::Meaning, "tokio::start"),
            found_by(FoundBy::Meaning, "tokio::begin"),
        ],
    );
    screen.assert_shows("── nearest by meaning ──");
    screen.assert_lacks("nothing has these words");
    screen.press(KeyCode::Down);
    assert_eq!(screen.tab::<Search>().selected().unwrap().path, "tokio::start");
    click(&mut screen, "tokio::begin");
    assert_eq!(screen.tab::<Search>().selected().unwrap().path, "tokio::begin");
    click(&mut screen, "nearest by meaning");
    assert_eq!(screen.tab::<Search>().selected().unwrap().path, "tokio::begin", "the line is not selected");
}

#[test]
fn a_query_whose_words_nothing_has_says_so() {
    let mut screen = searching("zzzqqq");
    answer(&mut screen, vec![found_by(FoundBy::Meaning, "tokio::start")]);
    screen.assert_shows("nothing has these words; nearest by meaning");
    screen.alt(KeyCode::Char('m')).alt(KeyCode::Char('m'));
    answer(&mut screen, vec![found_by(FoundBy::Meaning, "tokio::start")]);
    screen.assert_lacks("nothing has these words");
}

#[test]
fn a_mistyped_name_is_offered_as_it_is_spelled() {
    let mut screen = searching("tier:public spwan_blocking");
    screen.assert_lacks("did you mean");
    answer(&mut screen, vec![found_by(FoundBy::LikeName, "tokio::task::spawn_blocking")]);
    screen.assert_shows("did you mean tier:public spawn_blocking? Alt-g takes it");
    screen.assert_shows("Alt-g take it");
    screen.alt(KeyCode::Char('g'));
    assert_eq!(asked(&screen).0, "tier:public spawn_blocking");
    screen.assert_lacks("did you mean");
}

#[test]
fn what_is_no_filter_is_said_and_what_is_begun_counts() {
    let screen = searching("spawn kind:bogus");
    screen.assert_shows("kind:bogus is passed over: it may be fn method struct");
    assert_eq!(asked(&screen), ("spawn".to_string(), vec![]));
    let mut screen = searching("spawn pkg:tok");
    assert_eq!(asked(&screen), ("spawn pkg:tok".to_string(), vec!["tokio".to_string()]));
    screen.assert_shows("Alt-g writes spawn pkg:tokio  pkg:tok means tokio");
    screen.alt(KeyCode::Char('g'));
    assert_eq!(asked(&screen), ("spawn pkg:tokio".to_string(), vec![]));
    let mut screen = searching("spawn pkg:");
    assert_eq!(asked(&screen).0, "spawn", "the list is not emptied while one types");
    screen.keys("zz");
    screen.assert_shows("no package here begins with zz");
}

/// One place for filters: the line. No switch can say another thing than what is typed.
#[test]
fn switches_show_what_is_typed_and_write_what_they_change() {
    let mut screen = searching("tier:team spawn kind:fn");
    let lit = |screen: &Screen, label: &str| {
        let line =
            screen.text().lines().nth(usize::from(Frame::of(&screen.app).body.y) + 1).unwrap().to_string();
        let column = line[..line.find(label).unwrap()].chars().count();
        let row = usize::from(Frame::of(&screen.app).body.y) + 1;
        let cell = screen.buffer().content[row * 140 + column].clone();
        cell.modifier.contains(ratatui::style::Modifier::UNDERLINED)
    };
    assert!(lit(&screen, "team") && !lit(&screen, "all tiers") && lit(&screen, "kind:fn ×"));
    screen.alt(KeyCode::Char('t'));
    assert_eq!(screen.tab::<Search>().input.value(), "tier:private spawn kind:fn");
    assert!(lit(&screen, "private") && !lit(&screen, "team"));
    screen.alt(KeyCode::Char('t'));
    assert_eq!(asked(&screen).0, "spawn kind:fn");
    assert!(lit(&screen, "all tiers"));
    click(&mut screen, "public");
    assert_eq!(asked(&screen).0, "tier:public spawn kind:fn");
    click(&mut screen, "kind:fn ×");
    assert_eq!(asked(&screen).0, "tier:public spawn");
    click(&mut screen, "vector");
    assert_eq!(screen.tab::<Search>().mode, zenith_core::search::Mode::Vector);
}

#[test]
fn results_are_counted_as_they_are() {
    let mut screen = searching("spawn");
    let of = |package: &str| Hit { package: package.to_string(), ..hit(1, "a::spawn") };
    answer(&mut screen, vec![of("a"), of("a"), of("b")]);
    screen.assert_shows("3 results in 2 packages");
    screen.assert_shows("984 packages searched");
    answer(&mut screen, (0..200).map(|_| of("a")).collect());
    screen.assert_shows("the first 200 results in 1 package");
}

#[test]
fn an_empty_line_offers_examples_that_enter_takes() {
    let mut screen = searching("");
    screen.assert_shows("what it should do");
    for _ in 0..2 {
        screen.press(KeyCode::Down);
    }
    screen.press(KeyCode::Enter);
    assert_eq!(asked(&screen).0, "read a file line by line");
    assert_eq!(screen.shown(), "Search");
    screen.keys("s");
    assert_eq!(screen.tab::<Search>().input.value(), "read a file line by lines");
}

#[test]
fn the_first_run_says_what_it_indexes_and_in_which_order() {
    let mut screen = Screen::new(140, 30);
    screen.app.resume(None);
    assert_eq!(screen.shown(), "Search", "one comes to search");
    let opened = world::Opened { lockfile: Some("/project/Cargo.lock".into()), ..world::Opened::default() };
    screen.send(world::Message::Opened(Ok(opened)));
    screen.send(world::Message::Project(super::platforms::project()));
    screen.send(world::Message::Progress(Progress::Planned { packages: 984, ready: 0 }));
    let direct = screen.tab::<Search>().direct;
    assert!(direct > 0);
    screen.assert_shows("Opening the data folder…");
    screen.send(world::Message::Packages(Ok(Vec::new())));
    screen.assert_shows(&format!(
        "Indexing 984 packages, your {direct} direct ones first; none is searchable yet."
    ));
    screen.assert_shows("nothing is searchable yet");
    screen.assert_lacks("0 packages");
    let packages = vec![super::entry(Scope::Public, "serde", "1.0.0")];
    screen.send(world::Message::Packages(Ok(packages)));
    screen.assert_shows(&format!("your {direct} direct ones first; 1 package searchable."));
}

#[test]
fn on_a_small_screen_the_examples_show_below_what_was_searched_before() {
    let mut screen = Screen::open(80, 24);
    screen.keys("2");
    for query in ["queue", "spawn", "watch", "mutex", "channel"] {
        screen.keys(query).press(KeyCode::Esc);
    }
    assert_eq!(screen.text().matches("searched before").count(), 5, "{}", screen.text());
    for example in screen.tab::<Search>().choices.clone() {
        screen.assert_shows(&example.line);
        screen.assert_shows(example.what);
    }
}

#[test]
fn what_was_searched_is_recalled_by_an_arrow_and_by_its_key() {
    let mut screen = searching("queue");
    answer(&mut screen, vec![hit(1, "a::queue")]);
    screen.press(KeyCode::Esc).keys("spawn_blocking");
    answer(&mut screen, vec![hit(1, "a::spawn_blocking")]);
    screen.ctrl('c');
    screen.assert_shows("searched before");
    screen.press(KeyCode::Up);
    assert_eq!(screen.tab::<Search>().input.value(), "spawn_blocking");
    screen.press(KeyCode::Up);
    assert_eq!(screen.tab::<Search>().input.value(), "queue");
    screen.press(KeyCode::Esc).keys("spawn").ctrl('r');
    assert_eq!(screen.tab::<Search>().input.value(), "spawn_blocking", "the newest that has what is typed");
    answer(&mut screen, vec![hit(1, "a::spawn_blocking"), hit(2, "b::spawn_blocking")]);
    screen.press(KeyCode::Down).press(KeyCode::Up);
    assert_eq!(screen.tab::<Search>().cursor.selected, 0, "elsewhere an arrow moves in the list");
}
