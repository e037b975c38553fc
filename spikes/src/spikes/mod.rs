//! The spikes, one file each, named by its id and its claim.

pub mod j0_tokens;
pub mod j1_schema;
pub mod j2_replica;
pub mod j3_claims;
pub mod j4_search;
pub mod k1_tiers;
pub mod k2_private;
pub mod l1_claims;
pub mod l3_replicas;
