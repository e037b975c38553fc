use super::super::lab::now;
use super::*;
use crate::issuer::Forgery;

#[tokio::test]
async fn honest_tokens_of_every_shape_are_accepted() {
    let issuer = Issuer::start().await.unwrap();
    let clerk = Verifier::new(issuer.clerk()).unwrap();
    for token in [issuer.mint_clerk_v1(&ada(), HOUR).unwrap(), issuer.mint_clerk_v2(&ada(), HOUR).unwrap()] {
        let user = clerk.verify(token.expose_secret()).await.unwrap();
        assert_eq!(user.identity.subject(), Some("user_ada"));
        assert_eq!(user.identity.organisation(), Some("org_engine"));
        assert_eq!(user.role.as_deref(), Some("admin"));
        assert_eq!(user.issuer, issuer.clerk().issuer());
        assert!(user.expires_at.abs_diff(now() + HOUR.as_secs()) < 60);
    }

    let supabase = Verifier::new(issuer.supabase()).unwrap();
    let token = issuer.mint_supabase(&ada(), HOUR).unwrap();
    let user = supabase.verify(token.expose_secret()).await.unwrap();
    assert_eq!(user.identity.subject(), Some("user_ada"));
    assert_eq!((user.identity.organisation(), user.role), (None, None));
    issuer.close().await;
}

#[tokio::test]
async fn a_token_of_one_kind_is_refused_by_the_other() {
    let issuer = Issuer::start().await.unwrap();
    let clerk = Verifier::new(issuer.clerk()).unwrap();
    let supabase = Verifier::new(issuer.supabase()).unwrap();
    let (of_clerk, of_supabase) =
        (issuer.mint_clerk_v2(&ada(), HOUR).unwrap(), issuer.mint_supabase(&ada(), HOUR).unwrap());
    assert_eq!(verdict(&clerk, &of_supabase, now()).await, "unknown_issuer");
    assert_eq!(verdict(&supabase, &of_clerk, now()).await, "unknown_issuer");
    assert_eq!(issuer.key_set_requests(), 0, "a token from elsewhere made the verifier ask for keys");
}

#[tokio::test]
async fn every_forgery_is_refused_for_its_own_reason() {
    let issuer = Issuer::start().await.unwrap();
    let verifier = Verifier::new(issuer.clerk()).unwrap();
    for forgery in Forgery::ALL {
        let token = issuer.forge(forgery, &ada()).unwrap();
        let error = verify(&verifier, &token, now()).await.expect_err("a forgery was accepted");
        assert_eq!(error.reason(), forgery.reason(), "{forgery:?}: {error}");
    }
}
