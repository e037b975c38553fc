//! What comes before what: the standard library among what else bears a name, packages that a question names,
//! what nobody writes, one's own code, sections beside items, one file among others.

use std::sync::Arc;

use zenith_core::Zenith;
use zenith_core::config::Config;
use zenith_core::identity::{Identity, Scope};
use zenith_core::index;
use zenith_core::ingest::{Cargo, Toolchain};
use zenith_core::package::PackageId;
use zenith_core::search::shelf::{DOC_KIND, Facts, ShelfRow};
use zenith_core::search::{Mode, Project, SearchRequest};

use crate::support::{Folder, block_on, config, finished, function, shipped};

async fn packages(zenith: &Zenith, query: &str, project: Option<Arc<Project>>) -> Vec<String> {
    let request = SearchRequest { query: query.to_string(), limit: 10, ..SearchRequest::default() };
    let hits = zenith.search(request, project).await.unwrap().hits;
    hits.into_iter().map(|hit| hit.path).collect()
}

/// A project that is one package.
fn project_of(name: &str) -> Arc<Project> {
    let folder = tempfile::tempdir().unwrap();
    let lockfile = folder.path().join("Cargo.lock");
    let text = format!("version = 4\n\n[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n");
    std::fs::write(&lockfile, text).unwrap();
    Arc::new(Project::read(&lockfile).unwrap())
}

#[test]
fn own_code_of_another_project_stands_behind_that_of_this_one() {
    block_on(async {
        let folder = Folder::new().await;
        let own = Scope::Private("local".to_string());
        folder.put(&own, "others", &["wash_dishes"]).await;
        folder.put(&own, "mine", &["wash_dishes"]).await;
        let zenith = folder.open_as(Identity::local()).await;
        for (project, first) in [("mine", "mine::wash_dishes"), ("others", "others::wash_dishes")] {
            let found = packages(&zenith, "wash the dishes", Some(project_of(project))).await;
            assert_eq!((found.len(), found[0].as_str()), (2, first), "{found:?}");
        }
    });
}

#[test]
fn the_standard_library_stands_behind_own_code_only_where_both_bear_the_name() {
    block_on(async {
        let folder = Folder::new().await;
        let own = Scope::Private("local".to_string());
        folder.put(&Scope::Public, "std", &["spawn_task", "join_task"]).await;
        folder.put(&Scope::Public, "elsewhere", &["spawn_task"]).await;
        folder.put(&own, "mine", &["spawn_task", "join_task_later"]).await;
        let zenith = folder.open_as(Identity::local()).await;
        let named = packages(&zenith, "spawn_task", None).await;
        assert_eq!(named.first().map(String::as_str), Some("mine::spawn_task"), "{named:?}");
        let alone = packages(&zenith, "join_task", None).await;
        assert_eq!(alone.first().map(String::as_str), Some("std::join_task"), "{alone:?}");
        let within = packages(&zenith, "spawn_task", Some(project_of("mine"))).await;
        assert_eq!(
            within.get(..2),
            Some(&["mine::spawn_task".to_string(), "std::spawn_task".to_string()][..])
        );
        assert!(!within.contains(&"elsewhere::spawn_task".to_string()), "it is no part of the project");
    });
}

#[test]
fn a_word_in_british_spelling_is_the_one_that_is_written() {
    block_on(async {
        let folder = Folder::new().await;
        folder.put(&Scope::Public, "one", &["read_value", "deserialize_value", "write_value"]).await;
        folder.put(&Scope::Public, "two", &["colorize_number", "colourise_number"]).await;
        let zenith = folder.open_as(Identity::local()).await;
        for (query, first) in [
            ("deserialise the value", "one::deserialize_value"),
            ("colourise the number", "two::colourise_number"),
        ] {
            let request = SearchRequest {
                query: query.to_string(),
                mode: Mode::Text,
                limit: 10,
                ..SearchRequest::default()
            };
            let hits = zenith.search(request, None).await.unwrap().hits;
            assert_eq!(hits.first().map(|hit| hit.path.as_str()), Some(first), "{query}");
        }
    });
}

