//! Scheduled jobs: schedules, and what becomes of each due instant.

mod due;
mod execute;
mod kept;
mod preview;
mod schedule;
mod vectors;
mod walked;
mod world;
