//! The manifest of the documents, as small as E1 and E2 need it. The product has one of its own.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::rows::PackageRow;

const SCHEMA_VERSION: u32 = 1;
/// What clocks of two machines may differ without meaning anything.
const SKEW_MAX: TimeDelta = TimeDelta::minutes(5);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub schema_version: u32,
    pub exported_at: DateTime<Utc>,
    pub org_id: String,
    pub packages: Vec<ManifestPackage>,
    pub total_symbols: u64,
    pub total_chunks: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestPackage {
    pub ecosystem: String,
    pub package: String,
    pub version: String,
    pub symbol_count: u64,
}

/// Whether a copy of an export may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    Fresh,
    /// Older than the reader keeps copies.
    Stale,
    /// One of the two clocks is wrong: the age means nothing.
    FromTheFuture,
    /// Written by a program that knows more.
    UnknownSchema,
}

impl Manifest {
    pub fn new(packages: &[PackageRow], exported_at: DateTime<Utc>) -> Manifest {
        let sum = |count: fn(&PackageRow) -> i32| packages.iter().map(|row| unsigned(count(row))).sum();
        Manifest {
            schema_version: SCHEMA_VERSION,
            exported_at,
            org_id: "org_acme".to_string(),
            packages: packages
                .iter()
                .map(|row| ManifestPackage {
                    ecosystem: row.ecosystem.clone(),
                    package: row.package.clone(),
                    version: row.version.clone(),
                    symbol_count: unsigned(row.symbol_count),
                })
                .collect(),
            total_symbols: sum(|row| row.symbol_count),
            total_chunks: sum(|row| row.chunk_count),
        }
    }

    pub fn freshness(&self, now: DateTime<Utc>, keep: TimeDelta) -> Freshness {
        let age = now - self.exported_at;
        if self.schema_version != SCHEMA_VERSION {
            Freshness::UnknownSchema
        } else if age < -SKEW_MAX {
            Freshness::FromTheFuture
        } else if age > keep {
            Freshness::Stale
        } else {
            Freshness::Fresh
        }
    }
}

/// This instant, to the microsecond.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(Utc::now().timestamp_micros()).unwrap_or_default()
}

fn unsigned(count: i32) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
