//! `zenith search`

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use serde::Serialize;
use zenith_core::index::{Reached, project};
use zenith_core::search::{Filters, Hit, Mode, Project, Query, SearchRequest, SearchResults};
use zenith_core::{Zenith, ZenithError, find_lockfile};

use super::args::Search;
use super::near::{missing_standard_in, unknown_package};
use super::output::{self, Style, clean};
use super::packages::empty;
use super::{account, freshness};
use crate::count::Count;
use crate::notes::beside::{self, Beside, Once, Short};

/// How long a search waits for a store.
pub const REACH_DEADLINE: Duration = Duration::from_secs(3);

pub async fn run(zenith: &Zenith, folder: &Path, search: Search, json: bool) -> anyhow::Result<ExitCode> {
    let project = if search.all { None } else { project_of(zenith, folder)? };
    freshness::tell(zenith, folder).await;
    let request = SearchRequest {
        query: search.query.join(" "),
        mode: search.mode,
        filters: Filters {
            tiers: search.tier.into_iter().map(Into::into).collect(),
            packages: search.package,
            kinds: search.kind,
            here: search.here,
        },
        limit: search.limit,
    };
    let mode = request.mode;
    let (mut reached, mut doubted) = (Ok(Reached::default()), Vec::new());
    if !search.local {
        let wanted = project.as_deref().map(Project::ids).unwrap_or_default();
        let catalogued = zenith.catalogued(&wanted).await?;
        reached = zenith.reach_among(catalogued.found, &request, project.as_deref(), REACH_DEADLINE).await;
        doubted = catalogued.doubted;
    }
    if !zenith.outdated_shelves().is_empty() {
        eprintln!("the search index has the layout of another version; it is made anew first");
    }
    for misread in Query::misread(&request.query) {
        eprintln!("{}, and is searched as a word", output::clean_line(&misread.to_string()));
    }
    if let Some(missing) = missing_standard_in(zenith, &request.query).await? {
        eprintln!("{missing}");
    }
    if project.is_none() && !search.all {
        eprintln!("no Cargo.lock is here or above: all that is indexed is searched");
    }
    let Filters { packages, tiers, .. } = Query::parse(&request.query).filters.and(request.filters.clone());
    let (results, notes) = tokio::join!(zenith.search(request, project), beside::kept(zenith));
    let results = results?;
    let notes = notes.unwrap_or_else(|error| {
        output::note(&format!("no notes are shown: {error}"));
        None
    });
    let notes = Beside::of(notes.as_deref());
    tell_reached(&reached);
    if results.lacks_signature && !results.hits.is_empty() {
        eprintln!(
            "no function has a signature like this; what follows is by its words and near it in meaning"
        );
    } else if let Some(name) = results.unknown_type.as_deref().filter(|_| !results.hits.is_empty()) {
        eprintln!("{}; what follows fits the rest of it", unknown_type(name));
    } else if results.are_near_alone() && mode != Mode::Vector {
        eprintln!("nothing has these words; what follows is near them in meaning");
    }
    account::tell_doubts(&doubted);
    let all_reached = reached.as_ref().is_ok_and(|reached| reached.unread == 0 && reached.too_large == 0);
    if let (0, true, Some(package)) = (results.packages, all_reached, packages.first()) {
        if !zenith.find_packages(package).await?.is_empty() {
            bail!(
                "{package} is indexed, and left out by what else limits this search (a tier, the project's versions: see `--all`)"
            );
        }
        bail!(unknown_package(zenith, package).await?);
    }
    if results.packages == 0 && !tiers.is_empty() && !json {
        return output::line(empty(&tiers)).map(|()| ExitCode::SUCCESS);
    }
    if json {
        for hit in &results.hits {
            output::json(&HitLine { hit, notes: notes.shorts(hit) })?;
        }
    } else {
        print(&results, &notes)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// That nothing has a type of the signature that was asked for.
pub fn unknown_type(name: &str) -> String {
    format!("no function has a signature like this: none names the type {}", output::clean_line(name))
}

/// What of the search lay elsewhere, on standard error: whoever reads results reads on.
pub fn tell_reached(reached: &Result<Reached, ZenithError>) {
    let packages = |number| output::count(number, "package");
    match reached {
        Ok(Reached { held, too_large, unread, because }) => {
            if *held > 0 {
                eprintln!(
                    "{} searched on the store; `zenith pull` fetches what the project builds on",
                    packages(*held)
                );
            }
            if *too_large > 0 {
                eprintln!(
                    "{} too large to be searched on the store; `zenith pull NAME` fetches one, `--all` all",
                    packages(*too_large)
                );
            }
            if *unread > 0 {
                let because = output::clean_line(because.as_deref().unwrap_or("nobody can say why"));
                eprintln!("{} shared and not searched: {because}", packages(*unread));
            }
        }
        Err(error) => {
            eprintln!("what is shared was not searched: {}", output::clean_line(&error.to_string()))
        }
    }
}

/// The project that governs a folder, if one does.
pub fn project_of(zenith: &Zenith, folder: &Path) -> anyhow::Result<Option<Arc<Project>>> {
    let Some(lockfile) = find_lockfile(folder) else { return Ok(None) };
    Ok(Some(Arc::new(project(&zenith.config.data_dir, &lockfile)?)))
}

/// A result, as `--json` prints it.
#[derive(Serialize)]
struct HitLine<'a> {
    #[serde(flatten)]
    hit: &'a Hit,
    /// The user's notes on it, its file and its package; said where there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Short<'a>>,
}

/// Results for a person to read, each with the notes that were not told yet, and what to do where there are none.
pub fn print(results: &SearchResults, notes: &Beside<'_>) -> anyhow::Result<()> {
    let (style, mut once) = (Style::of_stdout(), Once::default());
    for hit in &results.hits {
        print_hit(style, hit)?;
        for line in once.lines(notes, hit) {
            output::line(format!("     {line}"))?;
        }
    }
    if results.packages == 0 {
        return output::line("nothing is indexed here; `zenith index` indexes the project of this folder");
    }
    if results.hits.is_empty() {
        output::line(format!(
            "nothing found in {}",
            Count { all: results.packages, others: results.other_platforms }
        ))?;
    }
    if results.other_model > 0 {
        let packages = output::count(results.other_model, "package");
        output::line(format!(
            "{packages} embedded with another model: found by words alone until indexed again"
        ))?;
    }
    Ok(())
}

fn print_hit(style: Style, hit: &Hit) -> anyhow::Result<()> {
    let other = match (hit.other_platform, hit.other_project) {
        (true, _) => " · other platform",
        (_, true) => " · another project",
        _ => "",
    };
    let package = style.dim(&format!("{} · {} {}{other} ·", hit.kind, hit.package, hit.version));
    let path = style.bold(&clean(&hit.path));
    output::line(format!("{:>3}  {path}  {package} {}", hit.rank, style.tier(hit.tier)))?;
    if let Some(alias) = &hit.alias {
        output::line(format!("     {}", style.dim(&format!("called {} elsewhere", clean(alias)))))?;
    }
    if let Some(needs) = hit.not_built() {
        output::line(format!("     {}", style.dim(&clean(&needs))))?;
    }
    if !hit.signature.is_empty() {
        output::line(format!("     {}", clean(&one_line(&hit.signature))))?;
    }
    let summary = summary(&hit.doc);
    if !summary.is_empty() {
        output::line(format!("     {}", style.dim(&clean(&summary))))?;
    }
    output::line(format!("     {}", style.dim(&clean(&hit.place()))))
}

/// The first paragraph of a documentation, on one line of bounded length.
fn summary(doc: &str) -> String {
    let paragraph: Vec<&str> = doc
        .lines()
        .map(str::trim)
        .skip_while(|line| line.is_empty())
        .take_while(|line| !line.is_empty())
        .collect();
    one_line(&paragraph.join(" "))
}

const LINE_CHARS_MAX: usize = 160;

fn one_line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LINE_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
