//! Items are found by what is said of them elsewhere, and long ones by their parts.

use std::path::Path;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use zenith_core::Zenith;
use zenith_core::config::Config;
use zenith_core::identity::{Identity, Scope};
use zenith_core::index::IndexRequest;
use zenith_core::ingest::Source;
use zenith_core::search::{Hit, Mode, SearchRequest};

use crate::support::{block_on, config, shipped};

const README: &str =
    "# Lanterns\n\nKeep the ferry waiting until dawn:\n\n```rust\nuse lanterns::hold;\nhold();\n```\n";

/// A package of one's own, indexed: a function that only an example speaks of, and a long one.
async fn lanterns(folder: &Path) -> Zenith {
    let write = |name: &str, text: &str| {
        let path = folder.join("code").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("Cargo.toml", "[package]\nname = \"lanterns\"\nversion = \"0.1.0\"\n");
    write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"lanterns\"\nversion = \"0.1.0\"\n");
    write("README.md", README);
    let mut text =
        String::from("/// Holds.\npub fn hold() {}\n\n// Repaints the weathered hull.\nfn brush() {}\n\n");
    text += "#[deprecated(note = \"use `hold` instead\")]\npub fn linger() {}\n\n";
    text +=
        "pub fn fetch() -> Result<(), String> { Err(String::from(\"the tide table is unreadable\")) }\n\n";
    text += "pub fn voyage() {\n";
    for n in 0..100 {
        let line = if n == 70 { "count_seagulls(mast);".to_string() } else { format!("row({n});") };
        text += &format!("    {line}\n");
    }
    write("src/lib.rs", &(text + "}\n"));
    let cargo = std::env::var_os("CARGO").map_or_else(|| "cargo".into(), Into::into);
    let config = Config { cargo, ..config(&folder.join("data")) };
    let zenith = Zenith::open_as(config, Identity::local(), shipped()).await.unwrap();
    let source = Source::Folder(folder.join("code"));
    let request = IndexRequest { source, tier: None, direct_only: false, anew: false };
    let (progress, _) = mpsc::unbounded_channel();
    let report = zenith.index(&request, progress, CancellationToken::new()).await.unwrap();
    assert_eq!((report.indexed, report.failed.len()), (1, 0), "{report:?}");
    zenith
}

async fn hits(zenith: &Zenith, query: &str, mode: Mode) -> Vec<Hit> {
    let request = SearchRequest { query: query.to_string(), mode, limit: 20, ..SearchRequest::default() };
    zenith.search(request, None).await.unwrap().hits
}

/// The items that a search finds, without sections of documentation.
async fn items(zenith: &Zenith, query: &str, mode: Mode) -> Vec<String> {
    let hits = hits(zenith, query, mode).await.into_iter();
    hits.filter(|hit| hit.kind != "doc" && hit.kind != "mod").map(|hit| hit.path).collect()
}

#[test]
fn an_item_is_found_by_words_that_only_an_example_has() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let zenith = lanterns(folder.path()).await;
        assert_eq!(items(&zenith, "ferry dawn", Mode::Text).await, ["lanterns::hold"]);
        for mode in [Mode::Vector, Mode::Hybrid] {
            let found = items(&zenith, "keep the ferry waiting until dawn", mode).await;
            assert_eq!(found.first().map(String::as_str), Some("lanterns::hold"), "{mode:?}: {found:?}");
        }
    });
}

#[test]
fn a_part_of_a_long_function_leads_to_the_function_at_its_lines() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let zenith = lanterns(folder.path()).await;
        for mode in [Mode::Text, Mode::Hybrid] {
            let found = hits(&zenith, "count seagulls mast", mode).await;
            let first = found.iter().find(|hit| hit.path == "lanterns::voyage").expect("it is found");
            assert_eq!((first.kind.as_str(), mode == Mode::Text && first.rank > 1), ("fn", false));
            assert!(first.doc.contains("count_seagulls(mast);"), "{}", first.doc);
            let within = first.doc.lines().position(|line| line.contains("count_seagulls")).unwrap();
            let text = std::fs::read_to_string(folder.path().join("code/src/lib.rs")).unwrap();
            let line = text.lines().nth(first.line as usize - 1 + within);
            assert_eq!(line.map(str::trim), Some("count_seagulls(mast);"));
            assert_eq!(found.iter().filter(|hit| hit.path == "lanterns::voyage").count(), 1);
        }
        // Who types its name means the whole.
        let named = hits(&zenith, "voyage", Mode::Hybrid).await;
        let first = named.first().expect("something is found");
        assert!(first.path == "lanterns::voyage" && !first.doc.contains("row("), "{first:?}");
    });
}

#[test]
fn comments_messages_and_old_names_find_their_items() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let zenith = lanterns(folder.path()).await;
        assert_eq!(items(&zenith, "repaint hull", Mode::Text).await, ["lanterns::brush"]);
        assert_eq!(
            items(&zenith, "error: the tide table is unreadable", Mode::Text).await[0],
            "lanterns::fetch"
        );
        let old = hits(&zenith, "linger", Mode::Hybrid).await;
        let successor = old.iter().find(|hit| hit.path == "lanterns::hold").expect("it is found");
        assert_eq!(successor.alias.as_deref(), Some("linger"));
    });
}

/// What is not in the dataset is made again from what is.
#[test]
fn a_shelf_that_is_made_anew_finds_the_same() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let zenith = lanterns(folder.path()).await;
        let queries = ["keep the ferry waiting until dawn", "count seagulls mast", "repaint hull", "linger"];
        let mut before = Vec::new();
        for query in queries {
            before.push(hits(&zenith, query, Mode::Hybrid).await);
        }
        let scope = Scope::Private("local".to_string());
        let shelf = folder.path().join("data/shelf").join(scope.prefix());
        assert!(shelf.join("vectors").is_dir(), "{}", shelf.display());
        std::fs::write(shelf.join("text/meta.json"), "{}").unwrap();
        let zenith = zenith_core::index::reshelve(
            &zenith.search,
            &zenith.lake,
            &scope,
            &zenith.packages().await.unwrap(),
        )
        .await
        .map(|done| assert!(done.rebuilt && done.added == 1, "{done:?}"))
        .map(|()| zenith)
        .unwrap();
        for (query, before) in queries.iter().zip(before) {
            assert_eq!(hits(&zenith, query, Mode::Hybrid).await, before, "{query}");
        }
    });
}
