//! The one task that owns the document and its log: it is told by messages, and tells by snapshots.
//!
//! # Decisions
//!
//! - **Done means written.** What an edit changed is shown, and the edit told as done, after its record is in the log. Where
//!   the log takes no record, the document in memory is thrown away and read again: a transaction of it cannot be undone.
//! - **What comes from elsewhere is tried on a copy**, see [`scratch`].
//! - **Several processes write one log.** Each reads what others appended before it edits, and when the file has changed.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::ask::{Ask, Health, Taken};
use super::document::{Edit, Replica, UPDATE_BYTES_MAX};
use super::error::{Refusal, WorkspaceError};
use super::log::{HERE, Log};
use super::scratch;
use super::snapshot::Snapshot;

/// A fold is due after so many records, or so many bytes of them.
const FOLD_RECORDS: usize = 256;
const FOLD_BYTES: usize = 1024 * 1024;
/// How often it is looked whether another process has written.
const LOOK: Duration = Duration::from_millis(250);

pub(super) struct Owner {
    log: Log,
    replica: Replica,
    /// The last record that is in the replica.
    last: i64,
    health: Health,
    version: i64,
    told: watch::Sender<Arc<Snapshot>>,
}

impl Owner {
    /// Reads the log of a folder, whole.
    pub async fn open(path: PathBuf) -> Result<(Owner, watch::Receiver<Arc<Snapshot>>), WorkspaceError> {
        let log = Log::open(&path).await?;
        let replica = Replica::new(&log.document);
        let (told, moments) = watch::channel(Arc::clone(replica.snapshot()));
        let mut owner = Owner { log, replica, last: 0, health: Health::default(), version: 0, told };
        owner.load().await?;
        owner.tell();
        Ok((owner, moments))
    }

