//! J2: a replica equals its primary after a sync, is read without any server, and catches up with
//! what was written while it was away.
//!
//! Why: discovering packages must work offline and in a blink. If a replica could differ from its
//! primary, or needed the server to be opened, the catalog could not live on the user's machine.
//!
//! Method: the product writes packages to the server's database and synchronises a replica through a
//! wire that counts requests; all columns of all rows are compared. The server is stopped, and a new
//! process opens the replica and reads it. The server comes back and gets inserts, updates and
//! deletes, and the replica synchronises again, while another process keeps reading it. Then the
//! replica is damaged in six ways. Last, the same prepared query runs on the replica and on a plain
//! local database in turns.
//!
//! Accept when the rows are equal byte for byte each time, the process without a server reads all of
//! them, no read during a sync is torn, each damage is set aside and mended, a sync with nothing to do
//! takes at most two requests, and a read of the replica takes at most 1.5 times a plain one.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures::FutureExt;
use libsql::{Connection, Value};
use zenith_core::catalog::{Catalog, Replica, Server};
use zenith_core::identity::Identity;
use zenith_core::package::PackageId;
use zenith_harness::lab::{LabDatabase, Wire, WireState};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::child;
use crate::packages::put_all;

const NEVER_SYNCS: &str = "replica-never-syncs";
const ALTERED: &str = "replica-altered";

pub const SPIKE: Spike = Spike {
    id: "J2",
    title: "a replica equals its primary, is read offline, and catches up",
    group: Group::Catalog,
    backends: &[Backend::Local, Backend::Container],
    expected: Expected::Holds,
    targets: &[
        Target::gate("no-op sync", 2.0, Unit::Requests),
        Target::gate("torn reads during syncs", 0.0, Unit::Count),
        Target::gate("replica read / local read", 1.5, Unit::Ratio),
        Target::tripwire("first sync of 2,000 rows", 20.0),
    ],
    faults: &[
        Fault { name: NEVER_SYNCS, what: "the wire to the server falls silent before the second sync" },
        Fault { name: ALTERED, what: "a row of the replica is changed on this machine" },
    ],
    run: |trial| run(trial).boxed(),
};

