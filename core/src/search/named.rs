//! Packages that a question names: `tokio watch channel` speaks of tokio and of its family.
//!
//! Such a word says where to look, and is hardly one to look for: most items of a package do not repeat its
//! name. But `time`, `log` and `bytes` are packages and common words. How much a word is a name is measured:
//! by the share that the package's own rows have of all that hold the word.

use std::collections::{BTreeSet, HashSet};

use tantivy::Term;
use tantivy::query::Bm25StatisticsProvider;

use super::candidates::{Statistics, View};
use super::shelf::query_words;

/// From this share on a word is a name, and not looked for where other words are left.
const NAME_SHARE: f32 = 0.3;
/// What being of the family counts (tokio-util, where tokio is named), beside the package itself.
const FAMILY: f32 = 0.6;

/// The packages that a question names.
#[derive(Clone, Debug, Default)]
pub struct Named {
    families: Vec<Family>,
    /// The question without those words that are names.
    pub rest: String,
}

#[derive(Clone, Debug)]
struct Family {
    /// As code writes it.
    name: String,
    /// How much the word is the package's name, between 0 and 1.
    distinct: f32,
}

/// What a package is to a question. Each is between 0 and 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Naming {
    /// As far as the word is no common one.
    pub distinct: f32,
    /// Of a common word too, and less the commoner it is.
    pub word: f32,
}

impl Named {
    /// Looks for the names of the packages of `views` among the words of a question.
    pub fn of(question: &str, views: &[View<'_>], statistics: &Statistics<'_>) -> tantivy::Result<Named> {
        let words: Vec<(String, String)> =
            question.split_whitespace().map(|typed| (typed.to_string(), spelled(typed))).collect();
        let packages: Vec<(String, u32)> =
            views.iter().flat_map(View::packages).map(|(name, rows)| (fold(name), rows)).collect();
        let known: HashSet<&str> = packages.iter().map(|(name, _)| name.as_str()).collect();
        let mut named = Named::default();
        let mut names: BTreeSet<usize> = BTreeSet::new();
        for (at, (_, word)) in words.iter().enumerate() {
            let pair = words.get(at + 1).map(|(_, next)| format!("{word}_{next}"));
            let pair = pair.filter(|pair| known.contains(pair.as_str()));
            let length = if pair.is_some() { 2 } else { 1 };
            let Some(name) = pair.or_else(|| known.contains(word.as_str()).then(|| word.clone())) else {
                continue;
            };
            let rows: u32 =
                packages.iter().filter(|(package, _)| kin(&name, package) > 0.0).map(|(_, rows)| rows).sum();
            let distinct = distinct(&name, rows, views, statistics)?;
            if distinct >= NAME_SHARE {
                names.extend(at..at + length);
            }
            named.families.push(Family { name, distinct });
        }
        let kept =
            words.iter().enumerate().filter(|(at, (typed, _))| !names.contains(at) || typed.contains("::"));
        named.rest = kept.map(|(_, (typed, _))| typed.as_str()).collect::<Vec<_>>().join(" ");
        if named.rest.is_empty() {
            named.rest = question.to_string();
        }
        Ok(named)
    }

    /// What a package is to the question.
    pub fn naming(&self, package: &str) -> Naming {
        let package = fold(package);
        self.families.iter().fold(Naming::default(), |naming, family| {
            let kin = kin(&family.name, &package);
            Naming {
                distinct: naming.distinct.max(kin * family.distinct),
                word: naming.word.max(kin * family.distinct.sqrt()),
            }
        })
    }

    /// Whether the question names a package by a word that is a name, and says more.
    pub fn is_within(&self, package: &str, question: &str) -> bool {
        self.rest != question && self.naming(package).distinct >= NAME_SHARE * FAMILY
    }
}

/// One for the package itself, less for its family, nothing for any other.
fn kin(name: &str, package: &str) -> f32 {
    match package.strip_prefix(name) {
        Some("") => 1.0,
        Some(rest) if rest.starts_with('_') => FAMILY,
        _ => 0.0,
    }
}

/// The share of a family's rows of all rows that hold its name.
fn distinct(name: &str, rows: u32, views: &[View<'_>], statistics: &Statistics<'_>) -> tantivy::Result<f32> {
    // A name of several words is one compound, which comes last.
    let Some(word) = query_words(name).pop() else { return Ok(0.0) };
    let mut mentions = 0;
    if let Some(view) = views.first() {
        for field in [view.snapshot.fields.name, view.snapshot.fields.summary] {
            mentions += statistics.doc_freq(&Term::from_field_text(field, &word))?;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a share needs no more")]
    let share = rows as f32 / (rows as f32 + mentions as f32).max(1.0);
    Ok(share)
}

/// A word without the marks around it; of a path its first segment.
fn spelled(typed: &str) -> String {
    let first = typed.trim_start_matches("::").split("::").next().unwrap_or_default();
    fold(first.trim_matches(|c: char| !c.is_alphanumeric()))
}

fn fold(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_what_a_name_begins() {
        assert!(kin("tokio", "tokio") > kin("tokio", "tokio_util"));
        assert!(kin("tokio", "tokio_util") > 0.0);
        assert!(kin("tokio", "tokiox") == 0.0 && kin("tokio_util", "tokio") == 0.0);
        assert_eq!(spelled("`Tokio-util`,"), "tokio_util");
        assert_eq!(spelled("tokio::spawn"), "tokio");
    }
}
