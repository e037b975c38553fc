//! Searching by meaning alone, held to a scan of every vector.

use std::collections::HashSet;

use zenith_core::identity::{Identity, Scope};
use zenith_core::search::{Mode, SearchRequest};

use crate::support::{Folder, block_on, shipped};

const WORDS: [&str; 30] = [
    "spawn", "join", "read", "write", "parse", "token", "stream", "buffer", "lock", "channel", "send",
    "receive", "error", "retry", "timeout", "cache", "index", "search", "vector", "text", "file", "path",
    "thread", "task", "block", "decode", "encode", "header", "request", "response",
];

/// What is indexed: so many that a few bits of a vector decide who is nearer.
const ROWS: usize = 6000;
/// What a sum of 384 products may be off.
const EPSILON: f32 = 1e-5;

/// No two rows have the same words.
fn name(number: usize) -> String {
    let word = |place: u32| WORDS[(number / WORDS.len().pow(place)) % WORDS.len()];
    format!("{}_{}_{}", word(0), word(1), word(2))
}

fn cosine(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

/// Every text with the cosine of its vector, the nearest first.
fn scan<'a>(vectors: &[f32], asked: &[f32], texts: &[&'a str]) -> Vec<(f32, &'a str)> {
    let cosines = vectors.chunks_exact(384).map(|vector| cosine(vector, asked));
    let mut scanned: Vec<(f32, &str)> = cosines.zip(texts.iter().copied()).collect();
    scanned.sort_by(|a, b| b.0.total_cmp(&a.0));
    scanned
}

#[test]
fn the_nearest_come_first_however_good_others_are() {
    block_on(async {
        let folder = Folder::new().await;
        let names: Vec<String> = (0..ROWS).map(|number| name(number * 4)).collect();
        let texts: Vec<&str> = names.iter().map(String::as_str).collect();
        let (ours, theirs) = texts.split_at(ROWS / 3);
        // What is far is good, and what is near may be bad.
        let quality = |number: usize| u8::try_from(number * 97 % 251).unwrap();
        folder.put_rated(&Scope::Private("local".to_string()), "ours", ours, quality).await;
        folder.put_rated(&Scope::Public, "theirs", theirs, quality).await;
        let zenith = folder.open_as(Identity::local()).await;

        let embedder = shipped();
        let vectors = embedder.embed(&texts).unwrap();
        for query in ["read a file into a buffer", "spawn", "retry a request after its timeout", "zebra"] {
            let asked = embedder.embed(&[query]).unwrap();
            let scanned = scan(&vectors, &asked, &texts);
            for limit in [1, 5, 50, 400] {
                let request = SearchRequest {
                    query: query.to_string(),
                    mode: Mode::Vector,
                    limit,
                    ..SearchRequest::default()
                };
                let hits = zenith.search(request, None).await.unwrap().hits;
                assert_eq!(hits.len(), limit, "{query}");
                for (hit, (cosine, _)) in hits.iter().zip(&scanned) {
                    assert!((hit.score - cosine).abs() < EPSILON, "{query}: {} is not {cosine}", hit.score);
                    let own = scanned.iter().find(|(_, name)| *name == hit.name).unwrap().0;
                    assert!((own - cosine).abs() < EPSILON, "{query}: {} is no. {}", hit.name, hit.rank);
                }
            }
        }
    });
}

/// A small index has few rows near anything: those that are far come last, and do not go missing. What has
/// no direction is near nothing.
#[test]
fn what_is_far_comes_last_and_what_has_no_meaning_does_not_come() {
    block_on(async {
        let folder = Folder::new().await;
        let texts = ["read_file", "draw_bar_chart", "日本語", "compile_shader"];
        folder.put(&Scope::Public, "few", &texts).await;
        let zenith = folder.open_as(Identity::local()).await;
        let request = SearchRequest {
            query: "read a file".to_string(),
            mode: Mode::Vector,
            limit: 10,
            ..SearchRequest::default()
        };
        let found = zenith.search(request, None).await.unwrap().hits;
        assert_eq!(found[0].name, "read_file");
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.windows(2).all(|pair| pair[0].score >= pair[1].score));
    });
}

/// Beside words a big shelf is looked through by the signs of its vectors: what comes of it is nearly what a
/// scan of all finds.
#[test]
fn what_is_near_is_nearly_all_found_on_a_big_shelf() {
    block_on(async {
        let folder = Folder::new().await;
        let names: Vec<String> = (0..2 * ROWS).map(|number| name(number * 2)).collect();
        let texts: Vec<&str> = names.iter().map(String::as_str).collect();
        folder.put(&Scope::Public, "big", &texts).await;
        let zenith = folder.open_as(Identity::local()).await;
        let visible = zenith.searchable().await.unwrap();
        let embedder = shipped();
        let vectors = embedder.embed(&texts).unwrap();
        for query in ["take what comes in and keep it", "stop after some seconds", "turn bytes into letters"]
        {
            let asked = embedder.embed(&[query]).unwrap();
            let scanned = scan(&vectors, &asked, &texts);
            let request = SearchRequest { query: query.to_string(), limit: 10, ..SearchRequest::default() };
            let found = zenith.search.examine(&request, &visible, None).unwrap();
            let found: HashSet<&str> = found.iter().filter_map(|one| one.path.rsplit("::").next()).collect();
            let nearest = &scanned[..200];
            let there = nearest.iter().filter(|(_, name)| found.contains(name)).count();
            assert!(there >= 180, "{query}: {there} of the nearest 200");
            assert!(nearest[..20].iter().all(|(_, name)| found.contains(name)), "{query}");
        }
    });
}
