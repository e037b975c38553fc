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
