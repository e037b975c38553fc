//! The key sets over HTTP, and the ways in which a server of them can misbehave.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Json, Response};
use axum::routing::get;
use futures::stream;
use serde_json::{Value, json};
use zenith_core::identity::IssuerKind;

use super::keys::{SigningKey, base64url};
use super::lab::Lab;

/// How the key sets are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    Up,
    /// Answers 503. Where nothing listens at all, close the issuer instead.
    Down,
    Slow(Duration),
    /// Takes the request and never answers.
    Hanging,
    Lying(Lie),
}

/// What a server answers in place of its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    Html,
    WrongJson,
    EmptySet,
    /// A set with 1 MiB of blanks in it.
    HugeBody,
    /// Begins to answer and never ends.
    EndlessBody,
    /// To a place where a right key set is.
    Redirect,
    /// Other keys under the right ids.
    WrongKeys,
    DuplicateIds,
    /// A shared secret that everyone can read, under the right id.
    SharedSecret,
}

impl Lie {
    pub const ALL: [Lie; 9] = [
        Lie::Html,
        Lie::WrongJson,
        Lie::EmptySet,
        Lie::HugeBody,
        Lie::EndlessBody,
        Lie::Redirect,
        Lie::WrongKeys,
        Lie::DuplicateIds,
        Lie::SharedSecret,
    ];
}

pub(super) fn router(lab: Arc<Lab>) -> Router {
    Router::new()
        .route("/clerk/.well-known/jwks.json", get(clerk_keys))
        .route("/supabase/auth/v1/.well-known/jwks.json", get(supabase_keys))
        .route("/elsewhere/jwks.json", get(elsewhere))
        .with_state(lab)
}

async fn clerk_keys(State(lab): State<Arc<Lab>>) -> Response {
    key_set(lab, IssuerKind::Clerk).await
}

async fn supabase_keys(State(lab): State<Arc<Lab>>) -> Response {
    key_set(lab, IssuerKind::Supabase).await
}

async fn elsewhere(State(lab): State<Arc<Lab>>) -> Response {
    Json(lab.key_set(IssuerKind::Clerk)).into_response()
}

async fn key_set(lab: Arc<Lab>, kind: IssuerKind) -> Response {
    lab.count(kind);
    match lab.behaviour() {
        Behaviour::Up => {}
        Behaviour::Down => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Behaviour::Slow(delay) => tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = lab.closing.cancelled() => {}
        },
        // Until the lab closes, which must not hang itself.
        Behaviour::Hanging => lab.closing.cancelled().await,
        Behaviour::Lying(lie) => {
            return lied(&lab, kind, lie)
                .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response());
        }
    }
    Json(lab.key_set(kind)).into_response()
}

fn lied(lab: &Arc<Lab>, kind: IssuerKind, lie: Lie) -> anyhow::Result<Response> {
    let mut set = lab.key_set(kind);
    let id = set["keys"][0]["kid"].clone();
    Ok(match lie {
        Lie::Html => Html("<!doctype html><title>Sign in to the network</title>").into_response(),
        Lie::WrongJson => Json(json!({"keys": "none", "error": "not today"})).into_response(),
        Lie::EmptySet => Json(json!({"keys": []})).into_response(),
        Lie::HugeBody => format!("{}{set}", " ".repeat(1 << 20)).into_response(),
        Lie::EndlessBody => endless(lab.clone()),
        Lie::Redirect => (StatusCode::FOUND, [(header::LOCATION, "/elsewhere/jwks.json")]).into_response(),
        Lie::WrongKeys => {
            let id = id.as_str().unwrap_or_default();
            let key = match kind {
                IssuerKind::Clerk => SigningKey::rsa(id)?,
                IssuerKind::Supabase => SigningKey::p256(id)?,
            };
            Json(json!({"keys": [key.public_jwk()]})).into_response()
        }
        Lie::DuplicateIds => {
            let mut twin = SigningKey::rsa("twin")?.public_jwk();
            twin["kid"] = id;
            if let Some(keys) = set["keys"].as_array_mut() {
                keys.push(twin);
            }
            Json(set).into_response()
        }
        Lie::SharedSecret => {
            let secret: Value =
                json!({"kty": "oct", "kid": id, "k": base64url("known to all"), "alg": "HS256"});
            Json(json!({"keys": [secret]})).into_response()
        }
    })
}

/// A blank now, and nothing more until the lab closes.
fn endless(lab: Arc<Lab>) -> Response {
    let body = stream::unfold(false, move |has_begun| {
        let lab = lab.clone();
        async move {
            if has_begun {
                lab.closing.cancelled().await;
                return None;
            }
            Some((Ok::<_, Infallible>(Bytes::from_static(b" ")), true))
        }
    });
    Body::from_stream(body).into_response()
}
