//! What a row's `cfg` asks of whoever wants its item: features, and the rest.

use std::collections::BTreeSet;

use super::cfg::{Predicate, is_tools};
use super::needs::{Built, Needs, needs};

/// The fewest features to turn on and off, where those in `on` are on, so that what stands under a condition
/// is built, on whatever platform that is. None where no features would bring it.
pub fn features_needed(condition: &str, on: &BTreeSet<String>) -> Option<Needs> {
    needs(&Predicate::read(condition), on, true, Built::Somewhere)
}

/// What is left of a condition without features and without what tools set: platforms, and options of
/// somebody's own. None where nothing is.
pub fn only_where(condition: &str) -> Option<String> {
    match rest(&Predicate::read(condition)) {
        Rest::If(text) => Some(text),
        Rest::Always | Rest::Never => None,
    }
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
