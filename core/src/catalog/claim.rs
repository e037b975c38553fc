//! Claims: who indexes a package, settled by the database.

use std::time::Duration;

use libsql::{Connection, TransactionBehavior, Value};

use super::entry::Claim;
use super::schema::{NOW_MS, SCHEMA_VERSION};
use super::statement::{execute, query};
use super::{Catalog, CatalogError, Kind, key};
use crate::identity::Scope;
use crate::package::PackageId;

/// How long a claim stands after it was made or renewed. Its holder renews it at a third of this.
pub const LEASE: Duration = Duration::from_secs(60);

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// The caller indexes the package.
    Won,
    /// Somebody else does.
    Held(Claim),
    /// It is ready already, and was not asked for anew.
    Ready,
}

/// What a holder says of a package that it indexed.
#[derive(Clone, Debug)]
pub struct Finished {
    pub scope: Scope,
    pub id: PackageId,
    pub description: Option<String>,
    pub repo_url: Option<String>,
    pub symbol_count: u64,
    pub chunk_count: u64,
    /// Where the datasets lie, relative to the store's root.
    pub dataset: String,
    pub embedding_model: String,
    /// Milliseconds since 1970, UTC, where it was indexed earlier and elsewhere; now where not.
    pub indexed_at_ms: Option<i64>,
}

