//! What a run leaves: plain owned data that is printed, kept and read back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::backend::Backend;
use crate::evidence::{Check, Evidence};
use crate::group::Group;
use crate::measure::{TargetKind, Unit};
use crate::spike::{Expected, Fault, Spike};
use crate::text::clean_line;
use crate::verdict::{Verdict, figures, judge};

/// One spike, tried once on one backend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub id: String,
    pub title: String,
    pub group: Group,
    pub backend: Backend,
    /// The defect that was planted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    #[serde(flatten)]
    pub verdict: Verdict,
    /// The committed verdict; `refuted` where a defect was planted.
    pub expected: Expected,
    /// Whether the verdict is the expected one.
    pub as_expected: bool,
    /// Whether not running counts as a failure.
    pub required: bool,
    /// When it began.
    pub at: DateTime<Utc>,
    /// How long the spike itself ran, without the start of its lab.
    pub seconds: f64,
    pub checks: Vec<Check>,
    pub figures: Vec<Figure>,
    pub notes: Vec<String>,
    /// How to look again at the lab, where it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
}

/// A figure, and the target that it is held to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    pub name: String,
    pub value: f64,
    pub unit: Unit,
    /// The most that it may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<TargetKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met: Option<bool>,
}

/// How the spike's own part of a run ended.
pub(crate) enum Ending {
    Evidence(Evidence),
    NotRun(String),
    /// Why, and what was found until then.
    Broken(String, Evidence),
}

impl Figure {
    /// The figure as people read it, beside its target where it has one.
    pub fn show(&self) -> String {
        match self.target {
            Some(at_most) => self.unit.show_of(self.value, at_most),
            None => self.unit.show(self.value),
        }
    }
}

impl Outcome {
    /// Derives the verdict. Text that came from components is cleaned here, once for every report.
    pub(crate) fn derive(
        spike: &Spike,
        backend: Backend,
        fault: Option<&Fault>,
        at: DateTime<Utc>,
        seconds: f64,
        ending: Ending,
    ) -> Outcome {
        let (evidence, stopped) = match ending {
            Ending::Evidence(evidence) => (evidence, None),
            Ending::NotRun(because) => {
                (Evidence::new(), Some(Verdict::NotRun { because: clean_line(&because) }))
            }
            Ending::Broken(why, found) => (found, Some(Verdict::Broken { why: clean_line(&why) })),
        };
        let mut evidence = evidence.cleaned();
        let figures = figures(&evidence, spike.targets);
        let verdict = stopped.unwrap_or_else(|| judge(&evidence, spike.targets, &figures));
        let expected = if fault.is_some() { Expected::Refuted } else { spike.expected };
        Outcome {
            id: spike.id.to_string(),
            title: spike.title.to_string(),
            group: spike.group,
            backend,
            fault: fault.map(|fault| fault.name.to_string()),
            as_expected: verdict.is(expected),
            verdict,
            expected,
            required: false,
            at,
            // Microseconds are plenty, and read back as they were written.
            seconds: (seconds * 1e6).round() / 1e6,
            checks: std::mem::take(&mut evidence.checks),
            figures,
            notes: std::mem::take(&mut evidence.notes),
            kept: None,
        }
    }

    /// Whether the run fails because of it: the verdict is another than the expected one, or none
    /// was reached where one was required.
    pub fn failed(&self) -> bool {
        match self.verdict {
            Verdict::NotRun { .. } => self.required,
            _ => !self.as_expected,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An outcome with a check, two figures and a note.
    pub fn outcome(id: &str, backend: Backend, verdict: Verdict) -> Outcome {
        let figure = |name: &str, value, unit| Figure {
            name: name.into(),
            value,
            unit,
            target: None,
            kind: None,
            met: None,
        };
        Outcome {
            id: id.into(),
            title: format!("The claim of {id} | holds"),
            group: Group::Catalog,
            backend,
            fault: None,
            as_expected: verdict.is(Expected::Holds),
            verdict,
            expected: Expected::Holds,
            required: false,
            at: DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default(),
            seconds: 1.25,
            checks: vec![Check { what: "it answers".into(), holds: true, detail: None }],
            figures: vec![
                Figure {
                    target: Some(1.5),
                    kind: Some(TargetKind::Gate),
                    met: Some(true),
                    ..figure("beside Parquet", 1.25, Unit::Ratio)
                },
                figure("rows", 3.0, Unit::Rows),
            ],
            notes: vec!["a note".into()],
            kept: None,
        }
    }
}
