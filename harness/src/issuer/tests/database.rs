//! The tokens for sqld.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, json};
use zenith_core::identity::service::Access;

use super::super::lab::now;
use super::*;

/// What sqld would read in a token, checked as sqld does.
fn opened(issuer: &Issuer, token: &SecretString) -> Value {
    let pem = issuer.database_public_key_pem().unwrap();
    let key = DecodingKey::from_ed_pem(pem.as_bytes()).unwrap();
    let mut claims: Value =
        decode(token.expose_secret(), &key, &Validation::new(Algorithm::EdDSA)).unwrap().claims;
    let expires = claims.as_object_mut().unwrap().remove("exp").unwrap().as_u64().unwrap();
    assert!(expires > now());
    claims
}

#[tokio::test]
async fn database_tokens_open_what_they_name_and_never_everything() {
    let issuer = Issuer::start().await.unwrap();
    let several = [("a", Access::ReadOnly), ("b", Access::ReadWrite), ("c", Access::ReadWrite)];
    let token = issuer.mint_database(&several, HOUR).unwrap();
    let expected = json!({"p": {"ro": {"ns": ["a"]}, "rw": {"ns": ["b", "c"]}}});
    assert_eq!(opened(&issuer, &token), expected);
    assert!(issuer.mint_database(&[], HOUR).is_err());
    assert!(issuer.mint_database(&[("", Access::ReadOnly)], HOUR).is_err());
}
