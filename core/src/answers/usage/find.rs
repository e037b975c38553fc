//! Where a text uses an item: by the paths that it writes, and by methods whose receiver can be told.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::hints::{is_common, is_hinted};
use super::names::{Names, Written};
use super::sheet::{NONE, Sheet, plain};
use crate::answers::wanted::{Wanted, key};

/// Uses of one item in one text; more is data.
const USES_MAX: usize = 200;
/// Tokens that are looked at for what receivers are: a text that is made to cost time has no more.
const WORK_MAX: usize = 50_000_000;
/// Names in one tuple that is bound.
const TUPLE_TOKENS_MAX: usize = 64;
/// Expressions that lead to one another before a receiver's type is given up.
const FUEL: usize = 12;

/// In which way an item is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    Call,
    /// Named otherwise: a type in a signature, a function that is passed on, a trait that bounds.
    Mention,
    Import,
    Attribute,
    Derive,
    Implementation,
}

/// A use, by its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    pub leaf: usize,
    pub how: How,
    /// Whether paths and types say that it is the item, or only that it may be.
    pub certain: bool,
}

struct Finder<'s, 't> {
    names: &'s Names<'s, 't>,
    sheet: &'s Sheet<'t>,
    wanted: &'s Wanted,
    /// Names of what is of the item's type elsewhere in the package.
    hints: &'s HashSet<String>,
    /// The names that stand here for the item or for what it hangs on.
    called: HashSet<&'s str>,
    /// By function: whether the owner, or what makes one, is named in it.
    seen: HashMap<usize, bool>,
    /// By scope: whether its imports bring the item.
    imports: HashMap<usize, bool>,
    work: Cell<usize>,
}

/// Every use of `wanted`, in the order of the text.
pub fn find(names: &Names<'_, '_>, wanted: &Wanted, hints: &HashSet<String>) -> Vec<Spot> {
    let mut called: HashSet<&str> = HashSet::from([wanted.name.as_str()]);
    called.extend(wanted.owner.iter().map(|owner| owner.name.as_str()));
    let imported: Vec<(&str, Vec<String>)> = names.imported().collect();
    for (alias, path) in &imported {
        let owner = wanted.owner.as_ref().is_some_and(|owner| owner.paths.contains(&key(path)));
        if owner || wanted.is(path) {
            called.insert(alias);
        }
    }
    let mut finder = Finder {
        names,
        sheet: names.sheet,
        wanted,
        hints,
        called,
        seen: HashMap::new(),
        imports: HashMap::new(),
        work: Cell::new(WORK_MAX),
    };
    finder.all()
}

impl<'s, 't> Finder<'s, 't> {
    fn all(&mut self) -> Vec<Spot> {
        let mut spots = Vec::new();
        let mut at = 0;
        while at < self.sheet.leaves.len() && spots.len() < USES_MAX {
            let spot = match self.names.path_at(at) {
                Some(path) => {
                    let spot = self.path(&path);
                    at = path.last;
                    spot
                }
                None => self.method(at),
            };
            spots.extend(spot);
            at += 1;
        }
        let sheet = self.sheet;
        for &(start, end, scope) in &sheet.uses {
            spots.extend(self.import(start, end, scope));
        }
        spots.sort_by_key(|spot| spot.leaf);
        spots.dedup_by_key(|spot| spot.leaf);
        spots
    }

    /// Takes work from what is left; none where nothing is.
    fn spend(&self, tokens: usize) -> Option<()> {
        self.work.set(self.work.get().checked_sub(tokens)?);
        Some(())
    }

    fn is_in_use(&self, leaf: usize) -> bool {
        let Some(byte) = self.sheet.leaves.get(leaf).map(|leaf| leaf.start) else { return false };
        let at = self.sheet.uses.partition_point(|(start, _, _)| *start <= byte);
        at.checked_sub(1).and_then(|at| self.sheet.uses.get(at)).is_some_and(|(_, end, _)| byte < *end)
    }

    /// A `use` declaration that names the item.
    fn import(&mut self, start: usize, end: usize, scope: usize) -> Option<Spot> {
        let range = self.sheet.leaf_at(start)..self.sheet.leaf_at(end);
        let named: Vec<usize> = range.filter(|&at| plain(self.sheet.word(at)) == self.wanted.name).collect();
        let leaf = *named.last()?;
        let (names, wanted) = (self.names, self.wanted);
        let brings = || names.imported_in(scope).any(|path| wanted.is(&path));
        let here = *self.imports.entry(scope).or_insert_with(brings);
        here.then_some(Spot { leaf, how: How::Import, certain: true })
    }

