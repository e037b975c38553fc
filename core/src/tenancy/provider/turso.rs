//! Turso Cloud by its Platform API.
//!
//! - A name that is taken answers 400 or 409, by the version of the API: a GET says whether the database is there.
//! - Tokens are made by the platform, and one cannot be revoked: taking the keys of a database away takes them from its
//!   whole group. So members' tokens live for an hour, and the one of a tenant is kept until two thirds of it are over.
//! - A database that was deleted can be brought back for five days.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::{Client, Method};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use url::Url;

use super::{Block, Ensured, Provider, ProviderError, Token, Usage};
use crate::http::{self, Unreached};
use crate::identity::service::Access;
use crate::tenancy::tenant::DatabaseName;
use crate::tenancy::{Secret, TenancyError, now_s};

const DEADLINE: Duration = Duration::from_secs(20);
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// As long as tokens that cannot be revoked should live.
const LIFETIME_MAX: Duration = Duration::from_secs(60 * 60);
const RECOVERABLE: Duration = Duration::from_secs(5 * 24 * 60 * 60);
/// Tokens that are kept at most: beyond it, the one that ends first goes.
const TOKENS_MAX: usize = 10_000;

/// An account, and the group that databases are made in.
#[derive(Clone, Debug)]
pub struct TursoAccount {
    pub organisation: String,
    pub group: String,
    /// Scoped to the group, with `db:create`, `db:delete` and `db:mint-token`; it needs no `db:rotate-creds`.
    pub api_token: SecretString,
    /// `https://api.turso.tech/`, but in a lab.
    pub api: Url,
    /// The host that databases are below, where they are not at `NAME-ORGANISATION.turso.io`: a lab's.
    pub databases: Option<Url>,
}

/// Turso's platform.
pub struct TursoProvider {
    account: TursoAccount,
    client: Client,
    /// By what they open, and for how many seconds they were asked for: who asks for a shorter one gets no longer one.
    tokens: Mutex<HashMap<(String, Access, u64), Token>>,
}

impl TursoProvider {
    pub fn new(account: TursoAccount) -> Result<TursoProvider, TenancyError> {
        let client =
            http::client(&account.api).map_err(|error| ProviderError::Unreached(Unreached::of(&error)))?;
        Ok(TursoProvider { account, client, tokens: Mutex::default() })
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Vec<u8>, ProviderError> {
        let path = format!("v1/organizations/{}/databases{path}", self.account.organisation);
        let mut url = self.account.api.join(&path).map_err(|_| ProviderError::Answer)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request =
            self.client.request(method, url).bearer_auth(self.account.api_token.expose_secret());
        if let Some(body) = body {
            request = request.json(body);
        }
        Ok(http::ask(request, DEADLINE, ANSWER_BYTES_MAX).await?)
    }

    async fn configure(&self, name: &DatabaseName, change: &Value) -> Result<(), TenancyError> {
        self.ask(Method::PATCH, &format!("/{name}/configuration"), &[], Some(change)).await?;
        Ok(())
    }
}

#[derive(Deserialize)]
struct Minted {
    jwt: SecretString,
}

#[derive(Deserialize)]
struct UsageAnswer {
    database: UsageOfDatabase,
}

#[derive(Deserialize)]
struct UsageOfDatabase {
    usage: Counted,
}

#[derive(Deserialize)]
struct Counted {
    #[serde(default)]
    rows_read: u64,
    #[serde(default)]
    rows_written: u64,
    #[serde(default, alias = "storage")]
    storage_bytes: u64,
}

#[async_trait]
impl Provider for TursoProvider {
    fn name(&self) -> &'static str {
        "turso"
    }

    fn new_secret(&self) -> Result<Secret, TenancyError> {
        Ok(Secret::Minted)
    }

