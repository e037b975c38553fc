//! Opening a tenant's database, and working with it within bounds.

use std::sync::Arc;
use std::time::Duration;

use libsql::{Connection, Database};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout, timeout_at};

use super::{Kept, PoolLimits, Slot, Verdict};
use crate::catalog::{Sends, Server, Trouble, again};
use crate::http::Unreached;
use crate::identity::service::Access;
use crate::task::alone;
use crate::tenancy::registry::Entry;
use crate::tenancy::{Tenancy, TenancyError, Tenant, now_s, schema};

/// How often a database is asked for that its server says is not there.
const SENDS: Sends = Sends { most: 7, pause: Duration::from_millis(50) };
/// How long whoever gives a token out waits for the stamp of a database that was not opened lately.
const STAMP_WITHIN: Duration = Duration::from_secs(2);

/// Asks for a database, again where its server says that it is not there: a server of many says so of some that are.
pub(in crate::tenancy) async fn until_there<T, F>(ask: impl Fn() -> F) -> Result<T, TenancyError>
where
    F: Future<Output = Result<T, TenancyError>>,
{
    let is_said_gone = |error: &TenancyError| match error {
        TenancyError::Database { source, .. } => source.is_not_there(),
        _ => false,
    };
    again(SENDS, ask, is_said_gone).await
}

/// A tenant's database with a connection of its own, for as long as it is held.
pub struct Opened {
    /// The version of the schema that it has.
    pub schema_version: i64,
    database: Arc<Database>,
    slot: Arc<Slot>,
    tenant: Tenant,
    limits: PoolLimits,
    _permits: (OwnedSemaphorePermit, OwnedSemaphorePermit),
}

impl Tenancy {
    /// An entry's database, its stamp compared with the entry at the first open, and its schema brought up to date.
    pub async fn open_entry(&self, entry: &Entry) -> Result<Opened, TenancyError> {
        entry.is_open()?;
        let tenant = entry.tenant.to_string();
        let slot = self.pool.slot(entry.name.as_str());
        if let Some(after) = slot.rests_for() {
            return Err(TenancyError::Resting { tenant, after });
        }
        let limits = self.pool.limits;
        let permits = async {
            let own = slot.connections.clone().acquire_owned().await;
            // The tenant's own bound first: who waits for a tenant that hangs holds nothing of the others'.
            let common = self.pool.requests.clone().acquire_owned().await;
            Some((own.ok()?, common.ok()?))
        };
        let permits = timeout(limits.deadline, permits).await.ok().flatten();
        let Some(permits) = permits else { return Err(TenancyError::Crowded { tenant }) };
        let (database, schema_version) = self.reach(entry, &slot).await?;
        let tenant = entry.tenant.clone();
        Ok(Opened { schema_version, database, slot, tenant, limits, _permits: permits })
    }

    /// Opens what was opened long ago as the registry knows its tenant by now, with a token that lives on. It keeps its
    /// connection's place, and who works there need not rest.
    pub async fn open_anew(&self, opened: &mut Opened) -> Result<(), TenancyError> {
        let entry = self.known(&opened.tenant).await?;
        entry.is_open()?;
        opened.slot = self.pool.slot(entry.name.as_str());
        (opened.database, opened.schema_version) = self.reach(&entry, &opened.slot).await?;
        Ok(())
    }

    /// The database that is kept open, within the deadline; one that does not answer, rests.
    async fn reach(&self, entry: &Entry, slot: &Slot) -> Result<(Arc<Database>, i64), TenancyError> {
        let limits = &self.pool.limits;
        let opened = timeout(limits.deadline, self.kept(entry, slot)).await.unwrap_or_else(|_| {
            let (tenant, source) = (entry.tenant.to_string(), Trouble::Unreached(Unreached::Silent));
            Err(TenancyError::Database { attempted: "reach", tenant, source })
        });
        if let Err(TenancyError::Database { source, .. }) = &opened {
            slot.tell(Verdict::of(source), limits);
        }
        opened
    }

