//! `zenith import`

use std::process::ExitCode;
use std::time::Duration;

use tokio::sync::mpsc;
use zenith_core::Zenith;
use zenith_core::index::{ArrivalEvent, Cut, ImportReport, Wanted};
use zenith_core::lake::export::Freshness;

use super::args::Import;
use super::export::shared_tier;
use super::interrupt::Interrupt;
use super::output::{self, clean_line, count};
use super::progress::{self, Teller};
use crate::left_out::of_all;

pub async fn run(
    zenith: &Zenith,
    arguments: &Import,
    interrupt: &Interrupt,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let tier = shared_tier(zenith, arguments.tier);
    let named = &arguments.packages;
    let wanted = (!named.is_empty()).then(|| Wanted::Named(named.clone()));
    let age_max = Duration::from_secs(arguments.max_age * 3600);
    let report = progress::told(interrupt, "stopping: what is whole is kept", tell, |events, cancel| {
        zenith.import(tier, wanted.as_ref(), age_max, events, cancel)
    })
    .await?;
    if json {
        output::json(&report)?
    } else {
        print(&report)?
    }
    let failed = report.cancelled || !report.failed.is_empty() || !report.missing.is_empty();
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Tells of packages that come from a store.
pub async fn tell(mut events: mpsc::UnboundedReceiver<ArrivalEvent>) {
    let mut teller = Teller::counting("rows");
    while let Some(event) = events.recv().await {
        match event {
            ArrivalEvent::Planned { fetch, here } => {
                teller.plan(fetch, format!("{} to fetch, {here} here", count(fetch, "package")));
            }
            ArrivalEvent::Arrived { id, symbols, chunks } => teller.step(&id, symbols + chunks),
            ArrivalEvent::Failed { id, why } => teller.failed(&id, &why),
            ArrivalEvent::Waiting(waiting) => teller.waiting(&waiting),
        }
    }
    teller.end();
}

/// Names what came without some of its symbols: only whoever shares it can index it with more.
pub fn tell_cut(cut: &[Cut]) -> anyhow::Result<()> {
    for Cut { package, symbols, left_out } in cut {
        let (package, of) = (clean_line(package), of_all(*symbols, *left_out));
        output::line(format!("{package} has {of} symbols: whoever shares it left the others out"))?;
    }
    Ok(())
}

fn print(report: &ImportReport) -> anyhow::Result<()> {
    for failure in &report.failed {
        output::line(format!(
            "not imported: {}: {}",
            clean_line(&failure.package),
            clean_line(&failure.why)
        ))?;
    }
    for package in &report.missing {
        output::line(format!("{} is not in the export", clean_line(package)))?;
    }
    let imported = count(report.imported, "package");
    let (symbols, here, seconds) = (report.symbols, report.here_before + report.kept, report.seconds);
    output::line(format!(
        "imported {imported} with {symbols} symbols in {seconds:.1} s, {here} here before"
    ))?;
    tell_cut(&report.cut)?;
    if report.removed > 0 {
        output::line(format!("removed {} no longer exported", count(report.removed, "package")))?;
    }
    if report.held > 0 {
        output::line(format!(
            "{} left to another process that works on them",
            count(report.held, "package")
        ))?;
    }
    match &report.freshness {
        Freshness::Fresh { .. } => Ok(()),
        Freshness::Stale { because, .. } => {
            output::line(format!("the export is stale: {}", clean_line(because)))
        }
        Freshness::Unknown { because } => {
            output::line(format!("nobody can say how old the export is: {}", clean_line(because)))
        }
    }
}
