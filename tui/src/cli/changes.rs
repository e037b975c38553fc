//! `zenith changes`

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;
use serde::Serialize;
use zenith_core::answers::changes::{Change, ItemChange, NoRange, Origin, Range};
use zenith_core::catalog::CatalogEntry;
use zenith_core::index::IndexRequest;
use zenith_core::ingest::Source;
use zenith_core::package::PackageId;
use zenith_core::search::PackageFilter;
use zenith_core::{Zenith, find_lockfile};

use super::args::Changes;
use super::interrupt::Interrupt;
use super::output::{self, Style, clean, clean_line};
use super::{freshness, index, search};
use crate::left_out::in_doubt;
use crate::told;

/// A change, as `--json` prints it.
#[derive(Serialize)]
struct ChangeLine<'a> {
    package: &'a str,
    from: &'a str,
    to: &'a str,
    #[serde(flatten)]
    change: &'a ItemChange,
}

pub async fn run(
    zenith: &Zenith,
    folder: &Path,
    arguments: Changes,
    interrupt: &Interrupt,
    json: bool,
) -> anyhow::Result<ExitCode> {
    freshness::tell(zenith, folder).await;
    let lockfile = find_lockfile(folder);
    let project = search::project_of(zenith, folder)?;
    let name = zenith.own_name(&arguments.package, project.as_deref()).await?;
    let name = name.as_str();
    let range = zenith.range(name, arguments.range.unwrap_or_default(), lockfile.as_deref()).await??;
    if range.origin != Origin::Asked {
        eprintln!("{name} {}..{}{}", range.from, range.to, range.origin);
    }
    let before = entry(zenith, name, &range.from, interrupt).await?;
    let after = entry(zenith, name, &range.to, interrupt).await?;
    for entry in [&before, &after] {
        if let Some(left_out) = zenith.left_out(entry) {
            eprintln!("{}", in_doubt(entry, left_out));
        }
    }
    let compare = async { Ok(zenith.changes(&before, &after).await?) };
    let mut changes = interrupt.or_stop(compare).await?;
    let all = changes.len();
    if arguments.used {
        let Some(lockfile) = lockfile else {
            bail!("--used wants a project: no Cargo.lock governs this folder")
        };
        match zenith.changes_used(changes, name, &lockfile).await? {
            Some(used) => changes = used,
            None => bail!("--used wants your code indexed; `zenith index` does"),
        }
    }
    if json {
        for change in &changes {
            output::json(&ChangeLine { package: name, from: &range.from, to: &range.to, change })?;
        }
    } else {
        print(name, &range, &changes, all)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A version as it is indexed; indexed first from cargo's registry folder, where it is there.
async fn entry(
    zenith: &Zenith,
    name: &str,
    version: &str,
    interrupt: &Interrupt,
) -> anyhow::Result<CatalogEntry> {
    if let Some(entry) = find(zenith, name, version).await? {
        return Ok(entry);
    }
    let here = zenith.versions(name).await?;
    if !here.contains(version) {
        bail!(NoRange::absent(name, version, here));
    }
    eprintln!("{name}@{version} is not indexed; taking it from cargo's registry folder");
    let source = Source::Registry { name: name.to_owned(), version: Some(version.to_owned()) };
    let request = IndexRequest { source, tier: None, direct_only: false, anew: false };
    let report = index::follow(zenith, &request, interrupt).await?;
    if report.cancelled {
        bail!("stopped");
    }
    match (find(zenith, name, version).await?, report.failed.first()) {
        (Some(entry), _) => Ok(entry),
        (None, Some(failure)) => bail!("{} could not be indexed: {}", failure.package, failure.why),
        (None, None) => bail!("{name}@{version} was indexed and is not found; `zenith doctor` says more"),
    }
}

async fn find(zenith: &Zenith, name: &str, version: &str) -> anyhow::Result<Option<CatalogEntry>> {
    let filter = PackageFilter { name: name.to_owned(), version: Some(version.to_owned()) };
    let entries = zenith.find_packages(&filter).await?;
    // The public one first: what is one's own under the same name is another package.
    Ok(entries.into_iter().min_by_key(|entry| (entry.id.version() != version, entry.tier())))
}

/// Changes for a person to read. What hangs on an item that came, went or moved is counted with it.
fn print(name: &str, range: &Range, changes: &[ItemChange], all: usize) -> anyhow::Result<()> {
    let style = Style::of_stdout();
    let mut counts: BTreeMap<Change, usize> = BTreeMap::new();
    for change in changes {
        *counts.entry(change.change).or_default() += 1;
    }
    let counts: Vec<String> =
        counts.into_iter().map(|(change, count)| format!("{count} {}", told::change(change))).collect();
    let told = if counts.is_empty() {
        "nothing that others can write differs".to_string()
    } else {
        counts.join(", ")
    };
    let told = match all {
        1 if changes.is_empty() => "your code does not name the one thing that changed".to_string(),
        2.. if changes.is_empty() => format!("your code names none of {all} changes"),
        _ => told,
    };
    let title = format!("{name} {} → {}", range.from, range.to);
    output::line(format!("{}  {told}", style.bold(&clean_line(&title))))?;
    let heads: HashMap<(Change, &str), &ItemChange> =
        changes.iter().map(|change| ((change.change, change.path.as_str()), change)).collect();
    let mut within: HashMap<(Change, &str), usize> = HashMap::new();
    for change in changes {
        if let Some(head) = head(&heads, change) {
            *within.entry((change.change, head)).or_default() += 1;
        }
    }
    for change in changes.iter().filter(|change| head(&heads, change).is_none()) {
        print_change(style, change, within.get(&(change.change, change.path.as_str())).copied())?;
    }
    Ok(())
}

/// The outermost item that the same happened to, and that this one stands in or hangs on.
fn head<'a>(heads: &HashMap<(Change, &str), &'a ItemChange>, change: &'a ItemChange) -> Option<&'a str> {
    let folds = matches!(change.change, Change::Removed | Change::Moved | Change::Added);
    let mut outer = change.path.match_indices("::").filter_map(|(end, _)| change.path.get(..end));
    outer.find_map(|path| heads.get(&(change.change, path)).filter(|_| folds)).map(|head| head.path.as_str())
}

fn print_change(style: Style, change: &ItemChange, within: Option<usize>) -> anyhow::Result<()> {
    let path = style.bold(&clean(&change.path));
    let from = change.moved_from.as_ref().map(|from| format!("  from {}", clean(from))).unwrap_or_default();
    let from = change.stays_at.as_ref().map_or(from, |at| format!("  stays at {}", clean(at)));
    let within = within.map(|count| format!("  and {count} in it")).unwrap_or_default();
    let line =
        format!("{:<10} {:<7} {path}{from}{}", told::change(change.change), change.kind, style.dim(&within));
    output::line(line)?;
    let (before, after) = (change.before.as_deref(), change.after.as_deref());
    if change.change == Change::Changed || change.change == Change::Moved && before != after {
        for (sign, signature) in [("-", before), ("+", after)] {
            if let Some(signature) = signature.filter(|text| !text.is_empty()) {
                output::line(format!("           {sign} {}", clean_line(signature)))?;
            }
        }
    }
    if change.change == Change::Gated {
        let words = |needs: &Option<String>| {
            needs.as_deref().map_or_else(|| "no feature".to_string(), |needs| clean_line(needs).to_string())
        };
        let line = format!("needs {}, and needed {}", words(&change.needs), words(&change.needed));
        output::line(format!("           {line}"))?;
    }
    if change.change == Change::Required {
        output::line("           whoever implements the trait must have it")?;
    }
    if let Some(note) = change.deprecated.as_deref().filter(|note| !note.is_empty()) {
        output::line(format!("           {}", style.dim(&format!("deprecated: {}", clean_line(note)))))?;
    }
    Ok(())
}

/// A package's name, as it is typed.
pub fn package_name(text: &str) -> Result<String, String> {
    if text.contains('@') {
        return Err("the versions come after the name: `zenith changes NAME FROM..TO`".to_string());
    }
    PackageId::rust(text, "0.0.0").map(|id| id.name().to_owned()).map_err(|error| error.to_string())
}
