//! W7: a publication that is killed at any point is finished by the next, as if nothing had happened.
//!
//! Why: a publication goes through a ledger, a bucket and a database that know nothing of each other. Whatever ends it in
//! between must leave readers what they had, or the new, and the next run a way on.
//!
//! Method: two instances that belong together are published again and again, each time with one number as their word. Each
//! time the publication dies: after so many steps of the ledger, at each request to the bucket and to the mirror before it
//! was done and after, at random moments; or it lives on while wires are cut before, after and within an answer. Then
//! readers look, by the pointers and by the set, and another program with the same folder publishes.
//!
//! Accept when readers see the old or the new and never a set of both; the next publication ends with the new under the
//! number that was its; and the bucket holds one manifest a number, the artifacts of each word, and nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::FutureExt;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use zenith_core::catalog::Server;
use zenith_core::lake::Store;
use zenith_core::publish::{Artifact, AuthoredId, Mirror, Publisher, ROOT, Reader, Resolved, Sha256, Terms};
use zenith_harness::lab::{Bucket, CutAt, Fault as Befalls, FaultPlan, Wire};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::instances::{english, entitle, publish, publish_steps, publisher_into, raw, verify};

const EARLY: &str = "ledger-before-pointer";

pub const SPIKE: Spike = Spike {
    id: "W7",
    title: "a publication that is killed at any point is finished by the next, as if nothing had happened",
    group: Group::Publishing,
    backends: &[Backend::Local],
    expected: Expected::Holds,
    targets: &[
        Target::gate("looks that saw neither the old nor the new whole", 0.0, Unit::Count),
        Target::gate("publications that readers did not get under their number", 0.0, Unit::Count),
        Target::gate("objects that are missing or too many", 0.0, Unit::Count),
    ],
    faults: &[Fault { name: EARLY, what: "the ledger says that the pointer was swapped, and it was not" }],
    run: |trial| run(trial).boxed(),
};

const PAIR: [&str; 2] = ["wgt_main_faq", "wgt_main_hero"];
/// Steps up to the one after which the ledger says that an instance is live.
const STEPS: usize = 5;
const ROUNDS: usize = 20;
const MOMENTS: usize = 200;
/// Where there is little time, one in so many, and so many moments.
const ONE_IN: usize = 11;
const MOMENTS_BRIEF: usize = 1;

/// What befalls a publication.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// It dies after so many steps of the first instance.
    Steps(usize),
    /// It dies while this request to the bucket hangs.
    AtBucket(u64, Befalls),
    /// It dies while this request to the mirror hangs.
    AtMirror(u64, CutAt),
    /// It dies after this time.
    After(Duration),
    /// The wire is cut at this request to the bucket, and it lives.
    Cut(u64, Befalls),
}

/// An author, and what it publishes to.
struct Desk {
    trial: Trial,
    bucket: Arc<Bucket>,
    store: Store,
    wire: Wire,
    mirror: Server,
    reader: Reader,
}

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let desk = Desk::new(trial).await?;
    // The first makes the mirror's tables; the second is what all that follow would be.
    let (mut number, mut clean) = (0, (0, 0));
    for _ in 0..2 {
        number += 1;
        desk.edit(number).await?;
        desk.bucket.reset();
        let before = desk.wire.requests();
        let report = publish(&desk.publisher().await?).await?;
        ensure!(report.failed.is_empty() && report.published.len() == PAIR.len(), "{report:?}");
        clean = (desk.bucket.requests().len() as u64, desk.wire.requests() - before);
    }
    ensure!(clean.0 > 8 && clean.1 > 3, "too few requests were seen: {clean:?}");
    let is_early = desk.trial.has_fault(EARLY);
    let fates = if is_early { vec![Fate::Steps(3)] } else { fates(clean, desk.trial.is_brief) };
    let (mut torn, mut lost) = (0, 0);
    for fate in &fates {
        number += 1;
        desk.edit(number).await?;
        desk.befall(*fate).await.with_context(|| format!("{fate:?}"))?;
        if is_early {
            let early =
                "UPDATE publish_steps SET state = 'swapped', version = 'early' WHERE state = 'mirrored'";
            raw(&desk.publisher().await?.authored).await?.execute(early, ()).await?;
        }
        let (words, _) = desk.look().await?;
        let is_whole = words[2] == words[3] && words.iter().all(|word| [number - 1, number].contains(word));
        torn += u64::from(!is_whole);
        let report = publish(&desk.publisher().await?).await?;
        let (words, numbers) = desk.look().await?;
        let is_there = report.failed.is_empty() && words == [number; 4] && numbers == [number; 2];
        lost += u64::from(!is_there);
        evidence.check_with("each is finished by the next", is_there, || {
            format!("after {fate:?}: number {number}, and words {words:?} under {numbers:?}; {report:?}")
        });
    }
    evidence.count("looks that saw neither the old nor the new whole", torn, Unit::Count);
    evidence.count("publications that readers did not get under their number", lost, Unit::Count);
    evidence.count("kills and cuts", fates.len() as u64, Unit::Count);
    evidence.count("objects that are missing or too many", desk.odd_objects(number).await?, Unit::Count);
    let author = desk.publisher().await?;
    evidence.check_eq("what differs in the end", verify(&author).await?, []);
    evidence.check_eq("publications that are still open", author.authored.open_steps().await?.len(), 0);
    Ok(evidence)
}

