//! What an answer may cost the agent that asked.

use serde::Serialize;

use super::call::Refusal;

/// Tokens of an answer, where the agent does not say.
pub const DEFAULT: usize = 1_500;
/// No answer is larger.
pub const MAX: usize = 8_000;
/// Less would not hold the smallest of answers.
pub const MIN: usize = 800;
/// What an answer holds beside its items: keys, a cursor, the line that says what was cut.
const AROUND: usize = 150;
/// Bytes that are taken for a token. The tokenizers of today's models take 3.2 to 4.5 of English, JSON and Rust,
/// so that a count by it is rather too high.
const BYTES_A_TOKEN: usize = 3;

/// What is left to spend on an answer.
#[derive(Debug)]
pub struct Budget {
    bytes_left: usize,
}

/// About how many tokens a text costs; rather too many than too few.
#[cfg(test)]
pub fn tokens(text: &str) -> usize {
    text.len().div_ceil(BYTES_A_TOKEN)
}

/// Bytes that a value takes in an answer, with what parts it from the next.
pub fn cost(value: &impl Serialize) -> usize {
    // A value that cannot be written is in no answer.
    serde_json::to_string(value).map_or(usize::MAX, |text| text.len() + 1)
}

impl Budget {
    /// As much as was asked for, less what `notices` take.
    pub fn new(asked: Option<u32>, notices: &[String]) -> Result<Budget, Refusal> {
        let tokens = asked.map_or(DEFAULT, |tokens| usize::try_from(tokens).unwrap_or(usize::MAX));
        if !(MIN..=MAX).contains(&tokens) {
            return Err(Refusal::new(format!("budget is {tokens} tokens; it can be {MIN} to {MAX}")));
        }
        let around = AROUND * BYTES_A_TOKEN + cost(&notices);
        Ok(Budget { bytes_left: (tokens * BYTES_A_TOKEN).saturating_sub(around) })
    }

    /// Bytes of JSON that still fit.
    pub fn left(&self) -> usize {
        self.bytes_left
    }

    /// Spends what a value costs, if it is there.
    pub fn take(&mut self, value: &impl Serialize) -> bool {
        let cost = cost(value);
        let fits = cost <= self.bytes_left;
        if fits {
            self.bytes_left -= cost;
        }
        fits
    }

    /// As many of some items as fit, from the first, and one at least: else nobody would come past a large one.
    pub fn fill<T: Serialize>(&mut self, items: impl IntoIterator<Item = T>) -> Vec<T> {
        let mut taken = Vec::new();
        for item in items {
            let fits = self.take(&item);
            if !fits && !taken.is_empty() {
                break;
            }
            taken.push(item);
            if !fits {
                break;
            }
        }
        taken
    }
}

/// The beginning of a text whose JSON takes at most `bytes`: whole lines, or of one long line whole characters.
pub fn beginning(text: &str, bytes: usize) -> &str {
    let (mut spent, mut end) = (0_usize, 0_usize);
    for line in text.split_inclusive('\n') {
        spent = spent.saturating_add(cost(&line).saturating_sub("\"\",".len()));
        if spent > bytes {
            break;
        }
        end += line.len();
    }
    if end > 0 || text.is_empty() {
        return text.get(..end).unwrap_or_default();
    }
    let mut spent = 0_usize;
    for (at, c) in text.char_indices() {
        spent = spent.saturating_add(cost(&c).saturating_sub("\"\",".len()));
        if spent > bytes {
            break;
        }
        end = at + c.len_utf8();
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_spent_and_never_overdrawn() {
        let mut budget = Budget::new(Some(800), &[]).unwrap();
        let before = budget.left();
        let items = vec!["a".repeat(500); 20];
        let taken = budget.fill(items.iter());
        assert_eq!(taken.len(), before / 503);
        assert_eq!(budget.left(), before - taken.len() * 503);
        assert!(!budget.take(&items[0]), "nothing is left for another");
    }

    #[test]
    fn one_item_is_taken_however_large() {
        let mut budget = Budget::new(Some(800), &[]).unwrap();
        let large = "a".repeat(9_000);
        assert_eq!(budget.fill([&large, &large]).len(), 1);
    }

    #[test]
    fn what_was_asked_for_has_bounds() {
        for (asked, fits) in [(None, true), (Some(799), false), (Some(8_000), true), (Some(8_001), false)] {
            assert_eq!(Budget::new(asked, &[]).is_ok(), fits, "{asked:?}");
        }
        let said = Budget::new(None, &["x".repeat(900)]).unwrap().left();
        assert!(said < Budget::new(None, &[]).unwrap().left() - 900, "what is said is paid for");
    }

    #[test]
    fn a_beginning_ends_with_a_line_where_one_fits() {
        assert_eq!(beginning("one\ntwo\nthree", 11), "one\ntwo\n");
        assert_eq!(beginning("one\ntwo", 100), "one\ntwo");
        // A quote takes two bytes in JSON.
        assert_eq!(beginning("\"\"\"\"", 5), "\"\"");
        assert_eq!(beginning("éé", 3), "é");
        assert_eq!(beginning("éé", 1), "");
    }
}
