//! P2: two machines that wrote offline hold the same after they met.
//!
//! Why: notes are written wherever one is. There is no server that could say what counts.
//!
//! Method: two machines edit and remove notes at random, each for itself, and meet through a folder, several times.
//!
//! Accept when both hold equal rows after each meeting, nothing is missing, and a further meeting moves nothing.

use futures::FutureExt;
use zenith_core::lake::Store;
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::notes::{Machine, same};

const WITHHELD: &str = "pack-withheld";

pub const SPIKE: Spike = Spike {
    id: "P2",
    title: "two machines that wrote offline hold the same after they met",
    group: Group::Notes,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[
        Target::gate("meetings after which they differ", 0.0, Unit::Count),
        Target::gate("packs that are missing", 0.0, Unit::Count),
    ],
    faults: &[Fault { name: WITHHELD, what: "a pack of the first machine never arrives" }],
    run: |trial| run(trial).boxed(),
};

const MEETINGS: usize = 5;

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let place = trial.lab.folder().join("between");
    let store = Store::folder(&place)?;
    let (mut one, mut other) = (Machine::start(&trial, "one").await?, Machine::start(&trial, "other").await?);
    let (mut differ, mut missing) = (0, 0);
    for meeting in 0..MEETINGS {
        one.edit(30).await?;
        other.edit(30).await?;
        one.sync(&store).await?;
        if trial.has_fault(WITHHELD) && meeting == 1 {
            let own = "workspace/private/olive";
            let all = store.list(own).await?;
            let second = all.iter().find(|listed| listed.key.contains("/00000002-"));
            store.delete(&second.ok_or_else(|| anyhow::anyhow!("no second pack"))?.key).await?;
        }
        missing += other.sync(&store).await?.holes.len();
        if !trial.has_fault(WITHHELD) {
            missing += one.sync(&store).await?.holes.len();
        }
        differ += usize::from(!same(&one, &other));
    }
    evidence.count("meetings after which they differ", differ as u64, Unit::Count);
    evidence.count("packs that are missing", missing as u64, Unit::Count);
    evidence.count("rows", one.rows().tables.values().map(|rows| rows.len() as u64).sum(), Unit::Rows);
    evidence.check("there are notes to meet with", one.rows().notes().len() > 20);
    if !trial.has_fault(WITHHELD) {
        let again = other.sync(&store).await?;
        evidence.check_eq("packs of a further meeting", (again.pulled, again.pushed), (0, 0));
    }
    Ok(evidence)
}
