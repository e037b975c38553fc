//! How fast are the parts that a user waits for, and does each hold its target? Each answer is
//! checked before it is timed.

use std::hint::black_box;
use std::sync::Arc;

use criterion::Criterion;
use zenith_benches::gate::{holds, median, ratio};
use zenith_benches::samples::{fill_catalog, shelve, text};
use zenith_benches::targets;
use zenith_core::catalog::Catalog;
use zenith_core::embed::{DIMENSIONS, Embedder, StaticModel};
use zenith_core::identity::Identity;
use zenith_core::package::PackageId;
use zenith_core::search::SearchRequest;
use zenith_core::search::shelf::{QuantizedVectors, QueryVector, VectorFile};

const ROUNDS: usize = 15;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let embedder: Arc<dyn Embedder> = Arc::new(StaticModel::shipped().expect("the shipped model is whole"));
    embed(&mut criterion, &embedder);
    scan(&mut criterion, &embedder);
    search(&mut criterion, &embedder);
    lookup(&mut criterion);
    criterion.final_summary();
}

/// How many texts a second does the shipped model embed?
fn embed(criterion: &mut Criterion, embedder: &Arc<dyn Embedder>) {
    let texts: Vec<String> = (0..1000).map(text).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let run = || embedder.embed(black_box(&texts)).expect("it embeds");
    assert_eq!(run().len(), texts.len() * DIMENSIONS);
    criterion.bench_function("embed/1000 texts", |bench| bench.iter(run));
    holds("1000 texts embedded", median(ROUNDS, || drop(run())), targets::EMBED_THOUSAND_MAX);
}

/// What does scanning 8-bit vectors take, beside the same scan in 32 bits?
fn scan(criterion: &mut Criterion, embedder: &Arc<dyn Embedder>) {
    const ROWS: usize = 20_000;
    let texts: Vec<String> = (0..ROWS).map(text).collect();
    let plain = embedder.embed(&texts.iter().map(String::as_str).collect::<Vec<_>>()).expect("it embeds");
    let folder = tempfile::tempdir().expect("there is a place for files");
    let path = folder.path().join("vectors");
    let mut vectors = QuantizedVectors::default();
    vectors.extend(&plain);
    vectors.write(&path).expect("the file can be written");
    let file = VectorFile::open(&path).expect("the file reads back");
    let wanted = &plain[..DIMENSIONS];
    let query = QueryVector::new(wanted).expect("a text with words has a vector");

    let best = |cosines: &mut dyn Iterator<Item = f32>| cosines.fold(f32::MIN, f32::max);
    let quantized = || best(&mut file.cosines(&query).into_iter());
    let dot = |row: &[f32]| row.iter().zip(wanted).map(|(a, b)| a * b).sum::<f32>();
    let floats = || best(&mut plain.chunks_exact(DIMENSIONS).map(dot));
    assert!((quantized() - floats()).abs() < 0.01, "both find the same nearest");

    criterion.bench_function("scan/8 bits", |bench| bench.iter(quantized));
    criterion.bench_function("scan/32 bits", |bench| bench.iter(floats));
    let keep = |nearest: f32| {
        black_box(nearest);
    };
    let figure = ratio(ROUNDS, || keep(quantized()), || keep(floats()));
    holds("scan of 8 bits, of that of 32", figure, targets::QUANTIZED_SCAN_OF_PLAIN_MAX);
}

/// What does a warm hybrid search take, and does leaving packages out make it cheaper?
fn search(criterion: &mut Criterion, embedder: &Arc<dyn Embedder>) {
    let folder = tempfile::tempdir().expect("there is a place for files");
    let (search, entries) = shelve(folder.path(), embedder, 4, 5000).expect("it can be shelved");
    let request =
        SearchRequest { query: "read a stream with timeout".to_string(), limit: 10, ..Default::default() };
    let over = |entries| search.search(&request, entries, None).expect("it can be searched");
    let (all, one) = (over(&entries), over(&entries[..1]));
    assert_eq!((all.hits.len(), all.packages, one.packages), (10, 4, 1));
    assert!(one.hits.iter().all(|hit| hit.package == "sample0"), "only what was asked for is found");

    criterion.bench_function("search/hybrid, 20,000 rows", |bench| bench.iter(|| over(&entries)));
    holds(
        "hybrid search of 20,000 rows",
        median(ROUNDS, || drop(over(&entries))),
        targets::HYBRID_SEARCH_MAX,
    );
    let figure = ratio(ROUNDS, || drop(over(&entries[..1])), || drop(over(&entries)));
    holds("search of one package, of that of all four", figure, targets::SEARCH_OF_ONE_OF_ALL_MAX);
}

/// What does looking up a project's packages take in a catalog of a million rows, and does it depend
/// on the catalog's size?
fn lookup(criterion: &mut Criterion) {
    const WANTED: u64 = 100;
    let large = if std::env::args().any(|argument| argument == "--test") { 50_000 } else { 1_000_000 };
    let small = large / 100;
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let folder = tempfile::tempdir().expect("there is a place for files");
    let open = |rows: u64| {
        let path = folder.path().join(format!("{rows}.db"));
        runtime.block_on(fill_catalog(&path, rows)).expect("a catalog can be filled");
        runtime.block_on(Catalog::open(&path)).expect("it opens")
    };
    let (few, many) = (open(small), open(large));
    let member = Identity::user("user", Some("team".to_string())).expect("the names are sound");
    // Spread over the whole catalog, in every tier.
    let ids = |rows: u64| -> Vec<PackageId> {
        (0..WANTED)
            .map(|i| format!("package-{}", i * rows / WANTED))
            .map(|name| PackageId::rust(name, "1.0.0").expect("a name"))
            .collect()
    };
    let (in_few, in_many) = (ids(small), ids(large));
    let find = |catalog: &Catalog, ids: &[PackageId]| {
        runtime.block_on(catalog.lookup(&member, ids)).expect("it is found").len() as u64
    };
    assert_eq!((find(&few, &in_few), find(&many, &in_many)), (WANTED, WANTED));
    assert_eq!(
        runtime.block_on(many.lookup(&Identity::Anonymous, &in_many)).expect("it answers").len() as u64,
        WANTED / 2
    );

    criterion.bench_function("catalog/100 of many packages", |bench| bench.iter(|| find(&many, &in_many)));
    holds(
        "lookup of 100 packages among many",
        median(ROUNDS, || {
            black_box(find(&many, &in_many));
        }),
        targets::LOOKUP_HUNDRED_MAX,
    );
    let keep = |found: u64| {
        black_box(found);
    };
    let figure = ratio(ROUNDS, || keep(find(&many, &in_many)), || keep(find(&few, &in_few)));
    holds("lookup among many, of that among a hundredth", figure, targets::LOOKUP_MANY_OF_FEW_MAX);
}
