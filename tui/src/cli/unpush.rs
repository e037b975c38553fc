//! `zenith unpush`

use std::process::ExitCode;

use anyhow::bail;
use zenith_core::Zenith;
use zenith_core::index::WithdrawReport;
use zenith_core::package::PackageId;

use super::args::Unpush;
use super::export::shared_tier;
use super::interrupt::Interrupt;
use super::output::{self, clean_line, count};

pub async fn run(
    zenith: &Zenith,
    arguments: &Unpush,
    interrupt: &Interrupt,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let tier = shared_tier(zenith, arguments.tier);
    interrupt.leaves("stopping: what is taken back stays so");
    if !arguments.yes {
        let others = zenith.shared_elsewhere(tier, &arguments.packages, interrupt.wanted()).await?;
        if !others.is_empty() && !is_agreed(&others)? {
            bail!("nothing was taken back");
        }
    }
    let report = zenith.unpush(tier, &arguments.packages, interrupt.wanted().clone()).await?;
    if json {
        output::json(&report)?
    } else {
        print(&report)?
    }
    let whole = report.missing.is_empty() && report.remains.is_empty() && report.held == 0;
    Ok(if whole && !report.cancelled { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether what another member may share is to be taken back all the same.
fn is_agreed(others: &[PackageId]) -> anyhow::Result<bool> {
    let named = match others {
        [one] => clean_line(&one.to_string()),
        [first, rest @ ..] => format!("{} and {} more", clean_line(&first.to_string()), rest.len()),
        [] => return Ok(true),
    };
    if !output::can_ask() {
        bail!(
            "{named} was not indexed on this machine, so another member may share it; say --yes to take it back all the \
             same"
        );
    }
    output::is_agreed(&format!(
        "{named} was not indexed on this machine: another member may share it. Take it back?"
    ))
}

fn print(report: &WithdrawReport) -> anyhow::Result<()> {
    for package in &report.missing {
        let package = clean_line(package);
        output::line(format!("{package} is not shared there; a public package is named with its version"))?;
    }
    let (withdrawn, scope) = (count(report.withdrawn, "package"), clean_line(&report.scope));
    output::line(format!("took back {withdrawn} of {scope}; who pulled them has them until the next pull"))?;
    if report.held > 0 {
        output::line(format!("{} being pushed by somebody else", count(report.held, "package")))?;
    }
    for remains in &report.remains {
        let (package, why) = (clean_line(&remains.package), clean_line(&remains.why));
        output::line(format!("the files of {package} lie on the store still: {why}"))?;
    }
    Ok(())
}
