//! A tab that exists in this test alone: that it is in the list is all that it takes.

use crossterm::event::{Event, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::text::Line;
use tui_input::Input;
use zenith_core::Zenith;

use super::super::parts::areas::Pane;
use super::super::parts::canvas::Canvas;
use super::super::parts::job::Job;
use super::super::parts::key::{char, ctrl};
use super::super::parts::out::Out;
use super::super::parts::place::Place;
use super::super::shell::Frame;
use super::super::tabs::actions::{ALL, Action, Binding, LIST, bind};
use super::super::tabs::{self, Seen, Tab, Task};
use super::Screen;
use super::runs::Busy;

const COUNT: Action = Action::Own("count");
const WRITE: Action = Action::Own("write");
const HOME: Action = Action::Own("home");

/// Counts the packages of the data folder, and keeps a line.
#[derive(Debug, Default)]
struct Jotter {
    line: Input,
    is_writing: bool,
    counted: Option<usize>,
    is_counting: bool,
}

#[derive(Debug)]
struct Counting;

#[derive(Debug)]
struct Counted(usize);

impl Tab for Jotter {
    type Effect = Counting;
    type Message = Counted;

    const NAME: &'static str = "Jotter";
    const ACTIONS: &'static [&'static [Binding]] = &[&[
        bind(&[char('c')], LIST, COUNT, "count the packages").hint("count"),
        bind(&[char('w')], LIST, WRITE, "write a line").hint("write"),
        bind(&[ctrl('h')], ALL, HOME, "go to serde"),
    ]];

    fn pane(&self) -> Pane {
        if self.is_writing { Pane::Input } else { Pane::List }
    }

    fn line(&mut self) -> Option<&mut Input> {
        self.is_writing.then_some(&mut self.line)
    }

    fn act(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Counting>) {
        match action {
            COUNT => {
                self.is_counting = true;
                out.work(Counting);
            }
            WRITE => self.is_writing = true,
            HOME => {
                let serde = seen.world.packages.iter().find(|entry| entry.id.name() == "serde").unwrap();
                out.go(Place::Package { scope: serde.scope.clone(), id: serde.id.clone(), item: None });
            }
            other => panic!("{other:?} is not listed"),
        }
    }

    fn take(&mut self, Counted(count): Counted, _seen: &Seen<'_>, out: &mut Out<Counting>) -> bool {
        (self.counted, self.is_counting) = (Some(count), false);
        out.done("counted");
        true
    }

    fn place(&self) -> Place {
        Place::Within { tab: Jotter::NAME, at: self.line.value().to_string() }
    }

    fn open(&mut self, place: &Place, _seen: &Seen<'_>) -> bool {
        match place {
            Place::Within { tab: Jotter::NAME, at } => {
                self.line = Input::new(at.clone());
                true
            }
            _ => false,
        }
    }

    fn task(&self) -> Option<Task> {
        self.is_counting.then(|| Task {
            name: "Counting",
            done: Some((0, 1)),
            at: None,
            doing: String::new(),
            stopping: None,
            holds: None,
            stop: None,
        })
    }

    fn draw(&self, canvas: &mut Canvas<'_>, seen: &Seen<'_>) {
        let text = format!("jotted: {}, counted: {:?}", self.line.value(), self.counted);
        canvas.put(seen.area, 0, &Line::from(text));
    }

    fn work(_effect: Counting, zenith: &Zenith) -> Job<Counted> {
        let zenith = zenith.clone();
        Job::answer("count", async move { Counted(zenith.searchable().await.unwrap().len() + 42) })
    }
}

fn unopened() -> Screen {
    let mut list = tabs::all();
    list.push(Box::new(Jotter::default()));
    Screen::with_tabs(list, 100, 30)
}

fn screen() -> Screen {
    unopened().opened()
}

#[test]
fn its_name_is_in_the_bar_and_leads_to_it() {
    let mut screen = screen();
    screen.assert_shows("8 Jotter");
    screen.keys("8");
    assert_eq!(screen.shown(), "Jotter");
    screen.assert_shows("jotted: , counted: None");
    screen.press(KeyCode::Tab);
    assert_eq!(screen.shown(), "Explore");
    screen.press(KeyCode::BackTab).keys("1");
    let label = Frame::of(&screen.app).labels[7];
    let kind = MouseEventKind::Down(MouseButton::Left);
    let (column, row) = (label.x + 1, label.y);
    screen.send(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    assert_eq!(screen.shown(), "Jotter");
}

#[test]
fn its_keys_are_in_hints_help_and_palette_and_do_what_they_say() {
    let mut screen = screen();
    screen.keys("8");
    screen.assert_shows("c count  w write");
    screen.keys("?").keys("jotter");
    screen.assert_shows("write a line");
    screen.press(KeyCode::Esc).keys(":").keys("write a");
    screen.assert_shows("write a line");
    screen.press(KeyCode::Enter).keys("q 1");
    screen.assert_shows("jotted: q 1");
    screen.send(Event::Paste(" two\nthree".to_string()));
    screen.assert_shows("jotted: q 1two three");
}

#[test]
fn the_palette_does_it_from_another_tab_too() {
    let mut screen = screen();
    screen.keys(":").keys("count the").press(KeyCode::Enter);
    assert_eq!(screen.shown(), "Jotter");
    assert!(matches!(screen.asked_alone::<Jotter>()[..], [Counting]));
    screen.assert_shows(" Counting ");
    screen.assert_shows(" 0/1");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_effects_are_run_by_its_own_work_and_answered_to_it() {
    let mut busy = Busy::open(unopened()).await;
    busy.screen.keys("8c");
    assert!(busy.screen.app.animates());
    busy.begin_asked();
    let told = busy.next().await;
    busy.screen.send(told);
    busy.screen.assert_shows("counted: Some(42)");
    assert!(!busy.screen.app.animates());
}

#[test]
fn what_it_leads_to_is_opened_and_its_own_place_is_come_back_to() {
    let mut screen = screen();
    screen.keys("8w").keys("before").ctrl('h');
    assert_eq!(screen.shown(), "Explore");
    screen.assert_shows("‹ serde 1.0.0");
    screen.tab_mut::<Jotter>().line = Input::new("since".to_string());
    screen.alt(KeyCode::Left);
    assert_eq!(screen.shown(), "Jotter");
    screen.assert_shows("jotted: before");
    screen.alt(KeyCode::Right);
    screen.assert_shows("‹ serde 1.0.0");
}
