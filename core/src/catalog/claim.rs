//! Claims: who indexes a package, settled by the database.

use std::time::Duration;

use libsql::{Connection, TransactionBehavior, Value, params};

use super::entry::{Claim, Status};
use super::schema::{NOW_MS, SCHEMA_VERSION};
use super::{Catalog, CatalogError, key};
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
}

impl Catalog {
    /// Claims packages of one scope for `holder`, all in one transaction; outcomes come in the order
    /// of `ids`. `anew` claims a ready package too. A claim whose lease has run out, or whose holder
    /// `is_gone`, is taken over.
    pub async fn claim(
        &self,
        scope: &Scope,
        ids: &[PackageId],
        holder: &str,
        anew: bool,
        is_gone: impl Fn(&str) -> bool,
    ) -> Result<Vec<ClaimOutcome>, CatalogError> {
        let connection = self.connection.lock().await;
        let fail = |source| self.failed("claim a package in", source);
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).await.map_err(fail)?;
        let mut outcomes = Vec::with_capacity(ids.len());
        for id in ids {
            outcomes.push(claim_one(&transaction, scope, id, holder, anew, &is_gone).await.map_err(fail)?);
        }
        transaction.commit().await.map_err(fail)?;
        Ok(outcomes)
    }

    /// Keeps every claim of `holder` for another lease.
    pub async fn renew(&self, holder: &str) -> Result<(), CatalogError> {
        let sql = format!("UPDATE indexed_packages SET claimed_at = {NOW_MS} WHERE claim_holder = ?1");
        let connection = self.connection.lock().await;
        connection
            .execute(&sql, params![holder])
            .await
            .map_err(|source| self.failed("renew the claims in", source))?;
        Ok(())
    }

    /// Marks packages ready, all in one transaction. Returns, a package, the dataset that it replaced
    /// (`Ok(Some)`), nothing (`Ok(None)`), or `Err(())` where the claim was no longer the holder's
    /// and nothing was changed: its datasets are then nobody's and can be removed.
    pub async fn finish(
        &self,
        finished: &[Finished],
        holder: &str,
    ) -> Result<Vec<Result<Option<String>, ()>>, CatalogError> {
        let connection = self.connection.lock().await;
        let fail = |source| self.failed("finish a package in", source);
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
        let connection = self.connection.lock().await;
        let fail = |source| self.failed("release a claim in", source);
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).await.map_err(fail)?;
        let drop_new = format!("DELETE FROM indexed_packages WHERE {which} AND status = 'claimed'");
        transaction.execute(&drop_new, values.clone()).await.map_err(fail)?;
        let clear =
            format!("UPDATE indexed_packages SET claim_holder = NULL, claimed_at = NULL WHERE {which}");
        transaction.execute(&clear, values).await.map_err(fail)?;
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
        let connection = self.connection.lock().await;
        let mut values = key(scope, id).to_vec();
        values.extend([Value::Text(holder.to_string()), Value::Text(why.to_string())]);
        connection
            .execute(
                "UPDATE indexed_packages SET claim_holder = NULL, claimed_at = NULL, error = ?6, \
                 status = CASE status WHEN 'ready' THEN 'ready' ELSE 'failed' END \
                 WHERE scope = ?1 AND ecosystem = ?2 AND package = ?3 AND version = ?4 AND claim_holder = ?5",
                values,
            )
            .await
            .map_err(|source| self.failed("record a failure in", source))?;
        Ok(())
    }

    /// Forgets a package. Returns the dataset that nobody names any more.
    pub async fn remove(&self, scope: &Scope, id: &PackageId) -> Result<Option<String>, CatalogError> {
        let connection = self.connection.lock().await;
        let fail = |source| self.failed("remove a package from", source);
        let mut rows = connection
            .query(
                "DELETE FROM indexed_packages WHERE scope = ?1 AND ecosystem = ?2 AND package = ?3 \
                 AND version = ?4 RETURNING r2_lance_path",
                key(scope, id).to_vec(),
            )
            .await
            .map_err(fail)?;
        let mut dataset = None;
        while let Some(row) = rows.next().await.map_err(fail)? {
            dataset = row.get(0).map_err(fail)?;
        }
        Ok(dataset)
    }
}

