//! What names mean in one text: `use` declarations, what is declared there, and what every program knows.

use std::collections::{HashMap, HashSet};

use super::sheet::{NONE, Sheet, plain};
use crate::answers::wanted::{Owner, key, last};

/// Imports that lead to imports.
const HOPS_MAX: usize = 8;
const SEGMENTS_MAX: usize = 32;
/// Blocks and modules around a name.
const SCOPES_MAX: usize = 256;

/// Where a text stands in its package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The path of the text's module, from the crate's name; none where the text is a crate that has no name.
    pub module: Option<Vec<String>>,
    /// The names that the package gives to crates of other names.
    pub aliases: HashMap<String, String>,
}

/// What the names of a text mean.
pub struct Names<'s, 't> {
    pub sheet: &'s Sheet<'t>,
    standing: &'s Standing,
    /// By scope.
    imports: Vec<Imports>,
}

#[derive(Default)]
struct Imports {
    /// By the name that they have here: the path as written.
    named: HashMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
}

/// A path as a text writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<'t> {
    pub segments: Vec<&'t str>,
    /// It begins with `::`.
    pub rooted: bool,
    /// Its first and its last token.
    pub first: usize,
    pub last: usize,
}

/// What everyone can name: the standard library's prelude, by path.
const PRELUDE: [&str; 47] = [
    "std::borrow::ToOwned",
    "std::boxed::Box",
    "std::clone::Clone",
    "std::cmp::Eq",
    "std::cmp::Ord",
    "std::cmp::PartialEq",
    "std::cmp::PartialOrd",
    "std::convert::AsMut",
    "std::convert::AsRef",
    "std::convert::From",
    "std::convert::Into",
    "std::convert::TryFrom",
    "std::convert::TryInto",
    "std::default::Default",
    "std::fmt::Debug",
    "std::hash::Hash",
    "std::iter::DoubleEndedIterator",
    "std::iter::ExactSizeIterator",
    "std::iter::Extend",
    "std::iter::FromIterator",
    "std::iter::IntoIterator",
    "std::iter::Iterator",
    "std::marker::Copy",
    "std::marker::Send",
    "std::marker::Sized",
    "std::marker::Sync",
    "std::marker::Unpin",
    "std::mem::drop",
    "std::ops::Drop",
    "std::ops::Fn",
    "std::ops::FnMut",
    "std::ops::FnOnce",
    "std::option::Option",
    "std::option::Option::None",
    "std::option::Option::Some",
    "std::result::Result",
    "std::result::Result::Err",
    "std::result::Result::Ok",
    "std::string::String",
    "std::string::ToString",
    "std::vec::Vec",
    "std::assert",
    "std::format",
    "std::panic",
    "std::println",
    "std::vec",
    "std::write",
];

impl<'s, 't> Names<'s, 't> {
    pub fn of(sheet: &'s Sheet<'t>, standing: &'s Standing) -> Names<'s, 't> {
        let mut imports: Vec<Imports> = sheet.scopes.iter().map(|_| Imports::default()).collect();
        for &(start, end, scope) in &sheet.uses {
            if let Some(imports) = imports.get_mut(scope) {
                imports.read(sheet, sheet.leaf_at(start), sheet.leaf_at(end));
            }
        }
        for (alias, name, scope) in &sheet.extern_crates {
            if let Some(imports) = imports.get_mut(*scope) {
                imports.named.insert(alias.clone(), vec![String::new(), name.clone()]);
            }
        }
        Names { sheet, standing, imports }
    }

    /// The imports of a text, each with what it means, where it stands, and the name that it has here.
    pub fn imported(&self) -> impl Iterator<Item = (&str, Vec<String>)> {
        let scopes = self.imports.iter().enumerate();
        let named = scopes.flat_map(|(scope, imports)| imports.named.iter().map(move |one| (scope, one)));
        named.flat_map(move |(scope, (alias, path))| {
            self.behind(alias, path, scope, 0).into_iter().map(move |path| (alias.as_str(), path))
        })
    }

    /// The names that lead to what a method hangs on, to what gives one out, or into it: no other path has to be followed.
    pub fn leading_to(&self, owner: &Owner) -> HashSet<String> {
        let mut leading: HashSet<String> = owner.makers.iter().map(|path| last(path).to_owned()).collect();
        leading.extend(owner.paths.iter().map(|path| last(path).to_owned()));
        leading.extend([owner.name.clone(), "Self".to_owned()]);
        for (alias, path) in self.imported() {
            let whole = key(&path);
            let through = whole.rsplit_once("::").is_some_and(|(outer, _)| owner.paths.contains(outer));
            let makes = |place: &str| owner.makers.contains(&format!("{whole}{place}"));
            if through || owner.paths.contains(&whole) || ["", "#0", "#1"].into_iter().any(makes) {
                leading.insert(alias.to_owned());
            }
        }
        leading
    }

