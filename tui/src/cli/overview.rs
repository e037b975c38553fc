//! What the explorer would show first, for where there is no terminal: the project indexed, the
//! tiers with their counts, and an example search.

use std::path::Path;
use std::process::ExitCode;

use zenith_core::Zenith;
use zenith_core::catalog::{CatalogEntry, Status};
use zenith_core::identity::Identity;
use zenith_core::index::IndexRequest;
use zenith_core::package::Tier;
use zenith_core::search::{Mode, Project, SearchRequest};

use super::interrupt::Interrupt;
use super::output;
use super::{index, search, source};
use crate::count::Count;
use crate::notes::beside::Beside;

/// The example, and the package that it speaks of.
const EXAMPLE: (&str, &str) = ("tokio", "tokio: run blocking code without stalling the runtime");

pub async fn run(zenith: &Zenith, folder: &Path, interrupt: &Interrupt) -> anyhow::Result<ExitCode> {
    let mut complete = true;
    match source::surrounding(folder) {
        Some(source) => {
            let request = IndexRequest { source, tier: None, direct_only: false, anew: false };
            let report = index::follow(zenith, &request, interrupt).await?;
            index::print(&report)?;
            complete = !report.cancelled && report.failed.is_empty();
        }
        None => output::line(
            "neither a Cargo.lock nor a Cargo.toml governs this folder: showing what is indexed",
        )?,
    }
    let project = search::project_of(zenith, folder)?;
    let mut entries = zenith.packages().await?;
    entries.retain(|entry| project.as_ref().is_none_or(|project| project.holds(entry)));
    output::line("")?;
    for tier in Tier::ALL {
        print_tier(&zenith.identity, tier, &entries, project.as_deref())?;
    }
    if let Some(query) = example(&entries, project.as_deref()) {
        output::line(format!("\nzenith search {query}"))?;
        let request = SearchRequest { query, mode: Mode::Hybrid, limit: 5, ..Default::default() };
        search::print(&zenith.search(request, project).await?, &Beside::default())?;
    }
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A search of what is there: a task where that can be done, else what the largest of the packages has that the project
/// names itself. None where nothing is there.
fn example(entries: &[CatalogEntry], project: Option<&Project>) -> Option<String> {
    let (named, task) = EXAMPLE;
    let is_ready = |entry: &&CatalogEntry| entry.status == Status::Ready && entry.symbol_count > 0;
    if entries.iter().filter(is_ready).any(|entry| entry.id.name() == named) {
        return Some(task.to_string());
    }
    let is_direct = |entry: &CatalogEntry| {
        project.is_some_and(|project| project.is_direct(entry.id.name(), entry.id.version()))
    };
    let size = |entry: &&CatalogEntry| (is_direct(entry), entry.symbol_count);
    let largest = entries.iter().filter(is_ready).max_by_key(size)?;
    Some(format!("pkg:{}", largest.id.name()))
}

fn print_tier(
    identity: &Identity,
    tier: Tier,
    entries: &[CatalogEntry],
    project: Option<&Project>,
) -> anyhow::Result<()> {
    if identity.scope(tier).is_none() {
        return output::line(format!("{tier}: sign in as a member of an organisation to join one"));
    }
    let mut ready: Vec<&CatalogEntry> =
        entries.iter().filter(|entry| entry.tier() == tier && entry.status == Status::Ready).collect();
    let symbols: u64 = ready.iter().map(|entry| entry.symbol_count).sum();
    let chunks: u64 = ready.iter().map(|entry| entry.chunk_count).sum();
    let is_other = |entry: &CatalogEntry| project.is_some_and(|project| project.is_for_others(entry));
    let others = ready.iter().filter(|entry| is_other(entry)).count();
    let packages = Count { all: ready.len(), others };
    output::line(format!("{tier}: {packages}, {symbols} symbols, {chunks} sections"))?;
    ready.sort_by_key(|entry| (is_other(entry), std::cmp::Reverse(entry.symbol_count)));
    for entry in ready.iter().take(5) {
        output::line(format!("  {:<32} {:>7} symbols", entry.id.to_string(), entry.symbol_count))?;
    }
    match ready.len().saturating_sub(5) {
        0 => Ok(()),
        more => output::line(format!("  and {more} more")),
    }
}
