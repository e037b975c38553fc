//! Tokens of every shape that must be accepted, up to the very edges.

use IssuerKind::{Clerk, Supabase};
use anyhow::Result;
use serde_json::{Value, json};
use zenith_core::identity::IssuerKind;
use zenith_harness::issuer::draft::Draft;

use crate::maker::{Accepted, Case, Maker, NOW, SUPABASE_CLIENT, UUID};

pub fn cases(maker: &Maker) -> Result<Vec<Case>> {
    let (v2, v1, supabase) = (maker.draft(Clerk), maker.draft_v1(), maker.draft(Supabase));
    let mut cases = Vec::new();

    let mut clerk = |name: &str, draft: &Draft, organisation: Option<&str>, role: Option<&str>, why: &str| {
        let token = draft.signed_by(&maker.clerk)?;
        let accepted = accepted("user_2ada", organisation, role);
        cases.push(Case::accepted(Clerk, name, token, accepted, why));
        anyhow::Ok(())
    };
    let (org, admin) = (Some("org_2engine"), Some("admin"));
    let (set, unset) = (|v: Value| Some(v), None);
    clerk("v2", &v2, org, admin, "version 2 with an organisation")?;
    clerk("v2-alone", &v2.with_claim("o", unset.clone())?, None, None, "version 2 without an organisation")?;
    clerk(
        "v2-null",
        &v2.with_claim("o", set(Value::Null))?,
        None,
        None,
        "the organisation is null: there is none",
    )?;
    let bare = v2.with_claim("o", set(json!({"id": "org_2engine"})))?;
    clerk("v2-bare", &bare, org, None, "an organisation without slug and role")?;
    let stray = v2.with_claim("org_id", set(json!("org_stray")))?;
    clerk("v2-stray", &stray, org, admin, "version 2 does not read what version 1 says")?;
    clerk("v1", &v1, org, admin, "version 1 with an organisation")?;
    clerk("v1-said", &v1.with_claim("v", set(json!(1)))?, org, admin, "version 1 that says so")?;
    let nulls = v1.with_claim("org_id", set(Value::Null))?.with_claim("org_slug", set(Value::Null))?;
    let nulls = nulls.with_claim("org_role", set(Value::Null))?;
    clerk("v1-nulls", &nulls, None, None, "templates write null where there is no organisation")?;
    let stray = v1.with_claim("o", set(json!({"id": "org_stray"})))?;
    clerk("v1-stray", &stray, org, admin, "version 1 does not read what version 2 says")?;
    clerk(
        "no-party",
        &v2.with_claim("azp", unset.clone())?,
        org,
        admin,
        "a browser may leave its origin out",
    )?;
    clerk("no-status", &v2.with_claim("sts", unset.clone())?, org, admin, "the status may be left out")?;
    clerk("no-act", &v2.with_claim("act", set(Value::Null))?, org, admin, "nobody acts for the user")?;
    let more = v2.with_claim("plan", set(json!({"seats": [1, 2.5, null, "x"]})))?;
    clerk("more-claims", &more, org, admin, "an application may add claims")?;

    clerk("exp-in-leeway", &v2.with_claim("exp", set(json!(NOW - 29)))?, org, admin, "clocks may differ")?;
    let fraction = v2.with_claim("exp", set(json!(NOW as f64 + 50.5)))?;
    clerk("exp-fraction", &fraction, org, admin, "RFC 7519 allows fractions of a second")?;
    let longest = v2.with_claim("exp", set(json!(NOW + 31 * 86_400 + 30)))?;
    clerk("exp-longest", &longest, org, admin, "a month is not too long")?;
    clerk("nbf-in-leeway", &v2.with_claim("nbf", set(json!(NOW + 30)))?, org, admin, "clocks may differ")?;
    clerk("iat-in-leeway", &v2.with_claim("iat", set(json!(NOW + 30)))?, org, admin, "clocks may differ")?;
    let bare = v2.with_claim("nbf", unset.clone())?.with_claim("iat", unset.clone())?;
    clerk("exp-alone", &bare, org, admin, "the end is needed, the beginning is not")?;

    clerk("no-typ", &v2.with_header("typ", unset.clone())?, org, admin, "the type may be left out")?;
    clerk(
        "typ-lower-case",
        &v2.with_header("typ", set(json!("jwt")))?,
        org,
        admin,
        "the type's case is free",
    )?;
    let category = v2.with_header("cat", set(json!("cl_B7d4PD111AAA")))?;
    clerk("category", &category, org, admin, "Clerk says a category in its headers")?;

    let longest = v2.with_claim("sub", set(json!("u".repeat(128))))?.signed_by(&maker.clerk)?;
    let whom = accepted(&"u".repeat(128), org, admin);
    cases.push(Case::accepted(Clerk, "longest-subject", longest, whom, "128 bytes are not too long"));
    let next = v2.with_header("kid", Some(json!(maker.clerk_next.id())))?.signed_by(&maker.clerk_next)?;
    let whom = accepted("user_2ada", org, admin);
    cases.push(Case::accepted(Clerk, "next-key", next, whom, "during a rotation there are two keys"));

    let rsa = supabase.with_header("alg", Some(json!("RS256")))?;
    let rsa = rsa.with_header("kid", Some(json!(maker.supabase_rsa.id())))?.signed_by(&maker.supabase_rsa)?;
    let by_p256 =
        |claim: &str, value: Value| supabase.with_claim(claim, Some(value))?.signed_by(&maker.supabase);
    let theirs = json!({"org_id": "org_2engine", "role": "service_role"});
    for (name, token, why) in [
        ("es256", supabase.signed_by(&maker.supabase)?, "the usual shape"),
        ("rs256", rsa, "a project may choose RSA"),
        ("audiences", by_p256("aud", json!(["authenticated"]))?, "the audience may be a list"),
        (
            "client",
            by_p256("client_id", json!(SUPABASE_CLIENT))?,
            "an application that may sign users in obtained it",
        ),
        (
            "anonymous",
            by_p256("is_anonymous", json!(true))?,
            "who signed in without an address is a user too",
        ),
        ("app-metadata", by_p256("app_metadata", theirs.clone())?, "no organisation is read there"),
        ("user-metadata", by_p256("user_metadata", theirs)?, "what users say of themselves opens nothing"),
    ] {
        cases.push(Case::accepted(Supabase, name, token, accepted(UUID, None, None), why));
    }
    Ok(cases)
}

fn accepted(subject: &str, organisation: Option<&str>, role: Option<&str>) -> Accepted {
    Accepted {
        subject: subject.to_string(),
        organisation: organisation.map(str::to_string),
        role: role.map(str::to_string),
    }
}