const DEADLINE: Duration = Duration::from_secs(20);
const ROWS: usize = 2_000;

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let database = trial.lab.database("catalog").await?;
    let server = trial.lab.server()?;
    let wire = Wire::to(server.address()).await?;
    let wired = wire.reach(database.server()?)?;
    let replica = Replica::at(trial.lab.folder().join("replica/global.db"));

    trial.progress(format!("writing {ROWS} packages to the primary"));
    let catalog = database.catalog().await?;
    put_all(&catalog).await?;
    let primary = database.open().await?.connect()?;
    fill(&primary, ROWS).await?;

    trial.progress("first sync");
    let started = Instant::now();
    let synced = replica.sync(&wired, DEADLINE).await?;
    evidence.time("first sync of 2,000 rows", started.elapsed());
    evidence.count("frames of the first sync", synced.frames, Unit::Count);
    if trial.has_fault(ALTERED) {
        let local = libsql::Builder::new_local(replica.path()).build().await?.connect()?;
        local.busy_timeout(DEADLINE)?;
        local.execute("UPDATE indexed_packages SET description = 'x' WHERE package = 'serde'", ()).await?;
    }
    let rows = dump(&primary).await?;
    evidence.check_eq("the replica holds every row of the primary", rows.len(), ROWS + 5);
    evidence.check("all columns of all rows are equal", read(&replica).await? == rows);

    let before = wire.requests();
    let synced = replica.sync(&wired, DEADLINE).await?;
    evidence.count("no-op sync", wire.requests() - before, Unit::Requests);
    evidence.check_eq("a sync with nothing to do brings nothing", synced.frames, 0);

    trial.progress("the server is stopped; a new process reads the replica");
    server.down().await;
    let offline = child::count_rows(replica.path()).await?;
    evidence.check_eq("a new process without a server reads all rows", offline, rows.len() as u64);
    let failed = replica.sync(&wired, Duration::from_secs(3)).await;
    evidence.check("a sync without a server says so", failed.is_err());
    evidence.check("what was synchronised stays readable", read(&replica).await? == rows);

    trial.progress("the server is back; writes while the replica is away");
    server.up().await?;
    let primary = database.open().await?.connect()?;
    primary.execute_batch(CHANGES).await?;
    if trial.has_fault(NEVER_SYNCS) {
        wire.set(WireState::Silent);
    }
    let reader = child::Reader::start(replica.path())?;
    let caught_up = replica.sync(&wired, Duration::from_secs(5)).await;
    evidence.check("the replica synchronises again", caught_up.is_ok());
    evidence.check("inserts, updates and deletes arrived", read(&replica).await? == dump(&primary).await?);

    if caught_up.is_ok() {
        trial.progress("30 syncs while another process reads");
        for round in 0..30 {
            primary
                .execute("UPDATE indexed_packages SET symbol_count = ?1 WHERE scope = 'public'", [round])
                .await?;
            replica.sync(&wired, DEADLINE).await?;
        }
        let reads = reader.stop().await?;
        evidence.count("reads during syncs", reads.whole, Unit::Count);
        evidence.count("torn reads during syncs", reads.torn, Unit::Count);
        evidence.check("another process read meanwhile", reads.whole > 0);
        damage_is_mended(&trial, &replica, &wired, &primary, &mut evidence).await?;
    } else {
        evidence.count("torn reads during syncs", reader.stop().await?.torn, Unit::Count);
    }

    trial.progress("the same query on the replica and on a plain database, in turns");
    evidence.ratio("replica read / local read", read_ratio(&trial, &replica, &rows).await?);
    Ok(evidence)
}

/// What happens to the primary while the replica is away.
const CHANGES: &str = "
    INSERT INTO indexed_packages (scope, ecosystem, package, version, visibility, status, r2_lance_path, \
        schema_version) VALUES ('public', 'rust', 'arrived', '1.0.0', 'public', 'ready', 'lance/x', 1);
    UPDATE indexed_packages SET description = 'changed' WHERE package = 'serde';
    DELETE FROM indexed_packages WHERE package = 'umbra-gadgets';";

async fn fill(primary: &Connection, rows: usize) -> anyhow::Result<()> {
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
         INSERT INTO indexed_packages (scope, ecosystem, package, version, visibility, description, \
             symbol_count, status, r2_lance_path, embedding_model, indexed_at, schema_version)
         SELECT 'public', 'rust', 'package-' || i, '1.' || (i % 7) || '.0', 'public', 'number ' || i, i, \
             'ready', 'lance/public/rust/package-' || i, 'm', i, 1 FROM n"
    );
    primary.execute(&sql, ()).await?;
    Ok(())
}

/// All columns of all rows, in the order of the key.
async fn dump(connection: &Connection) -> anyhow::Result<Vec<Vec<Value>>> {
    let sql = "SELECT * FROM indexed_packages ORDER BY scope, ecosystem, package, version";
    let mut rows = connection.query(sql, ()).await?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().await? {
        all.push((0..row.column_count()).map(|column| row.get_value(column)).collect::<Result<_, _>>()?);
    }
    Ok(all)
}

async fn read(replica: &Replica) -> anyhow::Result<Vec<Vec<Value>>> {
    // The product opens it, so that what it refuses to open is not read here.
    ensure!(replica.catalog().await?.is_some(), "the replica cannot be opened");
    // As a reader does: one that could write would tidy the log away while others read.
    let flags = libsql::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = libsql::Builder::new_local(replica.path()).flags(flags).build().await?.connect()?;
    connection.busy_timeout(DEADLINE)?;
    dump(&connection).await
}

