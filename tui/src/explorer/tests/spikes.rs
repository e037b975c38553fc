//! The tab Spikes: the list, a run beside the screen, and what the history keeps.

use std::time::{Duration, SystemTime};

use crossterm::event::{Event, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::style::Modifier;
use zenith_harness::report::history::{Damaged, KeptRun, Runs};
use zenith_harness::{
    Backend, Event as SpikeEvent, Expected, Figure, Outcome, RunReport, Spike, TargetKind, Unit, Verdict,
};

use super::super::parts::areas::Pane;
use super::super::parts::theme::Role;
use super::super::shell::{self, Frame, LEAVE_AFTER};
use super::super::tabs::spikes::{Backends, Effect, Loaded, Message, Spikes};
use super::{DARK, MONOCHROME, Screen};

/// The first spike that runs on this backend.
fn spike_on(backend: Backend) -> &'static Spike {
    zenith_spikes::all().iter().find(|spike| spike.runs_on(backend)).unwrap()
}

fn first() -> &'static Spike {
    &zenith_spikes::all()[0]
}

/// An outcome that began so many seconds after 1970, with a figure held to at most 1.5.
pub fn outcome(spike: &Spike, backend: Backend, verdict: Verdict, at: u64, value: f64) -> Outcome {
    let figure = Figure {
        name: "beside Parquet".to_string(),
        value,
        unit: Unit::Ratio,
        target: Some(1.5),
        kind: Some(TargetKind::Gate),
        met: Some(value <= 1.5),
    };
    Outcome {
        id: spike.id.to_string(),
        title: spike.title.to_string(),
        group: spike.group,
        backend,
        fault: None,
        as_expected: verdict.is(Expected::Holds),
        verdict,
        expected: Expected::Holds,
        required: false,
        at: (SystemTime::UNIX_EPOCH + Duration::from_secs(at)).into(),
        seconds: 1.25,
        checks: Vec::new(),
        figures: vec![figure],
        notes: vec!["what a reader should know".to_string()],
        kept: None,
    }
}

pub fn kept(outcomes: Vec<Outcome>) -> KeptRun {
    KeptRun { run: "run".to_string(), at: SystemTime::UNIX_EPOCH.into(), outcomes }
}

fn report(outcomes: Vec<Outcome>, stopped: bool) -> Message {
    Message::Ran(Ok(Box::new(RunReport {
        run: "run".to_string(),
        at: SystemTime::UNIX_EPOCH.into(),
        seconds: 2.0,
        outcomes,
        stopped,
        kept: None,
        not_kept: None,
    })))
}

fn at(width: u16, height: u16) -> Screen {
    let mut screen = Screen::open(width, height);
    screen.app.wall_ms = 7_300_000;
    screen.keys("3");
    screen
}

fn spikes() -> Screen {
    at(140, 34)
}

fn with_history(runs: &Runs) -> Screen {
    let mut screen = spikes();
    let generation = history_generation(&screen);
    screen.tell::<Spikes>(Message::History { generation, loaded: Ok(Loaded::of(runs)) });
    screen
}

fn history_generation(screen: &Screen) -> u64 {
    screen.generation_of::<Spikes>(|effect| match effect {
        Effect::History { generation } => Some(*generation),
        _ => None,
    })
}

/// The first spike runs on embedded, all others wait.
pub fn running() -> Screen {
    let mut screen = spikes();
    screen.keys("aa");
    let trials = match &screen.asked_alone::<Spikes>()[..] {
        [Effect::Run(selection)] => selection.iter().map(|(spike, on)| (spike.id, *on)).collect(),
        other => panic!("{other:?}"),
    };
    screen.tell::<Spikes>(Message::Event(SpikeEvent::Planned { trials }));
    let (id, backend) = (first().id, first().backends[0]);
    screen.tell::<Spikes>(Message::Event(SpikeEvent::Started { id, backend, fault: None }));
    screen
}

#[test]
fn every_spike_is_listed_beside_the_claim_of_the_selected_one() {
    // So high that the list need not be scrolled.
    let screen = at(140, 200);
    for spike in zenith_spikes::all() {
        screen.assert_shows(&format!(" {}", spike.id));
    }
    screen.assert_shows("not tried");
    screen.assert_shows("It was not tried yet. Enter runs it.");
    screen.assert_shows(&format!("spike run {}", first().id));
    screen.assert_shows("only when asked: container  cloud");
}

