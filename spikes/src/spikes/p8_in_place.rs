//! P8: libSQL's index over vectors can be updated in place.
//!
//! Why: the design of two bases takes an index that follows each edit for granted. If it does not, an index must be
//! made beside and take the other's place.
//!
//! Method: an index with libSQL's own options over 500 vectors in clusters, then 700 updates of single rows. Before,
//! after 500 and at the end the ten nearest by the index are compared with those of a scan. Then the index is dropped and
//! made anew.
//!
//! Accept when after all updates it still finds 95 of 100; and, so that the method itself is right, when one that is made
//! anew does.

use futures::FutureExt;
use libsql::{Connection, Value};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

const NOT_ANEW: &str = "index-not-made-anew";
const ROWS: usize = 500;
const UPDATES: usize = 700;
const MISSED_MAX: f64 = 0.05;
const INDEX: &str = "CREATE INDEX near ON vectors (libsql_vector_idx(e))";

pub const SPIKE: Spike = Spike {
    id: "P8",
    title: "libSQL's index over vectors can be updated in place",
    group: Group::Notes,
    backends: &[Backend::Embedded],
    expected: Expected::Refuted,
    targets: &[
        Target::gate("share that it misses after updates", MISSED_MAX, Unit::Ratio),
        Target::gate("share that one made anew misses", MISSED_MAX, Unit::Ratio),
    ],
    faults: &[Fault { name: NOT_ANEW, what: "the index is not made anew in the end" }],
    run: |trial| run(trial).boxed(),
};

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let mut random = StdRng::seed_from_u64(8);
    let mut number = move || random.random_range(-1.0_f32..1.0);
    let centres: Vec<Vec<f32>> = (0..ROWS / 20).map(|_| (0..384).map(|_| number()).collect()).collect();
    let mut vector = |at: usize| -> Value {
        let near = centres[at % centres.len()].iter().map(|x| x + 0.6 * number());
        Value::Blob(near.flat_map(f32::to_le_bytes).collect())
    };
    let connection = libsql::Builder::new_local(":memory:").build().await?.connect()?;
    connection
        .execute("CREATE TABLE vectors (vid INTEGER PRIMARY KEY, e F32_BLOB(384) NOT NULL)", ())
        .await?;
    for at in 0..ROWS {
        let values = vec![Value::Integer(at as i64), vector(at)];
        connection.execute("INSERT INTO vectors VALUES (?1, ?2)", values).await?;
    }
    connection.execute(INDEX, ()).await?;
    let new = missed(&connection, &mut vector).await?;
    evidence.ratio("share that it misses when it is new", new);
    evidence.check("when it is new it finds what a scan finds", new <= MISSED_MAX);
    for at in 0..UPDATES {
        if at == ROWS {
            trial.progress("after 500 updates");
            evidence.ratio("share that it misses after 500 updates", missed(&connection, &mut vector).await?);
        }
        let values = vec![Value::Integer((at * 37 % ROWS) as i64), vector(at * 7 + 3)];
        connection.execute("UPDATE vectors SET e = ?2 WHERE vid = ?1", values).await?;
    }
    evidence.ratio("share that it misses after updates", missed(&connection, &mut vector).await?);
    if !trial.has_fault(NOT_ANEW) {
        connection.execute("DROP INDEX near", ()).await?;
        connection.execute(INDEX, ()).await?;
    }
    evidence.ratio("share that one made anew misses", missed(&connection, &mut vector).await?);
    Ok(evidence)
}

/// What share of the ten nearest the index does not find. Asked often: it begins at random.
async fn missed(connection: &Connection, vector: &mut impl FnMut(usize) -> Value) -> anyhow::Result<f64> {
    let (mut found, mut there) = (0, 0);
    for at in 0..60 {
        let asked = vector(at);
        let exact = "SELECT vid FROM vectors ORDER BY vector_distance_cos(e, ?1) LIMIT 10";
        let exact = numbers(connection, exact, &asked).await?;
        let near = numbers(connection, "SELECT id FROM vector_top_k('near', ?1, 10)", &asked).await?;
        there += exact.len();
        found += exact.iter().filter(|vid| near.contains(vid)).count();
    }
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    Ok(1.0 - found as f64 / there as f64)
}

async fn numbers(connection: &Connection, sql: &str, asked: &Value) -> anyhow::Result<Vec<i64>> {
    let mut rows = connection.query(sql, vec![asked.clone()]).await?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().await? {
        found.push(row.get(0)?);
    }
    Ok(found)
}