#[test]
fn of_several_standard_libraries_that_of_the_projects_toolchain_is_searched() {
    block_on(async {
        let folder = Folder::new().await;
        folder.put(&Scope::Public, "std", &["of_another"]).await;
        let project = tempfile::tempdir().unwrap();
        let cargo = Cargo { program: "cargo".into(), home: project.path().into(), rustc: "rustc".into() };
        let toolchain = Toolchain::of(project.path(), &cargo).expect("rustc builds this test");
        let id = PackageId::rust("std", &toolchain.version).unwrap();
        let finished = finished(&Scope::Public, &id);
        let (dataset, model) = (&finished.dataset, &finished.embedding_model);
        folder.shelve(&Scope::Public, &id, dataset, model, &["of_this"]);
        folder.announce(&Scope::Public, finished.clone()).await;

        let lockfile = project.path().join("Cargo.lock");
        std::fs::write(&lockfile, "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n").unwrap();
        let data = folder.open_as(Identity::local()).await.config.data_dir.clone();
        let config = Config { rustc: "rustc".into(), ..config(&data) };
        let zenith = Zenith::open_as(config, Identity::local(), shipped()).await.unwrap();
        let within = index::project(&data, &lockfile).unwrap();
        assert_eq!(packages(&zenith, "of", Some(Arc::new(within))).await, ["std::of_this"]);
        assert_eq!(packages(&zenith, "of", None).await.len(), 2);
    });
}

const PUBLIC: Facts = Facts {
    group: zenith_core::search::shelf::Group::Main,
    documented: 2,
    depth: 1,
    public: true,
    of_trait: false,
    deprecated: false,
    unstable: false,
    hidden: false,
    unwritten: false,
    off: false,
    elsewhere: false,
    test: false,
    used: 0,
};

/// A public function with a text about it.
fn row(package: &str, name: &str, text: &str) -> ShelfRow {
    let plain = function(package, name, 100);
    ShelfRow { text: text.to_string(), facts: PUBLIC, ..plain }
}

async fn paths(zenith: &Zenith, query: &str, mode: Mode) -> Vec<String> {
    let request = SearchRequest { query: query.to_string(), mode, limit: 10, ..SearchRequest::default() };
    zenith.search(request, None).await.unwrap().hits.into_iter().map(|hit| hit.path).collect()
}

const WORDS: [Mode; 2] = [Mode::Hybrid, Mode::Text];

#[test]
fn a_package_that_is_named_comes_first_with_its_family_and_is_no_word_to_look_for() {
    block_on(async {
        let folder = Folder::new().await;
        let text = "Watches the latest value of a channel.";
        for package in ["zephyr", "zephyr-util", "other"] {
            folder.put_rows(&Scope::Public, package, "1.0.0", vec![row(package, "latest_value", text)]).await;
        }
        let spoken = "Watches the latest zephyr channel, as zephyr does.";
        folder
            .put_rows(&Scope::Public, "zeppelin", "1.0.0", vec![row("zeppelin", "zephyr_value", spoken)])
            .await;
        let zenith = folder.open_as(Identity::local()).await;
        for mode in WORDS {
            let found = paths(&zenith, "zephyr channel of the latest value", mode).await;
            let of = |package: &str| found.iter().position(|path| path.starts_with(package)).unwrap();
            assert!(
                of("zephyr::") < of("zephyr-util::") && of("zephyr-util::") < of("other::"),
                "{mode}: {found:?}"
            );
            assert!(of("zephyr::") < of("zeppelin::"), "{mode}: {found:?}");
        }
    });
}

#[test]
fn a_package_whose_name_is_a_common_word_hides_nothing() {
    block_on(async {
        let folder = Folder::new().await;
        folder
            .put_rows(&Scope::Public, "time", "1.0.0", vec![row("time", "month", "A month of the year.")])
            .await;
        let mut rows = vec![row("clocks", "sleep_for_a_time", "Sleeps for some time, then goes on.")];
        let common = |number: usize| row("clocks", &format!("time_{number}"), "Tells the time of the day.");
        rows.extend((0..40).map(common));
        folder.put_rows(&Scope::Public, "clocks", "1.0.0", rows).await;
        let zenith = folder.open_as(Identity::local()).await;
        for mode in WORDS {
            let found = paths(&zenith, "sleep some time", mode).await;
            assert_eq!(
                found.first().map(String::as_str),
                Some("clocks::sleep_for_a_time"),
                "{mode}: {found:?}"
            );
        }
    });
}

#[test]
fn what_nobody_writes_stands_behind_its_equals() {
    block_on(async {
        let folder = Folder::new().await;
        let text = "Compresses a block of bytes.";
        let less = [
            Facts { unwritten: true, ..PUBLIC },
            Facts { hidden: true, ..PUBLIC },
            Facts { deprecated: true, ..PUBLIC },
            Facts { unstable: true, ..PUBLIC },
        ];
        for (number, facts) in less.into_iter().enumerate() {
            let package = format!("a{number}");
            let plain = row(&package, "compress_block", text);
            folder.put_rows(&Scope::Public, &package, "1.0.0", vec![ShelfRow { facts, ..plain }]).await;
        }
        for (package, version) in [("twice", "0.9.0"), ("twice", "0.10.0")] {
            folder
                .put_rows(&Scope::Public, package, version, vec![row(package, "compress_block", text)])
                .await;
        }
        let zenith = folder.open_as(Identity::local()).await;
        // By words they are equal; by meaning the names of their packages part them.
        let (query, mode) = ("compress bytes".to_string(), Mode::Text);
        let request = SearchRequest { query, mode, limit: 10, ..SearchRequest::default() };
        let hits = zenith.search(request, None).await.unwrap().hits;
        let first = hits.first().map(|hit| (hit.package.as_str(), hit.version.as_str()));
        assert_eq!(first, Some(("twice", "0.10.0")), "{hits:?}");
    });
}

