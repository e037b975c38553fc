//! `zenith jobs run`: a run now, here where nobody schedules, else by whoever does; and its end.

use std::process::ExitCode;
use std::time::Duration;

use tokio::sync::mpsc;
use zenith_core::jobs::execute::Secrets;
use zenith_core::jobs::{Place, Run, RunKey, RunStatus};

use super::args::RunNow;
use super::{Desk, print};
use crate::cli::interrupt::Interrupt;
use crate::cli::output::{self, clean_line};
use crate::scheduling::scheduler;

/// Between two looks at a run that goes on elsewhere.
const LOOKED_EACH: Duration = Duration::from_millis(300);

pub async fn run(desk: &Desk<'_>, asked: &RunNow, interrupt: &Interrupt) -> anyhow::Result<ExitCode> {
    let action = desk.store.get(&asked.job).await?.given.action;
    let place = action.place();
    let watch = desk.store.watch(place).await?;
    let mut run = desk.store.run_now(&asked.job).await?;
    if run.status == RunStatus::Queued && watch.is_none() && place == Place::Machine {
        interrupt.leaves("stopping: the run is told to end");
        let (sender, _events) = mpsc::unbounded_channel();
        let secrets = Secrets::default();
        let scheduler = scheduler(desk.zenith, desk.store.clone(), &desk.kept, sender, &secrets);
        let scheduler = scheduler.await.map_err(anyhow::Error::msg)?;
        scheduler.run_one(&run.key, interrupt.wanted()).await?;
        run = desk.store.run(&run.key).await?;
    }
    if run.status == RunStatus::Queued {
        let who = match (watch, place) {
            (Some(watch), _) => clean_line(&watch.told),
            (None, Place::Service) => "the service".to_string(),
            (None, Place::Machine) => "whoever schedules your jobs".to_string(),
        };
        let is_known = desk.tell_service(&action).await?;
        let waits = is_known && !asked.no_wait;
        if !desk.json {
            let more = if waits { "; Ctrl-C leaves it to that" } else { "" };
            output::line(format!("asked; {who} runs it{more}"))?;
        }
        if waits {
            interrupt.leaves("leaving: what was asked for goes on");
            run = ended(desk, &run.key, place, interrupt).await?;
        }
    }
    let is_open = matches!(run.status, RunStatus::Queued | RunStatus::Running);
    if desk.json {
        output::json(&run)?;
    } else if !is_open {
        print::runs(std::slice::from_ref(&run), true)?;
    }
    Ok(if is_open || run.status == RunStatus::Succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A run once it has ended; as it is where nobody wants to wait any more, or nobody is there to begin it.
async fn ended(desk: &Desk<'_>, key: &RunKey, place: Place, interrupt: &Interrupt) -> anyhow::Result<Run> {
    loop {
        let run = desk.store.run(key).await?;
        let is_left = run.status == RunStatus::Queued
            && place == Place::Machine
            && desk.store.watch(place).await?.is_none();
        if run.status.has_ended() || is_left {
            return Ok(run);
        }
        tokio::select! {
            () = interrupt.wanted().cancelled() => return Ok(run),
            () = tokio::time::sleep(LOOKED_EACH) => {}
        }
    }
}
