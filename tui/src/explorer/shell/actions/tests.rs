//! The list, held to what it promises.

use std::path::PathBuf;

use crossterm::event::KeyModifiers;
use ratatui::layout::Size;
use ratatui::style::Style;
use tui_input::Input;

use super::super::overlay::{Overlay, Topic};
use super::*;
use crate::explorer::parts::theme::{Appearance, Depth, Theme};
use crate::explorer::tabs;

fn app() -> App {
    let theme = Theme { appearance: Appearance::Dark, depth: Depth::Full };
    App::new(PathBuf::from("/project"), tabs::all(), theme, Size::new(100, 30))
}

/// The rows of each tab, and those of the shell.
fn lists(app: &App) -> Vec<Vec<Row>> {
    let mut lists: Vec<Vec<Row>> = (0..app.tabs.len()).map(|index| app.tab_rows(index)).collect();
    lists.push(app.shell_rows());
    lists
}

#[test]
fn no_list_binds_a_key_twice_in_a_pane() {
    let app = app();
    let overlay = OVERLAY.iter().map(Row::of_shell).collect();
    for list in lists(&app).into_iter().chain([overlay]) {
        for pane in ALL {
            let here = list.iter().filter(|row| row.panes.contains(pane));
            let keys: Vec<Key> = here.flat_map(|row| row.keys.iter().copied()).collect();
            for (index, key) in keys.iter().enumerate() {
                assert!(!keys[..index].contains(key), "{key} is bound twice in {pane:?}");
            }
        }
    }
}

#[test]
fn no_tab_takes_the_keys_that_lead_out_of_it() {
    let app = app();
    let leads = [
        Command::Quit,
        Command::Interrupt,
        Command::Suspend,
        Command::Help,
        Command::Palette,
        Command::NextTab,
    ];
    let keys: Vec<Key> = (app.shell_rows().into_iter())
        .filter(|row| leads.iter().any(|command| row.does == Does::Command(*command)))
        .flat_map(|row| row.keys)
        .collect();
    for row in (0..app.tabs.len()).flat_map(|index| app.tab_rows(index)) {
        assert!(row.keys.iter().all(|key| !keys.contains(key)), "{row:?}");
    }
}

#[test]
fn letters_belong_to_the_text_where_one_types() {
    let app = app();
    let lines = lists(&app).into_iter().flatten().filter(|row| row.panes.contains(&Pane::Input));
    for row in lines.chain(OVERLAY.iter().map(Row::of_shell)) {
        let is_letter = |key: &Key| matches!(key.0, KeyCode::Char(_)) && key.1.is_empty();
        assert!(!row.keys.iter().any(is_letter), "{row:?} cannot be typed");
    }
}

#[test]
fn a_capital_letter_is_the_same_with_and_without_shift() {
    let app = app();
    let last = Some(Does::Tab(0, Action::Move(Motion::Last)));
    for modifiers in [KeyModifiers::NONE, KeyModifiers::SHIFT] {
        assert_eq!(app.bound(&KeyEvent::new(KeyCode::Char('G'), modifiers)), last);
    }
    assert_eq!(app.bound(&KeyEvent::new(KeyCode::Char('g'), KeyModifiers::ALT)), None);
}

#[test]
fn the_help_tells_every_key_that_acts_in_the_tab_and_no_other() {
    let mut app = app();
    for shown in 0..app.tabs.len() {
        app.shown = shown;
        let told: Vec<(String, Does)> = (app.told().into_iter())
            .flat_map(|line| {
                let keys = line.keys.split("  ").filter(|key| !key.is_empty()).map(str::to_string);
                keys.map(|key| (key, line.does)).collect::<Vec<_>>()
            })
            .collect();
        let panes = app.panes(shown);
        let acts = panes.iter().flat_map(|pane| app.bound_in(*pane));
        let acts: Vec<(String, Does)> = acts
            .flat_map(|row| row.keys.clone().into_iter().map(move |key| (key.to_string(), row.does)))
            .collect();
        assert!(acts.iter().all(|key| told.contains(key)), "{shown}");
        assert!(told.iter().all(|key| acts.contains(key)), "{shown}");
        let letters = told.iter().filter(|(key, _)| key.chars().count() == 1 && key.is_ascii());
        let has_line_alone = panes == [Pane::Input];
        assert_eq!(
            letters.count() == 0,
            has_line_alone,
            "where letters are text, no letter is told: {shown}"
        );
    }
}

#[test]
fn what_is_searched_for_in_other_words_is_found_first() {
    let app = app();
    for (typed, label) in [
        ("theme", "other colours"),
        ("colors", "other colours"),
        ("sort", "order the packages"),
        ("cancel index", "stop indexing"),
        ("exit", "quit"),
        ("errors", "what could not be indexed"),
        ("login", "sign in"),
        ("diff", "what changed between versions"),
        ("stop-indexing", "stop indexing"),
        ("half-page-down", "half a page down"),
        ("/theme", "other colours"),
    ] {
        let mut overlay = Overlay::actions(Topic::Palette, app.told());
        overlay.type_in(|line| *line = Input::new(typed.to_string()));
        let (_, lines) = overlay.lines(200, Style::new());
        let first = lines.first().map(|line| line.text.to_string()).unwrap_or_default();
        assert!(first.contains(label), "{typed}: {first}");
        assert!(lines.len() < 6, "{typed} finds {} lines", lines.len());
    }
}

#[test]
fn a_tab_is_told_of_by_its_name_and_what_it_takes_from_the_shell_is_its_own() {
    let mut app = app();
    app.shown = app.tabs.iter().position(|tab| tab.name() == "Spikes").unwrap();
    let x = KeyEvent::new(KeyCode::Char('x'), KeyModifiers::NONE);
    assert!(matches!(app.bound(&x), Some(Does::Tab(..))));
    assert_eq!(app.key_for(Does::Command(Command::CancelIndex)), "");
    assert!(app.told().iter().any(|line| line.label == "in Status: synchronise now, there by s"));
    assert!(
        app.told().iter().any(|line| line.label == "run the selected one"),
        "where one is goes without saying"
    );
    assert!(app.told().iter().all(|line| !line.label.starts_with("in Spikes")));
}