#[test]
fn what_examples_use_comes_before_its_equals() {
    block_on(async {
        let folder = Folder::new().await;
        let text = "Compresses a block of bytes.";
        let used = Facts { used: 40, ..PUBLIC };
        // Of equals the first row would come first.
        let rows = vec![
            row("pack", "compress_block", text),
            ShelfRow { facts: used, ..row("pack", "block_compress", text) },
        ];
        folder.put_rows(&Scope::Public, "pack", "1.0.0", rows).await;
        let zenith = folder.open_as(Identity::local()).await;
        for mode in WORDS {
            let found = paths(&zenith, "compress bytes", mode).await;
            assert_eq!(found, ["pack::block_compress", "pack::compress_block"], "{mode}");
        }
    });
}

#[test]
fn own_code_is_not_worse_for_being_private_and_undocumented_and_comes_first_among_equals() {
    block_on(async {
        let folder = Folder::new().await;
        let own = Scope::Private("local".to_string());
        let private = Facts { public: false, documented: 0, depth: 6, ..PUBLIC };
        folder
            .put_rows(&Scope::Public, "theirs", "1.0.0", vec![row("theirs", "merge_ranges_of_lines", "")])
            .await;
        let mine = ShelfRow { facts: private, ..row("mine", "merge_ranges_of_lines", "") };
        let open = ShelfRow { facts: PUBLIC, ..row("mine", "merge_ranges", "") };
        folder.put_rows(&own, "mine", "1.0.0", vec![open, mine]).await;
        let zenith = folder.open_as(Identity::local()).await;
        for mode in WORDS {
            let found = paths(&zenith, "merge the ranges of some lines", mode).await;
            let expected =
                ["mine::merge_ranges_of_lines", "mine::merge_ranges", "theirs::merge_ranges_of_lines"];
            assert_eq!(found.first().map(String::as_str), Some(expected[0]), "{mode}: {found:?}");
        }
    });
}

#[test]
fn a_section_is_found_by_its_words_where_the_question_is_one_of_prose() {
    block_on(async {
        let folder = Folder::new().await;
        let section = |title: &str, text: &str| {
            let mut plain = row("guide", title, text);
            plain.card.kind = DOC_KIND.to_string();
            plain.card.path = format!("guide › {title}");
            plain.card.file = "README.md".to_string();
            ShelfRow { facts: Facts::of_section(), ..plain }
        };
        let wanted =
            section("Shutting down", "Before the program ends, wait until all workers have drained.");
        let other = section("Installing", "Add the package to the manifest of the project.");
        let item = row("guide", "drain", "Takes all elements out.");
        folder.put_rows(&Scope::Public, "guide", "1.0.0", vec![item, other, wanted]).await;
        let zenith = folder.open_as(Identity::local()).await;
        for mode in WORDS {
            let found = paths(&zenith, "what to do before a program ends and workers drained", mode).await;
            assert_eq!(found.first().map(String::as_str), Some("guide › Shutting down"), "{mode}: {found:?}");
        }
    });
}

#[test]
fn one_file_does_not_crowd_out_another() {
    block_on(async {
        let folder = Folder::new().await;
        let mut rows: Vec<ShelfRow> = (0..8)
            .map(|number| row("many", &format!("parse_header_{number}"), "Parses the header."))
            .collect();
        let mut second = row("many", "header", "What a header is: parses nothing.");
        second.card.file = "src/second.rs".to_string();
        second.card.path = "many::second::header".to_string();
        rows.push(second);
        folder.put_rows(&Scope::Public, "many", "1.0.0", rows).await;
        let zenith = folder.open_as(Identity::local()).await;
        for mode in WORDS {
            let found = paths(&zenith, "parse the header", mode).await;
            assert_eq!(found.len(), 9, "{mode}: none is lost");
            let at = found.iter().position(|path| path.ends_with("::header")).unwrap();
            assert!(at <= 3, "{mode}: {found:?}");
        }
    });
}
