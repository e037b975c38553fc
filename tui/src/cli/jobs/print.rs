//! Jobs and runs as people read them.

use chrono::{DateTime, Local};
use zenith_core::jobs::execute::{PATH, resolve};
use zenith_core::jobs::{Action, Job, Preview, Run, RunStatus, Trigger};

use crate::cli::output::{self, Style, clean, clean_line, count};

pub fn list(jobs: &[Job], last: impl Fn(&Job) -> Option<RunStatus>, now_ms: i64) -> anyhow::Result<()> {
    if jobs.is_empty() {
        return output::line("no jobs yet; `zenith jobs add fresh '*/30 * * * *' -- zenith index` makes one");
    }
    let style = Style::of_stdout();
    let wide = |text: fn(&Job) -> &str| jobs.iter().map(|job| clean_line(text(job)).chars().count()).max();
    let (names, schedules) = (wide(|job| &job.given.name), wide(|job| &job.given.schedule));
    for job in jobs {
        let name = format!("{:1$}", clean_line(&job.given.name), names.unwrap_or(0));
        let schedule = format!("{:1$}", clean_line(&job.given.schedule), schedules.unwrap_or(0));
        let due = match (job.next_due_ms, &job.paused_by) {
            (Some(at), _) => format!("{} ({})", local(at), within(at - now_ms)),
            (None, Some(by)) => format!("paused by {}", clean_line(by)),
            (None, None) => "never".to_string(),
        };
        let last = last(job).map_or("no run yet", RunStatus::as_str);
        let runs = clean_line(&job.given.action.line());
        let zone = clean_line(&job.given.timezone);
        output::line(format!(
            "{}  {schedule}  {zone}  {due}  {last}  {}",
            style.bold(&name),
            style.dim(&runs)
        ))?;
    }
    Ok(())
}

/// When a schedule is due, by both clocks side by side.
pub fn preview(preview: &Preview, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(preview);
    }
    for fire in &preview.fires {
        output::line(format!("  {}  {}", fire.local, fire.utc))?;
    }
    for change in &preview.changes {
        let times: Vec<&str> = change.times.iter().filter_map(|time| time.split(' ').nth(1)).collect();
        let more = if change.count > times.len() { ", …" } else { "" };
        let day = change.times.first().and_then(|time| time.split(' ').next()).unwrap_or_default();
        let when = format!("{day}, when the clock changes in {}", preview.zone);
        output::line(format!("  {when}: {}{more} {}", times.join(", "), change.effect.told()))?;
    }
    Ok(())
}

pub fn runs(runs: &[Run], with_output: bool) -> anyhow::Result<()> {
    if runs.is_empty() {
        return output::line("it did not run yet");
    }
    for run in runs {
        let due = match run.covers {
            1 => local(run.key.scheduled_ms),
            most => format!(
                "{} to {} ({})",
                local(run.key.scheduled_ms),
                local(run.covers_until_ms),
                count(usize::try_from(most).unwrap_or(0), "time")
            ),
        };
        let mut line = format!("{due}  {}", run.status.as_str());
        if let (Some(started), Some(finished)) = (run.started_ms, run.finished_ms) {
            line += &format!("  took {}", seconds(finished - started));
            let delay = started - run.key.scheduled_ms;
            if run.key.trigger == Trigger::Due && delay >= 1000 {
                line += &format!(", {} late", seconds(delay));
            }
        }
        if run.key.trigger == Trigger::Manual {
            line += "  by hand";
        }
        if run.key.attempt > 1 {
            line += &format!("  attempt {}", run.key.attempt);
        }
        if let Some(why) = &run.why {
            line += &format!("  {}", clean_line(why));
        }
        output::line(line)?;
        if with_output {
            written(run)?;
        }
    }
    Ok(())
}

/// What a run wrote, with how much of it is not kept.
pub fn written(run: &Run) -> anyhow::Result<()> {
    let kept = i64::try_from(run.output_head.len() + run.output_tail.len()).unwrap_or(i64::MAX);
    let left_out = run.output_bytes - kept;
    let mut text = run.output_head.clone();
    if left_out > 0 {
        text += &format!("\n… {left_out} bytes are not kept …\n");
    }
    text += &run.output_tail;
    clean(&text).lines().try_for_each(|line| output::line(format!("    {line}")))
}

/// What an action runs, with the file that a program's name means here.
pub fn resolved(action: &Action) -> String {
    let Action::Program { argv, variables, .. } = action else { return action.line() };
    let path = variables.get("PATH").map_or(PATH, String::as_str);
    match argv
        .first()
        .and_then(|name| resolve(name, path).ok().filter(|found| found.as_os_str() != name.as_str()))
    {
        Some(found) => format!("{} ({})", action.line(), found.display()),
        None => action.line(),
    }
}

/// A time on this machine's clock.
pub fn local(at_ms: i64) -> String {
    let at = DateTime::from_timestamp_millis(at_ms).unwrap_or_default();
    at.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S").to_string()
}

fn within(ms: i64) -> String {
    match ms / 1000 {
        ..1 => "now".to_string(),
        seconds @ 1..120 => format!("in {seconds} s"),
        seconds @ 120..7200 => format!("in {} min", seconds / 60),
        seconds @ 7200..172_800 => format!("in {} h", seconds / 3600),
        seconds => format!("in {} days", seconds / 86_400),
    }
}

fn seconds(ms: i64) -> String {
    format!("{}.{} s", ms / 1000, ms.rem_euclid(1000) / 100)
}
