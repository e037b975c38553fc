//! E1: a manifest says on the bucket what was exported, and is written in one step.
//!
//! Why: data files do not say that they are whole, nor of which export. A reader asks the manifest first, so it
//! must be there entirely or not at all.
//!
//! Method: three files are exported, then the documents' manifest (schema version, instant, packages, totals) is put
//! with a condition: only if nothing is there. It is read back by a plain GET, and by DuckDB's `read_json` as any
//! tool would; a second writer that believes to be the first comes too late.
//!
//! Accept when both readers see what was written, under the documents' names, the totals are those of the exported files, and the second
//! conditional put is refused.

use std::collections::BTreeSet;

use futures::FutureExt;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Trial, Unit};

use crate::duck_s3::parquet;
use crate::manifest::{Manifest, now};
use crate::parquet_export::{Place, Rows, blocking};
use crate::sql::literal;
use crate::tables::{CHUNKS, SYMBOLS};

const TORN: &str = "torn";
const COUNTS: &str = "counts-of-another-export";

pub const SPIKE: Spike = Spike {
    id: "E1",
    title: "a manifest says on the bucket what was exported, and is written in one step",
    group: Group::Manifest,
    backends: &[Backend::Local, Backend::Container, Backend::Cloud],
    expected: Expected::Holds,
    targets: &[],
    faults: &[
        Fault { name: TORN, what: "half of the manifest is on the bucket" },
        Fault { name: COUNTS, what: "the manifest's counts are those of another export" },
    ],
    run: |trial| run(trial).boxed(),
};

/// As the documents show them.
const FIELDS: [&str; 6] =
    ["schema_version", "exported_at", "org_id", "packages", "total_symbols", "total_chunks"];
const PACKAGE_FIELDS: [&str; 4] = ["ecosystem", "package", "version", "symbol_count"];

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let place = Place::of(&trial).await?;
    let rows = Rows {
        chunks: Rows::chunks(70).chunks,
        packages: Rows::packages(200, 70).packages,
        ..Rows::symbols(200)
    };
    let mut manifest = Manifest::new(&rows.packages, now());
    if trial.has_fault(COUNTS) {
        manifest.total_symbols += 1;
    }
    let (symbols, chunks) = blocking({
        let place = place.clone();
        move || {
            let writer = place.writer(&rows)?;
            let mut counts = Vec::new();
            for table in [SYMBOLS, CHUNKS] {
                let url = place.url(&format!("{table}.parquet"));
                writer.export(&format!("FROM {table}"), &url)?;
                counts.push(writer.value::<i64>(&format!("SELECT count(*) FROM {}", parquet(&[url])?))?);
            }
            Ok((counts[0], counts[1]))
        }
    })
    .await?;

    let client = place.store.client()?;
    let path = place.store.path("packages/org_acme/manifest.json");
    let bytes = serde_json::to_vec_pretty(&manifest)?;
    let end = if trial.has_fault(TORN) { bytes.len() / 2 } else { bytes.len() };
    let first = || PutOptions::from(PutMode::Create);
    client.put_opts(&path, bytes[..end].to_vec().into(), first()).await?;
    let second = client.put_opts(&path, b"{}".to_vec().into(), first()).await;
    evidence.check_err("a second first manifest is refused", &second);

    let read = client.get(&path).await?.bytes().await?;
    let plain: Option<Manifest> = serde_json::from_slice(&read).ok();
    evidence.check_eq("the manifest as a plain client reads it", plain.as_ref(), Some(&manifest));
    let json: Option<serde_json::Value> = serde_json::from_slice(&read).ok();
    let names = |value: Option<&serde_json::Value>| -> BTreeSet<String> {
        value.and_then(|value| value.as_object()).into_iter().flat_map(|map| map.keys().cloned()).collect()
    };
    evidence.check_eq("the manifest's fields", names(json.as_ref()), FIELDS.map(str::to_string).into());
    let package = json.as_ref().and_then(|json| json.get("packages")?.get(0));
    evidence.check_eq("a package's fields", names(package), PACKAGE_FIELDS.map(str::to_string).into());
    let totals = (manifest.total_symbols, manifest.total_chunks);
    evidence.check_eq("its totals, and the files'", totals, (symbols as u64, chunks as u64));
    let seen = blocking(move || {
        let json = literal(&place.url("manifest.json"))?;
        place.reader()?.value::<i64>(&format!("SELECT total_symbols FROM read_json({json})"))
    })
    .await;
    evidence.check_with("DuckDB reads the manifest", seen.is_ok(), || {
        seen.as_ref().map_or_else(|error| format!("{error:#}"), |_| String::new())
    });
    evidence.count("manifest", read.len() as u64, Unit::Bytes);
    Ok(evidence)
}
