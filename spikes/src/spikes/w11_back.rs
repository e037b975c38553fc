//! W11: one can go back to each of the last 20 publications, an older pointer is refused, and a sweep takes exactly what
//! nothing names and is old.
//!
//! Why: what was published wrongly must be taken back at once, and by nobody else. And a store that only grows is swept one
//! day: what a reader or a publication under way still needs must not be in that sweep.
//!
//! Method: an instance is published 21 times, and rolled back to each of the last 20 numbers. The pointers of the
//! publication before are put back, before a reader that is started anew. Then objects are dated to either side of the
//! grace, and swept while another author is in the middle of a publication that names an object of the first again.
//!
//! Accept when readers get each rollback under a new number; no older pointer, and no other of the same number; the sweep
//! takes what neither the last 20 manifests nor somebody young names, and nothing else; and the other author ends well.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use futures::FutureExt;
use zenith_core::lake::Put;
use zenith_core::lake::export::GRACE;
use zenith_core::publish::{AuthoredId, Manifest, PublishError, Publisher, ROOT, Reader, Terms};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::instances::{english, entitle, publish, publish_steps, publisher, roll_back, verify};

const FORGETFUL: &str = "forgetful-reader";
const CLOCK: &str = "clock-moved";

pub const SPIKE: Spike = Spike {
    id: "W11",
    title: "the last 20 publications can be gone back to, older pointers are refused, and sweeps take what nothing names",
    group: Group::Publishing,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[
        Target::gate("rollbacks that readers did not get", 0.0, Unit::Count),
        Target::gate("older states that were taken", 0.0, Unit::Count),
        Target::gate("objects that a sweep took or left wrongly", 0.0, Unit::Count),
    ],
    faults: &[
        Fault { name: FORGETFUL, what: "a reader forgets what it saw when it is started anew" },
        Fault { name: CLOCK, what: "the store dates what was just put three days back" },
    ],
    run: |trial| run(trial).boxed(),
};

const ID: &str = "wgt_main_hero";
const PUBLICATIONS: u64 = 21;
/// Manifests that stay.
const KEPT: usize = 20;
const MINUTE: Duration = Duration::from_secs(60);
const OBJECT_BYTES_MAX: u64 = 1 << 20;

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let author = publisher(&trial, "author").await?;
    let memory = trial.lab.folder().join("seen.db");
    for number in 1..=PUBLICATIONS {
        entitle(&author, ID, &word(number)).await?;
        let report = publish(&author).await?;
        ensure!(report.failed.is_empty(), "{report:?}");
    }
    trial.progress("rollbacks");
    let step = if trial.is_brief { 10 } else { 1 };
    let (mut last, mut wrong) = (PUBLICATIONS, 0);
    for number in (PUBLICATIONS - KEPT as u64 + 1..=PUBLICATIONS).rev().step_by(step) {
        roll_back(&author, &AuthoredId::parse(ID)?, number).await?;
        last += 1;
        wrong += u64::from(resolved(&author, &memory).await? != (word(number), last));
    }
    evidence.count("rollbacks that readers did not get", wrong, Unit::Count);

    trial.progress("older pointers");
    let taken = put_back(&trial, &author, &memory).await?;
    evidence.count("older states that were taken", taken, Unit::Count);
    evidence.check_eq("what differs once they are as they were", verify(&author).await?, []);

    trial.progress("a sweep beside a publication");
    let strays = sweep(&trial, &author, &mut evidence).await?;
    evidence.count("objects that a sweep took or left wrongly", strays, Unit::Count);
    Ok(evidence)
}

fn word(number: u64) -> String {
    format!("word {number}")
}

/// What a reader gets that was started anew.
async fn resolved(author: &Publisher, memory: &Path) -> Result<(String, u64)> {
    let reader = Reader::remembering(author.store.clone(), memory);
    let got = reader.resolve(&AuthoredId::parse(ID)?, &english()?, &Terms::default()).await?;
    let title = got.content.get("title").and_then(|title| title.as_str()).context("it has no title")?;
    Ok((title.to_string(), got.sequence))
}

