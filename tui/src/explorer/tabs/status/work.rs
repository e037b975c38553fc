//! What it wants done beside the screen.

use std::time::Duration;

use zenith_core::Zenith;
use zenith_core::catalog::MemberState;

use super::disk::{Disk, measure};
use super::state::SyncedDatabase;
use crate::explorer::parts::job::Job;

/// How long each database may take to be brought up to date.
const SYNC_DEADLINE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub enum Effect {
    Sync,
    Replicas {
        generation: u64,
    },
    /// Adds up what the data folder takes on disk.
    Measure {
        generation: u64,
    },
}

#[derive(Debug)]
pub enum Message {
    Synced(Result<Vec<SyncedDatabase>, String>),
    /// Where the replicas stand.
    Replicas {
        generation: u64,
        replicas: Vec<MemberState>,
    },
    /// What the data folder takes on disk.
    Disk {
        generation: u64,
        disk: Disk,
    },
}

pub fn work(effect: Effect, zenith: Zenith) -> Job<Message> {
    match effect {
        Effect::Sync => Job::answer("sync", async move { sync(&zenith).await }),
        // Each says so in a small file.
        Effect::Replicas { generation } => Job::answer("replicas", async move {
            let states = tokio::task::spawn_blocking(move || zenith.federation.states()).await;
            Message::Replicas { generation, replicas: states.unwrap_or_default() }
        }),
        Effect::Measure { generation } => Job::answer("disk", async move {
            let data_dir = zenith.config.data_dir.clone();
            let disk = tokio::task::spawn_blocking(move || measure(&data_dir)).await;
            Message::Disk { generation, disk: disk.unwrap_or_default() }
        }),
    }
}

async fn sync(zenith: &Zenith) -> Message {
    let synced = zenith.sync(SYNC_DEADLINE).await.map_err(|error| error.to_string());
    Message::Synced(synced.map(|databases| {
        let told = databases.into_iter().map(|(role, outcome)| SyncedDatabase {
            database: role.to_string(),
            outcome: outcome.map_err(|error| error.to_string()),
        });
        told.collect()
    }))
}