async fn claim_one(
    connection: &Connection,
    scope: &Scope,
    id: &PackageId,
    holder: &str,
    anew: bool,
    is_gone: &impl Fn(&str) -> bool,
) -> Result<ClaimOutcome, libsql::Error> {
    if insert_claim(connection, scope, id, holder).await? {
        return Ok(ClaimOutcome::Won);
    }
    let sql = format!(
        "SELECT status, claim_holder, claimed_at, {NOW_MS} - claimed_at FROM indexed_packages \
         WHERE scope = ?1 AND ecosystem = ?2 AND package = ?3 AND version = ?4"
    );
    let mut rows = connection.query(&sql, key(scope, id).to_vec()).await?;
    // Nothing can have removed the row since: the transaction holds the write lock.
    let Some(row) = rows.next().await? else { return Ok(ClaimOutcome::Ready) };
    let status: String = row.get(0)?;
    let claim = match (row.get::<Option<String>>(1)?, row.get::<Option<i64>>(2)?) {
        (Some(holder), Some(since_ms)) => Some(Claim { holder, since_ms }),
        _ => None,
    };
    let age_ms: Option<i64> = row.get(3)?;
    drop(rows);
    match claim {
        None if status == status_name(Status::Ready) && !anew => return Ok(ClaimOutcome::Ready),
        None => {}
        Some(claim) => {
            let lease_ms = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
            let expired = age_ms.is_some_and(|age_ms| age_ms > lease_ms);
            if !expired && !is_gone(&claim.holder) {
                return Ok(ClaimOutcome::Held(claim));
            }
            if status == status_name(Status::Ready) && !anew {
                clear_claim(connection, scope, id).await?;
                return Ok(ClaimOutcome::Ready);
            }
        }
    }
    let sql = format!(
        "UPDATE indexed_packages SET claim_holder = ?5, claimed_at = {NOW_MS}, error = NULL, \
         status = CASE status WHEN 'ready' THEN 'ready' ELSE 'claimed' END \
         WHERE scope = ?1 AND ecosystem = ?2 AND package = ?3 AND version = ?4"
    );
    let mut values = key(scope, id).to_vec();
    values.push(Value::Text(holder.to_string()));
    connection.execute(&sql, values).await?;
    Ok(ClaimOutcome::Won)
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
    Ok(connection.execute(&sql, values).await? == 1)
}

async fn clear_claim(connection: &Connection, scope: &Scope, id: &PackageId) -> Result<(), libsql::Error> {
    connection
        .execute(
            "UPDATE indexed_packages SET claim_holder = NULL, claimed_at = NULL \
             WHERE scope = ?1 AND ecosystem = ?2 AND package = ?3 AND version = ?4",
            key(scope, id).to_vec(),
        )
        .await?;
    Ok(())
}

async fn finish_one(
    connection: &Connection,
    package: &Finished,
    holder: &str,
) -> Result<Result<Option<String>, ()>, libsql::Error> {
    let mut values = key(&package.scope, &package.id).to_vec();
    values.push(Value::Text(holder.to_string()));
    let mut rows = connection
        .query(
            "SELECT r2_lance_path FROM indexed_packages WHERE scope = ?1 AND ecosystem = ?2 \
             AND package = ?3 AND version = ?4 AND claim_holder = ?5",
            values.clone(),
        )
        .await?;
    let Some(row) = rows.next().await? else { return Ok(Err(())) };
    let replaced: Option<String> = row.get(0)?;
    drop(rows);
    let text = |value: &Option<String>| value.clone().map_or(Value::Null, Value::Text);
    let count = |value: u64| Value::Integer(i64::try_from(value).unwrap_or(i64::MAX));
    values.extend([
        text(&package.description),
        text(&package.repo_url),
        count(package.symbol_count),
        count(package.chunk_count),
        Value::Text(package.dataset.clone()),
        Value::Text(package.embedding_model.clone()),
    ]);
    let sql = format!(
        "UPDATE indexed_packages SET status = 'ready', claim_holder = NULL, claimed_at = NULL, error = NULL, \
         description = ?6, repo_url = ?7, symbol_count = ?8, chunk_count = ?9, r2_lance_path = ?10, \
         embedding_model = ?11, source_cached = 1, indexed_by = ?5, indexed_at = {NOW_MS} \
         WHERE scope = ?1 AND ecosystem = ?2 AND package = ?3 AND version = ?4 AND claim_holder = ?5"
    );
    connection.execute(&sql, values).await?;
    Ok(Ok(replaced))
}

fn status_name(status: Status) -> &'static str {
    match status {
        Status::Claimed => "claimed",
        Status::Ready => "ready",
        Status::Failed => "failed",
    }
}
