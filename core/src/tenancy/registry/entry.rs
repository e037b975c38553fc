//! A tenant whose database is ready.

use libsql::{Row, Value};
use secrecy::ExposeSecret;

use super::{Registry, text};
use crate::tenancy::seal::{Cell, Key, KeyRing};
use crate::tenancy::tenant::{DatabaseName, Tenant};
use crate::tenancy::{Secret, TenancyError};

const COLUMNS: &str = "user_id, email, db_name, db_token, storage_used_bytes, generation, provider, dek, kek_version, \
                       schema_version, schema_error, quota_bytes, next_due_at, state, \
                       CAST(unixepoch(created_at) AS INTEGER)";

/// The columns whose contents are sealed.
const DB_TOKEN: &str = "db_token";
const DEK: &str = "dek";

/// How a tenant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    Ready,
    Suspended,
    Erasing,
}

impl Standing {
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Ready => "ready",
            Standing::Suspended => "suspended",
            Standing::Erasing => "erasing",
        }
    }

    pub(super) fn kept(text: &str) -> Result<Standing, TenancyError> {
        [Standing::Ready, Standing::Suspended, Standing::Erasing]
            .into_iter()
            .find(|standing| standing.as_str() == text)
            .ok_or(TenancyError::Damaged("its state is none"))
    }
}

/// A row of `user_databases`. Its secrets are sealed.
#[derive(Clone, Debug)]
pub struct Entry {
    pub tenant: Tenant,
    pub email: String,
    pub name: DatabaseName,
    pub generation: u64,
    pub provider: String,
    pub schema_version: i64,
    pub schema_error: Option<String>,
    pub storage_used_bytes: u64,
    pub quota_bytes: Option<u64>,
    /// Milliseconds since 1970.
    pub next_due_at: Option<i64>,
    pub standing: Standing,
    /// Seconds since 1970.
    pub created_at: i64,
    pub(super) kek_version: u32,
    pub(in crate::tenancy) sealed: String,
    pub(in crate::tenancy) dek: String,
}

impl Entry {
    /// Whether its database may be opened.
    pub fn is_open(&self) -> Result<(), TenancyError> {
        let tenant = self.tenant.to_string();
        match self.standing {
            Standing::Ready => Ok(()),
            Standing::Suspended => Err(TenancyError::Suspended { tenant }),
            Standing::Erasing => Err(TenancyError::Erasing { tenant }),
        }
    }

    /// What its tokens are made with.
    pub(in crate::tenancy) fn secret(&self, ring: &KeyRing) -> Result<Secret, TenancyError> {
        let key = self.key();
        let opened = self.data_key(ring)?.open(self.cell(&key, DB_TOKEN), &self.sealed)?;
        Secret::from_bytes(opened.expose_secret())
    }

    /// A secret as this entry keeps it.
    pub(in crate::tenancy) fn seal(&self, ring: &KeyRing, secret: &Secret) -> Result<String, TenancyError> {
        let key = self.key();
        Ok(self.data_key(ring)?.seal(self.cell(&key, DB_TOKEN), secret.to_bytes().expose_secret())?)
    }

    /// Its key under the service's current one; `None` where it is already.
    pub(in crate::tenancy) fn rewrapped(
        &self,
        ring: &KeyRing,
    ) -> Result<Option<(u32, String)>, TenancyError> {
        rewrapped(&self.tenant, &self.name, self.generation, ring, (&self.dek, self.kek_version))
    }

    fn data_key(&self, ring: &KeyRing) -> Result<Key, TenancyError> {
        let key = self.key();
        Ok(ring.unwrap(self.cell(&key, DEK), self.kek_version, &self.dek)?)
    }

    fn key(&self) -> String {
        self.tenant.key()
    }

    fn cell<'a>(&'a self, key: &'a str, column: &'a str) -> Cell<'a> {
        Cell { user_id: key, database: self.name.as_str(), generation: self.generation, column }
    }

    fn read(row: &Row) -> Result<Result<Entry, TenancyError>, libsql::Error> {
        let (tenant, name): (String, String) = (row.get(0)?, row.get(2)?);
        let state: String = row.get(13)?;
        let integer = |at| row.get::<i64>(at);
        let whole = |value: i64| u64::try_from(value).unwrap_or(0);
        let (generation, kek) = (integer(5)?, integer(8)?);
        let used = row.get::<Option<i64>>(4)?.map_or(0, whole);
        let quota = row.get::<Option<i64>>(11)?.map(whole);
        let (email, sealed, provider, dek) = (row.get(1)?, row.get(3)?, row.get(6)?, row.get(7)?);
        let (schema_version, schema_error) = (integer(9)?, row.get(10)?);
        let (next_due_at, created_at) = (row.get(12)?, row.get::<Option<i64>>(14)?.unwrap_or(0));
        let damaged = TenancyError::Damaged;
        Ok((|| {
            Ok(Entry {
                tenant: Tenant::named(&tenant).map_err(|_| damaged("its user is none"))?,
                email,
                name: DatabaseName::kept(&name).ok_or(damaged("its database's name is none of ours"))?,
                generation: whole(generation),
                provider,
                schema_version,
                schema_error,
                storage_used_bytes: used,
                quota_bytes: quota,
                next_due_at,
                standing: Standing::kept(&state)?,
                created_at,
                kek_version: u32::try_from(kek).map_err(|_| damaged("its key's number is none"))?,
                sealed,
                dek,
            })
        })())
    }
}

