//! What became of a due instant, or of a run by hand.

use serde::{Deserialize, Serialize};

use super::job::words;

/// Why there is a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trigger {
    Due,
    Manual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunStatus {
    Queued,
    Running,
    Succeeded,
    Failed,
    TimedOut,
    Stopped,
    /// Its scheduler was lost while it ran: how it ended, nobody knows.
    Lost,
    /// The run before had not ended.
    SkippedOverlap,
    /// Nothing was there to run it.
    Missed,
}

words!(Trigger { Due => "due", Manual => "manual" });
words!(RunStatus {
    Queued => "queued", Running => "running", Succeeded => "succeeded", Failed => "failed",
    TimedOut => "timed-out", Stopped => "stopped", Lost => "lost", SkippedOverlap => "skipped-overlap",
    Missed => "missed"
});

impl RunStatus {
    pub fn has_ended(self) -> bool {
        !matches!(self, RunStatus::Queued | RunStatus::Running)
    }
}

/// What names a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunKey {
    pub job_id: String,
    pub trigger: Trigger,
    /// The due instant, in milliseconds since 1970.
    pub scheduled_ms: i64,
    pub attempt: u32,
}

/// A row of the history. Times are milliseconds since 1970, UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    #[serde(flatten)]
    pub key: RunKey,
    pub status: RunStatus,
    pub started_ms: Option<i64>,
    pub finished_ms: Option<i64>,
    /// What the program answered; none where a signal ended it, or nothing ran.
    pub exit: Option<i32>,
    /// The first and the last of the output, and how much there was.
    pub output_head: String,
    pub output_tail: String,
    pub output_bytes: i64,
    /// Why it is as it is, where that needs a word.
    pub why: Option<String>,
    /// How many due instants this row tells of, up to `covers_until_ms`.
    pub covers: i64,
    pub covers_until_ms: i64,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub status: RunStatus,
    pub exit: Option<i32>,
    pub output: Output,
    pub why: Option<String>,
}

/// The first and the last of what was written, 32 KiB each, and how much there was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    head: Vec<u8>,
    tail: std::collections::VecDeque<u8>,
    bytes: u64,
}

/// How much of either end is kept.
pub const END_BYTES_MAX: usize = 32 * 1024;

impl Output {
    pub fn of(text: &str) -> Output {
        let mut output = Output::default();
        output.push(text.as_bytes());
        output
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        let (head, rest) = bytes.split_at(bytes.len().min(END_BYTES_MAX - self.head.len()));
        self.head.extend_from_slice(head);
        // Of what comes at once, more than an end is never kept.
        let rest = rest.get(rest.len().saturating_sub(END_BYTES_MAX)..).unwrap_or_default();
        self.tail.extend(rest);
        let beyond = self.tail.len().saturating_sub(END_BYTES_MAX);
        self.tail.drain(..beyond);
    }

    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Both ends as text, without known secrets. What is no text stands as U+FFFD.
    pub fn told(&self, secrets: &[String]) -> (String, String) {
        let tail: Vec<u8> = self.tail.iter().copied().collect();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}");
        if self.bytes == (self.head.len() + tail.len()) as u64 {
            // The two follow on each other: what lies across the cut is found as well.
            let mut whole = text(&[self.head.as_slice(), &tail].concat());
            secrets.iter().for_each(|secret| whole = redacted(&whole, secret));
            let tail = whole.split_off(whole.floor_char_boundary(END_BYTES_MAX));
            return (whole, last_of(tail));
        }
        let (mut head, mut tail) = (text(&self.head), text(&tail));
        for secret in secrets {
            head = redacted(&head, secret);
            tail = redacted(&tail, secret);
            // Of one that was cut, a part is left at the cut.
            for length in (SECRET_BYTES_MIN..secret.len()).rev() {
                let begin = secret.get(..length).and_then(|begin| head.strip_suffix(begin));
                if let Some(kept) = begin {
                    head = format!("{kept}{REDACTED}");
                }
                let end = secret.get(secret.len() - length..).and_then(|end| tail.strip_prefix(end));
                if let Some(kept) = end {
                    tail = format!("{REDACTED}{kept}");
                }
            }
        }
        head.truncate(head.floor_char_boundary(END_BYTES_MAX));
        (head, last_of(tail))
    }
}

/// The last of a text: what was no text has become longer by what stands for it.
fn last_of(mut text: String) -> String {
    text.drain(..text.ceil_char_boundary(text.len().saturating_sub(END_BYTES_MAX)));
    text
}

fn redacted(text: &str, secret: &str) -> String {
    if secret.len() < SECRET_BYTES_MIN { text.to_string() } else { text.replace(secret, REDACTED) }
}

/// What stands in place of a secret: no longer than any.
const REDACTED: &str = "******";
/// What is shorter stands in ordinary words too.
const SECRET_BYTES_MIN: usize = 6;

impl Outcome {
    pub fn new(status: RunStatus, why: impl Into<String>) -> Outcome {
        Outcome { status, exit: None, output: Output::default(), why: Some(why.into()) }
    }
}
