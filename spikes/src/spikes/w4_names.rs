//! W4: what is published of five instances in 29 locales is named by its SHA-256, mirrored as it is authored, and what a
//! look ahead said.
//!
//! Why: a name that does not say all of the bytes lets one artifact be served for another; a look ahead that says something
//! else than what then happens is none.
//!
//! Method: five instances with translations into 29 locales are looked ahead at and published; then one text in one locale.
//! Each object's bytes are hashed by Python, which also writes the canonical form of artifacts anew; rows of the mirror are
//! compared with what is authored; keys with those of the look ahead; requests are counted.
//!
//! Accept when Python finds every name and form right, the mirror equals what is authored, the look ahead named exactly
//! what came, and a publication asks for no more than it changes: nothing where nothing changed.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::FutureExt;
use serde_json::{Map, Value, json};
use zenith_core::lake::Put;
use zenith_core::publish::{AuthoredId, Locale, Publisher, ROOT, WidgetType};
use zenith_harness::lab::{LabDatabase, RequestKind};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::instances::{mirror, publish, publisher_into, raw, texts, verify};
use crate::outside::witness;

const FLIPPED: &str = "byte-flipped";

pub const SPIKE: Spike = Spike {
    id: "W4",
    title: "what is published of 5 instances in 29 locales is named by its SHA-256, and what a look ahead said",
    group: Group::Publishing,
    backends: &[Backend::Embedded, Backend::Local],
    expected: Expected::Holds,
    targets: &[
        Target::gate("objects that Python names otherwise", 0.0, Unit::Count),
        Target::gate("keys that the look ahead did not say, or said in vain", 0.0, Unit::Count),
        Target::gate("puts for one text in one locale", 4.0, Unit::Requests),
        Target::gate("requests beside them", 1.0, Unit::Requests),
        Target::gate("requests where nothing changed", 0.0, Unit::Requests),
    ],
    faults: &[Fault { name: FLIPPED, what: "a bit of an artifact in the bucket is another" }],
    run: |trial| run(trial).boxed(),
};

const LOCALES: [&str; 29] = [
    "ar", "bg", "cs", "da", "de", "el", "es", "et", "fi", "fr", "he", "hi", "hr", "hu", "id", "it", "ja",
    "ko", "lt", "nl", "no", "pl", "pt-BR", "ro", "sk", "sv", "tr", "uk", "zh-Hant",
];
/// Where there is little time.
const LOCALES_BRIEF: usize = 7;
const IDS: [&str; 5] = ["wgt_main_faq", "wgt_main_hero", "wgt_curated_a", "wgt_curated_b", "wgt_curated_c"];
const OBJECT_BYTES_MAX: u64 = 1 << 20;
const ROWS: &str = "SELECT public_id, widget_type, kind, status, config, config_hash FROM curated_widget_instances \
                    ORDER BY public_id";

/// Of each line, a name and bytes: whether the name has the hash of the bytes, and whether an artifact is in its canonical
/// form. Python orders keys by code points, and writes what is no ASCII as it is, which for these is RFC 8785.
const PYTHON: &str = r"
import base64, hashlib, json, sys
for line in sys.stdin:
    name, data = line.split()
    data = base64.b64decode(data)
    right = name.split('.')[1] == hashlib.sha256(data).hexdigest()
    if right and not name.startswith('manifest.'):
        form = json.dumps(json.loads(data), sort_keys=True, separators=(',', ':'), ensure_ascii=False)
        right = form.encode() == data
    if not right:
        print(name)
";

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let database = trial.lab.database("curated").await?;
    let locales = if trial.is_brief { &LOCALES[..LOCALES_BRIEF] } else { &LOCALES[..] };
    let author = Publisher {
        mirror: Some(mirror(&database).await?),
        ..publisher_into(&trial, "author", locales).await?
    };
    write(&author, locales).await?;
    // What the bucket promises is asked once.
    author.store.probe().await?;
    let bucket = trial.lab.bucket().await?;

    trial.progress(format!("{} artifacts", IDS.len() * (locales.len() + 1)));
    let mut surprises = published(&author, &mut evidence, IDS.len()).await?;
    if trial.has_fault(FLIPPED) {
        let key = keys(&author).await?.into_iter().find(|key| key.contains("/el.")).context("no artifact")?;
        let mut bytes = author.store.get(&key, OBJECT_BYTES_MAX).await?.bytes.to_vec();
        *bytes.last_mut().context("it is empty")? ^= 1;
        author.store.put(&key, bytes.into(), Put::Overwrite).await?;
    }
    let artifacts = keys(&author).await?.iter().filter(|key| !key.contains("manifest.")).count();
    evidence.check_eq("artifacts, and the set", artifacts, IDS.len() * (locales.len() + 1) + 1);
    evidence.check_eq("rows of the mirror", rows(&database).await?, here(&author).await?);

    trial.progress("one text in one locale");
    let (id, locale) = (AuthoredId::parse(IDS[0])?, Locale::parse("de")?);
    let one = BTreeMap::from([("/title".to_string(), "Häufige Fragen".to_string())]);
    author.authored.translate(&id, &locale, one).await?;
    bucket.reset();
    surprises += published(&author, &mut evidence, 1).await?;
    let kinds: Vec<RequestKind> = bucket.requests().iter().map(|request| request.kind).collect();
    // Two lists are of the spike itself, which looks before and after.
    let puts = kinds.iter().filter(|kind| **kind == RequestKind::Put).count();
    evidence.count("puts for one text in one locale", puts as u64, Unit::Requests);
    evidence.count("requests beside them", (kinds.len() - puts - 2) as u64, Unit::Requests);
    evidence.count("keys that the look ahead did not say, or said in vain", surprises, Unit::Count);

    bucket.reset();
    let again = publish(&author).await?;
    evidence.check_eq("instances that are unchanged", again.unchanged, IDS.len());
    let requests = bucket.requests().len() as u64;
    evidence.count("requests where nothing changed", requests, Unit::Requests);

    trial.progress("Python hashes");
    let misnamed = misnamed(&author).await?;
    evidence.count("objects that Python names otherwise", misnamed.len() as u64, Unit::Count);
    let told = verify(&author).await?.len();
    evidence.check_eq("what differs, by the program's own look", told, misnamed.len());
    evidence.check_eq("rows of the mirror in the end", rows(&database).await?, here(&author).await?);
    Ok(evidence)
}

