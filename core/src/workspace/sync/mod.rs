//! Synchronising notes: without a server through a store, which is a folder or a bucket; or with a Yjs server
//! (`server.rs`).
//!
//! In a store each data folder puts packs under a prefix of its own and never changes one, so that nobody waits for anybody and
//! nothing is ever replaced. Packs are numbered: one that is missing is told. What is damaged, cut off or another's is
//! named and left where it is.

mod frame;
mod handshake;
mod pack;
mod server;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

pub use frame::Framing;
pub use server::{Server, ServerError};

use super::document::UPDATE_BYTES_MAX;
use super::error::WorkspaceError;
use super::handle::Workspace;
use super::log::{Log, Place, Unpushed};
use crate::identity::Scope;
use crate::lake::{Listed, Put, Store, StoreError};
use pack::{Kind, Name, PACK_BYTES_MAX};

/// So many bytes of packs are tried at once.
const BATCH_BYTES: usize = 32 * 1024 * 1024;

/// What a synchronisation did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Synced {
    /// The place, by its name.
    pub place: String,
    /// Whether the notes of that place were taken up for the first time.
    pub has_joined: bool,
    /// Packs that were pulled.
    pub pulled: usize,
    /// Updates that were pushed; the whole document counts as one.
    pub pushed: usize,
    /// Packs that some writer put and that are not there.
    pub holes: Vec<Hole>,
    /// Objects that were left where they are.
    pub left: Vec<Left>,
    /// Something came whose predecessors have not: it shows when they do.
    pub is_waiting: bool,
}

/// A pack that is missing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Hole {
    pub writer: String,
    pub number: u64,
}

/// An object that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Untrusted: whoever writes to the store chose it.
    pub key: String,
    pub why: String,
}

impl Workspace {
    /// Pulls what others put into a store, and puts there what it lacks of these notes. `scope` is a private one: whose
    /// notes they are. With `join`, notes of another document that lie there are taken up, and these put to them.
    pub async fn sync(&self, store: &Store, scope: &Scope, join: bool) -> Result<Synced, WorkspaceError> {
        let prefix = format!("workspace/{}", scope.prefix());
        let mut report = Synced { place: store.name().to_owned(), ..Synced::default() };
        let found = store.find(&prefix).await?;
        let none = "it is not named as a part of any notes";
        report.left.extend(found.strange.into_iter().map(|key| Left { key, why: none.to_owned() }));
        let listed = names(found.listed, &prefix, &mut report.left);
        report.has_joined = self.settle(&listed, join).await?;
        let log = Log::open(self.path()).await?;
        let place = log.place(store.name()).await?;
        let (ours, others): (Vec<_>, Vec<_>) =
            listed.into_iter().partition(|name| name.document == log.document);
        for name in others {
            let why = "it is another document's".to_owned();
            report.left.push(Left { key: name.to_string(), why });
        }
        let pull = Pull { workspace: self, store, prefix: &prefix, log: &log, place: &place };
        let mut readable = ours.clone();
        let mut are_all_read = true;
        let is_anew = log.is_read_anew(&place).await?;
        let mut read = if is_anew { BTreeSet::new() } else { log.packs(&place).await? };
        loop {
            let needed = needed(&readable, &log.packs(&place).await?, &read);
            report.holes = needed.holes;
            read.extend(needed.wanted.iter().map(Name::to_string));
            let left = pull.all(needed.wanted, &mut report).await?;
            are_all_read &= left.is_empty();
            readable.retain(|name| !left.contains(name));
            // What a whole document that cannot be read would have brought is in the packs before it.
            if !left.iter().any(|name| name.kind == Kind::State) {
                break;
            }
        }
        // What was left may be the very pack that is missed: it is tried again, with all others.
        if is_anew && are_all_read {
            log.was_read_anew(&place).await?;
        }
        let has_lost = has_lost(&ours, &log, &log.packs(&place).await?);
        report.pushed = push(self, store, &prefix, &log, &place, has_lost).await?;
        report.is_waiting = self.health().await?.is_waiting;
        Ok(report)
    }