#[test]
fn the_history_is_asked_for_when_the_tab_is_opened_and_once() {
    let mut screen = Screen::open(140, 34);
    assert!(screen.asked::<Spikes>().is_empty());
    screen.keys("3");
    history_generation(&screen);
    screen.assert_shows("reading what was kept");
    screen.keys("j1").keys("3");
    assert!(screen.effects.is_empty(), "{:?}", screen.effects);

    let mut early = Screen::new(140, 34);
    early.press(KeyCode::Esc).keys("3");
    assert!(early.effects.is_empty(), "there is no data folder to read yet: {:?}", early.effects);
}

#[test]
fn the_last_verdict_shows_with_its_time_its_worst_target_and_how_it_moved() {
    let run = |value, at| kept(vec![outcome(first(), first().backends[0], Verdict::Holds, at, value)]);
    let screen = with_history(&Runs { runs: vec![run(1.0, 50), run(1.2, 100)], damaged: vec![] });
    for text in ["holds", "1.25 s", "1.2 of ≤ 1.5 x", "▁▇", "2 runs kept", "2 hours ago", "median 1.1 x"]
    {
        screen.assert_shows(text);
    }
    screen.assert_shows("what a reader should know");
}

#[test]
fn a_miss_is_marked_and_explained() {
    let refuted = Verdict::Refuted { failures: vec!["rows: found 3\u{1b}[2J, expected 4".to_string()] };
    let runs = vec![kept(vec![outcome(first(), first().backends[0], refuted, 100, 2.0)])];
    let screen = with_history(&Runs { runs, damaged: vec![] });
    for text in ["refuted !", "✗ rows: found 3, expected 4", "2 of ≤ 1.5 x · missed", "expected: holds"]
    {
        screen.assert_shows(text);
    }
}

#[test]
fn not_having_run_takes_no_kept_verdict_back() {
    let absent = Verdict::NotRun { because: "the server is not here".to_string() };
    let on = first().backends[0];
    let runs = vec![
        kept(vec![outcome(first(), on, Verdict::Holds, 1, 1.0)]),
        kept(vec![outcome(first(), on, absent, 2, 1.0)]),
    ];
    let screen = with_history(&Runs { runs, damaged: vec![] });
    screen.assert_shows("holds");
    screen.assert_lacks("the server is not here");
}

#[test]
fn damaged_files_are_named_and_an_unreadable_history_says_why() {
    let damaged = Damaged { path: "/data/spikes/runs/x.jsonl".into(), why: "line 5: it ends".to_string() };
    let screen = with_history(&Runs { runs: vec![], damaged: vec![damaged.clone()] });
    screen.assert_shows("passed over x.jsonl: line 5: it ends");
    let screen = with_history(&Runs { runs: vec![], damaged: vec![damaged.clone(), damaged] });
    screen.assert_shows("2 files of kept runs are damaged");

    let mut screen = spikes();
    let generation = history_generation(&screen);
    screen.tell::<Spikes>(Message::History {
        generation,
        loaded: Err("cannot read the runs in /data".to_string()),
    });
    screen.assert_shows("the kept runs cannot be read");
    screen.assert_shows("cannot read the runs in /data");
}

#[test]
fn enter_runs_the_selected_spike_on_what_needs_this_machine_alone() {
    let mut screen = spikes();
    screen.press(KeyCode::Enter);
    let [Effect::Run(selection)] = &screen.asked_alone::<Spikes>()[..] else {
        panic!("{:?}", screen.effects)
    };
    assert!(selection.iter().all(|(spike, _)| spike.id == first().id));
    assert!(selection.iter().all(|(_, on)| matches!(on, Backend::Embedded | Backend::Local)));
    screen.press(KeyCode::Enter);
    assert!(screen.effects.is_empty(), "one run at a time");
    screen.assert_shows("x stops them");
}

#[test]
fn b_chooses_the_backend_and_comes_back() {
    let mut screen = spikes();
    for choice in Backends::ALL.iter().skip(1).chain([&Backends::Machine]) {
        screen.keys("b");
        assert_eq!(screen.tab::<Spikes>().backends, *choice);
    }
    let local = spike_on(Backend::Local);
    screen.keys("bb").keys("aa");
    let [Effect::Run(selection)] = &screen.asked_alone::<Spikes>()[..] else {
        panic!("{:?}", screen.effects)
    };
    assert!(selection.iter().all(|(_, on)| *on == Backend::Local));
    assert!(selection.iter().any(|(spike, _)| spike.id == local.id));
}

