//! `zenith jobs serve`: what is due runs here.

use std::process::ExitCode;
use std::sync::PoisonError;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::mpsc;
use zenith_core::jobs::execute::Secrets;
use zenith_core::jobs::{RunStatus, SchedulerEvent};
use zenith_core::{Again, JobsKept};

use super::{Desk, print};
use crate::cli::interrupt::Interrupt;
use crate::cli::output::{self, clean_line};
use crate::scheduling::scheduler;

/// Between two looks at who is signed in: a file of this machine is read.
const FOLLOWED_EACH: Duration = Duration::from_secs(2);

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

pub async fn serve(desk: &Desk<'_>, interrupt: &Interrupt) -> anyhow::Result<ExitCode> {
    let zenith = desk.zenith;
    interrupt.leaves("stopping: what runs is told to end");
    let (sender, mut events) = mpsc::unbounded_channel();
    let secrets = Secrets::default();
    let scheduler = scheduler(zenith, desk.store.clone(), &desk.kept, sender, &secrets);
    let scheduler = scheduler.await.map_err(anyhow::Error::msg)?;
    if !desk.json {
        let jobs = output::count(desk.store.list().await?.len(), "job");
        output::line(format!("serving {jobs} of {}; Ctrl-C stops", desk.kept))?;
    }
    let (stop, json) = (interrupt.wanted().child_token(), desk.json);
    let stopped = stop.clone();
    let serving = tokio::spawn(async move { scheduler.serve(&stopped).await });
    let mut follow = std::pin::pin!(follow(desk, &secrets));
    let mut unfollowed = None;
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Some(event) => tell(&event, json)?,
                None => break,
            },
            followed = &mut follow, if unfollowed.is_none() => {
                unfollowed = Some(followed);
                stop.cancel();
            }
        }
    }
    serving.await?;
    if let Some(followed) = unfollowed {
        followed?;
        anyhow::bail!("these jobs are no longer those of who is signed in: start `zenith jobs serve` again");
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes up the access of who signs in again, as any other command would when it is run next; what runs goes on. Comes
/// back where the jobs are somebody else's now.
async fn follow(desk: &Desk<'_>, secrets: &Secrets) -> anyhow::Result<()> {
    let zenith = desk.zenith;
    let session = zenith.session.as_deref().filter(|_| desk.kept != JobsKept::Here);
    let Some(mut known) = session.map(|session| session.id.clone()) else {
        return std::future::pending().await;
    };
    let mut told = None;
    loop {
        tokio::time::sleep(FOLLOWED_EACH).await;
        match zenith.jobs_again(&known).await {
            Ok(Again::Same) => {}
            Ok(Again::Other) => return Ok(()),
            Ok(Again::Renewed { session, database, secrets: new }) => {
                // Before anything asks by it: what runs may print it. It still knows the one before, too.
                secrets.write().unwrap_or_else(PoisonError::into_inner).extend(new);
                desk.store.reach_by(database).await?;
                known = session;
                line("signed-in", None, None, None, desk.json)?;
            }
            // A file that is being written, say: it is looked at again, and what is wrong with it is told once.
            Err(error) => {
                let why = error.to_string();
                if told.as_ref() != Some(&why) {
                    told = Some(why.clone());
                    line("away", None, None, Some(why), desk.json)?;
                }
            }
        }
    }
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
    line(name, job.map(String::as_str), status, why, json)
}

fn line(
    name: &'static str,
    job: Option<&str>,
    status: Option<RunStatus>,
    why: Option<String>,
    json: bool,
) -> anyhow::Result<()> {
    if json {
        return output::json(&EventLine { event: name, job, status, why });
    }
    let job = job.map(|job| format!("{}  ", clean_line(job))).unwrap_or_default();
    let what = status.map_or(name, RunStatus::as_str);
    let why = why.map(|why| format!("  {}", clean_line(&why))).unwrap_or_default();
    output::line(format!("{}  {job}{what}{why}", print::local(chrono::Utc::now().timestamp_millis())))
}
