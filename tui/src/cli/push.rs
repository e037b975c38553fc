//! `zenith push`

use std::process::ExitCode;

use tokio::sync::mpsc;
use zenith_core::Zenith;
use zenith_core::index::{PushEvent, PushReport};

use super::args::Push;
use super::export::shared_tier;
use super::interrupt::Interrupt;
use super::output::{self, clean_line, count};
use super::progress::{self, Teller};

pub async fn run(
    zenith: &Zenith,
    arguments: &Push,
    interrupt: &Interrupt,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let tier = shared_tier(zenith, arguments.tier);
    let report = progress::told(interrupt, "stopping: what is whole is shared", tell, |events, cancel| {
        zenith.push(tier, arguments.force, events, cancel)
    })
    .await?;
    if json {
        output::json(&report)?
    } else {
        print(&report)?
    }
    let failed = report.cancelled || !report.failed.is_empty();
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn tell(mut events: mpsc::UnboundedReceiver<PushEvent>) {
    let mut teller = Teller::counting("kB");
    while let Some(event) = events.recv().await {
        match event {
            PushEvent::Planned { push, there } => {
                teller.plan(push, format!("{} to push, {there} shared already", count(push, "package")));
            }
            PushEvent::Pushed { id, bytes } => teller.step(&id, bytes / 1000),
            PushEvent::Failed { id, why } => teller.failed(&id, &why),
            PushEvent::Waiting(waiting) => teller.waiting(&waiting),
        }
    }
    teller.end();
}

fn print(report: &PushReport) -> anyhow::Result<()> {
    for failure in &report.failed {
        output::line(format!("not pushed: {}: {}", clean_line(&failure.package), clean_line(&failure.why)))?;
    }
    let (pushed, store) = (count(report.pushed, "package"), clean_line(&report.store));
    let (scope, megabytes) = (clean_line(&report.scope), report.bytes as f64 / 1e6);
    let before = report.there_before;
    output::line(format!(
        "pushed {pushed} of {scope} to {store}: {megabytes:.1} MB in {:.1} s, {before} shared before",
        report.seconds
    ))?;
    if report.kept > 0 {
        let kept = count(report.kept, "package");
        output::line(format!("{kept} left as somebody else shares them: indexed later, or first"))?;
    }
    if report.held > 0 {
        output::line(format!("{} being pushed by somebody else", count(report.held, "package")))?;
    }
    if let Some(why) = &report.not_tidied {
        output::line(format!("what was replaced still lies on the store: {}", clean_line(why)))?;
    }
    Ok(())
}
