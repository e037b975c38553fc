//! What is wrong with a schedule: the field, its place in the text, and what to write instead.

use std::fmt;
use std::ops::Range;

/// One of the five fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Minute,
    Hour,
    Day,
    Month,
    Weekday,
}

pub(super) const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
pub(super) const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

impl Field {
    /// The five, in the order in which they are written.
    pub const ALL: [Field; 5] = [Field::Minute, Field::Hour, Field::Day, Field::Month, Field::Weekday];

    pub const fn name(self) -> &'static str {
        match self {
            Field::Minute => "minute",
            Field::Hour => "hour",
            Field::Day => "day of the month",
            Field::Month => "month",
            Field::Weekday => "weekday",
        }
    }

    /// The first and the last value that a `*` stands for.
    pub(super) const fn bounds(self) -> (u8, u8) {
        match self {
            Field::Minute => (0, 59),
            Field::Hour => (0, 23),
            Field::Day => (1, 31),
            Field::Month => (1, 12),
            Field::Weekday => (0, 6),
        }
    }

    /// The last value that may be written: a week may end with Sunday as 7.
    pub(super) const fn last_written(self) -> u8 {
        match self {
            Field::Weekday => 7,
            _ => self.bounds().1,
        }
    }

    /// The names of its values, from the first one on.
    pub(super) const fn names(self) -> &'static [&'static str] {
        match self {
            Field::Month => &MONTHS,
            Field::Weekday => &WEEKDAYS,
            _ => &[],
        }
    }
}

/// Why a schedule is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    Empty,
    TooLong,
    /// A character that no schedule has: a line's end, say.
    Character,
    Fields(usize),
    Alias,
    Reboot,
    Every,
    /// Neither a number, nor a name of this field, nor one of its special forms.
    Unknown,
    /// The name of a value of another field.
    Misplaced(Field),
    Beyond {
        first: u8,
        last: u8,
    },
    /// A range that ends before it begins: some programs wrap around, others do not.
    Backwards,
    /// `5/15`: some programs take it for `5`, others for `5-59/15`.
    StepOfOne,
    ZeroStep,
    /// A step that leads beyond the end at once.
    NeverSteps,
    /// `*` beside other values.
    StarInList,
    /// `*/2` in one of the days' fields with the other one restricted: some take both, others either.
    Ambiguous,
    NeverFires,
}

/// A schedule that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleError {
    pub field: Option<Field>,
    /// Where in the text, in bytes.
    pub at: Range<usize>,
    pub problem: Problem,
    /// What to write in place of what stands there.
    pub instead: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Empty => f.write_str("a schedule has five fields: minute, hour, day, month, weekday"),
            Problem::TooLong => f.write_str("a schedule has at most 256 characters"),
            Problem::Character => f.write_str("a schedule is one line of plain letters"),
            Problem::Fields(6) => {
                f.write_str("it has six fields; five are read (minute, hour, day, month, weekday), no seconds")
            }
            Problem::Fields(found) => write!(
                f,
                "it has {found} field{}; five are read: minute, hour, day, month, weekday",
                if *found == 1 { "" } else { "s" }
            ),
            Problem::Alias => f.write_str(
                "no such alias; there are @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually",
            ),
            Problem::Reboot => f.write_str("a job follows the clock; what runs at a start is the system's"),
            Problem::Every => f.write_str("a job follows the clock, with a step in one of five fields"),
            Problem::Unknown => f.write_str("this is neither a number nor a name that it has"),
            Problem::Misplaced(field) => {
                write!(f, "this names a {}, which stands in another field", field.name())
            }
            Problem::Beyond { first, last } => write!(f, "it goes from {first} to {last}"),
            Problem::Backwards => f.write_str("the range ends before it begins"),
            Problem::StepOfOne => f.write_str("a step needs a range"),
            Problem::ZeroStep => f.write_str("a step of 0 leads nowhere"),
            Problem::NeverSteps => f.write_str("the step is longer than the range, so it never steps"),
            Problem::StarInList => f.write_str("`*` is every value already"),
            Problem::Ambiguous => f.write_str(
                "a step over `*` beside another restriction of days is read in two ways, as both or as either; \
                 make two jobs, or name the range, and either counts",
            ),
            Problem::NeverFires => f.write_str("there is no such day in a hundred years: it never fires"),
        }
    }
}

impl fmt::Display for ScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = self.field {
            write!(f, "{}: ", field.name())?;
        }
        write!(f, "{}", self.problem)?;
        match &self.instead {
            Some(instead) => write!(f, "; write `{instead}`"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ScheduleError {}
