//! What is answered where, and the bounds of every request.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::error_handling::HandleErrorLayer;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use axum::{BoxError, Router};
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use url::Url;

use super::reply::Refusal;
use super::{Service, exchange, health, jobs, look};

/// More than any request needs: the rest of a larger one is not read.
const BODY_BYTES_MAX: usize = 64 * 1024;

impl Service {
    pub(super) fn router(self: &Arc<Service>) -> Router {
        let bounds = ServiceBuilder::new()
            .layer(HandleErrorLayer::new(beyond))
            .load_shed()
            // One for all: a limit of its own would be made for each route.
            .layer(GlobalConcurrencyLimitLayer::new(self.bounds.requests))
            .timeout(self.bounds.deadline);
        Router::new()
            .route("/.well-known/zenith", get(exchange::document))
            .route("/exchange", post(exchange::exchange))
            .route("/signup", post(exchange::signup))
            .route("/health", get(health::health))
            .route("/trial/.well-known/jwks.json", get(trial_keys))
            .route("/look", post(look::look))
            .merge(jobs::routes())
            .fallback(async || Refusal::not_found())
            .method_not_allowed_fallback(async || {
                let error = "this address is asked by another method";
                Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method", error)
            })
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .layer(middleware::from_fn(log))
            .layer(bounds)
            .with_state(self.clone())
    }

    /// An address of this service as its members call it.
    pub(super) fn at(&self, path: &str) -> Result<Url, Refusal> {
        let base = self.terms.url.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}/{path}")).map_err(|_| Refusal::not_found())
    }
}

/// What a bound answers with.
async fn beyond(error: BoxError) -> Refusal {
    if error.is::<tower::timeout::error::Elapsed>() {
        return Refusal::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "the request took too long");
    }
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "too_many", "too many requests at once; try again")
        .after(Duration::from_secs(1))
}

/// A line a request: its path as the router knows it, and never what was in it.
async fn log(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_string());
    let began = Instant::now();
    let response = next.run(request).await;
    let (status, ms) = (response.status().as_u16(), began.elapsed().as_millis());
    let path: String = path.chars().filter(|letter| !letter.is_control()).take(200).collect();
    tracing::info!(%method, path, status, ms, "answered");
    response
}

/// The public keys of the issuer for trying, where there is one.
async fn trial_keys(State(service): State<Arc<Service>>) -> Response {
    match &service.trial {
        Some(trial) => Json(trial.key_set().clone()).into_response(),
        None => Refusal::not_found().into_response(),
    }
}
