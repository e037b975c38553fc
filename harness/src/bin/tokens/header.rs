//! Headers that ask for another algorithm, another key, or another way to read.

use IssuerKind::Clerk;
use anyhow::Result;
use serde_json::{Value, json};
use zenith_core::identity::IssuerKind;

use crate::maker::{Case, Maker};

type Row = (&'static str, &'static str, Option<Value>, &'static str, &'static str);

pub fn cases(maker: &Maker) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    let honest = maker.draft(Clerk);
    for (name, parameter, value, reason, why) in parameters(maker) {
        let token = honest.with_header(parameter, value)?.signed_by(&maker.clerk)?;
        cases.push(Case::refused(Clerk, &format!("header/{name}"), token, reason, why));
    }
    let right = honest.header.to_string();
    for (name, bytes, why) in texts(&right) {
        let mut draft = honest.clone();
        draft.header_bytes = Some(bytes);
        let token = draft.signed_by(&maker.clerk)?;
        cases.push(Case::refused(Clerk, &format!("header/{name}"), token, "header", why));
    }
    let with_key = honest.with_header("jwk", Some(maker.forger_rsa.public_jwk()))?;
    let token = with_key.signed_by(&maker.forger_rsa)?;
    cases.push(Case::refused(
        Clerk,
        "header/jwk-of-forger",
        token,
        "header",
        "it brings the key that signed it",
    ));
    Ok(cases)
}

/// One parameter of an otherwise right header, set or taken away; then signed as ever.
fn parameters(maker: &Maker) -> Vec<Row> {
    let right_key = || Some(maker.clerk.public_jwk());
    vec![
        ("alg-missing", "alg", None, "header", "it names no algorithm"),
        ("alg-null", "alg", Some(Value::Null), "header", "the algorithm is null"),
        ("alg-number", "alg", Some(json!(256)), "header", "the algorithm is a number"),
        ("alg-array", "alg", Some(json!(["RS256"])), "header", "the algorithm is a list with the right one"),
        ("alg-empty", "alg", Some(json!("")), "algorithm", "the algorithm is empty"),
        ("alg-lower-case", "alg", Some(json!("rs256")), "algorithm", "algorithms are written in capitals"),
        ("alg-space", "alg", Some(json!("RS256 ")), "algorithm", "a blank is no part of the name"),
        ("alg-rs384", "alg", Some(json!("RS384")), "algorithm", "RS256 alone is pinned"),
        ("alg-unknown", "alg", Some(json!("RS257")), "algorithm", "there is no such algorithm"),
        ("alg-encryption", "alg", Some(json!("RSA-OAEP")), "algorithm", "it encrypts, and does not sign"),
        ("kid-missing", "kid", None, "header", "it names no key"),
        ("kid-null", "kid", Some(Value::Null), "header", "the key id is null"),
        ("kid-number", "kid", Some(json!(0)), "header", "the key id is a number"),
        (
            "kid-array",
            "kid",
            Some(json!(["ins_corpus"])),
            "header",
            "the key id is a list with the right one",
        ),
        (
            "kid-object",
            "kid",
            Some(json!({"$ne": ""})),
            "header",
            "the key id is a query of a document store",
        ),
        (
            "kid-too-long",
            "kid",
            Some(json!("k".repeat(257))),
            "header",
            "the key id is longer than 256 bytes",
        ),
        ("kid-empty", "kid", Some(json!("")), "unknown_key", "the key id is empty"),
        ("kid-unknown", "kid", Some(json!("ins_other")), "unknown_key", "no key has this id"),
        (
            "kid-path",
            "kid",
            Some(json!("../../../../dev/null")),
            "unknown_key",
            "the key id is a path to nothing",
        ),
        ("kid-sql", "kid", Some(json!("x' UNION SELECT 'key")), "unknown_key", "the key id is SQL"),
        ("kid-command", "kid", Some(json!("$(id)|id")), "unknown_key", "the key id is a command"),
        (
            "kid-url",
            "kid",
            Some(json!("https://forger.test/keys.json")),
            "unknown_key",
            "the key id is a URL",
        ),
        (
            "kid-nul",
            "kid",
            Some(json!("ins_corpus\u{0}")),
            "unknown_key",
            "C would cut the key id at the NUL",
        ),
        ("kid-case", "kid", Some(json!("INS_CORPUS")), "unknown_key", "key ids are told apart by case"),
        ("kid-space", "kid", Some(json!("ins_corpus ")), "unknown_key", "a blank is part of a key id"),
        ("kid-prefix", "kid", Some(json!("ins_corp")), "unknown_key", "a key id is compared whole"),
        ("kid-encryption", "kid", Some(json!("ins_corpus_enc")), "unknown_key", "that key is for encryption"),
        (
            "kid-of-supabase",
            "kid",
            Some(json!(maker.supabase.id())),
            "unknown_key",
            "that is another issuer's key",
        ),
        (
            "crit-exp",
            "crit",
            Some(json!(["exp"])),
            "critical_header",
            "it demands that something be understood",
        ),
        ("crit-unknown", "crit", Some(json!(["x-zenith"])), "critical_header", "nobody knows that extension"),
        ("crit-empty", "crit", Some(json!([])), "critical_header", "RFC 7515 forbids an empty list"),
        ("crit-text", "crit", Some(json!("b64")), "critical_header", "it is not a list"),
        ("crit-null", "crit", Some(Value::Null), "critical_header", "it is there, if null"),
        ("jwk-right", "jwk", right_key(), "header", "even the right key is not taken from a token"),
        ("jku", "jku", Some(json!("https://forger.test/keys.json")), "header", "it says where its keys are"),
        ("x5u", "x5u", Some(json!("https://forger.test/chain.pem")), "header", "it says where its chain is"),
        ("x5c", "x5c", Some(json!(["MIIB"])), "header", "it brings a certificate"),
        ("x5t", "x5t", Some(json!("AAAA")), "header", "it names a certificate"),
        ("x5t-s256", "x5t#S256", Some(json!("AAAA")), "header", "it names a certificate"),
        ("zip-deflate", "zip", Some(json!("DEF")), "header", "it says that it is compressed"),
        (
            "zip-unknown",
            "zip",
            Some(json!("ZSTD")),
            "header",
            "it says that it is compressed in an unknown way",
        ),
        ("enc", "enc", Some(json!("A256GCM")), "header", "it says that it is encrypted"),
        ("epk", "epk", Some(json!({"kty": "EC"})), "header", "it brings a key for an agreement"),
        ("b64-false", "b64", Some(json!(false)), "header", "it says that its payload is not encoded"),
        ("cty-nested", "cty", Some(json!("JWT")), "header", "it says that its payload is a token"),
        ("typ-access-token", "typ", Some(json!("at+jwt")), "header", "an OAuth access token is no session"),
        ("typ-logout-token", "typ", Some(json!("logout+jwt")), "header", "a logout token is no session"),
        ("typ-jwe", "typ", Some(json!("JWE")), "header", "the type is another"),
        ("typ-empty", "typ", Some(json!("")), "header", "the type is empty"),
        ("typ-null", "typ", Some(Value::Null), "header", "the type is null"),
        ("typ-array", "typ", Some(json!(["JWT"])), "header", "the type is a list with the right one"),
    ]
}

