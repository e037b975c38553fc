//! Fuzzy filters: which texts have the letters that were typed, in their order, how well they fit, and which letters
//! of a text those are. Each word that was typed counts for itself, and all of them must be there.

use std::cmp::Reverse;

use frizbee::{CaseMatching, Config, Matcher, Pattern, PatternConfig, UnicodeMatching};
use ratatui::style::Style;
use ratatui::text::Span;

/// What was typed.
#[derive(Clone, Debug)]
pub struct Filter(Matcher);

/// How well a text fits; what is greater fits better. Of two that have the letters alike, the shorter one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fit(u16, Reverse<usize>);

impl Filter {
    /// `None` where nothing was typed: then nothing is filtered.
    pub fn new(typed: &str) -> Option<Filter> {
        let config =
            Config::default().casing(CaseMatching::Ignore).unicode(UnicodeMatching::Smart).max_typos(Some(0));
        let patterns: Vec<Pattern> =
            (typed.split_whitespace()).map(|word| Pattern::new(word, PatternConfig::default())).collect();
        (!patterns.is_empty()).then(|| Filter(Matcher::from_patterns(&patterns, &config)))
    }

    /// How well a text fits, if it does.
    pub fn fit(&mut self, text: &str) -> Option<Fit> {
        let found = self.0.match_one(text, 0)?;
        Some(Fit(found.score, Reverse(text.len())))
    }

    /// Where in a text the letters stand that were typed; empty where it does not fit.
    pub fn letters(&mut self, text: &str) -> Vec<usize> {
        let found = self.0.match_one_indices(text, 0);
        let mut letters: Vec<usize> = found
            .map(|found| found.indices.into_iter().filter_map(|at| usize::try_from(at).ok()).collect())
            .unwrap_or_default();
        letters.sort_unstable();
        letters
    }
}

/// A text with its letters marked, given by where they stand in it.
pub fn marked(text: &str, letters: &[usize], plain: Style, mark: Style) -> Vec<Span<'static>> {
    let mut spans: Vec<(bool, String)> = Vec::new();
    for (at, c) in text.char_indices() {
        // A letter of several bytes may be known by any of them.
        let is_marked = letters.iter().any(|letter| (at..at + c.len_utf8()).contains(letter));
        match spans.last_mut() {
            Some((last, span)) if *last == is_marked => span.push(c),
            _ => spans.push((is_marked, c.to_string())),
        }
    }
    let style = |is_marked| if is_marked { mark } else { plain };
    spans.into_iter().map(|(is_marked, text)| Span::styled(text, style(is_marked))).collect()
}

#[cfg(test)]
mod tests {
    use ratatui::style::Modifier;

    use super::*;

    /// The texts that a filter leaves, best first.
    fn left<'a>(typed: &str, texts: &[&'a str]) -> Vec<&'a str> {
        let mut filter = Filter::new(typed).unwrap();
        let mut left: Vec<_> = texts.iter().filter_map(|text| Some((filter.fit(text)?, *text))).collect();
        left.sort_by_key(|(fit, _)| Reverse(*fit));
        left.into_iter().map(|(_, text)| text).collect()
    }

    fn letters(typed: &str, text: &str) -> String {
        let mut filter = Filter::new(typed).unwrap();
        let mark = Style::new().add_modifier(Modifier::BOLD);
        let spans = marked(text, &filter.letters(text), Style::new(), mark);
        let part = |span: &Span<'_>| if span.style == mark { format!("[{span}]") } else { span.to_string() };
        spans.iter().map(part).collect()
    }

    #[test]
    fn letters_in_their_order_are_enough_and_the_best_is_first() {
        let texts = ["serde_json", "async-trait", "serde", "sharded-slab", "tokio"];
        assert_eq!(left("serde", &texts), ["serde", "serde_json"]);
        assert_eq!(left("SDJ", &texts), ["serde_json"]);
        assert_eq!(left("spawn", &["task::spawn_blocking", "respawn", "spawn"])[0], "spawn");
        assert_eq!(left("jh", &["a_job_held", "JoinHandle", "hj"]).len(), 2);
        assert!(left("zzz", &texts).is_empty());
    }

    #[test]
    fn each_word_counts_for_itself() {
        let texts = ["join the handle", "handle", "the handle that joins"];
        assert_eq!(left("handle join", &texts), ["join the handle", "the handle that joins"]);
        assert!(Filter::new("  ").is_none());
    }

    #[test]
    fn the_letters_that_fit_are_marked() {
        assert_eq!(letters("srdj", "serde_json"), "[s]e[rd]e_[j]son");
        assert_eq!(letters("jh", "JoinHandle"), "[J]oin[H]andle");
        assert_eq!(letters("ü日", "prüfe 日本"), "pr[ü]fe [日]本");
        assert_eq!(letters("fe", "prüfe"), "prü[fe]");
        assert_eq!(letters("no such", "serde"), "serde");
    }

    #[test]
    fn any_text_is_no_trouble() {
        let long = "ab".repeat(100_000);
        let mut filter = Filter::new("b a").unwrap();
        assert!(filter.fit(&long).is_some() && filter.fit("").is_none());
        assert!(filter.letters(&long).iter().all(|at| *at < long.len()));
        for typed in ["!", "^", "$", "'", "\\", "\u{0}", "\u{301}", &"a".repeat(10_000)] {
            let mut filter = Filter::new(typed).unwrap();
            for text in ["", "a", "!", "é\u{301}", &long] {
                filter.fit(text);
                filter.letters(text);
            }
        }
    }
}