    /// Sees that these notes and those of the place are one document. Returns whether they became so now.
    async fn settle(&self, listed: &[Name], join: bool) -> Result<bool, WorkspaceError> {
        let documents: BTreeSet<&str> = listed.iter().map(|name| name.document.as_str()).collect();
        let ours = self.snapshot().document.clone();
        if documents.is_empty() || documents.contains(ours.as_str()) {
            return Ok(false);
        }
        // Where nothing was ever written, there is nothing that could be mixed up with what is there.
        let is_joined = join || self.is_unwritten().await?;
        match documents.iter().copied().collect::<Vec<_>>().as_slice() {
            [theirs] if is_joined => {
                self.join((*theirs).to_owned()).await?;
                Ok(true)
            }
            [theirs] => Err(WorkspaceError::OtherDocument { theirs: (*theirs).to_owned() }),
            several => Err(WorkspaceError::SeveralDocuments(several.join(", "))),
        }
    }

    /// Whether nothing was ever written here, not even what was removed again.
    async fn is_unwritten(&self) -> Result<bool, WorkspaceError> {
        Ok(self.state().await?.0 == [0, 0])
    }
}

/// The packs of a list, in the order that they are read in; what is none is left.
fn names(listed: Vec<Listed>, prefix: &str, left: &mut Vec<Left>) -> Vec<Name> {
    let mut names = Vec::new();
    for Listed { key, .. } in listed {
        let below = key.strip_prefix(prefix).map(|key| key.trim_start_matches('/'));
        match below.and_then(Name::parse) {
            Some(name) => names.push(name),
            None => left.push(Left { key, why: "it is not named as a part of any notes".to_owned() }),
        }
    }
    names.sort();
    names
}

struct Needed {
    wanted: Vec<Name>,
    holes: Vec<Hole>,
}

/// What is to be pulled of the packs that lie there, and which are missing between them. Of each writer, nothing before its
/// last whole document is needed. Those that are `known` are not missed; those that were `read` are not read again.
fn needed(ours: &[Name], known: &BTreeSet<String>, read: &BTreeSet<String>) -> Needed {
    let mut needed = Needed { wanted: Vec::new(), holes: Vec::new() };
    let mut writers: BTreeMap<&str, Vec<&Name>> = BTreeMap::new();
    for name in ours {
        writers.entry(&name.writer).or_default().push(name);
    }
    for (writer, names) in writers {
        let states = names.iter().filter(|name| name.kind == Kind::State).map(|name| name.number);
        let from = states.max().unwrap_or(1);
        let last = names.iter().map(|name| name.number).max().unwrap_or(0);
        let begins = |number: u64| format!("/{writer}/{number:08}-");
        let is_known = |number| known.iter().any(|key| key.contains(&begins(number)));
        let there: BTreeSet<u64> = names.iter().map(|name| name.number).collect();
        let missing = (from..last).filter(|number| !there.contains(number) && !is_known(*number));
        needed.holes.extend(missing.take(HOLES_MAX).map(|number| Hole { writer: writer.to_owned(), number }));
        let wanted =
            names.into_iter().filter(|name| name.number >= from && !read.contains(&name.to_string()));
        needed.wanted.extend(wanted.cloned());
    }
    needed
}

/// Whether a pack of ours is gone that others still need.
fn has_lost(there: &[Name], log: &Log, known: &BTreeSet<String>) -> bool {
    let own = |name: &&Name| name.writer == log.writer;
    let states = there.iter().filter(own).filter(|name| name.kind == Kind::State).map(|name| name.number);
    let from = states.max().unwrap_or(1);
    let put =
        known.iter().filter_map(|key| Name::parse(key)).filter(|name| own(&name) && name.number >= from);
    put.into_iter().any(|name| name.document == log.document && !there.contains(&name))
}

/// Of one writer: a number that somebody made up may leave any number of holes below it.
const HOLES_MAX: usize = 1000;

struct Pull<'a> {
    workspace: &'a Workspace,
    store: &'a Store,
    prefix: &'a str,
    log: &'a Log,
    place: &'a Place,
}

