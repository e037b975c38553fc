//! Parquet beside Lance in the tab Spikes: from the committed report, then from what a run found.

use std::time::{Duration, SystemTime};

use crossterm::event::KeyCode;
use ratatui::style::{Color, Modifier};
use zenith_harness::report::history::{KeptRun, Runs};
use zenith_harness::{Backend, Expected, Figure, Outcome, Spike, Unit, Verdict};
use zenith_spikes::formats::SPIKE_ID;
use zenith_spikes::formats::comparison::{Comparison, committed};

use super::super::tabs::spikes::{Effect, Loaded, Message, Spikes};
use super::{MONOCHROME, Screen};

fn f5() -> (usize, &'static Spike) {
    let spikes = zenith_spikes::all().iter().enumerate();
    spikes.into_iter().find(|(_, spike)| spike.id == SPIKE_ID).unwrap()
}

/// The page of F5, read from its beginning.
fn at(width: u16, height: u16) -> Screen {
    let mut screen = Screen::open(width, height);
    screen.app.wall_ms = 7_300_000;
    screen.keys("3");
    screen
}

/// Selects F5 with the keys, as a user would.
fn select(screen: &mut Screen) {
    screen.keys(&"j".repeat(f5().0));
}

/// A run of F5 that found other times than the report: each twice the time of the one before, from 50 ms.
fn run(figures_lost: usize) -> Runs {
    let spike = f5().1;
    let mut figures: Vec<Figure> = Vec::new();
    let mut seconds = 0.05;
    for state in ["cold", "warm"] {
        for way in ["Parquet", "Lance index", "Lance held"] {
            let figure =
                |name: String, value, unit| Figure { name, value, unit, target: None, kind: None, met: None };
            figures.push(figure(format!("steps, {way}, {state}, 10,000 rows"), 3.0, Unit::Count));
            figures.push(figure(format!("GETs, {way}, {state}, 10,000 rows"), 1.0, Unit::Requests));
            figures.push(figure(format!("read, {way}, {state}, 10,000 rows"), 2048.0, Unit::Bytes));
            let time = format!("{way}, {state}, 10,000 rows, 140 ms away");
            figures.push(figure(time, seconds, Unit::Seconds));
            seconds *= 2.0;
        }
    }
    figures.truncate(figures.len() - figures_lost);
    let outcome = Outcome {
        id: spike.id.to_string(),
        title: spike.title.to_string(),
        group: spike.group,
        backend: Backend::Local,
        fault: None,
        as_expected: true,
        verdict: Verdict::Holds,
        expected: Expected::Holds,
        required: false,
        at: (SystemTime::UNIX_EPOCH + Duration::from_secs(100)).into(),
        seconds: 30.0,
        checks: Vec::new(),
        figures,
        notes: Vec::new(),
        kept: None,
    };
    let kept = KeptRun { run: "run".to_string(), at: SystemTime::UNIX_EPOCH.into(), outcomes: vec![outcome] };
    Runs { runs: vec![kept], damaged: vec![] }
}

fn with_history(mut screen: Screen, runs: &Runs) -> Screen {
    let generation = screen.generation_of::<Spikes>(|effect| match effect {
        Effect::History { generation } => Some(*generation),
        _ => None,
    });
    screen.tell::<Spikes>(Message::History { generation, loaded: Ok(Loaded::of(runs)) });
    select(&mut screen);
    screen
}

/// The columns that a bar of this way fills, in its first line: of the cold query.
fn bar(screen: &Screen, way: &str) -> usize {
    let text = screen.text();
    let is_bar = |line: &&str| line.contains(way) && line.contains(" step") && line.contains(" GET");
    let line = text.lines().find(is_bar).unwrap_or_else(|| panic!("no bar of {way} on\n{text}"));
    line.chars().filter(|c| ('▉'..='▏').contains(c) || *c == '█').count()
}

#[test]
fn before_any_run_the_committed_report_is_shown_and_named() {
    let mut screen = at(140, 50);
    select(&mut screen);
    screen.assert_shows("Parquet beside Lance");
    screen.assert_shows("not run here yet, so from benches/reports/parquet-lance.md");
    let comparison = Comparison::of_report(committed().unwrap()).unwrap();
    for bar in &comparison.bars {
        screen.assert_shows(&Unit::Seconds.show(bar.seconds));
    }
    for size in &committed().unwrap().sizes {
        screen.assert_shows(&format!("{:>9}", Unit::Count.show(size.rows as f64)));
    }
    screen.assert_shows("✓ ");
}

#[test]
fn a_run_takes_the_place_of_the_report_and_bars_are_as_long_as_its_times() {
    let screen = with_history(at(140, 50), &run(0));
    screen.assert_shows("140 ms a request; measured on local, 2 hours ago");
    screen.assert_lacks("not run here yet");
    for text in ["50 ms", "1.6 s", "3 steps", "1 GET ", "2 KiB"] {
        screen.assert_shows(text);
    }
    // A cold query over Parquet took 50 ms, one by Lance's index 100, the longest of all 1.6 s.
    let (parquet, index, held) =
        (bar(&screen, "Parquet"), bar(&screen, "Lance index"), bar(&screen, "Lance held"));
    assert!(parquet < index && index < held, "{parquet}, {index}, {held}");
}

#[test]
fn a_run_that_was_broken_off_shows_no_half_of_a_chart() {
    let screen = with_history(at(140, 50), &run(1));
    screen.assert_shows("not run here yet, so from benches/reports/parquet-lance.md");
}

#[test]
fn only_the_spike_that_compares_has_the_chart() {
    let mut screen = at(140, 50);
    screen.assert_lacks("Parquet beside Lance");
    select(&mut screen);
    screen.assert_shows("Parquet beside Lance");
    screen.keys("j").assert_lacks("Parquet beside Lance");
}

#[test]
fn eighty_columns_have_room_for_bars_and_what_they_cost() {
    let mut screen = with_history(at(80, 24), &run(0));
    screen.assert_shows("Parquet beside Lance");
    screen.keys("l").keys("jjj");
    for text in ["3 steps", "1 GET ", "2 KiB"] {
        screen.assert_shows(text);
    }
    assert!(bar(&screen, "Parquet") < bar(&screen, "Lance held"));
    let longest = screen.text().lines().map(|line| line.trim_end().chars().count()).max();
    assert!(longest <= Some(80));
}

#[test]
fn a_narrow_page_keeps_bars_and_times() {
    let mut screen = with_history(at(44, 40), &run(0));
    screen.assert_shows("50 ms");
    screen.assert_lacks("2 KiB");
    for (width, height) in [(0, 0), (1, 1), (12, 6), (30, 12), (200, 60)] {
        let mut small = with_history(at(width, height), &run(0));
        small.keys("l").keys("jjjjGg").text();
    }
    screen.press(KeyCode::Esc).text();
}

#[test]
fn without_colour_the_bars_are_still_there() {
    let mut screen = with_history(at(100, 50), &run(0));
    screen.app.theme = MONOCHROME;
    screen.keys("kj");
    let buffer = screen.buffer();
    assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    assert!(buffer.content.iter().any(|cell| cell.modifier.contains(Modifier::REVERSED)), "a selection");
    assert!(bar(&screen, "Lance held") > bar(&screen, "Parquet"));
}
