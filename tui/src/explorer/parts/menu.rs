//! Some things to choose from, above the screen. Whoever asks for it says what each of them does.

use super::place::Place;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Menu {
    pub title: &'static str,
    pub choices: Vec<Choice>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The letter that chooses it at once. Where none has one, letters filter.
    pub key: Option<char>,
    pub name: String,
    pub text: String,
    pub does: Chosen,
}

/// What becomes of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// Its text is put on the clipboard.
    Copy(String),
    Go(Place),
    /// The tab that asked does what it calls by this name.
    Does(&'static str),
    /// Nothing: it was asked first.
    Nothing,
}

impl Choice {
    /// Something that can be copied, by a letter.
    pub fn copies(key: char, name: &str, text: impl Into<String>) -> Choice {
        let text = text.into();
        Choice { key: Some(key), name: name.to_string(), does: Chosen::Copy(text.clone()), text }
    }

    /// Something that the tab that asks does, by a letter.
    pub fn does(key: char, name: &str, text: impl Into<String>, action: &'static str) -> Choice {
        Choice { key: Some(key), name: name.to_string(), text: text.into(), does: Chosen::Does(action) }
    }

    /// To leave it at that.
    pub fn leaves(text: impl Into<String>) -> Choice {
        Choice { key: Some('n'), name: "no".to_string(), text: text.into(), does: Chosen::Nothing }
    }
}
