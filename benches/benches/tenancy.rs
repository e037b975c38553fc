//! What does a service pay for each request and each tick, and does it depend on how many tenants there are? Each answer
//! is checked before it is timed.

use std::hint::black_box;
use std::path::Path;

use criterion::Criterion;
use secrecy::ExposeSecret;
use zenith_benches::gate::{holds, median, ratio};
use zenith_benches::targets;
use zenith_core::tenancy::{Cell, Key, Registry};

const ROUNDS: usize = 15;
/// Some that are timed together: one is shorter than a clock's step is sure.
const SEALS: u32 = 200;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    seal(&mut criterion);
    due(&mut criterion);
    criterion.final_summary();
}

/// What does sealing a tenant's secret and opening it again take?
fn seal(criterion: &mut Criterion) {
    let key = Key::random().expect("the system has random bytes");
    let secret = [7_u8; 120];
    let cell = Cell {
        user_id: "user_1",
        database: "z-abcdefghijkmnpqrstuvwxyz23",
        generation: 1,
        column: "db_token",
    };
    let run = || {
        let sealed = key.seal(cell, black_box(&secret)).expect("it seals");
        key.open(cell, &sealed).expect("it opens")
    };
    assert_eq!(run().expose_secret(), &secret);
    criterion.bench_function("tenancy/seal and open", |bench| bench.iter(run));
    let each = median(ROUNDS, || {
        for _ in 0..SEALS {
            black_box(run());
        }
    });
    holds("a secret sealed and opened", each / SEALS, targets::SEAL_AND_OPEN_MAX);
}

/// What does asking who has a job that is due take, among many tenants and among a hundredth of them?
fn due(criterion: &mut Criterion) {
    const DUE: u64 = 20;
    let many = if std::env::args().any(|argument| argument == "--test") { 10_000 } else { 100_000 };
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let folder = tempfile::tempdir().expect("there is a place for files");
    let open = |tenants: u64| {
        let path = folder.path().join(format!("{tenants}.db"));
        runtime.block_on(async {
            drop(Registry::open(&path).await.expect("a registry is made"));
            fill(&path, tenants, DUE).await.expect("it can be filled");
            Registry::open(&path).await.expect("it opens")
        })
    };
    let (few, all) = (open(many / 100), open(many));
    let ask =
        |registry: &Registry| runtime.block_on(registry.due(1_000, 256)).expect("it answers").len() as u64;
    assert_eq!((ask(&few), ask(&all)), (DUE, DUE));
    criterion.bench_function("tenancy/who is due, of many", |bench| bench.iter(|| ask(&all)));
    let keep = |found: u64| {
        black_box(found);
    };
    holds("who is due among many tenants", median(ROUNDS, || keep(ask(&all))), targets::DUE_AMONG_MANY_MAX);
    let figure = ratio(ROUNDS, || keep(ask(&all)), || keep(ask(&few)));
    holds("who is due among many, of that among a hundredth", figure, targets::DUE_MANY_OF_FEW_MAX);
}

/// Tenants, `due` of which have a job that is due at 1,000 ms; half of the others have one later, half none.
async fn fill(path: &Path, tenants: u64, due: u64) -> Result<(), libsql::Error> {
    let connection = libsql::Builder::new_local(path).build().await?.connect()?;
    // Names are of the alphabet that names have, each another.
    let sql = format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {tenants}) \
         INSERT INTO user_databases (user_id, email, db_name, db_url, db_token, provider, dek, kek_version, \
         schema_version, next_due_at) SELECT 'user_' || n, '', 'z-' || substr(replace(replace(hex(n + 4294967296) \
         || 'aaaaaaaaaaaaaaaaaaaaaaaaaa', '0', 'a'), '1', 'b'), 1, 26), '', '', 'sqld', '', 1, 2, \
         CASE WHEN n < {due} THEN 1000 WHEN n % 2 THEN 9000000 + n END FROM numbers"
    );
    connection.execute(&sql, ()).await?;
    Ok(())
}
