//! P11: notes meet through a folder and through a bucket, and what is wrong there is named.
//!
//! Why: a store is others' to write to, by mistake or not. Notes must not take what nobody wrote as notes.
//!
//! Method: three machines write offline and meet through a folder and a bucket; one object is put there twice.
//!
//! Accept when all hold equal rows, no pack is missing and no object is left where it lies.

use futures::FutureExt;
use zenith_core::lake::{Put, Store};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::notes::{Machine, same};

const TRUNCATED: &str = "object-truncated";
const MISSING: &str = "object-missing";
const FOREIGN: &str = "another-documents-object";

pub const SPIKE: Spike = Spike {
    id: "P11",
    title: "notes meet through a folder and a bucket",
    group: Group::Notes,
    backends: &[Backend::Embedded, Backend::Container, Backend::Cloud],
    expected: Expected::Holds,
    targets: &[
        Target::gate("packs that are missing", 0.0, Unit::Count),
        Target::gate("objects that are left", 0.0, Unit::Count),
    ],
    faults: &[
        Fault { name: TRUNCATED, what: "a pack lacks its last byte" },
        Fault { name: MISSING, what: "a pack between two others is gone" },
        Fault { name: FOREIGN, what: "a pack of another document lies under a name of this one" },
    ],
    run: |trial| run(trial).boxed(),
};

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let stores = [Store::folder(&trial.lab.folder().join("between"))?, trial.lab.store().await?.store()?];
    let (mut missing, mut left) = (0, 0);
    for (at, store) in stores.iter().enumerate() {
        let mut machines = Vec::new();
        for name in ["one", "other", "third"] {
            machines.push(Machine::start(&trial, &format!("{name}{at}")).await?);
        }
        let [one, other, third] = machines.as_mut_slice() else { anyhow::bail!("three machines") };
        for _ in 0..3 {
            one.edit(20).await?;
            one.sync(store).await?;
        }
        evidence.check("there are notes to meet with", one.rows().notes().len() > 20);
        spoil(&trial, store).await?;
        for machine in [&mut *other, &mut *third] {
            machine.edit(20).await?;
            let synced = machine.sync(store).await?;
            missing += synced.holes.len();
            left += synced.left.len();
        }
        for machine in [&*other, &*third] {
            machine.sync(store).await?;
        }
        if trial.fault.is_none() {
            one.sync(store).await?;
            evidence.check(
                format!("all hold the same through {}", store.name()),
                same(one, other) && same(one, third),
            );
        }
    }
    evidence.count("packs that are missing", missing as u64, Unit::Count);
    evidence.count("objects that are left", left as u64, Unit::Count);
    Ok(evidence)
}

/// What somebody may do to a store.
async fn spoil(trial: &Trial, store: &Store) -> anyhow::Result<()> {
    let listed = store.list("workspace/private/olive").await?;
    let second = listed.iter().find(|listed| listed.key.contains("/00000002-"));
    let second = second.ok_or_else(|| anyhow::anyhow!("no second pack"))?;
    let bytes = store.get(&second.key, 1 << 20).await?.bytes;
    match trial.fault {
        Some(TRUNCATED) => {
            store.put(&second.key, bytes.slice(..bytes.len() - 1), Put::Overwrite).await?;
        }
        Some(MISSING) => store.delete(&second.key).await?,
        Some(FOREIGN) => {
            // Under another writer's name, with all else as it was.
            let mut parts: Vec<&str> = second.key.split('/').collect();
            let writer = "0".repeat(32);
            let place = parts.len() - 2;
            parts[place] = &writer;
            store.put(&parts.join("/").replace("00000002-", "00000001-"), bytes, Put::Overwrite).await?;
        }
        // Once more, as after an answer that was lost.
        _ => {
            store.put(&second.key, bytes, Put::Overwrite).await?;
        }
    }
    Ok(())
}
