//! `zenith packages`

use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;
use serde::Serialize;
use zenith_core::Zenith;
use zenith_core::catalog::{CatalogEntry, Catalogued, Found, Status};
use zenith_core::lake::{LeftOut, is_fetched};
use zenith_core::package::Tier;
use zenith_core::search::{PackageFilter, Project};

use super::args::Packages;
use super::near::unknown_package;
use super::output::{self, Style, clean_line, count};
use super::{account, freshness, search};
use crate::count::Count;
use crate::left_out::how_to_lift;

/// A package, as `--json` prints it.
#[derive(Serialize)]
struct PackageLine<'a> {
    tier: Tier,
    ecosystem: &'a str,
    package: &'a str,
    version: &'a str,
    status: Status,
    symbols: u64,
    /// Symbols that were left out, because it has more than are taken of a package.
    left_out: u64,
    chunks: u64,
    description: Option<&'a str>,
    repository: Option<&'a str>,
    model: Option<&'a str>,
    /// Milliseconds since 1970, UTC.
    indexed_at_ms: Option<i64>,
    error: Option<&'a str>,
    /// The shared database that lists it; null where it is indexed on this machine.
    shared: Option<String>,
    /// Locked by this project for other platforms than this machine's alone.
    other_platform: bool,
}

pub async fn run(
    zenith: &Zenith,
    folder: &Path,
    arguments: Packages,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let tiers: Vec<Tier> = arguments.tier.into_iter().map(Into::into).collect();
    let project = search::project_of(zenith, folder)?;
    freshness::tell(zenith, folder).await;
    let wanted = project.as_ref().map(|project| project.ids()).unwrap_or_default();
    let Catalogued { mut found, doubted } = zenith.catalogued(&wanted).await?;
    account::tell_doubts(&doubted);
    let project = project.as_deref();
    let (mut named, mut unknown) = (Vec::new(), Vec::new());
    for filter in &arguments.packages {
        let meant = meant(zenith, filter, &found, project).await?;
        let of_tiers = |found: &&Found| tiers.is_empty() || tiers.contains(&found.entry.tier());
        let of_name = || found.iter().filter(|found| meant.iter().any(|one| one.holds(&found.entry.id)));
        match of_name().next() {
            None => unknown.push(unknown_package(zenith, filter).await?),
            Some(other) if of_name().find(of_tiers).is_none() => {
                let other = other.entry.tier();
                unknown.push(format!("{filter} is of the {other} tier, not of the {}", listed(&tiers)));
            }
            Some(_) => named.extend(meant),
        }
    }
    found.retain(|found| tiers.is_empty() || tiers.contains(&found.entry.tier()));
    let all = arguments.packages.is_empty();
    found.retain(|found| all || named.iter().any(|filter| filter.holds(&found.entry.id)));
    let left_out = |found: &Found| zenith.left_out(&found.entry).filter(|_| found.shared.is_none());
    let is_other = |found: &Found| project.is_some_and(|project| project.is_for_others(&found.entry));
    // The order is the catalog's but for what is not built here.
    found.sort_by_key(|found| is_other(found));
    if json {
        for found in &found {
            let left_out = left_out(found).map_or(0, |left_out| left_out.left_out);
            let other_platform = is_other(found);
            output::json(&PackageLine { left_out, other_platform, ..PackageLine::of(found) })?;
        }
    } else if found.is_empty() && unknown.is_empty() {
        output::line(empty(&tiers))?;
    } else if !found.is_empty() {
        let style = Style::of_stdout();
        let width = found.iter().map(|found| found.entry.id.to_string().len()).max().unwrap_or(0).min(48);
        for found in &found {
            let line = Line { found, is_other: is_other(found), left_out: left_out(found) };
            print(style, width, &line)?;
        }
        print_count(&found, project)?;
        let is_theirs = |found: &&Found| found.entry.dataset.as_deref().is_some_and(is_fetched);
        let (theirs, own): (Vec<&Found>, Vec<&Found>) = found.iter().partition(is_theirs);
        let all = |found: &Found| Some(left_out(found)?.left_out.saturating_add(found.entry.symbol_count));
        if let Some(most) = own.into_iter().filter_map(all).max() {
            output::line(how_to_lift(most))?;
        }
        match theirs.into_iter().filter_map(all).count() {
            0 => {}
            cut => {
                output::line(format!("of {} whoever shares them left symbols out", count(cut, "package")))?
            }
        }
    }
    if !unknown.is_empty() {
        bail!(unknown.join("\n"));
    }
    Ok(ExitCode::SUCCESS)
}

