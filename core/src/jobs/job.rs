//! A job as it is given, changed and listed.

use serde::{Deserialize, Serialize};

use super::action::Action;
use super::error::JobError;
use super::timing::Timing;

/// What happens to a due instant while the run before has not ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Overlap {
    /// It is left out, and a row says so.
    #[default]
    Skip,
    /// One waits; further ones are left out.
    QueueOne,
    /// The run before is stopped.
    CancelPrevious,
}

/// What happens to due instants at which nothing was there to run them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Missed {
    /// The last one runs, where it is not older than `catchup_s`.
    #[default]
    Latest,
    Skip,
    /// The last few run one after another, where they are not older than `catchup_s`.
    All,
}

/// What happens to a run whose scheduler was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnLost {
    /// It counts as lost: a run happens at most once.
    #[default]
    Leave,
    /// It is tried again: a run happens at least once.
    Retry,
}

/// A name of a policy, as it is written, for rows and arguments.
macro_rules! words {
    ($type:ident { $($variant:ident => $word:literal),+ }) => {
        impl $type {
            pub const ALL: &'static [$type] = &[$($type::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self { $($type::$variant => $word),+ }
            }

            pub fn named(text: &str) -> Option<$type> {
                $type::ALL.iter().copied().find(|known| known.as_str() == text)
            }
        }
    };
}
pub(super) use words;

words!(Overlap { Skip => "skip", QueueOne => "queue-one", CancelPrevious => "cancel-previous" });
words!(Missed { Latest => "latest", Skip => "skip", All => "all" });
words!(OnLost { Leave => "leave", Retry => "retry" });

/// A job as its user gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewJob {
    /// What it is called; no two of a user's are called alike.
    pub name: String,
    /// Five fields or an alias; see [`super::Schedule`].
    pub schedule: String,
    #[serde(default = "utc")]
    pub timezone: String,
    pub action: Action,
    #[serde(default)]
    pub overlap: Overlap,
    #[serde(default)]
    pub missed: Missed,
    /// How late a missed instant may still run.
    #[serde(default = "a_day")]
    pub catchup_s: u32,
    /// It runs so much later at most: always the same time, which follows from the job.
    #[serde(default)]
    pub jitter_s: u32,
    #[serde(default = "an_hour")]
    pub timeout_s: u32,
    /// How often a failed run is tried again, later each time.
    #[serde(default)]
    pub retries: u32,
    #[serde(default)]
    pub on_lost: OnLost,
    /// It is paused after so many failures in a row; 0 for never.
    #[serde(default)]
    pub pause_after: u32,
}

fn utc() -> String {
    "UTC".to_string()
}

fn a_day() -> u32 {
    24 * 60 * 60
}

fn an_hour() -> u32 {
    60 * 60
}

/// What of a job is changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JobChange {
    pub name: Option<String>,
    pub schedule: Option<String>,
    pub timezone: Option<String>,
    pub action: Option<Action>,
    pub overlap: Option<Overlap>,
    pub missed: Option<Missed>,
    pub catchup_s: Option<u32>,
    pub jitter_s: Option<u32>,
    pub timeout_s: Option<u32>,
    pub retries: Option<u32>,
    pub on_lost: Option<OnLost>,
    pub pause_after: Option<u32>,
}

/// A job as it stands. Times are milliseconds since 1970, UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Job {
    pub id: String,
    #[serde(flatten)]
    pub given: NewJob,
    pub enabled: bool,
    /// Who or what paused it.
    pub paused_by: Option<String>,
    pub next_due_ms: Option<i64>,
    /// How often it failed since it last succeeded.
    pub failures: u32,
    pub created_ms: i64,
    pub updated_ms: i64,
    /// Counts its changes.
    pub revision: i64,
}

const NAME_CHARS_MAX: usize = 64;

impl NewJob {
    /// With everything but these as it is usual.
    pub fn new(name: &str, schedule: &str, action: Action) -> NewJob {
        NewJob {
            name: name.to_string(),
            schedule: schedule.to_string(),
            timezone: utc(),
            action,
            overlap: Overlap::default(),
            missed: Missed::default(),
            catchup_s: a_day(),
            jitter_s: 0,
            timeout_s: an_hour(),
            retries: 0,
            on_lost: OnLost::default(),
            pause_after: 0,
        }
    }

    /// Whether it can be kept; when it is due follows.
    pub(super) fn check(&self, id: &str) -> Result<Timing, JobError> {
        let fits = !self.name.trim().is_empty() && self.name.chars().count() <= NAME_CHARS_MAX;
        if !fits || self.name.chars().any(char::is_control) {
            return Err(JobError::invalid("name", "a name has 1 to 64 characters in one line"));
        }
        self.action.check()?;
        for (field, value, (least, most)) in [
            ("catchup_s", self.catchup_s, (0, 30 * 24 * 60 * 60)),
            ("jitter_s", self.jitter_s, (0, 60 * 60)),
            ("timeout_s", self.timeout_s, (1, 7 * 24 * 60 * 60)),
            ("retries", self.retries, (0, 10)),
            ("pause_after", self.pause_after, (0, 1000)),
        ] {
            if value < least || value > most {
                return Err(JobError::invalid(field, format!("it goes from {least} to {most}")));
            }
        }
        Timing::of(self, id)
    }
}

impl JobChange {
    /// A job as it is after the change.
    pub fn applied(&self, job: &NewJob) -> NewJob {
        let text = |new: &Option<String>, old: &String| new.clone().unwrap_or_else(|| old.clone());
        NewJob {
            name: text(&self.name, &job.name),
            schedule: text(&self.schedule, &job.schedule),
            timezone: text(&self.timezone, &job.timezone),
            action: self.action.clone().unwrap_or_else(|| job.action.clone()),
            overlap: self.overlap.unwrap_or(job.overlap),
            missed: self.missed.unwrap_or(job.missed),
            catchup_s: self.catchup_s.unwrap_or(job.catchup_s),
            jitter_s: self.jitter_s.unwrap_or(job.jitter_s),
            timeout_s: self.timeout_s.unwrap_or(job.timeout_s),
            retries: self.retries.unwrap_or(job.retries),
            on_lost: self.on_lost.unwrap_or(job.on_lost),
            pause_after: self.pause_after.unwrap_or(job.pause_after),
        }
    }
}