    /// Answers until nobody asks any more. Nothing is written afterwards.
    pub async fn run(mut self, mut asks: mpsc::Receiver<Ask>) {
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                ask = asks.recv() => match ask {
                    None => return,
                    Some(Ask::Close(closed)) => {
                        asks.close();
                        // Whoever asked does not wait for it: nobody is left to tell.
                        let _ = closed.send(());
                        return;
                    }
                    Some(ask) => self.answer(ask).await,
                },
                _ = looks.tick() => self.look().await,
            }
        }
    }

    async fn answer(&mut self, ask: Ask) {
        // Who asked may have stopped waiting; what was asked is done all the same.
        match ask {
            Ask::Edit(edits, reply) => drop(reply.send(self.edit(&edits).await)),
            Ask::Take(updates, origin, reply) => drop(reply.send(self.take(updates, origin).await)),
            Ask::State(reply) => {
                let caught_up = self.catch_up().await;
                drop(reply.send(caught_up.map(|()| (self.replica.state(), self.last))));
            }
            Ask::Lacked(vector, reply) => drop(reply.send(self.lacked(&vector).await)),
            Ask::Join(document, reply) => drop(reply.send(self.join(&document).await)),
            Ask::Check(reply) => drop(reply.send(self.log.check().await)),
            Ask::SetAside(reply) => drop(reply.send(self.set_aside().await)),
            Ask::Health(reply) => {
                self.health.is_waiting = self.replica.is_waiting();
                drop(reply.send(Ok(self.health.clone())));
            }
            Ask::Close(_) => {}
        }
    }

    async fn edit(&mut self, edits: &[Edit]) -> Result<Arc<Snapshot>, WorkspaceError> {
        self.catch_up().await?;
        let update = self.replica.edit(edits)?;
        if !update.is_empty() {
            self.append(&[&update], HERE).await?;
        }
        Ok(Arc::clone(self.replica.snapshot()))
    }

    async fn take(&mut self, updates: Vec<Vec<u8>>, origin: i64) -> Result<Taken, WorkspaceError> {
        self.catch_up().await?;
        let tried = scratch::tried(&self.log.document, self.replica.state(), updates).await;
        if !tried.sound.is_empty() {
            let sound: Vec<&[u8]> = tried.sound.iter().map(|update| update.as_slice()).collect();
            self.bring(&sound, origin).await?;
        }
        Ok(Taken { taken: tried.sound.len(), refused: tried.refused })
    }

    /// Applies what a copy took, and writes it.
    async fn bring(&mut self, sound: &[&[u8]], origin: i64) -> Result<(), WorkspaceError> {
        let is_whole = sound.iter().all(|update| self.replica.apply(update).is_ok());
        self.replica.refresh();
        if is_whole {
            return self.append(sound, origin).await;
        }
        // What the copy took and this one did not may have left a part of itself: all is read again, with what is
        // written.
        let written = self.write(sound, origin).await;
        self.load().await?;
        self.tell();
        written.map(drop)
    }

    async fn lacked(&mut self, vector: &[u8]) -> Result<Vec<u8>, WorkspaceError> {
        self.catch_up().await?;
        Ok(self.replica.lacked(vector).map_err(Refusal::from)?)
    }

    async fn join(&mut self, document: &str) -> Result<(), WorkspaceError> {
        self.log.join(document).await?;
        self.load().await?;
        self.tell();
        Ok(())
    }

    async fn set_aside(&mut self) -> Result<u64, WorkspaceError> {
        // First of all: what is set aside is told of by nobody any more.
        self.log.read_anew().await?;
        let moved = self.log.set_aside(&self.health.damaged_records).await?;
        self.health.damaged_records.clear();
        // What no other fold holds may still be mended by whoever reads bytes.
        if self.health.lost_upto.is_none() {
            self.log.forget(&self.health.damaged_snapshots).await?;
            self.health.damaged_snapshots.clear();
        }
        Ok(moved)
    }

    /// Writes what is in the replica by now, and shows it.
    async fn append(&mut self, updates: &[&[u8]], origin: i64) -> Result<(), WorkspaceError> {
        match self.write(updates, origin).await {
            Ok(first) => {
                // Where another process came in between, its record is read next, and these again.
                if first == self.last + 1 {
                    self.last += i64::try_from(updates.len()).unwrap_or(i64::MAX);
                    updates.iter().for_each(|update| self.count(update.len()));
                }
                self.tell();
                self.fold_if_due().await;
                Ok(())
            }
            Err(error) => {
                self.load().await?;
                self.tell();
                Err(error)
            }
        }
    }

    async fn write(&self, updates: &[&[u8]], origin: i64) -> Result<i64, WorkspaceError> {
        match updates.iter().find(|update| update.len() > UPDATE_BYTES_MAX) {
            Some(update) => Err(Refusal::Large(update.len()).into()),
            None => self.log.append(origin, updates).await,
        }
    }

    fn count(&mut self, bytes: usize) {
        self.health.records += 1;
        self.health.bytes += bytes;
    }

    fn tell(&self) {
        self.told.send_if_modified(|told| {
            let is_new = !Arc::ptr_eq(told, self.replica.snapshot());
            *told = Arc::clone(self.replica.snapshot());
            is_new
        });
    }

    /// Reads the log anew into an empty replica.
    async fn load(&mut self) -> Result<(), WorkspaceError> {
        let generation = self.replica.snapshot().generation;
        let mut replica = Replica::new(&self.log.document);
        replica.follow(generation);
        (self.replica, self.last) = (replica, 0);
        self.health = Health { fold: self.health.fold.take(), ..Health::default() };
        let mut is_folded = false;
        for snapped in self.log.snapshots().await? {
            is_folded = snapped.bytes.is_some_and(|bytes| self.replica.apply(&bytes).is_ok());
            if is_folded {
                self.last = snapped.upto;
                break;
            }
            self.health.damaged_snapshots.push(snapped.upto);
        }
        if !is_folded {
            self.health.lost_upto = Some(self.log.folded_upto().await?).filter(|folded| *folded > 0);
        }
        // The fold may hold them, or it was made when they were damaged already: they are kept, and told of.
        self.health.damaged_records = self.log.damaged_upto(self.last).await?;
        self.read_on().await
    }

    /// Reads what others appended, and shows it.
    async fn catch_up(&mut self) -> Result<(), WorkspaceError> {
        match self.log.folded_upto().await? {
            // Records that were not read here are in a snapshot by now.
            folded if folded > self.last => self.load().await?,
            _ => self.read_on().await?,
        }
        self.tell();
        Ok(())
    }

    async fn read_on(&mut self) -> Result<(), WorkspaceError> {
        for record in self.log.since(self.last).await? {
            match record.bytes {
                Some(bytes) if self.replica.apply(&bytes).is_ok() => self.count(bytes.len()),
                _ => self.health.damaged_records.push(record.seq),
            }
            self.last = record.seq;
        }
        self.replica.refresh();
        Ok(())
    }

    async fn look(&mut self) {
        let Ok(version) = self.log.version().await else { return };
        // One that cannot be read now is read at the next edit, which then says why not.
        if version != self.version && self.catch_up().await.is_ok() {
            self.version = version;
        }
    }

    /// Whether a fold is due, by what this process has read; then by the log itself, which another one may have folded.
    async fn is_fold_due(&mut self) -> Result<bool, WorkspaceError> {
        let is_due = |health: &Health| health.records >= FOLD_RECORDS || health.bytes >= FOLD_BYTES;
        if !is_due(&self.health) {
            return Ok(false);
        }
        (self.health.records, self.health.bytes) = self.log.unfolded().await?;
        Ok(is_due(&self.health))
    }

    /// Folds where it is due. One that fails is tried again after the next record: nothing depends on it.
    async fn fold_if_due(&mut self) {
        let folded = match self.is_fold_due().await {
            Ok(false) => return,
            Ok(true) => self.fold().await,
            Err(error) => Err(error.to_string()),
        };
        self.health.fold = folded.err();
    }

    async fn fold(&mut self) -> Result<(), String> {
        self.catch_up().await.map_err(|error| error.to_string())?;
        let state = self.replica.state();
        let mut fresh = Replica::new(&self.log.document);
        fresh.apply(&state).map_err(|error| error.to_string())?;
        fresh.refresh();
        if !fresh.holds(self.replica.snapshot()) {
            return Err("what would be kept is not what the records make".to_owned());
        }
        let folded = self.log.fold(self.last, &state, &self.health.damaged_records).await;
        folded.map_err(|error| error.to_string())?;
        (self.health.records, self.health.bytes) = (0, 0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Value, new_id};

    #[tokio::test]
    async fn what_the_copy_took_and_the_document_does_not_costs_itself_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (mut owner, moments) = Owner::open(folder.path().join("log.db")).await.unwrap();
        let mut peer = Replica::new("d");
        let [first, last] = ["first", "last"].map(|title| {
            let values = vec![
                ("title", Value::Text(title.to_owned())),
                ("created_at", Value::Integer(1)),
                ("changed_at", Value::Integer(1)),
            ];
            peer.edit(&[Edit::Create { table: "notes", id: new_id(), values }]).unwrap()
        });
        owner.bring(&[&first, b"rubbish", &last], HERE).await.unwrap();
        assert_eq!(moments.borrow().tables, peer.snapshot().tables);
        assert_eq!((owner.health.damaged_records.as_slice(), owner.last), (&[2][..], 3));
    }
}
