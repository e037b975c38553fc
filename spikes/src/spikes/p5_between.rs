//! P5: an edit that arrives while the base is made is not lost.
//!
//! Why: what is observed between the moment that a run took and its end is what debounces forget.
//!
//! Method: ten times a file of 2,000 notes is made by a driver, and edits arrive while that run goes on. Nobody asks for
//! them: the driver must come to them by itself.
//!
//! Accept when each time the file ends up with the last edit.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::watch;
use zenith_core::workspace::{Driver, Dump, FileProvider, Provider, Snapshot, Standing};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::bases::Document;

const DEAF: &str = "wire-that-loses-what-comes-during-a-run";
const ROUNDS: u64 = 10;
/// Far longer than a run and all waits.
const PATIENCE: Duration = Duration::from_secs(20);

pub const SPIKE: Spike = Spike {
    id: "P5",
    title: "an edit that arrives while the base is made is not lost",
    group: Group::Notes,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[Target::gate("rounds whose last edit is not in the file", 0.0, Unit::Count)],
    faults: &[Fault {
        name: DEAF,
        what: "what the document says while a run goes on never reaches the driver",
    }],
    run: |trial| run(trial).boxed(),
};

/// From the document to the driver.
struct Wire {
    to: watch::Sender<Arc<Snapshot>>,
    standing: watch::Receiver<Standing>,
    is_deaf: bool,
}

impl Wire {
    fn send(&self, moment: Arc<Snapshot>) {
        if !self.is_deaf || !self.standing.borrow().is_running {
            self.to.send_replace(moment);
        }
    }
}

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let (mut lost, mut between) = (0, 0);
    for round in 0..ROUNDS {
        trial.progress(format!("round {} of {ROUNDS}", round + 1));
        let path = trial.lab.folder().join(format!("notes-{round}.db"));
        let provider = FileProvider::new(&path)?.ok_or_else(|| anyhow::anyhow!("somebody has the file"))?;
        let mut document = Document::of(round, 2_000);
        let (to, seen) = watch::channel(document.moment());
        let driver = Driver::start(provider, seen);
        let mut standing = driver.standing();
        let wire = Wire { to, standing: standing.clone(), is_deaf: trial.has_fault(DEAF) };
        standing.wait_for(|standing| standing.is_running).await?;
        let mut last = document.moment();
        for at in 0..5 {
            document.put("note-7", &format!("edit {at} of round {round}"), "");
            last = document.moment();
            wire.send(last.clone());
        }
        between += u64::from(wire.standing.borrow().applied.is_none());
        let wanted = last.generation;
        let patience = if trial.has_fault(DEAF) { PATIENCE / 10 } else { PATIENCE };
        let came = standing.wait_for(|standing| standing.applied == Some(wanted));
        let came = tokio::time::timeout(patience, came).await.is_ok();
        driver.close().await;
        let lies = match FileProvider::new(&path)? {
            Some(mut file) => file.check(&last).await?,
            None => None,
        };
        lost += u64::from(!came || lies != Some(Dump::of(&last)));
    }
    evidence.count("rounds whose last edit is not in the file", lost, Unit::Count);
    evidence.check("edits did arrive while runs went on", between > ROUNDS / 2);
    Ok(evidence)
}
