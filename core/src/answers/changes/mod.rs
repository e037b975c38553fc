//! What changed between two versions of a package, from the rows of the two alone.
//!
//! An item is the same in both where a path of the one leads to it in the other. So a re-export is no new item,
//! and an item that is best written another way now, while the old way still works, did not change.
//!
//! # Decisions
//!
//! - **What counts is what others can write.** Private, hidden and implemented items (`<A as Clone>::clone`) are
//!   left out; public fields are part of their type's signature.
//! - **A signature is compared as callers see it**: names of parameters and of lifetimes and values of constants are no
//!   change, `#[non_exhaustive]` is.
//! - **How a path is written is no change**: of two paths of which one ends the other (`crate::a::B`, `B`), the longer is
//!   believed to be what the shorter imports, unless it leads into another crate while its own has a type at the shorter.
//! - **A name is what it stands for**: what an import renames (`use std::fs::File as StdFile`), as the rows say it, and a
//!   type alias that the version shows, or every program knows (`io::Result`).
//! - **Who implements a trait is a user too**: what a trait came to demand breaks them, and is told apart from what is
//!   merely new.
//! - **An item moved** where its own path leads nowhere any more. One whose every path is gone was moved if
//!   one new item, and no second one, has its name, kind, signature and members. What hangs on it goes with it. Where
//!   only another path that led to it is gone, that path was removed, and the item stays where it is.
//! - **A raw name is the name**: `r#gen` and `gen` are one, whichever an edition wants written.
//! - **What is not in the rows is in doubt, and told as nothing**: what lies below another crate that is shown as one
//!   row, and the paths of an item that has more of them than are kept.
//! - **Rows under other features or platforms count as well**: an item is not removed by another default feature. One
//!   that the features which brought it do not bring any more is told as gated.

mod interface;
mod range;
mod used;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Serialize;

use self::interface::{Interface, Item, plain_name};
use crate::ingest::Shape;
use crate::lake::DeclaredSymbol;

pub use range::{NoRange, Origin, Range, RangeError, Versions, locked};
pub use used::keep_used;

/// What happened to an item, what breaks its users first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    Removed,
    Moved,
    /// It has another signature, other public fields, or another kind.
    Changed,
    /// It is new, and whoever implements its trait must have it.
    Required,
    /// It needs another feature than before.
    Gated,
    Deprecated,
    Added,
}

/// An item that differs between two versions, as `--json` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemChange {
    pub change: Change,
    pub kind: String,
    /// Where it is now; where it was, if it was removed.
    pub path: String,
    /// The path that led to it, if it was moved.
    pub moved_from: Option<String>,
    /// Where it is still, if only a path that led to it was removed.
    pub stays_at: Option<String>,
    /// Its signature before, with public fields; none if it was added.
    pub before: Option<String>,
    /// Its signature now; none if it was removed.
    pub after: Option<String>,
    /// What its deprecation says: now, or before it was removed; empty where it says nothing.
    pub deprecated: Option<String>,
    /// The features that it needed, and needs now, in words, where it is gated; none where it needed none.
    pub needed: Option<String>,
    pub needs: Option<String>,
    /// Where it is declared now, or was.
    pub file: String,
    /// 1-based.
    pub line: i32,
    /// Every path that leads or led to it.
    #[serde(skip)]
    pub paths: Vec<String>,
}

/// The differences between the rows of two versions, what breaks users first, then by path.
pub fn changes(before: &[DeclaredSymbol], after: &[DeclaredSymbol]) -> Vec<ItemChange> {
    let (before, after) = (Interface::of(before), Interface::of(after));
    let mut found = Vec::new();
    let mut removed: BTreeSet<usize> = BTreeSet::new();
    let mut kept: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, item) in before.items.iter().enumerate() {
        match after.same(item) {
            None if after.may_have(item) => {}
            None => drop(removed.insert(at)),
            Some(now) => drop(kept.insert(at, now)),
        }
    }
    let mut added: BTreeSet<usize> = (0..after.items.len()).collect();
    added.retain(|&at| {
        let is_new = |item: &Item<'_>| before.same(item).is_none() && !before.may_have(item);
        after.items.get(at).is_some_and(is_new)
    });
    for (was, now) in moved(&before, &removed, &after, &added) {
        removed.remove(&was);
        added.remove(&now);
        kept.insert(was, now);
    }
    for (&number, &now) in &kept {
        if let (Some(was), Some(now)) = (before.items.get(number), after.items.get(now)) {
            let lost: Vec<&String> =
                was.paths.iter().filter(|path| after.lost(was.space, path, now)).collect();
            let is_moved = lost.first() == was.paths.first().as_ref();
            let is_other =
                |short: &str, long: &str| before.is_other(short, long) || after.is_other(short, long);
            let differs = has_other_signature(&was.shapes, &now.shapes, is_other)
                && has_other_signature(&before.without_aliases(was), &after.without_aliases(now), is_other);
            let told = difference(was, now, is_moved, differs);
            // Where two items became one, each is told by the path that led to it.
            let is_anothers = before.at(now.space, &now.row.path).is_some_and(|at| at != number);
            found.extend(told.map(|told| match is_anothers && !is_moved {
                true => ItemChange { path: was.row.path.clone(), ..told },
                false => told,
            }));
            found.extend(lost.first().filter(|_| !is_moved).map(|path| was.cut_off(path, &lost, now)));
        }
    }
    let gone = removed.iter().filter_map(|&at| before.items.get(at));
    found.extend(gone.map(|item| item.told(Change::Removed, Some(item), None)));
    let new = added.iter().filter_map(|&at| after.items.get(at));
    found.extend(new.map(|item| {
        let of_known = after.trait_of(item).is_some_and(|known| before.same(known).is_some());
        let change = if of_known && item.is_required { Change::Required } else { Change::Added };
        item.told(change, None, Some(item))
    }));
    found.sort_by(|a, b| (a.change, &a.path, &a.kind).cmp(&(b.change, &b.path, &b.kind)));
    found
}

