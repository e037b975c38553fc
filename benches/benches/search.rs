//! What does a search cost, by meaning, by words and by both, beside the least that finds the same, and how does it grow?
//! Each answer is checked before it is timed.

mod peers {
    pub mod lance;
    pub mod words;
}

use std::collections::HashSet;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use zenith_benches::gate::{Gates, OfSize, Pace, keep};
use zenith_benches::samples::{shelve, text};
use zenith_benches::targets;
use zenith_core::catalog::CatalogEntry;
use zenith_core::embed::{DIMENSIONS, Embedder, StaticModel};
use zenith_core::search::shelf::{QuantizedVectors, QueryVector, VectorFile};
use zenith_core::search::{Mode, Search, SearchRequest, SearchResults};

const QUERY: &str = "read a stream with timeout";
const PACKAGES: usize = 4;
const TOP: usize = 10;
/// Bytes that no processor of today keeps near.
const BEYOND_CACHES: usize = 128 << 20;

fn main() -> ExitCode {
    let mut gates = Gates::new("search");
    let embedder: Arc<dyn Embedder> = Arc::new(StaticModel::shipped().expect("the shipped model is whole"));
    let rows = match gates.settings.pace {
        Pace::Test => 400,
        Pace::Quick | Pace::Full => 20_000,
    };
    let sample = Sample::of(&embedder, rows);
    let quantized = sample.quantized();
    scan(&mut gates, &sample, &quantized);
    bandwidth(&mut gates, &sample);
    meaning(&mut gates, &sample, &quantized);
    words(&mut gates, &sample);
    both(&mut gates, &sample);
    growth(&mut gates, &embedder, &sample);
    gates.finish()
}

/// Some packages on a shelf, with what lies in it.
struct Sample {
    search: Search,
    entries: Vec<CatalogEntry>,
    texts: Vec<String>,
    plain: Vec<f32>,
    wanted: Vec<f32>,
    folder: tempfile::TempDir,
}

impl Sample {
    fn of(embedder: &Arc<dyn Embedder>, rows: usize) -> Sample {
        let folder = tempfile::tempdir().expect("there is a place for files");
        let each = rows / PACKAGES;
        let (search, entries) =
            shelve(&folder.path().join("shelf"), embedder, PACKAGES, each).expect("it can be shelved");
        let texts: Vec<String> = (0..rows).map(text).collect();
        let plain = embed(embedder, &texts.iter().map(String::as_str).collect::<Vec<_>>());
        Sample { search, entries, texts, plain, wanted: embed(embedder, &[QUERY]), folder }
    }

    fn search(&self, mode: Mode, packages: usize) -> SearchResults {
        let query = QUERY.to_string();
        let request = SearchRequest { query, mode, limit: TOP, ..Default::default() };
        self.search.search(&request, &self.entries[..packages], None).expect("it can be searched")
    }

    /// The same vectors in 8 bits, in a file, and what is looked for among them.
    fn quantized(&self) -> (VectorFile, QueryVector) {
        let path = self.folder.path().join("vectors");
        let mut vectors = QuantizedVectors::default();
        vectors.extend(&self.plain);
        vectors.write(&path).expect("the file can be written");
        let query = QueryVector::new(&self.wanted).expect("a text with words has a vector");
        (VectorFile::open(&path).expect("the file reads back"), query)
    }

    /// Cosines in `f32` of all rows, and which ten are the nearest; of equal ones all that are as near as the tenth.
    fn nearest(&self) -> (Vec<f32>, f32) {
        let cosines = cosines(&self.plain, &self.wanted);
        let mut sorted = cosines.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        (cosines, sorted[TOP - 1])
    }
}

fn embed(embedder: &Arc<dyn Embedder>, texts: &[&str]) -> Vec<f32> {
    embedder.embed(texts).expect("it embeds")
}

