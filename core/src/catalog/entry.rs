//! A row of the catalog.

use libsql::Row;
use serde::Serialize;

use super::claim::LEASE;
use crate::identity::Scope;
use crate::package::{PackageId, Tier};

/// What the catalog knows of one package version in one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogEntry {
    pub scope: Scope,
    pub id: PackageId,
    pub description: Option<String>,
    pub repo_url: Option<String>,
    pub symbol_count: u64,
    pub chunk_count: u64,
    /// Whether the package's source lies on the machine that indexed it.
    pub source_cached: bool,
    /// Where the datasets lie, relative to the store's root.
    pub dataset: Option<String>,
    pub embedding_model: Option<String>,
    pub status: Status,
    pub claim: Option<Claim>,
    /// Why indexing failed, where it did.
    pub error: Option<String>,
    pub indexed_by: Option<String>,
    /// Milliseconds since 1970, UTC.
    pub indexed_at_ms: Option<i64>,
}

/// Where a package stands. A ready package that carries a claim is being indexed anew; its old
/// datasets are searched until the new ones are whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Claimed,
    /// Claimed by somebody who is gone. No row says so: who asks finds out; see [`CatalogEntry::is_left`].
    Interrupted,
    Ready,
    Failed,
}

/// Who is indexing a package, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub holder: String,
    /// Milliseconds since 1970 by the catalog's clock; renewed while the holder works.
    pub since_ms: i64,
}

#[cfg(test)]
impl CatalogEntry {
    /// A ready package of which nothing else is known: what tests begin with.
    pub fn ready(scope: Scope, id: PackageId) -> CatalogEntry {
        CatalogEntry {
            scope,
            id,
            description: None,
            repo_url: None,
            symbol_count: 0,
            chunk_count: 0,
            source_cached: false,
            dataset: None,
            embedding_model: None,
            status: Status::Ready,
            claim: None,
            error: None,
            indexed_by: None,
            indexed_at_ms: None,
        }
    }
}

impl CatalogEntry {
    pub fn tier(&self) -> Tier {
        self.scope.tier()
    }

    /// Whether its indexing was begun and nobody pursues it: its holder `is_gone`, or renewed its claim no longer.
    /// `now_ms` is the time of the catalog's clock.
    pub fn is_left(&self, now_ms: i64, is_gone: impl Fn(&str) -> bool) -> bool {
        let lease_ms = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
        let is_over = |claim: &Claim| now_ms.saturating_sub(claim.since_ms) > lease_ms;
        self.status == Status::Claimed
            && self.claim.as_ref().is_none_or(|claim| is_over(claim) || is_gone(&claim.holder))
    }

    /// Reads a row of `ENTRY_COLUMNS`. `None` where it does not fit the grammar of names: such a
    /// row is no package, whoever wrote it.
    pub(super) fn read(row: &Row) -> Result<Option<CatalogEntry>, libsql::Error> {
        let owner: Option<String> = row.get(1)?;
        let team: Option<String> = row.get(2)?;
        let scope = match (row.get::<String>(0)?.as_str(), owner, team) {
            ("public", _, _) => Scope::Public,
            ("private", Some(owner), _) => Scope::Private(owner),
            ("team", _, Some(team)) => Scope::Team(team),
            _ => return Ok(None),
        };
        let id = PackageId::new(row.get::<String>(3)?, row.get::<String>(4)?, row.get::<String>(5)?);
        let status = match row.get::<String>(13)?.as_str() {
            "ready" => Status::Ready,
            "failed" => Status::Failed,
            _ => Status::Claimed,
        };
        let (Ok(id), true) = (id, scope.is_well_formed()) else { return Ok(None) };
        let claim = match (row.get(14)?, row.get(15)?) {
            (Some(holder), Some(since_ms)) => Some(Claim { holder, since_ms }),
            _ => None,
        };
        Ok(Some(CatalogEntry {
            scope,
            id,
            description: row.get(6)?,
            repo_url: row.get(7)?,
            symbol_count: row.get::<i64>(8)?.try_into().unwrap_or(0),
            chunk_count: row.get::<i64>(9)?.try_into().unwrap_or(0),
            source_cached: row.get(10)?,
            dataset: row.get(11)?,
            embedding_model: row.get(12)?,
            status,
            claim,
            error: row.get(16)?,
            indexed_by: row.get(17)?,
            indexed_at_ms: row.get(18)?,
        }))
    }
}
