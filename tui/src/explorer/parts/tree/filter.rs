//! What a filter leaves of a tree.

use std::cmp::Reverse;

use super::{Filtered, Item, Node, NodeId, Tree, place};
use crate::explorer::parts::fuzzy::{Filter, Fit};

/// What stands between the parts of a path.
const PARTS: &str = "::";

impl Tree {
    /// The rows whose name, or path where the filter has `::`, fits what was typed, below the rows that lead to them.
    /// Any name and path of an item counts. What fits better, or leads to it, stands before its siblings.
    pub fn filtered(&self, typed: &str) -> Filtered {
        let mut filtered = Filtered { typed: typed.to_string(), ..Filtered::default() };
        let Some(mut filter) = Filter::new(typed) else { return filtered };
        let by_path = typed.contains(PARTS);
        let own: Vec<Option<Fit>> = self.nodes.iter().map(|node| node.fit(&mut filter, by_path)).collect();
        // Children stand after their parents, to whom they lead.
        let mut below = own.clone();
        for (index, node) in self.nodes.iter().enumerate().rev() {
            let fit = below.get(index).copied().flatten();
            if let Some(parent) = node.parent.and_then(|parent| below.get_mut(place(parent))) {
                *parent = (*parent).max(fit);
            }
        }
        let leads = |id: &NodeId| below.get(place(*id)).copied().flatten();
        let ordered = |ids: &[NodeId]| {
            let mut ids: Vec<NodeId> = ids.iter().copied().filter(|id| leads(id).is_some()).collect();
            ids.sort_by_key(|id| Reverse(leads(id)));
            ids
        };
        let mut stack = ordered(&self.roots);
        stack.reverse();
        while let Some(id) = stack.pop() {
            filtered.rows.push(id);
            stack.extend(ordered(self.node(id).map_or(&[], |node| &node.children)).into_iter().rev());
        }
        let best = own.iter().copied().max().flatten();
        let is_best = |id: &NodeId| own.get(place(*id)).copied().flatten() == best;
        filtered.best = filtered.rows.iter().position(is_best).unwrap_or(0);
        filtered
    }
}

impl Node {
    /// How well the best of its names or paths fits.
    fn fit(&self, filter: &mut Filter, by_path: bool) -> Option<Fit> {
        let own = filter.fit(self.own(by_path));
        self.others.iter().map(|path| filter.fit(part(path, by_path))).fold(own, Option::max)
    }

    /// Where in its name the letters stand that were typed.
    pub fn letters(&self, filter: &mut Filter, typed: &str) -> Vec<usize> {
        let own = self.own(typed.contains(PARTS));
        let Some(before) = own.strip_suffix(self.name.as_str()).map(str::len) else { return Vec::new() };
        filter.letters(own).into_iter().filter_map(|at| at.checked_sub(before)).collect()
    }

    /// Another of its paths, where none of its own fits.
    pub fn found_as(&self, filter: &mut Filter, typed: &str) -> Option<&str> {
        let by_path = typed.contains(PARTS);
        if filter.fit(self.own(by_path)).is_some() {
            return None;
        }
        let fits = self.others.iter().filter_map(|path| Some((filter.fit(part(path, by_path))?, path)));
        fits.max_by_key(|(fit, _)| *fit).map(|(_, path)| path.as_str())
    }

    fn own(&self, by_path: bool) -> &str {
        match &self.item {
            Item::Symbol { path, .. } if by_path => path,
            _ => &self.name,
        }
    }
}

/// What of a path is looked at: all of it, or the name at its end.
fn part(path: &str, by_path: bool) -> &str {
    match path.rsplit_once(PARTS) {
        Some((_, name)) if !by_path => name,
        _ => path,
    }
}
