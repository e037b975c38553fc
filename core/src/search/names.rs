//! Finding items by what was typed as their name: as it is spelled, as it folds, begun, mistyped.
//!
//! Each way is tried only where no surer one found anything, so that a name that was typed right costs what it
//! did, and a sentence never looks like a mistyped name.

use tantivy::Term;
use tantivy::query::{
    Bm25StatisticsProvider, BooleanQuery, FuzzyTermQuery, Occur, Query, RegexQuery, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::candidates::{Candidates, Statistics, View};
use super::shelf::{fold_alias, fold_path, query_words, spelled};
use crate::words::for_each_word;

/// How many items each way of finding names offers to the ranking.
const NAMES_MAX: usize = 100;
/// How many mistyped ones: nobody looks through more guesses.
const MISTYPED_MAX: usize = 20;
/// More words are a sentence, not the parts of a path.
const PATH_WORDS_MAX: usize = 6;
/// More words than these are not looked at for typing errors.
const MISTYPED_WORDS_MAX: usize = 3;
/// How much better an item may be that only folds to a word in small letters, for one that is spelled so to
/// come first all the same: who types `mutex` mostly means the type, who types `vec` may mean the macro.
const LAZY_MARGIN: u8 = 24;
/// What is called by a name in small letters; by that alone, without the type that it is of, and with it.
const CALLED_ALONE: [&str; 2] = ["fn", "macro"];
const CALLED: [&str; 3] = ["fn", "macro", "method"];
/// Names of fewer letters are one another's typing errors.
const ONE_EDIT_FROM: usize = 4;
const TWO_EDITS_FROM: usize = 8;

/// How well an item's name fits what was typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameMatch {
    #[default]
    None,
    /// A name is so many edits away, 254 for one: nothing bears the one that was typed.
    Mistyped(u8),
    /// The name, a path's end, or what it is called elsewhere begins with it.
    Prefix,
    /// Each of its words begins with one that was typed: `sp_bl`.
    Words,
    /// It is what the item is called elsewhere.
    Alias,
    /// It is the name or the end of the path, in another spelling.
    Folded,
    /// It is the name or the end of the path, as it is spelled.
    Exact,
    /// The function's signature fits, 255 for one that fits in all.
    Signature(u8),
}

