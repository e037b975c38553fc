//! When key sets are asked for, and what is believed when the answer does not come or is a lie.
//! Time is passed in: hours go by without anyone waiting.

use std::sync::Arc;

use zenith_core::identity::{KeyError, Unreached};

use super::super::lab::now;
use super::*;
use crate::issuer::{Behaviour, Forgery, Lie};

fn unavailable(result: Result<VerifiedUser, TokenError>) -> KeyError {
    match result {
        Err(TokenError::KeysUnavailable(error)) => error,
        other => panic!("the keys should not have been available: {other:?}"),
    }
}

#[tokio::test]
async fn many_tokens_cost_one_request() {
    let issuer = Issuer::start().await.unwrap();
    issuer.behave(Behaviour::Slow(Duration::from_millis(50)));
    let verifier = Arc::new(Verifier::new(issuer.clerk()).unwrap());
    let (token, start) = (Arc::new(issuer.mint_clerk_v2(&ada(), MONTH).unwrap()), now());
    let forged = Arc::new(issuer.forge(Forgery::UnknownKey, &ada()).unwrap());

    for (token, at, expected, requests) in
        [(&token, start, "user_ada", 1), (&forged, start + 30, "unknown_key", 2)]
    {
        let callers: Vec<_> = (0..32)
            .map(|_| {
                let (verifier, token) = (verifier.clone(), token.clone());
                tokio::spawn(async move { verdict(&verifier, &token, at).await })
            })
            .collect();
        for caller in callers {
            assert_eq!(caller.await.unwrap(), expected);
        }
        assert_eq!(issuer.key_set_requests(), requests);
    }
    issuer.close().await;
}

#[tokio::test]
async fn a_rotated_key_is_asked_for_at_a_bounded_rate() {
    let issuer = Issuer::start().await.unwrap();
    let verifier = Verifier::new(issuer.clerk()).unwrap();
    let (old, start) = (issuer.mint_clerk_v2(&ada(), MONTH).unwrap(), now());
    assert_eq!(verdict(&verifier, &old, start).await, "user_ada");

    issuer.rotate_clerk().unwrap();
    let new = issuer.mint_clerk_v2(&ada(), MONTH).unwrap();
    for at in start..start + 30 {
        assert_eq!(verdict(&verifier, &new, at).await, "unknown_key");
    }
    assert_eq!(issuer.key_set_requests(), 1);
    assert_eq!(verdict(&verifier, &new, start + 30).await, "user_ada");
    assert_eq!(issuer.key_set_requests(), 2);
    // The withdrawn key stops counting with the set that does not hold it.
    assert_eq!(verdict(&verifier, &old, start + 31).await, "unknown_key");
    assert_eq!(issuer.key_set_requests(), 2);
}

#[tokio::test]
async fn a_withdrawn_key_counts_for_an_hour_at_most() {
    let issuer = Issuer::start().await.unwrap();
    let verifier = Verifier::new(issuer.clerk()).unwrap();
    let (old, start) = (issuer.mint_clerk_v2(&ada(), MONTH).unwrap(), now());
    assert_eq!(verdict(&verifier, &old, start).await, "user_ada");
    issuer.rotate_clerk().unwrap();
    assert_eq!(verdict(&verifier, &old, start + 3600).await, "user_ada");
    assert_eq!(verdict(&verifier, &old, start + 3601).await, "unknown_key");
    assert_eq!(issuer.key_set_requests(), 2);
}

#[tokio::test]
async fn an_outage_is_survived_for_a_day() {
    let issuer = Issuer::start().await.unwrap();
    let verifier = Verifier::new(issuer.clerk()).unwrap();
    let (token, start) = (issuer.mint_clerk_v2(&ada(), MONTH).unwrap(), now());
    issuer.behave(Behaviour::Down);
    assert_eq!(unavailable(verify(&verifier, &token, start).await), KeyError::Status(503));
    issuer.behave(Behaviour::Up);
    // Asked a moment ago: the reason is still the one that was found then.
    assert_eq!(unavailable(verify(&verifier, &token, start + 29).await), KeyError::Status(503));
    let fetched = start + 30;
    assert_eq!(verdict(&verifier, &token, fetched).await, "user_ada");

    issuer.behave(Behaviour::Down);
    let day = 24 * 60 * 60;
    assert_eq!(verdict(&verifier, &token, fetched + 3601).await, "user_ada");
    assert_eq!(verdict(&verifier, &token, fetched + day).await, "user_ada");
    assert_eq!(issuer.key_set_requests(), 4, "a stale key set is asked for again, and only that");
    assert_eq!(unavailable(verify(&verifier, &token, fetched + day + 1).await), KeyError::Status(503));
    // A clock that is set back by more than a day is no way around it.
    assert_eq!(verdict(&verifier, &token, fetched - day - 1).await, "keys_unavailable");

    issuer.behave(Behaviour::Up);
    assert_eq!(verdict(&verifier, &token, fetched + day + 31).await, "user_ada");
}