/// Whether no alternative says what it said: one that came or went leaves the others as they are.
fn has_other_signature(were: &[Shape], are: &[Shape], is_other: impl Fn(&str, &str) -> bool) -> bool {
    let has = |shapes: &[Shape], one: &Shape| shapes.iter().any(|shape| shape.is_same(one, &is_other));
    let lacks = |some: &[Shape], others: &[Shape]| !some.iter().all(|shape| has(others, shape));
    lacks(were, are) && lacks(are, were)
}

/// What became of an item that is there still; `is_moved` where its own path leads nowhere now, `differs` where its
/// signature is another.
fn difference(was: &Item<'_>, now: &Item<'_>, is_moved: bool, differs: bool) -> Option<ItemChange> {
    let gated = was.gated_by(now);
    let change = match () {
        () if is_moved => Change::Moved,
        () if differs => Change::Changed,
        () if gated.is_some() => Change::Gated,
        () if was.deprecated.is_none() && now.deprecated.is_some() => Change::Deprecated,
        () => return None,
    };
    let told = now.told(change, Some(was), Some(now));
    let (needed, needs) = gated.unwrap_or_default();
    let moved_from = is_moved.then(|| was.row.path.clone());
    Some(ItemChange { moved_from, needed, needs, ..told })
}

/// Pairs of items whose every path is another.
fn moved(
    before: &Interface<'_>,
    removed: &BTreeSet<usize>,
    after: &Interface<'_>,
    added: &BTreeSet<usize>,
) -> Vec<(usize, usize)> {
    let were = by_declaration(before, removed);
    let are = by_declaration(after, added);
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (declaration, were) in &were {
        if let ([was], Some([now])) = (were.as_slice(), are.get(declaration).map(Vec::as_slice)) {
            pairs.push((*was, *now));
        }
    }
    // What hangs on a type goes where the type went.
    let mut taken: HashSet<usize> = HashSet::new();
    let types: Vec<(&str, &str)> = pairs
        .iter()
        .filter_map(|&(was, now)| {
            Some((before.items.get(was)?.row.path.as_str(), after.items.get(now)?.row.path.as_str()))
        })
        .collect();
    for &at in removed {
        let Some(item) = before.items.get(at) else { continue };
        let Some((_, to)) = types.iter().find(|(from, _)| Some(*from) == item.parent()) else { continue };
        let there = after.at(item.space, &format!("{to}::{}", item.row.name));
        if let Some(there) = there.filter(|there| added.contains(there) && taken.insert(*there)) {
            pairs.push((at, there));
        }
    }
    pairs
}

/// Items that stand by themselves, by what their declaration says: kind, name, signatures, members.
type Declarations<'a> = BTreeMap<(&'a str, &'a str, BTreeSet<&'a str>, BTreeSet<&'a str>), Vec<usize>>;

fn by_declaration<'a>(interface: &'a Interface<'a>, which: &BTreeSet<usize>) -> Declarations<'a> {
    let mut found = Declarations::new();
    for &at in which {
        let Some(item) = interface.items.get(at) else { continue };
        // Of a module its name is all that tells, and of a member its type.
        if item.row.kind != "mod" && interface.stands_alone(item) {
            let members = interface.members(&item.row.path);
            let texts = item.shapes.iter().map(Shape::text).collect();
            let key = (item.row.kind.as_str(), plain_name(&item.row.name), texts, members);
            found.entry(key).or_default().push(at);
        }
    }
    found
}

