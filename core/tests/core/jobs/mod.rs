//! Scheduled jobs: schedules, and what becomes of each due instant.

mod preview;
mod schedule;
mod vectors;
mod walked;
