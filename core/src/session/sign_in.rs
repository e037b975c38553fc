//! Signing in: the service says who issues tokens, the verifier says whose token this is, and the
//! service exchanges it for tokens of databases.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::{Client, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;
use uuid::Uuid;

use super::credentials::{CredentialError, CredentialStore, KeptIn};
use super::{Session, SessionDatabase, SessionError};
use crate::catalog::{DatabaseRole, in_namespace};
use crate::http::{self, AskError, Unreached, is_private};
use crate::identity::service::{DatabaseGrant, ExchangeAnswer, GrantRole, ServiceDocument, ServiceError};
use crate::identity::{Identity, IssuerConfig, KeyError, TokenError, VerifiedUser, Verifier};

/// How long the service may take for one answer.
const DEADLINE: Duration = Duration::from_secs(10);
/// Some hundred times what a service sends.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// The same of why it refuses.
const REASON_BYTES_MAX: usize = 16 * 1024;
/// What of that is told.
const REASON_CHARS_MAX: usize = 240;

/// Signing in or out that did not succeed. No message holds a token.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    #[error("the service's address {address:?} is not usable: {why}")]
    Address { address: String, why: &'static str },
    #[error("cannot ask {host}: {why}")]
    Unreached { host: String, why: Unreached },
    #[error("{host} did not answer within {} s; check the network, and try again", DEADLINE.as_secs())]
    Deadline { host: String },
    #[error("{host} answered with status {status}; {}", of_status(*status))]
    Status { host: String, status: u16 },
    #[error("{host} says: {why} (status {status})")]
    Said { host: String, status: u16, why: String },
    #[error("{host} did not accept the token; ask your issuer for a new one")]
    Refused { host: String },
    #[error(
        "{host} answered with something that zenith does not understand; is it the address of a service, or does \
         a network's sign-in page stand in between?"
    )]
    Answer { host: String },
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error("the token is refused: {0}")]
    Token(TokenError),
    #[error("the token could not be checked, since the keys of {host} are not available: {source}")]
    Keys { host: String, source: KeyError },
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// What to do about a status that a service answers with.
fn of_status(status: u16) -> &'static str {
    match status {
        300..=399 => {
            "it sends elsewhere, as a network's sign-in page does: check the network and the address"
        }
        404 | 405 | 410 => "is it the address of a service?",
        403 => "ask whoever runs it whether you may use it",
        407 => "a proxy in between wants to know who you are",
        429 | 500..=599 => "it is in trouble: try again later",
        _ => "ask whoever runs it",
    }
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
    let token = token.expose_secret().trim();
    let document: ServiceDocument = ask(&service.at(".well-known/zenith")?, Client::get, None).await?;
    document.check()?;
    let user = verified(document.issuer_config(), token).await?;
    let answer: ExchangeAnswer = ask(&document.exchange, Client::post, Some(token)).await?;
    let now = now();
    let mut databases = Vec::new();
    let mut tokens = Vec::new();
    for grant in answer.databases {
        if grant.role == GrantRole::Later {
            continue;
        }
        grant.check(&user.identity, now)?;
        let role = role(&grant, &user.identity).ok_or_else(|| service.not_understood())?;
        let url =
            in_namespace(&grant.url, grant.namespace.as_deref()).ok_or_else(|| service.not_understood())?;
        databases.push(SessionDatabase {
            role: role.clone(),
            url,
            access: grant.access,
            expires_at: grant.expires_at,
        });
        tokens.push((role, grant.token));
    }
    if let Some(store) = &answer.store {
        store.check(&service.url)?;
    }
    let session = Session { store: answer.store, ..service.session(&user, databases) };
    let kept = credentials.put(&tokens)?;
    session.save(data_dir)?;
    Ok((session, kept))
}

/// Whether a service answers as one; its host.
pub async fn standing(service: &str) -> Result<String, SignInError> {
    let service = Service::new(service)?;
    let document: ServiceDocument = ask(&service.at(".well-known/zenith")?, Client::get, None).await?;
    document.check()?;
    Ok(host(&service.url))
}

/// In seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// The part of the federation that a checked grant means for this user.
fn role(grant: &DatabaseGrant, identity: &Identity) -> Option<DatabaseRole> {
    match (grant.role, &grant.organisation) {
        (GrantRole::Global, _) => Some(DatabaseRole::Global),
        (GrantRole::Team, organisation) => organisation.clone().map(DatabaseRole::Team),
        (GrantRole::Own, _) => identity.subject().map(|subject| DatabaseRole::Own(subject.to_string())),
        (GrantRole::Workspace, _) => {
            identity.subject().map(|subject| DatabaseRole::Workspace(subject.to_string()))
        }
        (GrantRole::Later, _) => None,
    }
}

/// Who the token stands for, by the keys of its issuer.
async fn verified(issuer: IssuerConfig, token: &str) -> Result<VerifiedUser, SignInError> {
    let host = host(&issuer.url);
    let keys = |source| SignInError::Keys { host: host.clone(), source };
    let verifier = Verifier::new(issuer).map_err(keys)?;
    verifier.verify(token).await.map_err(|error| match error {
        TokenError::KeysUnavailable(source) => keys(source),
        error => SignInError::Token(error),
    })
}

