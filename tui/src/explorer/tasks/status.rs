//! What the tab Status asks for.

use std::sync::Arc;
use std::time::Duration;

use zenith_core::Zenith;
use zenith_core::search::{Project, SearchRequest};

use crate::explorer::message::Message;
use crate::explorer::status::{SyncedDatabase, measure};

/// How long each database may take to be brought up to date.
const SYNC_DEADLINE: Duration = Duration::from_secs(10);
/// How long the store may take: nobody waits for it.
const REACH_DEADLINE: Duration = Duration::from_secs(60);

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

/// Makes what others share searchable where it lies, as far as the project would search it.
pub async fn reach(zenith: &Zenith, project: Option<Arc<Project>>) -> Message {
    let everything = SearchRequest::default();
    let reached = zenith.reach(&everything, project.as_deref(), REACH_DEADLINE).await;
    Message::Reached(reached.map_err(|error| error.to_string()))
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