/// Puts pointers back to what they were, and counts what readers take nevertheless.
async fn put_back(trial: &Trial, author: &Publisher, memory: &Path) -> Result<u64> {
    let (id, keys) =
        (AuthoredId::parse(ID)?, [format!("{ROOT}/{ID}/manifest.json"), format!("{ROOT}/catalog.json")]);
    let read = async |key: &String| anyhow::Ok(author.store.get(key, OBJECT_BYTES_MAX).await?.bytes.to_vec());
    let old = [read(&keys[0]).await?, read(&keys[1]).await?];
    entitle(author, ID, "the newest").await?;
    publish(author).await?;
    let new = [read(&keys[0]).await?, read(&keys[1]).await?];
    let mut forged = Manifest::unseal(&new[0], &id, "the pointer")?;
    forged.publisher = "somebody".to_string();
    let reader = || {
        if trial.has_fault(FORGETFUL) {
            // One that is gone already is forgotten, too.
            let _ = std::fs::remove_file(memory);
        }
        Reader::remembering(author.store.clone(), memory)
    };
    reader().manifest(&id).await?;
    reader().set().await?;
    let put =
        async |at: usize, bytes: Vec<u8>| author.store.put(&keys[at], bytes.into(), Put::Overwrite).await;
    let mut taken = 0;
    put(0, old[0].clone()).await?;
    taken += u64::from(!matches!(reader().manifest(&id).await, Err(PublishError::Older { .. })));
    put(0, forged.seal()?).await?;
    taken += u64::from(!matches!(reader().manifest(&id).await, Err(PublishError::Forked { .. })));
    put(1, old[1].clone()).await?;
    taken += u64::from(!matches!(reader().set().await, Err(PublishError::Older { .. })));
    put(0, new[0].clone()).await?;
    put(1, new[1].clone()).await?;
    Ok(taken)
}

/// Sweeps while another author has put what nothing names yet, and counts what was taken or left against the rules.
async fn sweep(trial: &Trial, author: &Publisher, evidence: &mut Evidence) -> Result<u64> {
    let folder = format!("{ROOT}/{ID}");
    author.store.put(&format!("{folder}/notes.txt"), "somebody's".into(), Put::Overwrite).await?;
    let before = keys(author).await?;
    let kept = named(author, &before).await?;
    // The first word again: its artifact lies there, and nothing that stays names it.
    let other = publisher(trial, "other").await?;
    entitle(&other, ID, &word(1)).await?;
    other.adopt(&[]).await?;
    // Generated and uploaded.
    publish_steps(&other, 2).await?;
    let fresh: BTreeSet<String> = keys(author).await?.difference(&before).cloned().collect();
    evidence.check_eq("objects that the other put: its manifest, and no artifact", fresh.len(), 1);

    date(trial, &before, GRACE - MINUTE)?;
    let young = author.collect(GRACE).await?;
    evidence.check_eq("objects taken within the grace", young.removed, 0);
    date(trial, &before, GRACE + MINUTE)?;
    if trial.has_fault(CLOCK) {
        date(trial, &fresh, GRACE + MINUTE)?;
    }
    author.collect(GRACE).await?;
    let after = keys(author).await?;
    let expected: BTreeSet<String> = kept.union(&fresh).cloned().collect();
    evidence.check("there was something to take", before.len() > kept.len());

    let report = publish(&other).await?;
    evidence.check_with("the other ends well", report.failed.is_empty(), || format!("{report:?}"));
    evidence.check_eq("what then differs", verify(&other).await?, []);
    let got = resolved(&other, &trial.lab.folder().join("seen.db")).await?;
    evidence.check_eq("what readers get of the other", got.0, word(1));
    Ok(after.symmetric_difference(&expected).count() as u64)
}

async fn keys(author: &Publisher) -> Result<BTreeSet<String>> {
    Ok(author.store.list(ROOT).await?.into_iter().map(|object| object.key).collect())
}

/// What must stay of these: pointers, what is none of ours, the last manifests, and what they name.
async fn named(author: &Publisher, keys: &BTreeSet<String>) -> Result<BTreeSet<String>> {
    let (mut kept, mut manifests) = (BTreeSet::new(), BTreeMap::new());
    let id = AuthoredId::parse(ID)?;
    for key in keys {
        let name = key.rsplit('/').next().unwrap_or_default();
        match name.split('.').collect::<Vec<_>>()[..] {
            ["manifest", _, "json"] => {
                let bytes = author.store.get(key, OBJECT_BYTES_MAX).await?.bytes;
                let manifest = Manifest::unseal(&bytes, &id, key)?;
                manifests.insert(manifest.sequence, (key.clone(), manifest));
            }
            [_, _, "json"] => {}
            _ => drop(kept.insert(key.clone())),
        }
    }
    for (key, manifest) in manifests.into_values().rev().take(KEPT) {
        kept.insert(key);
        let artifacts = manifest.locales.iter();
        kept.extend(artifacts.map(|(locale, of)| format!("{ROOT}/{ID}/{locale}.{}.json", of.sha256)));
    }
    Ok(kept)
}

/// Dates objects back, as the bucket's server has them.
fn date(trial: &Trial, keys: &BTreeSet<String>, age: Duration) -> Result<()> {
    let root = trial.lab.folder().join("s3/zenith/lab");
    let then = SystemTime::now() - age;
    for key in keys {
        let file = std::fs::File::options().write(true).open(root.join(key))?;
        file.set_modified(then)?;
    }
    Ok(())
}
