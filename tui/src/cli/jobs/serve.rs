//! `zenith jobs serve` and `zenith jobs run`: what is due runs here.

use std::process::ExitCode;

use serde::Serialize;
use tokio::sync::mpsc;
use zenith_core::Zenith;
use zenith_core::jobs::{Place, RunStatus, SchedulerEvent};

use super::{Desk, print};
use crate::cli::interrupt::Interrupt;
use crate::cli::output::{self, clean_line};
use crate::scheduling::scheduler;

/// An event, as `--json` prints it.
#[derive(Serialize)]
struct EventLine<'a> {
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<RunStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

pub async fn serve(zenith: &Zenith, desk: &Desk<'_>, interrupt: &Interrupt) -> anyhow::Result<ExitCode> {
    interrupt.leaves("stopping: what runs is told to end");
    let (sender, mut events) = mpsc::unbounded_channel();
    let scheduler =
        scheduler(zenith, desk.store.clone(), &desk.kept, sender).await.map_err(anyhow::Error::msg)?;
    if !desk.json {
        let jobs = output::count(desk.store.list().await?.len(), "job");
        output::line(format!("serving {jobs} of {}; Ctrl-C stops", desk.kept))?;
    }
    let (stop, json) = (interrupt.wanted().clone(), desk.json);
    let serving = tokio::spawn(async move { scheduler.serve(&stop).await });
    while let Some(event) = events.recv().await {
        tell(&event, json)?;
    }
    serving.await?;
    Ok(ExitCode::SUCCESS)
}

pub async fn run_now(
    zenith: &Zenith,
    desk: &Desk<'_>,
    job: &str,
    interrupt: &Interrupt,
) -> anyhow::Result<ExitCode> {
    let place = desk.store.get(job).await?.given.action.place();
    let watch = desk.store.watch(place).await?;
    let mut run = desk.store.run_now(job).await?;
    let mut told = None;
    if run.status == RunStatus::Queued && watch.is_none() && place == Place::Machine {
        interrupt.leaves("stopping: the run is told to end");
        let (sender, _events) = mpsc::unbounded_channel();
        let scheduler =
            scheduler(zenith, desk.store.clone(), &desk.kept, sender).await.map_err(anyhow::Error::msg)?;
        scheduler.run_one(&run.key, interrupt.wanted()).await?;
        run = desk.store.run(&run.key).await?;
    }
    if run.status == RunStatus::Queued {
        told = Some(match (watch, place) {
            (Some(watch), _) => format!("asked; {} runs it", clean_line(&watch.told)),
            (None, Place::Service) => "asked; the service runs it".to_string(),
            (None, Place::Machine) => "asked; whoever schedules your jobs runs it".to_string(),
        });
    }
    match (desk.json, told) {
        (true, _) => output::json(&run)?,
        (false, Some(told)) => output::line(told)?,
        (false, None) => print::runs(std::slice::from_ref(&run), true)?,
    }
    let is_well = matches!(run.status, RunStatus::Succeeded | RunStatus::Queued | RunStatus::Running);
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell(event: &SchedulerEvent, json: bool) -> anyhow::Result<()> {
    let (name, job, status, why) = match event {
        SchedulerEvent::Scheduling => ("scheduling", None, None, None),
        SchedulerEvent::StandingBy { told } => ("standing-by", None, None, Some(format!("{told} schedules"))),
        SchedulerEvent::Started { name, .. } => ("started", Some(name), None, None),
        SchedulerEvent::Ended { name, status, why, .. } => ("ended", Some(name), Some(*status), why.clone()),
        SchedulerEvent::TooLate { name, .. } => {
            let why = "its lease had ended, and what it came to was thrown away";
            ("too-late", Some(name), None, Some(why.to_string()))
        }
        SchedulerEvent::Lost { .. } => {
            ("lost", None, None, Some("a run of a scheduler that is gone".to_string()))
        }
        SchedulerEvent::Away { error } => ("away", None, None, Some(error.to_string())),
    };
    if json {
        return output::json(&EventLine { event: name, job: job.map(String::as_str), status, why });
    }
    let job = job.map(|job| format!("{}  ", clean_line(job))).unwrap_or_default();
    let what = status.map_or(name, RunStatus::as_str);
    let why = why.map(|why| format!("  {}", clean_line(&why))).unwrap_or_default();
    output::line(format!("{}  {job}{what}{why}", print::local(chrono::Utc::now().timestamp_millis())))
}
