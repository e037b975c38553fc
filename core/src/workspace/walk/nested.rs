//! How deep shared types lie within each other in an update. Whoever removes one, or reads it as JSON, calls itself for each
//! within it.

use std::collections::BTreeMap;

use crate::workspace::document::Unreadable;

/// A client and a clock: where an item begins.
pub(super) type Id = (u64, u64);

/// What an item lies in.
#[derive(Clone, Copy, Debug)]
pub(super) enum Within {
    Root,
    /// The shared type that begins there.
    Type(Id),
    /// What the item there lies in.
    Beside(Id),
}

/// The items of an update.
#[derive(Default)]
pub(super) struct Items {
    /// By where each begins: how long it is, and what it lies in.
    items: BTreeMap<Id, (u64, Within)>,
}

#[derive(Clone, Copy)]
enum Found {
    /// Somebody is on the way through it.
    Open,
    Depth(usize),
}

impl Items {
    pub fn add(&mut self, id: Id, length: u64, within: Within) {
        self.items.insert(id, (length, within));
    }

    /// How deep the deepest lies, as far as this update tells: what lies in something of before counts from there.
    /// Something that lies in itself is no update.
    pub fn depth(&self) -> Result<usize, Unreadable> {
        let mut found: BTreeMap<Id, Found> = BTreeMap::new();
        let mut deepest = 0;
        for &start in self.items.keys() {
            // The way from this item outwards, to one whose depth is known.
            let mut way: Vec<(Id, bool)> = Vec::new();
            let mut at = Some(start);
            let mut depth = 0;
            while let Some(id) = at {
                match found.get(&id) {
                    Some(Found::Depth(known)) => {
                        depth = *known;
                        break;
                    }
                    Some(Found::Open) => return Err(Unreadable::Decode),
                    None => {}
                }
                found.insert(id, Found::Open);
                let (outer, is_deeper) = match self.items.get(&id).map(|(_, within)| *within) {
                    Some(Within::Type(outer)) => (self.holding(outer), true),
                    Some(Within::Beside(other)) => (self.holding(other), false),
                    Some(Within::Root) | None => (None, false),
                };
                way.push((id, is_deeper));
                at = outer;
            }
            for (id, is_deeper) in way.into_iter().rev() {
                depth += usize::from(is_deeper);
                found.insert(id, Found::Depth(depth));
                deepest = deepest.max(depth);
            }
        }
        Ok(deepest)
    }

    /// Where the item begins that a place is in, if it is of this update.
    fn holding(&self, (client, clock): Id) -> Option<Id> {
        let (&id, &(length, _)) = self.items.range((client, 0)..=(client, clock)).next_back()?;
        (clock < id.1.saturating_add(length)).then_some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_counted_through_what_lies_beside_and_across_clients() {
        let mut items = Items::default();
        items.add((1, 0), 1, Within::Root);
        items.add((9, 0), 5, Within::Type((1, 0)));
        items.add((1, 1), 1, Within::Beside((9, 4)));
        items.add((1, 2), 1, Within::Type((1, 1)));
        items.add((1, 3), 1, Within::Type((7, 7)));
        assert_eq!(items.depth(), Ok(2));
    }

    #[test]
    fn a_long_text_is_not_deep_and_a_circle_is_no_update() {
        let mut items = Items::default();
        items.add((1, 0), 1, Within::Root);
        for clock in 1..100_000 {
            items.add((1, clock), 1, Within::Beside((1, clock - 1)));
        }
        assert_eq!(items.depth(), Ok(0));
        items.add((2, 0), 1, Within::Type((2, 1)));
        items.add((2, 1), 1, Within::Beside((2, 0)));
        assert_eq!(items.depth(), Err(Unreadable::Decode));
    }
}
