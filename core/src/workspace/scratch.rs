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

/// Tries updates on a document that is `state`.
pub(super) async fn tried(document: &str, state: Vec<u8>, updates: Vec<Vec<u8>>) -> Tried {
    let updates: Vec<_> = updates.into_iter().map(Arc::new).collect();
    let mut tried = Tried::default();
    let state = Arc::new(state);
    // Mostly all of them are sound, and one copy is enough.
    match with(document, &state, &updates).await {
        Ok(after) if after == *state => return tried,
        Ok(_) => tried.sound = updates,
        Err(_) => {
            let mut state = state;
            for (at, update) in updates.into_iter().enumerate() {
                match with(document, &state, std::slice::from_ref(&update)).await {
                    Ok(after) if after == *state => {}
                    Ok(after) => {
                        state = Arc::new(after);
                        tried.sound.push(update);
                    }
                    Err(refusal) => tried.refused.push((at, refusal)),
                }
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
    let mut replica = Replica::new(document);
    replica.apply(state)?;
    replica.refresh();
    let before = replica.row_count();
    for update in updates {
        if update.len() > UPDATE_BYTES_MAX {
            return Err(Refusal::Large(update.len()));
        }
        walk::update(update)?;
        replica.apply(update)?;
    }
    // What lies in something of before is as deep as that, and deeper.
    if replica.depth() > walk::DEPTH_MAX {
        return Err(Refusal::Deep(walk::DEPTH_MAX));
    }
    replica.refresh();
    match replica.row_count() {
        rows if rows > ROWS_MAX && rows > before => Err(Refusal::Rows(rows)),
        _ => Ok(replica.state()),
    }
}

#[cfg(test)]
mod tests {
    use yrs::{Doc, Map, MapPrelim, MapRef, Transact};

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

    #[tokio::test]
    async fn what_is_sound_is_taken_and_what_is_not_is_named_by_its_place() {
        let mut peer = Digger::new("tables:later");
        let good = [peer.dig(1), peer.dig(1)];
        let updates =
            vec![good[0].clone(), b"rubbish".to_vec(), good[1].clone(), vec![0; UPDATE_BYTES_MAX + 1]];
        let tried = tried("d", Replica::new("d").state(), updates).await;
        assert_eq!(tried.sound.iter().map(|update| update.to_vec()).collect::<Vec<_>>(), good);
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
        let tried = tried("d", replica.state(), vec![update, vec![0, 0]]).await;
        assert_eq!((tried.sound.len(), tried.refused.len()), (0, 0));
    }

    #[tokio::test]
    async fn shared_types_cannot_be_dug_deeper_bit_by_bit() {
        for root in ["tables:notes", "of no table"] {
            let mut peer = Digger::new(root);
            let (first, second) = (peer.dig(walk::DEPTH_MAX), peer.dig(1));
            let tried = tried("d", Replica::new("d").state(), vec![first.clone(), second]).await;
            assert_eq!(
                tried.sound.iter().map(|update| update.to_vec()).collect::<Vec<_>>(),
                [first],
                "{root}"
            );
            assert_eq!(tried.refused, [(1, Refusal::Deep(walk::DEPTH_MAX))], "{root}");
        }
    }
}
