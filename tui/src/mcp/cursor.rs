//! Where an answer goes on. A cursor is opaque to agents: the question that it belongs to, and a place.

use std::hash::{DefaultHasher, Hash, Hasher};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::call::Refusal;

/// A place in the answer to one question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The item to begin with.
    pub item: usize,
    /// The byte of its text to begin with.
    pub byte: usize,
}

/// Tells one question's cursors from another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question(u64);

impl Question {
    /// Of all that decides which answer there is.
    pub fn of(parts: impl Hash) -> Question {
        let mut hasher = DefaultHasher::new();
        parts.hash(&mut hasher);
        Question(hasher.finish())
    }

    /// The place that a cursor names; the beginning, where there is none.
    pub fn place(self, cursor: Option<&str>) -> Result<Place, Refusal> {
        let Some(cursor) = cursor else { return Ok(Place::default()) };
        let read = || {
            let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
            let mut parts = text.split('.');
            let question = u64::from_str_radix(parts.next()?, 16).ok()?;
            let place = Place { item: parts.next()?.parse().ok()?, byte: parts.next()?.parse().ok()? };
            parts.next().is_none().then_some((question, place))
        };
        match read() {
            Some((question, place)) if question == self.0 => Ok(place),
            Some(_) => {
                Err(Refusal::new("this cursor is of another question; ask the same as before, or without it"))
            }
            None => Err(Refusal::new(
                "this is no cursor; take `next_cursor` of the answer before, or ask without one",
            )),
        }
    }

    /// The cursor of a place.
    pub fn cursor(self, place: Place) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(format!("{:x}.{}.{}", self.0, place.item, place.byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_place_and_to_no_other_question() {
        let question = Question::of(("tokio", 7));
        let place = Place { item: 12, byte: 3_000 };
        let cursor = question.cursor(place);
        assert_eq!(question.place(Some(&cursor)).unwrap(), place);
        assert_eq!(question.place(None).unwrap(), Place::default());
        assert!(Question::of(("tokio", 8)).place(Some(&cursor)).is_err());
        for damaged in ["", "x", "....", &cursor[1..], "MS4yLjMuNA"] {
            assert!(question.place(Some(damaged)).is_err(), "{damaged}");
        }
    }
}
