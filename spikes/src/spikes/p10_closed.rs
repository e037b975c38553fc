//! P10: after a base was closed, nothing is written to it.
//!
//! Why: a program that ends, a test that removes its folder and a user who moves the file all rely on it.
//!
//! Method: thirty times a driver over a file is closed at another moment of its work: before it began, in the middle of
//! a run, while it waits for quiet. Then edits go on, and the file is compared with what it was.
//!
//! Accept when it is the same each time, no journal lies beside it, and it holds the last edit from before.

use std::time::Duration;

use futures::FutureExt;
use tokio::sync::watch;
use zenith_core::workspace::{BaseError, Driver, Dump, FileProvider, Kept, Provider};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::bases::Document;

const NOT_AWAITED: &str = "close-not-awaited";
const ROUNDS: u64 = 30;

pub const SPIKE: Spike = Spike {
    id: "P10",
    title: "after a base was closed nothing is written to it",
    group: Group::Notes,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[
        Target::gate("files that changed after they were closed", 0.0, Unit::Count),
        Target::gate("files without the last edit", 0.0, Unit::Count),
    ],
    faults: &[Fault { name: NOT_AWAITED, what: "nobody waits for the base to be closed" }],
    run: |trial| run(trial).boxed(),
};

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let (mut changed, mut behind, mut refused) = (0, 0, 0);
    for round in 0..ROUNDS {
        let path = trial.lab.folder().join(format!("notes-{round}.db"));
        let provider = FileProvider::new(&path)?.ok_or_else(|| anyhow::anyhow!("somebody has the file"))?;
        let mut document = Document::of(round, 500);
        let first = document.moment();
        let (moments, seen) = watch::channel(first.clone());
        let driver = Driver::start(provider, seen);
        if round % 3 > 0 {
            driver.at_least(first.generation).await?;
        }
        document.put("note-1", "the last", "");
        let last = document.moment();
        moments.send_replace(last.clone());
        if round % 3 == 2 {
            tokio::time::sleep(Duration::from_millis(95 + round)).await;
        }
        let closing = driver.clone();
        let closing = tokio::spawn(async move { closing.close().await });
        let kept = if trial.has_fault(NOT_AWAITED) { Kept::Behind } else { closing.await? };
        let before = std::fs::read(&path).unwrap_or_default();
        for at in 0..5 {
            document.put("note-2", &format!("too late {at}"), "");
            moments.send_replace(document.moment());
        }
        refused += u64::from(driver.at_least(last.generation + 5).await == Err(BaseError::Closed));
        tokio::time::sleep(Duration::from_millis(250)).await;
        changed += u64::from(std::fs::read(&path).unwrap_or_default() != before);
        let journal = path.with_extension("db-journal");
        changed += u64::from(std::fs::metadata(journal).is_ok_and(|journal| journal.len() > 0));
        let lies = match FileProvider::new(&path)? {
            Some(mut file) => file.check(&last).await?,
            None => None,
        };
        behind += u64::from(kept != Kept::Whole || lies != Some(Dump::of(&last)));
    }
    evidence.check_eq("who asks afterwards is told that it is closed", refused, ROUNDS);
    evidence.count("files that changed after they were closed", changed, Unit::Count);
    evidence.count("files without the last edit", behind, Unit::Count);
    Ok(evidence)
}