/// What an address answers with, as the document that it should be. A failure names its host, which need not
/// be the service's own.
async fn ask<T: serde::de::DeserializeOwned>(
    url: &Url,
    method: fn(&Client, Url) -> RequestBuilder,
    bearer: Option<&str>,
) -> Result<T, SignInError> {
    let host = host(url);
    let not_understood = || SignInError::Answer { host: host.clone() };
    let client = http::client(url).map_err(|_| SignInError::Address {
        address: url.to_string(),
        why: "no TLS client could be made for it",
    })?;
    let mut request = method(&client, url.clone());
    if let Some(token) = bearer {
        request = request.bearer_auth(token);
    }
    let asked = http::ask_any(request, DEADLINE, ANSWER_BYTES_MAX, REASON_BYTES_MAX).await;
    let (status, bytes) = asked.map_err(|error| match error {
        AskError::Unreached(why) => SignInError::Unreached { host: host.clone(), why },
        AskError::Deadline => SignInError::Deadline { host: host.clone() },
        AskError::TooLarge | AskError::Status(_) => not_understood(),
    })?;
    match status {
        StatusCode::OK => serde_json::from_slice(&bytes).map_err(|_| not_understood()),
        StatusCode::UNAUTHORIZED => Err(SignInError::Refused { host }),
        other => {
            let status = other.as_u16();
            Err(match reason(&bytes, bearer) {
                Some(why) => SignInError::Said { host, status, why },
                None => SignInError::Status { host, status },
            })
        }
    }
}

/// A refusal as this program's own service tells it: why for people, and a word for programs.
#[derive(Deserialize)]
struct Refusal {
    error: String,
    reason: String,
}

/// Why a service refuses, in its own words: one short line of plain letters. Whatever else answers has none, and what
/// repeats the token is not repeated.
fn reason(body: &[u8], bearer: Option<&str>) -> Option<String> {
    let Refusal { error, reason } = serde_json::from_slice(body).ok()?;
    let is_word = !reason.is_empty() && reason.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let repeats =
        bearer.is_some_and(|token| token.split('.').any(|part| part.len() > 8 && error.contains(part)));
    if !is_word || repeats {
        return None;
    }
    let plain = error.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let plain: String = plain.take(REASON_CHARS_MAX).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    (!plain.is_empty()).then_some(plain)
}

fn host(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_string(),
        _ => "an address without a host".to_string(),
    }
}

/// A service's address.
struct Service {
    url: Url,
}

impl Service {
    fn new(address: &str) -> Result<Service, SignInError> {
        let unusable = |why| SignInError::Address { address: address.to_string(), why };
        let url =
            Url::parse(address).map_err(|_| unusable("it is no URL, such as https://zenith.example"))?;
        if !url.username().is_empty() || url.password().is_some() {
            let why = "it must not hold a name or a password";
            return Err(SignInError::Address { address: host(&url), why });
        }
        if !is_private(&url) {
            return Err(unusable("it must be https, unless it is on this machine"));
        }
        Ok(Service { url })
    }

    fn at(&self, path: &str) -> Result<Url, SignInError> {
        let base = self.url.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}/{path}")).map_err(|_| self.not_understood())
    }

    fn session(&self, user: &VerifiedUser, databases: Vec<SessionDatabase>) -> Session {
        Session {
            service: self.url.clone(),
            issuer: user.issuer.clone(),
            subject: user.identity.subject().unwrap_or_default().to_string(),
            organisation: user.identity.organisation().map(str::to_string),
            role: user.role.clone(),
            signed_in_at: now(),
            id: Uuid::new_v4().simple().to_string(),
            databases,
            store: None,
        }
    }

    fn not_understood(&self) -> SignInError {
        SignInError::Answer { host: host(&self.url) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_services_reason_is_one_short_line_and_nothing_elses_is_one() {
        let said = |error: &str, word: &str| {
            let body = serde_json::json!({ "error": error, "reason": word }).to_string();
            reason(body.as_bytes(), Some("eyJhbGciOi.eyJzdWIiOiJh.c2lnbmF0dXJl"))
        };
        assert_eq!(said("user_ben is suspended", "suspended").as_deref(), Some("user_ben is suspended"));
        assert_eq!(said("a\u{1b}[31m\r\nb", "busy").as_deref(), Some("a [31m b"));
        assert_eq!(said(&"x".repeat(10_000), "busy").unwrap().len(), REASON_CHARS_MAX);
        for (error, word) in [
            ("", "busy"),
            ("\n \t", "busy"),
            ("why", ""),
            ("why", "<html>"),
            ("your token eyJzdWIiOiJh is bad", "suspended"),
        ] {
            assert_eq!(said(error, word), None, "{error:?} {word:?}");
        }
        for page in
            ["", "<html>busy</html>", "[]", "null", r#"{"error": "x"}"#, r#"{"error": 1, "reason": "a"}"#]
        {
            assert_eq!(reason(page.as_bytes(), None), None, "{page}");
        }
    }
}
