//! How one gets an item: what to write, what to add, what to turn on, and where and since when that works. Only
//! what is known, each with where it is known from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::source::is_standard;
use crate::catalog::CatalogEntry;
use crate::ingest::{Built, Told, features_in_words, features_needed, only_where};
use crate::lake::{ApiSymbol, Names};
use crate::package::PackageId;
use crate::package::Tier;

/// Something that is known, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// `use`, `feature`, `add`, `since`, `deprecated`, `unstable`, `msrv` or `only`.
    pub what: &'static str,
    pub value: String,
    pub source: String,
}

/// What is known beside the row.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Of the package that has the item.
    pub manifest: Option<Told>,
    /// Where one's own package lies.
    pub root: Option<PathBuf>,
    /// What this project calls the package, where it gives it another name, and which of its packages does.
    pub alias: Option<(String, String)>,
    /// The features of the package that this project turns on, and who says so.
    pub features: Option<(BTreeSet<String>, &'static str)>,
    /// Those that it turns on of the package that is asked for, where another one declares the item.
    pub facade_features: Option<BTreeSet<String>>,
    /// The package that the features belong to, where it is another than the row's.
    pub declaring: Option<String>,
}

/// The package whose source has the file of a row: of an item that is shown from elsewhere the one that declares it.
pub fn file_package(entry: &CatalogEntry, symbol: &ApiSymbol) -> PackageId {
    Names::of(&symbol.metadata).file_in().unwrap_or_else(|| entry.id.clone())
}

impl Known {
    /// The features that bring the package which declares an item, where it is not always built: the first is the one
    /// to ask for.
    pub fn bringing(&self) -> Vec<&str> {
        let (Some(manifest), Some(declaring)) = (&self.manifest, &self.declaring) else { return Vec::new() };
        let named = || manifest.dependencies.iter().filter(|one| one.package == *declaring);
        let Some(optional) = named().find(|one| one.built == Built::Optionally) else { return Vec::new() };
        if named().any(|one| one.built == Built::Always) {
            return Vec::new();
        }
        let key = optional.alias.as_deref().unwrap_or(&optional.package);
        let brings = |one: &String| {
            let name = one.strip_prefix("dep:").unwrap_or(one).split('/').next().unwrap_or_default();
            name.replace('-', "_") == key.replace('-', "_")
        };
        let features = manifest.features.iter().filter(|(_, list)| list.iter().any(brings));
        let mut features: Vec<&str> = features.map(|(name, _)| name.as_str()).collect();
        let default = by_default(&manifest.features);
        // The one that brings the least beside it.
        features.sort_by_key(|name| (!default.contains(*name), manifest.features.get(*name).map(Vec::len)));
        let is_feature =
            !manifest.features.values().flatten().any(|one| one.strip_prefix("dep:") == Some(key));
        features.extend(is_feature.then_some(key));
        features
    }
}

impl Known {
    /// The feature to ask for in place of one that is there only since a dependency is optional (`serde_derive`): the
    /// one of the package that turns it on (`derive`), where it has one.
    fn public_name(&self, feature: String) -> String {
        let Some(manifest) = &self.manifest else { return feature };
        let is_implied = manifest.dependencies.iter().any(|one| {
            one.built == Built::Optionally && *one.alias.as_ref().unwrap_or(&one.package) == feature
        });
        if !is_implied || manifest.features.contains_key(&feature) {
            return feature;
        }
        let brings = |list: &Vec<String>| list.contains(&feature);
        let turning = manifest.features.iter().filter(|(_, list)| brings(list));
        // The one that brings the least beside it.
        turning.min_by_key(|(_, list)| list.len()).map_or(feature.clone(), |(name, _)| name.clone())
    }
}

/// What one needs to use a package, whatever of it one wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The line that adds it as it is here.
    pub add: Option<String>,
    /// The features that are on where nobody asks for others.
    pub default: Vec<String>,
    /// The others.
    pub optional: Vec<String>,
    /// The oldest Rust that it says it works with.
    pub rust_version: Option<String>,
}

