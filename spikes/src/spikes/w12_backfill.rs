//! W12: what is authored is taken out of an old table that held users' beside it, all of it, and can be begun again.
//!
//! Why: rows that are passed over with a line in a log are lost when the old table goes; a copy that nobody compares is
//! trusted until somebody misses something.
//!
//! Method: an old database with 1,000 rows, authored and users', some of whose ids only look like authored ones. The disk is
//! full after 20 rows, then at each that is withdrawn, then it is not. The copy is compared with the old table by
//! plain SQL, and only then the authored rows are removed there.
//!
//! Accept when each run goes on where the last one ended, all rows are there with type, status and content, users' rows are
//! as they were and nowhere here, nothing is removed while anything differs, and no authored row comes in again.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use futures::FutureExt;
use libsql::Connection;
use serde_json::Value;
use zenith_core::publish::{Authored, PublishError};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::instances::{authored, raw, registry, texts};
use crate::tenants::lies_below;

const CHANGED: &str = "changed-after-the-copy";

pub const SPIKE: Spike = Spike {
    id: "W12",
    title: "of 1,000 mixed rows each authored one is taken over, whatever ends it in between, and no user's",
    group: Group::Publishing,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[
        Target::gate("authored rows that differ or are missing", 0.0, Unit::Rows),
        Target::gate("users' rows that changed or came along", 0.0, Unit::Rows),
    ],
    faults: &[Fault { name: CHANGED, what: "a row of the old table changes after it was copied" }],
    run: |trial| run(trial).boxed(),
};

const ROWS: usize = 1_000;
const ROWS_BRIEF: usize = 100;
const FULL_AFTER_20: &str = "(SELECT count(*) FROM curated_widget_instances) >= 20";
const CANARY: &str = "CANARY-OF-A-USER";
const STATUSES: [&str; 3] = ["published", "unpublished", "deprecated"];
const AUTHORED: &str = "(public_id GLOB 'wgt_main_*' OR public_id GLOB 'wgt_curated_*')";

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let authored = authored(&trial, "author", &registry(&[])).await?;
    let rows = if trial.is_brief { ROWS_BRIEF } else { ROWS };
    let (path, old) = old(&trial, rows).await?;
    let users = format!("SELECT * FROM widget_instances WHERE NOT {AUTHORED} ORDER BY public_id");
    let users_before = texts(&old, &users).await?;
    let wanted = theirs(&old).await?;
    ensure!(wanted.len() > rows / 3 && users_before.len() > rows / 3, "the rows are not mixed");

    trial.progress("a disk that is full in between");
    let here = raw(&authored).await?;
    for full in [FULL_AFTER_20, "NEW.status <> 'published'"] {
        // Whichever way a row gets its status, that is where the disk is full.
        for event in ["INSERT", "UPDATE"] {
            let trigger = format!(
                "CREATE TRIGGER full_{event} BEFORE {event} ON curated_widget_instances WHEN {full} \
                 BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            );
            here.execute(&trigger, ()).await?;
        }
        let ended = authored.backfill(&path, true).await;
        let told = matches!(ended, Err(PublishError::Parity(_)));
        evidence.check_with("what is missing is told", told, || format!("{ended:?}"));
        for event in ["INSERT", "UPDATE"] {
            here.execute(&format!("DROP TRIGGER full_{event}"), ()).await?;
        }
    }
    let before = authored.list().await?.len();
    evidence.check("it ended in between", before > 0 && before < wanted.len());
    evidence.check_eq("rows that were removed meanwhile", theirs(&old).await?.len(), wanted.len());

    trial.progress("and goes on");
    let done = authored.backfill(&path, false).await;
    let told = done.as_ref().ok().map(|done| (done.copied, done.same));
    evidence.check_with("it goes on where it ended", told == Some((wanted.len() - before, before)), || {
        format!("{done:?} of {} after {before}", wanted.len())
    });
    if trial.has_fault(CHANGED) {
        let change =
            "UPDATE widget_instances SET config = '{\"title\":\"changed\"}' WHERE public_id = 'wgt_main_faq'";
        old.execute(change, ()).await?;
    }
    let differs = differences(&theirs(&old).await?, &ours(&authored).await?);
    evidence.count("authored rows that differ or are missing", differs, Unit::Rows);

    trial.progress("and removes them there");
    let removed = authored.backfill(&path, true).await.map(|done| done.removed).unwrap_or_default();
    evidence.check_eq("rows that were removed", removed, wanted.len() as u64);
    let changed = differences_of(&users_before, &texts(&old, &users).await?);
    let leaked = lies_below(authored.folder(), CANARY.as_bytes())?.len();
    evidence.count("users' rows that changed or came along", changed + leaked as u64, Unit::Rows);
    for back in [
        "INSERT INTO widget_instances VALUES ('wgt_main_faq', 1, '{}', 'published')",
        "UPDATE widget_instances SET public_id = 'wgt_curated_x' WHERE public_id = 'wgt_faq_u_1'",
    ] {
        evidence.check_err("an authored row comes in again", &old.execute(back, ()).await);
    }
    Ok(evidence)
}

