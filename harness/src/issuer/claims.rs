//! What the tokens of each kind say, as the issuers document it.

use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::{Map, Value, json};
use zenith_core::identity::service::Access;

/// Somebody who signs in.
#[derive(Clone, Debug)]
pub struct Person {
    pub subject: String,
    pub organisation: Option<Membership>,
}

/// The organisation that somebody acts for.
#[derive(Clone, Debug)]
pub struct Membership {
    pub id: String,
    pub slug: String,
    /// Without `org:`.
    pub role: String,
}

impl Person {
    /// Somebody without an organisation.
    pub fn new(subject: impl Into<String>) -> Person {
        Person { subject: subject.into(), organisation: None }
    }

    /// The same person, acting for an organisation.
    pub fn of(self, id: impl Into<String>, slug: impl Into<String>, role: impl Into<String>) -> Person {
        let organisation = Some(Membership { id: id.into(), slug: slug.into(), role: role.into() });
        Person { organisation, ..self }
    }
}

/// From when to when a token is valid, in seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct Validity {
    pub issued_at: u64,
    pub expires_at: u64,
}

impl Validity {
    pub fn new(now: u64, lifetime: Duration) -> Validity {
        Validity { issued_at: now, expires_at: now.saturating_add(lifetime.as_secs()) }
    }
}

/// A session token of Clerk, version 2.
pub fn clerk_v2(issuer: &str, person: &Person, validity: Validity) -> Value {
    let mut claims = clerk_v1(issuer, &Person::new(&person.subject), validity);
    claims["v"] = json!(2);
    claims["sts"] = json!("active");
    claims["fva"] = json!([0, -1]);
    if let Some(organisation) = &person.organisation {
        claims["o"] = json!({"id": organisation.id, "slg": organisation.slug, "rol": organisation.role, "per": "", "fpm": ""});
    }
    claims
}

/// A session token of Clerk, version 1.
pub fn clerk_v1(issuer: &str, person: &Person, validity: Validity) -> Value {
    let mut claims = json!({
        "iss": issuer,
        "sub": person.subject,
        "sid": "sess_lab",
        "iat": validity.issued_at,
        "nbf": validity.issued_at.saturating_sub(10),
        "exp": validity.expires_at,
    });
    if let Some(organisation) = &person.organisation {
        claims["org_id"] = json!(organisation.id);
        claims["org_slug"] = json!(organisation.slug);
        claims["org_role"] = json!(format!("org:{}", organisation.role));
    }
    claims
}

/// An access token of Supabase Auth, which knows no organisations.
pub fn supabase(issuer: &str, person: &Person, validity: Validity) -> Value {
    json!({
        "iss": issuer,
        "sub": person.subject,
        "aud": "authenticated",
        "role": "authenticated",
        "aal": "aal1",
        "session_id": "c0ffee00-0000-4000-8000-000000000000",
        "email": "",
        "phone": "",
        "is_anonymous": false,
        "app_metadata": {"provider": "email", "providers": ["email"]},
        "user_metadata": {},
        "iat": validity.issued_at,
        "exp": validity.expires_at,
    })
}

/// What sqld reads: `id` and `a` for one namespace, `p` for several. A token with neither may
/// write everywhere, so one for nothing is refused here.
pub fn database(grants: &[(&str, Access)], validity: Validity) -> Result<Value> {
    if grants.iter().any(|(namespace, _)| namespace.is_empty()) {
        bail!("a database token was asked for a namespace without a name");
    }
    match grants {
        [] => bail!("a database token was asked for no database: sqld would take it for all of them"),
        [(namespace, access)] => Ok(json!({"id": namespace, "a": access, "exp": validity.expires_at})),
        _ => {
            let mut permissions = Map::new();
            for (key, access) in [("ro", Access::ReadOnly), ("rw", Access::ReadWrite)] {
                let allowed: Vec<&str> =
                    grants.iter().filter(|grant| grant.1 == access).map(|grant| grant.0).collect();
                if !allowed.is_empty() {
                    permissions.insert(key.to_string(), json!({ "ns": allowed }));
                }
            }
            Ok(json!({"p": permissions, "exp": validity.expires_at}))
        }
    }
}
