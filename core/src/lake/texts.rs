//! What a row's metadata says of the texts that its item is found by, beside its name and documentation.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The second texts of an item. What a row does not say, or says in another shape, is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Texts {
    /// What documentation, examples and tests say where they use it, the most telling first.
    pub uses: Vec<String>,
    /// In how many places documentation and examples use it, and of one's own code its functions.
    pub used: u32,
    /// What it says when it fails.
    pub messages: Vec<String>,
    /// The plain comments above it. Of one's own code alone.
    pub comment: Option<String>,
    /// Where the pieces of its body begin, in lines from its first. Of one's own code alone, where it is long.
    pub parts: Vec<u32>,
    /// The deprecated names that it stands for.
    pub replaces: Vec<String>,
}

impl Texts {
    /// Reads the metadata of a row.
    pub fn in_value(metadata: &Value) -> Texts {
        Texts::deserialize(metadata).unwrap_or_default()
    }

    /// The pieces of an item's text, each with its first line, counted from the item's.
    pub fn pieces<'a>(&self, source: &'a str) -> Vec<(u32, &'a str)> {
        let starts: Vec<usize> =
            std::iter::once(0).chain(source.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let at = |line: &u32| starts.get(*line as usize).copied();
        let ends = self.parts.iter().skip(1).map(|line| at(line).unwrap_or(source.len()));
        let ends = ends.chain(std::iter::once(source.len()));
        let pieces = self.parts.iter().zip(ends);
        pieces.filter_map(|(line, end)| Some((*line, source.get(at(line)?..end)?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_of_any_shape_gives_texts() {
        for odd in [r#"[]"#, r#"{"uses":3}"#, r#"{"parts":[-1]}"#, "null", r#"{"cfg":"unix"}"#] {
            let value: Value = serde_json::from_str(odd).unwrap();
            assert_eq!(Texts::in_value(&value), Texts::default(), "{odd}");
        }
        let told = serde_json::json!({ "uses": ["a"], "used": 2, "replaces": ["old"], "cfg": "unix" });
        let texts = Texts::in_value(&told);
        assert_eq!((texts.uses.as_slice(), texts.used, texts.replaces.len()), (&["a".to_string()][..], 2, 1));
    }

    #[test]
    fn pieces_are_the_whole_text_and_end_with_it() {
        let texts = Texts { parts: vec![0, 2, 3, 9], ..Texts::default() };
        assert_eq!(texts.pieces("a\nb\nc\nd\n"), [(0, "a\nb\n"), (2, "c\n"), (3, "d\n")]);
        assert!(Texts::default().pieces("a\n").is_empty());
    }
}
