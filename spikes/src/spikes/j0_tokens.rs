//! J0: a token is minted and verified, and every forgery is refused for its own reason.
//!
//! Why: the visibility of every row hangs on the claims of a token. A verifier that lets one forged
//! token through opens every tier to whoever can write JSON.
//!
//! Method: an issuer on loopback mints honest tokens of every shape and serves its keys over HTTP;
//! then it forges tokens that are each wrong in one way: expired, wrongly signed, of another issuer,
//! `alg: none`, signed with the public key as a secret. The product's verifier judges all of them.
//!
//! Accept when every honest token gives the identity that it names, every forgery is refused for its
//! own reason, and the keys were asked for once a verifier.

use anyhow::Context;
use futures::FutureExt;
use secrecy::ExposeSecret;
use zenith_core::identity::{Identity, KeySet, Verifier};
use zenith_harness::issuer::{Forgery, Person};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::people::{Shape, owner};

const NOT_CHECKED: &str = "signature-not-checked";

pub const SPIKE: Spike = Spike {
    id: "J0",
    title: "a minted token is verified, and every forged one is refused for its own reason",
    group: Group::Catalog,
    backends: &[Backend::Embedded, Backend::Local],
    expected: Expected::Holds,
    targets: &[Target::gate("key set requests of 20 verifications", 1.0, Unit::Requests)],
    faults: &[Fault { name: NOT_CHECKED, what: "the claims are believed without their signature" }],
    run: |trial| run(trial).boxed(),
};

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let issuer = trial.lab.issuer();
    let person = owner();

    for shape in Shape::ALL {
        let token = shape.mint(issuer, &person)?;
        let verifier = Verifier::new(shape.config(issuer))?;
        let user = verifier.verify(token.expose_secret()).await;
        let subject = user.as_ref().ok().and_then(|user| user.identity.subject().map(str::to_string));
        evidence.check_eq(
            format!("an honest {shape:?} token gives its subject"),
            subject,
            Some(person.subject.clone()),
        );
    }

    let before = issuer.key_set_requests();
    let verifier = Verifier::new(issuer.clerk())?;
    for forgery in Forgery::ALL {
        let token = issuer.forge(forgery, &person)?;
        let verdict = if trial.has_fault(NOT_CHECKED) {
            believe(token.expose_secret()).map(|_| ()).map_err(|_| "unreadable")
        } else {
            verifier.verify(token.expose_secret()).await.map(|_| ()).map_err(|error| error.reason())
        };
        evidence.check_eq(format!("refused: {forgery:?}"), verdict, Err(forgery.reason()));
    }
    let honest = issuer.mint_clerk_v2(&person, crate::people::TOKEN_LIFETIME)?;
    evidence.check("an honest one is still accepted", verifier.verify(honest.expose_secret()).await.is_ok());
    // An unknown key may ask once more, at a bounded rate that 20 verifications do not reach.
    let requests = issuer.key_set_requests() - before;
    evidence.count("key set requests of 20 verifications", requests as u64, Unit::Requests);

    let fixed = KeySet::fixed(issuer.clerk().kind, r#"{"keys": []}"#);
    evidence.check("a key set without keys is refused", fixed.is_err());
    Ok(evidence)
}

/// What a program does that reads claims without checking who signed them.
pub(super) fn believe(token: &str) -> anyhow::Result<Identity> {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let claims = token.split('.').nth(1).context("no claims")?;
    let claims: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?;
    let person = Person::new(claims["sub"].as_str().unwrap_or_default());
    Ok(Identity::user(person.subject, None)?)
}
