//! Where a text has the words of a query, read as the index reads both. A search does not need it: it is asked of the
//! results that show, by whoever shows them.

use std::ops::Range;

use super::candidates::is_stop_word;
use super::shelf::{COMPOUND_WORDS_MAX, WordTokenizer};
use super::{Hit, Query};
use crate::words::{for_each_word, word_ranges};

/// A letter alone begins too much.
const BEGINNING_CHARS_MIN: usize = 2;

/// The words of a query that say something.
#[derive(Default)]
pub struct Words {
    words: Vec<Word>,
    /// What was typed as one word of several: `spawn_blocking` also finds what is written without the mark.
    compounds: Vec<Compound>,
    stemmer: WordTokenizer,
}

struct Word {
    /// In small letters.
    text: String,
    stem: String,
}

struct Compound {
    stem: String,
    /// Those of the words that it consists of.
    words: Range<usize>,
}

/// A place of a text, and the words of the query that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub bytes: Range<usize>,
    pub words: Range<usize>,
}

impl Words {
    /// Those of a query as typed, filters and all.
    pub fn of(typed: &str) -> Words {
        let text = Query::parse(typed).text;
        let mut words = Words::default();
        for compound in compounds(&text) {
            let first = words.words.len();
            for range in word_ranges(&text[compound.clone()]) {
                let word = folded(&text[compound.clone()][range]);
                let stem = words.stemmer.stem(&word);
                words.words.push(Word { text: word, stem });
            }
            let parts = first..words.words.len();
            if (2..=COMPOUND_WORDS_MAX).contains(&parts.len()) {
                let stem = words.stemmer.stem(&folded(&text[compound]));
                words.compounds.push(Compound { stem, words: parts });
            }
        }
        // As the index is asked: what stands in every text is looked for where nothing else is.
        if words.words.len() > 1 {
            for word in words.words.iter_mut().filter(|word| is_stop_word(&word.stem)) {
                word.stem.clear();
            }
        }
        words
    }

    /// Whether there is anything to be found.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| word.stem.is_empty())
    }

    /// Where a text has them, in its order.
    pub fn places(&mut self, text: &str) -> Vec<Mark> {
        self.look(text, false)
    }

    /// The same in a name or a path, which also is found by the beginnings of its words.
    pub fn places_in_name(&mut self, name: &str) -> Vec<Mark> {
        self.look(name, true)
    }

    /// Those that a result has where a list shows it: in its path, its signature, how its documentation begins, and
    /// what it is called elsewhere. Each once, in the order of the query.
    pub fn of_hit(&mut self, hit: &Hit) -> Vec<String> {
        let mut places = self.places_in_name(&hit.path);
        places.extend(self.places_in_name(hit.alias.as_deref().unwrap_or_default()));
        for text in [&hit.signature, &hit.doc] {
            places.extend(self.places(text));
        }
        let is_there = |at: usize| places.iter().any(|place| place.words.contains(&at));
        let mut found: Vec<String> = Vec::new();
        for (_, word) in self.words.iter().enumerate().filter(|(at, _)| is_there(*at)) {
            if !found.contains(&word.text) {
                found.push(word.text.clone());
            }
        }
        found
    }

    fn look(&mut self, text: &str, is_name: bool) -> Vec<Mark> {
        let mut places = Vec::new();
        if self.is_empty() {
            return places;
        }
        for compound in compounds(text) {
            let begin = compound.start;
            let written = &text[compound.clone()];
            let parts: Vec<Range<usize>> = word_ranges(written).collect();
            if (2..=COMPOUND_WORDS_MAX).contains(&parts.len())
                && let Some(words) = self.fitting(&folded(written))
            {
                places.push(Mark { bytes: compound, words });
                continue;
            }
            let mut found: Vec<Mark> = Vec::new();
            for part in parts {
                let word = folded(&written[part.clone()]);
                let begun = |words: &Words| words.beginning(&word).filter(|_| is_name);
                let fits = match self.fitting(&word) {
                    Some(words) => Some((part.end, words)),
                    None => begun(self).map(|(chars, words)| (end_of(written, part.start, chars), words)),
                };
                let place = fits.map(|(end, words)| Mark { bytes: begin + part.start..begin + end, words });
                found.extend(place);
            }
            // `spawnbl` is the beginning of a name that is written with a mark.
            if found.is_empty()
                && is_name
                && let Some((chars, words)) = self.beginning(&folded(written))
            {
                found.push(Mark { bytes: begin..begin + end_of(written, 0, chars), words });
            }
            places.extend(found);
        }
        places
    }

    /// The words that a word of a text is, or that it consists of.
    fn fitting(&mut self, word: &str) -> Option<Range<usize>> {
        // A stem begins as its word does, so that most words need none.
        let first = word.chars().next();
        let begins = |stem: &str| stem.chars().next() == first;
        let stems = self.words.iter().map(|word| &word.stem);
        if !stems.chain(self.compounds.iter().map(|compound| &compound.stem)).any(|stem| begins(stem)) {
            return None;
        }
        let stem = self.stemmer.stem(word);
        let single = self.words.iter().position(|word| word.stem == stem).map(|at| at..at + 1);
        let compound = || self.compounds.iter().find(|compound| compound.stem == stem);
        single.or_else(|| compound().map(|compound| compound.words.clone()))
    }

    /// The word that a word of a name begins with, and how many letters that is.
    fn beginning(&self, word: &str) -> Option<(usize, Range<usize>)> {
        let begins = |typed: &Word| {
            !typed.stem.is_empty()
                && typed.text.chars().count() >= BEGINNING_CHARS_MIN
                && word.starts_with(&typed.text)
        };
        let all = self.words.iter().enumerate().filter(|(_, typed)| begins(typed));
        let (at, typed) = all.max_by_key(|(_, typed)| typed.text.len())?;
        Some((typed.text.chars().count(), at..at + 1))
    }
}

