//! What the explorer would show first, for where there is no terminal: the project indexed, the
//! tiers with their counts, and an example search.

use std::path::Path;
use std::process::ExitCode;

use zenith_core::catalog::{CatalogEntry, Status};
use zenith_core::identity::Identity;
use zenith_core::index::IndexRequest;
use zenith_core::ingest::Source;
use zenith_core::package::Tier;
use zenith_core::search::{Mode, SearchRequest};
use zenith_core::{Zenith, find_lockfile};

use super::interrupt::Interrupt;
use super::output::{self, count};
use super::{index, search};

const EXAMPLE: &str = "run blocking code without stalling the async runtime";

pub async fn run(zenith: &Zenith, folder: &Path, interrupt: &Interrupt) -> anyhow::Result<ExitCode> {
    let mut complete = true;
    match find_lockfile(folder) {
        Some(lockfile) => {
            let source = Source::Lockfile(lockfile);
            let request = IndexRequest { source, tier: None, direct_only: false, anew: false };
            let report = index::follow(zenith, &request, interrupt).await?;
            index::print(&report)?;
            complete = !report.cancelled && report.failed.is_empty();
        }
        None => output::line("no Cargo.lock governs this folder: showing what is indexed")?,
    }
    let project = search::project_of(folder)?;
    let mut entries = zenith.packages().await?;
    entries.retain(|entry| project.as_ref().is_none_or(|project| project.holds(entry)));
    output::line("")?;
    for tier in Tier::ALL {
        print_tier(&zenith.identity, tier, &entries)?;
    }
    output::line(format!("\nzenith search {EXAMPLE}"))?;
    let request =
        SearchRequest { query: EXAMPLE.to_string(), mode: Mode::Hybrid, limit: 5, ..Default::default() };
    search::print(&zenith.search(request, project).await?)?;
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_tier(identity: &Identity, tier: Tier, entries: &[CatalogEntry]) -> anyhow::Result<()> {
    if identity.scope(tier).is_none() {
        return output::line(format!("{tier}: sign in as a member of an organisation to join one"));
    }
    let mut ready: Vec<&CatalogEntry> =
        entries.iter().filter(|entry| entry.tier() == tier && entry.status == Status::Ready).collect();
    let symbols: u64 = ready.iter().map(|entry| entry.symbol_count).sum();
    let chunks: u64 = ready.iter().map(|entry| entry.chunk_count).sum();
    output::line(format!("{tier}: {}, {symbols} symbols, {chunks} sections", count(ready.len(), "package")))?;
    ready.sort_by_key(|entry| std::cmp::Reverse(entry.symbol_count));
    for entry in ready.iter().take(5) {
        output::line(format!("  {:<32} {:>7} symbols", entry.id.to_string(), entry.symbol_count))?;
    }
    match ready.len().saturating_sub(5) {
        0 => Ok(()),
        more => output::line(format!("  and {more} more")),
    }
}
