//! E2: a reader tells from the manifest whether its copy is stale, and why.
//!
//! Why: with files cached on one's own disk one must know when to fetch them again, and one request must be enough
//! to find out.
//!
//! Method: manifests of now, of 59 and 61 minutes ago, of tomorrow (a clock that runs ahead), and of an unknown
//! schema version are put one after another; a reader that keeps copies for an hour judges each.
//!
//! Accept when each is judged rightly, with one request where the lab counts, and the packages are listed.

use chrono::TimeDelta;
use futures::FutureExt;
use object_store::ObjectStoreExt;
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Trial};

use crate::manifest::{Freshness, Manifest, now};
use crate::parquet_export::Place;
use crate::rows;

const AHEAD: &str = "writer's-clock-ahead";

pub const SPIKE: Spike = Spike {
    id: "E2",
    title: "a reader tells from the manifest whether its copy is stale, and why",
    group: Group::Manifest,
    backends: &[Backend::Local, Backend::Container, Backend::Cloud],
    expected: Expected::Holds,
    targets: &[],
    faults: &[Fault { name: AHEAD, what: "the writer's clock is two hours ahead of the reader's" }],
    run: |trial| run(trial).boxed(),
};

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let store = trial.lab.store().await?;
    let client = store.client()?;
    let path = Place::of(&trial).await?.store.path("packages/org_acme/manifest.json");
    let packages = rows::packages(250, 100);
    let counting = match trial.lab.backend() {
        Backend::Local => Some(trial.lab.bucket().await?),
        _ => None,
    };
    let hour = TimeDelta::hours(1);
    let ahead = if trial.has_fault(AHEAD) { TimeDelta::hours(2) } else { TimeDelta::zero() };
    let ages = [
        ("just now", TimeDelta::zero(), Freshness::Fresh),
        ("59 minutes ago", TimeDelta::minutes(59), Freshness::Fresh),
        ("61 minutes ago", TimeDelta::minutes(61), Freshness::Stale),
        ("tomorrow", TimeDelta::hours(-24), Freshness::FromTheFuture),
    ];
    for (name, age, expected) in ages {
        let written = Manifest::new(&packages, now() - age + ahead);
        client.put(&path, serde_json::to_vec(&written)?.into()).await?;
        if let Some(bucket) = counting {
            bucket.reset();
        }
        let read: Manifest = serde_json::from_slice(&client.get(&path).await?.bytes().await?)?;
        if let Some(bucket) = counting {
            evidence.check_eq(format!("requests to judge an export of {name}"), bucket.count().requests(), 1);
        }
        evidence.check_eq(format!("an export of {name}"), read.freshness(now(), hour), expected);
        let listed: Vec<&str> = read.packages.iter().map(|package| package.package.as_str()).collect();
        let exported: Vec<&str> = packages.iter().map(|package| package.package.as_str()).collect();
        evidence.check_eq(format!("packages of the export of {name}"), listed, exported);
    }
    let unknown = Manifest { schema_version: 99, ..Manifest::new(&packages, now()) };
    client.put(&path, serde_json::to_vec(&unknown)?.into()).await?;
    let read: Manifest = serde_json::from_slice(&client.get(&path).await?.bytes().await?)?;
    evidence.check_eq("an unknown schema version", read.freshness(now(), hour), Freshness::UnknownSchema);
    Ok(evidence)
}
