//! What is asked for: the line as it is searched, and what there is to say of it. The line is the only place where
//! filters stand: the switches write them there, and show what stands there.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;

use strsim::damerau_levenshtein;
use zenith_core::package::{PackageId, Tier};
use zenith_core::search::{PackageFilter, QUERY_BYTES_MAX, Query, parse_kind};

use crate::text::clean_line;

/// What results can be, for a word that is begun.
const KINDS: [&str; 13] = [
    "fn", "method", "struct", "enum", "variant", "union", "trait", "type", "const", "static", "macro", "mod",
    "doc",
];
/// Names that are told where many are meant.
const NAMES_MAX: usize = 4;
/// Letters that may be wrong in a name.
const EDITS_MAX: usize = 2;

/// The line, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// What is searched: the line without filters that say nothing yet, or nothing at all.
    pub query: String,
    /// The packages that begun names mean.
    pub packages: Vec<PackageFilter>,
    /// What is not as it may look.
    pub said: Option<String>,
    /// The line that may be meant.
    pub offer: Option<String>,
}

/// What a line is read beside.
#[derive(Clone, Copy)]
pub struct Beside<'a> {
    /// The packages that are searched.
    pub packages: &'a [&'a PackageId],
    /// The names of those that are one's own, or that the project names itself: they are meant first.
    pub close: &'a HashSet<&'a str>,
}

impl Asked {
    /// Reads a line.
    pub fn of(line: &str, beside: Beside<'_>) -> Asked {
        let mut asked = Asked::default();
        let mut words = Vec::new();
        for word in line.split_whitespace() {
            words.extend(asked.take_word(line, word, beside));
        }
        asked.query = words.join(" ");
        if asked.query.len() > QUERY_BYTES_MAX {
            asked.say(format!("only the first {QUERY_BYTES_MAX} bytes are searched"));
        }
        asked
    }

    /// A word of the line: what of it is searched.
    fn take_word(&mut self, line: &str, word: &str, beside: Beside<'_>) -> Option<String> {
        let Some((key, values)) = word.split_once(':').filter(|(_, values)| !values.starts_with(':')) else {
            return Some(word.to_string());
        };
        let tiers = Tier::ALL.map(|tier| tier.as_str());
        match key.to_lowercase().as_str() {
            "kind" => self.take_choices(line, word, values, &KINDS, |value| parse_kind(value).is_ok()),
            "tier" => self.take_choices(line, word, values, &tiers, |value| tiers.contains(&value)),
            key @ ("pkg" | "package" | "crate") => {
                if values.is_empty() {
                    let mut close: Vec<&str> = beside.close.iter().copied().collect();
                    close.sort_unstable_by_key(|name| (name.len(), *name));
                    let such = if close.is_empty() { String::new() } else { format!(": {}", listed(&close)) };
                    self.say(format!("{key}: takes a package, or how its name begins{such}"));
                }
                values.split(',').filter(|value| !value.is_empty()).for_each(|value| {
                    self.take_package(line, (word, key), &PackageFilter::parse(value), beside);
                });
                (!values.is_empty()).then(|| format!("{key}:{values}"))
            }
            "-kind" | "-tier" | "-pkg" | "-package" | "-crate" => {
                let word = clean_line(word);
                self.say(format!(
                    "{word} is passed over: filters say what to keep, and none what to leave out"
                ));
                None
            }
            _ => Some(word.to_string()),
        }
    }

    /// A filter with values of a list: what of it is searched. A value that is begun says nothing yet.
    fn take_choices(
        &mut self,
        line: &str,
        word: &str,
        values: &str,
        choices: &[&str],
        is_one: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let key = word.split_once(':')?.0.to_lowercase();
        let values = values.to_lowercase();
        let values = values.split(',').filter(|value| !value.is_empty());
        let (known, unknown): (Vec<&str>, Vec<&str>) = values.partition(|value| is_one(value));
        if known.is_empty() && unknown.is_empty() {
            self.say(format!("{key}: may be {}", choices.join(" ")));
        }
        if let Some(value) = unknown.first() {
            let begun: Vec<&str> =
                choices.iter().copied().filter(|choice| choice.starts_with(*value)).collect();
            let best = begun.first().copied().or_else(|| nearest(value, choices.iter().copied()));
            let value = clean_line(value);
            self.say(match begun[..] {
                [] => format!("{key}:{value} is passed over: it may be {}", choices.join(" ")),
                _ => format!("{key}:{value} is begun: {}", begun.join(", ")),
            });
            if let Some(best) = best {
                let values = known.iter().copied().chain([best]).collect::<Vec<&str>>().join(",");
                self.offer = Some(replaced(line, word, &format!("{key}:{values}")));
            }
        }
        (!known.is_empty()).then(|| format!("{key}:{}", known.join(",")))
    }

