//! What does a service pay for each request and each tick, and does it depend on how many tenants there are? Each answer
//! is checked before it is timed.

use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;

use secrecy::ExposeSecret;
use zenith_benches::gate::{Gates, OfSize, keep};
use zenith_benches::targets;
use zenith_core::tenancy::{Cell, Key, Registry};

fn main() -> ExitCode {
    let mut gates = Gates::new("tenancy");
    seal(&mut gates);
    due(&mut gates);
    gates.finish()
}

/// What does sealing a tenant's secret and opening it again take?
fn seal(gates: &mut Gates) {
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
    gates.criterion.bench_function("tenancy/seal and open", |bench| bench.iter(run));
    gates.time("a secret sealed and opened", targets::SEAL_AND_OPEN_MAX, || keep(run()));
}

/// What does asking who has a job that is due take, among many tenants and among a hundredth of them?
fn due(gates: &mut Gates) {
    const DUE: u64 = 20;
    let most: u64 = if gates.is_test() { 10_000 } else { 100_000 };
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let folder = tempfile::tempdir().expect("there is a place for files");
    let sizes = [most / 100, most / 10, most];
    let registries = sizes.map(|tenants| {
        let path = folder.path().join(format!("{tenants}.db"));
        runtime.block_on(async {
            drop(Registry::open(&path).await.expect("a registry is made"));
            fill(&path, tenants, DUE).await.expect("it can be filled");
            Registry::open(&path).await.expect("it opens")
        })
    });
    let bare = runtime.block_on(Bare::of(&folder.path().join(format!("{most}.db"))));
    let theirs = || runtime.block_on(bare.due(1_000, 256));
    assert_eq!(theirs(), DUE);
    let ask =
        |registry: &Registry| runtime.block_on(registry.due(1_000, 256)).expect("it answers").len() as u64;
    assert!(registries.iter().all(|registry| ask(registry) == DUE));
    gates.answers(DUE.to_string());
    gates.criterion.bench_function("tenancy/who is due, of many", |bench| bench.iter(|| ask(&registries[2])));
    let ask = &ask;
    gates.time("who is due among many tenants", targets::DUE_AMONG_MANY_MAX, || keep(ask(&registries[2])));
    let name = "who is due among many, of a bare prepared query";
    gates.ratio(name, targets::DUE_OF_PREPARED_MAX, || keep(ask(&registries[2])), || keep(theirs()));
    let mut works: Vec<OfSize<'_>> = Vec::new();
    for (tenants, registry) in sizes.into_iter().zip(&registries) {
        works.push((tenants, Box::new(move || keep(ask(registry)))));
    }
    gates.growth("who is due, by how many tenants there are", targets::DUE_GROWTH_MAX, &mut works);
}

/// What anybody would write who has the database and no library of ours.
struct Bare(libsql::Statement);

impl Bare {
    async fn of(path: &Path) -> Bare {
        let database = libsql::Builder::new_local(path).build().await.expect("it opens");
        let sql = "SELECT * FROM user_databases WHERE next_due_at IS NOT NULL AND next_due_at <= ?1 AND state = 'ready' \
                   ORDER BY next_due_at LIMIT ?2";
        Bare(database.connect().expect("it opens").prepare(sql).await.expect("it is prepared"))
    }

    /// How many are due, each read as whoever uses it reads it.
    async fn due(&self, now_ms: i64, at_most: i64) -> u64 {
        self.0.reset();
        let mut rows = self.0.query([now_ms, at_most]).await.expect("it answers");
        let mut due = 0;
        while let Some(row) = rows.next().await.expect("it answers") {
            (0..row.column_count()).for_each(|column| keep(row.get_value(column).expect("a value")));
            due += 1;
        }
        due
    }
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
