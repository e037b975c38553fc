//! `zenith packages`

use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use zenith_core::Zenith;
use zenith_core::catalog::{Found, Status};
use zenith_core::package::Tier;

use super::args::Packages;
use super::output::{self, Style, clean_line};
use super::{account, search};

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
    /// The shared database that lists it; null where it is indexed on this machine.
    shared: Option<String>,
}

pub async fn run(
    zenith: &Zenith,
    folder: &Path,
    arguments: Packages,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let tiers: Vec<Tier> = arguments.tier.into_iter().map(Into::into).collect();
    let wanted = search::project_of(folder)?.map(|project| project.ids()).unwrap_or_default();
    let mut found = zenith.catalogued(&wanted).await?;
    account::tell_doubts(zenith).await;
    found.retain(|found| tiers.is_empty() || tiers.contains(&found.entry.tier()));
    if json {
        for found in &found {
            output::json(&PackageLine::of(found))?;
        }
    } else if found.is_empty() {
        output::line("nothing is indexed; `zenith index` indexes the project of this folder")?;
    } else {
        let style = Style::of_stdout();
        let width = found.iter().map(|found| found.entry.id.to_string().len()).max().unwrap_or(0).min(48);
        for found in &found {
            print(style, width, found)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print(style: Style, width: usize, found: &Found) -> anyhow::Result<()> {
    let entry = &found.entry;
    let state = match (entry.status, &entry.error) {
        _ if found.shared.is_some() => format!("{:>6} symbols, not on this machine", entry.symbol_count),
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
    fn of(found: &Found) -> PackageLine<'_> {
        let entry = &found.entry;
        PackageLine {
            shared: found.shared.as_ref().map(ToString::to_string),
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
