//! What came of gates, as it is kept.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::rounds::is_quiet;
use super::{Interval, Pace, Settings};

/// The gates of one bench in one run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Results {
    pub bench: String,
    pub pace: Pace,
    pub at: DateTime<Utc>,
    pub outcomes: Vec<Outcome>,
}

/// What came of one gate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    pub name: String,
    pub figure: Figure,
    /// The first letters of the hash of what the work answers, where it was told.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub answer: String,
    pub verdict: Verdict,
}

/// What was measured, and what it is held to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "of")]
pub enum Figure {
    Ratio {
        ratio: Interval,
        control: Interval,
        ours: Duration,
        peer: Duration,
        rounds: usize,
        most: f64,
    },
    /// A ratio that was measured as a whole elsewhere, and has no bounds of its own.
    Multiple {
        multiple: f64,
        most: f64,
    },
    Count {
        count: u64,
        most: u64,
    },
    Share {
        share: f64,
        least: f64,
    },
    Time {
        median: Duration,
        most: Duration,
    },
    Growth {
        exponent: f64,
        times: Vec<(u64, Duration)>,
        most: f64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Holds,
    Failed,
    /// The machine was too busy to say, or the target lies within the bounds.
    Inconclusive,
    /// It was done once, and not measured.
    Tried,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Failed => "FAILED",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Tried => "tried",
        }
    }

    fn of(is_held: bool) -> Verdict {
        if is_held { Verdict::Holds } else { Verdict::Failed }
    }
}

impl Outcome {
    pub fn of(name: &str, figure: Figure, answer: String, pace: Pace) -> Outcome {
        let verdict = match figure.verdict() {
            // Of one round nothing is said about time; what is counted is the same in any run.
            _ if pace == Pace::Test && figure.is_of_time() => Verdict::Tried,
            verdict => verdict,
        };
        Outcome { name: name.to_string(), figure, answer, verdict }
    }
}

impl Figure {
    fn is_of_time(&self) -> bool {
        !matches!(self, Figure::Count { .. } | Figure::Share { .. })
    }

    pub fn verdict(&self) -> Verdict {
        match self {
            Figure::Ratio { control, .. } if !is_quiet(control) => Verdict::Inconclusive,
            Figure::Ratio { ratio, most, .. } if ratio.upper <= *most => Verdict::Holds,
            Figure::Ratio { ratio, most, .. } if ratio.lower > *most => Verdict::Failed,
            Figure::Ratio { .. } => Verdict::Inconclusive,
            Figure::Multiple { multiple, most } => Verdict::of(multiple <= most),
            Figure::Count { count, most } => Verdict::of(count <= most),
            Figure::Share { share, least } => Verdict::of(share >= least),
            Figure::Time { median, most } => Verdict::of(median <= most),
            Figure::Growth { exponent, most, .. } => Verdict::of(exponent <= most),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [ours, peer, figure, target] = self.figure.told();
        let peer = if peer.is_empty() { peer } else { format!(" beside {peer}") };
        write!(f, "{}: {ours}{peer}; {figure}, {target}: {}", self.name, self.verdict.as_str())
    }
}

impl Figure {
    /// Ours, the peer's, the figure that decides, and the target, in words.
    pub fn told(&self) -> [String; 4] {
        match self {
            Figure::Ratio { ratio, control, ours, peer, most, .. } => {
                let control = if is_quiet(control) {
                    String::new()
                } else {
                    format!(", identical code {:.2}", control.median)
                };
                let told = format!("{:.2} ({:.2} to {:.2}{control})", ratio.median, ratio.lower, ratio.upper);
                [time(*ours), time(*peer), told, format!("≤ {most}")]
            }
            Figure::Multiple { multiple, most } => {
                [format!("{multiple:.2}"), String::new(), format!("{multiple:.2}"), format!("≤ {most}")]
            }
            Figure::Count { count, most } => {
                [count.to_string(), String::new(), count.to_string(), format!("≤ {most}")]
            }
            Figure::Share { share, least } => {
                [format!("{share:.3}"), String::new(), format!("{share:.3}"), format!("≥ {least}")]
            }
            Figure::Time { median, most } => {
                [time(*median), String::new(), time(*median), format!("≤ {}", time(*most))]
            }
            Figure::Growth { exponent, times, most } => {
                let told: Vec<String> =
                    times.iter().map(|(size, of)| format!("{size}: {}", time(*of))).collect();
                [told.join(", "), String::new(), format!("size ^ {exponent:.2}"), format!("≤ {most}")]
            }
        }
    }
}

/// A time in the unit that suits it.
fn time(time: Duration) -> String {
    let nanos = time.as_secs_f64() * 1e9;
    match nanos {
        ..1e3 => format!("{nanos:.0} ns"),
        ..1e6 => format!("{:.1} µs", nanos / 1e3),
        ..1e9 => format!("{:.2} ms", nanos / 1e6),
        _ => format!("{:.2} s", nanos / 1e9),
    }
}

impl Results {
    pub fn new(bench: &str, settings: &Settings) -> Results {
        Results { bench: bench.to_string(), pace: settings.pace, at: Utc::now(), outcomes: Vec::new() }
    }

    pub fn has_failed(&self) -> bool {
        self.outcomes.iter().any(|outcome| outcome.verdict == Verdict::Failed)
    }

    /// Keeps them in a folder, as the last of their bench; those before keep the time in their name.
    pub fn keep(&self, folder: &Path) -> io::Result<PathBuf> {
        std::fs::create_dir_all(folder)?;
        let text = serde_json::to_string_pretty(self)?;
        let path = folder.join(format!("{}-{}.json", self.bench, self.at.format("%Y%m%dT%H%M%SZ")));
        std::fs::write(&path, &text)?;
        std::fs::write(folder.join(format!("{}.json", self.bench)), text)?;
        Ok(path)
    }

    pub fn read(path: &Path) -> io::Result<Results> {
        Ok(serde_json::from_slice(&std::fs::read(path)?)?)
    }
}
