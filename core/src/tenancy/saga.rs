//! Making a database: named, made, stamped, ready. Each step is safe to repeat, and a kill after any of them leaves a
//! row that whoever asks next goes on with, under the same name.

use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Mutex;

use super::pool::until_there;
use super::registry::{Beginning, Begun};
use super::tenant::Tenant;
use super::{Entry, Tenancy, TenancyError, schema};
use crate::catalog::{Server, Trouble};
use crate::http::Unreached;
use crate::identity::service::Access;
use crate::task::alone;

/// Between two looks at a sign-up that another program works at.
const LOOK_STEP: Duration = Duration::from_millis(50);
/// How long one waits for it before saying so.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// What the service itself opens a database with, while it is made.
const TOKEN_LIFETIME: Duration = Duration::from_secs(5 * 60);
/// A server may take that long for a few small tables.
const SCHEMA_WITHIN: Duration = Duration::from_secs(15);

/// What became of a sign-up.
#[derive(Debug)]
pub struct Signup {
    pub entry: Entry,
    /// Whether this call made the database.
    pub is_new: bool,
}

impl Tenancy {
    /// The tenant's database, made where there is none. Of many that ask at once, one makes it and the others wait.
    pub async fn sign_up(&self, tenant: &Tenant, email: &str) -> Result<Signup, TenancyError> {
        if let Some(entry) = self.registry.entry(tenant).await? {
            return Ok(Signup { entry, is_new: false });
        }
        // Of this program's, one at a time: the others find the database when it is their turn.
        let turn = self.turn(tenant);
        let _turn = turn.lock().await;
        let mut waited = Duration::ZERO;
        loop {
            if let Some(entry) = self.registry.entry(tenant).await? {
                return Ok(Signup { entry, is_new: false });
            }
            let (holder, lease) = (&self.holder, self.terms.lease);
            let secret = || self.provider.new_secret();
            match self.registry.begin(tenant, email, holder, lease, &self.ring, secret).await? {
                Begun::Ours(beginning) => {
                    if let Err(error) = self.make(tenant, &beginning).await {
                        // What is told is the first failure; a registry that is gone as well tells itself next time.
                        let _ = self.registry.give_up(tenant, beginning.fence, &error.to_string()).await;
                        return Err(error);
                    }
                    return Ok(Signup { entry: self.known(tenant).await?, is_new: true });
                }
                Begun::Held(left) if waited >= WAIT_MAX => {
                    return Err(TenancyError::Busy { tenant: tenant.to_string(), after: left });
                }
                Begun::Held(_) => {
                    tokio::time::sleep(LOOK_STEP).await;
                    waited += LOOK_STEP;
                }
            }
        }
    }

    /// What those of this program who sign one tenant up wait for each other by.
    fn turn(&self, tenant: &Tenant) -> Arc<Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = turns.get(tenant).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::new(Mutex::new(()));
        turns.insert(tenant.clone(), Arc::downgrade(&turn));
        turn
    }

    async fn make(&self, tenant: &Tenant, beginning: &Beginning) -> Result<(), TenancyError> {
        let Beginning { name, generation, secret, .. } = beginning;
        self.provider.ensure(name, secret, self.terms.quota).await?;
        let token = self.provider.mint(name, secret, Access::ReadWrite, TOKEN_LIFETIME).await?;
        let (url, namespace) = self.provider.address(name);
        let server = Server::at(&url, namespace.as_deref(), token.secret);
        let generation = *generation;
        let stamp = until_there(|| {
            let (server, of, named) = (server.clone(), tenant.clone(), name.clone());
            let made = alone(async move {
                let connection = server
                    .open()
                    .await
                    .and_then(|database| database.connect())
                    .map_err(|error| unreached(&of, error))?;
                schema::create(&connection, &of, &named, generation).await
            });
            async move {
                match tokio::time::timeout(SCHEMA_WITHIN, made).await {
                    Ok(Some(stamp)) => stamp,
                    Ok(None) => Err(stopped(tenant, Trouble::Answer)),
                    Err(_) => Err(stopped(tenant, Trouble::Unreached(Unreached::Silent))),
                }
            }
        })
        .await?;
        stamp.check(tenant, name, generation)?;
        let quota = self.terms.quota;
        // Where another took the sign-up over meanwhile, that one finishes it, under the same name.
        self.registry.finish(tenant, beginning, self.provider.name(), url.as_str(), quota).await
    }
}

fn unreached(tenant: &Tenant, error: libsql::Error) -> TenancyError {
    TenancyError::Database { attempted: "reach", tenant: tenant.to_string(), source: error.into() }
}

fn stopped(tenant: &Tenant, source: Trouble) -> TenancyError {
    TenancyError::Database { attempted: "make", tenant: tenant.to_string(), source }
}