    /// The paths that the imports of this text's modules give to what `is_it` holds of: other files of the package
    /// may name it by them.
    pub fn shown(&self, is_it: &dyn Fn(&[String]) -> bool) -> impl Iterator<Item = String> {
        let scopes = self.sheet.scopes.iter().zip(&self.imports).enumerate();
        let modules = scopes.filter(|(_, (scope, _))| scope.is_module);
        let mut found = Vec::new();
        for (at, (_, imports)) in modules {
            for (alias, path) in &imports.named {
                if self.behind(alias, path, at, 0).iter().any(|path| is_it(path)) {
                    found.extend(self.module(at).map(|mut module| {
                        module.push(alias.clone());
                        key(&module)
                    }));
                }
            }
        }
        found.into_iter()
    }

    /// The paths that the imports of one scope mean.
    pub fn imported_in(&self, scope: usize) -> impl Iterator<Item = Vec<String>> {
        let imports = self.imports.get(scope).into_iter().flat_map(|imports| &imports.named);
        imports.flat_map(move |(alias, path)| self.behind(alias, path, scope, 0))
    }

    /// What the globs of a text bring the names of.
    pub fn globs(&self) -> impl Iterator<Item = Vec<String>> {
        let scopes = self.imports.iter().enumerate();
        let globs = scopes.flat_map(|(scope, imports)| imports.globs.iter().map(move |one| (scope, one)));
        globs.flat_map(|(scope, path)| {
            let parts: Vec<&str> = path.iter().map(String::as_str).collect();
            self.absolute(&parts, scope, NONE, 1)
        })
    }

    /// The path whose first token this is.
    pub fn path_at(&self, at: usize) -> Option<Written<'t>> {
        let sheet = self.sheet;
        let before = at.checked_sub(1).map_or("", |before| sheet.word(before));
        if !sheet.is_name(at) || before == "." {
            return None;
        }
        let rooted = before == "::";
        if rooted && at.checked_sub(2).is_some_and(|two| sheet.is_name(two) || sheet.word(two) == ">") {
            return None;
        }
        let mut segments = vec![plain(sheet.word(at))];
        let mut last = at;
        while sheet.word(last + 1) == "::" && segments.len() < SEGMENTS_MAX {
            let mut next = last + 2;
            if sheet.word(next) == "<" {
                match sheet.past_angles(next) {
                    Some(past) if sheet.word(past) == "::" => next = past + 1,
                    _ => break,
                }
            }
            if !sheet.is_name(next) {
                break;
            }
            segments.push(plain(sheet.word(next)));
            last = next;
        }
        Some(Written { segments, rooted, first: at, last })
    }

    /// The path whose last token this is, without arguments between.
    pub fn path_to(&self, last: usize) -> Option<Written<'t>> {
        let sheet = self.sheet;
        let mut first = last;
        while last - first < 2 * SEGMENTS_MAX
            && first >= 2
            && sheet.word(first - 1) == "::"
            && sheet.is_name(first - 2)
        {
            first -= 2;
        }
        self.path_at(first).filter(|path| path.last == last)
    }

    /// What a path may mean, each from the name of a crate: all but one of them lead nowhere.
    pub fn meanings(&self, path: &Written<'_>) -> Vec<Vec<String>> {
        let Some(leaf) = self.sheet.leaves.get(path.first) else { return Vec::new() };
        if path.rooted {
            return vec![self.of_crate(&path.segments)];
        }
        self.absolute(&path.segments, leaf.scope, leaf.implementation, 0)
    }

    fn absolute(
        &self,
        segments: &[&str],
        scope: usize,
        implementation: usize,
        hops: usize,
    ) -> Vec<Vec<String>> {
        let Some((&first, rest)) = segments.split_first() else { return Vec::new() };
        let join = |mut base: Vec<String>, rest: &[&str]| {
            base.extend(rest.iter().map(|segment| plain(segment).to_owned()));
            base
        };
        match first {
            // As an import of a crate is kept.
            "" => return vec![self.of_crate(rest)],
            "crate" | "$crate" => {
                let root = self.standing.module.as_ref().and_then(|module| module.first().cloned());
                return root.map(|root| join(vec![root], rest)).into_iter().collect();
            }
            "self" => return self.module(scope).map(|module| join(module, rest)).into_iter().collect(),
            "super" => {
                let mut module = self.module(scope);
                let mut rest = segments;
                while let Some((&"super", more)) = rest.split_first() {
                    module = module.and_then(|mut path| path.pop().map(|_| path));
                    rest = more;
                }
                return module.map(|module| join(module, rest)).into_iter().collect();
            }
            "Self" => {
                let types = self.implementing(implementation, hops);
                return types.into_iter().map(|one| join(one, rest)).collect();
            }
            _ => {}
        }
        let mut found = Vec::new();
        let mut at = Some(scope);
        let mut left = SCOPES_MAX;
        while let Some(scope) = at.filter(|_| left > 0) {
            left -= 1;
            let (Some(here), Some(imports)) = (self.sheet.scopes.get(scope), self.imports.get(scope)) else {
                break;
            };
            if let Some(path) = imports.named.get(first).filter(|_| hops < HOPS_MAX) {
                let means = self.behind(first, path, scope, hops);
                return means.into_iter().map(|path| join(path, rest)).collect();
            }
            if here.defines.contains(first) {
                return self.module(scope).map(|module| join(module, segments)).into_iter().collect();
            }
            let mut above = here.parent;
            for glob in &imports.globs {
                let parts: Vec<&str> = glob.iter().map(String::as_str).collect();
                if parts == ["super"] {
                    // What is around an inner module is looked at next; of a whole file it is another file's.
                    let around = here.parent.is_none().then(|| self.absolute(&parts, scope, NONE, hops + 1));
                    let around = around.into_iter().flatten();
                    found.extend(around.map(|path| join(path, segments)));
                    continue;
                }
                if hops < HOPS_MAX && parts.first() != Some(&first) {
                    let means = self.absolute(&parts, scope, NONE, hops + 1);
                    found.extend(means.into_iter().map(|path| join(path, segments)));
                }
            }
            if here.is_module
                && !imports.globs.iter().any(|glob| glob.first().is_some_and(|one| one == "super"))
            {
                above = None;
            }
            at = above;
        }
        found.push(self.of_crate(segments));
        found.extend(self.module(scope).map(|module| join(module, segments)));
        let known = PRELUDE.iter().find(|path| path.rsplit("::").next() == Some(first));
        found.extend(known.map(|path| join(path.split("::").map(str::to_owned).collect(), rest)));
        found
    }

    /// What an import of a name leads to.
    fn behind(&self, name: &str, path: &[String], scope: usize, hops: usize) -> Vec<Vec<String>> {
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        // `use log;` and `use log::log` name a crate, not themselves.
        match parts.first() == Some(&name) {
            true => vec![self.of_crate(&parts)],
            false => self.absolute(&parts, scope, NONE, hops + 1),
        }
    }

    /// A path that begins with a crate, whatever the package calls it.
    fn of_crate(&self, segments: &[&str]) -> Vec<String> {
        let mut path: Vec<String> = segments.iter().map(|segment| plain(segment).to_owned()).collect();
        if let Some(first) = path.first_mut()
            && let Some(name) = self.standing.aliases.get(first)
        {
            name.clone_into(first);
        }
        path
    }

    /// What the type of an impl may be.
    pub fn implementing(&self, implementation: usize, hops: usize) -> Vec<Vec<String>> {
        let Some(one) = self.sheet.implementations.get(implementation).filter(|_| hops < HOPS_MAX) else {
            return Vec::new();
        };
        let mut at = self.sheet.leaf_at(one.on_type.0);
        while matches!(self.sheet.word(at), "&" | "mut" | "dyn") || self.sheet.word(at).starts_with('\'') {
            at += 1;
        }
        match (self.path_at(at), self.sheet.leaves.get(at)) {
            (Some(path), Some(leaf)) => self.absolute(&path.segments, leaf.scope, NONE, hops + 1),
            _ => Vec::new(),
        }
    }

    /// The path of the module that a scope is in.
    fn module(&self, scope: usize) -> Option<Vec<String>> {
        let mut inner = Vec::new();
        let mut at = Some(scope);
        let mut left = SCOPES_MAX;
        while let Some(scope) = at.and_then(|at| self.sheet.scopes.get(at)) {
            left = left.checked_sub(1)?;
            inner.extend(scope.module.clone());
            at = scope.parent;
        }
        let mut path = self.standing.module.clone()?;
        path.extend(inner.into_iter().rev());
        Some(path)
    }
}

