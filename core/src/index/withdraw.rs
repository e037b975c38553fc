//! Taking back what was shared: its row goes first, so that nobody finds it any more, then its files.

use std::collections::BTreeSet;
use std::time::Instant;

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::Failure;
use super::push::{PushError, Pusher, asked};
use crate::catalog::{CatalogEntry, Status};
use crate::identity::Scope;
use crate::lake::shared::{Place, remove_version};
use crate::package::{PackageId, Tier};
use crate::search::PackageFilter;

/// What a withdrawal did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct WithdrawReport {
    pub scope: String,
    pub store: String,
    pub withdrawn: usize,
    /// Those that somebody is pushing now.
    pub held: usize,
    /// What was asked for and is not shared.
    pub missing: Vec<String>,
    /// Those that nobody finds any more, and whose files lie on the store still.
    pub remains: Vec<Failure>,
    pub cancelled: bool,
    pub seconds: f64,
}

impl Pusher {
    /// Takes back the packages of a scope that `filters` mean. Who pulled one has it until the next pull. A
    /// public one is named with its version, since the public catalog is too large to be listed.
    pub async fn withdraw(
        &self,
        scope: &Scope,
        filters: &[PackageFilter],
        cancel: &CancellationToken,
    ) -> Result<WithdrawReport, PushError> {
        let started = Instant::now();
        let mut report = WithdrawReport {
            scope: scope.prefix(),
            store: self.store.name().to_string(),
            ..WithdrawReport::default()
        };
        let shared = self.meant(scope, filters).await?;
        report.missing = PackageFilter::missing(filters, shared.iter().map(|entry| &entry.id));
        if !shared.is_empty() {
            let claims = self.claims()?;
            let mut result = Ok(());
            for entry in &shared {
                if cancel.is_cancelled() {
                    break;
                }
                result = self.withdraw_one(entry, claims.holder(), &mut report).await;
                if result.is_err() {
                    break;
                }
            }
            result.and(self.give_back(claims).await)?;
        }
        report.cancelled = cancel.is_cancelled();
        report.seconds = started.elapsed().as_secs_f64();
        Ok(report)
    }

    /// What of a scope is shared and meant.
    pub(crate) async fn meant(
        &self,
        scope: &Scope,
        filters: &[PackageFilter],
    ) -> Result<Vec<CatalogEntry>, PushError> {
        let entries = match scope.tier() {
            Tier::Public => {
                let exact =
                    filters.iter().filter_map(|filter| Some((&filter.name, filter.version.as_ref()?)));
                let ids: BTreeSet<PackageId> =
                    exact.filter_map(|(name, version)| PackageId::rust(name, version).ok()).collect();
                let ids: Vec<PackageId> = ids.into_iter().collect();
                asked(self.catalog.lookup(&self.identity, &ids)).await?
            }
            Tier::Team | Tier::Private => asked(self.catalog.packages(&self.identity)).await?,
        };
        let is_meant = |entry: &CatalogEntry| {
            entry.scope == *scope
                && entry.status == Status::Ready
                && filters.iter().any(|filter| filter.holds_exactly(&entry.id))
        };
        Ok(entries.into_iter().filter(is_meant).collect())
    }

    async fn withdraw_one(
        &self,
        entry: &CatalogEntry,
        holder: &str,
        report: &mut WithdrawReport,
    ) -> Result<(), PushError> {
        if !self.claim_one(entry, holder).await?
            || !asked(self.catalog.remove_claimed(&entry.scope, &entry.id, holder)).await?
        {
            report.held += 1;
            return Ok(());
        }
        report.withdrawn += 1;
        let removed = match Place::of(entry) {
            Ok(place) => remove_version(&self.store, &place).await,
            Err(error) => Err(error),
        };
        if let Err(error) = removed {
            report.remains.push(Failure { package: entry.id.to_string(), why: error.to_string() });
        }
        Ok(())
    }
}