/// What is known of how one gets a package.
pub fn offer(entry: &CatalogEntry, known: &Known) -> Offer {
    let manifest = known.manifest.as_ref();
    let declared = manifest.map(|manifest| manifest.features.clone()).unwrap_or_default();
    let on = by_default(&declared);
    // What begins so is the package's own business.
    let names = declared.into_keys().filter(|name| name != "default" && !name.starts_with('_'));
    let (default, optional) = names.partition(|name| on.contains(name));
    Offer {
        add: add_line(entry, &BTreeSet::new(), &BTreeSet::new(), None, known)
            .filter(|_| manifest.is_none_or(|manifest| manifest.has_library) || is_standard(entry))
            .map(|(line, _)| line),
        default,
        optional,
        rust_version: manifest.and_then(|manifest| manifest.rust_version.as_deref()).map(one_line),
    }
}

/// Everything that is known of how one gets the item of a row.
pub fn obtain(entry: &CatalogEntry, symbol: &ApiSymbol, known: &Known) -> Vec<Fact> {
    let metadata: Value = serde_json::from_str(&symbol.metadata).unwrap_or_default();
    let file_package = file_package(entry, symbol);
    let of = if file_package == entry.id { String::new() } else { format!(" of {file_package}") };
    let row = format!("{}:{}{of}", symbol.file_path, symbol.line_start);
    let condition = metadata.get("cfg").and_then(Value::as_str);
    let needed = |condition: Option<&str>| condition.and_then(|one| features_needed(one, &BTreeSet::new()));
    let mut facts = Vec::new();
    let mut say = |what, value: String, source: String| facts.push(Fact { what, value, source });
    // Of a program nobody but itself can name anything.
    let is_program =
        known.manifest.as_ref().is_some_and(|manifest| !manifest.has_library) && !is_standard(entry);
    if is_program {
        let why = "no library in its Cargo.toml or src/lib.rs".to_owned();
        say("only", format!("within {}, which is a program", entry.id.name()), why);
    }
    if let Some((value, source)) = use_line(symbol, &metadata, known).filter(|_| !is_program) {
        say("use", value, source);
    }
    let bringing = known.bringing();
    // Of what another package declares, the features of this one that show it.
    let shown = metadata.get("shown_cfg").and_then(Value::as_str);
    let showing = needed(shown);
    let told = shown.filter(|_| showing.is_some()).and_then(|shown| Some((shown, features_in_words(shown)?)));
    let showing: BTreeSet<String> =
        showing.unwrap_or_default().on.into_iter().map(|one| known.public_name(one)).collect();
    let bring = bringing.first().copied().filter(|_| !bringing.iter().any(|one| showing.contains(*one)));
    if let Some(first) = bring {
        let (stands, source) = brought(&bringing, known);
        let why = format!("{} is optional in its Cargo.toml{source}", file_package.name());
        say("feature", format!("{first}{stands}"), why);
    }
    let default = known.manifest.as_ref().map(|manifest| by_default(&manifest.features));
    if let Some((shown, words)) = told {
        let on = known.facade_features.as_ref().map(|on| (on, "cargo metadata"));
        let (stands, source) = standing(shown, on, default.as_ref(), known);
        let words = known.public_name(words);
        say("feature", format!("{words}{stands}"), format!("cfg where {} shows it{source}", entry.id));
    }
    let needs = needed(condition);
    let words = condition.filter(|_| needs.is_some()).and_then(features_in_words);
    let mut needs = needs.unwrap_or_default().on;
    if known.declaring.is_none() {
        needs = needs.into_iter().map(|one| known.public_name(one)).collect();
    }
    if let Some((condition, words)) = condition.zip(words) {
        let of = known.declaring.as_ref().map(|package| format!(" of {package}")).unwrap_or_default();
        let on = known.features.as_ref().map(|(on, who)| (on, *who));
        let (stands, source) =
            standing(condition, on, default.as_ref().filter(|_| known.declaring.is_none()), known);
        let words = if known.declaring.is_none() { known.public_name(words) } else { words };
        say("feature", format!("{words}{of}{stands}"), format!("cfg of {row}{source}"));
    }
    if let Some((value, source)) = add_line(entry, &needs, &showing, bring, known).filter(|_| !is_program) {
        say("add", value, source);
    }
    if let Some(since) = since(symbol) {
        say("since", format!("Rust {since}"), format!("#[stable] in {row}"));
    }
    if let Some(deprecated) = metadata.get("deprecated").filter(|value| !value.is_null()) {
        let text = |key: &str| deprecated.get(key).and_then(Value::as_str).map(one_line);
        let value = match (text("since"), text("note")) {
            (Some(since), Some(note)) => format!("since {since}: {note}"),
            (Some(since), None) => format!("since {since}"),
            (None, Some(note)) => note,
            (None, None) => "yes, and nothing is said of what takes its place".to_owned(),
        };
        say("deprecated", value, format!("#[deprecated] in {row}"));
    }
    if let Some(feature) = metadata.get("unstable").and_then(Value::as_str) {
        say(
            "unstable",
            format!("#![feature({})], on a nightly compiler", one_line(feature)),
            format!("#[unstable] in {row}"),
        );
    }
    if let Some(version) = known.manifest.as_ref().and_then(|manifest| manifest.rust_version.as_deref()) {
        say("msrv", format!("Rust {}", one_line(version)), "rust-version in its Cargo.toml".to_owned());
    }
    if let Some(only) = condition.and_then(only_where) {
        say("only", format!("cfg({only})"), format!("cfg of {row}"));
    }
    if let Some(only) = shown.and_then(only_where) {
        say("only", format!("cfg({only})"), format!("cfg where {} shows it", entry.id));
    }
    facts
}

