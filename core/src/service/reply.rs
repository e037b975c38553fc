//! Errors as they are answered: a status of the right class, what to do, and a word for programs.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use serde_json::{Value, json};

use crate::catalog::Trouble;
use crate::identity::TokenError;
use crate::tenancy::TenancyError;

/// A request that is not done.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    /// Stable, for programs.
    reason: &'static str,
    /// For people.
    error: String,
    after: Option<Duration>,
    /// What of the request it is about.
    about: Option<Box<Value>>,
}

impl Refusal {
    pub fn new(status: StatusCode, reason: &'static str, error: impl Into<String>) -> Refusal {
        Refusal { status, reason, error: error.into(), after: None, about: None }
    }

    /// When it may be tried again.
    pub fn after(mut self, after: Duration) -> Refusal {
        self.after = Some(after);
        self
    }

    /// What of the request it is about, as further members of the answer.
    pub fn about(mut self, about: Value) -> Refusal {
        self.about = Some(Box::new(about));
        self
    }

    pub fn no_token() -> Refusal {
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            "no_token",
            "the request carries no bearer token; send the identity token as one",
        )
    }

    pub fn not_found() -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, "not_found", "there is nothing of that name here")
    }
}

impl From<TokenError> for Refusal {
    fn from(error: TokenError) -> Refusal {
        match &error {
            // That is no fault of who asks: the issuer's keys cannot be had.
            TokenError::KeysUnavailable(_) => {
                Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "keys_unavailable", error.to_string())
                    .after(Duration::from_secs(5))
            }
            _ => Refusal::new(StatusCode::UNAUTHORIZED, error.reason(), error.to_string()),
        }
    }
}

impl From<TenancyError> for Refusal {
    fn from(error: TenancyError) -> Refusal {
        use StatusCode as S;
        let text = error.to_string();
        let soon = Duration::from_secs(5);
        match error {
            TenancyError::NoTenant { .. } => Refusal::new(S::FORBIDDEN, "not_signed_up", text),
            TenancyError::Suspended { .. } => Refusal::new(S::FORBIDDEN, "suspended", text),
            TenancyError::Erasing { .. } => Refusal::new(S::GONE, "erasing", text),
            TenancyError::Busy { after, .. } | TenancyError::Resting { after, .. } => {
                Refusal::new(S::SERVICE_UNAVAILABLE, "busy", text).after(after)
            }
            TenancyError::Crowded { .. } => {
                Refusal::new(S::TOO_MANY_REQUESTS, "crowded", text).after(Duration::from_secs(1))
            }
            TenancyError::Database { source: Trouble::Full, .. } => {
                Refusal::new(S::INSUFFICIENT_STORAGE, "quota", "the database is as large as it may become")
            }
            TenancyError::Provider(_) => {
                Refusal::new(S::SERVICE_UNAVAILABLE, "provider_away", text).after(soon)
            }
            TenancyError::Database { .. } => {
                Refusal::new(S::SERVICE_UNAVAILABLE, "database_away", text).after(soon)
            }
            TenancyError::Registry { .. } => {
                Refusal::new(S::SERVICE_UNAVAILABLE, "registry_away", text).after(soon)
            }
            TenancyError::CannotRevoke { .. } => Refusal::new(S::CONFLICT, "cannot_revoke", text),
            // What is wrong with the service itself is for who runs it: its log says it.
            TenancyError::NewerRegistry { .. }
            | TenancyError::NewerSchema { .. }
            | TenancyError::Schema { .. }
            | TenancyError::Foreign { .. }
            | TenancyError::NoExport { .. }
            | TenancyError::FileThere { .. }
            | TenancyError::File { .. }
            | TenancyError::RegistryFile { .. }
            | TenancyError::Damaged(_)
            | TenancyError::Seal(_)
            | TenancyError::Key => {
                tracing::error!(error = %text, "a tenant's database cannot be used");
                let told = "this database cannot be used as it stands; ask whoever runs the service";
                Refusal::new(S::INTERNAL_SERVER_ERROR, "unusable", told)
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({ "error": self.error, "reason": self.reason });
        if let (Some(Value::Object(about)), Some(body)) =
            (self.about.map(|about| *about), body.as_object_mut())
        {
            body.extend(about);
        }
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(after) = self.after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
        }
        response
    }
}