    /// A package by its name, or by the beginning of one.
    fn take_package(
        &mut self,
        line: &str,
        (word, key): (&str, &str),
        filter: &PackageFilter,
        Beside { packages, close }: Beside<'_>,
    ) {
        let packages = packages.iter().copied();
        if packages.clone().any(|id| filter.holds(id)) {
            return;
        }
        let named = PackageFilter { version: None, ..filter.clone() };
        let versions: BTreeSet<&str> =
            packages.clone().filter(|id| named.holds(id)).map(PackageId::version).collect();
        let typed = clean_line(&filter.to_string());
        let all: BTreeSet<&str> = packages.map(PackageId::name).collect();
        let wanted = folded(&filter.name);
        let mut begun: Vec<&str> = match filter.version {
            Some(_) => Vec::new(),
            None => all.iter().copied().filter(|name| folded(name).starts_with(&wanted)).collect(),
        };
        begun.sort_by_key(|name| (!close.contains(name), name.len()));
        let near = nearest(&filter.name, all.iter().copied());
        let meant = match (versions.last(), begun.first()) {
            (Some(version), _) => {
                let known = versions.iter().copied().collect::<Vec<&str>>().join(", ");
                self.say(format!("{typed} is not indexed; {known} is"));
                Some(format!("{}@{version}", filter.name))
            }
            (None, Some(first)) => {
                self.say(format!("{key}:{typed} means {}", listed(&begun)));
                Some((*first).to_string())
            }
            (None, None) => {
                self.say(format!("no package here begins with {typed}"));
                near.map(str::to_string)
            }
        };
        self.packages
            .extend(begun.into_iter().map(|name| PackageFilter { name: name.to_string(), version: None }));
        if let Some(meant) = meant {
            self.offer = Some(replaced(line, word, &format!("{key}:{meant}")));
        }
    }

    /// The first thing that there is to say is said.
    fn say(&mut self, what: String) {
        self.said.get_or_insert(what);
    }
}

/// The tiers that a line names.
pub fn tiers(line: &str) -> Vec<Tier> {
    Query::parse(line).filters.tiers
}

/// The filters of a line beside those of tiers, as they are typed.
pub fn filters(line: &str) -> Vec<String> {
    let is_filter = |word: &&str| {
        let text = Query::parse(word).text;
        text.is_empty() && !is_of_tiers(word)
    };
    line.split_whitespace().filter(is_filter).map(str::to_string).collect()
}

/// The line with a tier, or with none. Filters stand first, so that one goes on typing at the end.
pub fn with_tier(line: &str, tier: Option<Tier>) -> String {
    let words = line.split_whitespace().filter(|word| !is_of_tiers(word));
    let filter = tier.map(|tier| format!("tier:{tier}"));
    let mut with = String::new();
    for word in filter.iter().map(String::as_str).chain(words) {
        let _ = write!(with, "{word} ");
    }
    if line.trim_end().len() == line.len() && with.trim_end().len() > filter.map_or(0, |filter| filter.len())
    {
        with.pop();
    }
    with
}

fn is_of_tiers(word: &str) -> bool {
    word.split_once(':').is_some_and(|(key, _)| key.eq_ignore_ascii_case("tier"))
}

/// The line without a word.
pub fn without(line: &str, word: &str) -> String {
    line.split_whitespace().filter(|other| *other != word).collect::<Vec<&str>>().join(" ")
}

/// The line with other words than its own, and its filters.
pub fn with_words(line: &str, words: &str) -> String {
    let is_filter = |word: &&str| Query::parse(word).text.is_empty();
    line.split_whitespace().filter(is_filter).chain([words]).collect::<Vec<&str>>().join(" ")
}

fn replaced(line: &str, word: &str, by: &str) -> String {
    let words = line.split_whitespace().map(|other| if other == word { by } else { other });
    words.collect::<Vec<&str>>().join(" ")
}

/// The name that a mistyped one is nearest to, if it is near at all.
fn nearest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = EDITS_MAX.min(typed.chars().count() / 3);
    let edits = names.map(|name| (damerau_levenshtein(name, typed), name));
    edits.filter(|(edits, _)| *edits <= most).min().map(|(_, name)| name)
}

fn listed(names: &[&str]) -> String {
    let more = names.len().saturating_sub(NAMES_MAX);
    let told = names.iter().copied().take(NAMES_MAX).collect::<Vec<&str>>().join(", ");
    if more > 0 { format!("{told} and {more} more") } else { told }
}

