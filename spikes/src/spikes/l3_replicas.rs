//! L3: two replicas of two databases live in one process without disturbing each other.
//!
//! Why: the catalog that a user opens is a federation: the global database, the team's and their own,
//! each with a replica of its own, all in the program that they are searching with.
//!
//! Method: two databases on the server, each with a replica in one federation, each behind a wire of
//! its own. A hundred times: a row to each, then both are synchronised at the same time. Then one wire
//! is cut, and then falls silent, while rows go to both and both are synchronised.
//!
//! Accept when each replica holds its own rows and none of the other's after every round; with one
//! server away the other's rows arrive, and the one that is away says so within its deadline and stays
//! readable.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use libsql::Connection;
use zenith_core::catalog::{Catalog, DatabaseRole, Federation, Replica, SyncError, Synced};
use zenith_core::identity::{Identity, Scope};
use zenith_harness::lab::{LabDatabase, Wire, WireState};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::people::TEAM;

const SAME: &str = "both-replicas-of-one-database";
const NEVER: &str = "one-replica-never-syncs";

pub const SPIKE: Spike = Spike {
    id: "L3",
    title: "two replicas of two databases live in one process, and one server away stops not the other",
    group: Group::Operations,
    backends: &[Backend::Local, Backend::Container],
    expected: Expected::Holds,
    targets: &[
        Target::gate("rounds with interference", 0.0, Unit::Count),
        Target::tripwire("one round: two writes, two syncs", 2.0),
    ],
    faults: &[
        Fault { name: SAME, what: "the team's replica is given the global database's address" },
        Fault { name: NEVER, what: "the wire of the team's database is cut from the start" },
    ],
    run: |trial| run(trial).boxed(),
};

const ROUNDS: usize = 100;
const DEADLINE: Duration = Duration::from_secs(3);
/// After so many rounds that went wrong, more would tell nothing new.
const DOUBT_MAX: u64 = 2;

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let (global, team) = (trial.lab.database("global").await?, trial.lab.database("team").await?);
    for database in [&global, &team] {
        database.catalog().await?;
    }
    let server = trial.lab.server()?;
    let (to_global, to_team) = (Wire::to(server.address()).await?, Wire::to(server.address()).await?);
    if trial.has_fault(NEVER) {
        to_team.set(WireState::Cut);
    }
    let team_role = DatabaseRole::Team(TEAM.to_string());
    let named = if trial.has_fault(SAME) { &global } else { &team };
    let servers = [
        (DatabaseRole::Global, to_global.reach(global.server()?)?),
        (team_role.clone(), to_team.reach(named.server()?)?),
    ];
    let local = Arc::new(Catalog::open(&trial.lab.folder().join("local.db")).await?);
    let folder = trial.lab.folder().join("replicas");
    let federation = Federation::new(local, &folder, [DatabaseRole::Global, team_role]);
    let mut writers = [
        Writer::new(&global, Scope::Public).await?,
        Writer::new(&team, Scope::Team(TEAM.to_string())).await?,
    ];

    trial.progress(format!("{ROUNDS} rounds of writes and syncs on both"));
    let mut interference = 0;
    let started = Instant::now();
    for _ in 0..ROUNDS {
        for writer in &mut writers {
            writer.write().await?;
        }
        let outcomes = federation.sync(&servers, DEADLINE).await;
        let synced = outcomes.iter().all(|(_, outcome)| outcome.is_ok());
        let right = holds(&federation, 0, &writers).await? && holds(&federation, 1, &writers).await?;
        interference += u64::from(!(synced && right));
        if interference > DOUBT_MAX {
            break;
        }
    }
    evidence.time("one round: two writes, two syncs", started.elapsed() / u32::try_from(ROUNDS)?);
    evidence.count("rounds with interference", interference, Unit::Count);
    let rows: u64 = writers.iter().map(|writer| writer.rows as u64).sum();
    evidence.count("rows in both replicas", rows, Unit::Rows);

    for state in [WireState::Cut, WireState::Silent] {
        trial.progress(format!("the team's server is away: {state:?}"));
        to_team.set(state);
        let before = writers[1].rows;
        for writer in &mut writers {
            writer.write().await?;
        }
        let started = Instant::now();
        let outcomes = federation.sync(&servers, DEADLINE).await;
        let took = started.elapsed();
        let [global, team] = outcomes.as_slice() else { anyhow::bail!("two were to be synchronised") };
        evidence.check(format!("{state:?}: the other is synchronised"), global.1.is_ok());
        evidence.check(
            format!("{state:?}: the other holds all its rows"),
            holds(&federation, 0, &writers).await?,
        );
        evidence.check(format!("{state:?}: the one that is away says so"), says_so(&team.1));
        evidence.check(format!("{state:?}: nobody waits beyond the deadline"), took < DEADLINE * 3);
        let read = count(&federation.members()[1].replica, &writers[1].scope).await?;
        evidence.check_eq(format!("{state:?}: what it had stays readable"), read, before);
        to_team.set(WireState::Open);
        let outcomes = federation.sync(&servers, DEADLINE * 3).await;
        evidence.check(
            format!("{state:?}: afterwards both are synchronised"),
            outcomes.iter().all(|(_, outcome)| outcome.is_ok()),
        );
        evidence.check(
            format!("{state:?}: and what was missed is there"),
            holds(&federation, 1, &writers).await?,
        );
    }
    Ok(evidence)
}

fn says_so(outcome: &Result<Synced, SyncError>) -> bool {
    matches!(outcome, Err(SyncError::Server { .. } | SyncError::Deadline { .. }))
}

/// Writes rows of one scope to the primary of one database.
struct Writer {
    primary: Connection,
    scope: Scope,
    rows: usize,
}

impl Writer {
    async fn new(database: &LabDatabase, scope: Scope) -> anyhow::Result<Writer> {
        Ok(Writer { primary: database.open().await?.connect()?, scope, rows: 0 })
    }

    async fn write(&mut self) -> anyhow::Result<()> {
        let (tier, team) = (self.scope.tier().as_str(), self.scope.team());
        self.primary
            .execute(
                "INSERT INTO indexed_packages (scope, ecosystem, package, version, visibility, team_id, \
                 status, r2_lance_path, schema_version) \
                 VALUES (?1, 'rust', ?2, '1.0.0', ?3, ?4, 'ready', 'lance/x', 1)",
                libsql::params![self.scope.prefix(), format!("package-{}", self.rows), tier, team],
            )
            .await?;
        self.rows += 1;
        Ok(())
    }
}

/// Whether a replica holds every row of its own database and none of the other's.
async fn holds(federation: &Federation, member: usize, writers: &[Writer; 2]) -> anyhow::Result<bool> {
    let replica = &federation.members()[member].replica;
    let own = count(replica, &writers[member].scope).await?;
    let foreign = count(replica, &writers[1 - member].scope).await?;
    Ok(own == writers[member].rows && foreign == 0)
}

async fn count(replica: &Replica, scope: &Scope) -> anyhow::Result<usize> {
    let Some(catalog) = replica.catalog().await? else { return Ok(0) };
    let member = Identity::user("user_mika", Some(TEAM.to_string()))?;
    let entries = catalog.packages(&member).await?;
    Ok(entries.iter().filter(|entry| entry.scope == *scope).count())
}