/// Finds by name on all shelves, `found` holds a view's candidates each: the less sure ways only where nothing
/// on any of them bears the name.
pub fn find(typed: &str, views: &[View<'_>], found: &mut [Candidates]) -> tantivy::Result<()> {
    let bears = |found: &[Candidates], least: NameMatch| {
        found.iter().flat_map(Candidates::values).any(|candidate| candidate.name >= least)
    };
    for (view, candidates) in views.iter().zip(found.iter_mut()) {
        view.find_names(typed, candidates)?;
    }
    if !bears(found, NameMatch::Alias)
        && let Some(pattern) = begun_pattern(typed)
    {
        for (view, candidates) in views.iter().zip(found.iter_mut()) {
            view.find_begun(&pattern, candidates)?;
        }
    }
    // Words that all stand somewhere are words.
    if typed.contains(char::is_whitespace) && !has_unheard(typed, views)? {
        return Ok(());
    }
    for edits in 1..=edits_max(typed) {
        if bears(found, NameMatch::Mistyped(0)) {
            break;
        }
        for (view, candidates) in views.iter().zip(found.iter_mut()) {
            view.find_mistyped(typed, edits, candidates)?;
        }
    }
    Ok(())
}

impl View<'_> {
    /// Items whose name or path is, or begins with, what was typed.
    fn find_names(&self, typed: &str, found: &mut Candidates) -> tantivy::Result<()> {
        let (name, alias) = (fold_path(typed), fold_alias(typed));
        let fields = self.fields();
        // Folded text has letters, digits and `::` alone, so it is its own regular expression.
        let is_sentence = typed.split_whitespace().nth(PATH_WORDS_MAX).is_some();
        if name.len() > 1 && name == alias && !is_sentence {
            for field in [fields.exact, fields.alias] {
                let prefix = RegexQuery::from_pattern(&format!("{name}.*"), field)?;
                self.note_names(Box::new(prefix), NAMES_MAX, NameMatch::Prefix, found)?;
            }
        }
        if !alias.is_empty() {
            self.note_names(term(fields.alias, &alias), NAMES_MAX, NameMatch::Alias, found)?;
        }
        self.find_spelled(typed, found)
    }

    /// Items that bear the name: those that are spelled as it was typed before those that only fold to it.
    fn find_spelled(&self, typed: &str, found: &mut Candidates) -> tantivy::Result<()> {
        let exact = self.fields().exact;
        let paths = paths_of(typed);
        if paths.is_empty() {
            return Ok(());
        }
        let folded: Vec<Term> = paths.iter().map(|path| Term::from_field_text(exact, &path.folded)).collect();
        let borne =
            self.note_names(Box::new(TermSetQuery::new(folded)), NAMES_MAX, NameMatch::Folded, found)?;
        let Some(best) = borne else { return Ok(()) };
        let is_lazy = !typed.contains(|c: char| c.is_uppercase() || matches!(c, '_' | ':' | '#'));
        let as_spelled = paths.iter().filter_map(|path| {
            let mut clauses = vec![
                (Occur::Must, term(exact, &path.folded)),
                (Occur::Must, term(exact, &spelled(path.name.as_ref()?))),
            ];
            if is_lazy {
                let kinds = if path.folded.contains("::") { &CALLED[..] } else { &CALLED_ALONE[..] };
                let kinds = kinds.iter().map(|kind| Term::from_field_text(self.fields().kind, kind));
                clauses.push((Occur::Must, Box::new(TermSetQuery::new(kinds))));
            }
            Some((Occur::Should, Box::new(BooleanQuery::new(clauses)) as Box<dyn Query>))
        });
        let least = if is_lazy { best.saturating_sub(LAZY_MARGIN) } else { 0 };
        for address in self.best(Box::new(BooleanQuery::new(as_spelled.collect())), NAMES_MAX)? {
            if self.snapshot.placed(address).is_some_and(|(_, quality)| quality >= least) {
                self.note(address, found, |candidate| candidate.name = NameMatch::Exact);
            }
        }
        Ok(())
    }

    /// Items each of whose words begins with one that was typed: `sp_bl`, `HaMa`.
    fn find_begun(&self, pattern: &str, found: &mut Candidates) -> tantivy::Result<()> {
        let begun = RegexQuery::from_pattern(pattern, self.fields().exact)?;
        self.note_names(Box::new(begun), NAMES_MAX, NameMatch::Words, found).map(drop)
    }

    /// Items whose name is a number of edits away from what was typed; two letters that changed places are one.
    fn find_mistyped(&self, typed: &str, edits: u8, found: &mut Candidates) -> tantivy::Result<()> {
        let fits = NameMatch::Mistyped(u8::MAX - edits);
        for path in paths_of(typed) {
            let name = Term::from_field_text(self.fields().exact, &path.folded);
            let near = FuzzyTermQuery::new(name, edits, true);
            self.note_names(Box::new(near), MISTYPED_MAX, fits, found)?;
        }
        Ok(())
    }

    /// Notes the best items that a query matches. The quality of the best of them, where there are any.
    fn note_names(
        &self,
        query: Box<dyn Query>,
        most: usize,
        fits: NameMatch,
        found: &mut Candidates,
    ) -> tantivy::Result<Option<u8>> {
        let best = self.best(query, most)?;
        for address in &best {
            self.note(*address, found, |candidate| candidate.name = candidate.name.max(fits));
        }
        Ok(best.first().and_then(|address| self.snapshot.placed(*address)).map(|(_, quality)| quality))
    }
}

/// How many edits a word that nothing bears may be from a name; none where it is none: a sentence, or so short
/// that it is near to many.
fn edits_max(typed: &str) -> u8 {
    let is_part = |c: char| c.is_alphanumeric() || c.is_whitespace() || matches!(c, '_' | '-' | ':' | '#');
    let is_name = typed.chars().all(is_part) && typed.split_whitespace().count() <= MISTYPED_WORDS_MAX;
    let letters = typed.chars().filter(|c| c.is_alphanumeric()).count();
    match is_name {
        true => u8::from(letters >= ONE_EDIT_FROM) + u8::from(letters >= TWO_EDITS_FROM),
        false => 0,
    }
}

