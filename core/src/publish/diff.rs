//! What differs between two configurations, by place.

use serde::Serialize;
use serde_json::{Map, Value};

use super::place::escaped;

/// One place that differs. Where one of them has nothing, there was nothing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// A JSON Pointer.
    pub at: String,
    pub was: Option<Value>,
    pub now: Option<Value>,
}

/// Every place that differs, in the order of the older one's members, then of the newer one's.
pub fn changes(was: &Map<String, Value>, now: &Map<String, Value>) -> Vec<Change> {
    let mut found = Vec::new();
    members(was, now, "", &mut found);
    found
}

fn members(was: &Map<String, Value>, now: &Map<String, Value>, at: &str, found: &mut Vec<Change>) {
    let below = |key: &str| format!("{at}/{}", escaped(key));
    for (key, old) in was {
        compare(Some(old), now.get(key), below(key), found);
    }
    for (key, new) in now.iter().filter(|(key, _)| !was.contains_key(*key)) {
        compare(None, Some(new), below(key), found);
    }
}

fn compare(was: Option<&Value>, now: Option<&Value>, at: String, found: &mut Vec<Change>) {
    match (was, now) {
        (Some(Value::Object(was)), Some(Value::Object(now))) => members(was, now, &at, found),
        (Some(Value::Array(was)), Some(Value::Array(now))) => {
            for index in 0..was.len().max(now.len()) {
                compare(was.get(index), now.get(index), format!("{at}/{index}"), found);
            }
        }
        (was, now) if was == now => {}
        (was, now) => found.push(Change { at, was: was.cloned(), now: now.cloned() }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_place_that_differs_is_told_and_no_other() {
        let was = json!({"a": 1, "b": {"c": [1, 2], "d/e": "x"}, "gone": true});
        let now = json!({"a": 1, "b": {"c": [1, 3, 4], "d/e": "y"}, "new": null});
        let found = changes(was.as_object().unwrap(), now.as_object().unwrap());
        let told: Vec<&str> = found.iter().map(|change| change.at.as_str()).collect();
        assert_eq!(told, ["/b/c/1", "/b/c/2", "/b/d~1e", "/gone", "/new"]);
        assert_eq!((found[3].now.clone(), found[4].now.clone()), (None, Some(Value::Null)));
        assert!(changes(was.as_object().unwrap(), was.as_object().unwrap()).is_empty());
    }
}
