//! What a question's form says of it, whatever it is about: whether it is one of prose, and whether it asks for an
//! explanation.

/// How much a question is one of prose, between 0 and 1: of several words, none of them an identifier.
pub fn prose(question: &str) -> f32 {
    let words: Vec<&str> = question.split_whitespace().collect();
    let is_identifier = |word: &&str| {
        word.contains(['_', ':', '<', '(', '#', '!']) || word.chars().skip(1).any(char::is_uppercase)
    };
    if words.iter().any(is_identifier) {
        return 0.0;
    }
    let beyond = u8::try_from(words.len().saturating_sub(2).min(4)).unwrap_or(4);
    f32::from(beyond) / 4.0
}

/// What a question begins with that yes, no or a reason answers. How one does something an item answers.
const EXPLAINED: [&str; 19] = [
    "are", "can", "could", "did", "do", "does", "has", "have", "is", "may", "must", "should", "was", "were",
    "when", "which", "why", "will", "would",
];
/// The same of two words, wherever they stand.
const EXPLAINED_PAIRS: [(&str, &str); 10] = [
    ("how", "are"),
    ("how", "did"),
    ("how", "does"),
    ("how", "is"),
    ("what", "are"),
    ("what", "does"),
    ("what", "happens"),
    ("what", "if"),
    ("what", "is"),
    ("which", "one"),
];

/// Whether a question asks for an explanation, which documentation's sections give, and not for an item: by its form,
/// in English.
pub fn explains(question: &str) -> bool {
    let words: Vec<String> = question.split_whitespace().map(str::to_lowercase).collect();
    let pairs = words.windows(2);
    let is_pair = |pair: &[String]| match pair {
        [one, next] => EXPLAINED_PAIRS.contains(&(one.as_str(), next.trim_end_matches('?'))),
        _ => false,
    };
    let begins = match words.as_slice() {
        // An order, and no question: do something when it ends.
        [first, second, ..] if first == "do" => second == "i" || second == "we",
        [first, _, _, ..] => EXPLAINED.contains(&first.as_str()),
        _ => false,
    };
    begins || pairs.into_iter().any(is_pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_of_prose_has_words_and_no_identifier() {
        assert!(prose("how do I cancel a task that runs") > 0.9);
        assert_eq!(prose("spawn_blocking in a task that runs"), 0.0);
        assert_eq!(prose("HashMap of strings that I keep"), 0.0);
        assert_eq!(prose("url join"), 0.0);
        assert!(prose("url join relative") > 0.0);
    }

    #[test]
    fn what_yes_or_a_reason_answers_asks_for_an_explanation() {
        for question in [
            "does tokio run on wasm",
            "may I hold a lock across an await point",
            "anyhow or thiserror: which one when",
            "How does moka decide what to throw out",
            "what is lost when a future is dropped",
            "do I need to flush a writer",
        ] {
            assert!(explains(question), "{question}");
        }
        for other in [
            "how do I set a timeout",
            "how to join paths",
            "do something when a scope ends",
            "is_some",
            "is empty",
            "",
        ] {
            assert!(!explains(other), "{other}");
        }
    }
}
