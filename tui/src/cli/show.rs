//! `zenith show`

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use serde::Serialize;
use zenith_core::answers::{Fact, file_package};
use zenith_core::catalog::CatalogEntry;
use zenith_core::ingest::{DOC_BYTES_MAX, STANDARD_CRATES};
use zenith_core::lake::{ApiSymbol, DocChunk, Names, Needs, SymbolOutline};
use zenith_core::package::{Tier, is_version};
use zenith_core::search::shelf::DOC_KIND;
use zenith_core::search::{Filters, PackageFilter, Project, SearchRequest};
use zenith_core::{Followed, Zenith, ZenithError};

use super::args::Show;
use super::examples;
use super::freshness;
use super::interrupt::Interrupt;
use super::near::{ending_in, like_path, missing_standard, unknown_package};
use super::output::{self, Style, clean, clean_line};
use super::search::{REACH_DEADLINE, project_of, tell_reached};

/// A symbol in a package's list, as `--json` prints it.
#[derive(Serialize)]
struct OutlineLine<'a> {
    kind: &'a str,
    path: &'a str,
    name: &'a str,
    signature: Option<&'a str>,
    visibility: &'a str,
    file: &'a str,
    line: i32,
}

/// A whole symbol, as `--json` prints it.
#[derive(Serialize)]
struct SymbolLine<'a> {
    tier: Tier,
    ecosystem: &'a str,
    package: &'a str,
    version: &'a str,
    kind: &'a str,
    path: &'a str,
    name: &'a str,
    signature: Option<&'a str>,
    visibility: &'a str,
    /// The package that the file is in: of an item that is shown from elsewhere, where it is declared.
    file_package: String,
    file: &'a str,
    line: i32,
    line_end: i32,
    is_async: bool,
    is_unsafe: bool,
    is_error_type: bool,
    returns_result: bool,
    attributes: Vec<&'a str>,
    metadata: serde_json::Value,
    doc: Option<&'a str>,
    source: Option<&'a str>,
    /// The documentation is as long as any that is kept, and may go on in the file.
    doc_cut: bool,
    /// How one gets it.
    obtain: &'a [Fact],
}

/// A section of documentation, as `--json` prints it.
#[derive(Serialize)]
struct SectionLine<'a> {
    tier: Tier,
    ecosystem: &'a str,
    package: &'a str,
    version: &'a str,
    kind: &'static str,
    path: String,
    file: &'a str,
    line: i32,
    doc: &'a str,
}

pub async fn run(
    zenith: &Zenith,
    folder: &Path,
    arguments: Show,
    interrupt: &Interrupt,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let project = project_of(zenith, folder)?;
    freshness::tell(zenith, folder).await;
    let Show { package, symbol, examples, implementors, uses, bounds } = arguments;
    let Sought { package, path, entries } = sought(zenith, package, symbol, project.clone()).await?;
    let first = first(zenith, &entries, &package, path.as_deref()).await?;
    let Some(path) = &path else {
        if examples || implementors || uses {
            bail!("of which item of {}? `zenith show {}` lists them", first.id, first.id.name());
        }
        tell_versions(first, &entries);
        list(zenith, first, json).await?;
        return Ok(ExitCode::SUCCESS);
    };
    let mut not_indexed = None;
    for entry in &entries {
        let Followed { entry: found_in, symbols, not_indexed: missing } = zenith.follow(entry, path).await?;
        let found_in = found_in.as_ref().unwrap_or(entry);
        if !symbols.is_empty() {
            tell_versions(entry, &entries);
        }
        if (implementors || uses) && !symbols.is_empty() {
            let asking = examples::Asking { zenith, project, interrupt, bounds, json };
            return match implementors {
                true => asking.implementors(found_in, &symbols).await,
                false => asking.uses(found_in, &symbols).await,
            };
        }
        let facts = zenith.obtain_each(found_in, &symbols, project.as_ref()).await?;
        for (symbol, facts) in symbols.iter().zip(&facts) {
            if json {
                output::json(&SymbolLine::of(found_in, symbol, facts))?;
            } else {
                print(found_in, symbol, facts)?;
            }
        }
        if examples && !symbols.is_empty() {
            let asking = examples::Asking { zenith, project, interrupt, bounds, json };
            return asking.examples(found_in, &symbols).await;
        }
        if !symbols.is_empty() || sections(zenith, entry, path, json).await? {
            return Ok(ExitCode::SUCCESS);
        }
        not_indexed = not_indexed.or(missing);
    }
    Err(no_symbol(zenith, first, path, not_indexed).await)
}