/// Instances, and a file of translations for each locale.
async fn write(author: &Publisher, locales: &[&str]) -> Result<()> {
    let folder = author.authored.folder().join("translations");
    let title = |id: &str| format!("{id} – title");
    for locale in locales {
        let one = |id: &str| (title(id), Value::from(format!("{id} – 題 {locale} é")));
        let translations: Map<String, Value> = IDS.into_iter().map(one).collect();
        std::fs::write(folder.join(format!("{locale}.json")), serde_json::to_vec(&translations)?)?;
    }
    let hero = WidgetType::parse("hero")?;
    for id in IDS {
        let config =
            json!({"title": title(id), "z": [1, 2.5, null, true], "a": {"é": "\u{1}\"\\/", "b": -7}});
        let widget_type = id.contains("curated").then_some(&hero);
        let id = AuthoredId::parse(id)?;
        author.authored.save(&id, widget_type, &serde_json::to_vec(&config)?).await?;
    }
    Ok(())
}

/// Looks ahead and publishes, and counts keys that came and were not told, or were told and did not come.
async fn published(author: &Publisher, evidence: &mut Evidence, instances: usize) -> Result<u64> {
    let before = keys(author).await?;
    let outlooks = author.authored.outlook(&[], &*author.generator, &*author.generator).await?;
    evidence.check_eq("instances that the look ahead names", outlooks.len(), instances);
    let report = publish(author).await?;
    ensure!(report.failed.is_empty(), "{report:?}");
    evidence.check_eq("instances that were published", report.published.len(), instances);
    let mut pointers: BTreeSet<String> =
        outlooks.iter().map(|of| format!("{ROOT}/{}/manifest.json", of.public_id)).collect();
    pointers.insert(format!("{ROOT}/catalog.json"));
    let told: BTreeSet<String> = outlooks.iter().flat_map(|outlook| outlook.puts.clone()).collect();
    let mut came: BTreeSet<String> =
        keys(author).await?.difference(&before).map(|key| unhashed(key)).collect();
    // Pointers are put each time, and are new but once.
    came.extend(pointers);
    Ok(told.symmetric_difference(&came).count() as u64)
}

/// A manifest's name, as it is told before it is made.
fn unhashed(key: &str) -> String {
    match key.split_once("/manifest.") {
        Some((folder, rest)) if rest != "json" => format!("{folder}/manifest.….json"),
        _ => key.to_string(),
    }
}

async fn keys(author: &Publisher) -> Result<BTreeSet<String>> {
    Ok(author.store.list(ROOT).await?.into_iter().map(|object| object.key).collect())
}

/// Names of objects that are not what Python makes of their bytes.
async fn misnamed(author: &Publisher) -> Result<Vec<String>> {
    let mut input = String::new();
    for key in keys(author).await? {
        let name = key.rsplit('/').next().unwrap_or_default();
        if name.split('.').count() == 3 {
            let bytes = author.store.get(&key, OBJECT_BYTES_MAX).await?.bytes;
            input += &format!("{name} {}\n", STANDARD.encode(&bytes));
        }
    }
    let told = witness("python3", "-c", PYTHON, &input).await?;
    Ok(told.lines().map(str::to_string).collect())
}

/// What the mirror has, by plain SQL.
async fn rows(database: &LabDatabase) -> Result<Vec<String>> {
    texts(&database.open().await?.connect()?, ROWS).await
}

/// What is authored, in the same words.
async fn here(author: &Publisher) -> Result<Vec<String>> {
    texts(&raw(&author.authored).await?, ROWS).await
}
