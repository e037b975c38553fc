//! The claims that the architecture rests on, and the program that tries them.
//!
//! Each spike is one file named by its id and its claim: the question, why it matters, the method and
//! when to accept; then its declaration; then `run`, a short story. [`all`] lists them; the program,
//! the test, the explorer and the table in the README read that list.

pub mod child;
pub mod cli;
mod indexed;
mod packages;
mod people;
pub mod readme;
mod spikes;

use zenith_harness::Spike;

/// Every spike, in the order of their ids. A new one is a module in `spikes` and a line here.
static SPIKES: &[Spike] = &[
    spikes::j0_tokens::SPIKE,
    spikes::j1_schema::SPIKE,
    spikes::j2_replica::SPIKE,
    spikes::j3_claims::SPIKE,
    spikes::j4_search::SPIKE,
    spikes::k1_tiers::SPIKE,
    spikes::k2_private::SPIKE,
    spikes::l1_claims::SPIKE,
    spikes::l3_replicas::SPIKE,
];

/// Every spike, in the order of their ids.
pub fn all() -> &'static [Spike] {
    SPIKES
}