/// Says which other versions there are of the package that is shown, where one name has several here.
pub fn tell_versions(first: &CatalogEntry, entries: &[CatalogEntry]) {
    let others: Vec<&str> = entries
        .iter()
        .filter(|other| other.id.name() == first.id.name() && other.tier() == first.tier())
        .filter(|other| other.id != first.id)
        .map(|other| other.id.version())
        .collect();
    if !others.is_empty() {
        let (id, others) = (first.id.to_string(), others.join(", "));
        eprintln!("this is of {}; there is also {}", clean_line(&id), clean_line(&others));
    }
}

/// The first of the packages that a name means, or what to do where there is none.
pub async fn first<'a>(
    zenith: &Zenith,
    entries: &'a [CatalogEntry],
    package: &PackageFilter,
    path: Option<&str>,
) -> anyhow::Result<&'a CatalogEntry> {
    let Some(first) = entries.first() else {
        // What was typed may be the end of a path, and begin with no package at all.
        let is_known = zenith.searchable().await?.iter().any(|entry| entry.id.name() == package.name);
        let ending = match is_known {
            false => ending_in(zenith, path.unwrap_or(&package.name)).await?,
            true => None,
        };
        match ending {
            Some(paths) => {
                bail!("no package {} is indexed; is {paths} meant?", package.name.trim_start_matches("::"))
            }
            None => bail!(unknown_package(zenith, package).await?),
        }
    };
    Ok(first)
}

/// The one of the items that a path means of which uses are told: the first. Of a trait and the macro that derives it,
/// which share a path, it is the trait: a derive is a use of it too.
pub fn chosen(symbols: &[ApiSymbol]) -> Option<&ApiSymbol> {
    let first = symbols.first()?;
    let derived = symbols.iter().find(|one| one.kind == "trait" && one.path == first.path);
    derived.filter(|_| first.kind == "macro").or(Some(first))
}

/// The symbols that a path means, with the package that has them.
pub async fn item(
    zenith: &Zenith,
    entries: &[CatalogEntry],
    first: &CatalogEntry,
    path: &str,
) -> anyhow::Result<(CatalogEntry, Vec<ApiSymbol>)> {
    let mut not_indexed = None;
    for entry in entries {
        let Followed { entry: found_in, symbols, not_indexed: missing } = zenith.follow(entry, path).await?;
        if !symbols.is_empty() {
            return Ok((found_in.unwrap_or_else(|| entry.clone()), symbols));
        }
        not_indexed = not_indexed.or(missing);
    }
    Err(no_symbol(zenith, first, path, not_indexed).await)
}

/// What to do where a package has no symbol of a path.
pub async fn no_symbol(
    zenith: &Zenith,
    first: &CatalogEntry,
    path: &str,
    not_indexed: Option<String>,
) -> anyhow::Error {
    match told_of(zenith, first, path, not_indexed).await {
        Ok(told) => anyhow::anyhow!(told),
        Err(error) => error.into(),
    }
}

async fn told_of(
    zenith: &Zenith,
    first: &CatalogEntry,
    path: &str,
    not_indexed: Option<String>,
) -> Result<String, ZenithError> {
    if let Some(missing) = missing_standard(zenith, path).await? {
        return Ok(missing);
    }
    if let Some(id) = not_indexed {
        return Ok(match missing_standard(zenith, &id).await? {
            Some(missing) => format!("{path} leads into {id}, and {missing}"),
            None => format!("{path} leads into {id}, which is not indexed; `zenith index {id}` indexes it"),
        });
    }
    let path = path.strip_prefix("crate::").unwrap_or(path);
    Ok(match like_path(zenith, first, path).await? {
        Some(like) => format!("{} has no symbol {path}; is {like} meant?", first.id),
        None => format!(
            "{} has no symbol {path}; `zenith search {path} --package {}` may find its name",
            first.id,
            first.id.name()
        ),
    })
}

/// What a name and a path mean.
pub struct Sought {
    pub package: PackageFilter,
    pub path: Option<String>,
    /// The packages that the name means, the likeliest first.
    pub entries: Vec<CatalogEntry>,
}

/// The packages and the path that are meant, by the names that the packages have, or that this project gives them.
pub async fn sought(
    zenith: &Zenith,
    package: PackageFilter,
    symbol: Option<String>,
    project: Option<Arc<Project>>,
) -> anyhow::Result<Sought> {
    let (package, mut path) = meant(package, symbol);
    let mut entries = zenith.find_packages(&package).await?;
    if let Some(project) = &project
        && !entries.iter().any(|entry| project.holds(entry))
    {
        let mut renamed = zenith.find_renamed(&package, project).await?;
        if !renamed.is_empty() {
            project.prefer(&mut renamed);
            // The package itself calls its crate by another name.
            path = path.map(|path| match path.split_once("::") {
                Some((first, rest)) if first == package.name => format!("crate::{rest}"),
                _ => path,
            });
            return Ok(Sought { package, path, entries: renamed });
        }
    }
    entries = packages(zenith, &package, project, entries).await?;
    Ok(Sought { package, path, entries })
}

