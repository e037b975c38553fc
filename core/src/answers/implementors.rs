//! What implements a trait: by the sources that are here, and by the rows of all packages.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::Value;

use super::survey::Use;
use super::usage::How;
use super::wanted::{Wanted, key_of};
use crate::catalog::CatalogEntry;
use crate::lake::{Names, SymbolOutline};
use crate::package::Tier;

/// A type that has a trait.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Implementor {
    pub tier: Tier,
    pub package: String,
    pub version: String,
    /// As the impl writes it.
    #[serde(rename = "type")]
    pub on_type: String,
    /// `derive` or `implementation`.
    pub how: How,
    /// Whether it is known which trait of the name is meant.
    pub certain: bool,
    pub file: String,
    pub line: u32,
    /// `source`, where the code says so; `rows`, where the datasets do.
    pub by: &'static str,
}

/// The implementors among the uses of a trait.
pub fn of_uses(uses: &[Use]) -> Vec<Implementor> {
    let mut found = Vec::new();
    for one in uses.iter().filter(|one| matches!(one.how, How::Implementation | How::Derive)) {
        let Some(on_type) = one.within.clone() else { continue };
        found.push(Implementor {
            tier: one.tier,
            package: one.package.clone(),
            version: one.version.clone(),
            on_type,
            how: one.how,
            certain: one.certain,
            file: one.file.clone(),
            line: one.line,
            by: "source",
        });
    }
    found
}

/// Those that a package's rows tell of and that are not `known`: methods of an impl, and derives. `is_home` says
/// that the package declares the trait or shows it.
pub fn of_rows(
    entry: &CatalogEntry,
    rows: &[SymbolOutline],
    wanted: &Wanted,
    is_home: bool,
    known: &HashSet<(String, String)>,
) -> Vec<Implementor> {
    let same_name = |row: &&SymbolOutline| row.kind == "trait" && key_of(&row.name) == wanted.name;
    let is_it = |row: &&SymbolOutline| {
        let names = Names::of(&row.metadata);
        let mut paths = [row.path.as_str()].into_iter().chain(names.other_paths());
        paths.any(|path| wanted.paths.contains(&key_of(path)))
    };
    let mut others = rows.iter().filter(same_name).filter(|row| !is_it(row));
    let has_other = others.next().is_some();
    let mut found: Vec<Implementor> = Vec::new();
    let mut told: HashSet<String> = HashSet::new();
    for row in rows {
        let Ok(metadata) = serde_json::from_str::<Value>(&row.metadata) else { continue };
        let names_it = |text: &str| {
            let path = text.trim_start_matches('!').split('<').next().unwrap_or(text).trim();
            (path.rsplit("::").next().map(key_of).as_deref() == Some(wanted.name.as_str()))
                .then(|| path.to_owned())
        };
        let text = |name: &str| metadata.get(name).and_then(Value::as_str);
        let by_impl = text("trait").and_then(names_it).map(|path| (path, How::Implementation));
        let derives = metadata.get("derives").and_then(Value::as_array).into_iter().flatten();
        let derived = derives.filter_map(Value::as_str).find_map(names_it).map(|path| (path, How::Derive));
        let Some((path, how)) = by_impl.or(derived) else { continue };
        let on_type = match how {
            How::Derive => row.name.clone(),
            _ => text("self_type").unwrap_or_default().to_owned(),
        };
        let whole = path.contains("::") && wanted.paths.contains(&key_of(&path));
        let certain = whole || (is_home && !has_other);
        if (has_other && !certain) || known.contains(&(entry.id.to_string(), plain(&on_type).to_owned())) {
            continue;
        }
        if told.insert(plain(&on_type).to_owned()) {
            found.push(Implementor {
                tier: entry.tier(),
                package: entry.id.name().to_owned(),
                version: entry.id.version().to_owned(),
                on_type,
                how,
                certain,
                file: row.file_path.clone(),
                line: u32::try_from(row.line_start).unwrap_or(1).max(1),
                by: "rows",
            });
        }
    }
    found
}

/// A type's own name, without arguments and path.
pub fn plain(on_type: &str) -> &str {
    let start = on_type.trim_start_matches(['&', '*', ' ']);
    let head = start.split('<').next().unwrap_or(start).trim();
    head.rsplit("::").next().unwrap_or(head)
}
