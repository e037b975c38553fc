//! What implements a trait: by the sources that are here, and by the rows of all packages.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use serde_json::Value;

use super::source::PackageSource;
use super::survey::Use;
use super::usage::{How, is_imported};
use super::wanted::{Wanted, key_of};
use crate::catalog::CatalogEntry;
use crate::ingest::Syntax;
use crate::lake::{Names, SymbolOutline};
use crate::package::{PackageId, Tier};

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

/// Who tells of the implementors of a trait.
#[derive(Default)]
pub struct Tellers {
    /// The packages that declare the trait or show it.
    pub homes: HashSet<PackageId>,
    /// All whose rows are read: what others show of theirs they tell themselves.
    pub read: HashSet<PackageId>,
    /// What is told of already: the package, and the type's own name.
    pub known: HashSet<(PackageId, String)>,
    /// The names in code of crates that neither declare the trait nor show it.
    pub strangers: HashSet<String>,
}

/// Settles by the imports of their files which of some implementors of a trait of this name are of this one, where
/// nothing else says it: those of another are taken away. `crates` are the names in code of packages by their own.
/// Blocks.
pub fn settle(
    found: &mut Vec<Implementor>,
    wanted: &Wanted,
    sources: &[PackageSource],
    crates: &HashMap<String, String>,
) {
    let Some(mut syntax) = Syntax::new() else { return };
    let mut files: HashMap<(String, String, String), Option<bool>> = HashMap::new();
    found.retain_mut(|one| {
        if one.certain {
            return true;
        }
        let file = (one.package.clone(), one.version.clone(), one.file.clone());
        let says = *files.entry(file).or_insert_with(|| {
            let is_its = |source: &&PackageSource| {
                source.entry.id.name() == one.package && source.entry.id.version() == one.version
            };
            let source = sources.iter().find(is_its)?;
            let text = source.folder.read(&one.file)?;
            is_imported(&mut syntax, &text, &source.standing(&one.file, crates), wanted)
        });
        one.certain = says == Some(true);
        says != Some(false)
    });
}

/// Those that a package's rows tell of and that are not known: methods of an impl, and derives. What the package
/// shows of another's is the other's.
pub fn of_rows(
    entry: &CatalogEntry,
    rows: &[SymbolOutline],
    wanted: &Wanted,
    tellers: &Tellers,
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
    let mut told: HashSet<(PackageId, String)> = HashSet::new();
    // What does not name it is not read further.
    for row in rows.iter().filter(|row| row.metadata.contains(&wanted.name)) {
        let Ok(metadata) = serde_json::from_str::<Value>(&row.metadata) else { continue };
        let declaring = Names::in_value(&metadata).file_in();
        if declaring.as_ref().is_some_and(|id| tellers.read.contains(id)) {
            continue;
        }
        let id = declaring.unwrap_or_else(|| entry.id.clone());
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
        let root = path.trim_start_matches("::").split_once("::").map(|(root, _)| root);
        if root.is_some_and(|root| tellers.strangers.contains(root)) {
            continue;
        }
        let on_type = match how {
            How::Derive => row.name.clone(),
            _ => text("self_type").unwrap_or_default().to_owned(),
        };
        let whole = path.contains("::") && wanted.paths.contains(&key_of(&path));
        let certain = whole || (tellers.homes.contains(&id) && !has_other);
        let one = (id, plain(&on_type).to_owned());
        if (has_other && !certain) || tellers.known.contains(&one) {
            continue;
        }
        if told.insert(one.clone()) {
            let (id, _) = one;
            found.push(Implementor {
                tier: entry.tier(),
                package: id.name().to_owned(),
                version: id.version().to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Scope;

    fn row(name: &str, metadata: &str) -> SymbolOutline {
        SymbolOutline {
            id: name.to_owned(),
            file_path: "src/lib.rs".to_owned(),
            kind: "struct".to_owned(),
            name: name.to_owned(),
            path: format!("shop::{name}"),
            signature: None,
            line_start: 3,
            line_end: 3,
            visibility: "public".to_owned(),
            metadata: metadata.to_owned(),
        }
    }

    #[test]
    fn what_is_shown_of_another_package_is_that_packages_once() {
        let shop = CatalogEntry::ready(Scope::Public, PackageId::rust("shop", "1.0.0").unwrap());
        let wanted = Wanted {
            name: "Spins".to_owned(),
            kind: "trait".to_owned(),
            paths: HashSet::from(["shop::Spins".to_owned()]),
            ..Wanted::default()
        };
        let of = |package: &str| {
            format!(r#"{{"derives":["Spins"],"declared_in":{{"package":"{package}","version":"2.0.0"}}}}"#)
        };
        let rows = [
            row("Own", r#"{"derives":["Spins"]}"#),
            row("Read", &of("read")),
            row("Home", &of("home")),
            row("Far", &of("far")),
            row("Known", &of("known")),
            row("Stranger", r#"{"trait":"other::Spins","self_type":"Stranger"}"#),
        ];
        let id = |name: &str| PackageId::rust(name, "2.0.0").unwrap();
        let tellers = Tellers {
            homes: HashSet::from([shop.id.clone(), id("home")]),
            read: HashSet::from([shop.id.clone(), id("read")]),
            known: HashSet::from([(id("known"), "Known".to_owned())]),
            strangers: HashSet::from(["other".to_owned()]),
        };
        let found = of_rows(&shop, &rows, &wanted, &tellers);
        let told: Vec<_> = found.iter().map(|one| (&*one.package, &*one.on_type, one.certain)).collect();
        assert_eq!(told, [("shop", "Own", true), ("home", "Home", true), ("far", "Far", false)]);
    }
}
