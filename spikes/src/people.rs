//! The people of the spikes, and how they prove who they are.

use std::time::Duration;

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use zenith_core::identity::{Identity, IssuerConfig, Verifier};
use zenith_harness::issuer::{Issuer, Person};

/// How long a token of a spike lives.
pub const TOKEN_LIFETIME: Duration = Duration::from_secs(300);

pub const TEAM: &str = "org_acme";
pub const OTHER_TEAM: &str = "org_umbra";

/// Owns private packages, and is a member of the team.
pub fn owner() -> Person {
    Person::new("user_olive").of(TEAM, "acme", "admin")
}

/// A member of the team.
pub fn member() -> Person {
    Person::new("user_mika").of(TEAM, "acme", "member")
}

/// A member of another team, with private packages too.
pub fn outsider() -> Person {
    Person::new("user_otto").of(OTHER_TEAM, "umbra", "member")
}

/// The shapes of tokens that the product understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    ClerkV1,
    ClerkV2,
    /// Names no organisation.
    Supabase,
}

impl Shape {
    pub const ALL: [Shape; 3] = [Shape::ClerkV1, Shape::ClerkV2, Shape::Supabase];

    pub fn mint(self, issuer: &Issuer, person: &Person) -> anyhow::Result<SecretString> {
        match self {
            Shape::ClerkV1 => issuer.mint_clerk_v1(person, TOKEN_LIFETIME),
            Shape::ClerkV2 => issuer.mint_clerk_v2(person, TOKEN_LIFETIME),
            Shape::Supabase => issuer.mint_supabase(person, TOKEN_LIFETIME),
        }
    }

    pub fn config(self, issuer: &Issuer) -> IssuerConfig {
        match self {
            Shape::ClerkV1 | Shape::ClerkV2 => issuer.clerk(),
            Shape::Supabase => issuer.supabase(),
        }
    }
}

/// Signs a person in: a real token, through the product's verifier.
pub async fn sign_in(issuer: &Issuer, shape: Shape, person: &Person) -> anyhow::Result<Identity> {
    let token = shape.mint(issuer, person)?;
    let verifier = Verifier::new(shape.config(issuer))?;
    let user = verifier.verify(token.expose_secret()).await.context("an honest token was refused")?;
    Ok(user.identity)
}
