//! The service that turns an identity token into database tokens: sqld takes EdDSA alone, which
//! neither Clerk nor Supabase signs by.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use url::Url;
use zenith_core::identity::service::{Access, GrantRole, ServiceDocument};
use zenith_core::identity::{Identity, IssuerConfig, IssuerKind, KeySet, TokenError, VerifiedUser, Verifier};

use super::lab::{Lab, locked, now};
use super::mint;

/// How long a database token lasts: longer than a session of Clerk, shorter than a working day.
const DATABASE_TOKEN_LIFETIME: Duration = Duration::from_secs(60 * 60);
/// The namespace of a server that has no others.
const DEFAULT_NAMESPACE: &str = "default";

/// Which databases somebody may open.
pub type Databases = dyn Fn(&Identity) -> Vec<DatabaseOffer> + Send + Sync;

/// A database that may be opened. The exchange adds the token, so that none is made for anyone
/// but a verified user.
#[derive(Clone, Debug)]
pub struct DatabaseOffer {
    pub role: GrantRole,
    pub organisation: Option<String>,
    pub url: Url,
    pub namespace: Option<String>,
    pub access: Access,
}

pub(super) async fn document(State(lab): State<Arc<Lab>>) -> Response {
    let config = lab.config(locked(&lab.offered).kind);
    let mut exchange = lab.url.clone();
    exchange.set_path("/exchange");
    let IssuerConfig { url: issuer, kind, audience, authorized_parties } = config;
    Json(ServiceDocument { issuer, kind, audience, authorized_parties, exchange }).into_response()
}

pub(super) async fn exchange(State(lab): State<Arc<Lab>>, headers: HeaderMap) -> Response {
    let Some(token) = bearer(&headers) else {
        return refuse("the request carries no bearer token; send the identity token as one");
    };
    let verified = match verify(&lab, token).await {
        Ok(verified) => verified,
        Err(error) => return refuse(&error.to_string()),
    };
    match answer(&lab, &verified) {
        Ok(answer) => Json(answer).into_response(),
        Err(_) => {
            let error = json!({"error": "the databases' tokens could not be made"});
            (StatusCode::INTERNAL_SERVER_ERROR, Json(error)).into_response()
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn refuse(error: &str) -> Response {
    let challenge = [(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")];
    (StatusCode::UNAUTHORIZED, challenge, Json(json!({ "error": error }))).into_response()
}

/// By the product's own verifier, for a token of either kind. It is given the keys, so that the
/// requests that are counted are those of the program under test.
async fn verify(lab: &Lab, token: &str) -> Result<VerifiedUser, TokenError> {
    let by = async |kind: IssuerKind| {
        let keys =
            KeySet::fixed(kind, &lab.key_set(kind).to_string()).map_err(TokenError::KeysUnavailable)?;
        Verifier::with_keys(lab.config(kind), keys).verify(token).await
    };
    match by(IssuerKind::Clerk).await {
        Err(TokenError::UnknownIssuer { .. }) => by(IssuerKind::Supabase).await,
        verdict => verdict,
    }
}

fn answer(lab: &Lab, verified: &VerifiedUser) -> Result<Value> {
    let databases = locked(&lab.offered).databases.clone();
    let expires_at = now() + DATABASE_TOKEN_LIFETIME.as_secs();
    let mut granted = Vec::new();
    for offer in databases(&verified.identity) {
        let namespace = offer.namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE);
        let token = mint::database(lab, &[(namespace, offer.access)], DATABASE_TOKEN_LIFETIME)
            .context("make a database's token")?;
        granted.push(json!({
            "role": offer.role,
            "organisation": offer.organisation,
            "url": offer.url,
            "namespace": offer.namespace,
            "token": token.expose_secret(),
            "access": offer.access,
            "expires_at": expires_at,
        }));
    }
    Ok(json!({ "databases": granted }))
}
