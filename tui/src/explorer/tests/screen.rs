//! What a user reads at several sizes, and where keys and the mouse lead.

use crossterm::event::{Event, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Modifier;

use super::super::parts::areas::Pane;
use super::super::parts::page::{Location, Page};
use super::super::parts::theme::Role;
use super::super::shell::{Effect, Frame, draw};
use super::super::tabs::explore::{self, Explore, PackageRow};
use super::super::world::{self, Opened};
use super::{DARK, MONOCHROME, Screen};

const SYMBOLS: [(&str, &str); 4] = [
    ("mod", "tokio"),
    ("fn", "tokio::spawn"),
    ("struct", "tokio::task::JoinHandle"),
    ("method", "tokio::task::JoinHandle::abort"),
];

fn mouse(kind: MouseEventKind, column: u16, row: u16) -> Event {
    Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
}

fn with_page(mut screen: Screen, lines: usize) -> Screen {
    let generation = screen.generation_of::<Explore>(|effect| match effect {
        explore::Effect::Page { generation, .. } => Some(*generation),
        _ => None,
    });
    let page = Page {
        lines: (1..=lines).map(|line| format!("line {line} of the page").into()).collect(),
        source_row: Some(lines / 2),
        location: Some(Location { file: "/src/lib.rs".into(), line: 7 }),
        ..Page::default()
    };
    screen.tell::<Explore>(explore::Message::Page { generation, page });
    screen
}

#[test]
fn the_first_frame_needs_no_data() {
    let screen = Screen::new(100, 30);
    screen.assert_shows("1 Explore");
    screen.assert_shows("opening the data folder");
}

#[test]
fn tiers_and_packages_are_listed_with_their_counts() {
    let screen = Screen::open(120, 30);
    for text in ["▾ Private", "Team", "▾ Public", "tokio 1.48.0", "1,234", "3 packages · 3,702 symbols"]
    {
        screen.assert_shows(text);
    }
}

#[test]
fn any_size_is_drawn_and_moved_about_in() {
    for (width, height) in [(0, 0), (1, 1), (20, 5), (40, 10), (60, 20), (76, 24), (100, 30), (200, 60)] {
        let mut screen = Screen::open(width, height);
        screen.text();
        screen.open_package("tokio", &SYMBOLS);
        for key in "jjlljkGgJKshh/x".chars() {
            screen.keys(&key.to_string()).text();
        }
        screen.press(KeyCode::Esc).press(KeyCode::Tab).keys("spawn");
        let generation = screen.search_generation();
        screen.found(generation, &["tokio::spawn", "tokio::task::spawn_blocking"]);
        screen.press(KeyCode::Down).alt(KeyCode::Down).press(KeyCode::PageDown).text();
        screen.keys("?").text();
        for (column, row) in [(0, 0), (3, 2), (width.saturating_sub(1), height.saturating_sub(1))] {
            screen.send(mouse(MouseEventKind::ScrollDown, column, row));
            screen.send(mouse(MouseEventKind::Down(MouseButton::Left), column, row)).text();
        }
        screen.send(Event::Resize(height, width)).text();
    }
}

#[test]
fn a_terminal_that_shrank_before_it_said_so_is_drawn_on() {
    let mut screen = Screen::open(100, 30);
    screen.keys("?");
    let mut terminal = Terminal::new(TestBackend::new(30, 6)).unwrap();
    terminal.draw(|frame| _ = draw(frame, &screen.app)).unwrap();
}

#[test]
fn a_small_screen_shows_the_list_and_then_the_page() {
    let mut screen = Screen::open(40, 10);
    screen.assert_shows("tokio 1.48.0");
    screen.open_package("tokio", &SYMBOLS);
    screen.keys("/spawn").press(KeyCode::Enter);
    screen.press(KeyCode::Esc).press(KeyCode::End).press(KeyCode::Enter);
    assert_eq!(screen.tab::<Explore>().pane, Pane::Preview);
    let mut screen = with_page(screen, 3);
    screen.assert_shows("line 1 of the page");
    screen.press(KeyCode::Esc);
    screen.assert_shows("ƒ spawn");
}

#[test]
fn a_tree_opens_closes_and_filters() {
    let mut screen = Screen::open(100, 30);
    screen.open_package("tokio", &SYMBOLS);
    screen.assert_shows("▸ m task");
    screen.assert_lacks("JoinHandle");
    screen.keys("jl");
    screen.assert_shows("▸ S JoinHandle");
    screen.keys("hh");
    screen.assert_lacks("JoinHandle");
    screen.keys("/abort");
    let generation = screen.generation_of::<Explore>(|effect| match effect {
        explore::Effect::Filter { generation, filter, .. } => (filter == "abort").then_some(*generation),
        _ => None,
    });
    let filtered = screen.tab::<Explore>().opened.as_ref().unwrap().tree().unwrap().filtered("abort");
    screen.tell::<Explore>(explore::Message::Filtered { generation, filtered });
    screen.assert_shows("ƒ abort");
    screen.assert_lacks("ƒ spawn");
    assert_eq!(screen.tab::<Explore>().path().as_deref(), Some("tokio::task::JoinHandle::abort"));
    screen.press(KeyCode::Esc);
    screen.assert_shows("ƒ spawn");
    assert_eq!(
        screen.tab::<Explore>().path().as_deref(),
        Some("tokio::task::JoinHandle::abort"),
        "it stays selected"
    );
    screen.press(KeyCode::Esc);
    screen.assert_shows("Packages");
}

#[test]
fn a_filter_of_packages_keeps_what_is_like_it() {
    let mut screen = Screen::open(100, 30);
    screen.keys("/tok");
    screen.assert_shows("tokio 1.48.0");
    screen.assert_lacks("serde");
    screen.press(KeyCode::Esc);
    screen.assert_shows("serde 1.0.0");
}

#[test]
fn a_selection_shows_without_colour() {
    let mut screen = Screen::open(100, 30);
    screen.app.theme = MONOCHROME;
    screen.press(KeyCode::Down);
    let buffer = screen.buffer();
    let selected = buffer.content.iter().filter(|cell| cell.modifier.contains(Modifier::REVERSED)).count();
    assert_eq!(
        selected,
        usize::from(screen.tab::<Explore>().areas(screen.body()).list.width),
        "one whole row"
    );
    assert!(buffer.content.iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
}

#[test]
fn tabs_switch_by_key_and_by_click() {
    let mut screen = Screen::open(100, 30);
    screen.press(KeyCode::Tab);
    assert_eq!(screen.shown(), "Search");
    screen.press(KeyCode::BackTab).keys("2").alt(KeyCode::Char('1'));
    assert_eq!(screen.shown(), "Explore");
    let label = Frame::of(&screen.app).labels[1];
    screen.send(mouse(MouseEventKind::Down(MouseButton::Left), label.x + 1, label.y));
    assert_eq!(screen.shown(), "Search");
}

#[test]
fn a_click_selects_and_a_second_one_opens() {
    let mut screen = Screen::open(100, 30);
    let list = screen.tab::<Explore>().areas(screen.body()).list;
    let row = (0..list.height).find(|row| {
        let at = usize::from(*row);
        let rows = &screen.tab::<Explore>().packages.rows;
        matches!(rows.get(at), Some(PackageRow::Package { .. }))
    });
    let click = mouse(MouseEventKind::Down(MouseButton::Left), list.x + 5, list.y + row.unwrap());
    screen.send(click);
    assert!(screen.tab::<Explore>().opened.is_none());
    let click = mouse(MouseEventKind::Down(MouseButton::Left), list.x + 5, list.y + row.unwrap());
    screen.send(click);
    assert!(screen.tab::<Explore>().opened.is_some());
}

#[test]
fn a_page_scrolls_jumps_to_its_source_and_is_edited() {
    let mut screen = with_page(
        {
            let mut screen = Screen::open(100, 30);
            screen.press(KeyCode::Down);
            screen
        },
        100,
    );
    screen.keys("J");
    screen.assert_lacks("line 1 of");
    screen.keys("s");
    screen.assert_shows("line 51 of");
    screen.keys("s");
    screen.assert_shows("line 1 of");
    screen.keys("e");
    assert!(matches!(&screen.effects[..], [Effect::Edit(location)] if location.line == 7));
    screen.keys("y");
    assert!(matches!(&screen.effects[..], [Effect::Copy(path)] if path == "mine@0.1.0"));
}

#[test]
fn the_help_filters_and_the_key_that_opened_it_closes_it() {
    let mut screen = Screen::open(100, 30);
    screen.keys("?");
    screen.assert_shows("to the beginning");
    screen.keys("copy");
    screen.assert_shows("copy: path");
    screen.assert_lacks("to the beginning");
    screen.press(KeyCode::F(1));
    screen.assert_lacks("copy: path");
}

#[test]
fn an_unusable_data_folder_is_a_screen_of_its_own() {
    let mut screen = Screen::new(100, 30);
    screen.send(world::Message::Opened(Err("cannot create the data folder /x".to_string())));
    screen.assert_shows("cannot create the data folder /x");
    screen.assert_shows("zenith doctor");
    screen.keys("q");
    assert!(matches!(screen.effects[..], [Effect::Quit]));
}

#[test]
fn what_changes_nothing_draws_nothing() {
    let mut screen = Screen::open(100, 30);
    screen.app.dirty = false;
    screen.send(mouse(MouseEventKind::Moved, 5, 5));
    screen.send(Event::FocusGained);
    let same = screen.app.world.packages.iter().map(|entry| (**entry).clone()).collect();
    screen.send(world::Message::Packages(Ok(same)));
    assert!(!screen.app.dirty);
}

#[test]
fn what_is_said_wraps_on_lines_of_its_own_and_hides_no_hint() {
    let mut screen = Screen::open(60, 30);
    let why = "No space left on device: cannot write to the search index below a folder with a very long name indeed";
    screen.send(world::Message::Indexed(Err(why.to_string())));
    let text = screen.text();
    let said: Vec<&str> = text.lines().map(str::trim).collect();
    let hints = said.last().unwrap();
    assert!(hints.contains("? help"), "{text}");
    let whole = said[said.len() - 3..said.len() - 1].join(" ");
    assert_eq!(whole, why, "{text}");
    screen.press(KeyCode::Down);
    screen.assert_lacks("No space left");
}

#[test]
fn a_data_folder_that_can_only_be_read_is_said_so_and_nothing_is_indexed() {
    let mut screen = Screen::new(100, 30);
    let home = world::Home { data_dir: "/kept".into(), is_read_only: true, ..world::Home::default() };
    let lockfile = Some("/project/Cargo.lock".into());
    screen.send(world::Message::Opened(Ok(Opened { lockfile, home, ..Opened::default() })));
    let indexes = |screen: &Screen| {
        screen.effects.iter().any(|effect| matches!(effect, Effect::World(world::Effect::Index(_))))
    };
    assert!(!indexes(&screen), "{:?}", screen.effects);
    screen.assert_shows("opened read-only: /kept cannot be written to");
    screen.keys("i");
    assert!(!indexes(&screen));
    screen.assert_shows("nothing is indexed");
    screen.keys("4");
    screen.assert_shows("read-only: it is searched");
}

#[test]
fn a_question_mark_on_the_empty_line_is_the_help_and_text_elsewhere() {
    let mut screen = Screen::open(100, 30);
    screen.keys("2?");
    screen.assert_shows(" Keys ");
    screen.press(KeyCode::Esc).keys("a?");
    screen.assert_lacks(" Keys ");
    screen.assert_shows("a?");
}

#[test]
fn the_help_tells_own_keys_first_and_does_what_is_selected() {
    let mut screen = Screen::open(100, 30);
    screen.keys("4?");
    let text = screen.text();
    let own = text.find("synchronise now").unwrap();
    assert!(text.find("next tab").is_none_or(|shell| own < shell), "{text}");
    screen.keys("next tab").press(KeyCode::Enter);
    assert_eq!(screen.shown(), "Jobs");
    screen.assert_lacks(" Keys ");
}

#[test]
fn what_can_do_nothing_now_is_dim() {
    let mut screen = Screen::open(100, 30);
    let dim = |screen: &Screen, label: &str| {
        let told = screen.app.told();
        !told.iter().find(|told| told.label == label).unwrap().can
    };
    assert!(dim(&screen, "stop indexing") && dim(&screen, "back to where you were"));
    assert!(!dim(&screen, "index the lockfile, or resume"));
    screen.keys("2").press(KeyCode::Tab).keys("i");
    assert!(!dim(&screen, "stop indexing") && !dim(&screen, "back to where you were"));
    assert!(dim(&screen, "index the lockfile, or resume"));
    screen.keys(":index the lockfile");
    let text = screen.text();
    let label = "index the lockfile, or resume";
    let (y, row) = text.lines().enumerate().find(|(_, row)| row.contains(label)).unwrap();
    // A letter that the filter does not mark.
    let x = row.split("resume").next().unwrap().chars().count();
    let cell = screen.buffer()[(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())].clone();
    assert_eq!((cell.symbol(), Some(cell.fg)), ("r", DARK.style(Role::Quiet).fg), "{text}");
}

#[test]
fn a_click_on_a_hint_does_it_and_a_second_one_on_a_row_of_the_help() {
    let mut screen = Screen::open(100, 30);
    let place = |screen: &Screen, words: &str| {
        let text = screen.text();
        let (y, row) = text.lines().enumerate().find(|(_, row)| row.contains(words)).unwrap();
        let x = row.split(words).next().unwrap().chars().count();
        mouse(MouseEventKind::Down(MouseButton::Left), u16::try_from(x).unwrap(), u16::try_from(y).unwrap())
    };
    screen.send(place(&screen, "? help"));
    screen.assert_shows(" Keys ");
    let row = place(&screen, "filter by name");
    screen.send(row.clone());
    screen.assert_shows(" Keys ");
    screen.send(row);
    assert_eq!(screen.tab::<Explore>().pane, Pane::Input);
    screen.press(KeyCode::Esc);
    screen.send(place(&screen, "q quit"));
    assert!(matches!(screen.effects[..], [Effect::Quit]), "{:?}", screen.effects);
}