async fn damage_is_mended(
    trial: &Trial,
    replica: &Replica,
    server: &Server,
    primary: &Connection,
    evidence: &mut Evidence,
) -> anyhow::Result<()> {
    let companion = |suffix: &str| {
        let mut name = replica.path().as_os_str().to_os_string();
        name.push(suffix);
        std::path::PathBuf::from(name)
    };
    let wanted = dump(primary).await?;
    let index = companion("-client_wal_index");
    type Damage<'a> = (&'a str, Box<dyn Fn() -> std::io::Result<()> + Send + Sync + 'a>);
    let damages: [Damage<'_>; 6] = [
        ("overwritten with something else", Box::new(|| overwrite(replica.path()))),
        ("without its file", Box::new(|| std::fs::remove_file(replica.path()))),
        ("with an empty file", Box::new(|| std::fs::write(replica.path(), ""))),
        ("cut short", Box::new(|| cut_short(replica.path()))),
        ("without its companion", Box::new(|| std::fs::remove_file(&index))),
        ("with a companion of nonsense", Box::new(|| std::fs::write(&index, [7; 32]))),
    ];
    for (what, damage) in damages {
        trial.progress(format!("a replica {what}"));
        damage().with_context(|| format!("cannot leave the replica {what}"))?;
        let mended = replica.sync(server, DEADLINE).await;
        evidence.check_with(format!("a replica {what} is fetched anew"), mended.is_ok(), || {
            format!("{mended:?}")
        });
        let same = read(replica).await.is_ok_and(|rows| rows == wanted);
        evidence.check(format!("a replica {what} holds everything again"), same);
    }
    Ok(())
}

fn overwrite(path: &Path) -> std::io::Result<()> {
    let length = std::fs::metadata(path)?.len();
    std::fs::write(path, vec![b'x'; usize::try_from(length).unwrap_or(4096)])
}

fn cut_short(path: &Path) -> std::io::Result<()> {
    let file = std::fs::File::options().write(true).open(path)?;
    file.set_len(file.metadata()?.len() / 2 / 4096 * 4096)
}

/// The time of a lookup on the replica as a multiple of that on a plain database with the same rows:
/// the median of pairs taken in turns.
async fn read_ratio(trial: &Trial, replica: &Replica, rows: &[Vec<Value>]) -> anyhow::Result<f64> {
    let path = trial.lab.folder().join("plain.db");
    let plain = LabDatabase::File(path);
    let local = plain.catalog().await?;
    let raw = plain.open().await?.connect()?;
    raw.execute("BEGIN", ()).await?;
    for row in rows {
        let places = vec!["?"; row.len()].join(", ");
        raw.execute(&format!("INSERT INTO indexed_packages VALUES ({places})"), row.clone()).await?;
    }
    raw.execute("COMMIT", ()).await?;
    let copy = replica.catalog().await?.context("the replica cannot be opened")?;
    let wanted: Vec<_> = (1..=100).map(numbered).collect::<Result<_, _>>()?;
    let time = async |catalog: &Catalog| -> anyhow::Result<(f64, usize)> {
        let started = Instant::now();
        let found = catalog.lookup(&Identity::Anonymous, &wanted).await?.len();
        Ok((started.elapsed().as_secs_f64(), found))
    };
    let mut ratios = Vec::new();
    for _ in 0..60 {
        let (of_copy, found) = time(&copy).await?;
        let (of_plain, expected) = time(&local).await?;
        ensure!(found == expected && found == wanted.len(), "found {found}, {expected} of {}", wanted.len());
        ratios.push(of_copy / of_plain.max(1e-9));
    }
    ratios.sort_by(f64::total_cmp);
    Ok(ratios[ratios.len() / 2])
}

/// The package that [`fill`] wrote as its number `i`.
fn numbered(i: usize) -> anyhow::Result<PackageId> {
    Ok(PackageId::rust(format!("package-{i}"), format!("1.{}.0", i % 7))?)
}