/// What a new tenant's row keeps: its secret, sealed under a key of its own, and that wrapped.
pub(super) fn sealed_anew(
    tenant: &Tenant,
    name: &DatabaseName,
    generation: u64,
    ring: &KeyRing,
    secret: &Secret,
) -> Result<(String, String, u32), TenancyError> {
    let key = tenant.key();
    let cell = |column| Cell { user_id: &key, database: name.as_str(), generation, column };
    let dek = Key::random()?;
    let sealed = dek.seal(cell(DB_TOKEN), secret.to_bytes().expose_secret())?;
    let (version, wrapped) = ring.wrap(cell(DEK), &dek)?;
    Ok((sealed, wrapped, version))
}

/// The key of a row under the service's current one; `None` where it is already.
pub(super) fn rewrapped(
    tenant: &Tenant,
    name: &DatabaseName,
    generation: u64,
    ring: &KeyRing,
    (wrapped, version): (&str, u32),
) -> Result<Option<(u32, String)>, TenancyError> {
    if version == ring.current() {
        return Ok(None);
    }
    let key = tenant.key();
    let cell = Cell { user_id: &key, database: name.as_str(), generation, column: DEK };
    Ok(Some(ring.wrap(cell, &ring.unwrap(cell, version, wrapped)?)?))
}

/// What was sealed so.
pub(super) fn open_anew(
    tenant: &Tenant,
    name: &DatabaseName,
    generation: u64,
    ring: &KeyRing,
    (sealed, wrapped, version): (&str, &str, u32),
) -> Result<Secret, TenancyError> {
    let key = tenant.key();
    let cell = |column| Cell { user_id: &key, database: name.as_str(), generation, column };
    let dek = ring.unwrap(cell(DEK), version, wrapped)?;
    Secret::from_bytes(dek.open(cell(DB_TOKEN), sealed)?.expose_secret())
}

impl Registry {
    /// The entry of a tenant.
    pub async fn entry(&self, tenant: &Tenant) -> Result<Option<Entry>, TenancyError> {
        Ok(self.entries(std::slice::from_ref(tenant)).await?.into_iter().next())
    }

    /// The entries of some tenants, in one statement. Those without a database are left out.
    pub async fn entries(&self, tenants: &[Tenant]) -> Result<Vec<Entry>, TenancyError> {
        let keys: Vec<String> = tenants.iter().map(Tenant::key).collect();
        let keys = text(serde_json::json!(keys).to_string());
        let sql = format!(
            "SELECT {COLUMNS} FROM user_databases WHERE user_id IN (SELECT value FROM json_each(?1))"
        );
        self.read("read", &sql, &[keys], Entry::read).await?.into_iter().collect()
    }

    /// The entry whose database is called so.
    pub async fn entry_named(&self, name: &DatabaseName) -> Result<Option<Entry>, TenancyError> {
        let sql = format!("SELECT {COLUMNS} FROM user_databases WHERE db_name = ?1");
        self.read("read", &sql, &[text(name.as_str())], Entry::read).await?.into_iter().next().transpose()
    }

    /// All entries by name, some at a time: those after `after`.
    pub async fn page(&self, after: &str, at_most: u64) -> Result<Vec<Entry>, TenancyError> {
        let sql =
            format!("SELECT {COLUMNS} FROM user_databases WHERE user_id > ?1 ORDER BY user_id LIMIT ?2");
        let values = [text(after), Value::Integer(i64::try_from(at_most).unwrap_or(i64::MAX))];
        self.read("read", &sql, &values, Entry::read).await?.into_iter().collect()
    }

    /// The tenants with a job that is due at a moment (milliseconds since 1970), the longest due first.
    pub async fn due(&self, now_ms: i64, at_most: u64) -> Result<Vec<Entry>, TenancyError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM user_databases WHERE next_due_at IS NOT NULL AND next_due_at <= ?1 \
             AND state = 'ready' ORDER BY next_due_at LIMIT ?2"
        );
        let values = [Value::Integer(now_ms), Value::Integer(i64::try_from(at_most).unwrap_or(i64::MAX))];
        self.read("read", &sql, &values, Entry::read).await?.into_iter().collect()
    }
}
