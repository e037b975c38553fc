//! From text to words: identifiers come apart as people read them, for text and vectors alike.

use std::borrow::Cow;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longer runs are hashes, encoded data or rulers, not words.
const WORD_BYTES_MAX: usize = 64;

/// Calls `each` with the lower-case words of `text`, in order, until it returns `false`.
///
/// A word is a run of letters and digits, cut where an identifier changes case, so that
/// `spawn_blocking`, `SpawnBlocking` and `spawn blocking` have the same words. Accents are dropped.
pub fn for_each_word(text: &str, mut each: impl FnMut(&str) -> bool) {
    let text = without_accents(text);
    let mut word = String::with_capacity(WORD_BYTES_MAX);
    let mut rest = text.as_ref();
    while let Some(start) = rest.find(char::is_alphanumeric) {
        let end = start + word_len(&rest[start..]);
        let raw = &rest[start..end];
        rest = &rest[end..];
        if raw.len() <= WORD_BYTES_MAX {
            word.clear();
            if raw.is_ascii() {
                word.push_str(raw);
                word.make_ascii_lowercase();
            } else {
                word.extend(raw.chars().flat_map(char::to_lowercase));
            }
            if !each(&word) {
                return;
            }
        }
    }
}

/// Where the words of `text` stand in it, cut as [`for_each_word`] cuts.
pub fn word_ranges(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut end = 0;
    std::iter::from_fn(move || {
        let start = end + text[end..].find(char::is_alphanumeric)?;
        end = start + word_len(&text[start..]);
        Some(start..end)
    })
}

/// The bytes of the word that `text` starts with.
fn word_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    text.char_indices()
        .skip(1)
        .find(|(at, c)| !c.is_alphanumeric() || is_case_boundary(bytes, *at))
        .map_or(text.len(), |(at, _)| at)
}

/// Puts a space wherever [`for_each_word`] cuts inside an identifier and leaves all else as it is,
/// for a model that reads punctuation and case by its own rules.
pub fn split_identifiers(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let is_cut = |at: usize| bytes[at] == b'_' || is_case_boundary(bytes, at);
    if !(0..bytes.len()).any(is_cut) {
        return Cow::Borrowed(text);
    }
    let mut split = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        match c {
            '_' => split.push(' '),
            _ if is_case_boundary(bytes, at) => split.extend([' ', c]),
            _ => split.push(c),
        }
    }
    Cow::Owned(split)
}

/// Whether an identifier's next word starts at `at`: `spawn|Blocking`, `HTTP|Server`, `Utf8|Error`,
/// but not inside the plural of an acronym (`URLs`).
fn is_case_boundary(bytes: &[u8], at: usize) -> bool {
    let (Some(before), Some(here)) = (at.checked_sub(1).and_then(|i| bytes.get(i)), bytes.get(at)) else {
        return false;
    };
    if !here.is_ascii_uppercase() {
        return false;
    }
    if before.is_ascii_lowercase() || before.is_ascii_digit() {
        return true;
    }
    let lower_at = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_lowercase);
    let is_plural = bytes.get(at + 1) == Some(&b's') && !lower_at(at + 2);
    before.is_ascii_uppercase() && lower_at(at + 1) && !is_plural
}

fn without_accents(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfd().filter(|c| !is_combining_mark(*c)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        for_each_word(text, |word| {
            words.push(word.to_owned());
            true
        });
        words
    }

    #[test]
    fn identifiers_come_apart_as_people_read_them() {
        for spelling in
            ["spawn_blocking", "SpawnBlocking", "spawnBlocking", "SPAWN_BLOCKING", "spawn::blocking()"]
        {
            assert_eq!(words(spelling), ["spawn", "blocking"], "{spelling}");
        }
        assert_eq!(words("HTTPServer"), ["http", "server"]);
        assert_eq!(words("Utf8Error"), ["utf8", "error"]);
        assert_eq!(words("parse URLs and IDs"), ["parse", "urls", "and", "ids"]);
        assert_eq!(words("Vec<u8>"), ["vec", "u8"]);
    }

    #[test]
    fn noise_has_no_words_and_other_scripts_do() {
        for text in ["", "  \n", "::<>(){}", "\u{0}\u{301}"] {
            assert!(words(text).is_empty(), "{text:?} has {:?}", words(text));
        }
        assert_eq!(words("параллельно ÉTÉ"), ["параллельно", "ete"]);
        assert_eq!(words("naïve café"), ["naive", "cafe"]);
        assert!(words(&"x".repeat(WORD_BYTES_MAX + 1)).is_empty());
    }

    #[test]
    fn words_stop_when_told() {
        let mut seen = 0;
        for_each_word("one two three", |_| {
            seen += 1;
            seen < 2
        });
        assert_eq!(seen, 2);
    }

    #[test]
    fn split_text_keeps_its_punctuation() {
        assert_eq!(split_identifiers("io::ErrorKind, not_found"), "io::Error Kind, not found");
        assert_eq!(split_identifiers("é_SpawnBlocking"), "é Spawn Blocking");
        assert!(matches!(split_identifiers("plain text"), Cow::Borrowed(_)));
    }
}
