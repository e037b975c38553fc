//! W1: every id leads to one home, and the tables say the same as the program.
//!
//! Why: whose an instance is stands in its id. One that two readers take for two things ends up in the wrong table, and a
//! user's text is published.
//!
//! Method: ids are made at random of the grammar's own pieces, and of what comes near: other letters, wildcards, NULs,
//! paths. Each is routed by the program and put into the real tables of what is authored and of a workspace, as each kind
//! and with each type that it could have. Then a type is used that the registry does not know, added, and used again.
//!
//! Accept when each id is taken by the one table that it is routed to and by no other; an unknown type is refused with those
//! that are known; and one that was added is known with the next write.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use futures::FutureExt;
use libsql::Connection;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use zenith_core::publish::{AuthoredId, Route, WidgetType, Workspace, route};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::instances::{authored, raw, registry};

const UNCHECKED: &str = "table-without-check";

pub const SPIKE: Spike = Spike {
    id: "W1",
    title: "of 100,000 ids each leads to one home, and the tables say the same as the program",
    group: Group::Publishing,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[
        Target::gate(
            "ids that a table takes and the program routes elsewhere, or the reverse",
            0.0,
            Unit::Count,
        ),
        Target::gate("ids with two homes", 0.0, Unit::Count),
    ],
    faults: &[Fault { name: UNCHECKED, what: "the table of users' instances has lost its check" }],
    run: |trial| run(trial).boxed(),
};

const IDS: usize = 100_000;
const IDS_BRIEF: usize = 1_500;
const BEGINNINGS: [&str; 6] = ["wgt_main_", "wgt_curated_", "wgt_faq_u_", "wgt_hero_u_", "wgt_", ""];
const PIECES: [&str; 28] = [
    "wgt_",
    "main_",
    "curated_",
    "_u_",
    "u_",
    "main",
    "curated",
    "faq",
    "hero",
    "a",
    "_",
    "-",
    "9",
    "A",
    "а",
    "\0",
    ".",
    "%2f",
    "/",
    "é",
    " ",
    "x",
    "*",
    "[a-z]",
    "?",
    "'",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
];
/// What was misread somewhere: two readings, other letters, wildcards, homoglyphs, NULs, paths.
const KNOWN: [&str; 16] = [
    "wgt_main_x_u_y",
    "wgt_main_u_x",
    "wgt_curated_u_x",
    "WGT_MAIN_FAQ",
    "wgtXmainXfaq",
    "wgtXmainXfaq_u_b",
    "wgt_curated_fаq",
    "wgt_curated_a\0b",
    "wgt_curated_../manifest",
    "wgt_curated_a%2fb",
    "wgt_main_main",
    "wgt_main_curated",
    "wgt_curated__a",
    "wgt_a_b_u_c",
    "wgt_faq_u_",
    "wgt_faq_u_x_u_y",
];

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let authored = authored(&trial, "author", &registry(&[])).await?;
    let database = trial.lab.database("workspace").await?;
    Workspace::open(database.open().await?, "w1").await?;
    let (here, users) = (raw(&authored).await?, database.open().await?.connect()?);
    if trial.has_fault(UNCHECKED) {
        uncheck(&users).await?;
    }
    let count = if trial.is_brief { IDS_BRIEF } else { IDS };
    trial.progress(format!("{count} ids"));
    // What is taken is taken back at once, so that each id comes to tables without rows.
    for connection in [&here, &users] {
        connection.execute("SAVEPOINT empty", ()).await?;
    }
    let (mut different, mut double, mut homes) = (0, 0, [0_u64; 3]);
    for id in ids(count) {
        let taken = [baseline(&here, &id).await?, curated(&here, &id).await?, of_user(&users, &id).await?];
        let routed = match route(&id) {
            Ok(Route::Authored(AuthoredId::Baseline(_))) => [true, false, false],
            Ok(Route::Authored(AuthoredId::Curated(_))) => [false, true, false],
            Ok(Route::User(_)) => [false, false, true],
            Err(_) => [false; 3],
        };
        different += u64::from(taken != routed);
        double += u64::from(taken.iter().filter(|taken| **taken).count() > 1);
        homes.iter_mut().zip(routed).for_each(|(count, is_one)| *count += u64::from(is_one));
    }
    for connection in [&here, &users] {
        connection.execute("ROLLBACK", ()).await?;
    }
    evidence.count(
        "ids that a table takes and the program routes elsewhere, or the reverse",
        different,
        Unit::Count,
    );
    evidence.count("ids with two homes", double, Unit::Count);
    // Of nonsense alone it would say little.
    let least = homes.iter().min().copied().unwrap_or_default();
    evidence.check_with("there are ids of each kind", least > count as u64 / 100, || format!("{homes:?}"));

    let (id, pricing) = (AuthoredId::parse("wgt_curated_a")?, WidgetType::parse("pricing")?);
    let unknown = authored.save(&id, Some(&pricing), b"{}").await;
    let told = unknown.err().map(|error| error.to_string()).unwrap_or_default();
    evidence.check_eq(
        "an unknown type",
        told,
        "there is no widget type pricing; known are faq, hero".to_string(),
    );
    let more = registry(&[]).replace("\"types\":{", "\"types\":{\"pricing\":{},");
    std::fs::write(authored.registry_path(), more)?;
    evidence.check(
        "one that was added is known at once",
        authored.save(&id, Some(&pricing), b"{}").await.is_ok(),
    );
    Ok(evidence)
}