/// What a filter means: what bears the name, else what this project calls so.
async fn meant(
    zenith: &Zenith,
    filter: &PackageFilter,
    found: &[Found],
    project: Option<&Project>,
) -> anyhow::Result<Vec<PackageFilter>> {
    let known = found.iter().any(|found| filter.holds(&found.entry.id));
    let renamed = match project.filter(|_| !known) {
        Some(project) => zenith.find_renamed(filter, project).await?,
        None => Vec::new(),
    };
    let exact = |entry: CatalogEntry| PackageFilter {
        name: entry.id.name().to_owned(),
        version: Some(entry.id.version().to_owned()),
    };
    Ok(if renamed.is_empty() { vec![filter.clone()] } else { renamed.into_iter().map(exact).collect() })
}

/// What to do where nothing is indexed, or nothing of some tiers.
pub fn empty(tiers: &[Tier]) -> String {
    let here = "`zenith index` indexes the project of this folder";
    if tiers.is_empty() {
        return format!("nothing is indexed; {here}");
    }
    let fills = tiers.iter().map(|tier| match tier {
        Tier::Public => here.to_string(),
        Tier::Team => {
            "`zenith login SERVICE` signs in to your team, then `zenith pull` brings what it shares, and \
                       `zenith index --tier team` indexes your code for it"
                .to_string()
        }
        Tier::Private => format!("{here}, your own code as private"),
    });
    let fills: Vec<String> = fills.collect();
    format!("nothing of the {} is indexed; {}", listed(tiers), fills.join("; "))
}

/// `team tier`, `public and team tiers`.
fn listed(tiers: &[Tier]) -> String {
    let names: Vec<&str> = tiers.iter().map(|tier| tier.as_str()).collect();
    match names.as_slice() {
        [one] => format!("{one} tier"),
        more => format!("{} tiers", more.join(" and ")),
    }
}

/// How many packages there are, and what they are to the project.
fn print_count(found: &[Found], project: Option<&Project>) -> anyhow::Result<()> {
    let Some(project) = project else { return output::line(count(found.len(), "package")) };
    let held = found.iter().filter(|found| project.holds(&found.entry)).count();
    let others = found.iter().filter(|found| project.is_for_others(&found.entry)).count();
    let elsewhere = match found.len() - held {
        0 => String::new(),
        elsewhere => format!(", {elsewhere} of other projects"),
    };
    output::line(format!("{}{elsewhere}", Count { all: held, others }))
}

/// A package, as it is printed for people.
struct Line<'a> {
    found: &'a Found,
    is_other: bool,
    left_out: Option<LeftOut>,
}

fn print(style: Style, width: usize, line: &Line<'_>) -> anyhow::Result<()> {
    let Line { found, is_other, left_out } = *line;
    let entry = &found.entry;
    let of = left_out.map_or_else(String::new, |left_out| {
        format!(" of {}", left_out.left_out.saturating_add(entry.symbol_count))
    });
    let state = match (entry.status, &entry.error) {
        _ if found.shared.is_some() => format!("{:>6} symbols, not on this machine", entry.symbol_count),
        (Status::Ready, _) => {
            format!("{:>6}{of} symbols {:>4} sections", entry.symbol_count, entry.chunk_count)
        }
        (Status::Claimed, _) => "being indexed".to_string(),
        (Status::Interrupted, _) => "interrupted; the next index goes on".to_string(),
        (Status::Failed, why) => {
            format!("failed: {}", clean_line(why.as_deref().unwrap_or("for no recorded reason")))
        }
    };
    let description = clean_line(entry.description.as_deref().unwrap_or_default());
    let description: String = description.chars().take(80).collect();
    let state = if is_other { format!("{state} · other platform") } else { state };
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
            left_out: 0,
            chunks: entry.chunk_count,
            description: entry.description.as_deref(),
            repository: entry.repo_url.as_deref(),
            model: entry.embedding_model.as_deref(),
            indexed_at_ms: entry.indexed_at_ms,
            error: entry.error.as_deref(),
            other_platform: false,
        }
    }
}
