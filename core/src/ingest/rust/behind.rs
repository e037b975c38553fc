//! Rows under a type alias: what can be called on the type that it stands for.
//!
//! `pub type Mutex<T> = lock_api::Mutex<RawMutex, T>;` is the type for whoever reads the crate's
//! documentation, and the declared one may be private or another crate's. Where one crate declares both
//! and the type has rows of its own here, the alias is one more path of them.

use std::collections::HashMap;
use std::sync::Arc;

use super::alias::{Behind, all_fit};
use super::collect::{Collector, Request};
use super::model::Parent;
use super::reach::{OTHERS_MAX, Reached};
use super::resolved::Resolved;
use super::scope::{Def, Id};

/// Some crates bind a thousand names to one type (numbers as types); then a name alone is shown.
const NAMES_MAX: usize = 32;

impl Collector<'_> {
    pub(super) fn behind_aliases(
        &self,
        me: &Arc<Resolved>,
        reached: &[Reached],
        requests: &mut Vec<Request>,
    ) {
        let mut new: Vec<Request> = Vec::new();
        let places: HashMap<Def, usize> =
            requests.iter().enumerate().map(|(at, request)| (request.def, at)).collect();
        let ids = reached.iter().map(|one| one.def).collect();
        let mut names: HashMap<Def, usize> = HashMap::new();
        for (_, behind) in reached.iter().filter_map(|one| self.behind_of(me, one)) {
            *names.entry(behind.def).or_default() += 1;
        }
        let mut add = |owner: &Arc<Resolved>, one: &Reached, behind: &Behind, members: Option<&Vec<u32>>| {
            let paths = (owner.package != me.package).then(|| self.rust.paths(owner.package));
            let visible = self.visible(me, &ids, paths.as_deref());
            let declared = paths.as_ref().and_then(|paths| paths.get(&behind.def.id));
            let declared = declared.filter(|_| behind.def.package == owner.package).map(|path| &**path);
            let few = names.get(&behind.def).is_none_or(|&names| names <= NAMES_MAX);
            for &member in members.into_iter().flatten().filter(|&&member| fits(owner, member, behind)) {
                let Some(request) = self.member(owner, one, member, &visible, declared) else { continue };
                let known = places.get(&request.def).and_then(|&at| requests.get_mut(at));
                match known.filter(|_| one.def.package == behind.def.package) {
                    Some(known) => add_path(known, request.path),
                    None if few => new.push(request),
                    None => {}
                }
            }
        };
        for one in reached {
            let Id::Item(item) = one.def.id else { continue };
            let Some(owner) = self.owner(me, one.def.package) else { continue };
            if let Some(by_alias) = owner.by_alias.get(&item) {
                let itself = Behind { def: one.def, arguments: Vec::new() };
                add(&owner, one, &itself, Some(by_alias));
            }
            let Some((declaring, behind)) = self.behind_of(me, one) else { continue };
            let Id::Item(declared) = behind.def.id else { continue };
            add(&declaring, one, &behind, declaring.members.get(&declared));
            add(&declaring, one, &behind, declaring.by_alias.get(&declared));
            if declaring.package != me.package {
                add(me, one, &behind, me.foreign_members.get(&behind.def));
            }
            if owner.package != me.package && owner.package != declaring.package {
                add(&owner, one, &behind, owner.foreign_members.get(&behind.def));
            }
        }
        requests.extend(new);
    }

    /// What an alias stands for, and the crate that declares it.
    fn behind_of(&self, me: &Arc<Resolved>, one: &Reached) -> Option<(Arc<Resolved>, Behind)> {
        let Id::Item(alias) = one.def.id else { return None };
        let owner = self.owner(me, one.def.package)?;
        let behind = owner.aliases.get(&alias)?;
        let standard = self.rust.is_standard(behind.def.package as usize);
        (!standard).then(|| Some((self.owner(me, behind.def.package)?, behind.clone())))?
    }
}

fn add_path(request: &mut Request, path: Arc<str>) {
    let is_new = request.path != path && !request.others.contains(&path);
    if is_new && request.others.len() < OTHERS_MAX {
        request.others.push(path);
    }
}

/// Whether a member of the declared type is there for the arguments that the alias gives it.
fn fits(owner: &Resolved, member: u32, behind: &Behind) -> bool {
    match owner.model.items.get(member as usize).map(|item| item.parent) {
        Some(Parent::Impl(index)) => {
            let arguments = owner.arguments.get(index as usize);
            arguments.is_none_or(|arguments| all_fit(arguments, &behind.arguments))
        }
        found => found.is_some(),
    }
}