#[test]
fn a_spike_that_cannot_run_there_says_where_it_can() {
    let lacking = |backend| zenith_spikes::all().iter().position(|spike| !spike.runs_on(backend));
    let found = [Backend::Container, Backend::Cloud].into_iter().find_map(|on| Some((on, lacking(on)?)));
    let Some((backend, place)) = found else { return };
    let mut screen = spikes();
    screen.tab_mut::<Spikes>().backends = Backends::Only(backend);
    screen.tab_mut::<Spikes>().cursor.selected = place;
    screen.press(KeyCode::Enter);
    assert!(screen.effects.is_empty(), "{:?}", screen.effects);
    screen.assert_shows(&format!("not on {backend}; b chooses another"));
}

#[test]
fn progress_shows_in_the_list_and_on_every_tab() {
    let mut screen = running();
    let backend = first().backends[0];
    screen.assert_shows("waiting");
    let step = SpikeEvent::Progress { id: first().id, text: "writing\u{1b}[2J 10,000 rows".to_string() };
    screen.tell::<Spikes>(Message::Event(step));
    screen.assert_shows(&format!("running on {backend}: writing 10,000 rows"));
    screen.app.now += Duration::from_secs(65);
    screen.send(shell::Message::Tick);
    screen.assert_shows(&format!("on {backend} · 1 min 5 s"));
    assert!(screen.app.animates());
    screen.keys("1");
    screen.assert_shows(&format!("{} on {backend} · 1 min 5 s · writing 10,000 rows", first().id));
}

#[test]
fn results_show_as_they_come_and_the_run_is_summed_up() {
    let mut screen = running();
    let found = outcome(first(), first().backends[0], Verdict::Holds, 100, 1.2);
    screen.tell::<Spikes>(Message::Event(SpikeEvent::Finished(Box::new(found.clone()))));
    screen.assert_shows("1.2 of ≤ 1.5 x");
    screen.assert_shows("1/");
    screen.tell::<Spikes>(report(vec![found], false));
    screen.assert_shows("1 holds in 2 s; all as expected");
    history_generation(&screen);
    assert!(!screen.app.animates(), "nothing moves any more");
}

#[test]
fn a_run_that_cannot_be_kept_or_ends_by_itself_is_told() {
    let mut screen = running();
    let Message::Ran(Ok(mut not_kept)) = report(vec![], false) else { unreachable!() };
    not_kept.not_kept = Some("cannot keep the run in /data: the disk is full".to_string());
    screen.tell::<Spikes>(Message::Ran(Ok(not_kept)));
    screen.assert_shows("the disk is full");
    let mut screen = running();
    screen.tell::<Spikes>(Message::Ran(Err("task panicked".to_string())));
    screen.assert_shows("the run of spikes ended by itself: task panicked");
    assert!(!screen.tab::<Spikes>().is_running());
}

#[test]
fn esc_and_x_stop_once_through_the_token() {
    for key in [KeyCode::Esc, KeyCode::Char('x')] {
        let mut screen = running();
        screen.press(key);
        assert!(matches!(screen.asked_alone::<Spikes>()[..], [Effect::Cancel]), "{:?}", screen.effects);
        screen.assert_shows("its lab is being closed");
        screen.press(key);
        assert!(screen.effects.is_empty());
        let stopped = Verdict::NotRun { because: "it was stopped before its end".to_string() };
        let stopped = outcome(first(), first().backends[0], stopped, 100, 1.0);
        screen.tell::<Spikes>(Message::Event(SpikeEvent::Finished(Box::new(stopped.clone()))));
        screen.assert_lacks("not run");
        screen.tell::<Spikes>(report(vec![stopped], true));
        screen.assert_shows("spikes stopped after 0 verdicts");
    }
}

#[test]
fn leaving_waits_until_labs_are_closed() {
    let mut screen = running();
    screen.keys("q");
    assert!(matches!(screen.asked_alone::<Spikes>()[..], [Effect::Cancel]), "{:?}", screen.effects);
    screen.assert_shows("labs are being closed; Ctrl-C again leaves at once");
    screen.tell::<Spikes>(report(vec![], true));
    assert!(
        screen.effects.iter().any(|effect| matches!(effect, shell::Effect::Quit)),
        "{:?}",
        screen.effects
    );

    let mut screen = running();
    screen.ctrl('c').ctrl('c');
    assert!(matches!(screen.effects[..], [shell::Effect::Quit]));

    let mut screen = running();
    screen.keys("q");
    screen.app.now += LEAVE_AFTER + Duration::from_secs(1);
    screen.send(shell::Message::Tick);
    assert!(matches!(screen.effects[..], [shell::Effect::Quit]), "the wait is bounded");
}