/// Everything that can befall a publication of so many requests to the bucket and to the mirror.
fn fates((bucket, mirror): (u64, u64), is_brief: bool) -> Vec<Fate> {
    let mut once: Vec<Fate> = (0..=STEPS).map(Fate::Steps).collect();
    for at in 0..bucket {
        once.extend([Befalls::HangBefore, Befalls::HangAfter].map(|how| Fate::AtBucket(at, how)));
        once.extend(
            [Befalls::CutBefore, Befalls::CutAfter, Befalls::CutWithin].map(|how| Fate::Cut(at, how)),
        );
    }
    for at in 0..mirror {
        once.extend([CutAt::Request, CutAt::Answer].map(|how| Fate::AtMirror(at, how)));
    }
    let mut random = StdRng::seed_from_u64(7);
    let mut moment = |_| Fate::After(Duration::from_millis(random.random_range(0..150)));
    if is_brief {
        // Every instant comes, in another way each.
        return once.into_iter().step_by(ONE_IN).chain((0..MOMENTS_BRIEF).map(&mut moment)).collect();
    }
    let rounds = once.repeat(ROUNDS).into_iter();
    rounds.chain((0..MOMENTS).map(&mut moment)).collect()
}

impl Desk {
    async fn new(trial: Trial) -> Result<Desk> {
        let wire = Wire::to(trial.lab.server()?.address()).await?;
        let mirror = wire.reach(trial.lab.database("curated").await?.server()?)?;
        let store = trial.lab.store().await?.store()?;
        // What the bucket promises is asked once, as a program remembers it.
        store.probe().await?;
        let (bucket, reader) = (trial.lab.bucket().await?.clone(), Reader::new(store.clone()));
        Ok(Desk { trial, bucket, store, wire, mirror, reader })
    }

    /// Another program with the author's folder.
    async fn publisher(&self) -> Result<Publisher> {
        Ok(Publisher {
            store: self.store.clone(),
            mirror: Some(Mirror::connect(&self.mirror).await?),
            ..publisher_into(&self.trial, "author", &["en-XA"]).await?
        })
    }

    async fn edit(&self, number: u64) -> Result<()> {
        let author = self.publisher().await?;
        for id in PAIR {
            entitle(&author, id, &number.to_string()).await?;
        }
        Ok(())
    }

    async fn befall(&self, fate: Fate) -> Result<()> {
        let author = self.publisher().await?;
        match fate {
            Fate::Steps(steps) => publish_steps(&author, steps).await?,
            Fate::AtBucket(at, how) => {
                self.bucket.set_faults(Some(FaultPlan::once(at, how)));
                dies(&author, self.bucket.hanging()).await?;
                self.bucket.set_faults(None);
            }
            Fate::AtMirror(at, how) => {
                self.wire.hang_once(at, how);
                dies(&author, self.wire.hanging()).await?;
                self.wire.mend();
            }
            Fate::After(time) => drop(tokio::time::timeout(time, publish(&author)).await),
            Fate::Cut(at, how) => {
                self.bucket.set_faults(Some(FaultPlan::once(at, how)));
                let report = publish(&author).await?;
                self.bucket.set_faults(None);
                ensure!(report.failed.is_empty(), "a cut that passes ended it: {report:?}");
            }
        }
        Ok(())
    }

    /// The words that readers see, of each by its pointer and then of each in the set, and the numbers of the first two.
    async fn look(&self) -> Result<([u64; 4], [u64; 2])> {
        let (en, terms, set) = (english()?, Terms::default(), self.reader.set().await?);
        let (mut words, mut numbers) = ([0; 4], [0; 2]);
        for (at, id) in PAIR.into_iter().enumerate() {
            let id = AuthoredId::parse(id)?;
            let by_pointer = self.reader.resolve(&id, &en, &terms).await?;
            let in_set = self.reader.resolve_in(&set, &id, &en, &terms).await?;
            (words[at], words[at + 2]) = (word(&by_pointer), word(&in_set));
            numbers[at] = by_pointer.sequence;
        }
        Ok((words, numbers))
    }

    /// Of each instance there should be the pointer, a manifest a number, and of each word the base and the foreign one.
    async fn odd_objects(&self, numbers: u64) -> Result<u64> {
        let mut odd = 0;
        for id in PAIR {
            let (id, folder) = (AuthoredId::parse(id)?, format!("{ROOT}/{id}"));
            let keys: BTreeSet<String> =
                self.store.list(&folder).await?.into_iter().map(|object| object.key).collect();
            for number in 1..=numbers {
                let content = serde_json::Map::from_iter([("title".to_string(), number.to_string().into())]);
                let widget_type = id.widget_type().context("a baseline says its type")?;
                let bytes = Artifact::new(&id, widget_type, &english()?, content).bytes()?;
                odd += u64::from(!keys.contains(&format!("{folder}/en.{}.json", Sha256::of(&bytes))));
            }
            let manifests = keys.iter().filter(|key| key.contains("/manifest.")).count() as u64;
            odd += manifests.abs_diff(numbers + 1);
            odd += (keys.len() as u64).abs_diff(3 * numbers + 1);
        }
        Ok(odd)
    }
}

fn word(of: &Resolved) -> u64 {
    of.content["title"].as_str().and_then(|title| title.parse().ok()).unwrap_or_default()
}

/// Publishes, and dies once something hangs. It may end before it comes to that.
async fn dies(author: &Publisher, hangs: impl Future<Output = ()>) -> Result<()> {
    tokio::select! {
        () = hangs => Ok(()),
        ended = publish(author) => ended.map(drop),
    }
}