/// Whether nothing on any shelf has one of some words.
fn has_unheard(typed: &str, views: &[View<'_>]) -> tantivy::Result<bool> {
    let statistics = Statistics::of(views);
    let Some(fields) = views.first().map(View::fields) else { return Ok(false) };
    let places = [fields.name, fields.parents, fields.doc, fields.uses, fields.messages, fields.body];
    for word in typed.split_whitespace() {
        let mut parts = query_words(word);
        // Of a word of several, the last is all of them in one.
        if parts.len() > 1 {
            parts.pop();
        }
        for part in parts {
            let mut mentions = 0;
            for field in places {
                mentions += statistics.doc_freq(&Term::from_field_text(field, &part))?;
            }
            if mentions == 0 {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// A path that was typed, or that the words may stand for.
struct TypedPath {
    folded: String,
    /// The last part as it may be spelled; `None` where that was not said: `join handle` is a type or a function.
    name: Option<String>,
}

/// The paths that were typed. Words may be those of a name, or the parts of a path: `hash map entry` is
/// `HashMapEntry`, `HashMap::entry`, `hash::MapEntry` or `hash::map::entry`.
fn paths_of(typed: &str) -> Vec<TypedPath> {
    let words: Vec<&str> = typed.split_whitespace().collect();
    let between = match words.len() {
        0 => return Vec::new(),
        2..=PATH_WORDS_MAX if !typed.contains("::") => words.len() - 1,
        _ => 0,
    };
    let path = |parts: u32| {
        let mut path = String::new();
        for (number, word) in words.iter().enumerate() {
            let is_part = number > 0 && number <= between && parts & 1 << (number - 1) != 0;
            path.push_str(if is_part {
                "::"
            } else if number > 0 {
                "_"
            } else {
                ""
            });
            path.push_str(word);
        }
        let is_told = words.len() == 1 || parts > 0;
        let name = path.rsplit("::").next().filter(|_| is_told).map(str::to_string);
        TypedPath { folded: fold_path(&path), name }
    };
    (0..1 << between).map(path).filter(|path| !path.folded.is_empty()).collect()
}

/// What names begin with whose words begin with those that were typed, in each style of writing names; `None`
/// where it was one word, or no name at all.
fn begun_pattern(typed: &str) -> Option<String> {
    if !typed.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let mut words = Vec::new();
    for_each_word(typed, |word| {
        words.push(word.to_string());
        true
    });
    let upper = words.iter().map(|word| word.to_uppercase()).collect::<Vec<_>>().join("[A-Z0-9]*_");
    let capital = |word: &String| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    };
    let camel = words.iter().map(capital).collect::<Vec<_>>().join("[a-z0-9]*");
    let snake = words.join("[a-z0-9]*_");
    (words.len() > 1).then(|| format!("=({snake}|{upper}|{camel}).*"))
}

fn term(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_fit_better_sort_higher() {
        use NameMatch::{Alias, Exact, Folded, Mistyped, None, Prefix, Words};
        let from_worst = [None, Mistyped(253), Mistyped(254), Prefix, Words, Alias, Folded, Exact];
        assert!(from_worst.is_sorted());
    }

    #[test]
    fn words_are_those_of_a_name_or_parts_of_a_path() {
        let paths = |typed: &str| -> Vec<(String, String)> {
            let pair = |path: TypedPath| (path.folded, path.name.unwrap_or_default());
            paths_of(typed).into_iter().map(pair).collect()
        };
        let pair = |folded: &str, name: &str| (folded.to_string(), name.to_string());
        assert_eq!(
            paths("hash map entry"),
            [
                pair("hashmapentry", ""),
                pair("hash::mapentry", "map_entry"),
                pair("hashmap::entry", "entry"),
                pair("hash::map::entry", "entry"),
            ]
        );
        assert!(paths("std fs read to string").contains(&pair("std::fs::readtostring", "read_to_string")));
        assert_eq!(paths("HashMap::entry"), [pair("hashmap::entry", "entry")]);
        assert_eq!(paths("one two three four five six seven").len(), 1);
        assert!(paths("").is_empty() && paths(" && ").is_empty());
    }

    #[test]
    fn each_word_of_a_name_may_be_begun_alone() {
        let pattern = "=(sp[a-z0-9]*_bl|SP[A-Z0-9]*_BL|Sp[a-z0-9]*Bl).*";
        for typed in ["sp_bl", "SpBl", "SP_BL"] {
            assert_eq!(begun_pattern(typed).as_deref(), Some(pattern), "{typed}");
        }
        for no_words in ["spawn", "tokio::sp_bl", "sp bl", "", "(a_b"] {
            assert_eq!(begun_pattern(no_words), None, "{no_words}");
        }
    }

    #[test]
    fn only_what_looks_like_a_name_may_be_mistyped() {
        for (typed, edits) in [
            ("spwan", 1),
            ("spwan_blocking", 2),
            ("tokio::spwan", 2),
            ("join", 1),
            ("deserial", 2),
            ("Regx::new", 1),
            ("tokio spwan", 2),
        ] {
            assert_eq!(edits_max(typed), edits, "{typed}");
        }
        for other in ["how to spawn it", "fs", "&&", "", "vec![]"] {
            assert_eq!(edits_max(other), 0, "{other}");
        }
    }
}