#[test]
fn a_run_goes_on_while_one_searches() {
    let mut screen = running();
    screen.keys("2").keys("spawn");
    let found = outcome(first(), first().backends[0], Verdict::Holds, 100, 1.2);
    screen.tell::<Spikes>(Message::Event(SpikeEvent::Finished(Box::new(found.clone()))));
    screen.tell::<Spikes>(report(vec![found], false));
    assert!(screen.effects.is_empty(), "the history waits for the tab: {:?}", screen.effects);
    screen.alt(KeyCode::Char('3'));
    history_generation(&screen);
    screen.assert_shows("1.2 of ≤ 1.5 x");
}

#[test]
fn the_mouse_selects_reads_and_switches_the_backend_but_starts_nothing() {
    let click = |column, row| {
        let kind = MouseEventKind::Down(MouseButton::Left);
        Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
    };
    let mut screen = Screen::open(140, 34);
    let label = Frame::of(&screen.app).labels[2];
    screen.send(click(label.x + 1, label.y));
    assert_eq!(screen.shown(), "Spikes");
    let areas = screen.tab::<Spikes>().areas(screen.body(), true);
    screen.send(click(areas.list.x + 5, areas.list.y + 1));
    assert_eq!((screen.tab::<Spikes>().cursor.selected, screen.tab::<Spikes>().pane), (1, Pane::List));
    screen.send(click(areas.list.x + 5, areas.list.y + 1));
    assert_eq!(screen.tab::<Spikes>().pane, Pane::Preview);
    assert!(screen.effects.is_empty() && !screen.tab::<Spikes>().is_running());
    // Each word of the switch is its own, and what stands between them is nobody's.
    let words = "embedded and local  embedded  local  │ only when asked: container  cloud";
    screen.assert_shows(words);
    let column = |word: &str| u16::try_from(words.find(word).unwrap()).unwrap() + areas.switches.x + 1;
    let (cloud, local) = (column("cloud") - 2, column("local  │"));
    for (at, on) in [(cloud, Backend::Cloud), (local, Backend::Local), (local + 5, Backend::Local)] {
        screen.send(click(at, areas.switches.y));
        assert_eq!(screen.tab::<Spikes>().backends, Backends::Only(on));
    }
    screen.send(click(column("embedded and"), areas.switches.y));
    assert_eq!(screen.tab::<Spikes>().backends, Backends::Machine);
    assert!(screen.effects.is_empty());
}

