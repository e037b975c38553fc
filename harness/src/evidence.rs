//! What a spike found: checks, figures and notes.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::measure::Unit;
use crate::text::clean_line;

/// A longer detail tells nothing more, and may be a whole dataset.
const DETAIL_CHARS_MAX: usize = 500;

/// What a run of a spike recorded. The verdict is derived from it, never stated.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    pub(crate) checks: Vec<Check>,
    pub(crate) figures: Vec<Recorded>,
    pub(crate) notes: Vec<String>,
    /// What is wrong with the evidence itself, so that it supports no verdict.
    pub(crate) defects: Vec<String>,
    /// Where it goes if it is dropped, since its spike failed.
    kept: Kept,
}

/// What a spike had found when an error, a panic or the deadline ended it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept(Option<Arc<Mutex<Option<Evidence>>>>);

impl Kept {
    /// A place for the evidence of one run.
    pub fn place() -> Kept {
        Kept(Some(Arc::default()))
    }

    /// What was found until then; nothing where nothing was.
    pub fn take(&self) -> Evidence {
        let kept = self.0.as_ref().and_then(|place| locked(place).take());
        kept.unwrap_or_default()
    }
}

fn locked(place: &Mutex<Option<Evidence>>) -> std::sync::MutexGuard<'_, Option<Evidence>> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Evidence {
    fn drop(&mut self) {
        let Some(place) = self.kept.0.take() else { return };
        let found = std::mem::take(self);
        *locked(&place) = Some(found);
    }
}

/// A statement that was found true or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub what: String,
    pub holds: bool,
    /// What was found instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// A figure as it was recorded, before it is held to a target.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Recorded {
    pub name: String,
    pub value: f64,
    pub unit: Unit,
}

impl Evidence {
    /// No evidence yet.
    pub fn new() -> Evidence {
        Evidence::default()
    }

    /// No evidence yet, which is kept there should its spike fail.
    pub(crate) fn kept_in(kept: &Kept) -> Evidence {
        let mut evidence = Evidence::new();
        evidence.kept = kept.clone();
        evidence
    }

    /// Records whether a statement holds.
    pub fn check(&mut self, what: impl Into<String>, holds: bool) {
        self.checks.push(Check { what: what.into(), holds, detail: None });
    }

    /// Records whether a statement holds, with what was found where it does not.
    pub fn check_with<D: Into<String>>(
        &mut self,
        what: impl Into<String>,
        holds: bool,
        detail: impl FnOnce() -> D,
    ) {
        let detail = (!holds).then(|| shortened(detail().into()));
        self.checks.push(Check { what: what.into(), holds, detail });
    }

    /// Records whether what was found is what was expected, and both where it is not.
    pub fn check_eq<F, E>(&mut self, what: impl Into<String>, found: F, expected: E)
    where
        F: PartialEq<E> + Debug,
        E: Debug,
    {
        let holds = found == expected;
        self.check_with(what, holds, || {
            // Each is cut by itself, so that a long one does not hide the other.
            let [found, expected] = [format!("{found:?}"), format!("{expected:?}")].map(halved);
            format!("found {found}, expected {expected}")
        });
    }

    /// Records that something was refused, and what came instead where it was not.
    pub fn check_err<T: Debug, E>(&mut self, what: impl Into<String>, result: &Result<T, E>) {
        self.check_with(what, result.is_err(), || match result {
            Ok(value) => format!("it was not refused: {value:?}"),
            Err(_) => String::new(),
        });
    }

    /// Records a count.
    pub fn count(&mut self, name: impl Into<String>, count: u64, unit: Unit) {
        self.record(name.into(), count as f64, unit);
    }

    /// Records a time.
    pub fn time(&mut self, name: impl Into<String>, time: Duration) {
        self.record(name.into(), time.as_secs_f64(), Unit::Seconds);
    }

    /// Records one time or size as a multiple of another.
    pub fn ratio(&mut self, name: impl Into<String>, ratio: f64) {
        self.record(name.into(), ratio, Unit::Ratio);
    }

    /// Records something that a reader should know.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// The same without what steers a terminal: details quote servers and files.
    pub(crate) fn cleaned(mut self) -> Evidence {
        for check in &mut self.checks {
            check.what = clean_line(&check.what);
            check.detail = check.detail.take().map(|detail| clean_line(&detail));
        }
        self.notes.iter_mut().for_each(|note| *note = clean_line(note));
        self.figures.iter_mut().for_each(|figure| figure.name = clean_line(&figure.name));
        self
    }

    fn record(&mut self, name: String, value: f64, unit: Unit) {
        if !value.is_finite() {
            self.defects.push(format!("the figure {name:?} is {value}, which is no number"));
        } else if self.figures.iter().any(|figure| figure.name == name) {
            self.defects.push(format!("the figure {name:?} was recorded twice"));
        } else {
            self.figures.push(Recorded { name, value, unit });
        }
    }
}

fn shortened(text: String) -> String {
    cut(text, DETAIL_CHARS_MAX)
}

fn halved(text: String) -> String {
    cut(text, DETAIL_CHARS_MAX / 2 - 20)
}

fn cut(mut text: String, chars_max: usize) -> String {
    if let Some((index, _)) = text.char_indices().nth(chars_max) {
        text.truncate(index);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_that_fails_tells_both_sides() {
        let mut evidence = Evidence::new();
        evidence.check_eq("rows", 3, 4);
        evidence.check_eq("rows", 4, 4);
        let details: Vec<_> = evidence.checks.iter().map(|check| check.detail.as_deref()).collect();
        assert_eq!(details, [Some("found 3, expected 4"), None]);
    }

    #[test]
    fn a_long_detail_is_cut_and_both_sides_are_seen() {
        let mut evidence = Evidence::new();
        evidence.check_eq("bytes", "é".repeat(10_000), "right".to_string());
        let detail = evidence.checks[0].detail.as_deref().unwrap();
        assert!(detail.chars().count() <= DETAIL_CHARS_MAX && detail.ends_with("expected \"right\""));
    }

    #[test]
    fn a_refusal_is_checked() {
        let mut evidence = Evidence::new();
        evidence.check_err("refused", &Err::<(), _>("no"));
        evidence.check_err("refused", &Ok::<_, ()>(7));
        assert!(evidence.checks[0].holds && !evidence.checks[1].holds);
    }
}
