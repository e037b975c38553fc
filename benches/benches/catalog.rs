//! What does looking into the catalog cost, beside the bare statements that find the same, and does it depend on how many
//! packages there are? Each answer is checked before it is timed.

mod peers {
    pub mod statement;
}

use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;

use libsql::Connection;
use peers::statement::{Bare, read};
use tokio::runtime::Runtime;
use zenith_benches::gate::{Gates, Pace, keep};
use zenith_benches::samples::{fill_catalog, some_packages};
use zenith_benches::targets;
use zenith_core::catalog::{Catalog, ClaimOutcome};
use zenith_core::identity::{Identity, Scope};
use zenith_core::package::PackageId;

/// Packages of a project.
const WANTED: u64 = 100;

fn main() -> ExitCode {
    let mut gates = Gates::new("catalog");
    let sizes: [u64; 3] = match gates.settings.pace {
        Pace::Test => [1_000, 2_000, 4_000],
        Pace::Quick => [1_000, 10_000, 100_000],
        Pace::Full => [10_000, 100_000, 1_000_000],
    };
    let runtime = Runtime::new().expect("threads can be started");
    let folder = tempfile::tempdir().expect("there is a place for files");
    let paths = sizes.map(|rows| folder.path().join(format!("{rows}.db")));
    for (rows, path) in sizes.iter().zip(&paths) {
        runtime.block_on(fill_catalog(path, *rows)).expect("a catalog can be filled");
    }
    let catalogs = paths.each_ref().map(|path| runtime.block_on(Catalog::open(path)).expect("it opens"));
    let member = Identity::user("user", Some("team".to_string())).expect("the names are sound");
    one(&mut gates, &runtime, (&catalogs[1], &paths[1]), sizes[1], &member);
    project(&mut gates, &runtime, (&catalogs[1], &paths[1]), sizes[1], &member);
    listing(&mut gates, &runtime, (&catalogs[0], &paths[0]), sizes[0], &member);
    claim(&mut gates, &runtime, &catalogs[1], folder.path());
    growth(&mut gates, &runtime, &catalogs, sizes, &member);
    gates.finish()
}

async fn connect(path: &Path) -> Connection {
    let database = libsql::Builder::new_local(path).build().await.expect("it opens");
    let connection = database.connect().expect("it opens");
    // As every file of our own.
    let settings = "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;";
    connection.execute_batch(settings).await.expect("it is set");
    connection
}

/// What does one package take?
fn one(
    gates: &mut Gates,
    runtime: &Runtime,
    (catalog, path): (&Catalog, &Path),
    rows: u64,
    member: &Identity,
) {
    let (bare, ids) = (Bare::of(connect(path)), some_packages(rows, WANTED));
    let id = &ids[7..8];
    let ours = || runtime.block_on(catalog.lookup(member, id)).expect("it answers").len() as u64;
    let theirs = || bare.find(id.iter().map(PackageId::name));
    assert_eq!((ours(), theirs()), (1, 1));
    gates.answers(format!("{:?}", runtime.block_on(catalog.lookup(member, id)).expect("it answers")));
    gates.criterion.bench_function("catalog/one package", |bench| bench.iter(ours));
    gates.ratio(
        "one package, of a bare prepared query",
        targets::LOOKUP_OF_PREPARED_MAX,
        || keep(ours()),
        || {
            keep(theirs());
        },
    );
}

/// What do a project's packages take?
fn project(
    gates: &mut Gates,
    runtime: &Runtime,
    (catalog, path): (&Catalog, &Path),
    rows: u64,
    member: &Identity,
) {
    let (bare, ids) = (Bare::of(connect(path)), some_packages(rows, WANTED));
    let ours = || runtime.block_on(catalog.lookup(member, &ids)).expect("it answers").len() as u64;
    let theirs = || bare.find(ids.iter().map(PackageId::name));
    assert_eq!((ours(), theirs()), (WANTED, WANTED));
    let of_nobody = runtime.block_on(catalog.lookup(&Identity::Anonymous, &ids)).expect("it answers");
    assert_eq!(of_nobody.len() as u64, WANTED / 2, "what is not public is not seen");
    gates.answers(format!("{:?}", runtime.block_on(catalog.lookup(member, &ids)).expect("it answers")));
    gates.criterion.bench_function("catalog/100 packages", |bench| bench.iter(ours));
    let most = targets::LOOKUP_MANY_OF_PREPARED_MAX;
    gates.ratio("100 packages, of 100 bare prepared queries", most, || keep(ours()), || keep(theirs()));
}

