//! sqld by its admin API (0.24). What it does that its documentation does not say was read in its source:
//!
//! - a second create of a name answers 400;
//! - `config` replaces: what is left out is cleared, the database's own keys too, and then the keys of the whole server
//!   count again. So whatever is changed is sent with all the rest, and read back;
//! - `delete` forgets the database before it removes its folder, so no name is ever used again;
//! - `create` takes any name and would read any file as a dump: names are ours, and a dump is never asked for.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::{Client, Method};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;
use url::Url;

use super::{Block, Ensured, Provider, ProviderError, Token, Usage};
use crate::http::{self, Unreached};
use crate::identity::service::Access;
use crate::tenancy::keys::TenantKeys;
use crate::tenancy::tenant::DatabaseName;
use crate::tenancy::{Secret, TenancyError, now_s};

/// How long the admin API may take: making a database is 34 ms on a quiet disk.
const DEADLINE: Duration = Duration::from_secs(10);
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Where a server is. It changes when an embedded one is started again.
#[derive(Clone, Debug)]
pub struct SqldAddress {
    /// Where the databases are reached, by clients too: the namespace becomes the first label of the host's name.
    pub url: Url,
    pub admin: Url,
    pub admin_key: Option<SecretString>,
}

/// A server of many databases.
pub struct SqldProvider {
    address: watch::Receiver<SqldAddress>,
    client: Client,
}

/// The configuration of a database, whole: what it leaves out, the server clears.
#[derive(Debug, Serialize, Deserialize)]
struct Config {
    block_reads: bool,
    block_writes: bool,
    #[serde(default)]
    block_reason: Option<String>,
    #[serde(default)]
    jwt_key: Option<String>,
    /// What this version does not know is handed back as it came.
    #[serde(flatten)]
    rest: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
struct Stats {
    #[serde(default)]
    rows_read_count: u64,
    #[serde(default)]
    rows_written_count: u64,
    #[serde(default)]
    storage_bytes_used: u64,
}

impl SqldProvider {
    /// A server at an address that may change.
    pub fn new(address: watch::Receiver<SqldAddress>) -> Result<SqldProvider, TenancyError> {
        let client = http::client(&address.borrow().admin)
            .map_err(|error| ProviderError::Unreached(Unreached::of(&error)))?;
        Ok(SqldProvider { address, client })
    }

