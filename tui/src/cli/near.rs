//! What somebody may have meant who names a package or an item that is not there.

use std::collections::BTreeSet;

use strsim::damerau_levenshtein;
use zenith_core::answers::is_standard;
use zenith_core::catalog::{CatalogEntry, Status};
use zenith_core::ingest::STANDARD_CRATES;
use zenith_core::search::shelf::fold_path;
use zenith_core::search::{Mode, PackageFilter, SearchRequest};
use zenith_core::{Zenith, ZenithError};

/// Letters that may be wrong in a name.
const EDITS_MAX: usize = 2;
/// Results among which a path that ends with what was typed is looked for.
const ENDINGS_MAX: usize = 30;
/// Names that are offered.
const OFFERS_MAX: usize = 3;

/// Says that no package fits, and which one may be meant: another version of it, or a name like it.
pub async fn unknown_package(zenith: &Zenith, wanted: &PackageFilter) -> Result<String, ZenithError> {
    if let Some(missing) = missing_standard(zenith, &wanted.name).await? {
        return Ok(missing);
    }
    let named = PackageFilter { version: None, ..wanted.clone() };
    let (mut versions, mut names) = (BTreeSet::new(), BTreeSet::new());
    for entry in zenith.searchable().await? {
        if wanted.holds(&entry.id) && entry.status != Status::Ready {
            return Ok(format!("{} cannot be read yet; `zenith packages {wanted}` says why", entry.id));
        }
        if named.holds(&entry.id) {
            versions.insert(entry.id.to_string());
        }
        let edits = damerau_levenshtein(entry.id.name(), &wanted.name);
        if edits <= edits_max(&wanted.name) {
            names.insert((edits, entry.id.name().to_string()));
        }
    }
    let name = &wanted.name;
    if !versions.is_empty() && wanted.version.is_some() {
        return Ok(format!("{wanted} is not indexed; {} is", list(versions)));
    }
    if names.is_empty() {
        return Ok(format!("no package {name} is indexed; `zenith packages` lists what is"));
    }
    Ok(format!("no package {name} is indexed; is {} meant?", list(names.into_iter().map(|(_, name)| name))))
}

/// Says that a crate of the standard library is not indexed, where a path begins with one that is not.
pub async fn missing_standard(zenith: &Zenith, path: &str) -> Result<Option<String>, ZenithError> {
    let first = path.trim_start_matches("::").split("::").next().unwrap_or_default();
    if !STANDARD_CRATES.contains(&first) {
        return Ok(None);
    }
    let searchable = zenith.searchable().await?;
    if searchable.iter().any(|entry| is_standard(entry) && entry.id.name() == first) {
        return Ok(None);
    }
    Ok(Some(match zenith.why_no_standard().await? {
        Some(why) => format!("{first} is not indexed; {why}, then `zenith index {first}` indexes it"),
        None => format!(
            "{first} is not indexed; `zenith index {first}` indexes it, of the toolchain of this folder"
        ),
    }))
}

/// The same of each word of a query that is a path.
pub async fn missing_standard_in(zenith: &Zenith, query: &str) -> Result<Option<String>, ZenithError> {
    let paths = query.split_whitespace().map(|word| word.trim_start_matches("::"));
    let path = paths
        .into_iter()
        .find(|word| word.split_once("::").is_some_and(|(first, _)| STANDARD_CRATES.contains(&first)));
    match path {
        Some(path) => missing_standard(zenith, path).await,
        None => Ok(None),
    }
}

/// The paths of a package's items that may be meant by one which leads nowhere, the likeliest first: another way to
/// an item of that name, or a name like it.
pub async fn like_path(
    zenith: &Zenith,
    entry: &CatalogEntry,
    path: &str,
) -> Result<Option<String>, ZenithError> {
    let wanted = fold_path(path);
    let name = wanted.rsplit("::").next().unwrap_or_default();
    let mut near = BTreeSet::new();
    for symbol in zenith.symbols(entry).await? {
        let edits = damerau_levenshtein(&fold_path(&symbol.name), name);
        if edits <= edits_max(name) {
            let far = damerau_levenshtein(&fold_path(&symbol.path), &wanted);
            near.insert((edits, far, symbol.path));
        }
    }
    Ok((!near.is_empty()).then(|| list(near.into_iter().map(|(_, _, path)| path))))
}

/// The paths of all packages that end with what was typed, the likeliest first.
pub async fn ending_in(zenith: &Zenith, typed: &str) -> Result<Option<String>, ZenithError> {
    let wanted = fold_path(typed.trim_start_matches("::"));
    if wanted.is_empty() || missing_standard(zenith, typed).await?.is_some() {
        return Ok(None);
    }
    let request = SearchRequest {
        query: typed.to_string(),
        mode: Mode::Text,
        limit: ENDINGS_MAX,
        ..SearchRequest::default()
    };
    let mut paths: Vec<String> = Vec::new();
    for hit in zenith.search(request, None).await?.hits {
        let path = fold_path(&hit.path);
        let ends = path.strip_suffix(wanted.as_str()).is_some_and(|before| before.ends_with("::"));
        if ends && !paths.contains(&hit.path) {
            paths.push(hit.path);
        }
    }
    Ok((!paths.is_empty()).then(|| list(paths)))
}

/// How many letters may be wrong in a name: the shorter it is, the fewer.
fn edits_max(name: &str) -> usize {
    EDITS_MAX.min(name.chars().count() / 3)
}

fn list(names: impl IntoIterator<Item = String>) -> String {
    names.into_iter().take(OFFERS_MAX).collect::<Vec<String>>().join(", ")
}
