//! What comes from elsewhere is tried on a copy of the document first: an update that fails half-way has changed what it
//! was applied to, and one that is larger than allowed is to change nothing.

use std::sync::Arc;

use super::document::{ROWS_MAX, Replica, UPDATE_BYTES_MAX};
use super::error::Refusal;
use super::walk;
use crate::task;

/// What became of updates on the copy.
#[derive(Debug, Default)]
pub(super) struct Tried {
    /// Those that may be applied, in the order that they came in; none where all of them bring nothing.
    pub sound: Vec<Arc<Vec<u8>>>,
    /// The others, by their place among those that came.
    pub refused: Vec<(usize, Refusal)>,
}

/// Tries updates on a document that is `state`: all at once, for mostly all of them are sound; where they are not,
/// each half by itself, the first one first.
pub(super) async fn tried(document: &str, state: Vec<u8>, updates: Vec<Vec<u8>>) -> Tried {
    let updates: Vec<_> = updates.into_iter().map(Arc::new).collect();
    let mut tried = Tried::default();
    let mut state = Arc::new(state);
    let mut open: Vec<_> = std::iter::once(0..updates.len()).collect();
    while let Some(range) = open.pop() {
        let some = updates.get(range.clone()).unwrap_or_default();
        match with(document, &state, some).await {
            Ok(after) if after == *state => {}
            Ok(after) => {
                state = Arc::new(after);
                tried.sound.extend_from_slice(some);
            }
            Err(refusal) if range.len() < 2 => tried.refused.push((range.start, refusal)),
            Err(_) => {
                let middle = range.start + range.len() / 2;
                open.extend([middle..range.end, range.start..middle]);
            }
        }
    }
    tried
}

/// The document with some updates more. A library that stops over one of them ends that alone.
async fn with(document: &str, state: &Arc<Vec<u8>>, updates: &[Arc<Vec<u8>>]) -> Result<Vec<u8>, Refusal> {
    let (document, state, updates) = (document.to_owned(), Arc::clone(state), updates.to_vec());
    let applied = task::alone(async move { apply(&document, &state, &updates) }).await;
    applied.unwrap_or(Err(Refusal::Stopped))
}