/// Runs of letters, digits and the mark that joins them: what is written as one word.
fn compounds(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut end = 0;
    std::iter::from_fn(move || {
        let start = end + text[end..].find(is_part)?;
        let rest = &text[start..];
        end = start + rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        Some(start..end)
    })
}

/// A word, or several written as one, as the index has it.
fn folded(written: &str) -> String {
    let mut folded = String::new();
    for_each_word(written, |word| {
        folded.push_str(word);
        true
    });
    folded
}

/// The end of so many letters and digits of a text from a place on.
fn end_of(text: &str, start: usize, chars: usize) -> usize {
    let letters = text[start..].char_indices().filter(|(_, c)| c.is_alphanumeric());
    letters.take(chars).last().map_or(start, |(at, c)| start + at + c.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with its places in brackets.
    fn marked(typed: &str, text: &str, is_name: bool) -> String {
        let mut words = Words::of(typed);
        let places = if is_name { words.places_in_name(text) } else { words.places(text) };
        let mut marked = text.to_string();
        for place in places.into_iter().rev() {
            marked.insert(place.bytes.end, ']');
            marked.insert(place.bytes.start, '[');
        }
        marked
    }

    #[test]
    fn words_are_found_by_their_stems_and_as_parts_of_others() {
        let prose = |typed, text| marked(typed, text, false);
        assert_eq!(prose("spawn tasks", "Spawns a new task."), "[Spawns] a new [task].");
        assert_eq!(prose("hashmap", "a HashMap and a hash map"), "a [HashMap] and a hash map");
        assert_eq!(prose("spawn_blocking", "spawnblocking, blocking"), "[spawnblocking], [blocking]");
        assert_eq!(prose("kind:fn spa", "space and fn"), "space and fn", "a beginning is no word of prose");
        assert_eq!(prose("how do I read the file", "how the file is read"), "how the [file] is [read]");
        assert_eq!(prose("the", "the end"), "[the] end", "alone it is looked for");
    }

    #[test]
    fn names_are_found_by_the_beginnings_of_their_words() {
        let name = |typed, text| marked(typed, text, true);
        assert_eq!(name("sp_bl", "tokio::task::spawn_blocking"), "tokio::task::[sp]awn_[bl]ocking");
        assert_eq!(name("spawnbl", "tokio::spawn_blocking"), "tokio::[spawn_bl]ocking");
        assert_eq!(name("task::spawn", "tokio::task::spawn"), "tokio::[task]::[spawn]");
        assert_eq!(name("é", "É"), "[É]");
        for odd in ["", "::", "_", "日本語", "e\u{301}", "İ", "ß_ß"] {
            name(odd, "İstanbul ß_ß e\u{301}_a 日本語");
            name("i ss e 日本", odd);
        }
    }

    #[test]
    fn a_result_has_the_words_that_it_shows_each_once() {
        let hit = Hit {
            path: "tokio::task::spawn_blocking".to_string(),
            doc: "Runs the closure on a thread.".to_string(),
            ..hit()
        };
        let mut words = Words::of("threads to spawn a thread on pkg:tokio zzz");
        assert_eq!(words.of_hit(&hit), ["threads", "spawn"], "words of one stem are one");
        assert!(Words::of("kind:fn").is_empty());
    }

    fn hit() -> Hit {
        Hit {
            rank: 1,
            score: 0.0,
            tier: crate::package::Tier::Public,
            ecosystem: String::new(),
            package: String::new(),
            version: String::new(),
            other_platform: false,
            kind: String::new(),
            path: String::new(),
            name: String::new(),
            signature: String::new(),
            file_package: String::new(),
            file: String::new(),
            line: 0,
            doc: String::new(),
            alias: None,
            needs: Default::default(),
            only: None,
            other_project: false,
            found_by: Default::default(),
            near: 0.0,
        }
    }
}