impl Catalog {
    /// Claims packages of one scope for `holder`; outcomes come in the order of `ids`. `anew` claims a
    /// ready package too. A claim whose lease has run out, or whose holder `is_gone`, is taken over.
    ///
    /// Each claim is settled by single statements. In a file they share one transaction, for speed; on
    /// a server no lock is held from one round trip to the next.
    pub async fn claim(
        &self,
        scope: &Scope,
        ids: &[PackageId],
        holder: &str,
        anew: bool,
        is_gone: impl Fn(&str) -> bool + Sync,
    ) -> Result<Vec<ClaimOutcome>, CatalogError> {
        let connection = self.connection().await;
        let fail = |source| self.failed("claim a package in", source);
        let terms = Terms { scope, holder, anew, is_gone: &is_gone, lease: self.lease };
        let mut outcomes = Vec::with_capacity(ids.len());
        if self.kind == Kind::Served {
            for id in ids {
                outcomes.push(terms.claim(&connection, id).await.map_err(fail)?);
            }
            return Ok(outcomes);
        }
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).await.map_err(fail)?;
        for id in ids {
            outcomes.push(terms.claim(&transaction, id).await.map_err(fail)?);
        }
        transaction.commit().await.map_err(fail)?;
        Ok(outcomes)
    }

    /// Keeps every claim of `holder` for another lease.
    pub async fn renew(&self, holder: &str) -> Result<(), CatalogError> {
        let sql = format!("UPDATE indexed_packages SET claimed_at = {NOW_MS} WHERE claim_holder = ?1");
        let connection = self.connection().await;
        let renewed = execute(&connection, &sql, &[Value::Text(holder.to_string())]).await;
        renewed.map(drop).map_err(|source| self.failed("renew the claims in", source))
    }

    /// Marks packages ready: in a file all in one transaction; on a server one by one, since a lock would
    /// stay there for a while if this process died. Returns, a package, the dataset that it replaced
    /// (`Ok(Some)`), nothing (`Ok(None)`), or `Err(())` where the claim was no longer the holder's
    /// and nothing was changed: its datasets are then nobody's and can be removed.
    pub async fn finish(
        &self,
        finished: &[Finished],
        holder: &str,
    ) -> Result<Vec<Result<Option<String>, ()>>, CatalogError> {
        let connection = self.connection().await;
        let fail = |source| self.failed("finish a package in", source);
        if self.kind == Kind::Served {
            let mut replaced = Vec::with_capacity(finished.len());
            for package in finished {
                replaced.push(finish_one(&connection, package, holder).await.map_err(fail)?);
            }
            return Ok(replaced);
        }
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).await.map_err(fail)?;
        let mut replaced = Vec::with_capacity(finished.len());
        for package in finished {
            replaced.push(finish_one(&transaction, package, holder).await.map_err(fail)?);
        }
        transaction.commit().await.map_err(fail)?;
        Ok(replaced)
    }

    /// Gives one claim back: the row goes where it never was ready, and stays ready where it was.
    pub async fn release(&self, scope: &Scope, id: &PackageId, holder: &str) -> Result<(), CatalogError> {
        let mut values = key(scope, id).to_vec();
        values.push(Value::Text(holder.to_string()));
        let this = "scope = ?1 AND ecosystem = ?2 AND package = ?3 AND version = ?4 AND claim_holder = ?5";
        self.release_where(this, values).await
    }

    /// Gives every claim of a holder back.
    pub async fn release_all(&self, holder: &str) -> Result<(), CatalogError> {
        self.release_where("claim_holder = ?1", vec![Value::Text(holder.to_string())]).await
    }

    async fn release_where(&self, which: &'static str, values: Vec<Value>) -> Result<(), CatalogError> {
        let connection = self.connection().await;
        let fail = |source| self.failed("release a claim in", source);
        let drop_new = format!("DELETE FROM indexed_packages WHERE {which} AND status = 'claimed'");
        let clear =
            format!("UPDATE indexed_packages SET claim_holder = NULL, claimed_at = NULL WHERE {which}");
        if self.kind == Kind::Served {
            execute(&connection, &drop_new, &values).await.map_err(fail)?;
            execute(&connection, &clear, &values).await.map_err(fail)?;
            return Ok(());
        }
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).await.map_err(fail)?;
        execute(&transaction, &drop_new, &values).await.map_err(fail)?;
        execute(&transaction, &clear, &values).await.map_err(fail)?;
        transaction.commit().await.map_err(fail)
    }

    /// Records why a claimed package could not be indexed. One that was ready stays so.
    pub async fn fail(
        &self,
        scope: &Scope,
        id: &PackageId,
        holder: &str,
        why: &str,
    ) -> Result<(), CatalogError> {
        let connection = self.connection().await;
        let mut values = key(scope, id).to_vec();
        values.extend([Value::Text(holder.to_string()), Value::Text(why.to_string())]);
        let sql = "UPDATE indexed_packages SET claim_holder = NULL, claimed_at = NULL, error = ?6, \
                   status = CASE status WHEN 'ready' THEN 'ready' ELSE 'failed' END \
                   WHERE scope = ?1 AND ecosystem = ?2 AND package = ?3 AND version = ?4 AND claim_holder = ?5";
        let recorded = execute(&connection, sql, &values).await;
        recorded.map(drop).map_err(|source| self.failed("record a failure in", source))
    }

    /// Forgets a package that `holder` has claimed; `false` where the claim was no longer the holder's and
    /// nothing was changed.
    pub async fn remove_claimed(
        &self,
        scope: &Scope,
        id: &PackageId,
        holder: &str,
    ) -> Result<bool, CatalogError> {
        let connection = self.connection().await;
        let mut values = key(scope, id).to_vec();
        values.push(Value::Text(holder.to_string()));
        let sql = "DELETE FROM indexed_packages WHERE scope = ?1 AND ecosystem = ?2 AND package = ?3 \
                   AND version = ?4 AND claim_holder = ?5";
        let removed = execute(&connection, sql, &values).await;
        Ok(removed.map_err(|source| self.failed("remove a package from", source))? == 1)
    }

    /// Forgets a package. Returns the dataset that nobody names any more.
    pub async fn remove(&self, scope: &Scope, id: &PackageId) -> Result<Option<String>, CatalogError> {
        let connection = self.connection().await;
        let fail = |source| self.failed("remove a package from", source);
        let sql = "DELETE FROM indexed_packages WHERE scope = ?1 AND ecosystem = ?2 AND package = ?3 \
                   AND version = ?4 RETURNING r2_lance_path";
        let removed = query(&connection, sql, &key(scope, id), |row| row.get(0)).await.map_err(fail)?;
        Ok(removed.into_iter().next().flatten())
    }
}

/// On what terms a caller claims.
struct Terms<'a> {
    scope: &'a Scope,
    holder: &'a str,
    anew: bool,
    is_gone: &'a (dyn Fn(&str) -> bool + Sync),
    lease: Duration,
}

/// What stands in a row that a claim is for.
struct Standing {
    ready: bool,
    claim: Option<Claim>,
    age_ms: i64,
}