/// What one writes to name the item: for what hangs on a type, the type; for what a trait gives, the trait.
fn use_line(symbol: &ApiSymbol, metadata: &Value, known: &Known) -> Option<(String, String)> {
    if symbol.visibility != "public" && symbol.kind != "method" && symbol.kind != "variant" {
        return None;
    }
    let outer = || symbol.path.rsplit_once("::").map(|(outer, _)| outer);
    let is_root = !symbol.path.contains("::");
    let path = match symbol.kind.as_str() {
        _ if is_root => return None,
        "method" if metadata.get("trait").is_some_and(Value::is_string) => return None,
        "method" | "variant" => outer()?,
        "const" if outer().and_then(|outer| outer.rsplit("::").next())?.starts_with(char::is_uppercase) => {
            outer()?
        }
        _ => symbol.path.as_str(),
    };
    let (first, rest) = path.split_once("::")?;
    match &known.alias {
        Some((alias, package)) => Some((
            format!("use {alias}::{rest};"),
            format!("its path, and the name that {package} gives the package"),
        )),
        None => Some((format!("use {first}::{rest};"), "its path".to_owned())),
    }
}

/// Whether one of the features that bring a package is on, in words, and who says so.
fn brought(bringing: &[&str], known: &Known) -> (String, String) {
    let (mut stands, mut source) = (String::new(), String::new());
    if let Some(on) = &known.facade_features {
        stands = match bringing.iter().any(|one| on.contains(*one)) {
            true => "; on in this project".to_owned(),
            false => format!("; off in this project ({} is not on)", bringing.first().unwrap_or(&"it")),
        };
        ", cargo metadata".clone_into(&mut source);
    }
    let default = known.manifest.as_ref().map(|manifest| by_default(&manifest.features)).unwrap_or_default();
    if bringing.iter().any(|one| default.contains(*one)) {
        stands.push_str("; on by default");
    }
    (stands, source)
}

/// Whether what a condition needs is on, in words, and who says so: by the features that are on and whoever says it,
/// and by those that are on where nobody asks for others.
fn standing(
    condition: &str,
    on: Option<(&BTreeSet<String>, &str)>,
    default: Option<&BTreeSet<String>>,
    known: &Known,
) -> (String, String) {
    let list = |features: BTreeSet<String>| {
        features.into_iter().map(|one| known.public_name(one)).collect::<Vec<_>>().join(", ")
    };
    let mut stands = String::new();
    let mut source = String::new();
    if let Some((features, who)) = on {
        let missing = features_needed(condition, features).unwrap_or_default();
        stands = match (missing.on.is_empty(), missing.off.is_empty()) {
            (true, true) => "; on in this project".to_owned(),
            (true, false) => format!("; off in this project while {} is on", list(missing.off)),
            (false, _) => format!("; off in this project ({} is not on)", list(missing.on)),
        };
        source = format!(", {who}");
    }
    if let Some(default) = default {
        let missing = features_needed(condition, default).unwrap_or_default();
        if missing.on.is_empty() && missing.off.is_empty() {
            stands.push_str("; on by default");
            source.push_str(", features in its Cargo.toml");
        }
    }
    (stands, source)
}