#[tokio::test]
async fn a_server_that_hangs_costs_one_deadline() {
    let issuer = Issuer::start().await.unwrap();
    let (token, start) = (issuer.mint_clerk_v2(&ada(), MONTH).unwrap(), now());
    issuer.behave(Behaviour::Hanging);
    let verifier = impatient(issuer.clerk());
    assert_eq!(unavailable(verify(&verifier, &token, start).await), KeyError::Deadline);
    issuer.behave(Behaviour::Slow(HOUR));
    assert_eq!(unavailable(verify(&verifier, &token, start + 30).await), KeyError::Deadline);
    assert_eq!(issuer.key_set_requests(), 2);
    issuer.close().await;
}

#[tokio::test]
async fn while_one_asks_again_the_others_do_not_wait() {
    let issuer = Issuer::start().await.unwrap();
    let verifier = Arc::new(Verifier::new(issuer.clerk()).unwrap());
    let (token, start) = (Arc::new(issuer.mint_clerk_v2(&ada(), MONTH).unwrap()), now());
    assert_eq!(verdict(&verifier, &token, start).await, "user_ada");

    issuer.behave(Behaviour::Hanging);
    let first = {
        let (verifier, token) = (verifier.clone(), token.clone());
        tokio::spawn(async move { verdict(&verifier, &token, start + 3601).await })
    };
    asked(&issuer, 2).await;
    assert_eq!(verdict(&verifier, &token, start + 3601).await, "user_ada");
    assert!(!first.is_finished(), "the second waited for the first");
    // Closing ends the request that hangs; what was cached still counts.
    issuer.close().await;
    assert_eq!(first.await.unwrap(), "user_ada");
}

#[tokio::test]
async fn a_caller_who_gives_up_loses_no_answer() {
    let issuer = Issuer::start().await.unwrap();
    issuer.behave(Behaviour::Slow(Duration::from_millis(50)));
    let verifier = Arc::new(Verifier::new(issuer.clerk()).unwrap());
    let (token, start) = (Arc::new(issuer.mint_clerk_v2(&ada(), MONTH).unwrap()), now());
    let impatient = {
        let (verifier, token) = (verifier.clone(), token.clone());
        tokio::spawn(async move { verdict(&verifier, &token, start).await })
    };
    asked(&issuer, 1).await;
    impatient.abort();
    assert!(impatient.await.unwrap_err().is_cancelled());
    assert_eq!(verdict(&verifier, &token, start).await, "user_ada");
    assert_eq!(issuer.key_set_requests(), 1);
}

#[tokio::test]
async fn nothing_that_listens_is_said_so() {
    let issuer = Issuer::start().await.unwrap();
    let (token, verifier) = (issuer.mint_clerk_v2(&ada(), HOUR).unwrap(), impatient(issuer.clerk()));
    issuer.close().await;
    let why = unavailable(verify(&verifier, &token, now()).await);
    assert_eq!(why, KeyError::Unreached(Unreached::Refused));
}

#[tokio::test]
async fn a_lie_is_not_believed_and_evicts_nothing() {
    let issuer = Issuer::start().await.unwrap();
    let (token, start) = (issuer.mint_clerk_v2(&ada(), MONTH).unwrap(), now());
    let forged = issuer.forge(Forgery::UnknownKey, &ada()).unwrap();
    for lie in Lie::ALL {
        // From nothing: whoever is lied to from the first moment knows no keys.
        issuer.behave(Behaviour::Lying(lie));
        let verifier = impatient(issuer.clerk());
        let expected = match lie {
            Lie::Html | Lie::WrongJson => KeyError::NotAKeySet,
            Lie::EmptySet | Lie::SharedSecret => KeyError::NoUsableKey,
            Lie::HugeBody => KeyError::TooLarge,
            Lie::EndlessBody => KeyError::Deadline,
            Lie::Redirect => KeyError::Status(302),
            Lie::DuplicateIds => KeyError::DuplicateKeyId,
            Lie::WrongKeys => {
                // Nothing tells these from the right ones, except that no honest token fits them.
                assert_eq!(verdict(&verifier, &token, start).await, "signature");
                continue;
            }
        };
        assert_eq!(unavailable(verify(&verifier, &token, start).await), expected, "{lie:?}");
    }
    for lie in Lie::ALL {
        issuer.behave(Behaviour::Up);
        let verifier = impatient(issuer.clerk());
        assert_eq!(verdict(&verifier, &token, start).await, "user_ada");
        let before = issuer.key_set_requests();
        issuer.behave(Behaviour::Lying(lie));
        assert_eq!(verdict(&verifier, &forged, start + 30).await, "unknown_key", "{lie:?}");
        assert_eq!(verdict(&verifier, &token, start + 3601).await, "user_ada", "{lie:?} evicted the keys");
        assert_eq!(verdict(&verifier, &token, start + 3602).await, "user_ada", "{lie:?} evicted the keys");
        assert_eq!(issuer.key_set_requests(), before + 2, "{lie:?}");
    }
    issuer.close().await;
}
