//! Which of a shelf's rows a search may count.

use zenith_core::Zenith;
use zenith_core::identity::{Identity, Scope};
use zenith_core::package::PackageId;
use zenith_core::search::{Mode, SearchRequest};

use crate::support::{Folder, block_on, finished, shipped};

const MODES: [Mode; 3] = [Mode::Hybrid, Mode::Text, Mode::Vector];

fn package(name: &str) -> PackageId {
    PackageId::rust(name, "1.0.0").unwrap()
}

async fn names(zenith: &Zenith, query: &str, mode: Mode) -> Vec<String> {
    let request = SearchRequest { query: query.to_string(), mode, limit: 50, ..SearchRequest::default() };
    let results = zenith.search(request, None).await.unwrap();
    results.hits.into_iter().map(|hit| hit.name).collect()
}

/// Whatever put them there: an attempt that lost, a place that somebody else's row names, a package that
/// the catalog never spoke of.
#[test]
fn a_row_counts_only_if_it_came_from_the_very_dataset_of_a_ready_entry() {
    block_on(async {
        let folder = Folder::new().await;
        let scope = Scope::Public;
        folder.put(&scope, "named", &["steer_ship"]).await;
        let (lost, unnamed) = (package("lost"), package("unnamed"));
        let of_the_loser = format!("{}-lost", finished(&scope, &lost).dataset);
        folder.shelve(&scope, &lost, &of_the_loser, shipped().id(), &["steer_planted"]);
        folder.announce(&scope, finished(&scope, &lost)).await;
        folder.shelve(&scope, &unnamed, "lance/x", shipped().id(), &["steer_unnamed"]);
        let zenith = folder.open_as(Identity::Anonymous).await;
        for mode in MODES {
            for query in ["steer", "steer_planted", "steer_unnamed", "planted", ""] {
                let found = names(&zenith, query, mode).await;
                let others: Vec<&String> = found.iter().filter(|name| *name != "steer_ship").collect();
                assert!(others.is_empty(), "{mode:?} {query:?}: {others:?}");
            }
            assert_eq!(names(&zenith, "steer ship", mode).await, ["steer_ship"], "{mode:?}");
        }
        // The very rows count as soon as they are those of the dataset that the catalog names.
        let dataset = finished(&scope, &lost).dataset;
        folder.shelve(&scope, &lost, &dataset, shipped().id(), &["steer_planted"]);
        assert_eq!(names(&zenith, "steer_planted", Mode::Text).await[0], "steer_planted");
    });
}

/// Nor do they take the place of those that count, however near they are.
#[test]
fn rows_that_do_not_count_crowd_nobody_out() {
    block_on(async {
        let folder = Folder::new().await;
        let scope = Scope::Public;
        folder.put(&scope, "named", &["open_a_file_for_reading"]).await;
        // The very words of the query: nothing is nearer.
        folder.shelve(&scope, &package("unnamed"), "lance/x", shipped().id(), &["open_file"; 1000]);
        let zenith = folder.open_as(Identity::Anonymous).await;
        for mode in MODES {
            assert_eq!(names(&zenith, "open file", mode).await, ["open_a_file_for_reading"], "{mode:?}");
        }
    });
}

#[test]
fn vectors_of_another_model_are_compared_with_nothing() {
    block_on(async {
        let folder = Folder::new().await;
        let (scope, other) = (Scope::Public, package("other"));
        folder.put(&scope, "same", &["open_file"]).await;
        let mut told = finished(&scope, &other);
        told.embedding_model = "another-model".to_string();
        folder.shelve(&scope, &other, &told.dataset, "another-model", &["open_file_elsewhere"]);
        folder.announce(&scope, told).await;
        let zenith = folder.open_as(Identity::Anonymous).await;
        assert_eq!(names(&zenith, "open a file", Mode::Vector).await, ["open_file"]);
        assert!(names(&zenith, "open file", Mode::Text).await.contains(&"open_file_elsewhere".to_string()));
    });
}
