//! How deep shared types lie within each other in updates. Whoever removes one, or reads it as JSON, calls itself for
//! each within it.
//!
//! Several items may tell of one place: the same may come whole and in parts, and a peer may make one up. Which of
//! them counts depends on the order in which they are applied; here the deepest does.

use crate::workspace::document::Unreadable;

/// A client and a clock: where an item begins.
pub(super) type Id = (u64, u64);

/// What an item lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Within {
    Root,
    /// The shared type that begins there.
    Type(Id),
    /// What the item there lies in.
    Beside(Id),
}

/// The items of updates of one document.
#[derive(Default)]
pub(super) struct Items {
    items: Vec<Item>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Item {
    id: Id,
    /// The clock after it; once they are in order, the last of its client's up to it.
    end: u64,
    within: Within,
    /// Whether one before it tells of its first place too.
    is_part: bool,
}

#[derive(Clone, Copy)]
enum Found {
    Unknown,
    /// Somebody is on the way through it.
    Open,
    Depth(usize),
}

impl Items {
    pub fn add(&mut self, id: Id, length: u64, within: Within) {
        self.items.push(Item { id, end: id.1.saturating_add(length), within, is_part: false });
    }

    /// How deep the deepest lies, as far as these updates tell. Something that lies in itself is no update.
    pub fn depth(mut self) -> Result<usize, Unreadable> {
        Ok(self.depths()?.into_iter().max().unwrap_or(0))
    }

    /// Those that lie deeper than so many levels.
    pub fn deeper(mut self, levels: usize) -> Result<Vec<Id>, Unreadable> {
        let depths = self.depths()?;
        let deep = self.items.iter().zip(depths).filter(|(_, depth)| *depth > levels);
        Ok(deep.map(|(item, _)| item.id).collect())
    }

    /// How deep each lies, in the order that they then are in.
    fn depths(&mut self) -> Result<Vec<usize>, Unreadable> {
        self.order();
        let mut found = vec![Found::Unknown; self.items.len()];
        for start in 0..self.items.len() {
            // The way from this item outwards, over those whose depth is not known.
            let mut way = vec![start];
            while let Some(&at) = way.last() {
                let (mut depth, mut next) = (0, None);
                for (outer, levels) in self.outer(at) {
                    match outer.map(|outer| (outer, found[outer])) {
                        None => depth = depth.max(levels),
                        Some((_, Found::Depth(known))) => depth = depth.max(known + levels),
                        Some((_, Found::Open)) => return Err(Unreadable::Decode),
                        Some((outer, Found::Unknown)) => next = Some(outer),
                    }
                }
                match next {
                    Some(outer) => {
                        found[at] = Found::Open;
                        way.push(outer);
                    }
                    None => {
                        found[at] = Found::Depth(depth);
                        way.pop();
                    }
                }
            }
        }
        Ok(found.into_iter().map(|found| if let Found::Depth(depth) = found { depth } else { 0 }).collect())
    }

    /// By client and clock, each once.
    fn order(&mut self) {
        self.items.sort_unstable();
        self.items.dedup();
        let mut before: Id = (0, 0);
        for item in &mut self.items {
            let (client, end) = before;
            if item.id.0 == client {
                item.is_part = item.id.1 < end;
                item.end = item.end.max(end);
            }
            before = (item.id.0, item.end);
        }
    }

    /// The items that one lies in or beside, where they are here, and how many levels deeper it lies than each.
    fn outer(&self, at: usize) -> impl Iterator<Item = (Option<usize>, usize)> {
        let Item { within, is_part, .. } = self.items[at];
        let within = match within {
            Within::Root => (None, 0),
            Within::Type(outer) => (self.holding(outer), 1),
            Within::Beside(other) => (self.holding(other), 0),
        };
        // Whichever tell of its first place are reached from one to the next.
        let same = is_part.then(|| (at.checked_sub(1), 0));
        std::iter::once(within).chain(same)
    }

    /// The last item that may tell of a place, if one does.
    fn holding(&self, place: Id) -> Option<usize> {
        let at = self.items.partition_point(|item| item.id <= place).checked_sub(1)?;
        let item = self.items.get(at)?;
        (item.id.0 == place.0 && place.1 < item.end).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(items: &[(Id, u64, Within)]) -> Result<usize, Unreadable> {
        let mut all = Items::default();
        items.iter().for_each(|(id, length, within)| all.add(*id, *length, *within));
        all.depth()
    }

    #[test]
    fn depth_is_counted_through_what_lies_beside_and_across_clients() {
        let items = [
            ((1, 0), 1, Within::Root),
            ((9, 0), 5, Within::Type((1, 0))),
            ((1, 1), 1, Within::Beside((9, 4))),
            ((1, 2), 1, Within::Type((1, 1))),
            ((1, 3), 1, Within::Type((7, 7))),
        ];
        assert_eq!(depth(&items), Ok(2));
    }

    #[test]
    fn a_long_text_is_not_deep_and_a_circle_is_no_update() {
        let mut items = vec![((1, 0), 1, Within::Root)];
        items.extend((1..100_000).map(|clock| ((1, clock), 1, Within::Beside((1, clock - 1)))));
        assert_eq!(depth(&items), Ok(0));
        items.extend([((2, 0), 1, Within::Type((2, 1))), ((2, 1), 1, Within::Beside((2, 0)))]);
        assert_eq!(depth(&items), Err(Unreadable::Decode));
        assert_eq!(depth(&[((3, 0), 1, Within::Type((3, 0)))]), Err(Unreadable::Decode));
    }

    #[test]
    fn what_comes_whole_and_in_parts_is_one_and_what_is_made_up_hides_nothing() {
        let inner = ((5, 0), 1, Within::Type((1, 7)));
        let whole = [((4, 0), 1, Within::Root), ((1, 0), 10, Within::Type((4, 0))), inner];
        let part = ((1, 6), 2, Within::Beside((1, 5)));
        assert_eq!(depth(&whole), Ok(2));
        assert_eq!(depth(&[&whole[..], &[part, part, ((1, 0), 3, Within::Type((4, 0)))]].concat()), Ok(2));
        // Another of the same place, or between, that says to lie in nothing.
        for made_up in [((1, 7), 1, Within::Root), ((1, 0), 10, Within::Root), ((1, 3), 1, Within::Root)] {
            assert_eq!(depth(&[&whole[..], &[made_up]].concat()), Ok(2), "{made_up:?}");
        }
    }
}