    fn path(&mut self, path: &Written<'t>) -> Option<Spot> {
        let sheet = self.sheet;
        if !path.segments.iter().any(|segment| self.called.contains(segment) || *segment == "Self") {
            return None;
        }
        let before = path.first.checked_sub(1).map_or("", |before| sheet.word(before));
        if is_declared_after(before) || self.is_in_use(path.first) {
            return None;
        }
        let after = sheet.word(path.last + 1);
        let alone = path.segments.len() == 1;
        if alone && after == ":" && self.wanted.kind != "trait" {
            return None;
        }
        let leaf = sheet.leaves.get(path.first)?;
        if alone && self.wanted.kind == "fn" && self.binds(leaf.function, path.segments.first()?) {
            return None;
        }
        let bang = after == "!" && matches!(sheet.word(path.last + 2), "(" | "[" | "{");
        let derives = leaf.in_attribute && self.derives(path.first);
        let attribute = leaf.in_attribute;
        let is_macro = self.wanted.kind == "macro";
        if bang != (is_macro && !attribute) {
            return None;
        }
        let covered = self.covers(path)?;
        let how = match () {
            () if derives => How::Derive,
            () if attribute => How::Attribute,
            () if self.implements(path, leaf.implementation) => How::Implementation,
            () if bang || (after == "(" && covered) || (after == "::" && covered) => How::Call,
            () => How::Mention,
        };
        Some(Spot { leaf: path.first, how, certain: true })
    }

    /// Whether a path leads to the item: `true` where it ends there, `false` where it goes on.
    fn covers(&self, path: &Written<'_>) -> Option<bool> {
        for means in self.names.meanings(path) {
            if self.wanted.is(&means) {
                return Some(true);
            }
            if self.wanted.is_passed_through() {
                // What is written of the path stands at its end.
                let least = (means.len() + 1).saturating_sub(path.segments.len()).max(1);
                let parts = (least..means.len()).filter_map(|end| means.get(..end));
                if parts.into_iter().any(|part| self.wanted.is(part)) {
                    return Some(false);
                }
            }
        }
        None
    }

    /// `.name(…)`.
    fn method(&mut self, at: usize) -> Option<Spot> {
        let sheet = self.sheet;
        let owner = self.wanted.owner.as_ref().filter(|_| self.wanted.kind == "method")?;
        let dot = at.checked_sub(1)?;
        if sheet.word(dot) != "." || plain(sheet.word(at)) != self.wanted.name {
            return None;
        }
        let calls = sheet.word(at + 1) == "(" || (sheet.word(at + 1) == "::" && sheet.word(at + 2) == "<");
        if !calls {
            return None;
        }
        let function = sheet.leaves.get(at)?.function;
        let certain = match self.is_owner(dot.checked_sub(1)?, FUEL) {
            Some(true) => true,
            Some(false) if !owner.is_trait => return None,
            Some(false) | None => {
                let may =
                    self.sees_owner(function) || self.is_hinted(dot - 1) || self.may_be_in_text(dot - 1);
                if !may {
                    return None;
                }
                false
            }
        };
        Some(Spot { leaf: at, how: How::Call, certain })
    }

    /// Whether the receiver that ends at a token bears the name of something that is of the type elsewhere.
    fn is_hinted(&self, end: usize) -> bool {
        is_hinted(self.sheet, end, &|name| self.hints.contains(name))
    }

    /// Whether the text names the type, and the method is none that many types have, or is called on what the item's
    /// package gives out.
    fn may_be_in_text(&mut self, end: usize) -> bool {
        let Some(owner) = self.wanted.owner.as_ref() else { return false };
        let makes = || is_hinted(self.sheet, end, &|name| owner.maker_names.contains(name));
        let may = !is_common(&self.wanted.name) || makes();
        may && self.sees_owner(NONE)
    }

