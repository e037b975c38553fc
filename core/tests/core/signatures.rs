//! What is found by a signature, in every mode and with filters.

use std::path::{Path, PathBuf};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use zenith_core::Zenith;
use zenith_core::config::Config;
use zenith_core::identity::Identity;
use zenith_core::index::IndexRequest;
use zenith_core::ingest::{Cargo, Source, discover};
use zenith_core::search::{Mode, SearchRequest};

use crate::support::{block_on, config, shipped};

const MODES: [Mode; 3] = [Mode::Hybrid, Mode::Text, Mode::Vector];

const WEB: &str = "
    pub struct Url;
    pub struct ParseError;
    /// Reads a URL.
    pub fn parse(text: &str) -> Result<Url, ParseError> { todo!() }
    impl Url {
        /// Reads it against a base.
        pub fn parse_with(text: &str, base: &Url) -> Result<Url, ParseError> { todo!() }
        /// What is asked of.
        pub fn host(&self) -> Option<&str> { todo!() }
    }
    impl std::str::FromStr for Url {
        type Err = ParseError;
        fn from_str(text: &str) -> Result<Self, ParseError> { parse(text) }
    }
";

const LISTS: &str = "
    pub struct List<T>(T);
    impl<T> List<T> {
        /// Cuts it.
        pub fn truncate(&mut self, length: usize) {}
        /// Each of it made something else, where it can be.
        pub fn and_then<U, F>(self, f: F) -> List<U> where F: FnOnce(T) -> List<U> { todo!() }
    }
    /// Writes bytes, so many.
    pub fn write_bytes(bytes: List<u8>, count: usize) {}
    /// How long it takes.
    pub fn timed(call: impl Fn()) -> std::time::Duration { todo!() }
    /// Reads what lies at a path.
    pub fn read<P: AsRef<std::path::Path>>(path: P) -> std::io::Result<Vec<u8>> { todo!() }
    macro_rules! many { ($($name:ident)*) => { $(pub fn $name(text: &str) -> u128 { 0 })* } }
    many!(first second);
";

/// Two packages of one's own, indexed.
async fn indexed(folder: &Path) -> Zenith {
    let code = folder.join("code");
    let mut lock = String::from("version = 4\n");
    std::fs::create_dir_all(&code).unwrap();
    std::fs::write(
        code.join("Cargo.toml"),
        "[workspace]\nresolver = \"3\"\nmembers = [\"web\", \"lists\"]\n",
    )
    .unwrap();
    for (name, text) in [("web", WEB), ("lists", LISTS)] {
        std::fs::create_dir_all(code.join(name).join("src")).unwrap();
        let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        std::fs::write(code.join(name).join("Cargo.toml"), manifest).unwrap();
        std::fs::write(code.join(name).join("src/lib.rs"), text).unwrap();
        lock += &format!("\n[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\n");
    }
    std::fs::write(code.join("Cargo.lock"), lock).unwrap();
    let cargo = std::env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from);
    let config = Config { cargo, ..config(&folder.join("data")) };
    let zenith = Zenith::open_as(config, Identity::local(), shipped()).await.unwrap();
    let request = IndexRequest { source: Source::Folder(code), tier: None, direct_only: false, anew: false };
    let (progress, _) = mpsc::unbounded_channel();
    let report = zenith.index(&request, progress, CancellationToken::new()).await.unwrap();
    assert_eq!((report.packages, report.indexed), (2, 2), "{report:?}");
    zenith
}

async fn paths(zenith: &Zenith, query: &str, mode: Mode) -> Vec<String> {
    let request = SearchRequest { query: query.to_string(), mode, limit: 10, ..SearchRequest::default() };
    let hits = zenith.search(request, None).await.unwrap().hits;
    hits.into_iter().map(|hit| hit.path).collect()
}

#[test]
fn functions_are_found_by_what_goes_in_and_what_comes_out() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let zenith = indexed(folder.path()).await;
        for (query, expected) in [
            // What takes more than was said comes last; what implements a trait is a lesser result.
            ("&str -> Result<Url>", &["web::parse", "web::Url::from_str", "web::Url::parse_with"][..]),
            (
                "str -> Result<web::Url, ParseError>",
                &["web::parse", "web::Url::from_str", "web::Url::parse_with"],
            ),
            ("Url, &str -> Result<Url>", &["web::Url::parse_with"]),
            ("Url -> Option<str>", &["web::Url::host"]),
            // A type before the variable that may stand for it; in any order.
            ("List<u8>, usize ->", &["lists::write_bytes", "lists::List::truncate"]),
            ("usize, List<T>", &["lists::List::truncate", "lists::write_bytes"]),
            ("-> Duration", &["lists::timed"]),
            ("List<T>, Fn(T) -> List<U>", &["lists::List::and_then"]),
            ("list<t>, (t -> list<u>) -> list<u>", &["lists::List::and_then"]),
            ("Path -> Result<Vec<u8>>", &["lists::read"]),
            ("-> u128", &["lists::first", "lists::second"]),
            ("kind:method &str -> Result<Url>", &["web::Url::from_str", "web::Url::parse_with"]),
            ("pkg:lists &str ->", &["lists::first", "lists::second", "lists::read"]),
        ] {
            for mode in MODES {
                let mut found = paths(&zenith, query, mode).await;
                if query.ends_with("u128") || query.starts_with("pkg:lists") {
                    let equal = found.len().min(2);
                    found[..equal].sort();
                }
                assert_eq!(found, expected, "{mode:?} {query}");
            }
        }
    });
}

/// A package that everybody knows, as it lies in cargo's registry folder.
#[test]
fn a_real_packages_functions_are_found() {
    block_on(async {
        let cargo = std::env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from);
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))).unwrap();
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock").canonicalize().unwrap();
        let cargo = Cargo { program: cargo, home, rustc: "no-such-rustc".into() };
        let locked = discover(&Source::Lockfile(lock), &cargo).unwrap();
        let url = locked.packages.iter().find(|package| package.id.name() == "url").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let zenith = Zenith::open_as(config(folder.path()), Identity::local(), shipped()).await.unwrap();
        let source = Source::Folder(url.root.clone());
        let request = IndexRequest { source, tier: None, direct_only: false, anew: false };
        let (progress, _) = mpsc::unbounded_channel();
        zenith.index(&request, progress, CancellationToken::new()).await.unwrap();
        for (query, expected) in [
            ("&str -> Result<Url>", "url::Url::parse"),
            ("&str, Url -> Result<Url>", "url::Url::join"),
            ("Path -> Result<Url>", "url::Url::from_file_path"),
            ("Url -> Result<PathBuf>", "url::Url::to_file_path"),
            ("Url -> Option<u16>", "url::Url::port"),
            ("-> Option<Host<T>>", "url::Url::host"),
        ] {
            for mode in MODES {
                let found = paths(&zenith, query, mode).await;
                assert!(found.iter().take(3).any(|path| path == expected), "{mode:?} {query}: {found:?}");
            }
        }
    });
}

/// A signature that nothing has is words like any other, and what only looks like one too.
#[test]
fn what_no_function_has_is_searched_for_by_its_words() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let zenith = indexed(folder.path()).await;
        for query in ["parse -> Reads a URL", "Truncate<Cuts> -> Cuts"] {
            assert!(!paths(&zenith, query, Mode::Hybrid).await.is_empty(), "{query}");
        }
    });
}
