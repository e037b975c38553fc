//! What a row's `cfg` asks of whoever wants its item: features, and the rest.

use std::collections::BTreeSet;

use super::cfg::{Predicate, is_tools};
use super::needs::{Built, Needs, needs};
use super::simple::simple;

/// The fewest features to turn on and off, where those in `on` are on, so that what stands under a condition
/// is built, on whatever platform that is. None where no features would bring it.
pub fn features_needed(condition: &str, on: &BTreeSet<String>) -> Option<Needs> {
    needs(&Predicate::read(condition), on, true, Built::Somewhere)
}

/// What is left of a condition without features and without what tools set: platforms, and options of
/// somebody's own. None where nothing is.
pub fn only_where(condition: &str) -> Option<String> {
    match rest(&simple(Predicate::read(condition))) {
        Rest::If(text) => Some(text),
        Rest::Always | Rest::Never => None,
    }
}

/// What this machine is not, where no feature would build here what stands under a condition: `windows`, an option of
/// somebody's own.
pub fn only_elsewhere(condition: &str) -> Option<String> {
    let predicate = Predicate::read(condition);
    let needs = |built| needs(&predicate, &BTreeSet::new(), true, built);
    // Nearly every condition is of features, which would do here.
    let is_elsewhere = needs(Built::Here).is_none() && needs(Built::Somewhere).is_some();
    if is_elsewhere { only_where(condition) } else { None }
}

/// What a condition asks of features, in words: `net`, `net or tls`, `net and without std`. Of platforms only what
/// may take a feature's place is told; what else it is limited to [`only_where`] tells. None where it asks for none.
pub fn features_in_words(condition: &str) -> Option<String> {
    let predicate = simple(without_tools(Predicate::read(condition))?);
    let told = match &predicate {
        Predicate::All(list) => {
            let asking = list.iter().filter(|one| asks(one)).filter_map(|one| words(one, true));
            joined(asking.collect(), " and ").map(|(text, _)| text)
        }
        one => words(one, true).map(|(text, _)| text),
    };
    told.filter(|_| asks(&predicate))
}

