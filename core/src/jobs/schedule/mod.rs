//! When a job is due: five fields, read as Vixie's cron reads them, in a zone.
//!
//! # Decisions
//!
//! - **A grammar and a stepping of our own.** The libraries that are kept read names over the whole text, take
//!   `L` for never, run a list of minutes twice where clocks go back, or tell an error as a sentence without its
//!   place. Sets of bits over jiff's zones are shorter than a gate before one of them and the corrections behind it.
//! - **Debian's rule where clocks change.** A schedule with fixed minutes and hours is of the wall's clock: what
//!   falls into a gap runs once, right after it; what comes twice runs the first time alone. One whose minute or hour
//!   begins with `*` follows the time that passes: nothing is made up, nothing is left out.
//! - **Days are joined as Vixie joins them.** Where both the day and the weekday are restricted either counts; where
//!   one of them begins with `*`, both.

mod error;
mod next;
mod parse;

use std::str::FromStr;

pub use error::{Field, Problem, ScheduleError};
pub(in crate::jobs) use next::instant_of;

/// When a job is due. It has no zone: the same schedule is another instant in another zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    minutes: u64,
    /// Weekdays by their number in the month: bit `7 * (n - 1) + weekday`; from bit 35 on the last ones.
    nth: u64,
    hours: u32,
    days: u32,
    /// Days whose nearest working day within the month is meant.
    near: u32,
    months: u16,
    weekdays: u8,
    flags: u8,
}

impl Schedule {
    /// Days and weekdays must both match; else either.
    const BOTH: u8 = 1;
    /// It follows the time that passes, not the wall's clock.
    const FOLLOWS: u8 = 2;
    /// The last day of a month.
    const LAST: u8 = 4;
    /// The last working day of a month.
    const LAST_WORKING: u8 = 8;

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Whether it follows the time that passes (`*/20 2 * * *`), and not the wall's clock (`30 2 * * *`).
    pub fn follows_time(&self) -> bool {
        self.has(Schedule::FOLLOWS)
    }
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Schedule, ScheduleError> {
        parse::parse(text)
    }
}
