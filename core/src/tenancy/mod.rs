//! A database a tenant: who has one, where it lies, with what it is opened, and how it comes and goes.
//!
//! | file | what it does |
//! |---|---|
//! | `tenant` | whose a database is, and what it is called |
//! | `registry` | the table of all, and of those that are being made or are gone |
//! | `provider` | sqld by its admin API, Turso by its platform's |
//! | `keys`, `seal`, `rekey` | what tokens of one database are signed with; secrets at rest; another key for them |
//! | `saga` | making a database, so that it survives a kill at each step |
//! | `schema` | what lies in each, its stamp, and migrations |
//! | `pool` | connections, bounded; one tenant's slowness is its own |
//! | `copy` | a tenant's database as a file, and back |
//! | `upkeep` | suspending, rotating, revoking, erasing; usage; the sweep of schemas |
//!
//! Three fences stand between two tenants: the token (of one database, by a key of that database), the predicate of
//! what is read there, and the stamp inside the database, which every open compares with who asks.
//!
//! # Decisions
//!
//! - **A key a tenant, not a token a tenant.** Where the provider is sqld, what is kept is the key that tokens of one
//!   database are signed with: tokens cost no request, and taking the key away revokes at once, where expiry alone is
//!   up to a minute late. Turso has no such keys; there tokens live for an hour and nothing revokes one.
//! - **The registry's row is the truth, the provider's answer a hint.** sqld says 404 of databases that exist when many
//!   are in use, so nothing is ever given up because of one.
//! - **One INSERT ends a sign-up.** A trigger takes the unfinished row away with it: there is no moment at which a
//!   tenant has both or neither.

mod copy;
mod keys;
mod pool;
mod provider;
mod registry;
mod rekey;
mod saga;
mod schema;
mod seal;
mod tenant;
mod upkeep;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::SecretBox;

use self::keys::TenantKeys;
use crate::catalog::Trouble;
use crate::identity::service::Access;

pub use copy::Exported;
pub use pool::{Opened, PoolLimits, Verdict};
pub use provider::{
    Block, Ensured, Provider, ProviderError, SqldAddress, SqldProvider, Token, TursoAccount, TursoProvider,
    Usage,
};
pub use registry::{Entry, Registry, Standing, Tombstone, Unfinished};
pub use rekey::rewrap;
pub use saga::Signup;
pub use seal::{Cell, Key, KeyRing, SealError};
pub use tenant::{DatabaseName, Tenant};
pub use upkeep::{Erased, Swept};

/// What does not work about a tenant's database. No message holds a secret or a server's words.
#[derive(Debug, thiserror::Error)]
pub enum TenancyError {
    #[error("cannot {attempted} the registry: {source}")]
    Registry { attempted: &'static str, source: Trouble },
    #[error("cannot open the registry {}: {source}", path.display())]
    RegistryFile { path: std::path::PathBuf, source: Trouble },
    #[error(
        "the registry was made by a newer zenith (schema {found}, this one reads {}); start that one, or bring this \
         one up to date",
        registry::SCHEMA_VERSION
    )]
    NewerRegistry { found: i64 },
    #[error("a row of the registry is damaged: {0}")]
    Damaged(&'static str),
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error("no key could be made or used")]
    Key,
    #[error("cannot {attempted} the database of {tenant}: {source}")]
    Database { attempted: &'static str, tenant: String, source: Trouble },
    #[error(
        "the database of {tenant} bears another's stamp; it is left alone, and nothing of it is served: look at it, \
         and erase the tenant or put its own database back"
    )]
    Foreign { tenant: String },
    #[error("{} is no export of a tenant's database: `zenith tenant export` writes one", path.display())]
    NoExport { path: std::path::PathBuf },
    #[error("{} is there already, and an export replaces nothing: name another file", path.display())]
    FileThere { path: std::path::PathBuf },
    #[error("the file {} cannot be read or written: {source}", path.display())]
    File { path: std::path::PathBuf, source: std::io::Error },
    #[error("{tenant} has no database here; sign up first")]
    NoTenant { tenant: String },
    #[error("{tenant} is suspended")]
    Suspended { tenant: String },
    #[error("{tenant} is being erased")]
    Erasing { tenant: String },
    #[error("the database of {tenant} is being made by another program; try again in {} s", after.as_secs().max(1))]
    Busy { tenant: String, after: Duration },
    #[error("the database of {tenant} did not answer lately; it is asked again in {} s", after.as_secs().max(1))]
    Resting { tenant: String, after: Duration },
    #[error("the database of {tenant} has too much to do; try again in a moment")]
    Crowded { tenant: String },
    #[error(
        "this provider cannot take one token back: those that are out end by themselves, after {hours} h at most"
    )]
    CannotRevoke { hours: u64 },
    #[error("the schema of {tenant}'s database says version {said}, and lacks the table {lacks}")]
    Schema { tenant: String, said: i64, lacks: String },
    #[error("the schema of {tenant}'s database is newer than this program's; bring this one up to date")]
    NewerSchema { tenant: String },
}

impl TenancyError {
    /// Whether a database did not answer, which may pass.
    fn is_away(&self) -> bool {
        match self {
            TenancyError::Database { source, .. } => Verdict::of(source) == Verdict::Away,
            TenancyError::Resting { .. } | TenancyError::Crowded { .. } => true,
            _ => false,
        }
    }
}

