//! What a user asks for: words, and filters among them (`kind:fn pkg:tokio tier:private`).

use std::fmt;

use crate::package::{PackageId, Tier, is_version};

/// Longer queries are refused where somebody asks, and cut beyond: nobody types them, and each word costs time.
pub const QUERY_BYTES_MAX: usize = 512;
const KINDS: [&str; 13] = [
    "fn", "method", "struct", "enum", "variant", "union", "trait", "type", "const", "static", "macro", "mod",
    "doc",
];

/// How results are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Words and meaning together, names first.
    #[default]
    Hybrid,
    /// Words alone, names first.
    Text,
    /// Meaning alone: nearest first, as an exact scan of the vectors orders them.
    Vector,
}

/// What results are limited to. An empty list limits nothing; within a list any one suffices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    pub tiers: Vec<Tier>,
    pub packages: Vec<PackageFilter>,
    /// Kinds by the names that results show.
    pub kinds: Vec<String>,
    /// Only what the project builds on this machine.
    pub here: bool,
}

/// A package by name, of every version or of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageFilter {
    pub name: String,
    pub version: Option<String>,
}

/// A query taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// What is left without the filters.
    pub text: String,
    pub filters: Filters,
}

/// A filter whose value is none of the possible ones.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{filter}:{value} is no {filter}; use one of {choices}")]
pub struct FilterError {
    filter: &'static str,
    value: String,
    choices: String,
}

/// A query that is longer than any is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a query has at most {QUERY_BYTES_MAX} bytes, and this one {0}; some words of it will find more")]
pub struct TooLong(usize);

impl Query {
    /// Whether a query is taken whole.
    pub fn fits(typed: &str) -> Result<(), TooLong> {
        if typed.len() > QUERY_BYTES_MAX { Err(TooLong(typed.len())) } else { Ok(()) }
    }

    /// Takes a query as typed apart. A word that only looks like a filter (`std::fmt`, `foo:bar`)
    /// stays text, and so does a filter with a value that is none: while a user types, every
    /// beginning is a query.
    pub fn parse(typed: &str) -> Query {
        let mut query = Query::default();
        let mut words = Vec::new();
        for word in typed[..typed.floor_char_boundary(QUERY_BYTES_MAX)].split_whitespace() {
            let taken = word.split_once(':').is_some_and(|(key, values)| query.filters.take(key, values));
            if !taken {
                words.push(word);
            }
        }
        query.text = words.join(" ");
        query
    }

    /// What looks like a filter of a query and has a value that is none, so that it is searched as a word.
    pub fn misread(typed: &str) -> Vec<FilterError> {
        let wrong = |word: &str| -> Option<FilterError> {
            let (key, values) = word.split_once(':').filter(|(_, values)| !values.starts_with(':'))?;
            let mut values = values.split(',').filter(|value| !value.is_empty());
            match key.to_lowercase().as_str() {
                "kind" => values.find_map(|value| parse_kind(value).err()),
                "tier" => values.find(|value| parse_tier(value).is_none()).map(|value| FilterError {
                    filter: "tier",
                    value: value.chars().take(40).collect(),
                    choices: Tier::ALL.map(|tier| tier.as_str()).join(", "),
                }),
                _ => None,
            }
        };
        typed[..typed.floor_char_boundary(QUERY_BYTES_MAX)].split_whitespace().filter_map(wrong).collect()
    }
}

impl Filters {
    /// Takes a filter as typed; `false` where it is none.
    fn take(&mut self, key: &str, values: &str) -> bool {
        if values.is_empty() || values.starts_with(':') {
            return false;
        }
        let values = values.split(',').filter(|value| !value.is_empty());
        match key.to_lowercase().as_str() {
            "kind" => extend_all(&mut self.kinds, values.map(|value| parse_kind(value).ok())),
            "tier" => extend_all(&mut self.tiers, values.map(parse_tier)),
            "pkg" | "package" | "crate" => {
                self.packages.extend(values.map(PackageFilter::parse));
                true
            }
            "platform" if values.clone().eq(["here"]) => {
                self.here = true;
                true
            }
            _ => false,
        }
    }

    /// Both limits at once: a flag beside a filter in the query.
    pub fn and(mut self, other: Filters) -> Filters {
        self.tiers.extend(other.tiers);
        self.packages.extend(other.packages);
        self.kinds.extend(other.kinds);
        self.here |= other.here;
        self
    }
}

/// Appends every value, or none where one is missing.
fn extend_all<T>(list: &mut Vec<T>, values: impl Iterator<Item = Option<T>>) -> bool {
    match values.collect::<Option<Vec<T>>>() {
        Some(values) => {
            list.extend(values);
            true
        }
        None => false,
    }
}

fn parse_tier(text: &str) -> Option<Tier> {
    text.to_lowercase().parse().ok()
}

/// A kind by its name or by the word that people say for it.
pub fn parse_kind(text: &str) -> Result<String, FilterError> {
    let lower = text.to_lowercase();
    let kind = match lower.as_str() {
        "function" | "func" => "fn",
        "module" => "mod",
        "constant" => "const",
        "alias" | "typedef" => "type",
        "docs" | "readme" => "doc",
        other => other,
    };
    KINDS.iter().find(|known| **known == kind).map(|known| (*known).to_string()).ok_or_else(|| FilterError {
        filter: "kind",
        value: text.chars().take(40).collect(),
        choices: KINDS.join(", "),
    })
}

