//! `zenith pull`

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use zenith_core::Zenith;
use zenith_core::index::{PullReport, Wanted};
use zenith_core::package::Tier;

use super::args::Pull;
use super::interrupt::Interrupt;
use super::output::{self, clean_line, count};
use super::{import, progress, search};

pub async fn run(
    zenith: &Zenith,
    folder: &Path,
    arguments: &Pull,
    interrupt: &Interrupt,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let wanted = match (arguments.packages.is_empty(), arguments.all) {
        (false, _) => Some(Wanted::Named(arguments.packages.clone())),
        (true, true) => None,
        (true, false) => {
            let project = search::project_of(zenith, folder)?.context(
                "no Cargo.lock governs this folder; name packages, or `zenith pull --all` for all that is shared \
                 with you",
            )?;
            Some(Wanted::Ids(project.ids()))
        }
    };
    let tiers: Vec<Tier> = arguments.tier.iter().copied().map(Into::into).collect();
    let report =
        progress::told(interrupt, "stopping: what is whole is kept", import::tell, |events, cancel| {
            zenith.pull(wanted.as_ref(), &tiers, arguments.force, events, cancel)
        })
        .await?;
    if json {
        output::json(&report)?
    } else {
        print(&report)?
    }
    let failed = report.cancelled
        || !(report.failed.is_empty() && report.missing.is_empty())
        || !(report.doubted.is_empty() && report.remains.is_empty());
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn print(report: &PullReport) -> anyhow::Result<()> {
    for failure in &report.failed {
        output::line(format!("not pulled: {}: {}", clean_line(&failure.package), clean_line(&failure.why)))?;
    }
    for doubted in &report.doubted {
        let (database, why) = (clean_line(&doubted.database), clean_line(&doubted.why));
        output::line(format!("what the {database} database lists is in doubt: {why}"))?;
    }
    for remains in &report.remains {
        let (package, why) = (clean_line(&remains.package), clean_line(&remains.why));
        output::line(format!("{package} was removed, and its files remain: {why}"))?;
    }
    for package in &report.missing {
        output::line(format!("{} is not shared with you; `zenith sync` asks anew", clean_line(package)))?;
    }
    if report.removed > 0 {
        output::line(format!("removed {} no longer shared", count(report.removed, "package")))?;
    }
    if report.in_doubt > 0 {
        let kept = count(report.in_doubt, "package");
        output::line(format!("kept {kept} pulled earlier: whether they are shared any more is in doubt"))?;
    }
    if report.wanted == 0 {
        let told = match report.doubted.is_empty() {
            true => "nothing that is asked for is shared with you; `zenith sync` asks anew",
            false => "nothing was pulled",
        };
        return output::line(told);
    }
    let (pulled, megabytes) = (count(report.pulled, "package"), report.bytes as f64 / 1e6);
    let here = report.here_before + report.kept;
    output::line(format!(
        "pulled {pulled} with {} symbols: {megabytes:.1} MB in {:.1} s, {here} here before",
        report.symbols, report.seconds
    ))?;
    import::tell_cut(&report.cut)?;
    if report.held > 0 {
        let held = count(report.held, "package");
        output::line(format!("{held} left to another process that works on them"))?;
    }
    Ok(())
}
