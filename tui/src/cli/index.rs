//! `zenith index`

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use tokio::sync::mpsc;
use zenith_core::index::{IndexReport, IndexRequest, Progress};
use zenith_core::ingest::Source;
use zenith_core::{Zenith, find_lockfile};

use super::args::Index;
use super::interrupt::Interrupt;
use super::output::{self, clean, count};
use super::progress;

pub async fn run(
    zenith: &Zenith,
    folder: &Path,
    arguments: Index,
    interrupt: &Interrupt,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let request = IndexRequest {
        source: source(folder, &arguments)?,
        tier: arguments.tier.map(Into::into),
        direct_only: arguments.direct,
        anew: arguments.force,
    };
    let report = follow(zenith, &request, interrupt).await?;
    if json {
        output::json(&report)?
    } else {
        print(&report)?
    }
    let failed = report.cancelled || !report.failed.is_empty();
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Runs a request and tells on standard error how it goes. Ctrl-C stops it in good order.
pub async fn follow(
    zenith: &Zenith,
    request: &IndexRequest,
    interrupt: &Interrupt,
) -> anyhow::Result<IndexReport> {
    const LEAVES: &str = "stopping: what is written is kept, the rest given back";
    progress::told(interrupt, LEAVES, tell, |events, cancel| zenith.index(request, events, cancel)).await
}

/// What a run is asked to index: what the user named, else the project of the folder.
fn source(folder: &Path, arguments: &Index) -> anyhow::Result<Source> {
    if let Some(lockfile) = &arguments.lockfile {
        return Ok(Source::Lockfile(absolute(folder, lockfile)));
    }
    let Some(named) = &arguments.source else {
        let found = find_lockfile(folder).context(
            "no Cargo.lock governs this folder; name one, a folder, or a package: zenith index PATH|NAME[@VERSION]",
        )?;
        return Ok(Source::Lockfile(found));
    };
    let path = absolute(folder, Path::new(named));
    if path.is_dir() {
        return Ok(Source::Folder(path));
    }
    if path.is_file() {
        return Ok(Source::Lockfile(path));
    }
    if named.contains(['/', '\\']) {
        bail!("{} is neither a folder nor a Cargo.lock", path.display());
    }
    let (name, version) = match named.split_once('@') {
        Some((name, version)) => (name.to_string(), Some(version.to_string())),
        None => (named.clone(), None),
    };
    Ok(Source::Registry { name, version })
}

fn absolute(folder: &Path, path: &Path) -> PathBuf {
    let joined = folder.join(path);
    joined.canonicalize().unwrap_or(joined)
}

/// Follows a run on standard error: one line that changes on a terminal, plain lines elsewhere.
async fn tell(mut events: mpsc::UnboundedReceiver<Progress>) {
    let live = std::io::stderr().is_terminal();
    let (mut done, mut total, mut symbols, mut told) = (0_usize, 0_usize, 0_u64, 0_usize);
    while let Some(event) = events.recv().await {
        let line = match event {
            Progress::Discovering => "finding packages".to_string(),
            Progress::Planned { packages, ready } => {
                total = packages - ready;
                format!("{} to index, {ready} ready", count(total, "package"))
            }
            Progress::Started { id } if live => format!("{done}/{total} packages, {symbols} symbols · {id}"),
            Progress::Written { symbols: more, .. } => {
                done += 1;
                symbols += more;
                // Elsewhere than on a terminal, a line for every tenth of the work is enough.
                if !live && (done - told) * 10 < total && done != total {
                    continue;
                }
                told = done;
                format!("{done}/{total} packages, {symbols} symbols")
            }
            Progress::Failed { id, why } => {
                done += 1;
                if live {
                    eprint!("\r\x1b[2K");
                }
                eprintln!("{id} failed: {}", clean(&why));
                continue;
            }
            Progress::Waiting { packages } => {
                format!("waiting for another process that indexes {}", count(packages, "package"))
            }
            Progress::Started { .. } | Progress::Searchable { .. } => continue,
        };
        if live {
            eprint!("\r\x1b[2K{}", clean(&line));
            let _ = std::io::stderr().flush();
        } else {
            eprintln!("{}", clean(&line));
        }
    }
    if live {
        eprint!("\r\x1b[2K");
    }
}

/// The run in a few lines.
pub fn print(report: &IndexReport) -> anyhow::Result<()> {
    if report.indexed == 0 && report.failed.is_empty() && !report.cancelled {
        output::line(format!(
            "all {} ready, nothing to do ({:.1} s)",
            count(report.packages, "package"),
            report.seconds
        ))?;
    } else {
        output::line(format!(
            "{} indexed in {:.1} s: {} symbols, {} sections of documentation",
            count(report.indexed, "package"),
            report.seconds,
            report.symbols,
            report.chunks
        ))?;
    }
    if report.indexed_elsewhere > 0 {
        output::line(format!(
            "{} indexed by another process meanwhile",
            count(report.indexed_elsewhere, "package")
        ))?;
    }
    if !report.skipped.is_empty() {
        let reasons: Vec<String> =
            report.skipped.iter().map(|(reason, number)| format!("{number} {reason}")).collect();
        output::line(format!("passed over: {}", reasons.join(", ")))?;
    }
    for (what, failures) in [("failed", &report.failed), ("not here", &report.missing)] {
        for failure in failures.iter().take(20) {
            output::line(format!("{what}: {} ({})", clean(&failure.package), clean(&failure.why)))?;
        }
        if failures.len() > 20 {
            output::line(format!("{what}: {} more", failures.len() - 20))?;
        }
    }
    if report.cancelled {
        output::line("stopped before the end; the same command goes on from here")?;
    }
    Ok(())
}
