//! The verifier against an issuer that runs, and the issuer itself.

mod database;
mod key_sets;
mod tokens;

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use zenith_core::identity::{IssuerConfig, KeyLimits, KeySet, TokenError, VerifiedUser, Verifier};

use super::{Issuer, Person};

const HOUR: Duration = Duration::from_secs(60 * 60);
const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

fn ada() -> Person {
    Person::new("user_ada").of("org_engine", "engine", "admin")
}

/// A verifier with the product's limits, but for a deadline that a test can wait for.
fn impatient(config: IssuerConfig) -> Verifier {
    let limits = KeyLimits { deadline: Duration::from_millis(200), ..KeyLimits::default() };
    let keys = KeySet::fetched_within(&config, limits).unwrap();
    Verifier::with_keys(config, keys)
}

async fn verify(verifier: &Verifier, token: &SecretString, now: u64) -> Result<VerifiedUser, TokenError> {
    verifier.verify_at(token.expose_secret(), now).await
}

/// The subject of an accepted token, or the reason of a refused one.
async fn verdict(verifier: &Verifier, token: &SecretString, now: u64) -> String {
    match verify(verifier, token, now).await {
        Ok(user) => user.identity.subject().unwrap_or_default().to_string(),
        Err(error) => error.reason().to_string(),
    }
}

/// Waits until the key sets were asked for so many times.
async fn asked(issuer: &Issuer, times: usize) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while issuer.key_set_requests() < times {
        assert!(tokio::time::Instant::now() < deadline, "the key set was not asked for {times} times");
        tokio::task::yield_now().await;
    }
}
