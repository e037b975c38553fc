//! A Platform API as Turso's is, over the lab's own server of databases: it makes real databases and real tokens, and can
//! be told to answer as either of its versions, to lose answers, and to stall. What it does is by Turso's documentation
//! and its users' reports; no account was at hand to compare it with.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, patch, post};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;
use zenith_core::identity::service::Access;
use zenith_core::tenancy::TursoAccount;

use super::Lab;
use crate::issuer::Issuer;

/// What its callers show.
const API_TOKEN: &str = "lab-platform-token";

/// How it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// A name that is taken answers 409, as it is documented.
    Conflict,
    /// It answers 400, as it came to.
    BadRequest,
    /// The next change is made, and its answer lost.
    LosesAnswer,
    /// Nothing is answered.
    Stalls,
    /// It is in trouble.
    Down,
}

/// A Platform API that runs until it is dropped.
pub struct Platform {
    shared: Arc<Shared>,
    url: Url,
    databases: Url,
    _end: DropGuard,
}

struct Shared {
    issuer: Arc<Issuer>,
    admin: Url,
    client: reqwest::Client,
    manner: Mutex<Manner>,
    requests: AtomicU64,
    /// Databases by name, each with whether it is blocked.
    databases: Mutex<BTreeMap<String, bool>>,
    end: CancellationToken,
}

impl Lab {
    /// A Platform API over this lab's server.
    pub async fn platform(&self) -> Result<Platform> {
        let address = self.sqld_address()?;
        let end = CancellationToken::new();
        let shared = Arc::new(Shared {
            issuer: self.issuer_shared(),
            admin: address.admin.clone(),
            client: reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?,
            manner: Mutex::new(Manner::Conflict),
            requests: AtomicU64::new(0),
            databases: Mutex::default(),
            end: end.clone(),
        });
        let router = Router::new()
            .route("/v1/organizations/{org}/databases", get(list).post(create))
            .route("/v1/organizations/{org}/databases/{name}", get(one).delete(delete))
            .route("/v1/organizations/{org}/databases/{name}/auth/tokens", post(mint))
            .route("/v1/organizations/{org}/databases/{name}/configuration", patch(configure))
            .route("/v1/organizations/{org}/databases/{name}/usage", get(usage))
            .with_state(shared.clone());
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("listen for the platform")?;
        let url = Url::parse(&format!("http://{}/", listener.local_addr()?))?;
        let stopped = end.clone().cancelled_owned();
        tokio::spawn(async move {
            // It ends with its guard.
            let _ = axum::serve(listener, router).with_graceful_shutdown(stopped).await;
        });
        Ok(Platform { shared, url, databases: address.url, _end: end.drop_guard() })
    }
}

impl Platform {
    /// What the product's provider is told.
    pub fn account(&self) -> TursoAccount {
        TursoAccount {
            organisation: "lab".to_string(),
            group: "default".to_string(),
            api_token: API_TOKEN.into(),
            api: self.url.clone(),
            databases: Some(self.databases.clone()),
        }
    }

    pub fn behave(&self, manner: Manner) {
        *self.shared.manner.lock().unwrap_or_else(PoisonError::into_inner) = manner;
    }

    /// Requests that came.
    pub fn requests(&self) -> u64 {
        self.shared.requests.load(Ordering::Relaxed)
    }

    /// The names of its databases.
    pub fn databases(&self) -> Vec<String> {
        self.shared.databases().keys().cloned().collect()
    }
}