/// Headers that no JSON value can say, around the right one.
fn texts(right: &str) -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let inner = &right[1..right.len() - 1];
    let text = |text: String| text.into_bytes();
    let deep = format!("{}1{}", "{\"x\":".repeat(200), "}".repeat(200));
    vec![
        ("duplicate-alg", text(format!(r#"{{"alg":"none",{inner}}}"#)), "it names two algorithms"),
        (
            "duplicate-alg-escaped",
            text(format!(r#"{{"\u0061lg":"none",{inner}}}"#)),
            "the second is in disguise",
        ),
        ("duplicate-kid", text(format!(r#"{{{inner},"kid":"ins_corpus"}}"#)), "it names its key twice"),
        ("duplicate-unread", text(format!(r#"{{{inner},"x":1,"x":2}}"#)), "it says twice what nobody reads"),
        ("empty-object", text("{}".into()), "it says nothing"),
        ("array", text(format!("[{right}]")), "it is a list"),
        ("text", text("\"RS256\"".into()), "it is a text"),
        ("null", text("null".into()), "it is null"),
        ("not-json", text("alg=RS256".into()), "it is not JSON"),
        ("trailing", text(format!("{right}x")), "something follows it"),
        ("two-objects", text(format!("{right}{right}")), "there are two of it"),
        ("byte-order-mark", text(format!("\u{feff}{right}")), "it begins with a byte order mark"),
        ("not-utf-8", [b"{\"x\":\"\xff\",", inner.as_bytes(), b"}"].concat(), "it is not UTF-8"),
        ("deep", text(format!(r#"{{{inner},"x":{deep}}}"#)), "it is nested two hundred deep"),
    ]
}
