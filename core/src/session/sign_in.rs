//! Signing in: the service says who issues tokens, the verifier says whose token this is, and the
//! service exchanges it for tokens of databases.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::{Client, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::credentials::{CredentialError, CredentialStore, KeptIn};
use super::{Session, SessionDatabase, SessionError};
use crate::catalog::DatabaseRole;
use crate::http::{self, AskError, is_loopback};
use crate::identity::service::{DatabaseGrant, ExchangeAnswer, GrantRole, ServiceDocument, ServiceError};
use crate::identity::{Identity, KeyError, TokenError, VerifiedUser, Verifier};

/// How long the service may take for one answer.
const DEADLINE: Duration = Duration::from_secs(10);
/// Some hundred times what a service sends.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// Signing in or out that did not succeed. No message holds a token.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    #[error("the service's address {address:?} is not usable: {why}")]
    Address { address: String, why: &'static str },
    #[error("the service {host} cannot be reached; check the network and the address")]
    Unreachable { host: String },
    #[error("the service {host} did not answer within {} s", DEADLINE.as_secs())]
    Deadline { host: String },
    #[error("the service {host} answered with status {status}")]
    Status { host: String, status: u16 },
    #[error("the service {host} did not accept the token")]
    Refused { host: String },
    #[error("the service {host} answered with something that zenith does not understand")]
    Answer { host: String },
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error("the token is refused: {0}")]
    Token(#[from] TokenError),
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// Signs in to a service with a token of its issuer, in place of whoever was signed in. Nothing is
/// changed unless all of it succeeds.
pub async fn sign_in(
    data_dir: &Path,
    credentials: &CredentialStore,
    service: &str,
    token: &SecretString,
) -> Result<(Session, KeptIn), SignInError> {
    let service = Service::new(service)?;
    let document: ServiceDocument =
        service.ask(service.client.get(service.at(".well-known/zenith")?)).await?;
    document.check()?;
    let user = Verifier::new(document.issuer_config())?.verify(token.expose_secret().trim()).await?;
    let exchange = service.client.post(document.exchange).bearer_auth(token.expose_secret().trim());
    let answer: ExchangeAnswer = service.ask(exchange).await?;
    let mut databases = Vec::new();
    let mut tokens = Vec::new();
    for grant in answer.databases {
        grant.check(&user.identity)?;
        let role = role(&grant, &user.identity).ok_or_else(|| service.not_understood())?;
        let url = database_url(&grant).ok_or_else(|| service.not_understood())?;
        databases.push(SessionDatabase {
            role: role.clone(),
            url,
            access: grant.access,
            expires_at: grant.expires_at,
        });
        tokens.push((role, grant.token));
    }
    let session = service.session(&user, databases);
    let kept = credentials.put(&tokens)?;
    session.save(data_dir)?;
    Ok((session, kept))
}

/// The part of the federation that a checked grant means for this user.
fn role(grant: &DatabaseGrant, identity: &Identity) -> Option<DatabaseRole> {
    match (grant.role, &grant.organisation) {
        (GrantRole::Global, _) => Some(DatabaseRole::Global),
        (GrantRole::Team, organisation) => organisation.clone().map(DatabaseRole::Team),
        (GrantRole::Own, _) => identity.subject().map(|subject| DatabaseRole::Own(subject.to_string())),
    }
}

/// The database's address. A namespace becomes the first label of the host's name, which is where
/// its server looks for it.
fn database_url(grant: &DatabaseGrant) -> Option<Url> {
    let mut url = grant.url.clone();
    if let Some(namespace) = &grant.namespace {
        let host = match url.host_str()? {
            "127.0.0.1" | "[::1]" => "localhost".to_string(),
            host => host.to_string(),
        };
        if !host.starts_with(&format!("{namespace}.")) {
            url.set_host(Some(&format!("{namespace}.{host}"))).ok()?;
        }
    }
    Some(url)
}

/// A service and the way to it.
struct Service {
    url: Url,
    client: Client,
}

impl Service {
    fn new(address: &str) -> Result<Service, SignInError> {
        let unusable = |why| SignInError::Address { address: address.to_string(), why };
        let url =
            Url::parse(address).map_err(|_| unusable("it is no URL, such as https://zenith.example"))?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            _ => return Err(unusable("it must be https, unless it is on this machine")),
        }
        let client = http::client(&url).map_err(|_| unusable("no TLS client could be made for it"))?;
        Ok(Service { url, client })
    }

    fn at(&self, path: &str) -> Result<Url, SignInError> {
        let base = self.url.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}/{path}")).map_err(|_| self.not_understood())
    }

    async fn ask<T: serde::de::DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, SignInError> {
        let host = self.host();
        let bytes = http::ask(request, DEADLINE, ANSWER_BYTES_MAX).await.map_err(|error| match error {
            AskError::Unreachable => SignInError::Unreachable { host },
            AskError::Deadline => SignInError::Deadline { host },
            AskError::Status(StatusCode::UNAUTHORIZED) => SignInError::Refused { host },
            AskError::Status(other) => SignInError::Status { host, status: other.as_u16() },
            AskError::TooLarge => self.not_understood(),
        })?;
        serde_json::from_slice(&bytes).map_err(|_| self.not_understood())
    }

    fn session(&self, user: &VerifiedUser, databases: Vec<SessionDatabase>) -> Session {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Session {
            service: self.url.clone(),
            issuer: user.issuer.clone(),
            subject: user.identity.subject().unwrap_or_default().to_string(),
            organisation: user.identity.organisation().map(str::to_string),
            role: user.role.clone(),
            signed_in_at: since.as_secs(),
            databases,
        }
    }

    fn host(&self) -> String {
        self.url.host_str().unwrap_or_default().to_string()
    }

    fn not_understood(&self) -> SignInError {
        SignInError::Answer { host: self.host() }
    }
}
