//! L1: of many who want to index one package, exactly one does; when it dies, exactly one takes over.
//!
//! Why: a crowd that indexes the same package wastes its work, and two writers of one dataset corrupt
//! it. The database's key is the only lock that machines which do not know each other share.
//!
//! Method: 32 writers, each with a connection of its own, claim one package through the product at the
//! same moment, 50 times. Then a winner falls silent: nobody renews its claim. All 32 claim again and
//! again, before and after its lease, and at last the dead one tries to finish.
//!
//! Accept when each round has one winner and 31 losers who are told its name; nobody takes a claim
//! over before its lease ends; afterwards exactly one does; and the dead one can finish nothing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use futures::FutureExt;
use futures::future::try_join_all;
use tokio::sync::Barrier;
use zenith_core::catalog::{Catalog, ClaimOutcome};
use zenith_core::identity::Scope;
use zenith_core::package::PackageId;
use zenith_harness::lab::LabDatabase;
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::packages::{self, finished, id};

const KEY: &str = "unique-key-dropped";
const NO_LEASE: &str = "lease-ignored";

pub const SPIKE: Spike = Spike {
    id: "L1",
    title: "of 32 writers on one package one wins, and after its death one takes over",
    group: Group::Operations,
    backends: &[Backend::Embedded, Backend::Local, Backend::Container, Backend::Cloud],
    expected: Expected::Holds,
    targets: &[
        Target::gate("rounds without exactly one winner", 0.0, Unit::Count),
        Target::tripwire("one round of 32 writers", 5.0),
    ],
    faults: &[
        Fault { name: KEY, what: "the table has no key" },
        Fault { name: NO_LEASE, what: "a claim is taken over although its lease runs" },
    ],
    run: |trial| run(trial).boxed(),
};

const WRITERS: usize = 32;
const ROUNDS: usize = 50;
/// After so many rounds that went wrong, more would tell nothing new.
const DOUBT_MAX: u64 = 2;
/// Short, so that its end is seen; long beside a round.
const LEASE: Duration = Duration::from_secs(2);

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let database = trial.lab.database("catalog").await?;
    let first = database.catalog().await?;
    if trial.has_fault(KEY) {
        packages::drop_key(&database.open().await?.connect()?).await?;
    }
    drop(first);
    let lease = if trial.has_fault(NO_LEASE) { Duration::ZERO } else { LEASE };
    let writers = writers(&database, lease).await?;

    trial.progress(format!("{ROUNDS} rounds of {WRITERS} writers"));
    let (mut wrong, mut misled) = (0, 0);
    let started = Instant::now();
    for round in 0..ROUNDS {
        let outcomes = claim_all(&writers, &id(&format!("package-{round}"))?).await?;
        wrong += u64::from(outcomes.winners.len() != 1);
        misled += u64::from(outcomes.named != outcomes.winners);
        if wrong > DOUBT_MAX {
            break;
        }
    }
    evidence.time("one round of 32 writers", started.elapsed() / u32::try_from(ROUNDS)?);
    evidence.count("rounds without exactly one winner", wrong, Unit::Count);
    evidence.check_eq("rounds in which a loser was not told the winner's name", misled, 0);

    trial.progress("the winner dies");
    let package = id("package-of-the-dead")?;
    let dead = claim_all(&writers, &package).await?;
    let claimed = Instant::now();
    ensure!(!dead.winners.is_empty(), "nobody won");
    let (mut early, mut rounds) = (0, 0);
    let takers = loop {
        let outcomes = claim_all(&writers, &package).await?;
        rounds += 1;
        if !outcomes.winners.is_empty() {
            // By this machine's clock, which began a little before the database's.
            early += u64::from(claimed.elapsed() < LEASE.mul_f64(0.9));
            break outcomes;
        }
        ensure!(claimed.elapsed() < LEASE * 10, "nobody took the claim over");
    };
    evidence.check_eq("takeovers before the lease ended", early, 0);
    evidence.check_eq("writers who took over", takers.winners.len(), 1);
    // In the round of the takeover some asked before the lease ended, and were told the dead one.
    let afterwards = claim_all(&writers, &package).await?;
    evidence.check_eq("all are told the new holder afterwards", &afterwards.named, &takers.winners);
    evidence.count("rounds until the takeover", rounds, Unit::Count);

    let row = [finished(&Scope::Public, &package)];
    let dead = dead.winners.iter().next().cloned().unwrap_or_default();
    let taker = takers.winners.iter().next().cloned().unwrap_or_default();
    if dead != taker {
        let late = writers[0].finish(&row, &dead).await?;
        evidence.check_eq("the dead one finishes nothing", late, vec![Err(())]);
    }
    evidence.check_eq("the new holder finishes", writers[0].finish(&row, &taker).await?, vec![Ok(None)]);
    Ok(evidence)
}

async fn writers(database: &LabDatabase, lease: Duration) -> anyhow::Result<Vec<Arc<Catalog>>> {
    try_join_all((0..WRITERS).map(async |_| Ok(Arc::new(database.catalog().await?.with_lease(lease))))).await
}

/// Who won a round, and whom the losers were told to hold the claim.
struct Round {
    winners: BTreeSet<String>,
    named: BTreeSet<String>,
}

async fn claim_all(writers: &[Arc<Catalog>], package: &PackageId) -> anyhow::Result<Round> {
    let barrier = Arc::new(Barrier::new(writers.len()));
    let racers = writers.iter().enumerate().map(|(number, writer)| {
        let (writer, barrier, package) = (writer.clone(), barrier.clone(), package.clone());
        tokio::spawn(async move {
            let holder = format!("writer-{number}-{}", next_number());
            barrier.wait().await;
            let outcomes = writer.claim(&Scope::Public, &[package], &holder, false, |_| false).await?;
            anyhow::Ok((holder, outcomes))
        })
    });
    let mut round = Round { winners: BTreeSet::new(), named: BTreeSet::new() };
    for racer in racers.collect::<Vec<_>>() {
        let (holder, outcomes) = racer.await??;
        match outcomes.as_slice() {
            [ClaimOutcome::Won] => drop(round.winners.insert(holder)),
            [ClaimOutcome::Held(claim)] => drop(round.named.insert(claim.holder.clone())),
            other => anyhow::bail!("an unexpected outcome: {other:?}"),
        }
    }
    Ok(round)
}

/// A holder is never the same twice.
fn next_number() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