    /// Whether the expression that ends at a token is of the type that the item hangs on; none where that
    /// cannot be told.
    fn is_owner(&self, end: usize, fuel: usize) -> Option<bool> {
        let fuel = fuel.checked_sub(1)?;
        let sheet = self.sheet;
        let owner = self.wanted.owner.as_ref()?;
        let leaf = sheet.leaves.get(end)?;
        match sheet.word(end) {
            "?" => self.is_owner(end.checked_sub(1)?, fuel),
            "await" if end >= 2 && sheet.word(end - 1) == "." => self.is_owner(end - 2, fuel),
            "self" if owner.is_trait => None,
            "self" => {
                let types = self.names.implementing(leaf.implementation, 0);
                (!types.is_empty()).then(|| types.iter().any(|path| owner.paths.contains(&key(path))))
            }
            "}" => {
                let path = self.names.path_to(sheet.opening(end)?.checked_sub(1)?)?;
                Some(self.is_path_of_owner(&path))
            }
            ")" => self.is_made(end, fuel),
            _ if sheet.is_name(end) => self.is_bound(end, fuel),
            _ => None,
        }
    }

    /// The same of a call, or of what stands in parentheses.
    fn is_made(&self, close: usize, fuel: usize) -> Option<bool> {
        let sheet = self.sheet;
        let owner = self.wanted.owner.as_ref()?;
        let Some(callee) = self.callee(close)? else {
            return self.is_owner(close.checked_sub(1)?, fuel);
        };
        if callee >= 2 && sheet.word(callee - 1) == "." {
            let method = plain(sheet.word(callee));
            let receiver = self.is_owner(callee - 2, fuel);
            let same = matches!(
                method,
                "unwrap"
                    | "expect"
                    | "unwrap_or_default"
                    | "unwrap_or_else"
                    | "clone"
                    | "as_ref"
                    | "as_mut"
                    | "borrow"
                    | "borrow_mut"
                    | "by_ref"
                    | "to_owned"
                    | "context"
                    | "with_context"
                    | "map_err"
            );
            let of_owner = |path: &String| owner.makers.contains(&format!("{path}::{method}"));
            return match receiver {
                Some(true) if same || owner.paths.iter().any(of_owner) => Some(true),
                _ => None,
            };
        }
        let path = self.names.path_to(callee)?;
        let meanings = self.names.meanings(&path);
        let makes = |path: &Vec<String>| {
            let whole = key(path);
            let (outer, last) = whole.rsplit_once("::").unwrap_or(("", &whole));
            owner.makers.contains(&whole)
                || owner.paths.contains(&whole)
                || (owner.paths.contains(outer) && matches!(last, "default" | "from"))
        };
        if meanings.iter().any(makes) {
            return Some(true);
        }
        // `Other::new()` makes another.
        let last = path.segments.last()?;
        let starts_large = |name: &&&str| name.starts_with(char::is_uppercase);
        let typed = path.segments.iter().rev().nth(1).filter(starts_large).is_some();
        (typed && matches!(*last, "new" | "default" | "from" | "with_capacity")).then_some(false)
    }

    /// The last name of what is called by the parentheses that close at a token; `Some(None)` where nothing is.
    fn callee(&self, close: usize) -> Option<Option<usize>> {
        let sheet = self.sheet;
        let mut callee = sheet.opening(close)?.checked_sub(1)?;
        self.spend(close - callee)?;
        if sheet.word(callee) == ">" {
            let opens = |at: &usize| sheet.word(*at) == "<" && sheet.past_angles(*at) == Some(callee + 1);
            let angle = (0..callee).rev().take(64).find(opens)?;
            callee = angle.checked_sub(2).filter(|_| sheet.word(angle - 1) == "::")?;
        }
        Some(sheet.is_name(callee).then_some(callee))
    }

    /// Whether the call that ends at a token gives out a tuple that has one at a place.
    fn gives(&self, end: usize, place: usize, fuel: usize) -> Option<bool> {
        let fuel = fuel.checked_sub(1)?;
        match self.sheet.word(end) {
            "?" => return self.gives(end.checked_sub(1)?, place, fuel),
            "await" => return self.gives(end.checked_sub(2)?, place, fuel),
            ")" => {}
            _ => return None,
        }
        let owner = self.wanted.owner.as_ref()?;
        let path = self.names.path_to(self.callee(end)??)?;
        let makes = |path: &Vec<String>| owner.makers.contains(&format!("{}#{place}", key(path)));
        self.names.meanings(&path).iter().any(makes).then_some(true)
    }

