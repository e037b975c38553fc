//! What a row's metadata says of the features that have to change for its item to be built.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Features to turn on and off. Both are empty where the item is built, or no feature would help.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Needs {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub enable: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disable: Vec<String>,
}

impl Needs {
    /// Reads the metadata of a row. Most rows need nothing, and are not read.
    pub fn of(metadata: &str) -> Needs {
        match metadata.contains("able\"") {
            true => serde_json::from_str(metadata).unwrap_or_default(),
            false => Needs::default(),
        }
    }

    /// The same of metadata that is read already.
    pub fn in_value(metadata: &Value) -> Needs {
        Needs::deserialize(metadata).unwrap_or_default()
    }

    pub fn is_empty(&self) -> bool {
        self.enable.is_empty() && self.disable.is_empty()
    }

    /// In words: `off here: needs the feature net`; none where nothing has to change.
    pub fn words(&self) -> Option<String> {
        let named = |list: &[String]| match list {
            [] => None,
            [only] => Some(format!("the feature {only}")),
            [rest @ .., last] => Some(format!("the features {} and {last}", rest.join(", "))),
        };
        let on = named(&self.enable).map(|features| format!("needs {features}"));
        let off = named(&self.disable).map(|features| format!("needs {features} to be off"));
        let parts: Vec<String> = on.into_iter().chain(off).collect();
        (!parts.is_empty()).then(|| format!("off here: {}", parts.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_to_change_is_said_in_words() {
        let words = |metadata: &str| {
            let needs = Needs::of(metadata);
            let value = serde_json::from_str(metadata).unwrap_or_default();
            assert_eq!(Needs::in_value(&value), needs, "{metadata}");
            needs.words()
        };
        for nothing in ["", "{}", "[]", r#"{"enable":3}"#, r#"{"cfg":"unix"}"#] {
            assert_eq!(words(nothing), None, "{nothing}");
        }
        assert_eq!(words(r#"{"enable":["net"]}"#).as_deref(), Some("off here: needs the feature net"));
        assert_eq!(
            words(r#"{"enable":["a","b","c/d"],"disable":["e"]}"#).as_deref(),
            Some("off here: needs the features a, b and c/d, needs the feature e to be off")
        );
    }
}