    /// A server at an address of its own.
    pub fn at(address: SqldAddress) -> Result<SqldProvider, TenancyError> {
        let (keep, receiver) = watch::channel(address);
        // The address stays what it is.
        drop(keep);
        SqldProvider::new(receiver)
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Vec<u8>, ProviderError> {
        let (url, key) = {
            let address = self.address.borrow();
            (address.admin.join(path).map_err(|_| ProviderError::Answer)?, address.admin_key.clone())
        };
        let mut request = self.client.request(method, url);
        if let Some(key) = key {
            request = request.header("authorization", format!("basic {}", key.expose_secret()));
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        Ok(http::ask(request, DEADLINE, ANSWER_BYTES_MAX).await?)
    }

    async fn config(&self, name: &DatabaseName) -> Result<Config, ProviderError> {
        let bytes = self.ask(Method::GET, &format!("v1/namespaces/{name}/config"), None).await?;
        serde_json::from_slice(&bytes).map_err(|_| ProviderError::Answer)
    }

    /// Changes a database's configuration, and sees that the server took it, the keys above all.
    async fn configure(
        &self,
        name: &DatabaseName,
        secret: &Secret,
        change: impl FnOnce(&mut Config),
    ) -> Result<(), TenancyError> {
        let pem = secret.keys()?.public_pem()?;
        let mut config = self.config(name).await?;
        config.jwt_key = Some(pem.clone());
        change(&mut config);
        let blocks = (config.block_reads, config.block_writes);
        let body = serde_json::to_value(&config).map_err(|_| ProviderError::Answer)?;
        self.ask(Method::POST, &format!("v1/namespaces/{name}/config"), Some(&body)).await?;
        let taken = self.config(name).await?;
        if taken.jwt_key.as_deref() != Some(&pem) || (taken.block_reads, taken.block_writes) != blocks {
            return Err(ProviderError::Answer.into());
        }
        Ok(())
    }
}

#[async_trait]
impl Provider for SqldProvider {
    fn name(&self) -> &'static str {
        "sqld"
    }

    fn new_secret(&self) -> Result<Secret, TenancyError> {
        Ok(Secret::Keys(TenantKeys::new()?))
    }

    async fn ensure(
        &self,
        name: &DatabaseName,
        secret: &Secret,
        quota: Option<u64>,
    ) -> Result<Ensured, TenancyError> {
        let mut body = json!({ "jwt_key": secret.keys()?.public_pem()? });
        if let Some(quota) = quota {
            body["max_db_size"] = json!(format!("{quota}B"));
        }
        match self.ask(Method::POST, &format!("v1/namespaces/{name}/create"), Some(&body)).await {
            Ok(_) => Ok(Ensured::Made),
            // The name is in our registry alone, so it is ours; its stamp is checked by whoever opens it.
            Err(ProviderError::Status(400 | 409)) => {
                self.configure(name, secret, |_| {}).await?;
                Ok(Ensured::WasThere)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn address(&self, name: &DatabaseName) -> (Url, Option<String>) {
        (self.address.borrow().url.clone(), Some(name.to_string()))
    }

    async fn mint(
        &self,
        name: &DatabaseName,
        secret: &Secret,
        access: Access,
        lifetime: Duration,
    ) -> Result<Token, TenancyError> {
        let (secret, expires_at) = secret.keys()?.mint(name, access, now_s(), lifetime)?;
        Ok(Token { secret, expires_at })
    }

    /// Taking a key away revokes at once, so a token may live for a working day.
    fn lifetime_max(&self) -> Duration {
        Duration::from_secs(12 * 60 * 60)
    }

    async fn believe(&self, name: &DatabaseName, secret: &Secret) -> Result<(), TenancyError> {
        self.configure(name, secret, |_| {}).await
    }

    async fn block(&self, name: &DatabaseName, secret: &Secret, block: Block) -> Result<(), TenancyError> {
        let is_blocked = block == Block::Everything;
        self.configure(name, secret, |config| {
            (config.block_reads, config.block_writes) = (is_blocked, is_blocked);
            config.block_reason = is_blocked.then(|| "suspended".to_string());
        })
        .await
    }

    async fn limit(&self, name: &DatabaseName, secret: &Secret, bytes: u64) -> Result<(), TenancyError> {
        self.configure(name, secret, |config| {
            config.rest.insert("max_db_size".to_string(), json!(format!("{bytes}B")));
        })
        .await
    }

    async fn usage(&self, name: &DatabaseName) -> Result<Usage, TenancyError> {
        let bytes = self.ask(Method::GET, &format!("v1/namespaces/{name}/stats"), None).await?;
        let stats: Stats = serde_json::from_slice(&bytes).map_err(|_| ProviderError::Answer)?;
        Ok(Usage {
            bytes: stats.storage_bytes_used,
            rows_read: stats.rows_read_count,
            rows_written: stats.rows_written_count,
        })
    }

    async fn retire(&self, name: &DatabaseName) -> Result<(), TenancyError> {
        // Until it says that there is none: the first answer may be of a database half gone.
        for _ in 0..3 {
            match self.ask(Method::DELETE, &format!("v1/namespaces/{name}"), Some(&json!({}))).await {
                Err(ProviderError::NoDatabase) => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ProviderError::Answer.into())
    }

    fn recoverable(&self) -> Duration {
        Duration::ZERO
    }

    async fn health(&self) -> Result<(), TenancyError> {
        self.ask(Method::GET, "", None).await?;
        Ok(())
    }
}
