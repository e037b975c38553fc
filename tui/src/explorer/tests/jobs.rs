//! The tab Jobs: what is listed, when it is read, what is done to a job, its runs, and a job in lines.

use std::collections::HashMap;
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use zenith_core::jobs::{
    Action, Invalid, Job, JobError, NewJob, Place, Run, RunKey, RunStatus, SchedulerEvent, Trigger, Watch,
};

use super::super::parts::theme::Theme;
use super::super::shell::{self, Frame};
use super::super::tabs::jobs::{Deed, Done, Effect, Jobs, Looked, Message};
use super::super::world::{self, Opened};
use super::status::home;
use super::{DARK, Screen};

/// 2026-11-27 01:00 UTC.
const NOW_MS: i64 = 1_795_741_200_000;
const HOUR_MS: i64 = 3_600_000;

pub fn job(id: &str, name: &str, next_due_ms: Option<i64>) -> Job {
    let argv = ["sh", "-c", "echo a; echo b"].map(String::from).to_vec();
    let action = Action::Program { argv, folder: None, variables: Default::default() };
    let mut given = NewJob::new(name, "30 2 * * *", action);
    given.timezone = "Europe/Berlin".to_string();
    given.jitter_s = 7;
    Job {
        id: id.to_string(),
        given,
        enabled: next_due_ms.is_some(),
        paused_by: next_due_ms.is_none().then(|| "you".to_string()),
        next_due_ms,
        failures: 0,
        created_ms: 0,
        updated_ms: 0,
        revision: 1,
    }
}

/// A run that was due so long ago, began a second later and took three.
pub fn run(job: &str, ago_ms: i64, status: RunStatus) -> Run {
    let scheduled_ms = NOW_MS - ago_ms;
    let key = RunKey { job_id: job.to_string(), trigger: Trigger::Due, scheduled_ms, attempt: 1 };
    let started_ms = !matches!(status, RunStatus::Missed | RunStatus::SkippedOverlap | RunStatus::Queued);
    let started_ms = started_ms.then_some(scheduled_ms + 1_000);
    Run {
        key,
        status,
        started_ms,
        finished_ms: started_ms.filter(|_| status.has_ended()).map(|started| started + 3_000),
        exit: (status == RunStatus::Failed).then_some(3),
        output_head: String::new(),
        output_tail: String::new(),
        output_bytes: 0,
        why: (status == RunStatus::Missed).then(|| "nothing ran it".to_string()),
        covers: 1,
        covers_until_ms: scheduled_ms,
    }
}

pub fn runner() -> Option<Watch> {
    Some(Watch { holder: "a".to_string(), told: "den (process 7)".to_string(), lease_ms: 24_000 })
}

pub fn looked(jobs: Vec<Job>, runs: Vec<Run>, machine: Option<Watch>) -> Looked {
    let mut recent: HashMap<String, Vec<Run>> = HashMap::new();
    for run in runs {
        recent.entry(run.key.job_id.clone()).or_default().push(run);
    }
    Looked {
        desk: Default::default(),
        kept: "this machine".to_string(),
        is_here: true,
        zone: "UTC".to_string(),
        jobs,
        recent,
        machine,
        service: None,
    }
}

/// One that is due in half an hour and failed twice, and one that is paused.
pub fn usual(machine: Option<Watch>) -> Looked {
    let mut backup = job("1", "backup", Some(NOW_MS + HOUR_MS / 2));
    backup.failures = 2;
    let runs = vec![
        run("1", HOUR_MS, RunStatus::Failed),
        run("1", 2 * HOUR_MS, RunStatus::Missed),
        run("1", 3 * HOUR_MS, RunStatus::Succeeded),
    ];
    looked(vec![backup, job("2", "index anew", None)], runs, machine)
}

fn shown(theme: Theme, width: u16, height: u16) -> Screen {
    let mut screen = Screen::new(width, height);
    (screen.app.theme, screen.app.wall_ms) = (theme, NOW_MS);
    screen.send(world::Message::Opened(Ok(Opened::default())));
    screen.send(world::Message::Packages(Ok(Vec::new())));
    screen.alt(KeyCode::Char('5'));
    screen
}

fn asked_for(screen: &Screen) -> Option<u64> {
    screen.asked::<Jobs>().into_iter().find_map(|effect| match effect {
        Effect::Look { generation, .. } => Some(*generation),
        _ => None,
    })
}

