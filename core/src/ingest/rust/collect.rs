//! The rows of one crate: what can be reached, what hangs on it, and for one's own code the rest.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::model::{Item, Model, Parent, ROOT, Visibility};
use super::reach::{self, OTHERS_MAX, Reached, Through};
use super::resolved::Resolved;
use super::rows::{self, OpenFile};
use super::scope::{Def, Id, Off};
use super::told::{Kept, Teller};
use super::{NO_LIBRARY, Rust, alias, needs};
use crate::ingest::language::{Extracted, ModuleDoc};
use crate::ingest::walk;
use crate::ingest::{SkipReason, Symbol, SymbolKind};

pub(super) struct Collector<'a> {
    pub rust: &'a Rust,
    pub package: usize,
    /// The package's root, canonical.
    pub root: &'a Path,
    pub own: bool,
}

/// A row to be made.
pub(super) struct Request {
    pub def: Def,
    pub path: Arc<str>,
    pub others: Vec<Arc<str>>,
    pub hidden: bool,
    /// Where another package declares it.
    pub declared: Option<Arc<str>>,
    /// The conditions of the imports that its path leads through.
    pub through: Option<Arc<Through>>,
}

impl Collector<'_> {
    /// Adds the rows of `resolved`, a crate of the package: so many at most.
    pub fn collect(&self, resolved: &Arc<Resolved>, symbols_max: usize, extracted: &mut Extracted) {
        let mut requests = self.requests(resolved);
        self.drop_alternatives(resolved, &mut requests);
        if requests.len() > symbols_max {
            *extracted.skipped.entry(SkipReason::TooManySymbols).or_default() += requests.len() - symbols_max;
            requests.truncate(symbols_max);
        }
        let mut by_file: BTreeMap<(u32, u32), Vec<Request>> = BTreeMap::new();
        for request in requests {
            let Some(owner) = self.owner(resolved, request.def.package) else { continue };
            if let Some(file) = file_of(&owner.model, request.def.id) {
                by_file.entry((request.def.package, file)).or_default().push(request);
            }
        }
        let first = extracted.symbols.len();
        let mut kept = Kept::default();
        for ((package, file), requests) in by_file {
            if let Some(owner) = self.owner(resolved, package) {
                self.rows_of_file(resolved, &owner, file, requests, &mut kept, extracted);
            }
        }
        if let Some(new) = extracted.symbols.get_mut(first..) {
            new.sort_by(|a, b| place(a).cmp(&place(b)));
        }
    }

    pub(super) fn owner(&self, me: &Arc<Resolved>, package: u32) -> Option<Arc<Resolved>> {
        if package == me.package { Some(me.clone()) } else { self.rust.resolved(package) }
    }

    fn requests(&self, me: &Arc<Resolved>) -> Vec<Request> {
        let reached = self.rust.reach(me, self.package);
        let ids: HashSet<Def> = reached.iter().map(|one| one.def).collect();
        let mut requests = Vec::new();
        let mut places: HashMap<Def, usize> = HashMap::new();
        for one in &reached {
            places.insert(one.def, requests.len());
            requests.push(Request {
                def: one.def,
                path: one.path.clone(),
                others: one.others.clone(),
                hidden: one.hidden,
                declared: None,
                through: one.through.clone(),
            });
        }
        for one in &reached {
            let Some(owner) = self.owner(me, one.def.package) else { continue };
            let foreign = one.def.package != me.package;
            let paths = foreign.then(|| self.rust.paths(one.def.package));
            let declared = paths.as_ref().and_then(|paths| paths.get(&one.def.id).cloned());
            if let Some(request) = places.get(&one.def).and_then(|&at| requests.get_mut(at)) {
                request.declared = declared.clone();
            }
            let Id::Item(item) = one.def.id else { continue };
            if foreign && self.rust.is_closed(self.package, one.def.package as usize) {
                continue;
            }
            for &member in owner.members.get(&item).into_iter().flatten() {
                let visible = self.visible(me, &ids, paths.as_deref());
                let declared = declared.as_deref();
                let Some(request) = self.member(&owner, one, member, &visible, declared) else { continue };
                // A variant may be re-exported by itself; then it has a row already.
                match places.get(&request.def).and_then(|&at| requests.get_mut(at)) {
                    Some(known) if known.others.len() < OTHERS_MAX => known.others.push(request.path),
                    Some(_) => {}
                    None => requests.push(request),
                }
            }
            for &member in me.foreign_members.get(&one.def).into_iter().flatten() {
                let visible = self.visible(me, &ids, None);
                requests.extend(self.member(me, one, member, &visible, None));
            }
            for &other in owner.alternatives.get(&item).into_iter().flatten() {
                let def = Def { package: one.def.package, id: Id::Item(other) };
                let (path, others) = (one.path.clone(), one.others.clone());
                let (declared, through) = (declared.clone(), one.through.clone());
                requests.push(Request { def, path, others, hidden: one.hidden, declared, through });
            }
        }
        self.behind_aliases(me, &reached, &mut requests);
        if self.rust.is_standard(self.package) {
            self.of_primitives(me, &mut requests);
        }
        if self.own {
            self.unreached(me, &mut requests);
        }
        requests
    }

    /// Whether an item of the crate that `paths` are of, or of this one, has a row.
    pub(super) fn visible<'a>(
        &self,
        me: &Resolved,
        ids: &'a HashSet<Def>,
        paths: Option<&'a HashMap<Id, Arc<str>>>,
    ) -> impl Fn(u32) -> bool + 'a {
        let package = me.package;
        move |local| match paths {
            Some(paths) => paths.contains_key(&Id::Item(local)),
            None => ids.contains(&Def { package, id: Id::Item(local) }),
        }
    }

    /// Of alternatives under one path (`#[cfg(unix)] fn f`, `#[cfg(windows)] fn f`) keeps one, if
    /// possible one that is built here, and those that other features would bring. Impls of several
    /// traits, or for different arguments of a type, may each bring a method of one name; those differ.
    fn drop_alternatives(&self, me: &Arc<Resolved>, requests: &mut Vec<Request>) {
        // What tells rows of one path apart, and for what other features bring, which it is.
        type Key = (Arc<str>, SymbolKind, Option<Box<str>>, Option<u32>);
        // By key: which request, and whether it is not built here.
        let mut kept: HashMap<Key, (usize, bool)> = HashMap::new();
        let mut dropped: HashSet<usize> = HashSet::new();
        for (at, request) in requests.iter().enumerate() {
            let Some(owner) = self.owner(me, request.def.package) else { continue };
            let (kind, implemented, off, feature) = match request.def.id {
                Id::Module(module) => {
                    let item = owner.model.modules.get(module as usize).and_then(|module| module.item);
                    let off = item.map_or(Off::No, |item| owner.model.off(item));
                    (SymbolKind::Mod, None, off != Off::No, item.filter(|_| off == Off::Feature))
                }
                Id::Item(index) => match owner.model.items.get(index as usize) {
                    Some(item) => {
                        let feature = owner.model.by_feature.contains(&index).then_some(index);
                        (item.kind, implemented(&owner, item), item.off, feature)
                    }
                    None => continue,
                },
            };
            match kept.entry((request.path.clone(), kind, implemented, feature)) {
                Entry::Vacant(entry) => drop(entry.insert((at, off))),
                Entry::Occupied(mut entry) if entry.get().1 && !off => {
                    dropped.insert(entry.insert((at, off)).0);
                }
                Entry::Occupied(_) => drop(dropped.insert(at)),
            }
        }
        let mut at = 0;
        requests.retain(|_| {
            at += 1;
            !dropped.contains(&(at - 1))
        });
    }

    /// An item that hangs on a type or trait.
    pub(super) fn member(
        &self,
        owner: &Resolved,
        parent: &Reached,
        member: u32,
        visible: &dyn Fn(u32) -> bool,
        declared: Option<&str>,
    ) -> Option<Request> {
        let item = owner.model.items.get(member as usize)?;
        if !self.own {
            let implemented = match item.parent {
                Parent::Impl(index) => owner.local_traits.get(index as usize).copied().flatten(),
                _ => None,
            };
            if item.visibility != Visibility::Public || implemented.is_some_and(|one| !visible(one)) {
                return None;
            }
        }
        let under = |path: &str| -> Arc<str> { Arc::from(format!("{path}::{}", item.name)) };
        Some(Request {
            def: Def { package: owner.package, id: Id::Item(member) },
            path: under(&parent.path),
            others: parent.others.iter().take(OTHERS_MAX).map(|path| under(path)).collect(),
            hidden: parent.hidden,
            declared: declared.map(under),
            through: parent.through.clone(),
        })
    }

    fn rows_of_file(
        &self,
        me: &Resolved,
        owner: &Resolved,
        file: u32,
        requests: Vec<Request>,
        kept: &mut Kept,
        extracted: &mut Extracted,
    ) {
        let model = &owner.model;
        let Some(entry) = model.file(file) else { return };
        let mine = owner.package == me.package;
        let source = if mine { None } else { self.rust.set.packages.get(owner.package as usize) };
        let canonical = source.and_then(|source| kept.root(owner.package, &source.root));
        let root = canonical.as_deref().unwrap_or(self.root);
        let package = source.or_else(|| self.rust.set.packages.get(self.package));
        let Some(package) = package else { return };
        let of = source.map(|source| source.id.name());
        let features = package.features.as_ref();
        let package = &package.id;
        let Some(text) = text_of(model, root, file) else { return };
        let (absolute, relative) = (&*entry.absolute, &*entry.relative);
        let open = OpenFile { root, absolute, relative, text: &text, package, own: self.own, features };
        let of_me = self.rust.set.packages.get(self.package).and_then(|me| me.features.as_ref());
        let teller = Teller { me, root: self.root, owner, file, open, features: of_me };
        for request in requests {
            let Some((mut symbol, docs)) = row(owner, request.def.id, &open) else { continue };
            let outer = request.path.rsplit_once("::").map_or("", |(outer, _)| outer);
            symbol.name =
                request.path.get(outer.len()..).unwrap_or_default().trim_start_matches(':').to_owned();
            symbol.path = request.path.to_string();
            let standard = match request.def.id {
                Id::Item(item) => model.standard.get(&item),
                Id::Module(_) => None,
            };
            if let Some(path) = standard {
                rows::show_standard(&mut symbol, path);
            }
            let declared_at = declared_at(model, request.def.id);
            if let Some(notes) = teller.told(request.def, &symbol.name, kept) {
                let moved = declared_at.as_ref().is_some_and(|place| *place != symbol.path);
                rows::add_told(&mut symbol, &notes, moved);
            }
            let elsewhere = teller.tells().then(|| names_elsewhere(&request, &symbol.name));
            for name in elsewhere.into_iter().flatten() {
                if let Some(notes) = teller.told(request.def, &name, kept) {
                    rows::add_told(&mut symbol, &notes, false);
                }
            }
            let through = |package| Through::of_package(request.through.as_ref(), package);
            rows::add_condition(&mut symbol, "cfg", through(owner.package));
            if let Some(features) = features {
                needs::note(&mut symbol.metadata, "cfg", features, of);
            }
            if !mine {
                rows::add_condition(&mut symbol, "shown_cfg", through(me.package));
                if let Some(features) = of_me {
                    needs::note(&mut symbol.metadata, "shown_cfg", features, None);
                }
            }
            if request.hidden {
                symbol.metadata.insert("hidden".to_owned(), true.into());
            }
            if !request.others.is_empty() {
                let others: Vec<&str> = request.others.iter().map(|path| &**path).collect();
                symbol.metadata.insert("paths".to_owned(), others.into());
            }
            if let Some(place) = declared_at
                && place != *request.path
                && request.declared.as_deref() != Some(&place)
                && !request.others.iter().any(|other| **other == place)
            {
                symbol.metadata.insert("declared_at".to_owned(), place.into());
            }
            if let Some(source) = source.filter(|_| owner.package != NO_LIBRARY && standard.is_none()) {
                let mut declared = serde_json::Map::new();
                declared.insert("package".to_owned(), source.id.name().into());
                declared.insert("version".to_owned(), source.id.version().into());
                if let Some(path) = request.declared {
                    declared.insert("path".to_owned(), path.to_string().into());
                }
                symbol.metadata.insert("declared_in".to_owned(), declared.into());
            } else {
                extracted.module_docs.extend(docs.into_iter().map(|(line_start, text)| ModuleDoc {
                    file_path: entry.relative.clone(),
                    title: symbol.path.clone(),
                    text,
                    line_start,
                }));
            }
            extracted.symbols.push(symbol);
        }
    }
}

