//! Runs of the indexer: what one package does to the others, and where its rows lie.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use zenith_core::Zenith;
use zenith_core::catalog::PackageRoot;
use zenith_core::config::Config;
use zenith_core::embed::{EmbedError, Embedder};
use zenith_core::identity::{Identity, Scope};
use zenith_core::index::{IndexReport, IndexRequest};
use zenith_core::ingest::Source;
use zenith_core::package::PackageId;

use crate::support::{block_on, config, shipped};

/// A model with a defect that one package finds.
struct Fragile(Arc<dyn Embedder>);

impl Embedder for Fragile {
    fn id(&self) -> &str {
        self.0.id()
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<f32>, EmbedError> {
        assert!(!texts.iter().any(|text| text.contains("hostile")), "a defect");
        self.0.embed(texts)
    }
}

/// A workspace of three packages, one of which says `what`.
fn workspace(folder: &Path, what: &str) {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"one\", \"two\", \"three\"]\n");
    let mut lock = String::from("version = 4\n");
    for (name, says) in [("one", "harmless"), ("three", "harmless"), ("two", what)] {
        write(&format!("{name}/Cargo.toml"), &format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n"));
        write(&format!("{name}/src/lib.rs"), &format!("/// Something {says}.\npub fn of_{name}() {{}}\n"));
        lock += &format!("\n[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\n");
    }
    write("Cargo.lock", &lock);
}

async fn index(zenith: &Zenith, folder: &Path, anew: bool) -> IndexReport {
    index_of(zenith, Source::Folder(folder.to_path_buf()), anew).await
}

async fn index_of(zenith: &Zenith, source: Source, anew: bool) -> IndexReport {
    let request = IndexRequest { source, tier: None, direct_only: false, anew };
    let (progress, _) = mpsc::unbounded_channel();
    zenith.index(&request, progress, CancellationToken::new()).await.unwrap()
}

/// The datasets of what is ready, by package.
async fn places(zenith: &Zenith) -> BTreeMap<String, String> {
    let entries = zenith.packages().await.unwrap().into_iter();
    entries.filter_map(|entry| Some((entry.id.name().to_string(), entry.dataset?))).collect()
}

async fn open(folder: &Path, embedder: Arc<dyn Embedder>) -> Zenith {
    let cargo = std::env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from);
    let config = Config { cargo, ..config(&folder.join("data")) };
    Zenith::open_as(config, Identity::local(), embedder).await.unwrap()
}

#[test]
fn a_package_over_which_something_panics_fails_alone() {
    let folder = tempfile::tempdir().unwrap();
    workspace(&folder.path().join("code"), "hostile");
    block_on(async {
        let zenith = open(folder.path(), Arc::new(Fragile(shipped()))).await;
        let report = index(&zenith, &folder.path().join("code"), false).await;
        assert_eq!((report.packages, report.indexed), (3, 2), "{report:?}");
        let failed: Vec<&str> = report.failed.iter().map(|failure| failure.package.as_str()).collect();
        assert_eq!(failed, ["two@0.1.0"]);
        assert_eq!(places(&zenith).await.into_keys().collect::<Vec<_>>(), ["one", "three"]);
    });
}

/// A slow loser writes where nobody reads.
#[test]
fn every_attempt_at_a_package_has_a_place_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    workspace(&folder.path().join("code"), "harmless");
    block_on(async {
        let zenith = open(folder.path(), shipped()).await;
        let code = folder.path().join("code");
        assert_eq!(index(&zenith, &code, false).await.indexed, 3);
        let first = places(&zenith).await;
        assert_eq!(index(&zenith, &code, true).await.indexed, 3);
        let second = places(&zenith).await;
        assert_eq!(first.len(), 3);
        for (package, place) in &first {
            assert_ne!(second.get(package), Some(place), "{package}");
        }
    });
}

/// An entry is no key: who was handed one by somebody else reads nothing by it.
#[test]
fn an_entry_of_somebody_else_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    workspace(&folder.path().join("code"), "harmless");
    block_on(async {
        let zenith = open(folder.path(), shipped()).await;
        index(&zenith, &folder.path().join("code"), false).await;
        let entry = zenith.packages().await.unwrap().remove(0);
        assert!(!zenith.symbols(&entry).await.unwrap().is_empty());
        for identity in [Identity::Anonymous, Identity::user("olive", None).unwrap()] {
            let other =
                Zenith::open_as(config(&folder.path().join("data")), identity, shipped()).await.unwrap();
            assert!(other.symbols(&entry).await.unwrap().is_empty());
            assert!(other.chunks(&entry).await.unwrap().is_empty());
            assert!(other.symbol(&entry, "of_one").await.unwrap().is_empty());
        }
    });
}

