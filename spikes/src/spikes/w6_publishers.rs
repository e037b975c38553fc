//! W6: of many who publish one instance at once, one wins each number, and the others are told who.
//!
//! Why: two publishers that read, then write, lose one of two publications, and nobody hears of it.
//!
//! Method: 32 data folders, which know nothing of each other, publish the same instance at the same moment, round for
//! round. After each, the losers take note of the winner's number.
//!
//! Accept when each round has one winner, every loser is told its name, and the history of manifests in the store is
//! complete, each naming the one before it.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Result, ensure};
use futures::FutureExt;
use futures::future::try_join_all;
use tokio::sync::Barrier;
use zenith_core::publish::{AuthoredId, Manifest, Publisher, ROOT, Reader};
use zenith_harness::lab::Promise;
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::instances::{entitle, publish, publisher};

const UNCONDITIONAL: &str = "terms-ignored";

pub const SPIKE: Spike = Spike {
    id: "W6",
    title: "of 32 who publish one instance at once one wins each number, and all are told who",
    group: Group::Publishing,
    backends: &[Backend::Local],
    expected: Expected::Holds,
    targets: &[
        Target::gate("rounds without exactly one winner", 0.0, Unit::Count),
        Target::gate("losers that were not told who won", 0.0, Unit::Count),
    ],
    faults: &[Fault { name: UNCONDITIONAL, what: "the bucket begins to ignore the terms of puts" }],
    run: |trial| run(trial).boxed(),
};

const PUBLISHERS: usize = 32;
const ROUNDS: u64 = 50;
/// After so many rounds that went wrong, more would tell nothing new.
const DOUBT_MAX: u64 = 2;
const ID: &str = "wgt_main_faq";

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let publishers: Vec<Publisher> =
        try_join_all((0..PUBLISHERS).map(|number| publisher_of(&trial, number))).await?;
    // All have asked what the bucket promises, and know of one first publication.
    entitle(&publishers[0], ID, "first").await?;
    publish(&publishers[0]).await?;
    try_join_all(publishers.iter().map(async |publisher| {
        entitle(publisher, ID, "first").await?;
        publisher.store.probe().await?;
        publisher.adopt(&[]).await?;
        anyhow::Ok(())
    }))
    .await?;
    if trial.has_fault(UNCONDITIONAL) {
        trial.lab.bucket().await?.set_broken(&[Promise::ReplaceOnly, Promise::CreateOnly]);
    }

    trial.progress(format!("{ROUNDS} rounds of {PUBLISHERS} publishers"));
    let (mut wrong, mut untold, mut numbers) = (0, 0, 1);
    for round in 0..ROUNDS {
        let (winners, told) = race(&publishers, round).await?;
        wrong += u64::from(winners.len() != 1);
        untold += told
            .iter()
            .filter(|why| winners.iter().all(|winner| !why.contains(&format!("by {winner} "))))
            .count() as u64;
        numbers += 1;
        if wrong > DOUBT_MAX {
            break;
        }
        try_join_all(publishers.iter().map(async |publisher| anyhow::Ok(publisher.adopt(&[]).await?)))
            .await?;
    }
    evidence.check_eq(
        "rounds with none or several winners, and losers who were not told",
        (wrong, untold),
        (0, 0),
    );
    evidence.count("rounds without exactly one winner", wrong, Unit::Count);
    evidence.count("losers that were not told who won", untold, Unit::Count);
    if wrong == 0 {
        let id = AuthoredId::parse(ID)?;
        let manifest = Reader::new(trial.lab.store().await?.store()?).manifest(&id).await?;
        evidence.check_eq("the last number", manifest.sequence, numbers);
        let expected: Vec<u64> = (1..=numbers).rev().collect();
        evidence.check_eq(
            "numbers from the pointer back",
            history(&publishers[0], &id, manifest).await?,
            expected,
        );
    }
    Ok(evidence)
}

/// The numbers of the manifests that name each other, from one back to the first.
async fn history(publisher: &Publisher, id: &AuthoredId, last: Manifest) -> Result<Vec<u64>> {
    let mut numbers = vec![last.sequence];
    let mut before = last.previous;
    while let Some(hash) = before {
        let key = format!("{ROOT}/{id}/manifest.{hash}.json");
        let bytes = publisher.store.get(&key, 1 << 20).await?.bytes;
        let manifest = Manifest::unseal(&bytes, id, &key)?;
        numbers.push(manifest.sequence);
        before = manifest.previous;
    }
    Ok(numbers)
}

async fn publisher_of(trial: &Trial, number: usize) -> Result<Publisher> {
    publisher(trial, &format!("author-{number:02}")).await
}

/// Who won, and what the others were told.
async fn race(publishers: &[Publisher], round: u64) -> Result<(BTreeSet<String>, Vec<String>)> {
    let barrier = Arc::new(Barrier::new(publishers.len()));
    let racers = publishers.iter().map(|publisher| {
        let (publisher, barrier) = (publisher.clone(), barrier.clone());
        tokio::spawn(async move {
            entitle(&publisher, ID, &format!("{} in round {round}", publisher.name)).await?;
            barrier.wait().await;
            anyhow::Ok((publisher.name.clone(), publish(&publisher).await?))
        })
    });
    let (mut winners, mut told) = (BTreeSet::new(), Vec::new());
    for racer in racers.collect::<Vec<_>>() {
        let (name, report) = racer.await??;
        match (report.published.as_slice(), report.failed.as_slice()) {
            ([_], []) => drop(winners.insert(name)),
            ([], [(_, why)]) => told.push(why.clone()),
            other => ensure!(false, "an unexpected outcome: {other:?}"),
        }
    }
    Ok((winners, told))
}
