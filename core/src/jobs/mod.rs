//! Scheduled jobs: when they are due, what became of each due instant, and what they run.
//!
//! A job lives in one tenant's database, which is handed to this room opened. It knows no registry, no token and
//! no other tenant.

mod preview;
mod schedule;
mod zone;

pub use preview::{Change, Effect, Fire, Preview};
pub use schedule::{Field, Problem, Schedule, ScheduleError};
pub use zone::{ZoneError, zone};