/// Looks at a row that keeps changing under a claim; then its last holder keeps it.
const LOOKS_MAX: usize = 16;

impl Terms<'_> {
    async fn claim(&self, connection: &Connection, id: &PackageId) -> Result<ClaimOutcome, libsql::Error> {
        let mut last = ClaimOutcome::Ready;
        for _ in 0..LOOKS_MAX {
            if insert_claim(connection, self.scope, id, self.holder).await? {
                return Ok(ClaimOutcome::Won);
            }
            // Between two statements another caller may have given the row back.
            let Some(standing) = standing(connection, self.scope, id).await? else { continue };
            let ready = standing.ready && !self.anew;
            match &standing.claim {
                None if ready => return Ok(ClaimOutcome::Ready),
                // The insertion was sent twice, and the first was done.
                Some(claim) if claim.holder == self.holder => return Ok(ClaimOutcome::Won),
                Some(claim) if !self.may_take(claim, standing.age_ms) => {
                    return Ok(ClaimOutcome::Held(claim.clone()));
                }
                _ => {}
            }
            if self.take(connection, id, &standing, ready).await? {
                return Ok(if ready { ClaimOutcome::Ready } else { ClaimOutcome::Won });
            }
            // Another taker was quicker: look again who it is.
            last = standing.claim.map_or(ClaimOutcome::Ready, ClaimOutcome::Held);
        }
        Ok(last)
    }

    fn may_take(&self, claim: &Claim, age_ms: i64) -> bool {
        let lease_ms = i64::try_from(self.lease.as_millis()).unwrap_or(i64::MAX);
        age_ms > lease_ms || (self.is_gone)(&claim.holder)
    }

    /// Takes the row over if it still stands as it was seen; of many takers one succeeds. With
    /// `clear`, a ready row is freed of a claim that nobody pursues.
    async fn take(
        &self,
        connection: &Connection,
        id: &PackageId,
        seen: &Standing,
        clear: bool,
    ) -> Result<bool, libsql::Error> {
        let update = if clear {
            "claim_holder = NULL, claimed_at = NULL".to_string()
        } else {
            format!(
                "claim_holder = ?7, claimed_at = {NOW_MS}, error = NULL, \
                 status = CASE status WHEN 'ready' THEN 'ready' ELSE 'claimed' END"
            )
        };
        let sql = format!(
            "UPDATE indexed_packages SET {update} WHERE scope = ?1 AND ecosystem = ?2 AND package = ?3 \
             AND version = ?4 AND claim_holder IS ?5 AND claimed_at IS ?6"
        );
        let mut values = key(self.scope, id).to_vec();
        match &seen.claim {
            None => values.extend([Value::Null, Value::Null]),
            Some(claim) => {
                values.extend([Value::Text(claim.holder.clone()), Value::Integer(claim.since_ms)]);
            }
        }
        if !clear {
            values.push(Value::Text(self.holder.to_string()));
        }
        Ok(execute(connection, &sql, &values).await? == 1)
    }
}

async fn standing(
    connection: &Connection,
    scope: &Scope,
    id: &PackageId,
) -> Result<Option<Standing>, libsql::Error> {
    let sql = format!(
        "SELECT status = 'ready', claim_holder, claimed_at, {NOW_MS} - claimed_at FROM indexed_packages \
         WHERE scope = ?1 AND ecosystem = ?2 AND package = ?3 AND version = ?4"
    );
    let key = key(scope, id);
    let found = query(connection, &sql, &key, |row| {
        let claim = match (row.get::<Option<String>>(1)?, row.get::<Option<i64>>(2)?) {
            (Some(holder), Some(since_ms)) => Some(Claim { holder, since_ms }),
            _ => None,
        };
        let age_ms = row.get::<Option<i64>>(3)?.unwrap_or(0);
        Ok(Standing { ready: row.get::<i64>(0)? == 1, claim, age_ms })
    });
    Ok(found.await?.into_iter().next())
}

