//! `zenith clean`

use std::process::ExitCode;

use anyhow::bail;
use serde::Serialize;
use zenith_core::Zenith;
use zenith_core::catalog::CatalogEntry;
use zenith_core::index::Unlocked;
use zenith_core::package::Tier;
use zenith_core::search::PackageFilter;
use zenith_harness::Unit;

use super::args::Clean;
use super::interrupt::Interrupt;
use super::output::{self, Style, clean_line, count};

/// A package, as `--json` prints it.
#[derive(Serialize)]
struct CleanLine<'a> {
    tier: Tier,
    ecosystem: &'a str,
    package: &'a str,
    version: &'a str,
    symbols: u64,
    /// Of its dataset on this machine.
    bytes: u64,
    removed: bool,
}

pub async fn run(
    zenith: &Zenith,
    arguments: &Clean,
    interrupt: &Interrupt,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let unlocked = zenith.unlocked(&arguments.packages).await?;
    let Unlocked { entries, lockfiles, gone } = &unlocked;
    let is_met = |wanted: &PackageFilter| entries.iter().any(|entry| wanted.holds_exactly(&entry.id));
    if let Some(wanted) = arguments.packages.iter().find(|wanted| !is_met(wanted)) {
        bail!(unmet(wanted, &zenith.packages().await?));
    }
    if arguments.packages.is_empty() && lockfiles.is_empty() && gone.is_empty() {
        bail!(
            "no project is known here; run `zenith index` in each of yours: what their lockfiles lock is kept"
        );
    }
    let mut sized = Vec::with_capacity(entries.len());
    for entry in entries {
        sized.push((zenith.size(entry).await?, entry));
    }
    sized.sort_by(|a, b| (b.0, &a.1.id).cmp(&(a.0, &b.1.id)));
    if !json {
        print(&sized, &unlocked, arguments)?;
    }
    if sized.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    if !wanted(arguments, &sized, json)? {
        for (bytes, entry) in sized.iter().filter(|_| json) {
            output::json(&CleanLine::of(entry, *bytes, false))?;
        }
        return Ok(if arguments.dry_run { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    interrupt.leaves("stopping: what is removed stays so, the rest is kept");
    let wanted: Vec<CatalogEntry> = sized.iter().map(|(_, entry)| (*entry).clone()).collect();
    let cleaned = zenith.clean(&wanted, interrupt.wanted()).await?;
    for (at, (bytes, entry)) in sized.iter().enumerate().filter(|_| json) {
        output::json(&CleanLine::of(entry, *bytes, at < cleaned.packages))?;
    }
    if !json {
        let bytes = sized.iter().take(cleaned.packages).map(|(bytes, _)| bytes).sum();
        output::line(format!("removed {}, {}", count(cleaned.packages, "package"), size(bytes)))?;
    }
    for remains in &cleaned.remains {
        let (package, why) = (clean_line(&remains.package), clean_line(&remains.why));
        eprintln!("files of {package} lie there still: {why}; `zenith doctor --repair` removes them");
    }
    if cleaned.cancelled {
        return Ok(ExitCode::FAILURE);
    }
    for project in gone {
        project.forget(&zenith.config.data_dir)?;
    }
    Ok(if cleaned.remains.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Why nothing can be removed under a name: what takes away wants a whole version.
fn unmet(wanted: &PackageFilter, packages: &[CatalogEntry]) -> String {
    let list = |fits: &dyn Fn(&CatalogEntry) -> bool| {
        let ids: Vec<String> =
            packages.iter().filter(|entry| fits(entry)).map(|entry| entry.id.to_string()).collect();
        ids.join(", ")
    };
    if packages.iter().any(|entry| wanted.holds_exactly(&entry.id)) {
        return format!("{wanted} is being indexed, and can be removed when that is done");
    }
    let name = PackageFilter { version: None, ..wanted.clone() };
    let (begins, named) = (list(&|entry| wanted.holds(&entry.id)), list(&|entry| name.holds(&entry.id)));
    match (begins.as_str(), named.as_str()) {
        ("", "") => format!("no package {wanted} is here to be removed; `zenith packages` lists what is"),
        ("", named) => format!("no {wanted} is here to be removed; {named} is"),
        (begins, _) => format!("clean takes a whole version: {begins} begins with {wanted}; type it out"),
    }
}

/// What would go, and what that was judged by.
fn print(sized: &[(u64, &CatalogEntry)], unlocked: &Unlocked, arguments: &Clean) -> anyhow::Result<()> {
    let style = Style::of_stdout();
    for project in &unlocked.gone {
        let lockfile = clean_line(&project.lockfile.display().to_string());
        output::line(format!("{lockfile} is not there any more: what it locked counts no longer"))?;
    }
    for (bytes, entry) in sized {
        output::line(format!(
            "{:>10}  {}  {}",
            size(*bytes),
            clean_line(&entry.id.to_string()),
            style.tier(entry.tier())
        ))?;
    }
    let lockfiles = count(unlocked.lockfiles.len(), "lockfile");
    let why = if arguments.packages.is_empty() {
        format!("locked by none of {lockfiles}")
    } else {
        "named".to_string()
    };
    if sized.is_empty() {
        return output::line(format!(
            "nothing to remove: {lockfiles} {} all that is indexed by this machine",
            if unlocked.lockfiles.len() == 1 { "locks" } else { "lock" }
        ));
    }
    let all = sized.iter().map(|(bytes, _)| bytes).sum();
    output::line(format!("{}, {}, {why}", count(sized.len(), "package"), size(all)))
}

/// Whether it is to be done: as was said, or as whoever sits there says.
fn wanted(arguments: &Clean, sized: &[(u64, &CatalogEntry)], json: bool) -> anyhow::Result<bool> {
    if arguments.dry_run || arguments.yes {
        return Ok(!arguments.dry_run);
    }
    if json || !output::can_ask() {
        eprintln!("nothing was removed; --yes removes it, --dry-run only looks");
        return Ok(false);
    }
    output::is_agreed(&format!("Remove {}?", count(sized.len(), "package")))
}

impl<'a> CleanLine<'a> {
    fn of(entry: &'a CatalogEntry, bytes: u64, removed: bool) -> CleanLine<'a> {
        CleanLine {
            tier: entry.tier(),
            ecosystem: entry.id.ecosystem(),
            package: entry.id.name(),
            version: entry.id.version(),
            symbols: entry.symbol_count,
            bytes,
            removed,
        }
    }
}

fn size(bytes: u64) -> String {
    // A size is told in three digits; what a float loses does not show.
    Unit::Bytes.show(bytes as f64)
}
