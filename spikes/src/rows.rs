//! Rows that look like an index's, from a seed: the same on every machine, no two vectors alike.

use chrono::{DateTime, TimeDelta};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};
use zenith_core::embed::DIMENSIONS;
use zenith_core::lake::{ApiSymbol, DocChunk};

/// Rows of one package lie together, as an indexer writes them.
const ROWS_A_PACKAGE: usize = 100;
/// How far a vector lies from its package's: symbols of one package speak of the same things.
const SPREAD: f32 = 0.05;
/// 2026-02-08 12:00 UTC, the date of the manifest in the documents.
pub const FIRST_CREATED_AT: i64 = 1_770_552_000_000_000;

const WORDS: [&str; 24] = [
    "spawn", "block", "read", "write", "open", "close", "poll", "send", "recv", "lock", "tree", "node",
    "path", "hash", "sort", "join", "parse", "token", "frame", "queue", "with", "into", "the", "not",
];

/// A row of `indexed_packages`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageRow {
    pub ecosystem: String,
    pub package: String,
    pub version: String,
    /// Microseconds since 1970, UTC.
    pub indexed_at: i64,
    pub symbol_count: i32,
    pub chunk_count: i32,
    pub source_cached: bool,
}

/// Symbols number `first` to `first + count` of the index that this seed describes.
pub fn symbols(seed: u64, first: usize, count: usize) -> Vec<ApiSymbol> {
    (first..first + count).map(|number| symbol(seed, number)).collect()
}

/// Chunks number 0 to `count` of the index that this seed describes.
pub fn chunks(seed: u64, count: usize) -> Vec<DocChunk> {
    (0..count).map(|number| chunk(seed, number)).collect()
}

/// The packages that so many symbols and chunks belong to.
pub fn packages(symbols: usize, chunks: usize) -> Vec<PackageRow> {
    let rows_of = |package: usize, rows: usize| {
        let rows = rows.saturating_sub(package * ROWS_A_PACKAGE).min(ROWS_A_PACKAGE);
        i32::try_from(rows).unwrap_or(i32::MAX)
    };
    (0..symbols.max(chunks).div_ceil(ROWS_A_PACKAGE))
        .map(|package| PackageRow {
            ecosystem: "rust".to_string(),
            package: package_name(package * ROWS_A_PACKAGE),
            version: "1.0.0".to_string(),
            indexed_at: created_at(package),
            symbol_count: rows_of(package, symbols),
            chunk_count: rows_of(package, chunks),
            source_cached: package.is_multiple_of(3),
        })
        .collect()
}

/// The package of the row of this number.
pub fn package_name(number: usize) -> String {
    format!("package-{}", number / ROWS_A_PACKAGE)
}

/// The id of the symbol of this number: hexadecimal, in no order, as the product's are.
pub fn symbol_id(seed: u64, number: usize) -> String {
    let mut random = generator(seed, number, "id");
    format!("{:032x}", random.random::<u128>())
}

/// What somebody may ask for who means the symbol of this number: near its vector, not on it.
pub fn question(seed: u64, number: usize) -> Vec<f32> {
    let mut random = generator(seed, number, "question");
    let symbol = vector(seed, number);
    unit(symbol.iter().map(|value| value + SPREAD / 2.0 * normal(&mut random)).collect())
}

fn symbol(seed: u64, number: usize) -> ApiSymbol {
    let mut random = generator(seed, number, "symbol");
    let name = format!("{}_{}_{number}", word(&mut random), word(&mut random));
    let is_async = random.random_bool(0.3);
    let package = package_name(number);
    ApiSymbol {
        id: symbol_id(seed, number),
        ecosystem: "rust".to_string(),
        version: "1.0.0".to_string(),
        file_path: format!("src/{}.rs", word(&mut random)),
        kind: ["fn", "struct", "trait", "enum"][random.random_range(0..4)].to_string(),
        path: format!("{}::{name}", package.replace('-', "_")),
        signature: Some(format!("pub fn {name}(&self) -> Result<(), Error>")),
        source: Some(prose(&mut random, 60)),
        doc_comment: random.random_bool(0.8).then(|| prose(&mut random, 30)),
        line_start: random.random_range(1..2000),
        line_end: random.random_range(2000..4000),
        visibility: "pub".to_string(),
        is_async,
        is_unsafe: random.random_bool(0.05),
        is_error_type: random.random_bool(0.05),
        returns_result: random.random_bool(0.5),
        metadata: metadata(number, is_async).to_string(),
        attributes: random.random_bool(0.2).then(|| "#[must_use]\n#[inline]".to_string()),
        embedding: vector(seed, number),
        created_at: created_at(number),
        name,
        package,
    }
}

