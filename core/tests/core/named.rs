//! What is found by a name, and in what order.

use std::collections::BTreeSet;

use zenith_core::Zenith;
use zenith_core::identity::{Identity, Scope};
use zenith_core::search::{FoundBy, Mode, SearchRequest};

use crate::support::{Folder, block_on};

async fn names(zenith: &Zenith, query: &str, mode: Mode) -> Vec<String> {
    let request = SearchRequest { query: query.to_string(), mode, limit: 10, ..SearchRequest::default() };
    let hits = zenith.search(request, None).await.unwrap().hits;
    hits.into_iter().map(|hit| hit.name).collect()
}

/// A data folder with these functions, the first the worst result, and what is opened over it.
async fn shelved(functions: &[&str]) -> (Folder, Zenith) {
    let folder = Folder::new().await;
    folder
        .put_rated(&Scope::Public, "kit", functions, |number| u8::try_from(100 + 3 * number).unwrap())
        .await;
    let zenith = folder.open_as(Identity::Anonymous).await;
    (folder, zenith)
}

#[test]
fn what_is_spelled_as_it_was_typed_comes_first() {
    block_on(async {
        let (_folder, zenith) = shelved(&["par_iter", "ParIter", "PAR_ITER", "pariter"]).await;
        for mode in [Mode::Hybrid, Mode::Text] {
            for (typed, spelled) in [
                ("par_iter", "par_iter"),
                ("ParIter", "ParIter"),
                ("kit::par_iter", "par_iter"),
                ("pariter", "pariter"),
            ] {
                let found = names(&zenith, typed, mode).await;
                assert_eq!(found.first().map(String::as_str), Some(spelled), "{typed}: {found:?}");
                assert_eq!(found.len(), 4, "and the other spellings behind it: {found:?}");
            }
            // Words say nothing of the spelling.
            assert_eq!(names(&zenith, "par iter", mode).await.len(), 4);
        }
    });
}

/// Who types small letters alone may mean a type.
#[test]
fn a_word_in_small_letters_is_its_spelling_only_where_that_is_about_as_good() {
    block_on(async {
        let folder = Folder::new().await;
        let rated = |number: usize| [100, 110, 100, 200][number];
        folder.put_rated(&Scope::Public, "kit", &["vec", "Vec", "mutex", "Mutex"], rated).await;
        let zenith = folder.open_as(Identity::Anonymous).await;
        for (typed, first) in [("vec", "vec"), ("Vec", "Vec"), ("mutex", "Mutex"), ("Mutex", "Mutex")] {
            assert_eq!(names(&zenith, typed, Mode::Text).await[0], first, "{typed}");
        }
    });
}

#[test]
fn words_are_the_parts_of_a_path() {
    block_on(async {
        let functions =
            ["HashMap::entry", "fs::read_to_string", "hash_map_entries", "entry", "map_entry", "read_to"];
        let (_folder, zenith) = shelved(&functions).await;
        for (typed, name) in [
            ("hash map entry", "HashMap::entry"),
            ("kit hash map entry", "HashMap::entry"),
            ("kit fs read to string", "fs::read_to_string"),
            ("fs read_to_string", "fs::read_to_string"),
            ("kit entry", "entry"),
        ] {
            let found = names(&zenith, typed, Mode::Text).await;
            assert_eq!(found.first().map(String::as_str), Some(name), "{typed}: {found:?}");
        }
    });
}

#[test]
fn a_name_is_found_by_the_beginnings_of_its_words() {
    block_on(async {
        let functions =
            ["spawn_blocking", "HashMap", "SpawnBlocker", "spinbl", "spawn_a_blocking", "hamaker"];
        let (_folder, zenith) = shelved(&functions).await;
        for (typed, expected) in [
            ("spawn_bl", ["SpawnBlocker", "spawn_blocking"]),
            ("sp_bl", ["SpawnBlocker", "spawn_blocking"]),
            ("spBl", ["SpawnBlocker", "spawn_blocking"]),
            ("SP_BL", ["SpawnBlocker", "spawn_blocking"]),
            ("HaMa", ["HashMap", "hamaker"]),
        ] {
            let found = names(&zenith, typed, Mode::Text).await;
            let first: BTreeSet<&str> = found.iter().take(expected.len()).map(String::as_str).collect();
            assert_eq!(first, BTreeSet::from(expected), "{typed}: {found:?}");
            // Words of their own may lead elsewhere; these do not.
            assert!(typed == "spawn_bl" || found.len() == expected.len(), "{typed}: {found:?}");
        }
    });
}

#[test]
fn a_result_says_what_it_was_found_by() {
    block_on(async {
        let (_folder, zenith) = shelved(&["spawn_blocking", "deserialize", "join"]).await;
        for (typed, name, expected) in [
            ("spawn_blocking", "spawn_blocking", FoundBy::Words),
            ("blocking", "spawn_blocking", FoundBy::Words),
            ("deserialise", "deserialize", FoundBy::LikeName),
            ("zzzqqq", "join", FoundBy::Meaning),
        ] {
            let request = SearchRequest { query: typed.to_string(), limit: 50, ..SearchRequest::default() };
            let found = zenith.search(request, None).await.unwrap().hits;
            let of_name: Vec<FoundBy> =
                found.iter().filter(|hit| hit.name == name).map(|hit| hit.found_by).collect();
            assert_eq!(of_name, [expected], "{typed}");
        }
    });
}

#[test]
fn a_result_says_how_near_in_meaning_it_is_where_that_was_asked_for() {
    block_on(async {
        let (_folder, zenith) = shelved(&["spawn_blocking", "join"]).await;
        for (mode, by_meaning) in [(Mode::Hybrid, true), (Mode::Vector, true), (Mode::Text, false)] {
            let query = "spawn_blocking".to_string();
            let request = SearchRequest { query, mode, limit: 50, ..SearchRequest::default() };
            let hits = zenith.search(request, None).await.unwrap().hits;
            let near: Vec<f32> =
                hits.iter().filter(|hit| hit.name == "spawn_blocking").map(|hit| hit.near).collect();
            assert!(near.iter().all(|near| (*near > 0.0) == by_meaning) && !near.is_empty(), "{near:?}");
        }
    });
}

#[test]
fn what_nothing_bears_may_be_mistyped() {
    block_on(async {
        let functions = ["spawn_blocking", "deserialize", "join", "jolt", "unfold_blocking"];
        let (_folder, zenith) = shelved(&functions).await;
        for (typed, name) in [
            ("spwan_blocking", "spawn_blocking"),
            ("SpwanBlocking", "spawn_blocking"),
            ("spawnblokcin", "spawn_blocking"),
            ("kit::spwan_blocking", "spawn_blocking"),
            ("deserialise", "deserialize"),
            ("jion", "join"),
        ] {
            for mode in [Mode::Hybrid, Mode::Text] {
                let found = names(&zenith, typed, mode).await;
                assert_eq!(found.first().map(String::as_str), Some(name), "{typed}: {found:?}");
            }
        }
        // Two edits of a short name, three of a long one, a sentence, a name that something bears.
        for typed in ["jxxn", "spxxx_blocking", "please deserialze", "jol"] {
            let found = names(&zenith, typed, Mode::Text).await;
            let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
            let expected: &[&str] = match typed {
                "jol" => &["jolt"],
                "spxxx_blocking" => &["unfold_blocking", "spawn_blocking"],
                _ => &[],
            };
            assert_eq!(found, expected.iter().copied().collect(), "{typed}");
        }
    });
}