#[test]
fn the_selection_shows_without_colour() {
    let mut screen = spikes();
    screen.app.theme = MONOCHROME;
    screen.keys("j");
    let buffer = screen.buffer();
    let selected = buffer.content.iter().filter(|cell| cell.modifier.contains(Modifier::REVERSED)).count();
    assert_eq!(
        selected,
        usize::from(screen.tab::<Spikes>().areas(screen.body(), true).list.width),
        "one whole row"
    );
    assert!(buffer.content.iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
}

#[test]
fn any_size_is_drawn_and_a_narrow_one_keeps_the_verdict() {
    for (width, height) in [(0, 0), (1, 1), (20, 5), (40, 10), (60, 20), (76, 24), (140, 34), (240, 60)] {
        let mut screen = at(width, height);
        screen.keys("a").text();
        screen.keys("a").text();
        for key in "jlJKhGgb?".chars() {
            screen.keys(&key.to_string()).text();
        }
        screen.press(KeyCode::Esc).text();
        screen.send(Event::Resize(height, width)).text();
    }
    let mut screen = at(40, 10);
    let generation = history_generation(&screen);
    let runs = vec![kept(vec![outcome(first(), first().backends[0], Verdict::Holds, 1, 1.0)])];
    let loaded = Ok(Loaded::of(&Runs { runs, damaged: vec![] }));
    screen.tell::<Spikes>(Message::History { generation, loaded });
    for text in ["1  2  3 Spikes  4", "holds", "1.25 s"] {
        screen.assert_shows(text);
    }
    screen.keys("l");
    screen.assert_shows(&format!("{} ", first().id));
    assert_eq!(screen.tab::<Spikes>().pane, Pane::Preview);
    screen.press(KeyCode::Esc);
    screen.assert_shows("holds");
}

#[test]
fn the_command_of_a_spike_is_copied_and_the_help_tells_the_keys() {
    let mut screen = spikes();
    screen.keys("y");
    assert!(
        matches!(&screen.effects[..], [shell::Effect::Copy(text)] if *text == format!("spike run {}", first().id))
    );
    for text in ["run the selected one", "run all", "choose the backend", "stop the run", "synchronise now"] {
        screen.keys("?").keys(text);
        screen.assert_shows(text);
        screen.press(KeyCode::Esc).press(KeyCode::Esc);
    }
}

#[test]
fn what_starts_is_said_before_all_of_it_does() {
    let run = kept(vec![outcome(first(), first().backends[0], Verdict::Holds, 50, 1.0)]);
    let mut screen = with_history(&Runs { runs: vec![run], damaged: vec![] });
    screen.tab_mut::<Spikes>().backends = Backends::Only(first().backends[0]);
    let count = zenith_spikes::all().iter().filter(|spike| spike.runs_on(first().backends[0])).count();
    screen.keys("a");
    assert!(screen.effects.is_empty() && !screen.tab::<Spikes>().is_running(), "{:?}", screen.effects);
    screen.assert_shows(&format!("{count} spikes on {}, {count} trials; the last time", first().backends[0]));
    screen.assert_shows("1.25 s in all");
    screen.assert_shows(&format!("without {} that were not tried yet", count - 1));
    screen.keys("n");
    assert!(screen.effects.is_empty() && screen.app.overlay.is_none());
    screen.keys("a").press(KeyCode::Enter);
    assert!(matches!(screen.asked_alone::<Spikes>()[..], [Effect::Run(_)]), "{:?}", screen.effects);
}

#[test]
fn what_may_cost_is_asked_of_a_single_one_too() {
    let mut screen = spikes();
    screen.tab_mut::<Spikes>().backends = Backends::Only(Backend::Cloud);
    let place = zenith_spikes::all().iter().position(|spike| spike.runs_on(Backend::Cloud)).unwrap();
    screen.tab_mut::<Spikes>().cursor.selected = place;
    screen.press(KeyCode::Enter);
    assert!(screen.effects.is_empty(), "{:?}", screen.effects);
    screen.assert_shows("databases at Turso");
    screen.press(KeyCode::Enter);
    let [Effect::Run(selection)] = &screen.asked_alone::<Spikes>()[..] else {
        panic!("{:?}", screen.effects)
    };
    assert_eq!(selection.len(), 1);
}

#[test]
fn what_a_backend_cannot_run_is_dim() {
    let mut screen = at(140, 100);
    // The first one is selected, and marked.
    let spike = zenith_spikes::all().iter().skip(1).find(|spike| !spike.runs_on(Backend::Embedded)).unwrap();
    let style = |screen: &Screen| {
        let text = screen.text();
        let row = text.lines().position(|line| line.starts_with(&format!(" {:4}", spike.id))).unwrap();
        screen.buffer()[(7, u16::try_from(row).unwrap())].fg
    };
    let role = |role| DARK.style(role).fg.unwrap();
    assert_eq!(style(&screen), role(Role::Text));
    screen.tab_mut::<Spikes>().backends = Backends::Only(Backend::Embedded);
    assert_eq!(style(&screen), role(Role::Quiet));
    screen.assert_shows("elsewhere");
}

#[test]
fn a_wide_row_has_the_whole_claim_and_a_longer_trend() {
    let runs = (0..20).map(|at| kept(vec![outcome(first(), first().backends[0], Verdict::Holds, at, 1.0)]));
    let runs = Runs { runs: runs.collect(), damaged: vec![] };
    let mut screen = at(400, 80);
    let generation = history_generation(&screen);
    screen.tell::<Spikes>(Message::History { generation, loaded: Ok(Loaded::of(&runs)) });
    for spike in zenith_spikes::all() {
        screen.assert_shows(spike.title);
    }
    let text = screen.text();
    let row = text.lines().find(|line| line.starts_with(&format!("▌{:4}", first().id))).unwrap();
    let list = row.split('│').next().unwrap();
    assert_eq!(list.chars().filter(|c| ('▁'..='▇').contains(c)).count(), 20, "{list}");
}