fn apply(document: &str, state: &[u8], updates: &[Arc<Vec<u8>>]) -> Result<Vec<u8>, Refusal> {
    if let Some(large) = updates.iter().find(|update| update.len() > UPDATE_BYTES_MAX) {
        return Err(Refusal::Large(large.len()));
    }
    // Before any is applied: one may remove what others made deep.
    walk::updates(std::iter::once(state).chain(updates.iter().map(|update| update.as_slice())))?;
    let mut replica = Replica::new(document);
    replica.apply(state)?;
    replica.refresh();
    let before = replica.row_count();
    updates.iter().try_for_each(|update| replica.apply(update))?;
    replica.refresh();
    match replica.row_count() {
        rows if rows > ROWS_MAX && rows > before => Err(Refusal::Rows(rows)),
        _ => Ok(replica.state()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use yrs::encoding::write::Write;
    use yrs::{Array, ArrayPrelim, ArrayRef, Doc, Map, MapPrelim, MapRef, Transact};

    use super::*;
    use crate::workspace::document::Unreadable;

    /// A peer that puts shared maps into shared maps, some each time.
    struct Digger {
        doc: Doc,
        innermost: MapRef,
    }

    impl Digger {
        fn new(root: &str) -> Digger {
            let doc = Doc::new();
            let innermost = doc.get_or_insert_map(root);
            Digger { doc, innermost }
        }

        fn dig(&mut self, levels: usize) -> Vec<u8> {
            let mut txn = self.doc.transact_mut();
            for _ in 0..levels {
                self.innermost = self.innermost.insert(&mut txn, "in", MapPrelim::default());
            }
            txn.encode_update_v1()
        }
    }

    /// The same with lists, in a root that is one.
    fn dug_lists() -> [Vec<u8>; 2] {
        let doc = Doc::new();
        let mut innermost: ArrayRef = doc.get_or_insert_array("a list");
        [DEEPEST, 1].map(|levels| {
            let mut txn = doc.transact_mut();
            for _ in 0..levels {
                innermost = innermost.insert(&mut txn, 0, ArrayPrelim::default());
            }
            txn.encode_update_v1()
        })
    }

    /// So many levels below a root are allowed: the first lies in nothing that is shared.
    const DEEPEST: usize = walk::DEPTH_MAX + 1;

    fn nothing() -> Vec<u8> {
        Replica::new("d").state()
    }

    fn bytes(sound: &[Arc<Vec<u8>>]) -> Vec<Vec<u8>> {
        sound.iter().map(|update| update.to_vec()).collect()
    }

    #[tokio::test]
    async fn what_is_sound_is_taken_and_what_is_not_is_named_by_its_place() {
        let mut peer = Digger::new("tables:later");
        let good = [peer.dig(1), peer.dig(1), peer.dig(1)];
        let updates = vec![
            good[0].clone(),
            b"rubbish".to_vec(),
            good[1].clone(),
            vec![0; UPDATE_BYTES_MAX + 1],
            good[2].clone(),
        ];
        let tried = tried("d", nothing(), updates).await;
        assert_eq!(bytes(&tried.sound), good);
        let refused =
            [(1, Refusal::Unreadable(Unreadable::Decode)), (3, Refusal::Large(UPDATE_BYTES_MAX + 1))];
        assert_eq!(tried.refused, refused);
    }

    #[tokio::test]
    async fn what_brings_nothing_is_not_taken_again() {
        let mut peer = Digger::new("tables:notes");
        let update = peer.dig(1);
        let mut replica = Replica::new("d");
        replica.apply(&update).unwrap();
        for again in [vec![update, vec![0, 0]], Vec::new()] {
            let tried = tried("d", replica.state(), again).await;
            assert_eq!((tried.sound.len(), tried.refused.len()), (0, 0));
        }
    }

    #[tokio::test]
    async fn shared_types_cannot_be_dug_deeper_bit_by_bit() {
        let mut peers = ["tables:notes", "of no table"].map(Digger::new);
        let maps = peers.each_mut().map(|peer| [peer.dig(DEEPEST), peer.dig(1)]);
        for [first, second] in maps.into_iter().chain([dug_lists()]) {
            let tried = tried("d", nothing(), vec![first.clone(), second]).await;
            assert_eq!(bytes(&tried.sound), [first]);
            assert_eq!(tried.refused, [(1, Refusal::Deep(walk::DEPTH_MAX))]);
        }
    }

    #[tokio::test]
    async fn nor_in_pieces_that_wait_for_each_other() {
        let mut peer = Digger::new("tables:notes");
        let mut pieces: Vec<_> = (0..4).map(|_| peer.dig(50)).collect();
        pieces.reverse();
        let tried = tried("d", nothing(), pieces).await;
        let deep = |at| (at, Refusal::Deep(walk::DEPTH_MAX));
        assert_eq!((tried.sound.len(), tried.refused), (2, vec![deep(1), deep(3)]));
    }

    /// So many maps of one client, from a clock on, each in the one before it and the first in a root.
    fn chain(from: u64, levels: u64) -> Vec<u8> {
        let mut bytes = vec![1];
        bytes.write_var(levels);
        bytes.push(1);
        bytes.write_var(from);
        for clock in from..from + levels {
            match clock.checked_sub(1) {
                None => bytes.extend([0x27, 1, 1, b't']),
                Some(outer) => {
                    bytes.extend([0x27, 0, 1]);
                    bytes.write_var(outer);
                }
            }
            bytes.extend([1, b'k', 1]);
        }
        bytes.push(0);
        bytes
    }

    #[test]
    fn what_is_dug_deep_and_removed_is_refused_before_anybody_goes_down_it() {
        let mut updates: Vec<_> = (0..4_000).map(|piece| Arc::new(chain(50 * piece, 50))).collect();
        let remove_the_first = Arc::new(vec![0, 1, 1, 1, 0, 1]);
        let shallow = [Arc::clone(&updates[0]), Arc::clone(&remove_the_first)];
        assert!(apply("d", &nothing(), &shallow).is_ok());
        updates.push(remove_the_first);
        assert_eq!(apply("d", &nothing(), &updates), Err(Refusal::Deep(walk::DEPTH_MAX)));
    }

    #[tokio::test]
    async fn one_bad_one_among_many_does_not_cost_a_copy_for_each() {
        let mut peer = Digger::new("tables:later");
        let state = peer.dig(1);
        let root = peer.doc.get_or_insert_map("tables:later");
        let mut updates: Vec<_> = (0..500)
            .map(|at| {
                let mut txn = peer.doc.transact_mut();
                root.insert(&mut txn, format!("row {at}"), "text ".repeat(100));
                txn.encode_update_v1()
            })
            .collect();
        let timed = async |updates: Vec<Vec<u8>>| {
            let begun = Instant::now();
            let tried = tried("d", state.clone(), updates).await;
            (begun.elapsed(), tried)
        };
        let (all, sound) = timed(updates.clone()).await;
        updates.insert(277, b"rubbish".to_vec());
        let (with_one, tried) = timed(updates).await;
        assert_eq!((tried.sound, tried.refused.len()), (sound.sound, 1));
        // About a copy for each halving, of which there are nine.
        assert!(with_one < all * 100, "{with_one:?} where {all:?} would do");
    }
}