    /// Of `let (a, b) = …`: the place of the name at a token, and where the expression begins.
    fn in_tuple(&self, at: usize) -> Option<(usize, usize)> {
        let sheet = self.sheet;
        let (mut open, mut place) = (at.checked_sub(1)?, 0);
        while at - open < TUPLE_TOKENS_MAX
            && (matches!(sheet.word(open), "," | "mut" | "_") || sheet.is_name(open))
        {
            place += usize::from(sheet.word(open) == ",");
            open = open.checked_sub(1)?;
        }
        if sheet.word(open) != "(" || sheet.word(open.checked_sub(1)?) != "let" {
            return None;
        }
        let close = sheet.closing(open)?;
        self.spend(close - open)?;
        let binds = sheet.word(close + 1) == "=";
        binds.then_some((place, close + 2))
    }

    /// The same of a variable, by where it is bound in its function.
    fn is_bound(&self, at: usize, fuel: usize) -> Option<bool> {
        let sheet = self.sheet;
        if at > 1 && sheet.word(at - 1) == "." {
            return if sheet.word(at - 2) == "self" { self.is_field(at, fuel) } else { None };
        }
        if at > 0 && sheet.word(at - 1) == "::" {
            return None;
        }
        let (name, function) = (sheet.word(at), sheet.leaves.get(at)?.function);
        let first = sheet.functions.get(function).map_or(0, |(start, _)| sheet.leaf_at(*start));
        for place in (first..at).rev() {
            self.spend(1)?;
            if sheet.word(place) != name {
                continue;
            }
            if let Some((part, from)) = self.in_tuple(place) {
                return self.gives(self.statement_end(from)?.checked_sub(1)?, part, fuel);
            }
            if !self.begins_binding(place) {
                continue;
            }
            return match sheet.word(place + 1) {
                ":" => self.is_owner_type(place + 2, fuel),
                "=" => {
                    let end = self.statement_end(place + 2)?;
                    self.is_owner(end.checked_sub(1)?, fuel)
                }
                _ => None,
            };
        }
        None
    }

    /// The same of `self.field`, where the text declares the type that `self` is of.
    fn is_field(&self, at: usize, fuel: usize) -> Option<bool> {
        let sheet = self.sheet;
        let implementation = sheet.implementations.get(sheet.leaves.get(at)?.implementation)?;
        let name = self.names.path_at(sheet.leaf_at(implementation.on_type.0))?;
        let struct_name = *name.segments.last()?;
        let is_it =
            |place: &usize| sheet.word(*place) == "struct" && plain(sheet.word(place + 1)) == struct_name;
        self.spend(sheet.leaves.len())?;
        let declared = (0..sheet.leaves.len()).find(is_it)?;
        let open =
            (declared..sheet.leaves.len()).find(|&place| matches!(sheet.word(place), "{" | ";" | "("))?;
        let close = sheet.closing(open)?;
        let field = sheet.word(at);
        let typed = |place: &usize| sheet.word(*place) == field && sheet.word(place + 1) == ":";
        let place = (open..close).find(typed)?;
        self.is_owner_type(place + 2, fuel)
    }

    fn begins_binding(&self, place: usize) -> bool {
        let before = place.checked_sub(1).map_or("", |before| self.sheet.word(before));
        match self.sheet.word(place + 1) {
            ":" => matches!(before, "let" | "mut" | "(" | "," | "|" | "ref"),
            "=" => matches!(before, "let" | "mut" | "ref"),
            _ => before == "let" || before == "mut",
        }
    }

    /// The `;` that ends a statement, or the `else` of a `let … else`.
    fn statement_end(&self, from: usize) -> Option<usize> {
        let mut at = from;
        while at < self.sheet.leaves.len() {
            match self.sheet.word(at) {
                ";" | "else" => return Some(at),
                "(" | "[" | "{" => {
                    let close = self.sheet.closing(at)?;
                    self.spend(close - at)?;
                    at = close;
                }
                ")" | "]" | "}" => return None,
                _ => self.spend(1)?,
            }
            at += 1;
        }
        None
    }

