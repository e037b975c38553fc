//! Places of a text within an instance, by identities and never by positions: `/faqs/[id=q2]/question` is the question
//! of the item whose `id` is `q2`, wherever it stands.
//!
//! A pattern says which places may be translated: `/faqs/[id]/question`. It is a JSON Pointer (RFC 6901) whose steps into
//! lists name the member that their items are known by.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Beyond this nobody nests.
const STEPS_MAX: usize = 32;
const IDENTITY_BYTES_MAX: usize = 200;

/// Why a pattern, or an instance below it, cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    #[error("{0:?} is no place: write it as /title or /faqs/[id]/question")]
    Pattern(String),
    #[error("the items of {list} are known by their {member:?}, and one has none that is text")]
    NoIdentity { list: String, member: String },
    #[error("two items of {list} have the {member:?} {value:?}")]
    Twice { list: String, member: String, value: String },
    #[error("{0} is to be translated, and is no text")]
    NoText(String),
}

/// Places that may be translated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Member(String),
    /// Every item of a list, known by this member.
    Items(String),
}

/// A name as it reads in a JSON Pointer.
pub(super) fn escaped(text: &str) -> String {
    text.replace('~', "~0").replace('/', "~1")
}

fn plain(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut parts = text.split('~');
    plain += parts.next()?;
    for part in parts {
        let (first, rest) = part.split_at_checked(1)?;
        plain.push(match first {
            "0" => '~',
            "1" => '/',
            _ => return None,
        });
        plain += rest;
    }
    Some(plain)
}

