//! Signatures that are wrong, missing, of another key, or of another algorithm.

use IssuerKind::{Clerk, Supabase};
use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use zenith_core::identity::IssuerKind;
use zenith_harness::issuer::keys::{SigningKey, base64url};

use crate::maker::{Case, Maker};

pub fn cases(maker: &Maker) -> Result<Vec<Case>> {
    let mut cases = unsigned(maker)?;
    cases.extend(confused(maker)?);
    cases.extend(other_algorithms(maker)?);
    cases.extend(wrong(maker)?);
    Ok(cases)
}

fn unsigned(maker: &Maker) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for issuer in [Clerk, Supabase] {
        for spelling in ["none", "None", "NONE", "nOnE"] {
            let draft = maker.draft(issuer).with_header("alg", Some(json!(spelling)))?;
            let name = format!("signature/unsigned-{spelling}");
            let why = "it says that it needs no signature";
            cases.push(Case::refused(issuer, &name, draft.unsigned(), "algorithm", why));
            let name = format!("signature/signed-{spelling}");
            let token = draft.signed_by(maker.key(issuer))?;
            let why = "it says that it needs no signature, and has a right one";
            cases.push(Case::refused(issuer, &name, token, "algorithm", why));
        }
        let token = maker.draft(issuer).unsigned();
        cases.push(Case::refused(issuer, "signature/empty", token, "signature", "the signature is left out"));
    }
    Ok(cases)
}

/// A public key as the secret of a MAC: whoever takes the algorithm from the header checks it so.
fn confused(maker: &Maker) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for issuer in [Clerk, Supabase] {
        let key = maker.key(issuer);
        let jwk = key.public_jwk();
        let pem = key.public_pem()?;
        let number = jwk["n"].as_str().or(jwk["x"].as_str()).context("read a public key")?.to_string();
        let secrets: [(&str, Vec<u8>); 9] = [
            ("pem", pem.clone().into_bytes()),
            ("pem-trimmed", pem.trim_end().as_bytes().to_vec()),
            ("der", key.public_der()?),
            ("jwk", jwk.to_string().into_bytes()),
            ("key-set", json!({"keys": [jwk]}).to_string().into_bytes()),
            ("number", number.clone().into_bytes()),
            ("number-decoded", URL_SAFE_NO_PAD.decode(&number)?),
            ("kid", key.id().as_bytes().to_vec()),
            ("nothing", Vec::new()),
        ];
        let draft = maker.draft(issuer).with_header("alg", Some(json!("HS256")))?;
        for (name, secret) in secrets {
            let token = draft.authenticated_by(&secret, "HS256")?;
            let why = "what everyone knows is its secret";
            cases.push(Case::refused(issuer, &format!("signature/hs256-{name}"), token, "algorithm", why));
        }
        let draft = maker.draft(issuer).with_header("alg", Some(json!("HS512")))?;
        let token = draft.authenticated_by(pem.as_bytes(), "HS512")?;
        cases.push(Case::refused(
            issuer,
            "signature/hs512-pem",
            token,
            "algorithm",
            "the public key is its secret",
        ));
        let token = maker.draft(issuer).authenticated_by(pem.as_bytes(), "HS256")?;
        let why = "it names the right algorithm, and is a MAC under the public key";
        cases.push(Case::refused(issuer, "signature/mac-under-right-alg", token, "signature", why));
    }
    Ok(cases)
}

fn other_algorithms(maker: &Maker) -> Result<Vec<Case>> {
    let (p256, rsa, ed25519) = (&maker.supabase, &maker.supabase_rsa, &maker.ed25519);
    let rows: [(IssuerKind, &str, &SigningKey, &str, &str, &str); 9] = [
        (
            Clerk,
            "rs512",
            &maker.clerk,
            "ins_corpus",
            "RS512",
            "its own key, by an algorithm that is not pinned",
        ),
        (
            Clerk,
            "ps256",
            &maker.clerk,
            "ins_corpus",
            "PS256",
            "its own key, by an algorithm that is not pinned",
        ),
        (Clerk, "es256", &maker.forger_p256, "ins_corpus", "ES256", "Clerk does not sign by ES256"),
        (Clerk, "eddsa", ed25519, "ins_corpus", "EdDSA", "Clerk does not sign by EdDSA"),
        (Supabase, "eddsa", ed25519, p256.id(), "EdDSA", "EdDSA is not pinned"),
        (Supabase, "rs512", rsa, rsa.id(), "RS512", "its own key, by an algorithm that is not pinned"),
        (Supabase, "ps256", rsa, rsa.id(), "PS256", "its own key, by an algorithm that is not pinned"),
        (Supabase, "es256-under-rsa-key", p256, rsa.id(), "ES256", "a pinned algorithm, and not the key's"),
        (Supabase, "rs256-under-p256-key", rsa, p256.id(), "RS256", "a pinned algorithm, and not the key's"),
    ];
    rows.into_iter()
        .map(|(issuer, name, key, id, algorithm, why)| {
            let draft = maker.draft(issuer).with_header("alg", Some(json!(algorithm)))?;
            let token = draft.with_header("kid", Some(json!(id)))?.signed_as(key, algorithm)?;
            Ok(Case::refused(issuer, &format!("signature/{name}"), token, "algorithm", why))
        })
        .collect()
}