    /// Whether a type, from its first token on, is the one that the item hangs on, or a pointer to it.
    fn is_owner_type(&self, at: usize, fuel: usize) -> Option<bool> {
        let fuel = fuel.checked_sub(1)?;
        let sheet = self.sheet;
        let word = sheet.word(at);
        if matches!(word, "&" | "*" | "mut" | "const" | "dyn" | "impl") || word.starts_with('\'') {
            return self.is_owner_type(at + 1, fuel);
        }
        let path = self.names.path_at(at)?;
        if self.is_path_of_owner(&path) {
            return Some(true);
        }
        let pointer =
            matches!(*path.segments.last()?, "Arc" | "Rc" | "Box" | "Pin" | "Ref" | "RefMut" | "MutexGuard");
        match pointer && sheet.word(path.last + 1) == "<" {
            true => self.is_owner_type(path.last + 2, fuel),
            false => Some(false),
        }
    }

    fn is_path_of_owner(&self, path: &Written<'_>) -> bool {
        let Some(owner) = &self.wanted.owner else { return false };
        let meanings = self.names.meanings(path);
        meanings.iter().any(|path| {
            let whole = key(path);
            // A variant's or an associated function's path leads through it.
            owner.paths.contains(&whole)
        })
    }

    /// Whether a function, or what is outside of all, names the owner or something that makes one; for a
    /// trait, whether the text names it at all.
    fn sees_owner(&mut self, function: usize) -> bool {
        let Some(owner) = self.wanted.owner.as_ref() else { return false };
        let function = if owner.is_trait { NONE } else { function };
        if let Some(&seen) = self.seen.get(&function) {
            return seen;
        }
        let bytes = self.sheet.functions.get(function).copied();
        let range = bytes.map_or(0..self.sheet.leaves.len(), |(start, end)| {
            self.sheet.leaf_at(start)..self.sheet.leaf_at(end)
        });
        let mut seen = owner.is_trait && self.brings_trait();
        for at in range {
            if seen {
                break;
            }
            let Some(path) = self.names.path_at(at) else { continue };
            seen = self.names.meanings(&path).iter().any(|means| {
                let whole = key(means);
                let through = whole.rsplit_once("::").is_some_and(|(outer, _)| owner.paths.contains(outer));
                let makes = |end: &str| owner.makers.contains(&format!("{whole}{end}"));
                owner.paths.contains(&whole) || ["", "#0", "#1"].into_iter().any(makes) || through
            });
        }
        self.seen.insert(function, seen);
        seen
    }

    /// Whether a trait is in scope by the text's imports.
    fn brings_trait(&self) -> bool {
        let Some(owner) = self.wanted.owner.as_ref() else { return false };
        let by_glob = |glob: Vec<String>| owner.paths.contains(&format!("{}::{}", key(&glob), owner.name));
        self.names.imported().any(|(_, path)| owner.paths.contains(&key(&path)))
            || self.names.globs().any(by_glob)
    }

    /// Whether a name is a variable in a function.
    fn binds(&self, function: usize, name: &str) -> bool {
        let Some(&(start, end)) = self.sheet.functions.get(function) else { return false };
        let mut range = self.sheet.leaf_at(start)..self.sheet.leaf_at(end);
        if self.spend(range.len()).is_none() {
            return false;
        }
        range.any(|at| {
            self.sheet.word(at) == name && self.sheet.word(at + 1) != "(" && self.begins_binding(at)
        })
    }

    /// Whether a token stands in the list of a `derive`.
    fn derives(&self, at: usize) -> bool {
        let start = at.saturating_sub(64);
        let open = (start..at).rev().find(|&at| self.sheet.word(at) == "(");
        open.and_then(|open| open.checked_sub(1)).is_some_and(|before| self.sheet.word(before) == "derive")
    }

    /// Whether a path is the trait of an `impl`.
    fn implements(&self, path: &Written<'_>, implementation: usize) -> bool {
        let one = self.sheet.implementations.get(implementation);
        let Some((start, end)) = one.and_then(|one| one.of_trait) else { return false };
        let byte = |at: usize| self.sheet.leaves.get(at).map(|leaf| leaf.start);
        let first = self.sheet.leaf_at(start);
        let inside = byte(path.first).is_some_and(|byte| (start..end).contains(&byte));
        // Not an argument of the trait.
        inside && path.first <= first + usize::from(path.rooted) + usize::from(self.sheet.word(first) == "!")
    }
}

/// Keywords that a declaration's own name follows.
fn is_declared_after(word: &str) -> bool {
    matches!(word, "fn" | "struct" | "enum" | "union" | "trait" | "mod" | "type" | "const" | "static" | "let")
}
