//! A scheduler that is a process of its own, so that it can be stopped in the middle of what it does and go on later.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::unbounded_channel;
use url::Url;
use zenith_core::catalog::Server;
use zenith_core::jobs::{Scheduler, SchedulerEvent, Store};
use zenith_harness::lab::LabDatabase;

use crate::child;
use crate::jobs::{AtOnce, USER};

/// The work that the process is for.
pub const WORK: &str = "schedule";
const ASKED: &str = "ZENITH_SPIKE_RACE";
/// Short, so that one that is stopped has lost its lease soon.
const LEASE: Duration = Duration::from_millis(500);
const PAUSE: Duration = Duration::from_millis(5);

/// Where the jobs are, and the file that the time stands in.
#[derive(Serialize, Deserialize)]
struct Asked {
    path: Option<String>,
    url: Option<Url>,
    token: Option<String>,
    clock: String,
}

/// A process that schedules.
pub struct Racer {
    child: Child,
    pub pid: u32,
}

impl Racer {
    pub fn start(database: &LabDatabase, clock: &Path) -> Result<Racer> {
        use secrecy::ExposeSecret;
        let clock = clock.display().to_string();
        let asked = match database {
            LabDatabase::File(path) => {
                Asked { path: Some(path.display().to_string()), url: None, token: None, clock }
            }
            LabDatabase::Served(server) => Asked {
                path: None,
                url: Some(server.url.clone()),
                token: Some(server.token.expose_secret().to_string()),
                clock,
            },
        };
        let mut command = child::command(WORK)?;
        let child = command.env(ASKED, serde_json::to_string(&asked)?).stderr(Stdio::inherit()).spawn();
        let child = child.context("cannot start a new process")?;
        let pid = child.id().context("it has ended already")?;
        Ok(Racer { child, pid })
    }

    /// Stops it where it stands (`STOP`), or lets it go on (`CONT`).
    pub async fn signal(&self, name: &str) -> Result<()> {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.pid.to_string()]).status().await?;
        ensure!(sent.success(), "no signal can be sent");
        Ok(())
    }

    /// Ends it. Returns how many runs it was told that their lease had ended.
    pub async fn end(mut self) -> Result<u64> {
        let mut stdin = self.child.stdin.take().context("the process has no input")?;
        stdin.shutdown().await?;
        drop(stdin);
        let output = self.child.wait_with_output().await?;
        ensure!(output.status.success(), "a scheduler failed");
        Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
    }
}

/// Schedules until the standard input ends: what the process does.
pub async fn schedule() -> Result<String> {
    let asked: Asked = serde_json::from_str(&std::env::var(ASKED)?)?;
    let database = match (asked.path, asked.url) {
        (Some(path), _) => libsql::Builder::new_local(path).build().await?,
        (None, Some(url)) => Server { url, token: asked.token.unwrap_or_default().into() }.open().await?,
        _ => anyhow::bail!("no database is named"),
    };
    let clock = asked.clock;
    let now = move || {
        let text = std::fs::read_to_string(&clock).unwrap_or_default();
        text.trim().parse().unwrap_or(0)
    };
    let store = Store::new(database.connect()?, USER).with_clock(Arc::new(now));
    let (events, mut told) = unbounded_channel();
    let mine = format!("{}", std::process::id());
    let mut scheduler = Scheduler::new(store, Arc::new(AtOnce::default()), &mine, events).with_lease(LEASE);
    let mut end = tokio::spawn(async {
        let mut rest = Vec::new();
        let _ = tokio::io::stdin().read_to_end(&mut rest).await;
    });
    while !end.is_finished() {
        // One that is busy, or lost its lease, tries again.
        let _ = scheduler.round().await;
        let _ = scheduler.settle().await;
        tokio::time::sleep(PAUSE).await;
    }
    (&mut end).await?;
    drop(scheduler);
    let mut late = 0;
    while let Some(event) = told.recv().await {
        late += u64::from(matches!(event, SchedulerEvent::TooLate { .. }));
    }
    Ok(late.to_string())
}
