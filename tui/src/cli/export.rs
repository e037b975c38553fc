//! `zenith export`

use std::process::ExitCode;

use serde::Serialize;
use tokio::sync::mpsc;
use zenith_core::Zenith;
use zenith_core::lake::export::{ExportEvent, ExportMode, ExportReport};
use zenith_core::package::Tier;

use super::args::{Export, TierName};
use super::interrupt::Interrupt;
use super::output::{self, clean_line, count};
use super::progress::{self, Teller};

/// What a compaction did, as `--json` prints it.
#[derive(Serialize)]
struct CompactLine {
    tier: Tier,
    compacted: bool,
}

pub async fn run(
    zenith: &Zenith,
    arguments: &Export,
    interrupt: &Interrupt,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let tier = shared_tier(zenith, arguments.tier);
    const LEAVES: &str = "stopping: the export is left as it was, or complete";
    if arguments.compact {
        interrupt.leaves(LEAVES);
        let compacted = zenith.compact(tier, interrupt.wanted().clone()).await?;
        return told_of_compaction(CompactLine { tier, compacted }, json);
    }
    let mode = if arguments.incremental { ExportMode::Incremental } else { ExportMode::Full };
    let report =
        progress::told(interrupt, LEAVES, tell, |events, cancel| zenith.export(tier, mode, events, cancel))
            .await?;
    if json {
        output::json(&report)?
    } else {
        print(&report)?;
        if arguments.tier.is_none() {
            tell_left_out(zenith, tier).await?;
        }
    }
    Ok(if report.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The tier that is meant where none is named: what is shared with the team, where there is one.
/// One's private code is never meant.
pub fn shared_tier(zenith: &Zenith, named: Option<TierName>) -> Tier {
    named.map_or(zenith.shared_tier(), Tier::from)
}

/// Names the tiers that were not meant: their packages stayed here.
async fn tell_left_out(zenith: &Zenith, exported: Tier) -> anyhow::Result<()> {
    let entries = zenith.searchable().await?;
    for tier in Tier::ALL.into_iter().filter(|tier| *tier != exported) {
        let packages = entries.iter().filter(|entry| entry.tier() == tier).count();
        if packages > 0 {
            let packages = count(packages, "package");
            output::line(format!("{packages} of the {tier} tier stayed here; `--tier {tier}` exports that"))?;
        }
    }
    Ok(())
}

fn told_of_compaction(line: CompactLine, json: bool) -> anyhow::Result<ExitCode> {
    if json {
        output::json(&line)?;
    } else {
        output::line(if line.compacted { "merged the increments" } else { "there was nothing to merge" })?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn tell(mut events: mpsc::UnboundedReceiver<ExportEvent>) {
    let mut teller = Teller::counting("rows");
    while let Some(event) = events.recv().await {
        match event {
            ExportEvent::Planned { write, remove } => {
                teller.plan(write, format!("{} to export, {remove} to remove", count(write, "package")));
            }
            ExportEvent::Packed { id, symbols, chunks } => teller.step(&id, symbols + chunks),
            ExportEvent::Failed { id, why } => teller.failed(&id, &why),
            ExportEvent::Waiting(waiting) => teller.waiting(&waiting),
            ExportEvent::Again => teller.say("somebody else exported meanwhile: taking that in"),
            ExportEvent::Renewing => {
                teller.say("the export is of an earlier version: what others brought is written anew");
            }
            ExportEvent::Compacting => teller.say("merging the increments"),
        }
    }
    teller.end();
}

fn print(report: &ExportReport) -> anyhow::Result<()> {
    for (package, why) in &report.failed {
        output::line(format!("not exported: {}: {}", clean_line(package), clean_line(why)))?;
    }
    if let Some(why) = &report.replaced {
        output::line(format!("the export that was there was replaced: {}", clean_line(why)))?;
    }
    let store = clean_line(&report.store);
    if report.changed {
        let written = count(report.written, "package");
        let seconds = report.seconds;
        output::line(format!("exported {written}, removed {}, in {seconds:.1} s", report.removed))?;
    } else {
        output::line("nothing changed since the last export")?;
    }
    if let Some(why) = &report.not_tidied {
        output::line(format!("the export is whole, but was not tidied up: {}", clean_line(why)))?;
    }
    let packages = count(usize::try_from(report.packages)?, "package");
    let (symbols, chunks) = (report.symbols, report.chunks);
    output::line(format!(
        "{} in {store}: {packages}, {symbols} symbols, {chunks} pieces of documentation",
        report.scope
    ))
}
