//! What to turn on or off for an item to be built.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::cfg::{self, Predicate};

/// Features to turn on and off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    pub on: BTreeSet<String>,
    pub off: BTreeSet<String>,
}

/// Where an item is to be built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Built {
    Here,
    /// Wherever it can be.
    Somewhere,
}

/// Notes under `enable` and `disable` the fewest features that have to change for what stands under
/// the row's condition of a key to be built here. Nothing where it is built, or where no feature would help.
/// `of` is the package that the features belong to, if it is not the row's own.
pub(super) fn note(
    metadata: &mut Map<String, Value>,
    key: &str,
    features: &BTreeSet<String>,
    of: Option<&str>,
) {
    let Some(condition) = metadata.get(key).and_then(Value::as_str) else { return };
    let Some(needs) = needs(&Predicate::read(condition), features, true, Built::Here) else { return };
    let written = |feature: String| match of {
        Some(package) => format!("{package}/{feature}"),
        None => feature,
    };
    for (key, list) in [("enable", needs.on), ("disable", needs.off)] {
        let list: Vec<Value> = list.into_iter().map(|feature| written(feature).into()).collect();
        if list.is_empty() {
            continue;
        }
        if let Value::Array(noted) = metadata.entry(key).or_insert_with(|| Value::Array(Vec::new())) {
            noted.extend(list);
        }
    }
}

/// Whether features have to change for the row's item to be built.
pub(super) fn has(metadata: &Map<String, Value>) -> bool {
    metadata.contains_key("enable") || metadata.contains_key("disable")
}

pub(super) fn needs(
    predicate: &Predicate,
    features: &BTreeSet<String>,
    hold: bool,
    built: Built,
) -> Option<Needs> {
    match predicate {
        Predicate::Option("feature", Some(name)) => {
            let mut needs = Needs::default();
            match features.contains(*name) {
                is if is == hold => {}
                true => drop(needs.off.insert((*name).to_owned())),
                false => drop(needs.on.insert((*name).to_owned())),
            }
            Some(needs)
        }
        Predicate::Option(..) if built == Built::Somewhere => Some(Needs::default()),
        Predicate::Option(key, value) => {
            let is = cfg::option_here(key, *value, Some(features)).unwrap_or(false);
            (is == hold).then(Needs::default)
        }
        Predicate::Constant(is) => (*is == hold).then(Needs::default),
        Predicate::Not(inner) => needs(inner.as_deref()?, features, !hold, built),
        Predicate::All(list) if hold => all(list, features, hold, built),
        Predicate::Any(list) if !hold => all(list, features, hold, built),
        Predicate::All(list) | Predicate::Any(list) => {
            let ways = list.iter().filter_map(|one| needs(one, features, hold, built));
            ways.min_by_key(|way| way.on.len() + way.off.len())
        }
        Predicate::Odd => None,
    }
}

fn all(list: &[Predicate], features: &BTreeSet<String>, hold: bool, built: Built) -> Option<Needs> {
    let mut sum = Needs::default();
    for one in list {
        let one = needs(one, features, hold, built)?;
        sum.on.extend(one.on);
        sum.off.extend(one.off);
    }
    sum.on.is_disjoint(&sum.off).then_some(sum)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(condition: &str) -> Value {
        let features = BTreeSet::from(["a".to_owned()]);
        let mut metadata = Map::from_iter([("cfg".to_owned(), condition.into())]);
        note(&mut metadata, "cfg", &features, None);
        metadata.remove("cfg");
        Value::Object(metadata)
    }

    #[test]
    fn the_fewest_features_that_have_to_change_are_told() {
        assert_eq!(told("feature = \"b\""), json!({"enable": ["b"]}));
        assert_eq!(told("not(feature = \"a\")"), json!({"disable": ["a"]}));
        assert_eq!(
            told("any(all(feature = \"b\", feature = \"c\"), feature = \"d\")"),
            json!({"enable": ["d"]})
        );
        assert_eq!(
            told("all(feature = \"b\", not(any(feature = \"a\", feature = \"c\")))"),
            json!({"disable": ["a"], "enable": ["b"]})
        );
    }

    #[test]
    fn what_is_built_or_cannot_be_needs_nothing() {
        for condition in
            ["feature = \"a\"", "not(feature = \"b\")", "all(unix, windows, feature = \"b\")", "custom", ""]
        {
            assert_eq!(told(condition), json!({}), "{condition}");
        }
    }
}