/// What the JSON of a symbol says.
pub fn metadata(number: usize, is_async: bool) -> serde_json::Value {
    serde_json::json!({
        "is_async": is_async,
        "generics": ["T", "E"],
        "where": { "T": "it's \"quoted\"", "n": number },
    })
}

fn chunk(seed: u64, number: usize) -> DocChunk {
    let mut random = generator(seed, number, "chunk");
    DocChunk {
        id: format!("{:032x}", random.random::<u128>()),
        ecosystem: "rust".to_string(),
        package: package_name(number),
        version: "1.0.0".to_string(),
        file_path: "README.md".to_string(),
        section_title: (!number.is_multiple_of(5)).then(|| prose(&mut random, 3)),
        content: prose(&mut random, 120),
        chunk_index: i32::try_from(number % ROWS_A_PACKAGE).unwrap_or_default(),
        line_start: random.random_range(1..500),
        embedding: vector(seed.wrapping_add(1), number),
        created_at: created_at(number),
    }
}

/// A unit vector around its package's.
fn vector(seed: u64, number: usize) -> Vec<f32> {
    let mut package = generator(seed, number / ROWS_A_PACKAGE, "package");
    let centre = unit((0..DIMENSIONS).map(|_| normal(&mut package)).collect());
    let mut random = generator(seed, number, "vector");
    unit(centre.iter().map(|value| value + SPREAD * normal(&mut random)).collect())
}

fn unit(vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.into_iter().map(|value| value / length).collect()
}

/// Nearly normal, which is all that directions need: the sum of four even ones.
fn normal(random: &mut StdRng) -> f32 {
    const SCALE: f32 = 1.732_050_8;
    (0..4).map(|_| random.random::<f32>() - 0.5).sum::<f32>() * SCALE
}

fn prose(random: &mut StdRng, words: usize) -> String {
    let words: Vec<&str> = (0..words).map(|_| word(random)).collect();
    words.join(" ")
}

fn word(random: &mut StdRng) -> &'static str {
    WORDS[random.random_range(0..WORDS.len())]
}

/// A minute after the one before.
fn created_at(number: usize) -> i64 {
    let minutes = TimeDelta::minutes(i64::try_from(number).unwrap_or_default());
    let first = DateTime::from_timestamp_micros(FIRST_CREATED_AT).unwrap_or_default();
    (first + minutes).timestamp_micros()
}

/// A generator for one purpose of one row, so that any row can be made without those before it.
fn generator(seed: u64, number: usize, purpose: &str) -> StdRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&(number as u64).to_le_bytes());
    let purpose = &purpose.as_bytes()[..purpose.len().min(16)];
    bytes[16..16 + purpose.len()].copy_from_slice(purpose);
    StdRng::from_seed(bytes)
}

/// The numbers of the rows whose vectors are nearest to this one, by looking at each: the truth that an
/// index is measured by.
pub fn nearest(rows: &[ApiSymbol], vector: &[f32], limit: usize) -> Vec<usize> {
    let distance =
        |row: &ApiSymbol| row.embedding.iter().zip(vector).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
    let mut distances: Vec<(f32, usize)> =
        rows.iter().enumerate().map(|(number, row)| (distance(row), number)).collect();
    distances.sort_by(|one, other| one.0.total_cmp(&other.0));
    distances.into_iter().take(limit).map(|(_, number)| number).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_seed_gives_the_same_rows_and_no_two_vectors_alike() {
        let rows = symbols(7, 0, 300);
        assert_eq!(rows[250..], symbols(7, 250, 50));
        assert_ne!(rows[0].embedding, symbols(8, 0, 1)[0].embedding);
        let vectors: HashSet<Vec<u32>> =
            rows.iter().map(|row| row.embedding.iter().map(|value| value.to_bits()).collect()).collect();
        assert_eq!(vectors.len(), rows.len());
    }

    #[test]
    fn the_row_that_is_meant_is_nearest_to_the_question() {
        let rows = symbols(7, 0, 300);
        assert_eq!(nearest(&rows, &question(7, 123), 10)[0], 123);
    }

    #[test]
    fn packages_count_the_rows_that_they_have() {
        let packages = packages(250, 120);
        let counts: Vec<_> = packages.iter().map(|row| (row.symbol_count, row.chunk_count)).collect();
        assert_eq!(counts, [(100, 100), (100, 20), (50, 0)]);
    }
}
