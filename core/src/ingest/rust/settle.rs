//! What is built, once every macro is known that puts a condition in front of items.

use std::collections::BTreeSet;

use super::cfg;
use super::model::{Cfg, Guard, Model};

/// Marks the items and imports whose conditions come from a macro: `cfg_rt! { pub fn spawn() {} }`.
pub(super) fn settle(model: &mut Model, features: Option<&BTreeSet<String>>) {
    let state = |guard: Option<&Guard>, file: u32| {
        let (mut off, mut off_anyway) = (false, false);
        let mut guard = guard;
        while let Some(one) = guard {
            if let Cfg::Macro(name) = &one.cfg
                && let Some(predicate) =
                    model.wrapper(name, file).and_then(|wrapper| wrapper.facts.cfg.as_deref())
            {
                off |= cfg::off(predicate, features);
                off_anyway |= cfg::off_anyway(predicate);
            }
            guard = one.outer.as_deref();
        }
        (off, off_anyway)
    };
    let items: Vec<(u32, bool)> = (0..)
        .zip(&model.items)
        .filter_map(|(index, item)| {
            let (off, off_anyway) = state(item.guard.as_deref(), item.span.file);
            off.then_some((index, off_anyway))
        })
        .collect();
    let imports: Vec<(usize, bool)> = model
        .imports
        .iter()
        .enumerate()
        .filter_map(|(index, import)| {
            let (off, off_anyway) = state(import.guard.as_deref(), import.file);
            off.then_some((index, off_anyway))
        })
        .collect();
    for (index, off_anyway) in items {
        let Some(item) = model.items.get_mut(index as usize) else { continue };
        match off_anyway {
            true => drop(model.by_feature.remove(&index)),
            false if !item.off && features.is_some() => drop(model.by_feature.insert(index)),
            false => {}
        }
        item.off = true;
    }
    for (index, off_anyway) in imports {
        if let Some(import) = model.imports.get_mut(index) {
            import.off = true;
            import.by_feature &= !off_anyway;
        }
    }
}