    async fn kept(&self, entry: &Entry, slot: &Slot) -> Result<(Arc<Database>, i64), TenancyError> {
        let mut open = slot.open.lock().await;
        if let Some(kept) = open.as_ref()
            && kept.renew_at > now_s()
            && kept.sealed == entry.sealed
        {
            return Ok((kept.database.clone(), kept.schema_version));
        }
        let secret = entry.secret(&self.ring)?;
        let token = self
            .provider
            .mint(&entry.name, &secret, Access::ReadWrite, self.pool.limits.token_lifetime)
            .await?;
        let now = now_s();
        let renew_at = now + token.expires_at.saturating_sub(now) * 2 / 3;
        let (url, namespace) = self.provider.address(&entry.name);
        let server = Server::at(&url, namespace.as_deref(), token.secret);
        let tenant = entry.tenant.to_string();
        let fail = |error: libsql::Error| TenancyError::Database {
            attempted: "open",
            tenant: tenant.clone(),
            source: error.into(),
        };
        let database = Arc::new(server.open().await.map_err(fail)?);
        let schema_version = until_there(|| {
            let (of, database, tenant) = (entry.clone(), database.clone(), tenant.clone());
            let checked = alone(async move {
                let fail = |error: libsql::Error| TenancyError::Database {
                    attempted: "open",
                    tenant: of.tenant.to_string(),
                    source: error.into(),
                };
                let connection = database.connect().map_err(fail)?;
                schema::migrate(&connection, &of).await
            });
            let stopped = TenancyError::Database { attempted: "open", tenant, source: Trouble::Answer };
            async move { checked.await.unwrap_or(Err(stopped)) }
        })
        .await?;
        if schema_version != entry.schema_version || entry.schema_error.is_some() {
            self.registry.set_schema(&entry.tenant, Some(schema_version), None).await?;
        }
        *open =
            Some(Kept { database: database.clone(), renew_at, schema_version, sealed: entry.sealed.clone() });
        Ok((database, schema_version))
    }

    /// Refuses a database that bears another's stamp, as it was when it was opened last; one that was not opened lately is
    /// opened. One that does not answer is not waited for: what its token opens then, it opens when it is back.
    pub async fn check_stamp(&self, entry: &Entry) -> Result<(), TenancyError> {
        let slot = self.pool.slot(entry.name.as_str());
        let is_known = slot.open.try_lock().is_ok_and(|open| {
            open.as_ref().is_some_and(|kept| kept.renew_at > now_s() && kept.sealed == entry.sealed)
        });
        if is_known {
            return Ok(());
        }
        match timeout(STAMP_WITHIN, self.open_entry(entry)).await {
            Ok(Err(error @ TenancyError::Foreign { .. })) => {
                // Who looks at the service later is told as well.
                self.registry.set_schema(&entry.tenant, None, Some(&error.to_string())).await?;
                Err(error)
            }
            _ => Ok(()),
        }
    }

    /// Closes what is kept open of a database: the next open compares its stamp anew.
    pub fn let_go(&self, entry: &Entry) {
        self.pool.forget(entry.name.as_str());
    }

    /// How many tenants' databases rest, since they did not answer.
    pub fn resting(&self) -> usize {
        self.pool.resting()
    }
}

impl Opened {
    /// A connection for the time of some statements.
    pub fn connect(&self) -> Result<Connection, TenancyError> {
        self.database.connect().map_err(|error| TenancyError::Database {
            attempted: "open",
            tenant: self.tenant.to_string(),
            source: error.into(),
        })
    }

    /// The database itself, for who works with it for as long as this is held.
    pub fn database(&self) -> Arc<Database> {
        self.database.clone()
    }

    /// Says that the database did not answer a piece of work that was done with [`Opened::connect`].
    pub fn tell(&self, trouble: &Trouble) {
        self.slot.tell(Verdict::of(trouble), &self.limits);
    }

    /// Does a piece of work with the database, within the deadline. `judge` says of its outcome whether the database
    /// answered; one that does not, rests. The work is done again where a server said that there is no such
    /// database, so it must be safe to repeat until then.
    pub async fn run<T, F>(
        &self,
        work: impl Fn(Connection) -> F,
        judge: impl Fn(&T) -> Option<Trouble>,
    ) -> Result<T, TenancyError>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let deadline = Instant::now() + self.limits.deadline;
        // A trouble, and what the work made of it where it came back.
        let (work, judge) = (&work, &judge);
        let send = || async move {
            let connection = match self.database.connect() {
                Ok(connection) => connection,
                Err(error) => return Err((Trouble::from(error), None)),
            };
            match timeout_at(deadline, alone(work(connection))).await {
                Ok(Some(done)) => match judge(&done) {
                    Some(trouble) => Err((trouble, Some(done))),
                    None => Ok(done),
                },
                Ok(None) => Err((Trouble::Answer, None)),
                Err(_) => Err((Trouble::Unreached(Unreached::Silent), None)),
            }
        };
        let done = again(SENDS, send, |(trouble, _)| trouble.is_not_there()).await;
        let verdict = done.as_ref().map_or_else(|(trouble, _)| Verdict::of(trouble), |_| Verdict::Answered);
        self.slot.tell(verdict, &self.limits);
        done.or_else(|(source, done)| {
            done.ok_or(TenancyError::Database { attempted: "ask", tenant: self.tenant.to_string(), source })
        })
    }
}
