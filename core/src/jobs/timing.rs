//! When a job is due: its schedule in its zone, a little later by its jitter; and what it owes after an absence.

use std::collections::VecDeque;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::error::JobError;
use super::job::{Missed, NewJob};
use super::preview::Preview;
use super::schedule::Schedule;
use super::zone::zone;

/// Due instants of one absence that have a row each; the ones before share one.
pub(super) const KEPT_MAX: usize = 50;
/// Due instants that are counted: two years of every minute.
const COUNTED_MAX: usize = 1_100_000;
/// How late is on time: a scheduler looks every few seconds.
pub(super) const GRACE_MS: i64 = 60_000;
/// Missed instants that run after an absence, where all are to.
const CAUGHT_UP_MAX: usize = 10;

/// When a job is due.
pub(super) struct Timing {
    schedule: Schedule,
    zone: TimeZone,
    jitter: SignedDuration,
}

/// What is to become of one due instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It runs, as far as the overlap policy lets it.
    Run,
    /// It waits for its turn.
    Queue,
    Missed,
}

/// A due instant; `covers` of them up to `until_ms` where they share a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owed {
    pub at_ms: i64,
    pub fate: Fate,
    pub covers: i64,
    pub until_ms: i64,
}

impl Timing {
    pub(super) fn of(job: &NewJob, id: &str) -> Result<Timing, JobError> {
        let jitter = match u64::from(job.jitter_s) {
            0 => 0,
            most => {
                let hash = blake3::hash(id.as_bytes());
                let (number, _) = hash.as_bytes().split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
                u64::from_le_bytes(*number) % (most + 1)
            }
        };
        Ok(Timing {
            schedule: job.schedule.parse()?,
            zone: zone(&job.timezone)?,
            jitter: SignedDuration::from_secs(i64::try_from(jitter).unwrap_or(0)),
        })
    }

    /// The first due instant after another.
    pub(super) fn next_ms(&self, after_ms: i64) -> Option<i64> {
        let after = Timestamp::from_millisecond(after_ms).ok()?.checked_sub(self.jitter).ok()?;
        let next = self.schedule.next(after, &self.zone)?.checked_add(self.jitter).ok()?;
        Some(next.as_millisecond())
    }

    pub(super) fn preview(&self, after_ms: i64) -> Preview {
        self.schedule.preview_from_ms(after_ms, &self.zone)
    }

    /// What is owed from a due instant until now, and the next one.
    pub(super) fn owed(&self, first_ms: i64, now_ms: i64, job: &NewJob) -> (Vec<Owed>, Option<i64>) {
        let mut kept: VecDeque<i64> = VecDeque::new();
        let (mut earlier, mut earlier_until) = (0i64, first_ms);
        let mut next = Some(first_ms);
        for _ in 0..COUNTED_MAX {
            let Some(at) = next.filter(|at| *at <= now_ms) else { break };
            kept.push_back(at);
            if kept.len() > KEPT_MAX
                && let Some(before) = kept.pop_front()
            {
                earlier += 1;
                earlier_until = before;
            }
            next = self.next_ms(at);
        }
        let mut owed = Vec::with_capacity(kept.len() + 1);
        if earlier > 0 {
            owed.push(Owed { at_ms: first_ms, fate: Fate::Missed, covers: earlier, until_ms: earlier_until });
        }
        let count = kept.len();
        for (place, at_ms) in kept.into_iter().enumerate() {
            let is_last = place + 1 == count;
            let late = now_ms - at_ms;
            let is_caught_up = late <= i64::from(job.catchup_s) * 1000;
            let fate = match job.missed {
                _ if is_last && late <= GRACE_MS => Fate::Run,
                Missed::Latest if is_last && is_caught_up => Fate::Run,
                Missed::All if is_caught_up && place + CAUGHT_UP_MAX >= count => Fate::Queue,
                _ => Fate::Missed,
            };
            owed.push(Owed { at_ms, fate, covers: 1, until_ms: at_ms });
        }
        (owed, next)
    }
}