/// The old database: two baselines, then rows of all kinds by turns, with types by number.
async fn old(trial: &Trial, rows: usize) -> Result<(PathBuf, Connection)> {
    let path = trial.lab.folder().join("old.db");
    let connection = libsql::Builder::new_local(&path).build().await?.connect()?;
    let tables =
        "CREATE TABLE widgets (id INTEGER, type TEXT); INSERT INTO widgets VALUES (1, 'faq'), (2, 'hero');
        CREATE TABLE widget_instances (public_id TEXT, widget_id INTEGER, config TEXT, status TEXT); BEGIN";
    connection.execute_batch(tables).await?;
    for number in 0..rows {
        let (id, widget) = match number {
            0 => ("wgt_main_faq".to_string(), 1),
            1 => ("wgt_main_hero".to_string(), 2),
            _ => match number % 5 {
                0 => (format!("wgt_faq_u_{number}"), 1),
                // What `LIKE 'wgt_main_%'` would take for a baseline.
                1 => (format!("wgtXmainXfaq_u_{number}"), 1),
                _ => (format!("wgt_curated_{number}"), 1 + i64::from(number % 2 == 1)),
            },
        };
        let is_authored = id.starts_with("wgt_main_") || id.starts_with("wgt_curated_");
        let title = if is_authored { format!("title {number}") } else { CANARY.to_string() };
        // As somebody writes it, not in its canonical form.
        let config = format!("{{ \"title\" : \"{title}\", \"b\": {number}.0, \"a\": [true, null] }}");
        let status = if number < 2 { STATUSES[0] } else { STATUSES[number % STATUSES.len()] };
        let sql = "INSERT INTO widget_instances VALUES (?1, ?2, ?3, ?4)";
        connection.execute(sql, (id, widget, config, status)).await?;
    }
    connection.execute("COMMIT", ()).await?;
    connection
        .execute("INSERT INTO widget_instances VALUES ('wgt_faq_u_1', 1, '{}', 'published')", ())
        .await?;
    Ok((path, connection))
}

/// An instance by its id: type, status, and what its configuration means.
type Rows = BTreeMap<String, (String, String, Value)>;

async fn theirs(old: &Connection) -> Result<Rows> {
    let of = AUTHORED.replace("public_id", "i.public_id");
    let sql = format!(
        "SELECT json_array(i.public_id, w.type, i.status, json(i.config)) FROM widget_instances i \
         JOIN widgets w ON w.id = i.widget_id WHERE {of}"
    );
    rows(old, &sql).await
}

async fn ours(authored: &Authored) -> Result<Rows> {
    let sql = "SELECT json_array(public_id, widget_type, status, json(config)) FROM curated_widget_instances";
    rows(&raw(authored).await?, sql).await
}

async fn rows(connection: &Connection, sql: &str) -> Result<Rows> {
    let mut found = Rows::new();
    let mut rows = connection.query(sql, ()).await?;
    while let Some(row) = rows.next().await? {
        let (id, widget_type, status, mut config): (String, String, String, Value) =
            serde_json::from_str(&row.get::<String>(0)?).context("a row is no list")?;
        // 7.0 and 7 are one number.
        config["b"] = config["b"].as_f64().into();
        found.insert(id, (widget_type, status, config));
    }
    Ok(found)
}

fn differences(wanted: &Rows, found: &Rows) -> u64 {
    let missing = wanted.iter().filter(|(id, row)| found.get(*id) != Some(row)).count();
    let more = found.keys().filter(|id| !wanted.contains_key(*id)).count();
    (missing + more) as u64
}

fn differences_of(before: &[String], after: &[String]) -> u64 {
    let changed = before.iter().filter(|row| !after.contains(row)).count();
    (changed + after.len().abs_diff(before.len())) as u64
}
