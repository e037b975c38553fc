//! What is seen in every theme, and how one comes by another.

use crossterm::event::KeyCode;

use super::super::parts::theme::{Appearance, Background, Depth, Theme};
use super::super::shell::{Effect, Message, draw};
use super::super::world;
use super::Screen;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;
use zenith_core::config::ThemeChoice;
use zenith_core::index::Progress;

const APPEARANCES: [Appearance; 6] = [
    Appearance::Dark,
    Appearance::Light,
    Appearance::HighContrastDark,
    Appearance::HighContrastLight,
    Appearance::HighContrastPainted,
    Appearance::Monochrome,
];

/// The rows that begin with the mark, in the column of the list.
fn marked(screen: &Screen, mark: &str) -> Vec<u16> {
    let buffer = screen.buffer();
    (0..buffer.area.height).filter(|row| buffer[(0, *row)].symbol() == mark).collect()
}

/// Where the hidden cursor is to stand.
fn stands(screen: &Screen) -> Option<(u16, u16)> {
    let mut terminal = Terminal::new(TestBackend::new(100, 30)).unwrap();
    let mut stands = None;
    terminal.draw(|frame| stands = draw(frame, &screen.app)).unwrap();
    stands.map(|position| (position.x, position.y))
}

#[test]
fn what_is_selected_is_marked_in_every_theme_and_every_list() {
    let mut screen = Screen::open(100, 30);
    for (tab, keys) in [("Explore", "1"), ("Spikes", "3")] {
        screen.keys(keys);
        assert_eq!(screen.shown(), tab);
        for appearance in APPEARANCES {
            screen.app.theme = Theme { appearance, depth: Depth::Full };
            let before = marked(&screen, "▌");
            assert_eq!(before.len(), 1, "{tab} in {appearance:?}\n{}", screen.text());
            assert_eq!(stands(&screen), Some((0, before[0])), "{tab}");
            screen.press(KeyCode::Down);
            assert_eq!(marked(&screen, "▌"), [before[0] + 1]);
            screen.press(KeyCode::Up);
        }
    }
    screen.keys("2spawn");
    let generation = screen.search_generation();
    screen.found(generation, &["tokio::spawn", "tokio::task::spawn_blocking"]);
    assert_eq!(marked(&screen, "▌").len(), 1, "{}", screen.text());
    assert_eq!(stands(&screen), None, "the cursor shows, where one types");
}

/// Where the terminal's background is unknown nothing is left to it, below a list above the screen neither.
#[test]
fn what_is_painted_is_painted_everywhere() {
    let mut screen = Screen::open(100, 30);
    screen.app.theme = Theme { appearance: Appearance::HighContrastPainted, depth: Depth::Full };
    for keys in ["1", "3", "4", "?"] {
        screen.keys(keys);
        let cells = screen.buffer().content;
        assert!(!cells.iter().any(|cell| [cell.fg, cell.bg].contains(&Color::Reset)), "{keys}");
    }
}

#[test]
fn the_palette_marks_its_row_and_the_list_below_shows_none_of_its_own_through() {
    let mut screen = Screen::open(100, 30);
    screen.keys(":");
    let text = screen.text();
    assert_eq!(text.matches("│▌").count(), 1, "{text}");
}

#[test]
fn plain_is_ascii_from_the_border_to_the_words_of_packages() {
    let mut screen = Screen::open(100, 30);
    screen.app.look.has_unicode = false;
    for keys in ["1", "3", "4", ":"] {
        screen.keys(keys);
        assert!(screen.text().is_ascii(), "{}", screen.text());
    }
    screen.press(KeyCode::Esc).keys("1");
    assert_eq!(marked(&screen, ">").len(), 1, "{}", screen.text());
    screen.send(world::Message::Opened(Err("日本語 can’t".to_string())));
    screen.assert_shows("? ? ?  can't");
}

#[test]
fn an_answer_changes_the_colours_and_the_same_one_draws_nothing() {
    let mut screen = Screen::open(100, 30);
    screen.app.look.choice = ThemeChoice::Auto;
    screen.app.dirty = false;
    screen.send(Message::Background(Some(Background::Light)));
    assert_eq!(screen.app.theme.appearance, Appearance::Light);
    assert!(std::mem::take(&mut screen.app.dirty));
    screen.send(Message::Background(Some(Background::Light)));
    assert!(!screen.app.dirty);
}

#[test]
fn a_key_changes_the_colours_and_says_which_they_are() {
    let mut screen = Screen::open(100, 30);
    for (name, appearance) in [
        ("high contrast", Appearance::HighContrastDark),
        ("without colour", Appearance::Monochrome),
        ("as the terminal is, which is dark", Appearance::Dark),
        ("light", Appearance::Light),
        ("dark", Appearance::Dark),
        ("high contrast", Appearance::HighContrastDark),
    ] {
        screen.keys("T");
        screen.assert_shows(&format!("colours: {name}"));
        assert_eq!(screen.app.theme.appearance, appearance);
    }
}

/// What is told is the same, and nothing but numbers moves.
#[test]
fn with_reduced_motion_there_are_numbers_and_nothing_that_turns_or_grows() {
    let later = |is_still: bool| {
        let mut screen = super::spikes::running();
        screen.app.is_still = is_still;
        let before = screen.text();
        screen.app.now += std::time::Duration::from_millis(300);
        (before, screen.text())
    };
    let (before, after) = later(false);
    assert_ne!(before, after, "it turns");
    let (before, after) = later(true);
    assert_eq!(before, after);
    assert!(after.contains("• on local · 0 s") && after.contains(" 0/"), "{after}");

    let mut screen = Screen::open(100, 30);
    screen.app.is_still = true;
    screen.keys("1i");
    screen.send(world::Message::Progress(Progress::Planned { packages: 984, ready: 492 }));
    screen.assert_shows("Indexing  492/984");
    screen.assert_lacks("█");
    screen.keys("4");
    screen.assert_shows("492 of 984 packages");
    screen.assert_lacks("█");
}

#[test]
fn the_mouse_is_switched_and_help_says_how_text_is_selected() {
    let mut screen = Screen::open(100, 30);
    screen.keys("M");
    assert!(matches!(screen.effects[..], [Effect::Mouse(false)]));
    screen.assert_shows("drag selects text");
    screen.keys("M");
    assert!(matches!(screen.effects[..], [Effect::Mouse(true)]));
    screen.assert_shows("Shift and drag selects text");
    screen.keys("?select text");
    screen.assert_shows("mouse off or on");
}