    async fn ensure(
        &self,
        name: &DatabaseName,
        _: &Secret,
        quota: Option<u64>,
    ) -> Result<Ensured, TenancyError> {
        let mut body = json!({ "name": name.as_str(), "group": self.account.group });
        if let Some(quota) = quota {
            body["size_limit"] = json!(quota.to_string());
        }
        match self.ask(Method::POST, "", &[], Some(&body)).await {
            Ok(_) => Ok(Ensured::Made),
            Err(ProviderError::Status(400 | 409)) => {
                self.ask(Method::GET, &format!("/{name}"), &[], None).await?;
                Ok(Ensured::WasThere)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn address(&self, name: &DatabaseName) -> (Url, Option<String>) {
        let host = format!("https://{name}-{}.turso.io", self.account.organisation);
        match (&self.account.databases, Url::parse(&host)) {
            (Some(url), _) => (url.clone(), Some(name.to_string())),
            (None, Ok(url)) => (url, None),
            // An organisation whose name is no part of a host's has no databases there.
            (None, Err(_)) => (self.account.api.clone(), Some(name.to_string())),
        }
    }

    async fn mint(
        &self,
        name: &DatabaseName,
        _: &Secret,
        access: Access,
        lifetime: Duration,
    ) -> Result<Token, TenancyError> {
        let lifetime = lifetime.min(LIFETIME_MAX).as_secs();
        let key = (name.to_string(), access, lifetime);
        let mut tokens = self.tokens.lock().await;
        let now = now_s();
        if let Some(token) = tokens.get(&key)
            && token.expires_at > now + lifetime / 3
        {
            return Ok(token.clone());
        }
        let authorization = if access == Access::ReadOnly { "read-only" } else { "full-access" };
        let expiration = format!("{lifetime}s");
        let query = [("expiration", expiration.as_str()), ("authorization", authorization)];
        let bytes = self.ask(Method::POST, &format!("/{name}/auth/tokens"), &query, None).await?;
        let minted: Minted = serde_json::from_slice(&bytes).map_err(|_| ProviderError::Answer)?;
        let token = Token { secret: minted.jwt, expires_at: now + lifetime };
        if tokens.len() >= TOKENS_MAX {
            let first = tokens.iter().min_by_key(|(_, token)| token.expires_at).map(|(key, _)| key.clone());
            first.and_then(|key| tokens.remove(&key));
        }
        tokens.insert(key, token.clone());
        Ok(token)
    }

    fn lifetime_max(&self) -> Duration {
        LIFETIME_MAX
    }

    async fn believe(&self, _: &DatabaseName, _: &Secret) -> Result<(), TenancyError> {
        Err(TenancyError::CannotRevoke { hours: LIFETIME_MAX.as_secs() / 3600 })
    }

    async fn block(&self, name: &DatabaseName, _: &Secret, block: Block) -> Result<(), TenancyError> {
        let is_blocked = block == Block::Everything;
        self.configure(name, &json!({ "block_reads": is_blocked, "block_writes": is_blocked })).await
    }

    async fn limit(&self, name: &DatabaseName, _: &Secret, bytes: u64) -> Result<(), TenancyError> {
        self.configure(name, &json!({ "size_limit": bytes.to_string() })).await
    }

    async fn usage(&self, name: &DatabaseName) -> Result<Usage, TenancyError> {
        let bytes = self.ask(Method::GET, &format!("/{name}/usage"), &[], None).await?;
        let answer: UsageAnswer = serde_json::from_slice(&bytes).map_err(|_| ProviderError::Answer)?;
        let Counted { rows_read, rows_written, storage_bytes } = answer.database.usage;
        Ok(Usage { bytes: storage_bytes, rows_read, rows_written })
    }

    async fn retire(&self, name: &DatabaseName) -> Result<(), TenancyError> {
        self.tokens.lock().await.retain(|(of, _, _), _| of != name.as_str());
        for _ in 0..3 {
            match self.ask(Method::DELETE, &format!("/{name}"), &[], None).await {
                Err(ProviderError::NoDatabase) => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ProviderError::Answer.into())
    }

    fn recoverable(&self) -> Duration {
        RECOVERABLE
    }

    async fn health(&self) -> Result<(), TenancyError> {
        self.ask(Method::GET, "", &[], None).await?;
        Ok(())
    }
}