impl Pull<'_> {
    /// Pulls packs. Returns those that were left where they are.
    async fn all(&self, wanted: Vec<Name>, report: &mut Synced) -> Result<Vec<Name>, WorkspaceError> {
        let mut left = Vec::new();
        let mut batch: Vec<(Name, Vec<Vec<u8>>)> = Vec::new();
        let mut bytes = 0;
        for name in wanted {
            let key = format!("{}/{name}", self.prefix);
            let leave = |why: String| Left { key: key.clone(), why };
            let object = match self.store.get(&key, PACK_BYTES_MAX).await {
                Ok(object) => object,
                Err(error @ (StoreError::Damaged { .. } | StoreError::Absent { .. })) => {
                    report.left.push(leave(error.to_string()));
                    left.push(name);
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            match name.unpack(&object.bytes) {
                Ok(updates) => {
                    bytes += object.bytes.len();
                    batch.push((name, updates));
                }
                Err(wrong) => {
                    report.left.push(leave(wrong.to_string()));
                    left.push(name);
                }
            }
            if bytes > BATCH_BYTES {
                left.extend(self.take(std::mem::take(&mut batch), report).await?);
                bytes = 0;
            }
        }
        left.extend(self.take(batch, report).await?);
        Ok(left)
    }

    async fn take(
        &self,
        batch: Vec<(Name, Vec<Vec<u8>>)>,
        report: &mut Synced,
    ) -> Result<Vec<Name>, WorkspaceError> {
        let mut updates = Vec::new();
        // The pack that each update came in.
        let mut packs = Vec::new();
        for (at, (_, of_pack)) in batch.iter().enumerate() {
            packs.extend(std::iter::repeat_n(at, of_pack.len()));
            updates.extend(of_pack.iter().cloned());
        }
        let mut left = Vec::new();
        if batch.is_empty() {
            return Ok(left);
        }
        let taken = self.workspace.take(updates, self.place.id).await?;
        let refused: BTreeMap<usize, String> = taken
            .refused
            .into_iter()
            .filter_map(|(at, why)| Some((*packs.get(at)?, why.to_string())))
            .collect();
        let mut pulled = Vec::new();
        for (at, (name, _)) in batch.into_iter().enumerate() {
            match refused.get(&at) {
                Some(why) => {
                    report.left.push(Left { key: format!("{}/{name}", self.prefix), why: why.clone() });
                    left.push(name);
                }
                None => pulled.push(name.to_string()),
            }
        }
        self.log.pulled(self.place, &pulled).await?;
        report.pulled += pulled.len();
        Ok(left)
    }
}

/// Puts what the place lacks; all of the document, where what was put before is no longer there. Returns how many updates.
async fn push(
    workspace: &Workspace,
    store: &Store,
    prefix: &str,
    log: &Log,
    place: &Place,
    has_lost: bool,
) -> Result<usize, WorkspaceError> {
    let unpushed = if has_lost { Unpushed::Folded } else { log.unpushed(place).await? };
    let (kind, updates, upto) = match unpushed {
        Unpushed::Nothing { upto } => {
            // Else a fold would take away what came from there, as if it had been pushed nowhere.
            if upto > place.pushed {
                log.reached(place, upto).await?;
            }
            return Ok(0);
        }
        Unpushed::Records { updates, upto } if size(&updates) <= UPDATE_BYTES_MAX => {
            (Kind::Edits, updates, upto)
        }
        _ => {
            let (state, upto) = workspace.state().await?;
            (Kind::State, vec![state], upto)
        }
    };
    if size(&updates) > UPDATE_BYTES_MAX {
        return Err(WorkspaceError::Large(size(&updates)));
    }
    let (name, bytes) = Name::pack(&log.document, &log.writer, place.packs + 1, kind, &updates);
    // Whatever lies under that name already is to be these very bytes: its hash is in it.
    store.put(&format!("{prefix}/{name}"), bytes.into(), Put::Overwrite).await?;
    log.pushed(place, &name.to_string(), upto).await?;
    Ok(updates.len())
}

fn size(updates: &[Vec<u8>]) -> usize {
    updates.iter().map(Vec::len).sum()
}

#[cfg(test)]
mod tests;
