//! How the service stands: registry, provider, keys, each asked by itself within a time of its own, so that one that
//! hangs does not hide the others. No token is in it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use serde::Serialize;

use super::Service;
use crate::tenancy::{Standing, TenancyError};

const DEADLINE: Duration = Duration::from_secs(2);

/// What a part of the service answered.
#[derive(Debug, Serialize)]
struct Part {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// How the service stands.
#[derive(Debug, Serialize)]
struct Health {
    ok: bool,
    registry: Part,
    provider: Part,
    keys: Part,
    ready: u64,
    suspended: u64,
    erasing: u64,
    /// Sign-ups that are not finished.
    unfinished: u64,
    /// Tenants whose databases did not answer lately.
    resting: u64,
}

/// Asks all parts at once.
async fn look(service: &Service) -> Health {
    let tenancy = &service.tenancy;
    let (registry, provider, keys, counts, unfinished) = tokio::join!(
        part(tenancy.registry().check()),
        part(tenancy.provider().health()),
        part(tenancy.check_keys()),
        tokio::time::timeout(DEADLINE, tenancy.registry().count()),
        tokio::time::timeout(DEADLINE, tenancy.registry().unfinished()),
    );
    let counts = counts.ok().and_then(Result::ok).unwrap_or_default();
    let count =
        |standing: Standing| counts.iter().find(|(of, _)| *of == standing).map_or(0, |(_, count)| *count);
    Health {
        ok: registry.ok && provider.ok && keys.ok,
        ready: count(Standing::Ready),
        suspended: count(Standing::Suspended),
        erasing: count(Standing::Erasing),
        unfinished: unfinished.ok().and_then(Result::ok).map_or(0, |rows| rows.len() as u64),
        resting: tenancy.resting() as u64,
        registry,
        provider,
        keys,
    }
}

async fn part(asked: impl Future<Output = Result<(), TenancyError>>) -> Part {
    let why = match tokio::time::timeout(DEADLINE, asked).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some(format!("no answer within {} s", DEADLINE.as_secs())),
    };
    Part { ok: why.is_none(), why }
}

/// `GET /health`: 200, or 503 where a part does not answer.
pub(super) async fn health(State(service): State<Arc<Service>>) -> Response {
    let health = look(&service).await;
    let status = if health.ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(health)).into_response()
}