impl Pattern {
    pub fn parse(text: &str) -> Result<Pattern, PlaceError> {
        let fail = || PlaceError::Pattern(text.chars().take(120).collect());
        let mut parts = text.split('/');
        // A pointer begins with a slash; the whole document is no text.
        if parts.next() != Some("") {
            return Err(fail());
        }
        let step = |part: &str| match part.strip_prefix('[') {
            Some(rest) => {
                let member =
                    rest.strip_suffix(']').filter(|member| !member.is_empty() && !member.contains('='))?;
                Some(Step::Items(plain(member)?))
            }
            None => Some(Step::Member(plain(part)?)),
        };
        let steps: Vec<Step> = parts.map(step).collect::<Option<_>>().ok_or_else(fail)?;
        match steps.last() {
            Some(Step::Member(_)) if steps.len() <= STEPS_MAX => {
                Ok(Pattern { text: text.to_string(), steps })
            }
            _ => Err(fail()),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether another pattern knows the items of a list by what is translated here: translated, an item would be taken for
    /// another, and get its texts.
    pub fn translates_identity_of(&self, other: &Pattern) -> bool {
        let is_same = |(one, other): (&Step, &Step)| match (one, other) {
            (Step::Member(one), Step::Member(other)) => one == other,
            (Step::Items(_), Step::Items(_)) => true,
            _ => false,
        };
        let Some((Step::Member(last), before)) = self.steps.split_last() else { return false };
        let lists = other.steps.iter().enumerate().filter_map(|(at, step)| match step {
            Step::Items(member) if member == last => other.steps.get(..=at),
            _ => None,
        });
        lists.into_iter().any(|list| list.len() == before.len() && list.iter().zip(before).all(is_same))
    }

    /// Whether a place is one of these, whatever instance it is of.
    pub fn covers(&self, at: &str) -> bool {
        let mut parts = at.split('/');
        if parts.next() != Some("") {
            return false;
        }
        let mut steps = self.steps.iter();
        let fits = parts.by_ref().all(|part| match steps.next() {
            Some(Step::Member(name)) => plain(part).as_ref() == Some(name),
            Some(Step::Items(member)) => {
                let inside = part.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
                let split = inside.and_then(|inside| inside.split_once('='));
                split.is_some_and(|(name, value)| {
                    plain(name).as_ref() == Some(member) && plain(value).is_some()
                })
            }
            None => false,
        });
        fits && steps.next().is_none()
    }
}

/// Shows every text below these patterns, with its place, and lets it be changed. What is not there is not made.
pub fn texts(
    config: &mut Map<String, Value>,
    patterns: &[Pattern],
    see: &mut impl FnMut(&str, &mut String),
) -> Result<(), PlaceError> {
    patterns.iter().try_for_each(|pattern| members(config, &pattern.steps, String::new(), see))
}

fn members(
    map: &mut Map<String, Value>,
    steps: &[Step],
    at: String,
    see: &mut impl FnMut(&str, &mut String),
) -> Result<(), PlaceError> {
    let Some((Step::Member(name), rest)) = steps.split_first() else { return Ok(()) };
    match map.get_mut(name) {
        None | Some(Value::Null) => Ok(()),
        Some(value) => below(value, rest, format!("{at}/{}", escaped(name)), see),
    }
}

fn below(
    value: &mut Value,
    steps: &[Step],
    at: String,
    see: &mut impl FnMut(&str, &mut String),
) -> Result<(), PlaceError> {
    match (steps.first(), value) {
        (None, Value::String(text)) => {
            see(&at, text);
            Ok(())
        }
        (None, _) => Err(PlaceError::NoText(at)),
        (Some(Step::Member(_)), Value::Object(map)) => members(map, steps, at, see),
        (Some(Step::Items(member)), Value::Array(list)) => {
            items(list, member, steps.get(1..).unwrap_or_default(), at, see)
        }
        // Something else than the pattern expects has no texts for it.
        (Some(_), _) => Ok(()),
    }
}

fn items(
    list: &mut [Value],
    member: &str,
    steps: &[Step],
    at: String,
    see: &mut impl FnMut(&str, &mut String),
) -> Result<(), PlaceError> {
    let mut seen = BTreeSet::new();
    for item in list {
        let identity = item.get(member).and_then(Value::as_str);
        let fits = identity.filter(|identity| (1..=IDENTITY_BYTES_MAX).contains(&identity.len()));
        let Some(identity) = fits.map(str::to_string) else {
            return Err(PlaceError::NoIdentity { list: at, member: member.to_string() });
        };
        let place = format!("{at}/[{}={}]", escaped(member), escaped(&identity));
        if !seen.insert(identity.clone()) {
            return Err(PlaceError::Twice { list: at, member: member.to_string(), value: identity });
        }
        below(item, steps, place, see)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(config: &Value, patterns: &[&str]) -> Result<Vec<(String, String)>, PlaceError> {
        let patterns: Vec<Pattern> = patterns.iter().map(|text| Pattern::parse(text).unwrap()).collect();
        let mut found = Vec::new();
        let mut config = config.as_object().unwrap().clone();
        texts(&mut config, &patterns, &mut |at, text| found.push((at.to_string(), text.clone())))?;
        Ok(found)
    }

    #[test]
    fn a_text_is_found_by_the_identities_on_its_way() {
        let config = json!({"a/b": "slash", "faqs": [
            {"id": "q/1", "q": "One", "more": [{"id": "x", "t": "deep"}]}, {"id": "q~2", "q": "Two", "more": []}
        ]});
        let pair = |at: &str, text: &str| (at.to_string(), text.to_string());
        let all =
            found(&config, &["/a~1b", "/faqs/[id]/q", "/faqs/[id]/more/[id]/t", "/none", "/faqs/x"]).unwrap();
        let expected = [
            pair("/a~1b", "slash"),
            pair("/faqs/[id=q~11]/q", "One"),
            pair("/faqs/[id=q~02]/q", "Two"),
            pair("/faqs/[id=q~11]/more/[id=x]/t", "deep"),
        ];
        assert_eq!(all, expected);
        for (at, _) in &all {
            let patterns =
                ["/a~1b", "/faqs/[id]/q", "/faqs/[id]/more/[id]/t"].map(|text| Pattern::parse(text).unwrap());
            assert_eq!(patterns.iter().filter(|pattern| pattern.covers(at)).count(), 1, "{at}");
        }
    }

    #[test]
    fn items_that_cannot_be_told_apart_are_refused() {
        for bad in [
            json!({"l": [{"id": "a"}, {"id": "a"}]}),
            json!({"l": [{"q": "x"}]}),
            json!({"l": [{"id": 1}]}),
            json!({"l": [{"id": ""}]}),
            json!({"l": ["a"]}),
            json!({"l": [{"id": "a", "q": 1}]}),
        ] {
            assert!(found(&bad, &["/l/[id]/q"]).is_err(), "{bad}");
        }
        assert_eq!(found(&json!({"l": {"0": {"q": "x"}}}), &["/l/[id]/q"]), Ok(Vec::new()));
        for bad in ["", "title", "/a/[id]", "/[]/a", "/a~2", "/[id=x]/a", "/[id/a"] {
            assert!(Pattern::parse(bad).is_err(), "{bad:?}");
        }
    }

    /// V05: an allow-list needs no list of what is denied.
    #[test]
    fn no_place_beside_the_patterns_is_covered() {
        let pattern = Pattern::parse("/items/[id]/q").unwrap();
        assert!(pattern.covers("/items/[id=a]/q"));
        for bad in [
            "/items/__proto__",
            "/__proto__/x",
            "/constructor/prototype/x",
            "/items/[id=a]",
            "/items/[id=a]/q/x",
            "/items/0/q",
            "/items/[key=a]/q",
            "items/[id=a]/q",
            "/items/[id]/q",
            "",
            "/Items/[id=a]/q",
            "[[\"__proto__\"],\"x\"]",
        ] {
            assert!(!pattern.covers(bad), "{bad}");
        }
    }
}