/// The package and the path that are meant. A path alone begins with its crate, which may bear a version:
/// `tokio::spawn`, `tokio@1.47::spawn`.
fn meant(package: PackageFilter, symbol: Option<String>) -> (PackageFilter, Option<String>) {
    let path = package.name.trim_start_matches("::").to_owned();
    let versioned = package.version.as_deref().and_then(|version| version.split_once("::"));
    // A path may say of which version it is, whatever stands beside it.
    let symbol = match symbol.map(|symbol| (PackageFilter::parse(&symbol), symbol)) {
        Some((of_symbol, symbol)) => {
            match of_symbol.version.as_deref().and_then(|version| version.split_once("::")) {
                Some(_)
                    if !of_symbol.name.contains("::") && !of_symbol.name.contains(char::is_whitespace) =>
                {
                    return meant(of_symbol, None);
                }
                _ => Some(symbol),
            }
        }
        None => None,
    };
    match (symbol, path.split_once("::"), versioned) {
        (None, Some((crate_name, _)), _) => (PackageFilter::parse(crate_name), Some(path)),
        (None, None, Some((version, rest))) => {
            let version = Some(version.to_owned()).filter(|version| !version.is_empty());
            (PackageFilter { name: path, version }, Some(format!("crate::{rest}")))
        }
        (symbol, ..) => (package, symbol),
    }
}

/// The packages that a name means: of several versions, those that this project builds on; by the name
/// of their crate, if no package is called so; on the store, if nothing here is.
async fn packages(
    zenith: &Zenith,
    wanted: &PackageFilter,
    project: Option<Arc<Project>>,
    mut entries: Vec<CatalogEntry>,
) -> anyhow::Result<Vec<CatalogEntry>> {
    if entries.is_empty() {
        entries = find(zenith, wanted).await?;
    }
    if entries.is_empty() {
        let filters = Filters { packages: vec![wanted.clone()], ..Filters::default() };
        let request = SearchRequest { filters, ..SearchRequest::default() };
        tell_reached(&zenith.reach(&request, project.as_deref(), REACH_DEADLINE).await);
        entries = find(zenith, wanted).await?;
    }
    if let Some(project) = &project {
        zenith.settle_toolchain(project).await?;
    }
    if let Some(project) = project
        && entries.iter().any(|entry| project.holds(entry))
    {
        let very = |entry: &CatalogEntry| wanted.version.as_deref() == Some(entry.id.version());
        let exact = entries.iter().any(very);
        entries.retain(|entry| project.holds(entry));
        if !exact {
            project.prefer(&mut entries);
        }
    }
    Ok(entries)
}

async fn find(zenith: &Zenith, wanted: &PackageFilter) -> anyhow::Result<Vec<CatalogEntry>> {
    let entries = zenith.find_packages(wanted).await?;
    // What programs name so is the standard library, whatever else calls itself that.
    if !entries.is_empty() || STANDARD_CRATES.contains(&wanted.name.as_str()) {
        return Ok(entries);
    }
    let mut entries = zenith.find_crates(&wanted.name).await?;
    let of_version = |entry: &CatalogEntry| {
        let version = wanted.version.as_deref();
        version.is_none_or(|version| is_version(version, entry.id.version()))
    };
    entries.retain(of_version);
    Ok(entries)
}

/// Whether a documentation is as long as any that is kept.
pub fn is_cut(doc: &str) -> bool {
    // It ends with a whole character.
    doc.len() + char::MAX.len_utf8() > DOC_BYTES_MAX
}

/// Prints the sections that bear a title; `false` where none does.
async fn sections(zenith: &Zenith, entry: &CatalogEntry, title: &str, json: bool) -> anyhow::Result<bool> {
    let sections = zenith.sections(entry, title).await?;
    for section in &sections {
        if json { output::json(&SectionLine::of(entry, section))? } else { print_section(entry, section)? }
    }
    Ok(!sections.is_empty())
}

async fn list(zenith: &Zenith, entry: &CatalogEntry, json: bool) -> anyhow::Result<()> {
    let symbols = zenith.symbols(entry).await?;
    if json {
        return symbols.iter().try_for_each(|symbol| output::json(&OutlineLine::of(symbol)));
    }
    let style = Style::of_stdout();
    output::line(format!("{}  {}", style.bold(&entry.id.to_string()), style.tier(entry.tier())))?;
    for text in [&entry.description, &entry.repo_url].into_iter().flatten() {
        output::line(clean_line(text))?;
    }
    output::line(format!(
        "{}, {} of documentation\n",
        output::count(entry.symbol_count, "symbol"),
        output::count(entry.chunk_count, "section")
    ))?;
    symbols.iter().try_for_each(|symbol| {
        output::line(format!("{} {}", style.dim(&format!("{:>7}", symbol.kind)), clean(&symbol.path)))
    })
}