impl Shared {
    fn databases(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, bool>> {
        self.databases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn manner(&self) -> Manner {
        *self.manner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a request is worked at; else how it is answered.
    async fn admit(&self, headers: &HeaderMap) -> Result<(), Response> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let shown = headers.get("authorization").and_then(|value| value.to_str().ok());
        if shown != Some(&format!("Bearer {API_TOKEN}")) {
            return Err(StatusCode::UNAUTHORIZED.into_response());
        }
        match self.manner() {
            Manner::Down => Err(StatusCode::BAD_GATEWAY.into_response()),
            Manner::Stalls => {
                self.end.cancelled().await;
                Err(StatusCode::GATEWAY_TIMEOUT.into_response())
            }
            _ => Ok(()),
        }
    }

    /// The answer to a change that was made; lost, where that was planned.
    fn answered(&self, answer: Response) -> Response {
        let mut manner = self.manner.lock().unwrap_or_else(PoisonError::into_inner);
        if *manner == Manner::LosesAnswer {
            *manner = Manner::Conflict;
            return StatusCode::GATEWAY_TIMEOUT.into_response();
        }
        answer
    }

    async fn admin(&self, method: reqwest::Method, path: &str) -> Result<StatusCode, Response> {
        let failed = |_| StatusCode::BAD_GATEWAY.into_response();
        let url = self.admin.join(path).map_err(|_| StatusCode::BAD_REQUEST.into_response())?;
        let answer = self.client.request(method, url).json(&json!({})).send().await.map_err(failed)?;
        Ok(StatusCode::from_u16(answer.status().as_u16()).unwrap_or(StatusCode::BAD_GATEWAY))
    }
}

type Called = State<Arc<Shared>>;

async fn list(State(shared): Called, headers: HeaderMap) -> Result<Response, Response> {
    shared.admit(&headers).await?;
    let names: Vec<Value> = shared.databases().keys().map(|name| json!({ "Name": name })).collect();
    Ok(Json(json!({ "databases": names })).into_response())
}

#[derive(Deserialize)]
struct Create {
    name: String,
}

async fn create(
    State(shared): Called,
    headers: HeaderMap,
    Json(asked): Json<Create>,
) -> Result<Response, Response> {
    shared.admit(&headers).await?;
    if shared.databases().contains_key(&asked.name) {
        let status = if shared.manner() == Manner::BadRequest {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::CONFLICT
        };
        return Err(
            (status, Json(json!({ "error": "database with same name already exists" }))).into_response()
        );
    }
    let made = shared.admin(reqwest::Method::POST, &format!("v1/namespaces/{}/create", asked.name)).await?;
    if !made.is_success() {
        return Err(made.into_response());
    }
    shared.databases().insert(asked.name.clone(), false);
    Ok(shared.answered(Json(json!({ "database": { "Name": asked.name } })).into_response()))
}

async fn one(
    State(shared): Called,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    shared.admit(&headers).await?;
    match shared.databases().contains_key(&name) {
        true => Ok(Json(json!({ "database": { "Name": name } })).into_response()),
        false => Err(StatusCode::NOT_FOUND.into_response()),
    }
}

async fn delete(
    State(shared): Called,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    shared.admit(&headers).await?;
    if shared.databases().remove(&name).is_none() {
        return Err(StatusCode::NOT_FOUND.into_response());
    }
    shared.admin(reqwest::Method::DELETE, &format!("v1/namespaces/{name}")).await?;
    Ok(shared.answered(Json(json!({ "database": name })).into_response()))
}

#[derive(Deserialize)]
struct Mint {
    expiration: Option<String>,
    authorization: Option<String>,
}

async fn mint(
    State(shared): Called,
    Path((_, name)): Path<(String, String)>,
    Query(asked): Query<Mint>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    shared.admit(&headers).await?;
    if !shared.databases().contains_key(&name) {
        return Err(StatusCode::NOT_FOUND.into_response());
    }
    // As it is documented, in the query: a number and a unit.
    let seconds = asked.expiration.as_deref().and_then(|text| text.strip_suffix('s')?.parse().ok());
    let seconds: u64 = seconds.ok_or_else(|| StatusCode::BAD_REQUEST.into_response())?;
    let access = match asked.authorization.as_deref() {
        Some("read-only") => Access::ReadOnly,
        Some("full-access") => Access::ReadWrite,
        _ => return Err(StatusCode::BAD_REQUEST.into_response()),
    };
    let token = shared.issuer.mint_database(&[(&name, access)], Duration::from_secs(seconds));
    let token = token.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())?;
    Ok(Json(json!({ "jwt": token.expose_secret() })).into_response())
}

async fn configure(
    State(shared): Called,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    Json(asked): Json<Value>,
) -> Result<Response, Response> {
    shared.admit(&headers).await?;
    let mut databases = shared.databases();
    let Some(blocked) = databases.get_mut(&name) else { return Err(StatusCode::NOT_FOUND.into_response()) };
    if let Some(block) = asked["block_reads"].as_bool() {
        *blocked = block;
    }
    Ok(Json(json!({ "block_reads": *blocked, "block_writes": *blocked })).into_response())
}

async fn usage(
    State(shared): Called,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    shared.admit(&headers).await?;
    match shared.databases().contains_key(&name) {
        true => {
            let usage = json!({ "rows_read": 1, "rows_written": 2, "storage_bytes": 4096 });
            Ok(Json(json!({ "database": { "usage": usage } })).into_response())
        }
        false => Err(StatusCode::NOT_FOUND.into_response()),
    }
}