/// The names that an item has under its other paths.
fn names_elsewhere(request: &Request, name: &str) -> BTreeSet<String> {
    let last = |path: &Arc<str>| path.rsplit("::").next().unwrap_or_default().to_owned();
    let names = request.others.iter().map(last);
    names.filter(|other| other != name).collect()
}

/// Where a row stands among others. Of alternatives under one path the one that is built goes first.
fn place(symbol: &Symbol) -> impl Ord + '_ {
    let needs = needs::has(&symbol.metadata);
    (&symbol.path, symbol.kind, needs, &symbol.file_path, symbol.line_start)
}

/// The row of a declaration, and for a module its documentation with the line where it starts.
fn row(owner: &Resolved, id: Id, file: &OpenFile) -> Option<(Symbol, Vec<(u32, String)>)> {
    let model = &owner.model;
    match id {
        Id::Item(index) => {
            let item = model.items.get(index as usize)?;
            Some((rows::symbol(model, item, file, owner.error_types.contains(&index)), Vec::new()))
        }
        Id::Module(index) => {
            let module = model.modules.get(index as usize)?;
            let mut docs = Vec::new();
            let mut symbol = match module.item.and_then(|item| model.items.get(item as usize)) {
                Some(item) => {
                    // The declaration may stand in another file than the module's own text.
                    let declaring = model.file(item.span.file)?;
                    let elsewhere = (file_of(model, id) != Some(item.span.file))
                        .then(|| text_of(model, file.root, item.span.file))
                        .flatten();
                    let text = elsewhere.as_deref().unwrap_or(file.text);
                    let (absolute, relative) = (&declaring.absolute, &declaring.relative);
                    let mut symbol =
                        rows::symbol(model, item, &OpenFile { absolute, relative, text, ..*file }, false);
                    if let Some((_, lines)) = module.file {
                        symbol.file_path = file.relative.to_owned();
                        (symbol.line_start, symbol.line_end) = (1, lines);
                    } else if let Some(text) = &symbol.doc_comment {
                        let expanded = model.place_in_file(item.span.file, 0).0 != item.span.file;
                        let line =
                            if expanded { item.span.line_start } else { line_of(file.text, item.span.outer) };
                        docs.push((line, text.clone()));
                    }
                    symbol
                }
                None if index == ROOT => {
                    rows::crate_symbol(model, file.relative, module.file.map_or(1, |(_, lines)| lines))
                }
                None => return None,
            };
            if let Some((line, text)) = rows::add_inner(&mut symbol, module, file) {
                docs.push((line, text));
            }
            Some((symbol, docs))
        }
    }
}

