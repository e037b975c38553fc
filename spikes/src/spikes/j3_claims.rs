//! J3: the claims of a verified token decide what is found.
//!
//! Why: no custom roles are kept anywhere; who somebody is, and for whom they act, comes from their
//! token alone. That must hold for every shape of token that is accepted.
//!
//! Method: for each shape, the owner, a member and an outsider get a real token, the product's
//! verifier makes an identity of it, and the product's catalog is asked as that identity. Then
//! somebody forges the owner's token. On the cloud, the token of `ZENITH_AUTH__TEST_TOKEN` is used.
//!
//! Accept when each sees exactly what their claims entitle to (an organisation only where the token
//! names one), and the forged token shows nothing that a stranger does not see.

use anyhow::Context;
use futures::FutureExt;
use secrecy::ExposeSecret;
use zenith_core::identity::{Identity, IssuerConfig, IssuerKind, Verifier};
use zenith_harness::issuer::{Forgery, Person};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Trial, Unit};

use crate::packages::{self, expected_for, put_all, seen_by};
use crate::people::{self, Shape, sign_in};

const NOT_CHECKED: &str = "signature-not-checked";
const PREDICATE: &str = "scope-predicate-dropped";

pub const SPIKE: Spike = Spike {
    id: "J3",
    title: "the claims of a verified token decide what is found",
    group: Group::Catalog,
    backends: &[Backend::Embedded, Backend::Local, Backend::Container, Backend::Cloud],
    expected: Expected::Holds,
    targets: &[],
    faults: &[
        Fault { name: NOT_CHECKED, what: "the claims are believed without their signature" },
        Fault { name: PREDICATE, what: "every row says that its reader may see it" },
    ],
    run: |trial| run(trial).boxed(),
};

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let database = trial.lab.database("catalog").await?;
    let catalog = database.catalog().await?;
    put_all(&catalog).await?;
    if trial.has_fault(PREDICATE) {
        packages::drop_predicate(&database.open().await?.connect()?).await?;
    }
    let issuer = trial.lab.issuer();

    for shape in Shape::ALL {
        for (who, person) in people() {
            let identity = sign_in(issuer, shape, &person).await?;
            evidence.check_eq(
                format!("{shape:?}: the subject of the {who}"),
                identity.subject(),
                Some(person.subject.as_str()),
            );
            let named = person.organisation.as_ref().map(|membership| membership.id.as_str());
            let organisation = if shape == Shape::Supabase { None } else { named };
            evidence.check_eq(
                format!("{shape:?}: the team of the {who}"),
                identity.organisation(),
                organisation,
            );
            let expected = expected_for(&identity);
            evidence.check_eq(
                format!("{shape:?}: the {who} finds"),
                seen_by(&catalog, &identity).await?,
                expected.clone(),
            );
            evidence.count(format!("{shape:?}: rows for the {who}"), expected.len() as u64, Unit::Rows);
        }
    }

    let forged = issuer.forge(Forgery::ForeignKey, &people::owner())?;
    let identity = if trial.has_fault(NOT_CHECKED) {
        super::j0_tokens::believe(forged.expose_secret())?
    } else {
        match Verifier::new(issuer.clerk())?.verify(forged.expose_secret()).await {
            Ok(user) => user.identity,
            // Who cannot prove who they are is nobody.
            Err(_) => Identity::Anonymous,
        }
    };
    evidence.check_eq(
        "a forged owner finds",
        seen_by(&catalog, &identity).await?,
        expected_for(&Identity::Anonymous),
    );

    if trial.backend == Backend::Cloud {
        real_token(&mut evidence).await?;
    }
    Ok(evidence)
}

fn people() -> [(&'static str, Person); 3] {
    [("owner", people::owner()), ("member", people::member()), ("outsider", people::outsider())]
}

/// A token of a real issuer, where one was given.
async fn real_token(evidence: &mut Evidence) -> anyhow::Result<()> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let Some(token) = variable("ZENITH_AUTH__TEST_TOKEN") else {
        evidence.note("ZENITH_AUTH__TEST_TOKEN is not set: no token of a real issuer was tried");
        return Ok(());
    };
    let issuer = variable("ZENITH_CLERK__ISSUER")
        .context("ZENITH_CLERK__ISSUER must name the issuer of ZENITH_AUTH__TEST_TOKEN")?;
    let verifier = Verifier::new(IssuerConfig::new(issuer.parse()?, IssuerKind::Clerk))?;
    let user = verifier.verify(&token).await;
    evidence.check_with("a real issuer's token is verified", user.is_ok(), || match &user {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    });
    Ok(())
}
