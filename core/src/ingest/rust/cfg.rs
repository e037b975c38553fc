//! What a `#[cfg]` says about this machine, as far as a parser can know.

use std::collections::BTreeSet;

use super::lex::{Token, tokens};

/// `Some` where the predicate is certain, `None` where it hangs on something unknown.
/// `option(key, value)` answers for a single option.
pub(super) fn evaluate(predicate: &str, option: &dyn Fn(&str, Option<&str>) -> Option<bool>) -> Option<bool> {
    let words: Vec<&str> = tokens(predicate, 0)
        .filter(|(token, _)| !matches!(token, Token::Space | Token::Comment))
        .filter_map(|(_, range)| predicate.get(range))
        .collect();
    let mut rest = words.as_slice();
    predicate_of(&mut rest, option, 0)
}

/// Nested deeper than anyone writes by hand.
const DEPTH_MAX: usize = 32;

fn predicate_of(
    rest: &mut &[&str],
    option: &dyn Fn(&str, Option<&str>) -> Option<bool>,
    depth: usize,
) -> Option<bool> {
    let (&word, tail) = rest.split_first()?;
    *rest = tail;
    match rest.first() {
        Some(&"(") if depth < DEPTH_MAX => {
            *rest = rest.get(1..).unwrap_or_default();
            let mut inner = Vec::new();
            while let Some(&next) = rest.first() {
                match next {
                    ")" => {
                        *rest = rest.get(1..).unwrap_or_default();
                        break;
                    }
                    "," => *rest = rest.get(1..).unwrap_or_default(),
                    _ => inner.push(predicate_of(rest, option, depth + 1)),
                }
            }
            match word {
                "all" if inner.contains(&Some(false)) => Some(false),
                "all" if inner.iter().all(|&one| one == Some(true)) => Some(true),
                "any" if inner.contains(&Some(true)) => Some(true),
                "any" if inner.iter().all(|&one| one == Some(false)) => Some(false),
                "not" => inner.first().copied().flatten().map(|one| !one),
                _ => None,
            }
        }
        Some(&"=") => {
            let value = rest.get(1).map(|value| value.trim_matches('"'));
            *rest = rest.get(2..).unwrap_or_default();
            option(word, value)
        }
        _ => match word {
            "true" => Some(true),
            "false" => Some(false),
            _ => option(word, None),
        },
    }
}

/// Whether the predicate can only hold in a test build.
pub(super) fn only_in_tests(predicate: &str) -> bool {
    evaluate(predicate, &|key, _| (key == "test").then_some(false)) == Some(false)
        && evaluate(predicate, &|key, _| (key == "test").then_some(true)) != Some(false)
}

/// Whether the predicate is certain not to hold in a plain build on this machine. Of two items of
/// one name the other is then the one to show. Features count as on: which are, is the project's
/// choice, and a user may turn on one more.
pub(super) fn off_here(predicate: &str) -> bool {
    evaluate(predicate, &here) == Some(false)
}

fn here(key: &str, value: Option<&str>) -> Option<bool> {
    use std::env::consts;
    match (key, value) {
        ("feature", _) => Some(true),
        ("unix" | "windows", None) => Some(key == consts::FAMILY),
        ("target_family", Some(value)) => Some(value == consts::FAMILY),
        ("target_os", Some(value)) => Some(value == consts::OS),
        ("target_arch", Some(value)) => Some(value == consts::ARCH),
        ("target_pointer_width", Some(value)) => {
            Some(value == if cfg!(target_pointer_width = "64") { "64" } else { "32" })
        }
        ("target_endian", Some(value)) => {
            Some(value == if cfg!(target_endian = "little") { "little" } else { "big" })
        }
        ("target_env", Some(value)) => Some(
            value
                == if cfg!(target_env = "gnu") {
                    "gnu"
                } else if cfg!(target_env = "musl") {
                    "musl"
                } else {
                    ""
                },
        ),
        ("target_has_atomic" | "panic", _) => Some(value != Some("abort")),
        ("debug_assertions", None) => Some(true),
        _ => Some(false),
    }
}

/// Whether the predicate is certain not to hold where documentation is made.
pub(super) fn off_in_docs(predicate: &str) -> bool {
    let option = |key: &str, value: Option<&str>| match (key, value) {
        ("doc" | "docsrs" | "docs_rs" | "doc_cfg" | "rustdoc", None) => Some(true),
        _ => here(key, value),
    };
    evaluate(predicate, &option) == Some(false)
}

/// Whether the predicate is certain not to hold with these features.
pub(super) fn off_with(predicate: &str, features: &BTreeSet<String>) -> bool {
    let option = |key: &str, value: Option<&str>| match (key, value) {
        ("feature", Some(value)) => Some(features.contains(value)),
        _ => None,
    };
    evaluate(predicate, &option) == Some(false)
}

/// Both predicates at once.
pub(super) fn both(outer: Option<&str>, inner: Option<&str>) -> Option<String> {
    match (outer, inner) {
        (Some(outer), Some(inner)) if outer == inner => Some(inner.to_owned()),
        (Some(outer), Some(inner)) => Some(format!("all({outer}, {inner})")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_code_is_known_whatever_else_is_asked() {
        assert!(only_in_tests("test"));
        assert!(only_in_tests("all(test, windows, not(loom))"));
        assert!(!only_in_tests("not(test)"));
        assert!(!only_in_tests("any(test, feature = \"x\")"));
    }

    #[test]
    fn documentation_is_made_with_its_own_options() {
        assert!(!off_in_docs("docsrs"));
        assert!(!off_in_docs("any(doc, docsrs)"));
        assert!(!off_in_docs("all(doc, feature = \"x\")"));
        assert!(off_in_docs("not(doc)"));
        assert!(off_in_docs("all(docsrs, not(feature = \"x\"))"));
        assert!(off_here("doc"));
    }

    #[test]
    fn an_unknown_option_is_off_and_a_feature_is_on() {
        assert!(off_here("docsrs"));
        assert!(!off_here("not(docsrs)"));
        assert!(!off_here("all(feature = \"rt\", any(unix, windows))"));
        assert!(off_here("all(unix, windows)"));
        assert!(!off_here(""));
        assert!(!off_here("(((("));
    }
}