fn cosines(vectors: &[f32], wanted: &[f32]) -> Vec<f32> {
    let dot = |row: &[f32]| row.iter().zip(wanted).map(|(a, b)| a * b).sum::<f32>();
    vectors.chunks_exact(DIMENSIONS).map(dot).collect()
}

/// What does scanning 8-bit vectors take, beside the same scan in 32 bits?
fn scan(gates: &mut Gates, sample: &Sample, (file, query): &(VectorFile, QueryVector)) {
    let best = |cosines: &[f32]| cosines.iter().copied().fold(f32::MIN, f32::max);
    let quantized = || best(&file.cosines(query));
    let floats = || best(&cosines(&sample.plain, &sample.wanted));
    assert!((quantized() - floats()).abs() < 0.01, "both find the same nearest");
    gates.answers(format!("{:.2}", floats()));
    gates.criterion.bench_function("search/scan of 8 bits", |bench| bench.iter(quantized));
    gates.ratio(
        "scan of 8 bits, of that of 32",
        targets::QUANTIZED_SCAN_OF_PLAIN_MAX,
        || keep(quantized()),
        || keep(floats()),
    );
}

/// What does the scan take of vectors that lie in no cache, beside reading as many bytes? Less than that nothing takes
/// that looks at each.
fn bandwidth(gates: &mut Gates, sample: &Sample) {
    let least = if gates.is_test() { sample.texts.len() } else { BEYOND_CACHES / DIMENSIONS };
    let mut vectors = QuantizedVectors::default();
    while vectors.rows() < least {
        vectors.extend(&sample.plain);
    }
    let rows = vectors.rows();
    let path = sample.folder.path().join("many");
    vectors.write(&path).expect("the file can be written");
    drop(vectors);
    let file = VectorFile::open(&path).expect("the file reads back");
    let query = QueryVector::new(&sample.wanted).expect("a text with words has a vector");
    let scan = || file.cosines(&query);
    let words = vec![1_u64; rows * DIMENSIONS / size_of::<u64>()];
    let read = || black_box(&words).iter().fold(0_u64, |sum, word| sum.wrapping_add(*word));
    assert_eq!((scan().len(), read()), (rows, words.len() as u64));
    let megabytes = rows * DIMENSIONS / 1_000_000;
    for (what, work) in [("scanned", &(|| drop(scan())) as &dyn Fn()), ("read", &|| keep(read()))] {
        let begun = Instant::now();
        work();
        println!("{megabytes} MB {what}: {:.1} GB/s", megabytes as f64 / 1e3 / begun.elapsed().as_secs_f64());
    }
    gates.answers(rows.to_string());
    let name = format!("scan of {megabytes} MB of 8 bits, of reading as many bytes");
    gates.ratio(&name, targets::SCAN_OF_READING_MAX, || drop(scan()), || keep(read()));
}

/// What do the nearest ten take, beside the bare scan of the same vectors, and beside Lance without an index?
fn meaning(gates: &mut Gates, sample: &Sample, (file, query): &(VectorFile, QueryVector)) {
    let ours = || sample.search(Mode::Vector, PACKAGES);
    let found = ours();
    let (exact, tenth) = sample.nearest();
    let right = found.hits.iter().filter(|hit| {
        // A row is known by the number of its text, which is in its path.
        let package: usize = hit.package["sample".len()..].parse().expect("its number");
        let row = hit.path.split("::m").nth(1).and_then(|rest| rest.split("::").next()).expect("its row");
        let at = package * (exact.len() / PACKAGES) + row.parse::<usize>().expect("a number");
        exact[at] >= tenth - 1e-4
    });
    gates.answers(format!("{:?}", found.hits.iter().map(|hit| &hit.path).collect::<Vec<_>>()));
    gates.share("of the nearest ten, found", right.count() as f64 / TOP as f64, targets::RECALL_MIN);

    let bare = || {
        let mut cosines: Vec<(f32, usize)> =
            file.cosines(query).into_iter().enumerate().map(|(row, cosine)| (cosine, row)).collect();
        cosines.select_nth_unstable_by(TOP, |a, b| b.0.total_cmp(&a.0));
        cosines.truncate(TOP);
        cosines
    };
    gates.criterion.bench_function("search/the nearest ten", |bench| bench.iter(ours));
    let most = targets::NEAREST_OF_QUANTIZED_SCAN_MAX;
    gates.ratio("the nearest ten, of a bare scan of 8 bits", most, || drop(ours()), || keep(bare()));

    let lance = peers::lance::Lance::of(&sample.folder.path().join("lance"), &sample.plain);
    assert_eq!(lance.nearest(&sample.wanted, TOP), TOP);
    gates.ratio(
        "the nearest ten, of Lance without an index",
        targets::NEAREST_OF_LANCE_MAX,
        || drop(ours()),
        || {
            keep(lance.nearest(&sample.wanted, TOP));
        },
    );
}