/// The known ones and random ones, each once.
fn ids(count: usize) -> BTreeSet<String> {
    let mut random = StdRng::seed_from_u64(1);
    let mut ids: BTreeSet<String> = KNOWN.into_iter().map(str::to_string).collect();
    while ids.len() < count {
        let mut id = BEGINNINGS.choose(&mut random).copied().unwrap_or_default().to_string();
        for _ in 0..random.random_range(1..5) {
            id += PIECES.choose(&mut random).copied().unwrap_or_default();
        }
        if random.random_bool(0.5) {
            id += &random.random_range(0..100_000).to_string();
        }
        ids.insert(id);
    }
    ids
}

/// Whether the authored table takes it as the baseline of any type that it could mean.
async fn baseline(here: &Connection, id: &str) -> Result<bool> {
    let widget_type = id.strip_prefix("wgt_main_").unwrap_or("faq");
    authored_as(here, id, widget_type, "baseline").await
}

async fn curated(here: &Connection, id: &str) -> Result<bool> {
    authored_as(here, id, "faq", "curated").await
}

async fn authored_as(here: &Connection, id: &str, widget_type: &str, kind: &str) -> Result<bool> {
    let sql = "INSERT INTO curated_widget_instances (public_id, widget_type, kind, status, config, config_hash, revision, \
               created_at, updated_at) VALUES (?1, ?2, ?3, 'published', '{}', ?4, 1, 0, 0)";
    is_taken(here, here.execute(sql, (id, widget_type, kind, "0".repeat(64))).await).await
}

/// Whether the users' table takes it as one of any type that it could mean.
async fn of_user(users: &Connection, id: &str) -> Result<bool> {
    let sql = "INSERT INTO widget_instances (public_id, workspace_id, widget_type, config, revision, created_at, \
               updated_at) VALUES (?1, 'w1', ?2, '{}', 1, 0, 0)";
    let rest = id.strip_prefix("wgt_").unwrap_or(id);
    let types: BTreeSet<&str> = rest.match_indices("_u_").map(|(at, _)| &rest[..at]).chain(["faq"]).collect();
    for widget_type in types {
        if is_taken(users, users.execute(sql, (id, widget_type)).await).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a row was taken, which is then taken back. What keeps one out other than a check is an error of this spike.
async fn is_taken(connection: &Connection, taken: Result<u64, libsql::Error>) -> Result<bool> {
    match taken {
        Ok(_) => {
            connection.execute("ROLLBACK TO empty", ()).await?;
            Ok(true)
        }
        Err(error) if error.to_string().contains("CHECK constraint failed") => Ok(false),
        Err(error) => Err(error).context("a row was refused, and not by a check"),
    }
}

/// The table as somebody may have made it who wrote the columns down alone.
async fn uncheck(users: &Connection) -> Result<()> {
    users.execute("PRAGMA foreign_keys = OFF", ()).await?;
    users.execute("DROP TABLE widget_instances", ()).await?;
    let sql = "CREATE TABLE widget_instances (public_id TEXT NOT NULL PRIMARY KEY, workspace_id TEXT NOT NULL, \
               widget_type TEXT NOT NULL, config TEXT NOT NULL, revision INTEGER NOT NULL, created_at INTEGER NOT NULL, \
               updated_at INTEGER NOT NULL)";
    users.execute(sql, ()).await?;
    Ok(())
}
