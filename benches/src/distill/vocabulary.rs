//! Which tokens the table has, how rare each is, and where its row starts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use zenith_core::embed::DIMENSIONS;
use zenith_core::words::for_each_word;

use super::corpus::Item;

/// A word that fewer packages use is theirs, not the trade's.
const PACKAGES_MIN: usize = 6;
const WORD_BYTES: std::ops::RangeInclusive<usize> = 3..=24;

/// The teacher's tokens of ASCII letters and digits, then the words of the trade that it cannot
/// write in one piece, by how many packages use them, until there are `size`.
pub fn choose(tokenizer_json: &Path, items: &[Item], size: usize) -> Result<Vec<String>> {
    let json =
        std::fs::read(tokenizer_json).with_context(|| format!("reading {}", tokenizer_json.display()))?;
    let json: serde_json::Value = serde_json::from_slice(&json)?;
    let vocabulary = json.pointer("/model/vocab").and_then(|vocabulary| vocabulary.as_object());
    let vocabulary = vocabulary.with_context(|| format!("{} has no vocabulary", tokenizer_json.display()))?;
    let is_word = |token: &str| {
        let piece = token.strip_prefix("##").unwrap_or(token);
        !piece.is_empty() && piece.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let mut tokens: Vec<(u64, &String)> = vocabulary
        .iter()
        .filter(|(token, _)| is_word(token))
        .map(|(token, id)| (id.as_u64().unwrap_or(u64::MAX), token))
        .collect();
    tokens.sort();
    let mut tokens: Vec<String> = tokens.into_iter().map(|(_, token)| token.clone()).collect();
    ensure!(tokens.len() <= size, "the teacher alone has {} tokens, more than {size}", tokens.len());

    let known: BTreeSet<&String> = tokens.iter().collect();
    let mut packages: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for item in items {
        for text in [&item.path, &item.signature, &item.doc] {
            for_each_word(text, |word| {
                let of_the_trade =
                    WORD_BYTES.contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase());
                if of_the_trade && !known.contains(&word.to_owned()) {
                    packages.entry(word.to_owned()).or_default().insert(&item.package);
                }
                true
            });
        }
    }
    let mut added: Vec<(usize, String)> = packages
        .into_iter()
        .map(|(word, packages)| (packages.len(), word))
        .filter(|(packages, _)| *packages >= PACKAGES_MIN)
        .collect();
    added.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    added.truncate(size - tokens.len());
    tokens.extend(added.into_iter().map(|(_, word)| word));
    Ok(tokens)
}

/// How often each of `tokens` tokens occurs in `texts`.
pub fn count(tokens: usize, texts: impl Iterator<Item = Vec<u32>>) -> Vec<u64> {
    let mut counts = vec![0; tokens];
    for token in texts.flatten() {
        counts[token as usize] += 1;
    }
    counts
}

/// Turns the teacher's vector of each token into the row that a mean is taken over: without the
/// direction that all share, and as long as the token is rare (smooth inverse frequency,
/// `a / (a + p)`), with a mean length of 1.
pub fn weigh(rows: &mut [f32], counts: &[u64], a: f64) {
    let n = rows.len() / DIMENSIONS;
    let total: u64 = counts.iter().sum::<u64>().max(1);
    let mut mean = [0.0f64; DIMENSIONS];
    for row in rows.chunks_exact(DIMENSIONS) {
        mean.iter_mut().zip(row).for_each(|(mean, x)| *mean += f64::from(*x) / n as f64);
    }
    for (row, count) in rows.chunks_exact_mut(DIMENSIONS).zip(counts) {
        let p = *count as f64 / total as f64;
        for (x, mean) in row.iter_mut().zip(mean) {
            *x = ((f64::from(*x) - mean) * a / (a + p)) as f32;
        }
    }
    let length = (rows.iter().map(|x| f64::from(x * x)).sum::<f64>() / n as f64).sqrt();
    rows.iter_mut().for_each(|x| *x = (f64::from(*x) / length) as f32);
}
