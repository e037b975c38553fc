//! Words in British spelling, where the packages write the American one: `deserialise`, `colour`, `analyse`.

use tantivy::Term;
use tantivy::query::Bm25StatisticsProvider;

use super::candidates::{Statistics, View};
use super::shelf::query_words;

/// Shorter words are others in the other spelling: `four`, `wise`.
const LETTERS_MIN: usize = 6;
/// How many times as often the other spelling stands somewhere as the one that was typed, to be the one that is meant.
const OFTENER: u64 = 10;
const ENDINGS: [&str; 9] = ["e", "ed", "er", "ers", "es", "ing", "ation", "ations", "able"];

/// A question with each such word as nearly all of `views` spell it.
pub fn respelled(
    question: &str,
    views: &[View<'_>],
    statistics: &Statistics<'_>,
) -> tantivy::Result<Option<String>> {
    let mut text = String::with_capacity(question.len());
    let mut changed = false;
    for piece in question.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        let other = match american(word) {
            Some(other) if is_oftener(&other, word, views, statistics)? => other,
            _ => word.to_owned(),
        };
        changed |= other != word;
        text.push_str(&other);
        text.push_str(piece.get(word.len()..).unwrap_or_default());
    }
    Ok(changed.then_some(text))
}

/// A word in American spelling, if it may be a British one. What is no plain word is a name.
fn american(word: &str) -> Option<String> {
    if word.len() < LETTERS_MIN || !word.bytes().all(|letter| letter.is_ascii_lowercase()) {
        return None;
    }
    let replaced = |from: &str, to: &str, is_end: bool| {
        let at = word.rfind(from).filter(|at| *at > 1)?;
        let (before, rest) = (word.get(..at)?, word.get(at + from.len()..)?);
        (!is_end || ENDINGS.contains(&rest)).then(|| format!("{before}{to}{rest}"))
    };
    replaced("is", "iz", true).or_else(|| replaced("ys", "yz", true)).or_else(|| replaced("our", "or", false))
}

fn is_oftener(
    other: &str,
    word: &str,
    views: &[View<'_>],
    statistics: &Statistics<'_>,
) -> tantivy::Result<bool> {
    let Some(fields) = views.first().map(View::fields) else { return Ok(false) };
    let mentions = |word: &str| -> tantivy::Result<u64> {
        let Some(word) = query_words(word).pop() else { return Ok(0) };
        let mut mentions = 0;
        for field in [fields.name, fields.doc] {
            mentions += statistics.doc_freq(&Term::from_field_text(field, &word))?;
        }
        Ok(mentions)
    };
    Ok(mentions(other)? > OFTENER * mentions(word)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_british_has_another_spelling() {
        for (word, other) in [
            ("deserialise", "deserialize"),
            ("initialised", "initialized"),
            ("normalisation", "normalization"),
            ("analyse", "analyze"),
            ("colours", "colors"),
            ("behaviour", "behavior"),
        ] {
            assert_eq!(american(word).as_deref(), Some(other));
        }
        for word in
            ["four", "wise", "deserialize", "DeserialiseError", "de_serialise", "história", "", "exists"]
        {
            assert_eq!(american(word), None, "{word}");
        }
    }
}