/// A name as filters compare it: cargo's `-` and rustc's `_` are one.
fn folded(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Asked {
        let ids = ["serde", "tokio", "tokio-stream", "tokio-util", "mine"]
            .map(|name| PackageId::rust(name, "1.0.0").unwrap());
        let close = HashSet::from(["tokio-util", "mine"]);
        Asked::of(line, Beside { packages: &ids.iter().collect::<Vec<_>>(), close: &close })
    }

    fn names(asked: &Asked) -> Vec<String> {
        asked.packages.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_begun_package_means_all_that_begin_so_and_the_first_is_offered() {
        let begun = asked("spawn pkg:tok");
        assert_eq!(
            names(&begun),
            ["tokio-util", "tokio", "tokio-stream"],
            "what is close, then what is short"
        );
        assert_eq!(begun.query, "spawn pkg:tok");
        assert_eq!(begun.said.as_deref(), Some("pkg:tok means tokio-util, tokio, tokio-stream"));
        assert_eq!(begun.offer.as_deref(), Some("spawn pkg:tokio-util"));
        assert_eq!(names(&asked("pkg:tokio_s")), ["tokio-stream"], "either dash");
        let whole = asked("spawn pkg:tokio");
        assert_eq!(
            (names(&whole).len(), whole.said, whole.offer),
            (0, None, None),
            "a whole name is that one"
        );
        assert_eq!(asked("spawn pkg:").query, "spawn", "a filter without a value says nothing yet");
    }

    #[test]
    fn a_filter_without_a_value_says_what_it_may_be() {
        let said = |line| asked(line).said.unwrap_or_default();
        assert_eq!(said("spawn tier:"), "tier: may be public team private");
        assert!(said("kind: spawn").starts_with("kind: may be fn method struct"), "{}", said("kind:"));
        assert_eq!(said("Crate:"), "crate: takes a package, or how its name begins: mine, tokio-util");
        assert_eq!(asked("kind:,fn"), Asked { query: "kind:fn".to_string(), ..Asked::default() });
    }

    #[test]
    fn capitals_are_small_letters_in_filters_and_nothing_is_left_out_by_one() {
        assert_eq!(asked("Spawn Kind:FN TIER:Team").query, "Spawn kind:fn tier:team");
        assert_eq!(asked("Pkg:Tokio").query, "pkg:Tokio");
        assert_eq!(
            (tiers("Tier:TEAM x"), filters("KIND:fn Tier:team")),
            (vec![Tier::Team], vec!["KIND:fn".to_string()])
        );
        assert_eq!(with_tier("Tier:team spawn", None), "spawn");
        let without = asked("spawn -kind:fn");
        assert_eq!(without.query, "spawn");
        assert!(without.said.unwrap().starts_with("-kind:fn is passed over"));
        assert_eq!(asked("a -> b -x:y").query, "a -> b -x:y");
        assert!(asked(&"word ".repeat(200)).said.unwrap().contains("the first 512 bytes are searched"));
    }

    #[test]
    fn a_package_that_is_not_there_is_said_and_what_may_be_meant_offered() {
        let lacks = asked("pkg:toiko spawn");
        assert_eq!(lacks.said.as_deref(), Some("no package here begins with toiko"));
        assert_eq!(lacks.offer.as_deref(), Some("pkg:tokio spawn"));
        let version = asked("pkg:tokio@9.0.0");
        assert_eq!(version.said.as_deref(), Some("tokio@9.0.0 is not indexed; 1.0.0 is"));
        assert_eq!(version.offer.as_deref(), Some("pkg:tokio@1.0.0"));
        assert_eq!(asked("pkg:zzzzzz").offer, None);
    }

    #[test]
    fn a_kind_or_tier_that_is_none_is_said_and_left_out() {
        let bogus = asked("spawn kind:bogus");
        assert_eq!(bogus.query, "spawn");
        assert!(bogus.said.unwrap().starts_with("kind:bogus is passed over: it may be fn method"));
        let begun = asked("spawn kind:fn,st");
        assert_eq!(begun.query, "spawn kind:fn");
        assert_eq!(begun.said.as_deref(), Some("kind:st is begun: struct, static"));
        assert_eq!(begun.offer.as_deref(), Some("spawn kind:fn,struct"));
        assert_eq!(asked("tier:te x").offer.as_deref(), Some("tier:team x"));
        assert_eq!(asked("tier:taem x").offer.as_deref(), Some("tier:team x"));
        assert_eq!(asked("kind:function"), Asked { query: "kind:function".to_string(), ..Asked::default() });
    }

    #[test]
    fn what_only_looks_like_a_filter_is_a_word() {
        for line in ["tokio::task::spawn", "kind::fn", "foo:bar", ":"] {
            assert_eq!(asked(line), Asked { query: line.to_string(), ..Asked::default() });
        }
        assert_eq!(filters("kind:fn tokio::spawn tier:team pkg:tokio foo:bar"), ["kind:fn", "pkg:tokio"]);
    }

    #[test]
    fn every_kind_is_one_and_the_tier_of_a_line_is_one_place() {
        assert!(KINDS.iter().all(|kind| parse_kind(kind).as_deref() == Ok(*kind)));
        assert_eq!(with_tier("spawn", Some(Tier::Team)), "tier:team spawn");
        assert_eq!(with_tier("tier:team spawn kind:fn", Some(Tier::Public)), "tier:public spawn kind:fn");
        assert_eq!(with_tier("spawn tier:team,public", None), "spawn");
        assert_eq!(with_tier("", Some(Tier::Team)), "tier:team ", "one goes on typing");
        assert_eq!(with_words("tier:team spwan_it kind:fn", "spawn_it"), "tier:team kind:fn spawn_it");
        assert_eq!(without("kind:fn spawn", "kind:fn"), "spawn");
    }
}
