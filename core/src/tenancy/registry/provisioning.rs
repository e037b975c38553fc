//! Sign-ups that are not finished: who works at each, and until when.

use std::time::Duration;

use libsql::Value;

use super::entry::{open_anew, rewrapped, sealed_anew};
use super::{Registry, text};
use crate::catalog::NOW_MS;
use crate::tenancy::seal::KeyRing;
use crate::tenancy::tenant::{DatabaseName, Tenant};
use crate::tenancy::{Secret, TenancyError, schema};

/// The first database of a tenant. Another generation would follow an import into a new one.
const GENERATION: u64 = 1;

/// Whether the caller works at a sign-up.
pub(crate) enum Begun {
    Ours(Beginning),
    /// Another program does, for that long at most.
    Held(Duration),
}

/// A sign-up that the caller works at, as long as nobody takes it over.
pub(crate) struct Beginning {
    pub name: DatabaseName,
    pub generation: u64,
    pub secret: Secret,
    pub fence: i64,
}

/// A sign-up that was begun and is not finished, for who looks after the service.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Unfinished {
    pub tenant: String,
    pub database: String,
    pub attempt: u64,
    pub error: Option<String>,
    /// Milliseconds since 1970.
    pub begun_at_ms: i64,
}

impl Registry {
    /// Begins a sign-up, or goes on with one whose holder was not heard of for its lease: in one statement, which
    /// either writes a row with a new name or takes the fence of the one that is there. `new_secret` is asked once.
    pub(crate) async fn begin(
        &self,
        tenant: &Tenant,
        email: &str,
        holder: &str,
        lease: Duration,
        ring: &KeyRing,
        new_secret: impl FnOnce() -> Result<Secret, TenancyError>,
    ) -> Result<Begun, TenancyError> {
        let name = DatabaseName::random();
        let secret = new_secret()?;
        let (sealed, wrapped, version) = sealed_anew(tenant, &name, GENERATION, ring, &secret)?;
        let lease_ms = i64::try_from(lease.as_millis()).unwrap_or(i64::MAX);
        let sql = format!(
            "INSERT INTO provisioning (user_id, email, db_name, db_token, dek, kek_version, holder, fence, \
             lease_until, attempt, begun_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, {NOW_MS} + ?8, 1, {NOW_MS}) \
             ON CONFLICT (user_id) DO UPDATE SET holder = excluded.holder, fence = fence + 1, \
             lease_until = excluded.lease_until, attempt = attempt + 1 \
             WHERE provisioning.lease_until <= {NOW_MS} \
             RETURNING db_name, db_token, dek, kek_version, fence"
        );
        let values = [
            text(tenant.key()),
            text(email),
            text(name.as_str()),
            text(&sealed),
            text(&wrapped),
            Value::Integer(i64::from(version)),
            text(holder),
            Value::Integer(lease_ms),
        ];
        let rows = self
            .read("change", &sql, &values, |row| {
                let kept: (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok((kept, row.get::<i64>(3)?, row.get::<i64>(4)?))
            })
            .await?;
        let Some(((name, sealed, wrapped), version, fence)) = rows.into_iter().next() else {
            return self.held(tenant).await;
        };
        let damaged = TenancyError::Damaged;
        let name = DatabaseName::kept(&name).ok_or(damaged("its database's name is none of ours"))?;
        let version = u32::try_from(version).map_err(|_| damaged("its key's number is none"))?;
        let secret = open_anew(tenant, &name, GENERATION, ring, (&sealed, &wrapped, version))?;
        Ok(Begun::Ours(Beginning { name, generation: GENERATION, secret, fence }))
    }

    async fn held(&self, tenant: &Tenant) -> Result<Begun, TenancyError> {
        let sql = format!("SELECT lease_until - {NOW_MS} FROM provisioning WHERE user_id = ?1");
        let rows = self.read("read", &sql, &[text(tenant.key())], |row| row.get::<i64>(0)).await?;
        // No row: it was finished meanwhile.
        let left = rows.into_iter().next().unwrap_or(0);
        Ok(Begun::Held(Duration::from_millis(u64::try_from(left).unwrap_or(0))))
    }

    /// Ends a sign-up: its row becomes a tenant's, in one statement; nothing, where the caller no longer holds it.
    pub(crate) async fn finish(
        &self,
        tenant: &Tenant,
        beginning: &Beginning,
        provider: &str,
        url: &str,
        quota: Option<u64>,
    ) -> Result<(), TenancyError> {
        let sql = "INSERT INTO user_databases (user_id, email, db_name, db_url, db_token, generation, provider, dek, \
                   kek_version, schema_version, quota_bytes) \
                   SELECT user_id, email, db_name, ?3, db_token, ?4, ?5, dek, kek_version, ?6, ?7 FROM provisioning \
                   WHERE user_id = ?1 AND fence = ?2";
        let values = [
            text(tenant.key()),
            Value::Integer(beginning.fence),
            text(url),
            Value::Integer(beginning.generation as i64),
            text(provider),
            Value::Integer(schema::VERSION),
            quota.and_then(|quota| i64::try_from(quota).ok()).map_or(Value::Null, Value::Integer),
        ];
        self.change("change", sql, &values).await.map(drop)
    }

    /// Says why a step of a sign-up did not succeed, and lets go of it, so that whoever tries next need not wait.
    pub(crate) async fn give_up(&self, tenant: &Tenant, fence: i64, why: &str) -> Result<(), TenancyError> {
        let sql = "UPDATE provisioning SET error = ?3, lease_until = 0 WHERE user_id = ?1 AND fence = ?2";
        self.change("change", sql, &[text(tenant.key()), Value::Integer(fence), text(why)]).await.map(drop)
    }

    /// Puts the keys of sign-ups that are not finished under the service's current one. Returns how many were under
    /// another.
    pub(crate) async fn rewrap_unfinished(&self, ring: &KeyRing) -> Result<u64, TenancyError> {
        let sql = "SELECT user_id, db_name, dek, kek_version FROM provisioning WHERE kek_version <> ?1";
        let current = [Value::Integer(i64::from(ring.current()))];
        let rows = self.read("read", sql, &current, |row| {
            let names: (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok((names, row.get::<i64>(3)?))
        });
        let mut changed = 0;
        for ((user, name, dek), version) in rows.await? {
            let damaged = TenancyError::Damaged;
            let tenant = Tenant::named(&user).map_err(|_| damaged("its user is none"))?;
            let name = DatabaseName::kept(&name).ok_or(damaged("its database's name is none of ours"))?;
            let version = u32::try_from(version).map_err(|_| damaged("its key's number is none"))?;
            let anew = rewrapped(&tenant, &name, GENERATION, ring, (&dek, version))?;
            let Some((version, wrapped)) = anew else { continue };
            let sql = "UPDATE provisioning SET dek = ?3, kek_version = ?4 WHERE user_id = ?1 AND dek = ?2";
            let values = [text(user), text(dek), text(wrapped), Value::Integer(i64::from(version))];
            changed += self.change("change", sql, &values).await?;
        }
        Ok(changed)
    }

    /// Sign-ups that are not finished, the oldest first.
    pub async fn unfinished(&self) -> Result<Vec<Unfinished>, TenancyError> {
        let sql = "SELECT user_id, attempt, error, begun_at, db_name FROM provisioning ORDER BY begun_at";
        self.read("read", sql, &[], |row| {
            Ok(Unfinished {
                tenant: row.get(0)?,
                attempt: row.get::<i64>(1)?.unsigned_abs(),
                error: row.get(2)?,
                begun_at_ms: row.get(3)?,
                database: row.get(4)?,
            })
        })
        .await
    }
}
