//! The spikes, one file each, named by its id and its claim.

pub mod a1_symbols;
pub mod a2_chunks;
pub mod a3_packages;
pub mod b1_columns;
pub mod b2_cosine;
pub mod b3_json;
pub mod c1_export;
pub mod c2_query;
pub mod d1_delta;
pub mod d2_merge;
pub mod e1_manifest;
pub mod e2_freshness;
pub mod f1_scan;
pub mod f2_vector;
pub mod f3_text;
pub mod f4_hybrid;
pub mod f5_formats;
pub mod j0_tokens;
pub mod j1_schema;
pub mod j2_replica;
pub mod j3_claims;
pub mod j4_search;
pub mod k1_tiers;
pub mod k2_private;
pub mod l1_claims;
pub mod l3_replicas;
pub mod t5_schedules;
pub mod t6_year;
pub mod t7_schedulers;
pub mod t8_absence;
#[cfg(unix)]
pub mod t9_bounds;
