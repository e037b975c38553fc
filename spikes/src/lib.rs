//! The claims that the architecture rests on, and the program that tries them.
//!
//! Each spike is one file named by its id and its claim: the question, why it matters, the method and
//! when to accept; then its declaration; then `run`, a short story. [`all`] lists them; the program,
//! the test, the explorer and the table in the README read that list.

mod bases;
pub mod child;
pub mod cli;
mod duck_lance;
mod duck_s3;
pub mod formats;
mod indexed;
mod instances;
mod jobs;
mod lance_s3;
mod manifest;
mod notes;
mod outside;
mod packages;
mod parquet_export;
mod people;
pub mod readme;
mod rows;
mod spikes;
mod sql;
mod tables;
mod tenants;

use zenith_harness::Spike;

/// Every spike, in the order of their ids. A new one is a module in `spikes` and a line here.
static SPIKES: &[Spike] = &[
    spikes::a1_symbols::SPIKE,
    spikes::a2_chunks::SPIKE,
    spikes::a3_packages::SPIKE,
    spikes::b1_columns::SPIKE,
    spikes::b2_cosine::SPIKE,
    spikes::b3_json::SPIKE,
    spikes::c1_export::SPIKE,
    spikes::c2_query::SPIKE,
    spikes::d1_delta::SPIKE,
    spikes::d2_merge::SPIKE,
    spikes::e1_manifest::SPIKE,
    spikes::e2_freshness::SPIKE,
    spikes::f1_scan::SPIKE,
    spikes::f2_vector::SPIKE,
    spikes::f3_text::SPIKE,
    spikes::f4_hybrid::SPIKE,
    spikes::f5_formats::SPIKE,
    spikes::j0_tokens::SPIKE,
    spikes::j1_schema::SPIKE,
    spikes::j2_replica::SPIKE,
    spikes::j3_claims::SPIKE,
    spikes::j4_search::SPIKE,
    spikes::k1_tiers::SPIKE,
    spikes::k2_private::SPIKE,
    spikes::l1_claims::SPIKE,
    spikes::l3_replicas::SPIKE,
    spikes::p1_reopened::SPIKE,
    spikes::p2_offline::SPIKE,
    spikes::p3_yjs::SPIKE,
    spikes::p4_burst::SPIKE,
    spikes::p5_between::SPIKE,
    spikes::p6_equal::SPIKE,
    spikes::p7_meaning::SPIKE,
    spikes::p8_in_place::SPIKE,
    spikes::p9_outsiders::SPIKE,
    spikes::p10_closed::SPIKE,
    spikes::p11_bucket::SPIKE,
    spikes::p12_servers::SPIKE,
    spikes::p13_large::SPIKE,
    spikes::t1_signup::SPIKE,
    spikes::t2_isolation::SPIKE,
    spikes::t3_sealed::SPIKE,
    spikes::t4_tokens::SPIKE,
    spikes::t5_schedules::SPIKE,
    spikes::t6_year::SPIKE,
    spikes::t7_schedulers::SPIKE,
    spikes::t8_absence::SPIKE,
    #[cfg(unix)]
    spikes::t9_bounds::SPIKE,
    spikes::t10_slow::SPIKE,
    spikes::t11_erasure::SPIKE,
    spikes::t12_migrations::SPIKE,
    spikes::w1_routes::SPIKE,
    spikes::w2_one_way::SPIKE,
    spikes::w3_offline::SPIKE,
    spikes::w4_names::SPIKE,
    spikes::w5_readers::SPIKE,
    spikes::w6_publishers::SPIKE,
    spikes::w7_kills::SPIKE,
    spikes::w8_overlays::SPIKE,
    spikes::w9_locales::SPIKE,
    spikes::w10_fences::SPIKE,
    spikes::w11_back::SPIKE,
    spikes::w12_backfill::SPIKE,
];

/// Every spike, in the order of their ids.
pub fn all() -> &'static [Spike] {
    SPIKES
}