/// The path of what stands by itself as it is declared, which nobody outside may be able to write.
fn declared_at(model: &Model, id: Id) -> Option<String> {
    match id {
        Id::Module(module) => Some(reach::declared_path(model, module)),
        Id::Item(item) => {
            let item = model.items.get(item as usize)?;
            let alone =
                matches!(item.parent, Parent::Module | Parent::Extern(_)) && item.kind != SymbolKind::Macro;
            alone.then(|| format!("{}::{}", reach::declared_path(model, item.module), item.name))
        }
    }
}

/// What an impl's item is for: the trait, and the arguments of the type where they are not just
/// parameters.
fn implemented(owner: &Resolved, item: &Item) -> Option<Box<str>> {
    let Parent::Impl(index) = item.parent else { return None };
    let of_trait = owner.model.impls.get(index as usize)?.trait_text.as_deref().unwrap_or_default();
    let arguments = owner.arguments.get(index as usize).map(|list| alias::shown(list)).unwrap_or_default();
    Some(format!("{of_trait}{arguments}").into())
}

/// 1-based.
pub(super) fn line_of(text: &str, at: u32) -> u32 {
    let before = text.as_bytes().get(..at as usize).unwrap_or_default();
    before.iter().filter(|&&b| b == b'\n').count() as u32 + 1
}

/// The text of a file, or of an expansion.
pub(super) fn text_of(model: &Model, root: &Path, file: u32) -> Option<Arc<str>> {
    let entry = model.files.get(file as usize)?;
    match &entry.expansion {
        Some(expansion) => Some(expansion.text.clone()),
        None => walk::read_text(root, &entry.absolute).ok().map(|(_, text)| Arc::from(text)),
    }
}

/// The file that holds the text of a row.
fn file_of(model: &Model, id: Id) -> Option<u32> {
    match id {
        Id::Item(item) => model.items.get(item as usize).map(|item| item.span.file),
        Id::Module(module) => {
            let module = model.modules.get(module as usize)?;
            let declared =
                || module.item.and_then(|item| model.items.get(item as usize)).map(|item| item.span.file);
            module.file.map(|(file, _)| file).or_else(declared)
        }
    }
}
