//! `zenith packages`

use std::process::ExitCode;

use serde::Serialize;
use zenith_core::Zenith;
use zenith_core::catalog::{CatalogEntry, Status};
use zenith_core::package::Tier;

use super::args::Packages;
use super::output::{self, Style, clean_line};

/// A package, as `--json` prints it.
#[derive(Serialize)]
struct PackageLine<'a> {
    tier: Tier,
    ecosystem: &'a str,
    package: &'a str,
    version: &'a str,
    status: Status,
    symbols: u64,
    chunks: u64,
    description: Option<&'a str>,
    repository: Option<&'a str>,
    model: Option<&'a str>,
    /// Milliseconds since 1970, UTC.
    indexed_at_ms: Option<i64>,
    error: Option<&'a str>,
}

pub async fn run(zenith: &Zenith, arguments: Packages, json: bool) -> anyhow::Result<ExitCode> {
    let tiers: Vec<Tier> = arguments.tier.into_iter().map(Into::into).collect();
    let mut entries = zenith.packages().await?;
    entries.retain(|entry| tiers.is_empty() || tiers.contains(&entry.tier()));
    if json {
        for entry in &entries {
            output::json(&PackageLine::of(entry))?;
        }
    } else if entries.is_empty() {
        output::line("nothing is indexed; `zenith index` indexes the project of this folder")?;
    } else {
        let style = Style::of_stdout();
        let width = entries.iter().map(|entry| entry.id.to_string().len()).max().unwrap_or(0).min(48);
        for entry in &entries {
            print(style, width, entry)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print(style: Style, width: usize, entry: &CatalogEntry) -> anyhow::Result<()> {
    let state = match (entry.status, &entry.error) {
        (Status::Ready, _) => format!("{:>6} symbols {:>4} sections", entry.symbol_count, entry.chunk_count),
        (Status::Claimed, _) => "being indexed".to_string(),
        (Status::Failed, why) => {
            format!("failed: {}", clean_line(why.as_deref().unwrap_or("for no recorded reason")))
        }
    };
    let description = clean_line(entry.description.as_deref().unwrap_or_default());
    let description: String = description.chars().take(80).collect();
    let line = format!(
        "{:<width$}  {}  {state}  {}",
        entry.id.to_string(),
        style.tier(entry.tier()),
        style.dim(&description)
    );
    output::line(line.trim_end())
}

impl PackageLine<'_> {
    fn of(entry: &CatalogEntry) -> PackageLine<'_> {
        PackageLine {
            tier: entry.tier(),
            ecosystem: entry.id.ecosystem(),
            package: entry.id.name(),
            version: entry.id.version(),
            status: entry.status,
            symbols: entry.symbol_count,
            chunks: entry.chunk_count,
            description: entry.description.as_deref(),
            repository: entry.repo_url.as_deref(),
            model: entry.embedding_model.as_deref(),
            indexed_at_ms: entry.indexed_at_ms,
            error: entry.error.as_deref(),
        }
    }
}