/// What a newer program reads otherwise is read again, and once.
#[test]
fn a_released_package_that_was_read_otherwise_is_indexed_anew() {
    let (data, project) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let write = |name: &str, text: &str| {
        let path = project.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let package =
        |name: &str, more: &str| format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\n{more}");
    write("Cargo.toml", &package("own", "[dependencies]\nold = \"1\"\n"));
    write("src/lib.rs", "pub fn of_own() {}");
    let checksum = "0".repeat(64);
    let locked = format!(
        "source = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"{checksum}\"\n"
    );
    let (own, old) = ("name = \"own\"\nversion = \"1.0.0\"\n", "name = \"old\"\nversion = \"1.0.0\"\n");
    write(
        "Cargo.lock",
        &format!("version = 4\n\n[[package]]\n{old}{locked}\n[[package]]\n{own}dependencies = [\"old\"]\n"),
    );
    write(
        ".cargo/config.toml",
        "[source.crates-io]\nreplace-with = \"kept\"\n[source.kept]\ndirectory = \"vendor\"\n",
    );
    write("vendor/old/Cargo.toml", &package("old", ""));
    write("vendor/old/.cargo-checksum.json", &format!("{{\"files\":{{}},\"package\":\"{checksum}\"}}"));
    write("vendor/old/src/lib.rs", "pub fn of_old() {}");
    block_on(async {
        let zenith = open(data.path(), shipped()).await;
        let run = || index_of(&zenith, Source::Lockfile(project.path().join("Cargo.lock")), false);
        let first = run().await;
        assert_eq!((first.indexed, run().await.indexed), (2, 0), "{first:?}");
        let id = PackageId::rust("old", "1.0.0").unwrap();
        let root = zenith.catalog.root(&Scope::Public, &id).await.unwrap().unwrap();
        let of_before = PackageRoot { fingerprint: None, ..root };
        zenith.catalog.set_roots(&[(Scope::Public, id, of_before)]).await.unwrap();
        let again = run().await;
        assert_eq!((again.indexed, again.ready_before), (1, 1), "{again:?}");
        assert!(again.notes.iter().any(|note| note.contains("an earlier zenith")), "{again:?}");
        assert_eq!(run().await.indexed, 0);
    });
}

/// What is left out is noted where a list of packages finds it, and another bound makes anew what it changes alone.
#[test]
fn a_package_beyond_the_bound_says_what_is_left_out_and_another_bound_makes_it_anew() {
    const FUNCTIONS: usize = 1_500;
    let folder = tempfile::tempdir().unwrap();
    let code = folder.path().join("code");
    workspace(&code, "harmless");
    let functions: String = (0..FUNCTIONS).map(|number| format!("pub fn f{number}() {{}}\n")).collect();
    std::fs::write(code.join("two/src/lib.rs"), functions).unwrap();
    let all = FUNCTIONS as u64 + 1;
    block_on(async {
        let bounded = async |symbols_max: usize| {
            let cargo = std::env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from);
            let config = Config { cargo, symbols_max, ..config(&folder.path().join("data")) };
            Zenith::open_as(config, Identity::local(), shipped()).await.unwrap()
        };
        let state = async |zenith: &Zenith| {
            let entries = zenith.packages().await.unwrap();
            let entry = entries.into_iter().find(|entry| entry.id.name() == "two").unwrap();
            (entry.symbol_count, zenith.left_out(&entry).map(|left_out| left_out.left_out))
        };
        let cut = |report: &IndexReport| -> Vec<(String, u64, u64)> {
            let told = report.cut.iter();
            told.map(|cut| (cut.package.clone(), cut.symbols, cut.left_out.left_out)).collect()
        };
        let expected = [("two@0.1.0".to_string(), 1_000, all - 1_000)];

        let zenith = bounded(1_000).await;
        let report = index(&zenith, &code, false).await;
        assert_eq!((report.indexed, cut(&report)), (3, expected.to_vec()));
        assert_eq!(state(&zenith).await, (1_000, Some(all - 1_000)));
        let again = index(&zenith, &code, false).await;
        assert_eq!(
            (again.indexed, cut(&again)),
            (0, expected.to_vec()),
            "it is told again, and not made again"
        );

        let zenith = bounded(1_200).await;
        assert_eq!(index(&zenith, &code, false).await.indexed, 1, "the one that was cut");
        assert_eq!(state(&zenith).await, (1_200, Some(all - 1_200)));
        // A package that has just as many as are taken is looked at once: until then nothing tells that it is whole.
        for (symbols_max, made) in [(2_000, 1), (all as usize, 1), (all as usize, 0), (30_000, 0)] {
            let zenith = bounded(symbols_max).await;
            let report = index(&zenith, &code, false).await;
            assert_eq!((report.indexed, cut(&report)), (made, vec![]), "at most {symbols_max}");
            assert_eq!(state(&zenith).await, (all, None));
        }
        let zenith = bounded(1_000).await;
        let report = index(&zenith, &code, false).await;
        assert_eq!((report.indexed, cut(&report)), (1, expected.to_vec()), "a lower bound cuts it again");
    });
}