/// A condition without what tools alone set; none where nothing is left.
fn without_tools(predicate: Predicate<'_>) -> Option<Predicate<'_>> {
    match predicate {
        Predicate::Option(key, _) if is_tools(key) => None,
        Predicate::Not(inner) => Some(Predicate::Not(Some(Box::new(without_tools(*inner?)?)))),
        Predicate::All(list) => Some(Predicate::All(each_without_tools(list)?)),
        Predicate::Any(list) => Some(Predicate::Any(each_without_tools(list)?)),
        other => Some(other),
    }
}

fn each_without_tools(list: Vec<Predicate<'_>>) -> Option<Vec<Predicate<'_>>> {
    let left: Vec<_> = list.into_iter().filter_map(without_tools).collect();
    (!left.is_empty()).then_some(left)
}

/// Whether a condition names a feature.
fn asks(predicate: &Predicate) -> bool {
    match predicate {
        Predicate::Option(key, value) => *key == "feature" && value.is_some(),
        Predicate::Not(inner) => inner.as_deref().is_some_and(asks),
        Predicate::All(list) | Predicate::Any(list) => list.iter().any(asks),
        Predicate::Constant(_) | Predicate::Odd => false,
    }
}

/// A condition that is to hold, or not, in words, and how many parts these have; none where tools alone set it.
fn words(predicate: &Predicate, hold: bool) -> Option<(String, usize)> {
    let without = |text: String| if hold { text } else { format!("without {text}") };
    match predicate {
        Predicate::Option("feature", Some(name)) => Some((without((*name).to_owned()), 1)),
        Predicate::Option(key, _) if is_tools(key) => None,
        Predicate::Option(key, value) => {
            let value = value.map(|value| format!(" = \"{value}\"")).unwrap_or_default();
            let text = format!("{key}{value}");
            Some((if hold { format!("cfg({text})") } else { format!("cfg(not({text}))") }, 1))
        }
        Predicate::Not(inner) => words(inner.as_deref()?, !hold),
        Predicate::All(list) | Predicate::Any(list) => {
            let all = matches!(predicate, Predicate::All(_)) == hold;
            let parts = list.iter().filter_map(|one| words(one, hold)).collect();
            joined(parts, if all { " and " } else { " or " })
        }
        Predicate::Constant(_) | Predicate::Odd => None,
    }
}

fn joined(parts: Vec<(String, usize)>, between: &str) -> Option<(String, usize)> {
    let several = parts.len() > 1;
    let bracketed = |(text, count): (String, usize)| {
        if several && count > 1 { format!("({text})") } else { text }
    };
    let count = match parts.as_slice() {
        [] => return None,
        [(_, count)] => *count,
        parts => parts.len(),
    };
    Some((parts.into_iter().map(bracketed).collect::<Vec<_>>().join(between), count))
}

enum Rest {
    Always,
    Never,
    If(String),
}

fn rest(predicate: &Predicate) -> Rest {
    match predicate {
        Predicate::Option("feature", _) | Predicate::Constant(true) | Predicate::Odd => Rest::Always,
        Predicate::Option(key, None) if is_tools(key) => Rest::Never,
        Predicate::Constant(false) => Rest::Never,
        Predicate::Option(key, None) => Rest::If((*key).to_owned()),
        Predicate::Option(key, Some(value)) => Rest::If(format!("{key} = \"{value}\"")),
        Predicate::Not(None) => Rest::Always,
        Predicate::Not(Some(inner)) => match (&**inner, rest(inner)) {
            (_, Rest::If(text)) => Rest::If(format!("not({text})")),
            (Predicate::Option("feature", _), _) | (_, Rest::Never) => Rest::Always,
            // `not(any(feature = "x", unix))`: features decide, or nothing does.
            (_, Rest::Always) => Rest::Always,
        },
        Predicate::All(list) => {
            let mut parts = Vec::new();
            for one in list {
                match rest(one) {
                    Rest::Always => {}
                    Rest::Never => return Rest::Never,
                    Rest::If(text) => parts.push(text),
                }
            }
            together("all", parts, Rest::Always)
        }
        Predicate::Any(list) => {
            let mut parts = Vec::new();
            for one in list {
                match rest(one) {
                    Rest::Always => return Rest::Always,
                    Rest::Never => {}
                    Rest::If(text) => parts.push(text),
                }
            }
            together("any", parts, Rest::Never)
        }
    }
}

fn together(word: &str, mut parts: Vec<String>, none: Rest) -> Rest {
    match (parts.len(), parts.pop()) {
        (1, Some(one)) => Rest::If(one),
        (_, Some(last)) => {
            parts.push(last);
            Rest::If(format!("{word}({})", parts.join(", ")))
        }
        (_, None) => none,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_without_features_and_tools_is_told() {
        for (condition, left) in [
            ("unix", Some("unix")),
            ("feature = \"a\"", None),
            (
                "all(feature = \"a\", any(unix, target_os = \"wasi\"))",
                Some("any(unix, target_os = \"wasi\")"),
            ),
            ("any(docsrs, windows)", Some("windows")),
            ("any(unix, feature = \"a\")", None),
            ("not(windows)", Some("not(windows)")),
            ("not(feature = \"a\")", None),
            ("all(tokio_unstable, feature = \"a\")", Some("tokio_unstable")),
            ("", None),
            ("((((", None),
        ] {
            assert_eq!(only_where(condition).as_deref(), left, "{condition}");
        }
    }

    #[test]
    fn what_is_asked_of_features_is_told_in_words() {
        for (condition, told) in [
            ("feature = \"a\"", Some("a")),
            ("any(feature = \"a\", feature = \"b\", docsrs)", Some("a or b")),
            ("not(feature = \"a\")", Some("without a")),
            ("all(feature = \"a\", not(feature = \"b\"), unix)", Some("a and without b")),
            ("not(any(feature = \"a\", feature = \"b\"))", Some("without a and without b")),
            (
                "all(any(feature = \"a\", feature = \"b\"), not(all(feature = \"c\", feature = \"d\")))",
                Some("(a or b) and (without c or without d)"),
            ),
            (
                "any(feature = \"a\", target_os = \"wasi\", not(unix))",
                Some("a or cfg(target_os = \"wasi\") or cfg(not(unix))"),
            ),
            ("all(any(feature = \"a\", feature = \"b\"), unix)", Some("a or b")),
            ("all(feature = \"a\", all(not(test), feature = \"a\", feature = \"b\"))", Some("a and b")),
            ("all(any(docsrs, feature = \"a\"), any(doctest, feature = \"a\"))", Some("a")),
            ("unix", None),
            ("all(unix, docsrs)", None),
            ("", None),
            ("((((", None),
            ("not()", None),
            ("feature", None),
        ] {
            assert_eq!(features_in_words(condition).as_deref(), told, "{condition}");
        }
    }

    #[test]
    fn features_are_told_of_other_platforms_too() {
        let on = |condition: &str| {
            let needs = features_needed(condition, &BTreeSet::new());
            needs.map(|needs| needs.on.into_iter().collect::<Vec<_>>().join(" "))
        };
        assert_eq!(on("all(windows, unix, feature = \"a\")").as_deref(), Some("a"));
        assert_eq!(on("any(all(feature = \"b\", feature = \"c\"), feature = \"d\")").as_deref(), Some("d"));
        assert_eq!(on("not(feature = \"a\")").as_deref(), Some(""));
        assert_eq!(on("unix").as_deref(), Some(""));
    }
}