fn print_section(entry: &CatalogEntry, section: &DocChunk) -> anyhow::Result<()> {
    let style = Style::of_stdout();
    let title = section.section_title.as_deref().unwrap_or_default();
    output::line(format!("{}  {}", style.bold(&clean_line(title)), style.dim("doc")))?;
    let place = format!("{} · {}:{}", entry.id, section.file_path, section.line_start);
    output::line(style.dim(&clean(&place)))?;
    output::line("")?;
    for text in section.content.lines() {
        output::line(clean(text))?;
    }
    output::line("")
}

fn print(entry: &CatalogEntry, symbol: &ApiSymbol, facts: &[Fact]) -> anyhow::Result<()> {
    let style = Style::of_stdout();
    let place = format!("{} · {}:{}", file_package(entry, symbol), symbol.file_path, symbol.line_start);
    output::line(format!("{}  {}", style.bold(&clean(&symbol.path)), style.dim(&symbol.kind)))?;
    output::line(style.dim(&clean(&place)))?;
    if let Some(needs) = Needs::of(&symbol.metadata).words() {
        output::line(clean(&needs))?;
    }
    let names = Names::of(&symbol.metadata);
    if !names.paths.is_empty() {
        output::line(style.dim(&clean(&format!("also {}", names.paths.join(", ")))))?;
    }
    if !names.aliases.is_empty() {
        output::line(style.dim(&clean(&format!("called {} elsewhere", names.aliases.join(", ")))))?;
    }
    for fact in facts {
        let source = style.dim(&format!("({})", clean_line(&fact.source)));
        output::line(format!("{:<11}{}  {source}", fact.what, clean_line(&fact.value)))?;
    }
    for part in [&symbol.doc_comment, &symbol.source].into_iter().flatten() {
        output::line("")?;
        for text in part.lines() {
            output::line(clean(text))?;
        }
        if Some(part) == symbol.doc_comment.as_ref() && is_cut(part) {
            let kept = "documentation is kept up to 32 KiB; it may go on in";
            output::line(style.dim(&format!("… {kept} {}", clean_line(&place))))?;
        }
    }
    output::line("")
}

impl<'a> SectionLine<'a> {
    fn of(entry: &'a CatalogEntry, section: &'a DocChunk) -> SectionLine<'a> {
        let title = section.section_title.as_deref().unwrap_or_default();
        SectionLine {
            tier: entry.tier(),
            ecosystem: &section.ecosystem,
            package: &section.package,
            version: &section.version,
            kind: DOC_KIND,
            path: format!("{} › {title}", entry.id.name()),
            file: &section.file_path,
            line: section.line_start,
            doc: &section.content,
        }
    }
}

impl OutlineLine<'_> {
    fn of(symbol: &SymbolOutline) -> OutlineLine<'_> {
        OutlineLine {
            kind: &symbol.kind,
            path: &symbol.path,
            name: &symbol.name,
            signature: symbol.signature.as_deref(),
            visibility: &symbol.visibility,
            file: &symbol.file_path,
            line: symbol.line_start,
        }
    }
}

impl<'a> SymbolLine<'a> {
    fn of(entry: &'a CatalogEntry, symbol: &'a ApiSymbol, obtain: &'a [Fact]) -> SymbolLine<'a> {
        SymbolLine {
            tier: entry.tier(),
            ecosystem: &symbol.ecosystem,
            package: &symbol.package,
            version: &symbol.version,
            kind: &symbol.kind,
            path: &symbol.path,
            name: &symbol.name,
            signature: symbol.signature.as_deref(),
            visibility: &symbol.visibility,
            file_package: file_package(entry, symbol).to_string(),
            file: &symbol.file_path,
            line: symbol.line_start,
            line_end: symbol.line_end,
            is_async: symbol.is_async,
            is_unsafe: symbol.is_unsafe,
            is_error_type: symbol.is_error_type,
            returns_result: symbol.returns_result,
            attributes: symbol.attributes.as_deref().map(|text| text.lines().collect()).unwrap_or_default(),
            metadata: serde_json::from_str(&symbol.metadata).unwrap_or_default(),
            doc: symbol.doc_comment.as_deref(),
            source: symbol.source.as_deref(),
            doc_cut: symbol.doc_comment.as_deref().is_some_and(is_cut),
            obtain,
        }
    }
}
