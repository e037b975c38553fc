//! Scheduled jobs: when they are due, what became of each due instant, and what they run.
//!
//! A job lives in one tenant's database, which is handed to this room opened. It knows no registry, no token and
//! no other tenant.

mod action;
mod claim;
mod error;
#[cfg(unix)]
pub mod execute;
mod executor;
mod job;
mod preview;
mod run;
mod schedule;
mod scheduler;
pub mod schema;
mod store;
mod timing;
mod zone;

pub use action::{Action, Place, Verb};
pub use claim::Watch;
pub use error::{Invalid, JobError};
pub use executor::{Executor, MachineWork, ServiceWork, Task, Work};
pub use job::{Job, JobChange, Missed, NewJob, OnLost, Overlap};
pub use preview::{Change, Effect, Fire, Preview};
pub use run::{END_BYTES_MAX, Outcome, Output, Run, RunKey, RunStatus, Trigger};
pub use schedule::{Field, Problem, Schedule, ScheduleError};
pub use scheduler::{LEASE, Round, Scheduler, SchedulerEvent};
pub use store::{Clock, JOBS_MAX, Store};
pub use zone::{ZoneError, machine_zone, zone};
