//! Where there is a line, letters are text; what can be done is on Ctrl and Alt.

use crossterm::event::{Event, KeyCode};

use super::super::shell::{App, Command, Does, Effect, Message};
use super::super::tabs::explore::Explore;
use super::super::tabs::search::Search;
use super::Screen;

const PATHS: [&str; 2] = ["tokio::spawn", "tokio::task::spawn_blocking"];

/// What the screen asks the terminal for, or the program itself.
fn leaves(screen: &Screen) -> bool {
    screen.effects.iter().any(|effect| matches!(effect, Effect::Quit | Effect::Edit(_)))
}

fn searched(query: &str) -> Screen {
    let mut screen = Screen::open(140, 30);
    screen.keys("2").keys(query);
    let generation = screen.search_generation();
    screen.found(generation, &PATHS);
    screen
}

#[test]
fn every_letter_is_typed_in_search_wherever_the_arrows_are() {
    let letters: String = (' '..='~').collect();
    for reading in [false, true] {
        let mut screen = searched("spawn");
        screen.press(KeyCode::Down);
        if reading {
            screen.tab_mut::<Search>().is_reading = true;
        }
        for c in letters.chars() {
            screen.keys(&c.to_string());
            assert!(!leaves(&screen) && screen.app.overlay.is_none() && screen.shown() == "Search", "{c}");
        }
        assert_eq!(screen.tab::<Search>().input.value(), format!("spawn{letters}"));
        assert!(!screen.tab::<Search>().is_reading, "who types is back at the line");
    }
}

#[test]
fn who_comes_back_and_types_searches_for_that_alone() {
    let mut screen = searched("spawn");
    screen.alt(KeyCode::Char('1')).keys("2");
    assert_eq!(screen.tab::<Search>().hits().len(), 2, "what was found is still there");
    screen.press(KeyCode::Down).keys("queue");
    assert_eq!((screen.tab::<Search>().input.value(), screen.shown()), ("queue", "Search"));
    screen.alt(KeyCode::Char('1')).keys("2").press(KeyCode::End).keys("s");
    assert_eq!(screen.tab::<Search>().input.value(), "queues", "who moves in it goes on with it");
    screen.alt(KeyCode::Char('1')).keys("2").send(Event::Paste("stack".to_string()));
    assert_eq!(screen.tab::<Search>().input.value(), "stack");
}

#[test]
fn the_arrows_move_the_list_while_one_types() {
    let mut screen = searched("spawn");
    screen.press(KeyCode::Down);
    assert_eq!(screen.tab::<Search>().selected().unwrap().path, PATHS[1]);
    screen.ctrl('p');
    assert_eq!(screen.tab::<Search>().selected().unwrap().path, PATHS[0]);
    screen.ctrl('n').press(KeyCode::PageUp).press(KeyCode::PageDown);
    assert_eq!(screen.tab::<Search>().selected().unwrap().path, PATHS[1]);
    assert_eq!(screen.tab::<Search>().input.value(), "spawn");
}

#[test]
fn alt_and_a_digit_leads_to_a_tab_from_every_line() {
    let mut screen = searched("spawn");
    for (index, name) in ["Explore", "Search", "Spikes", "Status", "Jobs"].into_iter().enumerate() {
        let digit = char::from_digit(u32::try_from(index + 1).unwrap(), 10).unwrap();
        screen.alt(KeyCode::Char(digit));
        assert_eq!(screen.shown(), name);
    }
    screen.keys("1/tok").alt(KeyCode::Char('4'));
    assert_eq!((screen.shown(), screen.tab::<Explore>().filter().value()), ("Status", "tok"));
}

#[test]
fn esc_is_one_step_back_and_ends_at_the_top() {
    let mut screen = searched("spawn");
    screen.tab_mut::<Search>().is_reading = true;
    screen.press(KeyCode::Esc);
    assert!(!screen.tab::<Search>().is_reading);
    assert_eq!(screen.tab::<Search>().input.value(), "spawn");
    screen.press(KeyCode::Esc);
    assert_eq!(screen.tab::<Search>().input.value(), "");
    for _ in 0..5 {
        screen.press(KeyCode::Esc);
        assert!(screen.effects.is_empty() && screen.shown() == "Search", "{:?}", screen.effects);
    }
}

#[test]
fn ctrl_c_empties_the_line_and_then_quits() {
    let mut screen = searched("spawn");
    screen.ctrl('c');
    assert!(!leaves(&screen));
    assert_eq!(screen.tab::<Search>().input.value(), "");
    screen.ctrl('c');
    assert!(leaves(&screen));

    let mut screen = Screen::open(100, 30);
    screen.keys("/tok").ctrl('c');
    assert!(!leaves(&screen));
    screen.assert_shows("serde 1.0.0");
    screen.press(KeyCode::F(1)).keys("quit").ctrl('c');
    assert!(!leaves(&screen) && screen.app.overlay.is_some());
    screen.ctrl('c');
    assert!(leaves(&screen));
}

/// A terminal that does not mark what is pasted sends keys, those of a read at once.
#[test]
fn what_is_pasted_unmarked_neither_quits_nor_opens_anything() {
    let mut screen = searched("spawn");
    screen.read("queue\nquit now\nq");
    assert_eq!(screen.tab::<Search>().input.value(), "spawnqueue quit now q");
    assert_eq!(screen.shown(), "Search");

    let mut screen = Screen::open(100, 30);
    for c in "guess queue\nqqee".chars() {
        screen.app.is_followed = true;
        screen.press(if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) });
        assert!(!leaves(&screen), "{c}");
    }
    screen.app.is_followed = false;
    screen.press(KeyCode::Esc).press(KeyCode::Esc).press(KeyCode::Esc).keys("q");
    assert!(leaves(&screen), "the last key of a read is a key");
}

