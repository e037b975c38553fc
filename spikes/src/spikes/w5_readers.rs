//! W5: readers see every publication whole, or the one before it.
//!
//! Why: a page that shows one widget of today beside another of yesterday, or none at all, is what publishing by
//! overwriting files does.
//!
//! Method: one author publishes two instances that belong together, 200 times, each time with one word in both. 16
//! readers, each with a memory of its own, go by the set all the while, and by the pointer of one of them.
//!
//! Accept when no reader sees two words in one set, misses anything that was named, or sees a number fall.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use anyhow::{Result, ensure};
use futures::FutureExt;
use zenith_core::publish::{AuthoredId, Locale, PublishError, Publisher, Reader, Terms};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::instances::{entitle, publish, publisher};

const SWEPT: &str = "swept-at-once";

pub const SPIKE: Spike = Spike {
    id: "W5",
    title: "16 readers see 200 publications whole, each or the one before it",
    group: Group::Publishing,
    backends: &[Backend::Local, Backend::Container],
    expected: Expected::Holds,
    targets: &[
        Target::gate("sets that mix two publications", 0.0, Unit::Count),
        Target::gate("named objects that were not there", 0.0, Unit::Count),
        Target::gate("numbers that fell", 0.0, Unit::Count),
    ],
    faults: &[Fault { name: SWEPT, what: "what the new manifest does not name is removed at once" }],
    run: |trial| run(trial).boxed(),
};

const READERS: usize = 16;
const PUBLICATIONS: usize = 200;
const PAIR: [&str; 2] = ["wgt_main_faq", "wgt_main_hero"];
/// With the fault planted, that is enough to see it.
const DOUBT_MAX: u64 = 20;

/// What a reader met.
#[derive(Default)]
struct Met {
    mixed: u64,
    missing: u64,
    fell: u64,
    reads: u64,
}

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let author = publisher(&trial, "author").await?;
    go(&author, 0).await?;
    let done = Arc::new(AtomicBool::new(false));
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let reader = Reader::new(trial.lab.store().await?.store()?);
        readers.push(tokio::spawn(read(reader, done.clone())));
    }
    trial.progress(format!("{PUBLICATIONS} publications before {READERS} readers"));
    let swept = trial.has_fault(SWEPT);
    let publications = if swept { PUBLICATIONS / 4 } else { PUBLICATIONS };
    for number in 1..=publications {
        go(&author, number).await?;
        if swept {
            sweep(&author).await?;
        }
    }
    done.store(true, Relaxed);
    let mut met = Met::default();
    for reader in readers {
        let one = reader.await??;
        met.mixed += one.mixed;
        met.missing += one.missing;
        met.fell += one.fell;
        met.reads += one.reads;
    }
    ensure!(met.reads > 0, "no reader read anything");
    let wrong = (met.mixed, met.missing, met.fell);
    evidence.check_eq("what readers saw that was no whole publication", wrong, (0, 0, 0));
    evidence.count("sets that mix two publications", met.mixed, Unit::Count);
    evidence.count("named objects that were not there", met.missing, Unit::Count);
    evidence.count("numbers that fell", met.fell, Unit::Count);
    evidence.count("reads", met.reads, Unit::Count);
    Ok(evidence)
}

/// One publication of both, with one word.
async fn go(author: &Publisher, number: usize) -> Result<()> {
    for id in PAIR {
        entitle(author, id, &format!("word {number}")).await?;
    }
    let report = publish(author).await?;
    ensure!(report.failed.is_empty() && report.published.len() == PAIR.len(), "{report:?}");
    Ok(())
}

async fn read(reader: Reader, done: Arc<AtomicBool>) -> Result<Met> {
    let (mut met, mut last) = (Met::default(), 0);
    let (en, terms) = (Locale::parse("en")?, Terms::default());
    let ids = [AuthoredId::parse(PAIR[0])?, AuthoredId::parse(PAIR[1])?];
    while !done.load(Relaxed) && met.missing < DOUBT_MAX {
        met.reads += 1;
        let whole = async {
            let set = reader.set().await?;
            let one = reader.resolve_in(&set, &ids[0], &en, &terms).await?;
            let other = reader.resolve_in(&set, &ids[1], &en, &terms).await?;
            Ok::<bool, PublishError>(one.content != other.content)
        };
        match whole.await {
            Ok(mixed) => met.mixed += u64::from(mixed),
            Err(PublishError::Older { .. }) => met.fell += 1,
            Err(_) => met.missing += 1,
        }
        match reader.resolve(&ids[0], &en, &terms).await {
            Ok(one) => {
                met.fell += u64::from(one.sequence < last);
                last = one.sequence;
            }
            Err(PublishError::Older { .. }) => met.fell += 1,
            Err(_) => met.missing += 1,
        }
    }
    Ok(met)
}

/// Removes whatever the pointers do not name, as a careless sweep does.
async fn sweep(author: &Publisher) -> Result<()> {
    for (id, live) in author.authored.live().await? {
        let named: Vec<String> = live.manifest().locales.values().map(|of| of.sha256.to_string()).collect();
        for object in author.store.list(&format!("instances/curated/{id}")).await? {
            let is_named =
                object.key.ends_with("/manifest.json") || named.iter().any(|hash| object.key.contains(hash));
            if !is_named {
                author.store.delete(&object.key).await?;
            }
        }
    }
    Ok(())
}