/// What does all that somebody sees take?
fn listing(
    gates: &mut Gates,
    runtime: &Runtime,
    (catalog, path): (&Catalog, &Path),
    rows: u64,
    member: &Identity,
) {
    let bare = Runtime::new().expect("threads can be started");
    let all = bare.block_on(async {
        let sql = "SELECT * FROM indexed_packages WHERE scope IN ('public', 'team/team', 'private/user')";
        connect(path).await.prepare(sql).await.expect("it is prepared")
    });
    let ours = || runtime.block_on(catalog.packages(member)).expect("it answers").len() as u64;
    let theirs = || {
        bare.block_on(async {
            let mut found = 0;
            all.reset();
            let mut rows = all.query(()).await.expect("it answers");
            while let Some(row) = rows.next().await.expect("it answers") {
                black_box(read(&row));
                found += 1;
            }
            found
        })
    };
    assert_eq!((ours(), theirs()), (rows, rows));
    gates.answers(rows.to_string());
    let most = targets::LISTING_OF_PREPARED_MAX;
    gates.ratio("all packages, of a bare prepared query", most, || keep(ours()), || keep(theirs()));
}

/// What does a claim take that nobody contends for?
fn claim(gates: &mut Gates, runtime: &Runtime, catalog: &Catalog, folder: &Path) {
    let id = PackageId::rust("claimed", "1.0.0").expect("a name");
    let scope = Scope::Public;
    let ours = || {
        runtime.block_on(async {
            let ids = std::slice::from_ref(&id);
            let outcomes = catalog.claim(&scope, ids, "holder", false, |_| false).await.expect("it answers");
            assert!(matches!(outcomes[..], [ClaimOutcome::Won]), "{outcomes:?}");
            catalog.release(&scope, &id, "holder").await.expect("it answers");
        });
    };
    let path = folder.join("bare.db");
    runtime.block_on(fill_catalog(&path, 1_000)).expect("a catalog can be filled");
    let bare = Runtime::new().expect("threads can be started");
    let connection = bare.block_on(connect(&path));
    let theirs = || {
        bare.block_on(async {
            let sql = "INSERT INTO indexed_packages (scope, ecosystem, package, version, visibility, status, claim_holder, \
                       claimed_at, schema_version) \
                       VALUES ('public', 'rust', 'claimed', '1.0.0', 'public', 'claimed', 'holder', 1, 1)";
            connection.execute("BEGIN IMMEDIATE", ()).await.expect("it begins");
            assert_eq!(connection.execute(sql, ()).await.expect("it is inserted"), 1);
            connection.execute("COMMIT", ()).await.expect("it ends");
            let sql = "DELETE FROM indexed_packages WHERE scope = 'public' AND package = 'claimed'";
            assert_eq!(connection.execute(sql, ()).await.expect("it is deleted"), 1);
        });
    };
    ours();
    theirs();
    gates.answers("claimed");
    let most = targets::CLAIM_OF_INSERT_MAX;
    gates.ratio("a claim and its release, of a bare insert and delete", most, ours, theirs);
}

/// How does a lookup grow with the catalog?
fn growth(gates: &mut Gates, runtime: &Runtime, catalogs: &[Catalog; 3], sizes: [u64; 3], member: &Identity) {
    let ids = sizes.map(|rows| some_packages(rows, WANTED));
    let find =
        |at: usize| runtime.block_on(catalogs[at].lookup(member, &ids[at])).expect("it answers").len() as u64;
    assert!((0..3).all(|at| find(at) == WANTED));
    gates.answers(WANTED.to_string());
    gates.time("100 packages of the most", targets::LOOKUP_HUNDRED_MAX, || keep(find(2)));
    let work = |at: usize| -> Box<dyn FnMut() + '_> { Box::new(move || keep(find(at))) };
    let mut works = [0, 1, 2].map(|at| (sizes[at], work(at)));
    gates.growth("100 packages, by the catalog's size", targets::LOOKUP_GROWTH_MAX, &mut works);
}