/// The INSERT that one caller wins; `false` where the key is taken.
async fn insert_claim(
    connection: &Connection,
    scope: &Scope,
    id: &PackageId,
    holder: &str,
) -> Result<bool, libsql::Error> {
    let sql = format!(
        "INSERT INTO indexed_packages (scope, ecosystem, package, version, visibility, owner_id, team_id, \
         status, claim_holder, claimed_at, schema_version) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'claimed', ?8, {NOW_MS}, {SCHEMA_VERSION}) \
         ON CONFLICT DO NOTHING"
    );
    let text = |value: Option<&str>| value.map_or(Value::Null, |text| Value::Text(text.to_string()));
    let mut values = key(scope, id).to_vec();
    values.extend([
        Value::Text(scope.tier().as_str().to_string()),
        text(scope.owner()),
        text(scope.team()),
        Value::Text(holder.to_string()),
    ]);
    Ok(execute(connection, &sql, &values).await? == 1)
}

async fn finish_one(
    connection: &Connection,
    package: &Finished,
    holder: &str,
) -> Result<Result<Option<String>, ()>, libsql::Error> {
    let mut values = key(&package.scope, &package.id).to_vec();
    values.push(Value::Text(holder.to_string()));
    let sql = "SELECT r2_lance_path FROM indexed_packages WHERE scope = ?1 AND ecosystem = ?2 \
               AND package = ?3 AND version = ?4 AND claim_holder = ?5";
    let held = query(connection, sql, &values, |row| row.get::<Option<String>>(0)).await?;
    let Some(replaced) = held.into_iter().next() else { return Ok(Err(())) };
    // The claim may have ended between the two statements, where no transaction holds them together.
    Ok(if make_ready(connection, package, values).await? { Ok(replaced) } else { Err(()) })
}

/// Makes a claimed row ready, by its key and its holder; `false` where the claim is no longer the holder's.
async fn make_ready(
    connection: &Connection,
    package: &Finished,
    mut values: Vec<Value>,
) -> Result<bool, libsql::Error> {
    let text = |value: &Option<String>| value.clone().map_or(Value::Null, Value::Text);
    let count = |value: u64| Value::Integer(i64::try_from(value).unwrap_or(i64::MAX));
    values.extend([
        text(&package.description),
        text(&package.repo_url),
        count(package.symbol_count),
        count(package.chunk_count),
        Value::Text(package.dataset.clone()),
        Value::Text(package.embedding_model.clone()),
        package.indexed_at_ms.map_or(Value::Null, Value::Integer),
    ]);
    let sql = format!(
        "UPDATE indexed_packages SET status = 'ready', claim_holder = NULL, claimed_at = NULL, error = NULL, \
         description = ?6, repo_url = ?7, symbol_count = ?8, chunk_count = ?9, r2_lance_path = ?10, \
         embedding_model = ?11, source_cached = 1, indexed_by = ?5, \
         indexed_at = COALESCE(?12, {NOW_MS}) \
         WHERE scope = ?1 AND ecosystem = ?2 AND package = ?3 AND version = ?4 AND (claim_holder = ?5 \
         OR (claim_holder IS NULL AND indexed_by = ?5 AND r2_lance_path = ?10))"
    );
    // Sent twice, where the first was done and nobody told, it finds its own work and has not lost the claim.
    Ok(execute(connection, &sql, &values).await? == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn making_ready_twice_is_no_lost_claim_for_its_holder_and_none_for_others() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::open(&folder.path().join("catalog.db")).await.unwrap();
        let id = PackageId::rust("tokio", "1.0.0").unwrap();
        catalog.claim(&Scope::Public, std::slice::from_ref(&id), "first", false, |_| false).await.unwrap();
        let package = Finished {
            scope: Scope::Public,
            id,
            description: None,
            repo_url: None,
            symbol_count: 1,
            chunk_count: 0,
            dataset: "public/rust/tokio/1.0.0/a".to_string(),
            embedding_model: "m".to_string(),
            indexed_at_ms: None,
        };
        let connection = catalog.connection.lock().await;
        let made = async |package: &Finished, holder: &str| {
            let mut values = key(&package.scope, &package.id).to_vec();
            values.push(Value::Text(holder.to_string()));
            make_ready(&connection, package, values).await.unwrap()
        };
        assert!(!made(&package, "second").await);
        assert!(made(&package, "first").await);
        assert!(made(&package, "first").await);
        assert!(!made(&package, "second").await);
        let other = Finished { dataset: "public/rust/tokio/1.0.0/b".to_string(), ..package };
        assert!(!made(&other, "first").await, "the claim was for the other");
    }
}
