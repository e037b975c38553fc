//! Explore where there is room: packages, tree and page beside each other.

use std::sync::Arc;

use crossterm::event::{Event, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;
use zenith_core::lake::DocChunk;

use super::super::parts::areas::Pane;
use super::super::parts::tree::Tree;
use super::super::parts::tree::tests::symbol;
use super::super::tabs::explore::{self, Explore, Focus};
use super::Screen;

const SYMBOLS: [(&str, &str); 3] =
    [("mod", "tokio"), ("fn", "tokio::spawn"), ("struct", "tokio::task::JoinHandle")];

fn tree() -> Arc<Tree> {
    let symbols: Vec<_> = SYMBOLS.iter().map(|(kind, path)| symbol(kind, path)).collect();
    let readme = DocChunk {
        id: String::new(),
        ecosystem: "rust".to_string(),
        package: "tokio".to_string(),
        version: "1.48.0".to_string(),
        file_path: "README.md".to_string(),
        section_title: Some("tokio › How to begin".to_string()),
        content: String::new(),
        chunk_index: 0,
        line_start: 3,
        embedding: Vec::new(),
        created_at: 0,
    };
    Arc::new(Tree::build(&symbols, &[readme]))
}

/// What was asked for of trees: the generation, and whether only in passing.
fn asked(screen: &Screen) -> Option<(u64, bool)> {
    screen.asked::<Explore>().into_iter().find_map(|effect| match effect {
        explore::Effect::Tree { generation, in_passing, .. } => Some((*generation, *in_passing)),
        _ => None,
    })
}

/// Among the packages, with tokio selected and its tree beside them.
fn wide() -> Screen {
    let mut screen = Screen::open(140, 30);
    screen.press(KeyCode::End);
    let (generation, in_passing) = asked(&screen).unwrap();
    assert!(in_passing, "nobody opened it");
    screen.tell::<Explore>(explore::Message::Tree { generation, tree: Ok(tree()) });
    screen
}

/// The columns of the screen above the bar, from and to.
fn bar(screen: &Screen) -> Option<(u16, u16)> {
    let buffer = screen.buffer();
    let is_bar = |position: &(u16, u16)| buffer[*position].symbol() == "━";
    let body = screen.body();
    let cells: Vec<u16> = (0..body.width).filter(|x| is_bar(&(*x, body.bottom() - 1))).collect();
    Some((*cells.first()?, *cells.last()? + 1))
}

fn spans(area: Rect) -> (u16, u16) {
    (area.left(), area.right())
}

fn click(screen: &mut Screen, column: u16, row: u16) {
    let kind = MouseEventKind::Down(MouseButton::Left);
    screen.send(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
}

#[test]
fn packages_tree_and_page_stand_beside_each_other_and_nothing_is_folded_away() {
    let screen = wide();
    assert_eq!(screen.tab::<Explore>().focus(), Focus::Packages);
    for text in
        ["Packages  by tier", "serde 1.0.0", "tokio 1.48.0", "ƒ spawn", "How to begin", "filter by name"]
    {
        screen.assert_shows(text);
    }
    let columns = screen.tab::<Explore>().columns(screen.body());
    assert!(columns.are_three() && columns.page.width >= 40, "{columns:?}");
    assert!(columns.packages.list.right() < columns.tree.list.left());
    assert!(columns.tree.list.right() < columns.page.left());
    for (width, three) in [(139, false), (140, true), (300, true)] {
        let columns = screen.tab::<Explore>().columns(Rect { width, ..screen.body() });
        assert_eq!(columns.are_three(), three, "{width}");
        assert!(columns.page.right() <= width, "{columns:?}");
    }
}

#[test]
fn the_tree_follows_the_selected_package_and_an_answer_for_another_is_dropped() {
    let mut screen = wide();
    let old = screen.tab::<Explore>().opened.as_ref().unwrap().tree.generation();
    screen.press(KeyCode::Up);
    screen.assert_lacks("ƒ spawn");
    let (new, in_passing) = asked(&screen).unwrap();
    assert!(new > old && in_passing);
    screen.tell::<Explore>(explore::Message::Tree { generation: old, tree: Ok(tree()) });
    screen.assert_lacks("ƒ spawn");
    screen.tell::<Explore>(explore::Message::Tree { generation: new, tree: Ok(tree()) });
    screen.assert_shows("ƒ spawn");
    screen.press(KeyCode::Home);
    screen.assert_lacks("ƒ spawn");
    assert_eq!(asked(&screen), None, "a tier has no tree");
}

#[test]
fn the_bar_is_under_the_column_that_has_the_focus() {
    let mut screen = wide();
    let columns = screen.tab::<Explore>().columns(screen.body());
    assert_eq!(bar(&screen), Some(spans(columns.packages.list)));
    screen.press(KeyCode::Enter);
    assert_eq!((screen.tab::<Explore>().focus(), asked(&screen)), (Focus::Tree, None), "it is there already");
    assert_eq!(bar(&screen), Some(spans(columns.tree.list)));
    assert_eq!(
        screen.tab::<Explore>().path().as_deref(),
        Some("tokio"),
        "the crate, below its documentation"
    );
    screen.tab_mut::<Explore>().pane = Pane::Preview;
    let page = columns.page;
    assert_eq!(bar(&screen), Some((page.left() - 1, page.right() + 1)));
    screen.press(KeyCode::Esc).press(KeyCode::Esc);
    assert_eq!(screen.tab::<Explore>().focus(), Focus::Packages);
    assert_eq!(bar(&screen), Some(spans(columns.packages.list)));
    screen.assert_shows("ƒ spawn");
    let narrow = Screen::open(100, 30);
    let columns = narrow.tab::<Explore>().columns(narrow.body());
    assert_eq!(bar(&narrow), Some(spans(columns.packages.list)), "beside a page as well");
    assert_eq!(bar(&Screen::open(60, 30)), None, "there are no columns");
}

#[test]
fn each_column_is_filtered_by_itself() {
    let mut screen = wide();
    screen.keys("/ser");
    screen.assert_lacks("tokio 1.48.0");
    screen.press(KeyCode::Esc);
    screen.press(KeyCode::End).press(KeyCode::Enter);
    screen.keys("/joi");
    let tab = screen.tab::<Explore>();
    assert_eq!((tab.opened.as_ref().unwrap().filter.value(), tab.packages.filter.value()), ("joi", ""));
    screen.assert_shows("serde 1.0.0");
}

#[test]
fn a_click_comes_to_the_column_that_it_is_in() {
    let mut screen = wide();
    let columns = screen.tab::<Explore>().columns(screen.body());
    let tree = columns.tree.list;
    let row = screen.text().lines().position(|line| line.contains("ƒ spawn")).unwrap();
    click(&mut screen, tree.x + 4, u16::try_from(row).unwrap());
    let tab = screen.tab::<Explore>();
    assert_eq!((tab.focus(), tab.path().as_deref()), (Focus::Tree, Some("tokio::spawn")));
    let row = screen.text().lines().position(|line| line.contains("serde 1.0.0")).unwrap();
    click(&mut screen, columns.packages.list.x + 4, u16::try_from(row).unwrap());
    let tab = screen.tab::<Explore>();
    assert_eq!((tab.focus(), tab.path().as_deref()), (Focus::Packages, Some("serde@1.0.0")));
    click(&mut screen, columns.page.x + 4, columns.page.y + 1);
    assert_eq!(screen.tab::<Explore>().focus(), Focus::Page);
}
