//! P4: a burst of edits costs few runs, and the last edit is in the file.
//!
//! Why: who types, or synchronises much at once, must not make the base write itself once an edit; and what comes last
//! must not be what is forgotten.
//!
//! Method: 10,000 edits of a document of 500 notes within some seconds, one after the other, before a driver over the
//! file. Then the file is waited for, and read.
//!
//! Accept when there was at most one run in each longest wait, two more for the first and the last, and the file holds
//! the last edit.

use std::time::{Duration, Instant};

use futures::FutureExt;
use tokio::sync::watch;
use zenith_core::workspace::{Driver, Dump, FileProvider, Provider, WAIT_MAX};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::bases::Document;

const HELD: &str = "reader-holds-the-file";
const EDITS: usize = 10_000;

pub const SPIKE: Spike = Spike {
    id: "P4",
    title: "a burst of edits costs few runs, and the last edit is in the file",
    group: Group::Notes,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[Target::gate("runs beyond one a longest wait and two", 0.0, Unit::Count)],
    faults: &[Fault { name: HELD, what: "another program reads the file all the while, and never ends" }],
    run: |trial| run(trial).boxed(),
};

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let path = trial.lab.folder().join("notes.db");
    let provider = FileProvider::new(&path)?.ok_or_else(|| anyhow::anyhow!("somebody has the file"))?;
    let mut document = Document::of(4, 500);
    let first = document.moment();
    let (moments, seen) = watch::channel(first.clone());
    let driver = Driver::start(provider, seen);
    driver.at_least(first.generation).await?;
    let before = driver.standing().borrow().counts;

    let reader = libsql::Builder::new_local(&path).build().await?.connect()?;
    if trial.has_fault(HELD) {
        reader.execute("BEGIN", ()).await?;
        reader.query("SELECT count(*) FROM notes", ()).await?.next().await?;
    }
    let begun = Instant::now();
    let mut last = first;
    for at in 0..EDITS {
        document.put(&format!("note-{}", at % 50), &format!("edit {at}"), "typed at once");
        last = document.moment();
        moments.send_replace(last.clone());
        if at % 10 == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    let brought = driver.at_least(last.generation).await;
    let took = begun.elapsed();
    evidence.check_with("the last edit is in the file", brought.is_ok(), || format!("{brought:?}"));
    let counts = driver.standing().borrow().counts;
    let runs = counts.applies + counts.rebuilds - before.applies - before.rebuilds;
    let most = took.as_millis().div_ceil(WAIT_MAX.as_millis()) as u64 + 2;
    evidence.count("runs beyond one a longest wait and two", runs.saturating_sub(most), Unit::Count);
    evidence.count("runs", runs, Unit::Count);
    evidence.time("the burst", took);
    driver.close().await;
    drop(reader);

    let reopened = FileProvider::new(&path)?;
    let lies = match reopened {
        Some(mut file) => file.check(&last).await?,
        None => None,
    };
    evidence.check("the file equals the document", lies == Some(Dump::of(&last)));
    Ok(evidence)
}