fn wakes(screen: &Screen) -> Option<Duration> {
    screen.asked::<Jobs>().into_iter().find_map(|effect| match effect {
        Effect::Wake(after) => Some(*after),
        _ => None,
    })
}

pub fn with(theme: Theme, width: u16, height: u16, looked: Looked) -> Screen {
    let mut screen = shown(theme, width, height);
    let generation = asked_for(&screen).unwrap();
    screen.tell::<Jobs>(Message::Looked { generation, looked: Ok(Box::new(looked)) });
    screen
}

fn open(machine: Option<Watch>) -> Screen {
    with(DARK, 150, 40, usual(machine))
}

/// The runs of the first job, with what they wrote.
pub fn with_runs(theme: Theme, width: u16, height: u16) -> Screen {
    let mut screen = with(theme, width, height, usual(runner()));
    screen.press(KeyCode::Enter);
    let generation = screen.generation_of::<Jobs>(|effect| match effect {
        Effect::Runs { generation, job, .. } => (job == "1").then_some(*generation),
        _ => None,
    });
    let mut runs: Vec<Run> = usual(None).recent.remove("1").unwrap();
    runs[0].output_head = "begins\u{1b}[2J\nhere\n".to_string();
    runs[0].output_tail = "ends".to_string();
    runs[0].output_bytes = 70_000;
    screen.tell::<Jobs>(Message::Runs { generation, job: "1".to_string(), runs: Ok(runs) });
    screen
}

