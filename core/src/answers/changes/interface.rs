//! What others can write of a version, from its rows.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::{Change, ItemChange};
use crate::ingest::{
    Aliases, OTHER_PATHS_MAX, Shape, features_in_words, features_needed, public_fields, without_fields,
    without_renames,
};
use crate::lake::{DeclaredSymbol, Names};

/// Paths kept of one item.
const PATHS_MAX: usize = 64;

/// Names of different spaces are different names: `mod a` and `fn a`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Space {
    Types,
    Values,
    Macros,
}

/// What one path leads to: alternatives under other features or platforms are one item.
#[derive(Debug)]
pub(super) struct Item<'a> {
    /// The first of them.
    pub row: &'a DeclaredSymbol,
    pub space: Space,
    /// Its own path first, each with plain names.
    pub paths: Vec<String>,
    /// It may have more paths than are kept.
    has_more_paths: bool,
    /// In the form in which they are compared.
    pub shapes: Vec<Shape>,
    /// The signatures of those, with the names that imports gave as what they stand for.
    meant: Vec<String>,
    /// As it is shown.
    signature: String,
    pub deprecated: Option<String>,
    /// A part of a trait that whoever implements it must have.
    pub is_required: bool,
    /// Under which each of them is built; none where always.
    conditions: Vec<Option<String>>,
}

#[derive(Debug, Default)]
pub(super) struct Interface<'a> {
    pub items: Vec<Item<'a>>,
    by_path: HashMap<(Space, String), usize>,
    /// Names of what hangs on a type, by its path.
    members: HashMap<&'a str, BTreeSet<&'a str>>,
    /// Where the version has types and traits, others' or not, as `::path` by name.
    places: HashMap<&'a str, Vec<String>>,
    aliases: Aliases,
    /// Types and traits, by path.
    types: HashSet<&'a str>,
    traits: HashSet<&'a str>,
    /// Other crates that are shown as one row, by path: what they hold has none here.
    closed: Vec<String>,
}