impl ItemChange {
    /// The path of what it hangs on or stands in.
    pub fn parent(&self) -> Option<&str> {
        self.path.rsplit_once("::").map(|(parent, _)| parent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: &str, path: &str, signature: &str, metadata: &str) -> DeclaredSymbol {
        DeclaredSymbol {
            file_path: "src/lib.rs".to_owned(),
            kind: kind.to_owned(),
            name: path.rsplit("::").next().unwrap_or(path).to_owned(),
            path: path.to_owned(),
            signature: Some(signature.to_owned()),
            source: None,
            line_start: 1,
            visibility: "public".to_owned(),
            attributes: None,
            metadata: metadata.to_owned(),
        }
    }

    #[test]
    fn two_items_that_became_one_are_each_told_by_their_own_path() {
        let before = [
            row("enum", "a::Lit", "pub enum Lit", "{}"),
            row("enum", "a::Pat", "#[x] pub enum Pat<T>", "{}"),
            row("enum", "a::Mac", "pub enum Mac", "{}"),
        ];
        let after = [row("enum", "a::Lit", "pub enum Lit", r#"{"paths":["a::Pat","a::Mac"]}"#)];
        let found = changes(&before, &after);
        let told: Vec<_> = found.iter().map(|one| (one.change, &*one.path, one.before.as_deref())).collect();
        assert_eq!(told, [(Change::Changed, "a::Pat", Some("#[x] pub enum Pat<T>"))]);
    }

    #[test]
    fn a_name_is_what_it_stands_for() {
        let alias =
            || row("type", "a::Result", "pub type Result<T, E = Error> = std::result::Result<T, E>", "{}");
        let file = || row("struct", "a::fs::File", "pub struct File", "{}");
        let version = |signature: &str, metadata: &str| {
            vec![
                alias(),
                file(),
                row("struct", "a::Error", "pub struct Error", "{}"),
                row("fn", "a::f", signature, metadata),
            ]
        };
        let differs = |one: (&str, &str), other: (&str, &str)| {
            !changes(&version(one.0, one.1), &version(other.0, other.1)).is_empty()
        };
        let renamed = r#"{"renamed":{"StdFile":"std::fs::File"}}"#;
        for (one, other) in [
            (("pub fn f(a: StdFile)", renamed), ("pub fn f(a: std::fs::File)", "{}")),
            (("pub fn f() -> Result<u8>", "{}"), ("pub fn f() -> std::result::Result<u8, Error>", "{}")),
            (("pub fn f() -> Result<u8>", "{}"), ("pub fn f() -> Result<u8, crate::Error>", "{}")),
            (("pub fn f() -> io::Result<u8>", "{}"), ("pub fn f() -> Result<u8, std::io::Error>", "{}")),
        ] {
            assert!(!differs(one, other) && !differs(other, one), "{one:?} beside {other:?}");
        }
        for (one, other) in [
            (("pub fn f(a: StdFile)", renamed), ("pub fn f(a: File)", "{}")),
            (("pub fn f(a: StdFile)", "{}"), ("pub fn f(a: std::fs::File)", "{}")),
            (("pub fn f() -> Result<u8>", "{}"), ("pub fn f() -> Result<u16, Error>", "{}")),
            (("pub fn f() -> io::Result<u8>", "{}"), ("pub fn f() -> Result<u8>", "{}")),
        ] {
            assert!(differs(one, other) && differs(other, one), "{one:?} beside {other:?}");
        }
        // What an alias stands for is its own change alone.
        let mut after = version("pub fn f() -> Result<u8>", "{}");
        after[0] =
            row("type", "a::Result", "pub type Result<T, E = Other> = std::result::Result<T, E>", "{}");
        let told = changes(&version("pub fn f() -> Result<u8>", "{}"), &after);
        assert_eq!(told.iter().map(|one| &*one.path).collect::<Vec<_>>(), ["a::Result"]);
    }

    #[test]
    fn a_path_is_told_where_it_may_lead_elsewhere() {
        let version = |signature: &str| {
            vec![
                row("struct", "a::Error", "pub struct Error", "{}"),
                row(
                    "struct",
                    "a::Shown",
                    "pub struct Shown",
                    r#"{"declared_in":{"package":"b","path":"b::Shown"}}"#,
                ),
                row("fn", "a::f", signature, "{}"),
            ]
        };
        let differs = |one: &str, other: &str| !changes(&version(one), &version(other)).is_empty();
        for (one, other) in [
            ("pub fn f() -> Error", "pub fn f() -> crate::Error"),
            ("pub fn f() -> Shown", "pub fn f() -> b::Shown"),
            ("pub fn f() -> Path", "pub fn f() -> std::path::Path"),
        ] {
            assert!(!differs(one, other) && !differs(other, one), "{one} beside {other}");
        }
        assert!(differs("pub fn f() -> Error", "pub fn f() -> io::Error"));
        assert!(differs("pub fn f() -> io::Error", "pub fn f() -> fmt::Error"));
    }
}