/// What a tenant's tokens are made with.
pub enum Secret {
    /// Keys of its own.
    Keys(TenantKeys),
    /// Nothing: the provider makes them.
    Minted,
}

impl Secret {
    fn keys(&self) -> Result<&TenantKeys, TenancyError> {
        match self {
            Secret::Keys(keys) => Ok(keys),
            Secret::Minted => Err(TenancyError::Damaged("it has no keys")),
        }
    }

    /// One by which nothing that is out counts any more, where there are keys.
    fn taken_back(self) -> Result<Secret, TenancyError> {
        match self {
            Secret::Keys(keys) => Ok(Secret::Keys(keys.rotated()?.newest())),
            Secret::Minted => Ok(Secret::Minted),
        }
    }

    /// As it is sealed.
    fn to_bytes(&self) -> SecretBox<Vec<u8>> {
        SecretBox::new(Box::new(match self {
            Secret::Keys(keys) => keys.to_bytes(),
            Secret::Minted => Vec::new(),
        }))
    }

    fn from_bytes(bytes: &[u8]) -> Result<Secret, TenancyError> {
        if bytes.is_empty() {
            return Ok(Secret::Minted);
        }
        TenantKeys::from_bytes(bytes).map(Secret::Keys).ok_or(TenancyError::Damaged("its keys are none"))
    }
}

/// All that is known of tenants: the registry, the provider, the service's keys, open connections.
pub struct Tenancy {
    registry: Registry,
    provider: Arc<dyn Provider>,
    ring: KeyRing,
    pool: pool::Pool,
    terms: Terms,
    /// Who this program is to others that use the same registry: random, since a host's name may be another's too.
    holder: String,
    /// Sign-ups that this program works at.
    turns: Mutex<HashMap<Tenant, Weak<tokio::sync::Mutex<()>>>>,
}

/// What the service's settings say of databases.
#[derive(Clone, Debug)]
pub struct Terms {
    /// How large a tenant's database may become, in bytes.
    pub quota: Option<u64>,
    /// How long members' tokens live; the provider's bound counts too.
    pub token_lifetime: Duration,
    /// How long an unfinished sign-up belongs to whoever works at it.
    pub lease: Duration,
    pub pool: PoolLimits,
}

impl Default for Terms {
    fn default() -> Terms {
        Terms {
            quota: None,
            token_lifetime: Duration::from_secs(12 * 60 * 60),
            lease: Duration::from_secs(30),
            pool: PoolLimits::default(),
        }
    }
}

/// A database that a member may open, and with what.
#[derive(Clone, Debug)]
pub struct Grant {
    pub tenant: Tenant,
    pub url: url::Url,
    pub namespace: Option<String>,
    pub access: Access,
    pub token: Token,
}

impl Tenancy {
    pub fn new(registry: Registry, provider: Arc<dyn Provider>, ring: KeyRing, terms: Terms) -> Tenancy {
        let pool = pool::Pool::new(terms.pool);
        let holder = uuid::Uuid::new_v4().to_string();
        Tenancy { registry, provider, ring, pool, terms, holder, turns: Mutex::default() }
    }

    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    pub fn provider(&self) -> &dyn Provider {
        self.provider.as_ref()
    }

    /// The entries of some tenants, in one request to the registry. Those without a database are left out.
    pub async fn entries(&self, tenants: &[Tenant]) -> Result<Vec<Entry>, TenancyError> {
        self.registry.entries(tenants).await
    }

    /// The entry of the database that a member's token opens. A provider that makes tokens by itself signs them with a key
    /// that is not known here: none is known by those.
    pub async fn entry_of_token(&self, token: &str) -> Result<Option<Entry>, TenancyError> {
        let Some(name) = keys::named_by(token) else { return Ok(None) };
        let Some(entry) = self.registry.entry_named(&name).await? else { return Ok(None) };
        let is_its = match entry.secret(&self.ring)? {
            Secret::Keys(keys) => keys.signed(&name, token),
            Secret::Minted => false,
        };
        Ok(is_its.then_some(entry))
    }

    /// A token for a member, of one database that is ready.
    pub async fn grant(&self, entry: &Entry, access: Access) -> Result<Grant, TenancyError> {
        entry.is_open()?;
        let secret = entry.secret(&self.ring)?;
        let token = self.provider.mint(&entry.name, &secret, access, self.token_lifetime()).await?;
        let (url, namespace) = self.provider.address(&entry.name);
        Ok(Grant { tenant: entry.tenant.clone(), url, namespace, access, token })
    }

    /// Whether the service's keys open what they sealed.
    pub async fn check_keys(&self) -> Result<(), TenancyError> {
        self.registry.opens_with(&self.ring).await
    }

    /// A tenant's own database, opened by this service, its stamp compared and its schema brought up to date.
    pub async fn open(&self, tenant: &Tenant) -> Result<Opened, TenancyError> {
        self.open_entry(&self.known(tenant).await?).await
    }

    /// The entry of a tenant who has one.
    async fn known(&self, tenant: &Tenant) -> Result<Entry, TenancyError> {
        let entry = self.registry.entry(tenant).await?;
        entry.ok_or_else(|| TenancyError::NoTenant { tenant: tenant.to_string() })
    }
}

/// The public half of a key that nobody has: what it signs is believed, and nothing will ever be signed.
pub fn throwaway_public_pem() -> Result<String, TenancyError> {
    TenantKeys::new()?.public_pem()
}

/// In seconds since 1970.
fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
