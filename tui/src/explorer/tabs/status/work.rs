//! What it wants done beside the screen.

use std::time::Duration;

use secrecy::SecretString;
use tokio::runtime::Handle;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;
use zenith_core::catalog::MemberState;
use zenith_core::index::{PushEvent, PushReport};
use zenith_core::session::{KeptIn, Session, SignedOut};
use zenith_core::{StoreLook, Zenith};

use super::disk::{Disk, measure};
use super::state::SyncedDatabase;
use crate::explorer::parts::job::{Job, Sender};

/// How long each database may take to be brought up to date.
const SYNC_DEADLINE: Duration = Duration::from_secs(10);
/// How long the store may take to say how it stands.
const LOOK_DEADLINE: Duration = Duration::from_secs(20);

/// What of the account is at work.
const ACCOUNT: &str = "account";

#[derive(Debug)]
pub enum Effect {
    SignIn {
        service: String,
        token: SecretString,
    },
    SignOut,
    Sync,
    Push,
    /// Stops one of those.
    LeaveOff,
    Replicas {
        generation: u64,
    },
    /// Adds up what the data folder takes on disk.
    Measure {
        generation: u64,
    },
    /// Asks the store what it holds.
    Look {
        generation: u64,
    },
}

#[derive(Debug)]
pub enum Message {
    SignedIn(Result<(Box<Session>, KeptIn), String>),
    SignedOut(Result<SignedOut, String>),
    Synced(Result<Vec<SyncedDatabase>, String>),
    Pushing(PushEvent),
    Pushed(Result<PushReport, String>),
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
    Looked {
        generation: u64,
        look: Result<StoreLook, String>,
    },
}

pub fn work(effect: Effect, zenith: Zenith) -> Job<Message> {
    match effect {
        Effect::SignIn { service, token } => {
            Job::lasting(ACCOUNT, move |sender: Sender<Message>, stop| async move {
                sender.send(Message::SignedIn(sign_in(zenith, service, token, stop).await));
            })
        }
        Effect::SignOut => Job::lasting(ACCOUNT, move |sender: Sender<Message>, _| async move {
            sender.send(Message::SignedOut(sign_out(zenith).await));
        })
        .waited_for("what is shared is being removed…"),
        Effect::Sync => Job::lasting(ACCOUNT, move |sender: Sender<Message>, stop| async move {
            sender.send(Message::Synced(or_stopped(sync(&zenith), &stop).await));
        }),
        Effect::Push => Job::lasting(ACCOUNT, move |sender, stop| push(zenith, sender, stop))
            .waited_for("what is pushed is being made whole…"),
        Effect::LeaveOff => Job::stop(ACCOUNT),
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
        Effect::Look { generation } => Job::answer("look", async move {
            let look = match tokio::time::timeout(LOOK_DEADLINE, zenith.look_at_store()).await {
                Err(_) => Err(format!("it did not answer within {} s", LOOK_DEADLINE.as_secs())),
                Ok(look) => look.map_err(|error| error.to_string()),
            };
            let look = look.and_then(|look| look.ok_or_else(|| "no store is set any more".to_string()));
            Message::Looked { generation, look }
        }),
    }
}

/// What can be dropped where it stands, as by a kill.
async fn or_stopped<T>(
    work: impl Future<Output = Result<T, String>>,
    stop: &CancellationToken,
) -> Result<T, String> {
    tokio::select! {
        done = work => done,
        () = stop.cancelled() => Err("stopped".to_string()),
    }
}

/// On a thread of its own: a keyring asks over a bus, and perhaps its owner.
async fn sign_in(
    zenith: Zenith,
    service: String,
    token: SecretString,
    stop: CancellationToken,
) -> Result<(Box<Session>, KeptIn), String> {
    let runtime = Handle::current();
    let signed_in = tokio::task::spawn_blocking(move || {
        runtime.block_on(or_stopped(
            async {
                Zenith::sign_in(&zenith.config, &service, &token).await.map_err(|error| error.to_string())
            },
            &stop,
        ))
    });
    let (session, kept) = signed_in.await.map_err(|error| error.to_string())??;
    Ok((Box::new(session), kept))
}

/// It is not cut: who is signed out in part is signed in to nothing.
async fn sign_out(zenith: Zenith) -> Result<SignedOut, String> {
    let runtime = Handle::current();
    let signed_out = tokio::task::spawn_blocking(move || {
        runtime.block_on(Zenith::sign_out(&zenith.config)).map_err(|error| error.to_string())
    });
    signed_out.await.map_err(|error| error.to_string())?
}

async fn sync(zenith: &Zenith) -> Result<Vec<SyncedDatabase>, String> {
    let synced = zenith.sync(SYNC_DEADLINE).await.map_err(|error| error.to_string())?;
    let told = synced.into_iter().map(|(role, outcome)| SyncedDatabase {
        database: role.to_string(),
        outcome: outcome.map_err(|error| error.to_string()),
    });
    Ok(told.collect())
}

/// As `zenith push` does without a tier.
async fn push(zenith: Zenith, sender: Sender<Message>, stop: CancellationToken) {
    let (events, mut told) = unbounded_channel();
    let forward = async {
        while let Some(event) = told.recv().await {
            sender.send(Message::Pushing(event));
        }
    };
    let runtime = Handle::current();
    // On a thread of its own: what it awaits is not for a task that moves between threads.
    let pushed = tokio::task::spawn_blocking(move || {
        runtime
            .block_on(zenith.push(zenith.shared_tier(), false, events, stop))
            .map_err(|error| error.to_string())
    });
    let (pushed, ()) = tokio::join!(pushed, forward);
    sender.send(Message::Pushed(pushed.unwrap_or_else(|error| Err(error.to_string()))));
}
