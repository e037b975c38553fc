//! What there is no room for: what matters most stays, and what is cut says so.

use crossterm::event::{Event, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use zenith_core::identity::Scope;
use zenith_core::search::{FoundBy, Hit};

use super::super::tabs::explore::Explore;
use super::super::tabs::search::{Found, Message, Search};
use super::super::world;
use super::{Screen, entry, hit};

fn searching(width: u16, query: &str, hits: Vec<Hit>) -> Screen {
    let mut screen = Screen::open(width, 24);
    screen.keys("2").keys(query);
    let generation = screen.tab::<Search>().results.generation();
    let found = Ok(Found { hits, packages: 924, ..Found::default() });
    screen.tell::<Search>(Message::Found { generation, found });
    screen
}

fn line(screen: &Screen, row: usize) -> String {
    screen.text().lines().nth(row).unwrap().to_string()
}

/// Clicks on a text of the screen, at a column of it.
fn click(screen: &mut Screen, text: &str, at: usize) {
    let shown = screen.text();
    let (row, line) = shown.lines().enumerate().find(|(_, line)| line.contains(text)).unwrap();
    let column = line[..line.find(text).unwrap()].chars().count() + at;
    let (column, row) = (u16::try_from(column).unwrap(), u16::try_from(row).unwrap());
    let kind = MouseEventKind::Down(MouseButton::Left);
    screen.send(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
}

#[test]
fn hints_go_before_the_statistics() {
    let last = |width| line(&searching(width, "spawn", vec![hit(1, "tokio::spawn")]), 23);
    assert!(last(200).contains("3 packages · 3,702 symbols"), "{}", last(200));
    let narrow = last(80);
    assert!(narrow.contains("Enter in Explore") && narrow.contains("Alt-m mode"), "{narrow}");
    assert!(narrow.contains("3 packages ") && !narrow.contains("symbols"), "{narrow}");
}

#[test]
fn the_count_of_results_goes_before_their_time_and_what_is_typed_before_both() {
    let many = || (0..200).map(|rank| hit(rank, "tokio::spawn")).collect::<Vec<Hit>>();
    let head = |width, query: &str| line(&searching(width, query, many()), 2);
    assert!(head(100, "spawn").contains("the first 200 results in 1 package · "), "{}", head(100, "spawn"));
    let narrow = head(62, "spawn");
    assert!(narrow.contains("the first 200 results") && !narrow.contains("ms"), "{narrow}");
    let long = "x".repeat(50);
    assert!(head(80, &long).contains(&format!("› {}", &long[..39])), "{}", head(80, &long));
}

#[test]
fn what_is_near_in_meaning_alone_is_no_result() {
    let near = |path: &str| Hit { found_by: FoundBy::Meaning, ..hit(1, path) };
    let none = searching(100, "zzzqqq", (0..200).map(|_| near("a::b")).collect());
    none.assert_shows("200 near in meaning");
    none.assert_lacks("results");
    let one = searching(100, "spawn", vec![hit(1, "a::spawn"), near("a::b"), near("a::c")]);
    one.assert_shows("1 result, 2 near in meaning in 1 package");
}

#[test]
fn what_may_be_meant_is_never_cut_and_each_of_its_words_takes_it() {
    let like = Hit { found_by: FoundBy::LikeName, ..hit(1, "tokio::task::spawn_blocking") };
    for at in [0, 20, 40] {
        let mut screen = searching(80, "spwan_blocking", vec![like.clone()]);
        screen.assert_shows("did you mean spawn_blocking? Alt-g takes it");
        click(&mut screen, "did you mean", at);
        assert_eq!(screen.tab::<Search>().input.value(), "spawn_blocking", "{at}");
    }
    let mut screen = searching(80, "spwan_blocking", vec![like]);
    click(&mut screen, "did you mean", 43);
    assert_eq!(screen.tab::<Search>().input.value(), "spwan_blocking", "what is said beside it does nothing");

    let mut screen = searching(80, "spawn kind:stuct", Vec::new());
    let note = line(&screen, 4);
    assert!(note.contains("Alt-g writes spawn kind:struct  kind:stuct is passed over"), "{note}");
    assert!(note.ends_with('…'), "{note}");
    click(&mut screen, "Alt-g writes", 2);
    assert_eq!(screen.tab::<Search>().input.value(), "spawn kind:struct");
}

#[test]
fn filters_that_have_no_room_say_so() {
    let screen = searching(80, "pkg:tokio pkg:serde kind:fn kind:struct", Vec::new());
    let switches = line(&screen, 3);
    assert!(switches.contains("pkg:tokio ×") && switches.trim_end().ends_with('…'), "{switches}");
    let screen = searching(80, "pkg:tokio", Vec::new());
    assert!(!line(&screen, 3).contains('…'), "{}", line(&screen, 3));
    for width in 76..150 {
        let switches = line(&searching(width, "kind:fn kind:mod kind:doc kind:enum", Vec::new()), 3);
        let is_whole = switches.matches('×').count() == 4;
        assert_eq!(switches.trim_end().ends_with('…'), !is_whole, "{width}: {switches}");
    }
}

#[test]
fn what_is_selected_stays_so_when_the_filter_of_packages_is_emptied() {
    for how in ["Esc", "Backspace", "Ctrl-U", "Ctrl-C"] {
        let mut screen = Screen::open(100, 30);
        let names = (0..40).map(|number| entry(Scope::Public, &format!("crate{number:02}"), "1.0.0"));
        screen.send(world::Message::Packages(Ok(names.collect())));
        // The tier that it stands in is closed.
        screen.keys("1").press(KeyCode::End).press(KeyCode::Home);
        screen.keys("/e23").press(KeyCode::Down).press(KeyCode::Up);
        match how {
            "Esc" => screen.press(KeyCode::Esc),
            "Backspace" => {
                screen.press(KeyCode::Backspace).press(KeyCode::Backspace).press(KeyCode::Backspace)
            }
            "Ctrl-U" => screen.ctrl('u'),
            _ => screen.ctrl('c'),
        };
        assert_eq!(screen.tab::<Explore>().path().as_deref(), Some("crate23@1.0.0"), "{how}");
    }
    let mut screen = Screen::open(100, 30);
    screen.keys("1");
    screen.tab_mut::<Explore>().packages.toggle(zenith_core::package::Tier::Public);
    screen.keys("/tok").press(KeyCode::Esc);
    assert_eq!(screen.tab::<Explore>().path().as_deref(), Some("tokio@1.48.0"), "in a tier that was closed");
}

#[test]
fn what_is_selected_stays_so_when_the_filter_of_a_tree_is_emptied() {
    use super::super::tabs::explore;
    for how in ["Esc", "Backspace", "Ctrl-U"] {
        let mut screen = Screen::open(140, 30);
        let symbols = [
            ("mod", "tokio"),
            ("mod", "tokio::task"),
            ("fn", "tokio::task::abort"),
            ("fn", "tokio::task::yield_now"),
        ];
        screen.open_package("tokio", &symbols);
        screen.keys("/yi");
        let (generation, tree) = match &screen.asked::<Explore>()[..] {
            [.., explore::Effect::Filter { generation, tree, .. }] => (*generation, tree.clone()),
            other => panic!("{other:?}"),
        };
        screen.tell::<Explore>(explore::Message::Filtered { generation, filtered: tree.filtered("yi") });
        assert_eq!(screen.tab::<Explore>().path().as_deref(), Some("tokio::task::yield_now"));
        if how == "Backspace" {
            screen.press(KeyCode::Backspace);
            let generation = screen.tab::<Explore>().opened.as_ref().unwrap().filtered.generation();
            screen.tell::<Explore>(explore::Message::Filtered { generation, filtered: tree.filtered("y") });
            assert_eq!(
                screen.tab::<Explore>().path().as_deref(),
                Some("tokio::task::yield_now"),
                "it fits still"
            );
        }
        match how {
            "Esc" => screen.press(KeyCode::Esc),
            "Backspace" => screen.press(KeyCode::Backspace).press(KeyCode::Backspace),
            _ => screen.ctrl('u'),
        };
        assert_eq!(screen.tab::<Explore>().path().as_deref(), Some("tokio::task::yield_now"), "{how}");
    }
}
