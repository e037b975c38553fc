//! The page beside the list: a job and when it is due, or one of its runs and what it wrote.

use ratatui::text::Line;
use zenith_core::jobs::{Action, Job, Place, Preview, Run, RunStatus};

use super::{Jobs, keys, told};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::builder::Builder;
use crate::explorer::parts::clock::time_of_day;
use crate::explorer::parts::paint::Painter;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::Seen;
use crate::text::{clean, clean_line, counted, grouped};

pub fn page(tab: &Jobs, job: &Job, seen: &Seen<'_>, painter: &Painter) -> Vec<Line<'static>> {
    let mut page = Builder::new(painter);
    match (&tab.opened, tab.run()) {
        (Some(_), Some(run)) => of_run(job, run, seen, &mut page),
        _ => of_job(tab, job, seen, &mut page),
    }
    page.lines
}

fn of_job(tab: &Jobs, job: &Job, seen: &Seen<'_>, page: &mut Builder<'_>) {
    let given = &job.given;
    page.text(&clean_line(&given.name), Role::Strong);
    page.code(&clean_line(&given.action.line()), "sh");
    page.blank();
    page.fact("Schedule", &format!("{} in {}", clean_line(&given.schedule), clean_line(&given.timezone)));
    if let Action::Program { folder: Some(folder), .. } | Action::Zenith { folder: Some(folder), .. } =
        &given.action
    {
        page.fact("Folder", &clean_line(folder));
    }
    match (job.next_due_ms, &job.paused_by) {
        (Some(due), _) => page.fact("Next", &told::both_clocks(due, &given.timezone)),
        (None, Some(by)) => page.fact("Next", &format!("paused by {}", clean_line(by))),
        (None, None) if !job.enabled => page.fact("Next", "paused"),
        (None, None) => page.fact("Next", "never"),
    }
    if job.failures > 0 {
        page.fact("Failed", &format!("{} in a row", counted(job.failures, "time")));
    }
    let retries = match given.retries {
        0 => "not tried again".to_string(),
        retries => format!("tried again {} at most", counted(retries, "time")),
    };
    let timeout = told::took(i64::from(given.timeout_s) * 1000);
    page.fact("Bounds", &format!("ended after {timeout}; {retries}"));
    page.fact("Overlap", &format!("{}; missed: {}", given.overlap.as_str(), given.missed.as_str()));
    if let Some(run) = tab.recent(job).first() {
        last(run, job, page);
    } else {
        page.blank();
        let key = seen.key::<Jobs>(keys::RUN, Pane::List);
        page.text(&format!("It did not run yet. {key} runs it now."), Role::Quiet);
    }
    if job.enabled && tab.runner(given.action.place()).is_none() {
        let key = seen.key::<Jobs>(keys::SERVE, Pane::List);
        let who = match given.action.place() {
            Place::Machine => format!("Nothing runs it: `zenith jobs serve` does, or {key} here."),
            Place::Service => "Nothing runs it: the service does, once it schedules your jobs.".to_string(),
        };
        page.text(&who, Role::Warning);
    }
    // Of a job that is paused, when it would be due.
    if let Ok(preview) = Preview::of(&given.schedule, &given.timezone, seen.wall_ms) {
        page.rule("Next times");
        for fire in &preview.fires {
            page.text(&format!("{} · {}", fire.local, fire.utc), Role::Text);
        }
        for change in &preview.changes {
            let told = told::clock_change(change);
            page.item("· ", &told, Role::Quiet);
        }
    }
}

/// What became of it the last time.
fn last(run: &Run, job: &Job, page: &mut Builder<'_>) {
    page.blank();
    let when = told::day_and_time(run.key.scheduled_ms, &job.given.timezone);
    page.text(&format!("{when}: {}", told::outcome(run.status)), told::role(run.status));
    if let Some(why) = told::why(run) {
        page.item("  ", &clean_line(&why), Role::Text);
    }
}

fn of_run(job: &Job, run: &Run, seen: &Seen<'_>, page: &mut Builder<'_>) {
    let why = told::why(run).map(|why| format!(": {}", clean_line(&why))).unwrap_or_default();
    page.text(&format!("{}{why}", told::outcome(run.status)), told::role(run.status));
    page.blank();
    page.fact("Due", &told::both_clocks(run.key.scheduled_ms, &job.given.timezone));
    if run.covers > 1 {
        let until = told::both_clocks(run.covers_until_ms, &job.given.timezone);
        page.fact("Until", &format!("{until}; this stands for {}", counted(run.covers, "time")));
    }
    match (run.started_ms, told::delay_ms(run)) {
        (Some(started), Some(delay)) => {
            let (time, delay) = (time_of_day(started, seen.offset_s), told::took(delay));
            page.fact("Started", &format!("{time} here, {delay} after it was due"));
        }
        _ => page.fact("Started", "it did not"),
    }
    if let Some(took) = told::took_ms(run) {
        page.fact("Took", &told::took(took));
    }
    page.fact("Trigger", told::trigger(run));
    if run.key.attempt > 1 {
        page.fact("Attempt", &run.key.attempt.to_string());
    }
    if let Some(exit) = run.exit {
        page.fact("Answered", &exit.to_string());
    }
    output(run, page);
}

/// What it wrote: its beginning, how much is cut out, and its end.
fn output(run: &Run, page: &mut Builder<'_>) {
    page.blank();
    page.text("It wrote:", Role::Quiet);
    let left_out = told::left_out(run);
    match run.status {
        RunStatus::Running => page.text("it is told once the run has ended", Role::Quiet),
        _ if run.output_bytes == 0 => page.text("nothing", Role::Quiet),
        _ if left_out == 0 => page.code(&clean(&format!("{}{}", run.output_head, run.output_tail)), "txt"),
        _ => {
            page.code(&clean(&run.output_head), "txt");
            page.text(&format!("… {} bytes are not kept …", grouped(left_out)), Role::Warning);
            page.code(&clean(&run.output_tail), "txt");
        }
    }
}