/// What do ten results by words take, beside a plain index of the same tokens?
fn words(gates: &mut Gates, sample: &Sample) {
    let plain = peers::words::Plain::of(&sample.folder.path().join("plain"), &sample.texts);
    let ours = || sample.search(Mode::Text, PACKAGES);
    let words: HashSet<&str> = QUERY.split(' ').collect();
    let found = ours();
    assert_eq!((found.hits.len(), plain.find(QUERY, TOP)), (TOP, TOP));
    assert!(
        found
            .hits
            .iter()
            .all(|hit| words.iter().any(|word| hit.name.contains(word) || hit.doc.contains(word)))
    );
    gates.answers(format!("{:?}", found.hits.iter().map(|hit| &hit.path).collect::<Vec<_>>()));
    gates.criterion.bench_function("search/ten by words", |bench| bench.iter(ours));
    gates.ratio(
        "ten by words, of tantivy's",
        targets::TEXT_OF_TANTIVY_MAX,
        || drop(ours()),
        || {
            keep(plain.find(QUERY, TOP));
        },
    );
}

/// What does a warm hybrid search take, and does leaving packages out make it cheaper?
fn both(gates: &mut Gates, sample: &Sample) {
    let over = |packages| sample.search(Mode::Hybrid, packages);
    let (all, one) = (over(PACKAGES), over(1));
    assert_eq!((all.hits.len(), all.packages, one.packages), (TOP, PACKAGES, 1));
    assert!(one.hits.iter().all(|hit| hit.package == "sample0"), "only what was asked for is found");
    gates.answers(format!("{:?}", all.hits.iter().map(|hit| &hit.path).collect::<Vec<_>>()));
    gates.criterion.bench_function("search/hybrid", |bench| bench.iter(|| over(PACKAGES)));
    gates.time("hybrid", targets::HYBRID_SEARCH_MAX, || drop(over(PACKAGES)));
    gates.ratio(
        "hybrid over one package, of that over all four",
        targets::SEARCH_OF_ONE_OF_ALL_MAX,
        || drop(over(1)),
        || drop(over(PACKAGES)),
    );
}

/// How does a hybrid search grow with the rows?
fn growth(gates: &mut Gates, embedder: &Arc<dyn Embedder>, largest: &Sample) {
    let rows = largest.texts.len();
    let smaller = [rows / 16, rows / 4].map(|rows| Sample::of(embedder, rows));
    let samples = [&smaller[0], &smaller[1], largest];
    let mut works: Vec<OfSize<'_>> = Vec::new();
    for sample in samples {
        assert_eq!(sample.search(Mode::Hybrid, PACKAGES).hits.len(), TOP);
        let search = move || drop(sample.search(Mode::Hybrid, PACKAGES));
        works.push((sample.texts.len() as u64, Box::new(search)));
    }
    gates.growth("hybrid, by the rows", targets::SEARCH_GROWTH_MAX, &mut works);
}