impl<'a> Interface<'a> {
    pub fn of(rows: &'a [DeclaredSymbol]) -> Interface<'a> {
        let mut rows: Vec<(&DeclaredSymbol, Value)> = rows
            .iter()
            .map(|row| (row, serde_json::from_str(&row.metadata).unwrap_or_default()))
            .filter(|(_, metadata): &(_, Value)| {
                metadata.get("hidden").is_none() && metadata.get("trait").is_none()
            })
            .collect();
        // What holds others comes before them; of one path, the rows keep their order.
        rows.sort_by_key(|(row, _)| row.path.matches("::").count());
        let private: HashSet<&str> = rows
            .iter()
            .filter(|(row, _)| row.visibility != "public")
            .map(|(row, _)| row.path.as_str())
            .collect();
        let mut interface = Interface::default();
        let holders: HashSet<&str> = rows.iter().filter_map(|(row, _)| parent(&row.path)).collect();
        for (row, metadata) in &rows {
            if space(&row.kind) == Space::Types && row.kind != "mod" {
                let names = Names::in_value(metadata);
                let all: Vec<String> =
                    [row.path.as_str()].into_iter().chain(names.other_paths()).map(plain).collect();
                let places = interface.places.entry(plain_name(&row.name)).or_default();
                places.extend(all.iter().map(|path| format!("::{path}")));
                let signature =
                    without_renames(row.signature.as_deref().unwrap_or_default(), &renamed(metadata));
                interface.aliases.note(&row.kind, plain_name(&row.name), &signature, &all);
            }
            if is_crate(row, metadata) && !holders.contains(row.path.as_str()) {
                interface.closed.push(plain(&row.path));
            }
            let outer = row.path.match_indices("::").filter_map(|(end, _)| row.path.get(..end));
            let is_private =
                row.visibility != "public" || outer.into_iter().any(|path| private.contains(path));
            if !is_private && row.path.contains("::") {
                interface.add(row, metadata);
            }
        }
        interface
    }

    fn add(&mut self, row: &'a DeclaredSymbol, metadata: &Value) {
        let space = space(&row.kind);
        let paths = self.paths(row, metadata);
        let signature = signature(row);
        let meant = without_renames(&signature, &renamed(metadata));
        let shape = self.shape(row, &meant);
        if let Some(parent) = parent(&row.path).filter(|parent| self.types.contains(parent)) {
            self.members.entry(parent).or_default().insert(plain_name(&row.name));
        }
        if matches!(row.kind.as_str(), "struct" | "enum" | "union" | "trait" | "type") {
            self.types.insert(&row.path);
        }
        if row.kind == "trait" {
            self.traits.insert(&row.path);
        }
        let condition = metadata.get("cfg").and_then(Value::as_str).map(str::to_owned);
        if let Some(item) = self.at(space, &row.path).and_then(|at| self.items.get_mut(at)) {
            item.shapes.push(shape);
            item.meant.push(meant);
            item.conditions.push(condition);
            return;
        }
        let has_more_paths =
            paths.len() >= PATHS_MAX || Names::in_value(metadata).paths.len() >= OTHER_PATHS_MAX;
        let at = self.items.len();
        for path in &paths {
            self.by_path.entry((space, path.clone())).or_insert(at);
        }
        let deprecated = metadata.get("deprecated").map(|told| {
            let note = told.get("note").and_then(Value::as_str).unwrap_or_default();
            note.split_whitespace().collect::<Vec<_>>().join(" ")
        });
        let of_trait = parent(&row.path).is_some_and(|parent| self.traits.contains(parent));
        let is_required = of_trait && has_no_default(row);
        let conditions = vec![condition];
        self.items.push(Item {
            row,
            space,
            paths,
            has_more_paths,
            shapes: vec![shape],
            meant: vec![meant],
            signature,
            deprecated,
            is_required,
            conditions,
        });
    }

    /// What a row is compared by.
    fn shape(&self, row: &DeclaredSymbol, signature: &str) -> Shape {
        let root = row.path.split("::").next().unwrap_or_default();
        let shape = Shape::new(&row.kind, plain_name(&row.name), signature, root);
        let holder =
            parent(&row.path).filter(|path| self.types.contains(path) && !self.traits.contains(path));
        match holder.and_then(|path| path.rsplit("::").next()) {
            Some(holder) => shape.on(plain_name(holder)),
            None => shape,
        }
    }

    /// What an item's signatures are compared by with what aliases stand for in their place.
    pub fn without_aliases(&self, item: &Item<'_>) -> Vec<Shape> {
        item.meant.iter().map(|meant| self.shape(item.row, &self.aliases.expanded(meant))).collect()
    }

    /// Whether a path, or a name alone, may mean something else than a longer one, `io::Error`: a type of this version
    /// is at the shorter, and none at the longer.
    pub fn is_other(&self, short: &str, long: &str) -> bool {
        let name = long.rsplit("::").next().unwrap_or_default();
        let places = self.places.get(name).map_or(&[][..], Vec::as_slice);
        let has = |path: &str| {
            let end = format!("::{path}");
            places.iter().any(|place| place.ends_with(&end))
        };
        has(short) && !has(long)
    }

    /// Every path that leads to a row: its own, those that it knows, and those through other paths of what holds
    /// it.
    fn paths(&self, row: &DeclaredSymbol, metadata: &Value) -> Vec<String> {
        let mut paths = vec![plain(&row.path)];
        let mut add = |path: String| {
            let path = plain(&path);
            if paths.len() < PATHS_MAX && !paths.contains(&path) {
                paths.push(path);
            }
        };
        Names::in_value(metadata).paths.into_iter().for_each(&mut add);
        if let Some(outer) = parent(&row.path).and_then(|path| self.at(Space::Types, path))
            && let Some(outer) = self.items.get(outer)
        {
            outer.paths.iter().skip(1).map(|path| format!("{path}::{}", row.name)).for_each(&mut add);
        }
        paths
    }

    pub fn at(&self, space: Space, path: &str) -> Option<usize> {
        self.by_path.get(&(space, plain(path))).copied()
    }

    /// The item that a path of another version's item leads to, its best path first.
    pub fn same(&self, item: &Item<'_>) -> Option<usize> {
        item.paths.iter().find_map(|path| self.at(item.space, path))
    }

    /// Whether all that leads to an item of another version leads into a crate that is shown as one row here.
    pub fn may_have(&self, item: &Item<'_>) -> bool {
        item.paths.iter().all(|path| self.is_closed(path))
    }

    /// Whether a path to an item of another version, which is `now` here, surely leads nowhere.
    pub fn lost(&self, space: Space, path: &str, now: &Item<'_>) -> bool {
        !now.has_more_paths && self.at(space, path).is_none() && !self.is_closed(path)
    }

    fn is_closed(&self, path: &str) -> bool {
        let below = |one: &String| path.strip_prefix(one.as_str()).is_some_and(|rest| rest.starts_with("::"));
        self.closed.iter().any(below)
    }

    /// The trait that an item is a part of.
    pub fn trait_of(&self, item: &Item<'_>) -> Option<&Item<'a>> {
        let path = item.parent().filter(|path| self.traits.contains(path))?;
        self.items.get(self.at(Space::Types, path)?)
    }

    /// Whether an item hangs on no type.
    pub fn stands_alone(&self, item: &Item<'_>) -> bool {
        item.parent().is_none_or(|parent| !self.types.contains(parent))
    }

    /// The names of what hangs on a type.
    pub fn members(&self, path: &str) -> BTreeSet<&'a str> {
        self.members.get(path).cloned().unwrap_or_default()
    }
}

impl Item<'_> {
    /// The path of what it hangs on or stands in.
    pub fn parent(&self) -> Option<&str> {
        parent(&self.row.path)
    }