impl PackageFilter {
    /// `tokio` or `tokio@1.48.0`.
    pub fn parse(text: &str) -> PackageFilter {
        match text.split_once('@') {
            Some((name, version)) if !version.is_empty() => {
                PackageFilter { name: name.to_string(), version: Some(version.to_string()) }
            }
            _ => PackageFilter { name: text.trim_end_matches('@').to_string(), version: None },
        }
    }

    /// Whether a package is meant: cargo's `-` and rustc's `_` are one; of a version the beginning will do (`1`,
    /// `0.13`), and what stands behind its `+` need not be typed.
    pub fn holds(&self, id: &PackageId) -> bool {
        self.is_named(id) && self.version.as_deref().is_none_or(|wanted| is_version(wanted, id.version()))
    }

    /// The same for what takes away: of a version the beginning will not do.
    pub fn holds_exactly(&self, id: &PackageId) -> bool {
        let is_whole = |wanted: &str| {
            id.version() == wanted
                || id.version().split_once('+').is_some_and(|(version, _)| version == wanted)
        };
        self.is_named(id) && self.version.as_deref().is_none_or(is_whole)
    }

    fn is_named(&self, id: &PackageId) -> bool {
        let same = |a: &str, b: &str| {
            a.len() == b.len()
                && a.bytes().zip(b.bytes()).all(|(a, b)| {
                    let fold = |byte: u8| if byte == b'-' { b'_' } else { byte.to_ascii_lowercase() };
                    fold(a) == fold(b)
                })
        };
        same(&self.name, id.name())
    }

    /// Those of some filters that mean none of the packages, as they are written.
    pub fn missing<'a>(
        filters: &[PackageFilter],
        packages: impl Iterator<Item = &'a PackageId> + Clone,
    ) -> Vec<String> {
        let lacks = |filter: &&PackageFilter| !packages.clone().any(|id| filter.holds(id));
        filters.iter().filter(lacks).map(ToString::to_string).collect()
    }
}

impl fmt::Display for PackageFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.version {
            Some(version) => write!(f, "{}@{version}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl std::str::FromStr for Mode {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Mode, FilterError> {
        match text {
            "hybrid" => Ok(Mode::Hybrid),
            "text" => Ok(Mode::Text),
            "vector" => Ok(Mode::Vector),
            other => Err(FilterError {
                filter: "mode",
                value: other.chars().take(40).collect(),
                choices: "hybrid, text, vector".to_string(),
            }),
        }
    }
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Mode::Hybrid => "hybrid",
            Mode::Text => "text",
            Mode::Vector => "vector",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_taken_out_of_the_words() {
        let query = Query::parse("spawn kind:fn,method pkg:tokio@1.48.0 tier:private blocking");
        assert_eq!(query.text, "spawn blocking");
        assert_eq!(query.filters.kinds, ["fn", "method"]);
        assert_eq!(query.filters.tiers, [Tier::Private]);
        assert_eq!(query.filters.packages, [PackageFilter::parse("tokio@1.48.0")]);
    }

    #[test]
    fn a_filter_means_the_same_in_capitals() {
        let query = Query::parse("Kind:FN TIER:Private PKG:tokio spawn");
        assert_eq!((query.text.as_str(), &query.filters.kinds[..]), ("spawn", &["fn".to_string()][..]));
        assert_eq!(query.filters.tiers, [Tier::Private]);
        assert_eq!(query.filters.packages, [PackageFilter::parse("tokio")]);
        assert_eq!(Query::misread("Kind:FN Tier:TEAM KIND:bogus").len(), 1);
    }

    #[test]
    fn what_only_looks_like_a_filter_is_text() {
        for typed in ["tokio::task::spawn", "kind:", "kind:nonsense", "tier:all", "foo:bar", "kind::fn", ":"]
        {
            assert_eq!(Query::parse(typed), Query { text: typed.to_string(), ..Query::default() });
        }
    }

    #[test]
    fn a_package_is_found_with_either_dash() {
        let holds = |filter: &str, name: &str, version: &str| {
            PackageFilter::parse(filter).holds(&PackageId::rust(name, version).unwrap())
        };
        assert!(holds("serde_json", "serde-json", "1.0.0"));
        assert!(!holds("serde@1.0.0", "serde", "1.0.1"));
        assert!(!holds("serde", "serde_json", "1.0.0"));
        // The beginning of a version will do, to the end of a number.
        for (filter, version, is) in [
            ("serde@1", "1.0.1", true),
            ("serde@1.0", "1.0.1", true),
            ("serde@1.0", "1.0.1+spec-1.1.0", true),
            ("serde@1", "1.0.0-rc.1", true),
            ("serde@1.0", "1.01.1", false),
            ("serde@1", "11.0.0", false),
            ("serde@1.0.0-rc", "1.0.0-rc.1", false),
            ("serde@1.0.0", "1.0.0-rc.1", false),
            ("serde@1.0.0", "1.0.0+git.1", true),
        ] {
            assert_eq!(holds(filter, "serde", version), is, "{filter} {version}");
        }
        for (filter, version, is) in [
            ("serde@1", "1.0.1", false),
            ("serde@1.0", "1.0.1", false),
            ("serde@1.0.1", "1.0.1", true),
            ("serde@1.0.1", "1.0.1+git.1", true),
            ("serde@1.0.1+git.2", "1.0.1+git.1", false),
            ("serde", "1.0.1", true),
        ] {
            let id = PackageId::rust("serde", version).unwrap();
            assert_eq!(PackageFilter::parse(filter).holds_exactly(&id), is, "{filter} takes {version} away");
        }
    }
}
