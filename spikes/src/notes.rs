//! What the spikes about notes do alike: machines, random edits, and damage behind their backs.

use std::path::Path;

use anyhow::Context;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use zenith_core::identity::Scope;
use zenith_core::lake::Store;
use zenith_core::workspace::sync::Synced;
use zenith_core::workspace::{Edit, Snapshot, Value, Workspace, new_id};
use zenith_harness::Trial;

/// The words that random notes are made of.
const WORDS: [&str; 12] = [
    "await", "borrow", "cancel", "deadlock", "ärger", "future", "🦀", "poll", "runtime", "spawn", "task",
    "waker",
];

/// A machine with notes of its own.
pub struct Machine {
    pub notes: Workspace,
    random: StdRng,
}

impl Machine {
    pub async fn start(trial: &Trial, name: &str) -> anyhow::Result<Machine> {
        let notes = Workspace::open(&trial.lab.folder().join(name)).await?;
        let seed = name.bytes().map(u64::from).sum();
        Ok(Machine { notes, random: StdRng::seed_from_u64(seed) })
    }

    /// Makes edits as somebody may who writes notes: most write a new one, some change or remove one.
    pub async fn edit(&mut self, count: usize) -> anyhow::Result<()> {
        for _ in 0..count {
            let snapshot = self.notes.snapshot();
            let notes = snapshot.tables.get("notes");
            let there = notes.map_or(0, |notes| notes.len());
            let chosen = notes.into_iter().flatten().nth(self.random.random_range(0..there.max(1)));
            let edit = match (self.random.random_range(0..10), chosen) {
                (0, Some((id, _))) => Edit::Remove { table: "notes", id: id.clone() },
                (1..5, Some((id, _))) => {
                    let body = ("body", Value::Text(self.words(30)));
                    Edit::Set { table: "notes", id: id.clone(), values: vec![body] }
                }
                _ => note(&self.words(4), &self.words(30)),
            };
            self.notes.edit(vec![edit]).await?;
        }
        Ok(())
    }

    fn words(&mut self, count: usize) -> String {
        let words = (0..count).map(|_| WORDS[self.random.random_range(0..WORDS.len())]);
        words.collect::<Vec<_>>().join(" ")
    }

    /// Synchronises through a store, and joins what is there.
    pub async fn sync(&self, store: &Store) -> anyhow::Result<Synced> {
        Ok(self.notes.sync(store, &scope(), true).await?)
    }

    pub fn rows(&self) -> std::sync::Arc<Snapshot> {
        self.notes.snapshot()
    }
}

/// Whose notes they are.
pub fn scope() -> Scope {
    Scope::Private("olive".to_string())
}

/// A new note.
pub fn note(title: &str, body: &str) -> Edit {
    named(&new_id(), title, body)
}

/// A new note of a given id.
pub fn named(id: &str, title: &str, body: &str) -> Edit {
    let values = vec![
        ("title", Value::Text(title.to_string())),
        ("body", Value::Text(body.to_string())),
        ("tags", Value::Words(["async".to_string()].into())),
        ("created_at", Value::Integer(1_764_200_000_000)),
        ("changed_at", Value::Integer(1_764_200_000_000)),
    ];
    Edit::Create { table: "notes", id: id.to_string(), values }
}

/// Whether two machines hold the same rows, and the same that are none.
pub fn same(one: &Machine, other: &Machine) -> bool {
    let (one, other) = (one.rows(), other.rows());
    one.tables == other.tables && one.problems == other.problems
}

/// Does something to a log that nobody has open, or that somebody has.
pub async fn behind(log: &Path, sql: &str) -> anyhow::Result<()> {
    let connection = libsql::Builder::new_local(log).build().await?.connect()?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.execute_batch(sql).await.context("cannot change the log behind everybody's back")?;
    Ok(())
}

/// A number that a log is asked for.
pub async fn asked(log: &Path, sql: &str) -> anyhow::Result<u64> {
    let connection = libsql::Builder::new_local(log).build().await?.connect()?;
    let row = connection.query(sql, ()).await?.next().await?.context("a number was asked for")?;
    Ok(row.get(0)?)
}

/// Does something to the bytes of a log's last record.
pub async fn spoil_last(log: &Path, spoil: impl FnOnce(&mut Vec<u8>)) -> anyhow::Result<()> {
    let connection = libsql::Builder::new_local(log).build().await?.connect()?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    let last = "SELECT seq, bytes FROM updates ORDER BY seq DESC LIMIT 1";
    let (seq, mut bytes): (i64, Vec<u8>) = {
        let mut rows = connection.query(last, ()).await?;
        let row = rows.next().await?.context("the log has a record")?;
        (row.get(0)?, row.get(1)?)
    };
    spoil(&mut bytes);
    connection.execute("UPDATE updates SET bytes = ?2 WHERE seq = ?1", (seq, bytes)).await?;
    Ok(())
}
