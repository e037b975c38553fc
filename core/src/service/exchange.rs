//! Who signs users in here, signing up, and from an identity to tokens of databases.

use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Json;
use futures::future::try_join_all;
use serde_json::{Value, json};

use super::reply::Refusal;
use super::{Service, ServiceTerms};
use crate::config::SignupPolicy;
use crate::identity::VerifiedUser;
use crate::identity::service::{Access, ExchangeAnswer, ServiceDocument};
use crate::tenancy::{Entry, Tenant};
use secrecy::ExposeSecret;

impl Service {
    /// The entries of a user's tenants, and of their workspace where this service keeps those, made where they are missing and may be. The global one is made by whoever
    /// comes first, since everyone reads it.
    async fn signed_up(&self, user: &VerifiedUser, may_make: bool) -> Result<Vec<Entry>, Refusal> {
        let mut tenants = Tenant::all_of(&user.identity);
        if self.terms.workspaces {
            tenants.extend(Tenant::workspace_of(&user.identity));
        }
        let mut entries = self.tenancy.entries(&tenants).await?;
        let missing: Vec<&Tenant> =
            tenants.iter().filter(|tenant| !entries.iter().any(|entry| entry.tenant == **tenant)).collect();
        for tenant in missing {
            let is_own = matches!(tenant, Tenant::User(_) | Tenant::Workspace(_));
            if is_own && !may_make {
                return Err(Refusal::new(
                    StatusCode::FORBIDDEN,
                    "not_signed_up",
                    "you have no database here yet: POST /signup makes one",
                ));
            }
            // Of a person's own database alone: the others are nobody's.
            let email = user.email.as_deref().filter(|_| is_own).unwrap_or_default();
            entries.push(self.tenancy.sign_up(tenant, email).await?.entry);
        }
        // As they are named: everyone's, the organisation's, one's own, one's workspace.
        entries.sort_by_key(|entry| tenants.iter().position(|tenant| *tenant == entry.tenant));
        Ok(entries)
    }

    /// What a member may do with a database: write their own and, by their role, their organisation's; read the global
    /// one, which publishers write.
    fn access(&self, user: &VerifiedUser, tenant: &Tenant) -> Access {
        let names = |list: &[String], name: Option<&str>| {
            name.is_some_and(|name| list.iter().any(|listed| listed == name))
        };
        let ServiceTerms { publishers, team_writers, .. } = &self.terms;
        let may_write = match tenant {
            Tenant::Global => names(publishers, user.identity.subject()),
            Tenant::Organisation(_) => team_writers.is_empty() || names(team_writers, user.role.as_deref()),
            Tenant::User(_) | Tenant::Workspace(_) => true,
        };
        if may_write { Access::ReadWrite } else { Access::ReadOnly }
    }

    async fn answer(&self, user: &VerifiedUser, entries: &[Entry]) -> Result<Value, Refusal> {
        // Side by side: each may have to be opened.
        try_join_all(entries.iter().map(|entry| self.tenancy.check_stamp(entry))).await?;
        let mut databases = Vec::with_capacity(entries.len());
        for entry in entries {
            let grant = self.tenancy.grant(entry, self.access(user, &entry.tenant)).await?;
            databases.push(json!({
                "role": entry.tenant.role(),
                "organisation": entry.tenant.organisation(),
                "url": grant.url,
                "namespace": grant.namespace,
                "token": grant.token.secret.expose_secret(),
                "access": grant.access,
                "expires_at": grant.token.expires_at,
            }));
        }
        let answer = json!({ "databases": databases, "store": self.terms.store });
        // What a client of this version reads.
        debug_assert!(serde_json::from_value::<ExchangeAnswer>(answer.clone()).is_ok());
        Ok(answer)
    }
}

/// `GET /.well-known/zenith`.
pub(super) async fn document(State(service): State<Arc<Service>>) -> Result<Json<ServiceDocument>, Refusal> {
    let config = service.verifier.config();
    let exchange = service.at("exchange")?;
    Ok(Json(ServiceDocument {
        issuer: config.url.clone(),
        kind: config.kind,
        audience: config.audience.clone(),
        authorized_parties: config.authorized_parties.clone(),
        exchange,
    }))
}

/// `POST /signup`: makes a user's databases.
pub(super) async fn signup(
    State(service): State<Arc<Service>>,
    user: VerifiedUser,
) -> Result<Json<Value>, Refusal> {
    let entries = service.signed_up(&user, true).await?;
    Ok(Json(json!({ "subject": user.identity.subject(), "databases": entries.len() })))
}

/// `POST /exchange`: tokens of the databases that the bearer of an identity token may open.
pub(super) async fn exchange(
    State(service): State<Arc<Service>>,
    user: VerifiedUser,
) -> Result<Json<Value>, Refusal> {
    let may_make = service.terms.signup == SignupPolicy::FirstExchange;
    let entries = service.signed_up(&user, may_make).await?;
    let answer = service.answer(&user, &entries).await?;
    // Their own programs may have written a job for this service since it last looked; nobody waits for that.
    if let Some(own) = entries.into_iter().find(|entry| matches!(entry.tenant, Tenant::User(_))) {
        tokio::spawn(async move { service.note_due(&own).await });
    }
    Ok(Json(answer))
}

/// Who asks: the word of their token, and of nothing else in the request. It is known before a body is read.
impl FromRequestParts<Arc<Service>> for VerifiedUser {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<VerifiedUser, Refusal> {
        let token = bearer(&parts.headers).ok_or_else(Refusal::no_token)?;
        Ok(service.verifier.verify(token).await?)
    }
}

pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
