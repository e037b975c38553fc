//! What runs the jobs that are due on this machine: for `zenith jobs serve`, and for an explorer that was told to.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use zenith_core::jobs::execute::{Machine, Secrets};
use zenith_core::jobs::{Scheduler, SchedulerEvent, Store};
use zenith_core::{JobsKept, Zenith};

/// How long a request of a user's may wait where jobs lie in a file.
const LOOKS_HERE: Duration = Duration::from_secs(1);

/// A scheduler of jobs that were opened; `secrets` takes what must not be in their output. The error says what of this machine is not known.
pub async fn scheduler(
    zenith: &Zenith,
    store: Store,
    kept: &JobsKept,
    events: mpsc::UnboundedSender<SchedulerEvent>,
    secrets: &Secrets,
) -> Result<Scheduler<Machine>, String> {
    let known = zenith.job_secrets().await.map_err(|error| error.to_string())?;
    *secrets.write().unwrap_or_else(PoisonError::into_inner) = known;
    let home = std::env::var_os("HOME").ok_or("HOME names no folder that programs could run for")?;
    let program = std::env::current_exe();
    let machine = Machine {
        folder: zenith.config.data_dir.join("jobs"),
        home: PathBuf::from(home),
        language: std::env::var("LANG").ok(),
        zenith: program.map_err(|error| format!("this program does not find itself: {error}"))?,
        data: zenith.config.data_dir.clone(),
        secrets: secrets.clone(),
    };
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = if host.trim().is_empty() { "a machine of yours" } else { host.trim() };
    let told = format!("{host} (process {})", std::process::id());
    let scheduler = Scheduler::new(store, Arc::new(machine), &told, events);
    // A file is looked at for nothing; a server for a request.
    Ok(if *kept == JobsKept::Here { scheduler.with_sleep_max(LOOKS_HERE) } else { scheduler })
}