/// The features that are on where nobody asks for others.
fn by_default(features: &BTreeMap<String, Vec<String>>) -> BTreeSet<String> {
    let mut on: BTreeSet<String> = BTreeSet::new();
    let mut open = vec!["default"];
    while let Some(name) = open.pop() {
        let Some(brings) = features.get(name) else { continue };
        if on.insert(name.to_owned()) {
            open.extend(brings.iter().map(String::as_str).filter(|one| !one.contains([':', '/'])));
        }
    }
    on
}

/// The line that adds the package as it is here, with what the item needs.
fn add_line(
    entry: &CatalogEntry,
    needed: &BTreeSet<String>,
    showing: &BTreeSet<String>,
    bringing: Option<&str>,
    known: &Known,
) -> Option<(String, String)> {
    if is_standard(entry) {
        return None;
    }
    let id = &entry.id;
    let offered = known.manifest.as_ref().map(|manifest| &manifest.features);
    let default = offered.map(by_default).unwrap_or_default();
    let mut asked: BTreeSet<&str> = match (&known.declaring, offered) {
        (None, _) => needed.difference(&default).map(String::as_str).collect(),
        (Some(declaring), Some(offered)) => {
            needed.iter().filter_map(|feature| passed_on(feature, declaring, offered, &default)).collect()
        }
        (Some(_), None) => BTreeSet::new(),
    };
    asked.extend(showing.difference(&default).map(String::as_str));
    asked.extend(bringing.filter(|one| !default.contains(*one)));
    let asked: Vec<&str> = asked.into_iter().collect();
    let renamed = known.alias.as_ref().map(|(alias, _)| format!(" --rename {alias}")).unwrap_or_default();
    let features = if asked.is_empty() { String::new() } else { format!(" --features {}", asked.join(",")) };
    if let Some(root) = known.root.as_deref() {
        let source = "where it was indexed from".to_owned();
        return Some((format!("cargo add --path {}{renamed}{features}", quoted(root)), source));
    }
    let version = known.manifest.as_ref().and_then(|manifest| manifest.version.as_deref());
    // A version that bears more than the manifest says is of git, or of another registry.
    let is_released = version == Some(id.version()) || !id.version().contains('+');
    let is_public = entry.tier() == Tier::Public;
    (is_released && is_public).then(|| {
        let line = format!("cargo add {}@{}{renamed}{features}", id.name(), id.version());
        (line, "its name and version".to_owned())
    })
}

/// The feature of a package that turns one on of the package that declares an item: of several that of the same
/// name, else the first. Nothing where it is on by default, or no feature does.
fn passed_on<'a>(
    feature: &str,
    declaring: &str,
    offered: &'a BTreeMap<String, Vec<String>>,
    default: &BTreeSet<String>,
) -> Option<&'a str> {
    let forms = [format!("{declaring}/{feature}"), format!("{declaring}?/{feature}")];
    let doing = || offered.iter().filter(|(_, brings)| brings.iter().any(|one| forms.contains(one)));
    if doing().any(|(name, _)| default.contains(name)) {
        return None;
    }
    doing().map(|(name, _)| name.as_str()).min_by_key(|name| *name != feature)
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+');
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// Since which Rust an item of the standard library is stable.
fn since(symbol: &ApiSymbol) -> Option<String> {
    let attributes = symbol.attributes.as_deref()?;
    let stable = attributes.lines().find(|line| {
        line.trim_start().strip_prefix("stable").is_some_and(|rest| rest.trim_start().starts_with('('))
    })?;
    let after =
        stable.split_once("since")?.1.trim_start().strip_prefix('=')?.trim_start().strip_prefix('"')?;
    let version = after.split('"').next()?;
    version.starts_with(|c: char| c.is_ascii_digit()).then(|| one_line(version))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