#[test]
fn a_chord_that_nothing_is_bound_to_does_nothing_and_says_so() {
    let mut screen = searched("spawn");
    for code in [KeyCode::Char('j'), KeyCode::Char('ж'), KeyCode::Home, KeyCode::F(5)] {
        screen.alt(code);
        assert_eq!(screen.tab::<Search>().input.value(), "spawn", "{code:?}");
        screen.assert_shows("nothing is bound to Alt-");
    }
    screen.assert_shows("Alt-F5; F1 tells what is");
    screen.ctrl('g');
    screen.assert_shows("nothing is bound to Ctrl-G");
    screen.alt(KeyCode::Char('b'));
    screen.assert_lacks("nothing is bound");
    let mut screen = Screen::open(100, 30);
    screen.keys("/tok").alt(KeyCode::Char('j'));
    assert_eq!(screen.tab::<Explore>().filter().value(), "tok");
    screen.press(KeyCode::Esc).alt(KeyCode::Char('q'));
    assert!(!leaves(&screen));
    screen.assert_shows("nothing is bound to Alt-q; ? tells what is");
}

#[test]
fn the_letters_of_a_read_are_one_search_and_what_has_no_room_is_told() {
    let mut screen = searched("spawn");
    screen.send(Message::Letters("_local é".to_string()));
    assert_eq!(screen.tab::<Search>().input.value(), "spawn_local é");
    assert_eq!(screen.asked::<Search>().len(), 1);
    screen.assert_lacks("left out");
    let long = "word ".repeat(2_000);
    screen.send(Message::Letters(long.clone()));
    screen.assert_shows("a line holds 10,000 characters: 13 characters left out");
    screen.keys("x");
    screen.assert_shows("a line holds 10,000 characters: 1 character left out");
    assert_eq!(screen.tab::<Search>().input.value().chars().count(), 10_000);
    screen.press(KeyCode::Esc).send(Event::Paste(format!("{long}{long}")));
    screen.assert_shows("a line holds 10,000 characters: 9,999 characters left out");
    screen.press(KeyCode::Esc).send(Event::Paste(long[..9_999].to_string()));
    screen.assert_lacks("left out");
}

/// Where letters are commands, or choose, each is a key of its own.
#[test]
fn letters_are_joined_where_they_are_text_alone() {
    let mut screen = searched("spawn");
    assert!(screen.app.takes_letters());
    screen.alt(KeyCode::Char('x'));
    assert!(screen.app.takes_letters(), "they filter the palette");
    screen.send(Message::Letters("quit".to_string()));
    assert_eq!(screen.app.overlay.as_ref().unwrap().filter.value(), "quit");
    screen.press(KeyCode::Esc).alt(KeyCode::Char('3')).keys("a");
    assert!(screen.app.overlay.is_some() && !screen.app.takes_letters(), "each chooses of a menu");
    screen.press(KeyCode::Esc).alt(KeyCode::Char('1'));
    assert!(!screen.app.takes_letters());
    screen.keys("/");
    assert!(screen.app.takes_letters());
}

#[test]
fn enter_before_the_results_opens_the_best_of_them_and_not_what_was_there_before() {
    let mut screen = searched("spawn");
    screen.keys("_blocking").press(KeyCode::Enter);
    assert_eq!(screen.shown(), "Search");
    let generation = screen.tab::<Search>().results.generation();
    screen.found(generation, &PATHS[1..]);
    assert_eq!(screen.shown(), "Explore");

    let mut screen = searched("spawn");
    screen.keys("_b").press(KeyCode::Enter).keys("l");
    let generation = screen.search_generation();
    screen.found(generation, &PATHS[1..]);
    assert_eq!(screen.shown(), "Search", "who types on has not chosen");
}

#[test]
fn no_letter_alone_is_bound_in_search() {
    let mut app: App = Screen::open(100, 30).app;
    let index = app.tabs.iter().position(|tab| tab.name() == "Search").unwrap();
    app.shown = index;
    for row in app.rows().iter().filter(|row| matches!(row.does, Does::Tab(at, _) if at == index)) {
        let plain =
            |key: &super::super::parts::key::Key| matches!(key.0, KeyCode::Char(_)) && key.1.is_empty();
        assert!(!row.keys.iter().any(plain), "{row:?}");
    }
    assert!(app.told().iter().any(|told| told.does == Does::Command(Command::Interrupt)));
}

#[test]
fn another_layouts_letters_act_by_their_place_or_are_told() {
    let mut screen = Screen::open(140, 30);
    screen.alt(KeyCode::Char('1'));
    // The key of `t`, with shift.
    let before = screen.app.theme;
    screen.keys("Е");
    assert_ne!(screen.app.theme, before);
    screen.keys("字");
    assert!(screen.text().contains("is no command: those are Latin letters"), "{}", screen.text());
    // In the line they are text, and with Alt they are keys.
    screen.alt(KeyCode::Char('2')).keys("йφ字");
    assert_eq!(screen.tab::<Search>().input.value(), "йφ字");
    let mode = screen.tab::<Search>().mode;
    screen.alt(KeyCode::Char('ь'));
    assert_ne!(screen.tab::<Search>().mode, mode);
}
