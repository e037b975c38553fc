//! Spikes of no meaning, for the tests of the program.

use futures::FutureExt;
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

/// One that holds, one that is refuted as expected, one that is not what is committed.
pub static TOYS: &[Spike] = &[
    Spike {
        id: "A1",
        title: "Rows are written",
        group: Group::Export,
        backends: &[Backend::Embedded, Backend::Local],
        expected: Expected::Holds,
        targets: &[Target::gate("requests", 2.0, Unit::Requests)],
        faults: &[
            Fault { name: "one-more-request", what: "It asks once more." },
            Fault { name: "unnoticed", what: "Nothing looks there." },
        ],
        run: |trial| holds(trial).boxed(),
    },
    Spike {
        id: "J1",
        title: "Rows are private",
        group: Group::Catalog,
        backends: &[Backend::Embedded],
        expected: Expected::Refuted,
        targets: &[],
        faults: &[],
        run: |_| refuted().boxed(),
    },
    Spike {
        id: "J2",
        title: "Rows are found",
        group: Group::Catalog,
        backends: &[Backend::Embedded, Backend::Container],
        expected: Expected::Holds,
        targets: &[],
        faults: &[],
        run: |_| refuted().boxed(),
    },
];

async fn holds(trial: Trial) -> anyhow::Result<Evidence> {
    trial.progress("writing");
    let mut evidence = Evidence::new();
    evidence.check("rows are there", true);
    evidence.count("requests", 1 + 2 * u64::from(trial.has_fault("one-more-request")), Unit::Requests);
    Ok(evidence)
}

async fn refuted() -> anyhow::Result<Evidence> {
    let mut evidence = Evidence::new();
    evidence.check_eq("rows", 1, 2);
    Ok(evidence)
}
