//! One's own code that cannot be reached from outside has its rows too.

use std::collections::HashMap;
use std::sync::Arc;

use super::collect::{Collector, Request};
use super::model::{Item, Parent};
use super::reach;
use super::resolved::Resolved;
use super::scope::{Def, Id};
use crate::ingest::SymbolKind;

impl Collector<'_> {
    /// The rest of one's own code, under its declared paths.
    pub(super) fn unreached(&self, me: &Arc<Resolved>, requests: &mut Vec<Request>) {
        let mut known: HashMap<Id, Arc<str>> = HashMap::new();
        for request in requests.iter().filter(|request| request.def.package == me.package) {
            known.insert(request.def.id, request.path.clone());
        }
        let model = &me.model;
        let mut add = |id: Id, path: String| {
            let path: Arc<str> = Arc::from(path);
            let def = Def { package: me.package, id };
            requests.push(Request {
                def,
                path: path.clone(),
                others: Vec::new(),
                hidden: false,
                declared: None,
                through: None,
            });
            path
        };
        let modules: Vec<String> =
            (0..model.modules.len() as u32).map(|module| reach::declared_path(model, module)).collect();
        for (index, path) in modules.iter().enumerate() {
            let id = Id::Module(index as u32);
            known.entry(id).or_insert_with(|| add(id, path.clone()));
        }
        let module_path = |item: &Item| modules.get(item.module as usize).map_or("", String::as_str);
        let stands_alone = |item: &Item| matches!(item.parent, Parent::Module | Parent::Extern(_));
        for (index, item) in model.items.iter().enumerate() {
            let id = Id::Item(index as u32);
            // What a private import names is no item of this crate.
            let own = !model.standard.contains_key(&(index as u32));
            if item.kind != SymbolKind::Mod && stands_alone(item) && own && !known.contains_key(&id) {
                known.insert(id, add(id, format!("{}::{}", module_path(item), item.name)));
            }
        }
        for (parent, members) in &me.members {
            for &member in members {
                let id = Id::Item(member);
                let (Some(path), Some(item)) =
                    (known.get(&Id::Item(*parent)), model.items.get(member as usize))
                else {
                    continue;
                };
                let path = format!("{path}::{}", item.name);
                known.entry(id).or_insert_with(|| add(id, path));
            }
        }
        for (index, item) in model.items.iter().enumerate() {
            let id = Id::Item(index as u32);
            if let Parent::Impl(at) = item.parent
                && let Some(one) = model.impls.get(at as usize)
                && !one.in_block
                && !known.contains_key(&id)
            {
                let on = one.self_type.path.last().map_or(&*one.self_text, |last| &**last);
                add(id, format!("{}::{on}::{}", module_path(item), item.name));
            }
        }
    }
}