#[track_caller]
fn deed(screen: &Screen) -> (Deed, String) {
    let found = screen.asked::<Jobs>().into_iter().find_map(|effect| match effect {
        Effect::Do { deed, job, .. } => Some((*deed, job.clone())),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{:?}", screen.effects))
}

#[test]
fn a_row_says_when_it_is_due_by_its_zone_what_became_of_it_and_how_often_it_failed() {
    let screen = open(None);
    screen.assert_shows("● backup");
    screen.assert_shows("11-27 02:30+01:00 in 30 min  failed    2× ✗");
    screen.assert_shows("█·✗");
    screen.assert_shows("○ index anew");
    screen.assert_shows("paused     no run");
    screen.assert_shows("kept on this machine");
    // The page of the selected one.
    screen.assert_shows("sh -c 'echo a; echo b'");
    screen.assert_shows("2026-11-27 02:30+01:00 · 2026-11-27 01:30Z");
    screen.assert_shows("2 times in a row");
    screen.assert_shows("it ended with 3");
}

#[test]
fn who_runs_them_is_said_and_that_nobody_does() {
    open(None).assert_shows("nothing runs them: `zenith jobs serve` does, or S here");
    let screen = open(runner());
    screen.assert_shows("den (process 7) runs them; its lease stands 24.0 s more");
    screen.assert_lacks("nothing runs");
}

#[test]
fn they_are_read_when_they_come_to_the_front_and_after_each_change() {
    let mut hidden = Screen::open(150, 40);
    assert_eq!(asked_for(&hidden), None);
    hidden.tell::<Jobs>(Message::Written);
    assert_eq!(asked_for(&hidden), None, "nobody sees them");

    let mut screen = open(None);
    assert_eq!(asked_for(&screen), None);
    screen.press(KeyCode::Down);
    assert_eq!(asked_for(&screen), None, "nothing changed");
    screen.tell::<Jobs>(Message::Written);
    assert!(asked_for(&screen).is_some(), "another process wrote them");
    screen.tell::<Jobs>(Message::Did { name: "backup".to_string(), done: Ok(Done::Paused) });
    assert!(asked_for(&screen).is_some());
    screen.alt(KeyCode::Char('1')).alt(KeyCode::Char('5'));
    assert!(asked_for(&screen).is_some(), "one comes back to them");
}

#[test]
fn it_is_woken_when_something_may_have_changed_and_not_before() {
    // Nobody runs them: time alone changes words.
    let mut screen = open(None);
    assert_eq!(wakes(&screen), Some(Duration::from_millis(1)), "in 30 min becomes in 29 min");
    screen.app.wall_ms += 1;
    screen.tell::<Jobs>(Message::Woke);
    screen.assert_shows("in 29 min");
    assert_eq!((asked_for(&screen), wakes(&screen)), (None, Some(Duration::from_secs(60))));

    // Somebody does: what was due is read once it may run.
    let due = |runs| looked(vec![job("1", "backup", Some(NOW_MS + 10_000))], runs, runner());
    let mut screen = with(DARK, 150, 40, due(Vec::new()));
    assert_eq!(wakes(&screen), Some(Duration::from_millis(10_001)));
    screen.app.wall_ms += 10_001;
    screen.tell::<Jobs>(Message::Woke);
    assert_eq!((asked_for(&screen), wakes(&screen)), (None, Some(Duration::from_millis(499))));
    screen.app.wall_ms += 499;
    screen.tell::<Jobs>(Message::Woke);
    assert!(asked_for(&screen).is_some());

    // While something runs, each second.
    let screen = with(DARK, 150, 40, due(vec![run("1", 5_000, RunStatus::Running)]));
    assert_eq!(wakes(&screen), Some(Duration::from_secs(1)));
    // A paused job that nobody runs needs nothing.
    let screen = with(DARK, 150, 40, looked(vec![job("2", "idle", None)], Vec::new(), None));
    assert_eq!(wakes(&screen), None);
}

#[test]
fn a_key_pauses_makes_due_again_runs_and_stops() {
    let mut screen = open(None);
    screen.press(KeyCode::Char(' '));
    assert_eq!(deed(&screen), (Deed::Pause, "1".to_string()));
    screen.press(KeyCode::Char('r'));
    assert_eq!(deed(&screen), (Deed::Run, "1".to_string()));
    screen.press(KeyCode::Char('x'));
    assert_eq!(deed(&screen), (Deed::Stop, "1".to_string()));
    screen.press(KeyCode::Down).press(KeyCode::Char(' '));
    assert_eq!(deed(&screen), (Deed::Resume, "2".to_string()));
}

#[test]
fn a_run_that_nothing_runs_is_told_and_one_that_somebody_runs_too() {
    let asked = |status, by| {
        let mut screen = open(None);
        let why = (status != RunStatus::Queued).then(|| "the run before had not ended".to_string());
        let done = Ok(Done::Asked { status, why, place: Place::Machine, by });
        screen.tell::<Jobs>(Message::Did { name: "backup".to_string(), done });
        screen
    };
    asked(RunStatus::Queued, None).assert_shows("backup waits, and nothing runs it");
    asked(RunStatus::Queued, runner()).assert_shows("backup was asked for; den (process 7) runs it");
    asked(RunStatus::SkippedOverlap, None).assert_shows("does not run now: the run before had not ended");
}

#[test]
fn this_explorer_runs_them_where_it_is_told_to_and_leaves_off() {
    let mut screen = open(None);
    screen.keys("S");
    assert!(matches!(screen.asked_alone::<Jobs>()[..], [Effect::Serve { .. }]), "{:?}", screen.effects);
    screen.tell::<Jobs>(Message::Serving(SchedulerEvent::Scheduling));
    assert!(asked_for(&screen).is_some());
    screen.assert_shows("this explorer runs them, as long as it is open; S leaves off");
    let key = run("1", 0, RunStatus::Running).key;
    let name = "backup".to_string();
    screen.tell::<Jobs>(Message::Serving(SchedulerEvent::Started { name: name.clone(), key: key.clone() }));
    assert_eq!(screen.app.tasks().iter().map(|task| task.name).collect::<Vec<_>>(), ["Jobs"]);
    let (status, why) = (RunStatus::Failed, Some("it ended with 3".to_string()));
    screen.tell::<Jobs>(Message::Serving(SchedulerEvent::Ended { name, key, status, why }));
    assert!(screen.app.tasks().is_empty());
    screen.assert_shows("backup failed: it ended with 3");
    screen.keys("S");
    assert!(matches!(screen.asked_alone::<Jobs>()[..], [Effect::LeaveOff]), "{:?}", screen.effects);
    screen.keys("S");
    assert!(screen.effects.is_empty(), "it leaves off already: {:?}", screen.effects);
    screen.tell::<Jobs>(Message::Served(Ok(())));
    screen.assert_shows("nothing runs them");
}

#[test]
fn the_jobs_of_somebody_else_are_others_and_are_not_run_by_who_was_here() {
    let mut screen = open(None);
    screen.keys("S").alt(KeyCode::Char('4'));
    screen.send(world::Message::Renewed(Ok(home(true))));
    assert!(matches!(screen.asked::<Jobs>()[..], [Effect::LeaveOff]), "{:?}", screen.effects);
    screen.alt(KeyCode::Char('5'));
    assert!(asked_for(&screen).is_some());
    screen.assert_lacks("backup");
}

#[test]
fn where_another_runs_them_it_waits_for_its_turn() {
    let mut screen = open(runner());
    screen.keys("S");
    screen.tell::<Jobs>(Message::Serving(SchedulerEvent::StandingBy { told: "den (process 7)".to_string() }));
    screen.assert_shows("den (process 7) runs them");
    screen.assert_shows("this explorer waits for its turn");
}

#[test]
fn a_job_is_deleted_after_it_was_asked() {
    let mut screen = open(None);
    screen.keys("d");
    assert!(screen.asked::<Jobs>().is_empty());
    screen.assert_shows("forget backup and what is known of its runs");
    screen.keys("n").keys("d").keys("d");
    assert_eq!(deed(&screen), (Deed::Delete, "1".to_string()));
}

#[test]
fn its_command_is_copied() {
    let mut screen = open(None);
    screen.keys("y");
    let copied = screen.effects.iter().find_map(|effect| match effect {
        shell::Effect::Copy(text) => Some(text.as_str()),
        _ => None,
    });
    assert_eq!(copied, Some("sh -c 'echo a; echo b'"));
}

#[test]
fn a_filter_leaves_what_has_the_letters() {
    let mut screen = open(None);
    screen.keys("/ixn");
    screen.assert_shows("1 of 2");
    screen.assert_shows("○ index anew");
    screen.assert_lacks("● backup");
    screen.press(KeyCode::Enter).press(KeyCode::Char(' '));
    assert_eq!(deed(&screen), (Deed::Resume, "2".to_string()));
    screen.press(KeyCode::Esc);
    screen.assert_shows("● backup");
    screen.press(KeyCode::Char(' '));
    assert_eq!(deed(&screen).1, "2", "the selection stays on it");
}

#[test]
fn a_run_says_when_it_was_due_how_late_it_began_how_long_it_took_and_why() {
    let mut screen = with_runs(DARK, 150, 40);
    screen.assert_shows("runs of backup");
    for told in [
        "2026-11-27 01:00+01:00 · 2026-11-27 00:00Z",
        "here, 1.0 s after it was due",
        "Took          3.0 s",
        "Trigger       it was due",
        "Answered      3",
        "failed: it ended with 3",
    ] {
        screen.assert_shows(told);
    }
    screen.assert_shows("… 69,980 bytes are not kept …");
    screen.assert_shows("here");
    screen.assert_shows("ends");
    assert!(!screen.text().contains('\u{1b}'));
    screen.press(KeyCode::Down);
    screen.assert_shows("missed    nothing ran it");
    screen.assert_shows("Started       it did not");
    // Esc leads back to the jobs, and Alt-← to the runs again.
    screen.press(KeyCode::Esc);
    screen.assert_shows("○ index anew");
}

#[test]
fn who_stands_on_a_run_stays_on_it_when_another_comes() {
    let mut screen = with_runs(DARK, 150, 40);
    screen.press(KeyCode::Down);
    let mut later = usual(runner());
    later.recent.get_mut("1").unwrap().insert(0, run("1", 0, RunStatus::Succeeded));
    screen.tell::<Jobs>(Message::Written);
    let generation = asked_for(&screen).unwrap();
    let runs = later.recent["1"].clone();
    screen.tell::<Jobs>(Message::Looked { generation, looked: Ok(Box::new(later)) });
    let generation = screen.generation_of::<Jobs>(|effect| match effect {
        Effect::Runs { generation, .. } => Some(*generation),
        _ => None,
    });
    screen.tell::<Jobs>(Message::Runs { generation, job: "1".to_string(), runs: Ok(runs) });
    screen.assert_shows("Started       it did not");
    assert_eq!(screen.tab::<Jobs>().opened.as_ref().unwrap().cursor.selected, 2);
}

#[test]
fn a_new_job_shows_its_next_times_while_one_types_and_is_kept() {
    let mut screen = open(None);
    screen.keys("nfresh").press(KeyCode::Enter).keys("30 2 * * *");
    screen.assert_shows(
        "2026-11-27 02:30Z   2026-11-27 02:30Z".replace("02:30Z   ", "02:30+00:00   ").as_str(),
    );
    screen.press(KeyCode::Enter).ctrl('u').keys("Europe/Berlin");
    screen.assert_shows("2026-11-27 02:30+01:00   2026-11-27 01:30Z");
    screen.assert_shows(
        "2027-03-28 03:00+02:00, when the clock changes: what is due then runs once, right after the gap",
    );
    screen.press(KeyCode::Enter).keys("zenith index").press(KeyCode::Enter);
    screen.press(KeyCode::Enter).press(KeyCode::Enter).keys("2").press(KeyCode::Enter);
    let kept = screen.asked::<Jobs>().into_iter().find_map(|effect| match effect {
        Effect::Keep { id: None, job, .. } => Some(job.clone()),
        _ => None,
    });
    let kept = kept.unwrap();
    assert_eq!(
        (kept.name.as_str(), kept.schedule.as_str(), kept.timezone.as_str()),
        ("fresh", "30 2 * * *", "Europe/Berlin")
    );
    assert_eq!((kept.action.line().as_str(), kept.retries), ("zenith index", 2));
    screen.press(KeyCode::Enter);
    assert!(screen.asked::<Jobs>().is_empty(), "it is being kept already");
    screen.tell::<Jobs>(Message::Kept(Ok(Box::new(job("3", "fresh", Some(NOW_MS))))));
    screen.assert_shows("fresh is kept");
    // Once it is read it is selected.
    let generation = asked_for(&screen).unwrap();
    let mut with_it = usual(None);
    with_it.jobs.insert(1, job("3", "fresh", Some(NOW_MS + HOUR_MS)));
    screen.tell::<Jobs>(Message::Looked { generation, looked: Ok(Box::new(with_it)) });
    screen.press(KeyCode::Char(' '));
    assert_eq!(deed(&screen).1, "3");
}

/// A job of a program with where and with what it runs; what is wrong with one of these lines stands below that line.
#[test]
fn a_jobs_folder_variables_and_retries_are_lines_and_its_zone_is_the_machines() {
    let mut here = usual(None);
    here.zone = "Asia/Tokyo".to_string();
    let mut screen = with(DARK, 150, 40, here);
    screen.keys("nfresh").press(KeyCode::Down).keys("30 2 * * *");
    screen.assert_shows("Zone      › Asia/Tokyo");
    screen.assert_shows("02:30+09:00");
    screen.press(KeyCode::Down).press(KeyCode::Down).keys("env").press(KeyCode::Down).keys("/there");
    screen.press(KeyCode::Down).keys("A").ctrl('s');
    screen.assert_shows("NAME=VALUE, one with a blank in quotes");
    screen.keys("=b").press(KeyCode::Down).keys("many").ctrl('s');
    screen.assert_shows("write a number, 0 to 10");
    screen.ctrl('u').keys("3").ctrl('s');
    let kept = screen.asked::<Jobs>().into_iter().find_map(|effect| match effect {
        Effect::Keep { id: None, job, .. } => Some(job.clone()),
        _ => None,
    });
    let kept = kept.unwrap();
    let Action::Program { folder, variables, .. } = &kept.action else { panic!("{kept:?}") };
    assert_eq!((folder.as_deref(), variables["A"].as_str()), (Some("/there"), "b"));
    assert_eq!((kept.timezone.as_str(), kept.retries), ("Asia/Tokyo", 3));
    // What the store says of them leads to their lines.
    for (field, line) in [("folder", "Folder"), ("retries", "Retries"), ("variables", "Variables")] {
        let why = format!("no {field} of this kind");
        let invalid = Invalid { field, at: None, why: why.clone(), instead: None };
        screen.tell::<Jobs>(Message::Kept(Err(JobError::Invalid(Box::new(invalid)))));
        let text = screen.text();
        let rows: Vec<&str> = text.lines().collect();
        let at = rows.iter().position(|row| row.contains(&format!("{line} "))).unwrap();
        assert!(rows[at + 1].contains(&why), "{text}");
    }
}

/// Nobody tells what others write on a server: it is asked, now and then, while it shows; a file is watched.
#[test]
fn on_a_server_what_others_change_is_seen_while_the_tab_shows() {
    let mut served = usual(None);
    served.is_here = false;
    let mut screen = with(DARK, 150, 40, served);
    screen.app.wall_ms += 15_000;
    screen.tell::<Jobs>(Message::Woke);
    assert!(asked_for(&screen).is_some(), "{:?}", screen.effects);
    let mut screen = open(None);
    screen.app.wall_ms += 15_000;
    screen.tell::<Jobs>(Message::Woke);
    assert_eq!(asked_for(&screen), None);
}

#[test]
fn what_is_wrong_stands_below_its_line_with_its_place_and_what_to_write() {
    let mut screen = open(None);
    screen.keys("nbackup").press(KeyCode::Down).keys("0 23-2 * * *");
    let text = screen.text();
    let rows: Vec<&str> = text.lines().collect();
    let at = rows.iter().position(|row| row.contains("Schedule  › 0 23-2 * * *")).unwrap();
    let column = |row: &str, part: &str| row.find(part).map(|at| row[..at].chars().count());
    assert_eq!(column(rows[at + 1], "^^^^"), column(rows[at], "23-2"), "{text}");
    assert!(rows[at + 2].contains("write `23,0-2`"), "{text}");
    assert!(!text.contains("Next "), "{text}");
    // It is gone as soon as the line is another.
    screen.ctrl('u').keys("0 23 * * *");
    screen.assert_lacks("^^^^");
    // What the store says of the name leads to its line.
    screen.press(KeyCode::Down).press(KeyCode::Down).keys("echo").ctrl('s');
    screen.tell::<Jobs>(Message::Kept(Err(JobError::Taken("backup".to_string()))));
    screen.assert_shows("there is a job of this name already");
    screen.keys("other").press(KeyCode::Enter);
    screen.assert_lacks("of this name already");
    screen.press(KeyCode::Esc);
    screen.assert_shows("● backup");
}

#[test]
fn a_change_begins_with_what_the_job_is_and_keeps_what_has_no_line() {
    let mut screen = open(None);
    screen.keys("e");
    screen.assert_shows("Change backup");
    screen.assert_shows("Command   › sh -c 'echo a; echo b'");
    screen.ctrl('u').keys("@daily").ctrl('s');
    let kept = screen.asked::<Jobs>().into_iter().find_map(|effect| match effect {
        Effect::Keep { id, job, .. } => Some((id.clone(), job.clone())),
        _ => None,
    });
    let (id, job) = kept.unwrap();
    let expected = NewJob { schedule: "@daily".to_string(), ..usual(None).jobs[0].given.clone() };
    assert_eq!((id.as_deref(), *job), (Some("1"), expected));
}

#[test]
fn what_cannot_be_read_is_said_and_what_was_read_before_stays() {
    let mut screen = open(None);
    screen.tell::<Jobs>(Message::Written);
    let generation = asked_for(&screen).unwrap();
    let looked = Err("the jobs cannot be reached\u{1b}[2J".to_string());
    screen.tell::<Jobs>(Message::Looked { generation, looked });
    screen.assert_shows("the jobs cannot be reached");
    screen.assert_shows("● backup");
    screen.app.wall_ms += 15_000;
    screen.tell::<Jobs>(Message::Woke);
    assert!(asked_for(&screen).is_some(), "it is tried again");
}

#[test]
fn without_a_job_it_says_how_to_make_one() {
    let screen = with(DARK, 100, 30, looked(Vec::new(), Vec::new(), None));
    screen.assert_shows("No job yet");
    screen.assert_shows("n makes one");
}

#[test]
fn a_click_selects_and_another_opens_its_runs() {
    let mut screen = open(None);
    let body = Frame::of(&screen.app).body;
    let row = body.y
        + u16::try_from(
            screen
                .text()
                .lines()
                .skip(usize::from(body.y))
                .position(|line| line.contains("○ index anew"))
                .unwrap(),
        )
        .unwrap();
    let click = || {
        Event::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column: 5,
            row,
            modifiers: KeyModifiers::NONE,
        })
    };
    screen.send(click());
    assert!(screen.tab::<Jobs>().opened.is_none());
    screen.send(click());
    assert_eq!(screen.tab::<Jobs>().opened.as_ref().unwrap().job, "2");
}