fn wrong(maker: &Maker) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    let mut add = |issuer, name: &str, token, why: &str| {
        cases.push(Case::refused(issuer, &format!("signature/{name}"), token, "signature", why));
    };
    for issuer in [Clerk, Supabase] {
        let (key, draft) = (maker.key(issuer), maker.draft(issuer));
        let (message, signature) = (draft.message(), key.sign(key.algorithm(), draft.message().as_bytes())?);
        let with = |signature: &[u8]| format!("{message}.{}", base64url(signature));
        let changed = |at: usize| {
            let mut changed = signature.clone();
            changed[at] ^= 1;
            changed
        };
        add(issuer, "first-bit", with(&changed(0)), "one bit of the signature is another");
        add(issuer, "last-bit", with(&changed(signature.len() - 1)), "one bit of the signature is another");
        add(
            issuer,
            "truncated",
            with(&signature[..signature.len() - 1]),
            "the signature lacks its last byte",
        );
        add(issuer, "extended", with(&[&signature[..], &[0]].concat()), "the signature has a byte too many");
        add(
            issuer,
            "leading-zero",
            with(&[&[0], &signature[..]].concat()),
            "a zero stands before the signature",
        );
        add(issuer, "zeros", with(&vec![0; signature.len()]), "the signature is zeros");
        add(issuer, "one-byte", with(&[1]), "the signature is one byte");

        let other = draft.with_claim("sub", Some(json!("user_other")))?;
        let token = format!("{}.{}", other.message(), base64url(&signature));
        add(issuer, "other-claims", token, "the claims were changed after they were signed");
        let other = draft.with_header("x", Some(json!(1)))?;
        let token = format!("{}.{}", other.message(), base64url(&signature));
        add(issuer, "other-header", token, "the header was changed after it was signed");
        let claims = draft.message().split('.').nth(1).unwrap_or_default().to_string();
        let token = format!("{message}.{}", base64url(key.sign(key.algorithm(), claims.as_bytes())?));
        add(issuer, "of-claims-alone", token, "the signature leaves the header out");
    }
    let draft = maker.draft(Clerk);
    add(Clerk, "forger", draft.signed_by(&maker.forger_rsa)?, "another key under the right id");
    add(Clerk, "of-next-key", draft.signed_by(&maker.clerk_next)?, "the issuer's other key");
    add(Clerk, "rs512-under-rs256", draft.signed_as(&maker.clerk, "RS512")?, "RS512 under the name of RS256");
    add(Clerk, "ps256-under-rs256", draft.signed_as(&maker.clerk, "PS256")?, "PS256 under the name of RS256");

    let draft = maker.draft(Supabase);
    add(Supabase, "forger", draft.signed_by(&maker.forger_p256)?, "another key under the right id");
    let message = draft.message();
    let signature = maker.supabase.sign("ES256", message.as_bytes())?;
    let (r, s) = signature.split_at(32);
    let with = |signature: &[u8]| format!("{message}.{}", base64url(signature));
    add(Supabase, "in-der", with(&in_der(r, s)), "ES256 takes two numbers, not DER");
    add(Supabase, "swapped", with(&[s, r].concat()), "the two numbers are swapped");
    add(Supabase, "r-zero", with(&[&[0; 32], s].concat()), "the first number is zero");
    add(Supabase, "s-zero", with(&[r, &[0; 32]].concat()), "the second number is zero");
    Ok(cases)
}

/// SEQUENCE of two INTEGERs; a number whose first bit is set takes a zero before it.
fn in_der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let pad: &[u8] = if number[0] >= 0x80 { &[0] } else { &[] };
        [&[2, (number.len() + pad.len()) as u8], pad, number].concat()
    };
    let both = [integer(r), integer(s)].concat();
    [&[0x30, both.len() as u8][..], &both].concat()
}
