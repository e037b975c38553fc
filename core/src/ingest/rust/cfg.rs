//! What a `#[cfg]` says about this machine, as far as a parser can know.

use std::collections::BTreeSet;

use super::lex::{Token, tokens};
use crate::ingest::discover::{ENVIRONMENT, VENDOR};

/// A condition as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Predicate<'a> {
    All(Vec<Predicate<'a>>),
    Any(Vec<Predicate<'a>>),
    Not(Option<Box<Predicate<'a>>>),
    Option(&'a str, Option<&'a str>),
    Constant(bool),
    /// What no compiler would take.
    Odd,
}

/// Nested deeper than anyone writes by hand.
const DEPTH_MAX: usize = 32;

impl<'a> Predicate<'a> {
    pub fn read(text: &'a str) -> Predicate<'a> {
        let words: Vec<&str> = tokens(text, 0)
            .filter(|(token, _)| !matches!(token, Token::Space | Token::Comment))
            .filter_map(|(_, range)| text.get(range))
            .collect();
        Predicate::next(&mut words.as_slice(), 0)
    }

    fn next(rest: &mut &[&'a str], depth: usize) -> Predicate<'a> {
        let Some((&word, tail)) = rest.split_first() else { return Predicate::Odd };
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
                        _ => inner.push(Predicate::next(rest, depth + 1)),
                    }
                }
                match word {
                    "all" => Predicate::All(inner),
                    "any" => Predicate::Any(inner),
                    "not" => Predicate::Not(inner.into_iter().next().map(Box::new)),
                    _ => Predicate::Odd,
                }
            }
            Some(&"=") => {
                let value = rest.get(1).map(|value| value.trim_matches('"'));
                *rest = rest.get(2..).unwrap_or_default();
                Predicate::Option(word, value)
            }
            _ => match word {
                "true" => Predicate::Constant(true),
                "false" => Predicate::Constant(false),
                _ => Predicate::Option(word, None),
            },
        }
    }

    /// As it would be written.
    pub fn text(&self) -> String {
        let among = |list: &[Predicate]| list.iter().map(Predicate::text).collect::<Vec<_>>().join(", ");
        match self {
            Predicate::All(list) => format!("all({})", among(list)),
            Predicate::Any(list) => format!("any({})", among(list)),
            Predicate::Not(inner) => {
                format!("not({})", inner.as_deref().map(Predicate::text).unwrap_or_default())
            }
            Predicate::Option(key, Some(value)) => format!("{key} = \"{value}\""),
            Predicate::Option(key, None) => (*key).to_owned(),
            Predicate::Constant(value) => value.to_string(),
            Predicate::Odd => String::new(),
        }
    }

    /// `Some` where it is certain, `None` where it hangs on something unknown. `option(key, value)`
    /// answers for a single option.
    pub fn holds(&self, option: &dyn Fn(&str, Option<&str>) -> Option<bool>) -> Option<bool> {
        let among = |list: &[Predicate], decides: bool| {
            let all: Vec<Option<bool>> = list.iter().map(|one| one.holds(option)).collect();
            match () {
                () if all.contains(&Some(decides)) => Some(decides),
                () if all.contains(&None) => None,
                () => Some(!decides),
            }
        };
        match self {
            Predicate::All(list) => among(list, false),
            Predicate::Any(list) => among(list, true),
            Predicate::Not(inner) => inner.as_ref()?.holds(option).map(|one| !one),
            Predicate::Option(key, value) => option(key, *value),
            Predicate::Constant(value) => Some(*value),
            Predicate::Odd => None,
        }
    }
}

/// `Some` where the predicate is certain, `None` where it hangs on something unknown.
pub(super) fn evaluate(predicate: &str, option: &dyn Fn(&str, Option<&str>) -> Option<bool>) -> Option<bool> {
    Predicate::read(predicate).holds(option)
}

/// Whether the predicate can only hold in a test build.
pub(super) fn only_in_tests(predicate: &str) -> bool {
    evaluate(predicate, &|key, _| (key == "test").then_some(false)) == Some(false)
        && evaluate(predicate, &|key, _| (key == "test").then_some(true)) != Some(false)
}

/// Whether the predicate is certain not to hold in a plain build on this machine with these
/// features. Of two items of one name the other is then the one to show. Where features are not
/// known every one counts as on: a user may turn on one more.
pub(super) fn off(predicate: &str, features: Option<&BTreeSet<String>>) -> bool {
    let option = |key: &str, value: Option<&str>| Some(option_here(key, value, features).unwrap_or(false));
    evaluate(predicate, &option) == Some(false)
}

/// Whether the predicate is certain not to hold on this machine, whatever the features are.
pub(super) fn off_anyway(predicate: &str) -> bool {
    let option = |key: &str, value: Option<&str>| match key {
        "feature" => None,
        _ => Some(option_here(key, value, None).unwrap_or(false)),
    };
    evaluate(predicate, &option) == Some(false)
}

/// Whether the predicate holds; none where that hangs on an option that a build script or the
/// compiler's flags may set.
pub(super) fn certain(predicate: &str, features: Option<&BTreeSet<String>>) -> Option<bool> {
    evaluate(predicate, &|key, value| option_here(key, value, features))
}

/// Options that tools set, and a build that is to be used does not.
const TOOLS: [&str; 14] = [
    "clippy",
    "coverage",
    "coverage_nightly",
    "doc",
    "docsrs",
    "doctest",
    "fuzzing",
    "kani",
    "loom",
    "miri",
    "rust_analyzer",
    "rustdoc",
    "rustfmt",
    "test",
];

/// Whether an option is one that tools set.
pub(super) fn is_tools(key: &str) -> bool {
    TOOLS.contains(&key)
}

/// What a single option is here; none where it is of somebody's own making. Such an option that
/// bears this system's name is on: `linux_raw`.
pub(super) fn option_here(
    key: &str,
    value: Option<&str>,
    features: Option<&BTreeSet<String>>,
) -> Option<bool> {
    use std::env::consts;
    match (key, value) {
        ("feature", Some(value)) => Some(features.is_none_or(|features| features.contains(value))),
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
        ("target_env", Some(value)) => Some(value == ENVIRONMENT),
        ("target_vendor", Some(value)) => Some(value == VENDOR),
        ("target_has_atomic" | "panic", _) => Some(value != Some("abort")),
        ("debug_assertions", None) => Some(true),
        _ if key.starts_with("target_") || is_tools(key) => Some(false),
        (own, None) if own.split('_').next() == Some(consts::OS) => Some(true),
        _ => None,
    }
}

/// Whether the predicate is certain not to hold where documentation is made, with these features. Where they
/// are not known every one counts as on.
pub(super) fn off_in_docs(predicate: &str, features: Option<&BTreeSet<String>>) -> bool {
    let option = |key: &str, value: Option<&str>| match (key, value) {
        ("doc" | "docsrs" | "docs_rs" | "doc_cfg" | "rustdoc", None) => Some(true),
        _ => Some(option_here(key, value, features).unwrap_or(false)),
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
        let off_in_docs_with_all = |predicate| off_in_docs(predicate, None);
        assert!(!off_in_docs_with_all("docsrs"));
        assert!(!off_in_docs_with_all("any(doc, docsrs)"));
        assert!(!off_in_docs_with_all("all(doc, feature = \"x\")"));
        assert!(off_in_docs_with_all("not(doc)"));
        assert!(off_in_docs_with_all("all(docsrs, not(feature = \"x\"))"));
        assert!(off_in_docs("all(doc, feature = \"x\")", Some(&BTreeSet::new())));
        assert!(off("doc", None));
    }

    #[test]
    fn what_a_build_script_may_set_is_not_certain() {
        assert_eq!(certain("custom", None), None);
        assert_eq!(certain("all(custom, windows, unix)", None), Some(false));
        assert_eq!(certain("docsrs", None), Some(false));
        assert_eq!(certain(&format!("{}_raw", std::env::consts::OS), None), Some(true));
    }

    #[test]
    fn this_machines_environment_and_vendor_hold() {
        assert_eq!(certain(&format!("target_env = \"{ENVIRONMENT}\""), None), Some(true));
        assert_eq!(certain(&format!("target_vendor = \"{VENDOR}\""), None), Some(true));
        for other in ["target_env = \"none such\"", "target_vendor = \"none such\"", "target_vendor"] {
            assert_eq!(certain(other, None), Some(false), "{other}");
        }
    }

    #[test]
    fn features_count_where_they_are_known() {
        let features = BTreeSet::from(["a".to_owned()]);
        assert!(!off("feature = \"a\"", Some(&features)));
        assert!(off("not(feature = \"a\")", Some(&features)));
        assert!(off("feature = \"b\"", Some(&features)));
        assert!(!off("feature = \"b\"", None));
        assert!(!off_anyway("not(feature = \"a\")"));
        assert!(off_anyway("all(windows, unix, feature = \"a\")"));
    }

    #[test]
    fn an_unknown_option_is_off_and_a_feature_is_on() {
        assert!(off("docsrs", None));
        assert!(!off("not(docsrs)", None));
        assert!(!off("all(feature = \"rt\", any(unix, windows))", None));
        assert!(off("all(unix, windows)", None));
        assert!(!off("", None));
        assert!(!off("((((", None));
    }
}
