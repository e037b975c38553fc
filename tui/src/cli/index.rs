//! `zenith index`

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde::Serialize;
use tokio::sync::mpsc;
use zenith_core::index::{Cut, IndexError, IndexReport, IndexRequest, Progress};
use zenith_core::ingest::{DiscoverError, SkipReason, Source};
use zenith_core::{Zenith, ZenithError};

use super::args::Index;
use super::interrupt::Interrupt;
use super::output::{self, clean, clean_line, count};
use super::progress;
use super::source::{self, Refusal};
use crate::allocator::Sparing;
use crate::count::Count;
use crate::left_out::{how_to_lift, of_all};

/// Packages with too many symbols that are told by name.
const CUT_SHOWN: usize = 5;

/// A run that came to nothing, as `--json` prints it.
#[derive(Serialize)]
struct Refused {
    error: String,
}

pub async fn run(
    zenith: &Zenith,
    folder: &Path,
    arguments: Index,
    interrupt: &Interrupt,
    json: bool,
) -> anyhow::Result<ExitCode> {
    match attempt(zenith, folder, &arguments, interrupt, json).await {
        Err(error) if json && !output::is_broken_pipe(&error) => {
            output::json(&Refused { error: output::with_causes(&error) })?;
            output::error(&error);
            Ok(code_of(&error))
        }
        Err(error) if error.is::<Refusal>() => {
            output::error(&error);
            Ok(code_of(&error))
        }
        other => other,
    }
}

/// What was typed names nothing: wrong usage. Anything else failed.
fn code_of(error: &anyhow::Error) -> ExitCode {
    if error.is::<Refusal>() { ExitCode::from(2) } else { ExitCode::FAILURE }
}

async fn attempt(
    zenith: &Zenith,
    folder: &Path,
    arguments: &Index,
    interrupt: &Interrupt,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let request = IndexRequest {
        source: source(folder, arguments)?,
        tier: arguments.tier.map(Into::into),
        direct_only: arguments.direct,
        anew: arguments.force,
    };
    let report = follow(zenith, &request, interrupt).await.map_err(|error| as_typed(error, arguments))?;
    match json {
        true if report.found_nothing() && report.failed.is_empty() => bail!(nothing(&report)),
        true => output::json(&report)?,
        false => print(&report)?,
    }
    let failed = report.cancelled || !report.failed.is_empty() || report.found_nothing();
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A name that no package has may have been meant as a folder's.
fn as_typed(error: anyhow::Error, arguments: &Index) -> anyhow::Error {
    let absent = error.downcast_ref::<ZenithError>().is_some_and(|error| {
        matches!(error, ZenithError::Index(IndexError::Discover(DiscoverError::NotInRegistry(..))))
    });
    match &arguments.source {
        Some(named) if absent => error.context(format!("there is no file or folder {named} here")),
        _ => error,
    }
}

/// Runs a request and tells on standard error how it goes. Ctrl-C stops it in good order.
pub async fn follow(
    zenith: &Zenith,
    request: &IndexRequest,
    interrupt: &Interrupt,
) -> anyhow::Result<IndexReport> {
    const LEAVES: &str = "stopping: what is written is kept, the rest given back";
    let _sparing = Sparing::soon();
    progress::told(interrupt, LEAVES, tell, |events, cancel| zenith.index(request, events, cancel)).await
}

/// What a run is asked to index: what the user named, else the project of the folder.
fn source(folder: &Path, arguments: &Index) -> anyhow::Result<Source> {
    match (&arguments.lockfile, &arguments.source) {
        (Some(lockfile), _) => Ok(source::lockfile(folder, lockfile)?),
        (None, Some(named)) => Ok(source::named(folder, named)?),
        (None, None) => source::surrounding(folder).context(
            "neither a Cargo.lock nor a Cargo.toml governs this folder; name one, a folder, or a package: \
             zenith index PATH|NAME[@VERSION]",
        ),
    }
}

/// Follows a run on standard error: one line that changes on a terminal, plain lines elsewhere.
async fn tell(mut events: mpsc::UnboundedReceiver<Progress>) {
    let live = output::is_live(&std::io::stderr());
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

/// That there is nothing in what was indexed.
fn nothing(report: &IndexReport) -> String {
    format!(
        "nothing was found in {}; expected are items of Rust, or a README.md; `zenith index FOLDER` indexes \
         another folder",
        Count { all: report.packages, others: report.other_platforms }
    )
}

/// The run in a few lines.
pub fn print(report: &IndexReport) -> anyhow::Result<()> {
    if report.found_nothing() && report.failed.is_empty() {
        output::line(nothing(report))?;
    } else if report.indexed == 0 && report.failed.is_empty() && !report.cancelled {
        output::line(format!(
            "all {} ready, nothing to do ({:.1} s)",
            Count { all: report.packages, others: report.other_platforms },
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
    if report.indexed > 0 && report.other_platforms > 0 {
        output::line(format!("in all {}", Count { all: report.packages, others: report.other_platforms }))?;
    }
    if report.indexed_elsewhere > 0 {
        output::line(format!(
            "{} indexed by another process meanwhile",
            count(report.indexed_elsewhere, "package")
        ))?;
    }
    // Which symbols were left out is told below, by package.
    let skipped = report.skipped.iter().filter(|(reason, _)| **reason != SkipReason::TooManySymbols);
    let reasons: Vec<String> = skipped.map(|(reason, number)| reason.counted(*number)).collect();
    if !reasons.is_empty() {
        output::line(format!("passed over: {}", reasons.join(", ")))?;
    }
    print_cut(&report.cut)?;
    for (what, failures) in [("failed", &report.failed), ("not here", &report.missing)] {
        for failure in failures.iter().take(20) {
            output::line(format!("{what}: {} ({})", clean(&failure.package), clean(&failure.why)))?;
        }
        if failures.len() > 20 {
            output::line(format!("{what}: {} more", failures.len() - 20))?;
        }
    }
    if report.missing_other_platforms > 0 {
        let missing = count(report.missing_other_platforms, "package");
        output::line(format!("not here: {missing} of other platforms (`cargo fetch` brings all)"))?;
    }
    for note in &report.notes {
        output::line(format!("note: {}", clean_line(note)))?;
    }
    if report.cancelled {
        output::line("stopped before the end; the same command goes on from here")?;
    }
    Ok(())
}

/// Which packages have more symbols than are taken, and how to have them.
fn print_cut(cut: &[Cut]) -> anyhow::Result<()> {
    let Some(most) = cut.iter().map(|cut| cut.symbols.saturating_add(cut.left_out.left_out)).max() else {
        return Ok(());
    };
    let told = cut
        .iter()
        .map(|cut| format!("{} has {} symbols", clean_line(&cut.package), of_all(cut.symbols, cut.left_out)));
    let more = match cut.len().saturating_sub(CUT_SHOWN) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let told = told.take(CUT_SHOWN).collect::<Vec<_>>().join(", ");
    output::line(format!("left out: {told}{more}; {}", how_to_lift(most)))
}
