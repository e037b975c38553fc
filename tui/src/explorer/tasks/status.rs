//! What the tab Status asks for.

use std::time::Duration;

use zenith_core::Zenith;

use crate::explorer::message::Message;
use crate::explorer::status::{SyncedDatabase, measure};

/// How long each database may take to be brought up to date.
const SYNC_DEADLINE: Duration = Duration::from_secs(10);

pub async fn sync(zenith: &Zenith) -> Message {
    let synced = zenith.sync(SYNC_DEADLINE).await.map_err(|error| error.to_string());
    Message::Synced(synced.map(|databases| {
        let told = databases.into_iter().map(|(role, outcome)| SyncedDatabase {
            database: role.to_string(),
            outcome: outcome.map_err(|error| error.to_string()),
        });
        told.collect()
    }))
}

/// Where the replicas stand: each says so in a small file.
pub async fn replicas(zenith: Zenith, generation: u64) -> Message {
    let states = tokio::task::spawn_blocking(move || zenith.federation.states()).await;
    Message::Replicas { generation, replicas: states.unwrap_or_default() }
}

pub async fn disk(zenith: &Zenith, generation: u64) -> Message {
    let data_dir = zenith.config.data_dir.clone();
    let disk = tokio::task::spawn_blocking(move || measure(&data_dir)).await;
    Message::Disk { generation, disk: disk.unwrap_or_default() }
}