    /// Where features that brought it do not bring it `now`: those that it needed, and needs, in words. Platforms are
    /// no features.
    pub fn gated_by(&self, now: &Item<'_>) -> Option<(Option<String>, Option<String>)> {
        let none = BTreeSet::new();
        let brought = |item: &Item<'_>, on: &BTreeSet<String>| {
            item.conditions.iter().any(|condition| {
                let needs = condition.as_deref().map(|condition| features_needed(condition, on));
                needs.is_none_or(|needs| {
                    needs.is_some_and(|needs| needs.on.is_empty() && needs.off.is_empty())
                })
            })
        };
        let ways = self.conditions.iter().filter_map(|condition| match condition {
            None => Some(none.clone()),
            Some(condition) => Some(features_needed(condition, &none)?.on),
        });
        let is_lost = |on: &BTreeSet<String>| !brought(now, on);
        let lost = ways.into_iter().any(|on| is_lost(&on));
        let words = |item: &Item<'_>| {
            let each: Option<BTreeSet<String>> =
                item.conditions.iter().map(|one| features_in_words(one.as_deref()?)).collect();
            each.map(|each| each.into_iter().collect::<Vec<_>>().join(" or "))
        };
        let (needed, needs) = (words(self), words(now));
        (lost && needed != needs).then_some((needed, needs))
    }

    /// That a path which led to it leads nowhere, of all that were `lost`, while it is `now` elsewhere still.
    pub fn cut_off(&self, path: &str, lost: &[&String], now: &Item<'_>) -> ItemChange {
        let told = self.told(Change::Removed, Some(self), None);
        ItemChange {
            path: path.to_owned(),
            stays_at: Some(now.row.path.clone()),
            // The others are written as before.
            paths: lost.iter().map(|path| (*path).clone()).collect(),
            ..told
        }
    }

    pub fn told(&self, change: Change, was: Option<&Item<'_>>, now: Option<&Item<'_>>) -> ItemChange {
        let mut paths: Vec<String> =
            was.iter().chain(&now).flat_map(|item| item.paths.iter().cloned()).collect();
        paths.sort();
        paths.dedup();
        ItemChange {
            change,
            kind: self.row.kind.clone(),
            path: self.row.path.clone(),
            moved_from: None,
            stays_at: None,
            before: was.map(|item| item.signature.clone()),
            after: now.map(|item| item.signature.clone()),
            deprecated: self.deprecated.clone(),
            needed: None,
            needs: None,
            file: self.row.file_path.clone(),
            line: self.row.line_start,
            paths,
        }
    }
}

fn parent(path: &str) -> Option<&str> {
    path.rsplit_once("::").map(|(parent, _)| parent)
}

/// A raw name as the plain one.
pub(super) fn plain_name(name: &str) -> &str {
    name.trim_start_matches("r#")
}

/// A path or a signature with each raw name as a plain one.
fn plain(text: &str) -> String {
    text.replace("r#", "")
}

/// The names of a row's signature that imports gave, with the paths that they stand for.
fn renamed(metadata: &Value) -> Vec<(String, String)> {
    let known = metadata.get("renamed").and_then(Value::as_object).into_iter().flatten();
    known.filter_map(|(name, path)| Some((name.clone(), path.as_str()?.to_owned()))).collect()
}

/// Whether a row is another crate as a whole.
fn is_crate(row: &DeclaredSymbol, metadata: &Value) -> bool {
    let declared = Names::in_value(metadata).declared_in;
    row.kind == "mod" && declared.is_some_and(|declared| !declared.path.contains("::"))
}

fn space(kind: &str) -> Space {
    match kind {
        "macro" => Space::Macros,
        "mod" | "struct" | "enum" | "union" | "trait" | "type" => Space::Types,
        _ => Space::Values,
    }
}

/// Whether a part of a trait has nothing that stands where an implementor has none.
fn has_no_default(row: &DeclaredSymbol) -> bool {
    let source = row.source.as_deref().unwrap_or_default().trim_end();
    match row.kind.as_str() {
        "method" => source.ends_with(';'),
        _ => !source.is_empty() && !source.contains(" = "),
    }
}

/// A row's signature with what others cannot do with it, and the public fields that stand in its body.
fn signature(row: &DeclaredSymbol) -> String {
    let mut attributes = row.attributes.as_deref().unwrap_or_default().lines();
    let is_open = attributes.any(|line| line.trim() == "non_exhaustive");
    let mark = if is_open { "#[non_exhaustive] " } else { "" };
    format!("{mark}{}", signature_with_fields(row))
}

fn signature_with_fields(row: &DeclaredSymbol) -> String {
    let head = row.signature.clone().unwrap_or_default();
    let source = row.source.as_deref().unwrap_or_default();
    if !matches!(row.kind.as_str(), "struct" | "union") {
        return head;
    }
    let head = without_fields(&head);
    match public_fields(source) {
        fields if fields.is_empty() => head,
        fields if fields.iter().all(|field| field.contains(": ")) => {
            format!("{head} {{ {} }}", fields.join(", "))
        }
        fields => format!("{head}({})", fields.join(", ")),
    }
}