impl Imports {
    /// `use a::{b as c, d::{self, e}, f::*};`, as tokens from one to before another.
    fn read(&mut self, sheet: &Sheet<'_>, first: usize, end: usize) {
        let start = (first..end).find(|&at| sheet.word(at) == "use").map_or(end, |at| at + 1);
        let mut path: Vec<String> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let (mut alias, mut renames, mut is_glob) = (None, false, false);
        for at in start..end {
            match sheet.word(at) {
                // `use ::a` begins with a crate.
                "::" if path.is_empty() && open.is_empty() => path.push(String::new()),
                "::" => {}
                "as" => renames = true,
                "*" => is_glob = true,
                "{" => open.push(path.len()),
                word @ ("," | ";" | "}") => {
                    let base = open.last().copied().unwrap_or(0);
                    self.take(&path, base, alias.take(), is_glob);
                    (renames, is_glob) = (false, false);
                    if word == "}" {
                        open.pop();
                        // What the braces stood behind is done with; nothing is left to take.
                        path.truncate(open.last().copied().unwrap_or(0));
                    } else {
                        path.truncate(base);
                    }
                }
                word if renames => alias = Some(plain(word).to_owned()),
                word if path.len() < SEGMENTS_MAX => path.push(plain(word).to_owned()),
                _ => {}
            }
        }
    }

    fn take(&mut self, path: &[String], base: usize, alias: Option<String>, is_glob: bool) {
        if is_glob {
            self.globs.push(path.to_vec());
            return;
        }
        if path.len() <= base {
            return;
        }
        let path = match path.split_last() {
            Some((last, before)) if last == "self" && !before.is_empty() => before,
            _ => path,
        };
        if let Some(name) = alias.or_else(|| path.last().cloned()) {
            self.named.insert(name, path.to_vec());
        }
    }
}
