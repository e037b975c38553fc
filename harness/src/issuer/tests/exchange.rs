//! The service document, the exchange, and the tokens for sqld.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, json};
use zenith_core::identity::service::{Access, ExchangeAnswer, GrantRole, ServiceDocument};
use zenith_core::identity::{Identity, IssuerKind};

use super::super::lab::now;
use super::*;
use crate::issuer::{DatabaseOffer, Forgery};

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

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn exchange(document: &ServiceDocument, token: &SecretString) -> reqwest::Response {
    client().post(document.exchange.clone()).bearer_auth(token.expose_secret()).send().await.unwrap()
}

async fn document(issuer: &Issuer) -> ServiceDocument {
    let url = issuer.url().join("/.well-known/zenith").unwrap();
    client().get(url).send().await.unwrap().json().await.unwrap()
}

/// The federation that a user opens: the global database and their own.
fn federation(identity: &Identity) -> Vec<DatabaseOffer> {
    let offer = |role, namespace: Option<String>, access| DatabaseOffer {
        role,
        organisation: None,
        url: "http://127.0.0.1:1".parse().unwrap(),
        namespace,
        access,
    };
    let own = identity.subject().map(|subject| format!("own-{subject}"));
    vec![offer(GrantRole::Global, None, Access::ReadOnly), offer(GrantRole::Own, own, Access::ReadWrite)]
}

#[tokio::test]
async fn an_identity_token_is_exchanged_for_ones_that_sqld_reads() {
    let issuer = Issuer::start().await.unwrap();
    for kind in [IssuerKind::Clerk, IssuerKind::Supabase] {
        issuer.serve_databases(kind, federation);
        let document = document(&issuer).await;
        let (config, token) = match kind {
            IssuerKind::Clerk => (issuer.clerk(), issuer.mint_clerk_v2(&ada(), HOUR).unwrap()),
            IssuerKind::Supabase => (issuer.supabase(), issuer.mint_supabase(&ada(), HOUR).unwrap()),
        };
        assert_eq!(document.issuer_config(), config);

        let answer: ExchangeAnswer = exchange(&document, &token).await.json().await.unwrap();
        let [global, own] = answer.databases.as_slice() else { panic!("not two databases: {answer:?}") };
        assert_eq!((global.role, global.access), (GrantRole::Global, Access::ReadOnly));
        assert_eq!(opened(&issuer, &global.token), json!({"id": "default", "a": "ro"}));
        assert_eq!(own.namespace.as_deref(), Some("own-user_ada"));
        assert_eq!(opened(&issuer, &own.token), json!({"id": "own-user_ada", "a": "rw"}));
        assert!(own.expires_at > now());
    }
    assert_eq!(issuer.key_set_requests(), 0, "the exchange's own checks were counted");
}

#[tokio::test]
async fn a_bad_token_is_exchanged_for_plain_words() {
    let issuer = Issuer::start().await.unwrap();
    issuer.serve_databases(IssuerKind::Clerk, federation);
    let document = document(&issuer).await;
    for forgery in Forgery::ALL {
        let token = issuer.forge(forgery, &ada()).unwrap();
        let answer = exchange(&document, &token).await;
        assert_eq!(answer.status(), 401, "{forgery:?}");
        let answer: Value = answer.json().await.unwrap();
        let words = answer["error"].as_str().unwrap();
        assert!(words.contains("token") || words.contains("session"), "{words}");
    }
    let bare = client().post(document.exchange.clone()).send().await.unwrap();
    assert_eq!(bare.status(), 401);
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
