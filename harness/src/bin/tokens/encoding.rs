//! Texts that are not three canonical segments, and payloads that are not one JSON object.

use IssuerKind::Clerk;
use anyhow::{Context, Result};
use serde_json::json;
use zenith_core::identity::IssuerKind;

use crate::maker::{Case, Maker};

type Bend = fn(&str, &str, &str) -> String;

pub fn cases(maker: &Maker) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    let honest = maker.draft(Clerk);
    // The lengths at which base64 has bits to spare, so that there is something to bend.
    let mut fill = String::new();
    while honest.with_claim("x", Some(json!(fill)))?.claims.to_string().len() % 3 != 1 {
        fill.push('x');
    }
    let honest = honest.with_claim("x", Some(json!(fill)))?;
    let token = honest.signed_by(&maker.clerk)?;
    let mut parts = token.split('.');
    let mut next = || parts.next().context("take the honest token apart");
    let (header, payload, signature) = (next()?, next()?, next()?);
    for (name, bend, why) in bends() {
        let token = bend(header, payload, signature);
        cases.push(Case::refused(Clerk, &format!("encoding/{name}"), token, "malformed", why));
    }
    for (name, bytes, why) in payloads(&honest.claims.to_string()) {
        let mut draft = honest.clone();
        draft.claims_bytes = Some(bytes);
        let token = draft.signed_by(&maker.clerk)?;
        cases.push(Case::refused(Clerk, &format!("payload/{name}"), token, "malformed", why));
    }
    let large = honest.with_claim("x", Some(json!("x".repeat(16 * 1024))))?.signed_by(&maker.clerk)?;
    cases.push(Case::refused(Clerk, "encoding/too-large", large, "too_large", "it is larger than 16 KiB"));
    Ok(cases)
}

/// What is done to the three segments of a right token.
fn bends() -> Vec<(&'static str, Bend, &'static str)> {
    vec![
        ("empty", |_, _, _| String::new(), "there is nothing"),
        ("dots", |_, _, _| "..".into(), "there is nothing between the dots"),
        ("one-segment", |h, _, _| h.into(), "it is a header alone"),
        ("two-segments", |h, p, _| format!("{h}.{p}"), "the signature is missing with its dot"),
        ("four-segments", |h, p, s| format!("{h}.{p}.{s}.{s}"), "a segment follows the signature"),
        ("five-segments", |h, p, s| format!("{h}.{p}.{s}.{s}.{s}"), "an encrypted token has five"),
        ("trailing-dot", |h, p, s| format!("{h}.{p}.{s}."), "a dot follows it"),
        ("leading-dot", |h, p, s| format!(".{h}.{p}.{s}"), "a dot precedes it"),
        ("no-header", |_, p, s| format!(".{p}.{s}"), "the header is empty"),
        ("no-payload", |h, _, s| format!("{h}..{s}"), "the payload is empty"),
        ("leading-space", |h, p, s| format!(" {h}.{p}.{s}"), "a blank precedes it"),
        ("trailing-space", |h, p, s| format!("{h}.{p}.{s} "), "a blank follows it"),
        ("trailing-newline", |h, p, s| format!("{h}.{p}.{s}\n"), "a line break follows it"),
        ("inner-newline", |h, p, s| format!("{h}.\n{p}.{s}"), "a line break is inside"),
        ("tab", |h, p, s| format!("{h}\t.{p}.{s}"), "a tab is inside"),
        ("nul", |h, p, s| format!("{h}.{p}.{s}\0"), "a NUL follows it"),
        ("bearer", |h, p, s| format!("Bearer {h}.{p}.{s}"), "it is the header's value, not the token"),
        ("quoted", |h, p, s| format!("\"{h}.{p}.{s}\""), "it is in quotes"),
        ("padded-header", |h, p, s| format!("{h}=.{p}.{s}"), "the header is padded"),
        ("padded-payload", |h, p, s| format!("{h}.{p}==.{s}"), "the payload is padded as base64 pads it"),
        ("padded-signature", |h, p, s| format!("{h}.{p}.{s}=="), "the signature is padded as base64 pads it"),
        ("spare-bits-payload", |h, p, s| format!("{h}.{}.{s}", spare(p)), "bits that no byte needs are set"),
        (
            "spare-bits-signature",
            |h, p, s| format!("{h}.{p}.{}", spare(s)),
            "bits that no byte needs are set",
        ),
        ("odd-length", |h, p, s| format!("{h}.{p}.{}", &s[..s.len() - 1]), "no bytes encode to that length"),
        ("plus", |h, p, s| format!("{h}.{p}.+{}", &s[1..]), "a letter of the other base64 alphabet"),
        ("slash", |h, p, s| format!("{h}.{p}./{}", &s[1..]), "a letter of the other base64 alphabet"),
        ("percent", |h, p, s| format!("{h}%2E{p}%2E{s}"), "the dots are written as in a URL"),
        ("other-dot", |h, p, s| format!("{h}\u{2024}{p}\u{2024}{s}"), "the dots are others that look alike"),
        (
            "other-letter",
            |h, p, s| format!("{h}.{p}.\u{430}{}", &s[1..]),
            "a Cyrillic letter that looks alike",
        ),
        (
            "json-form",
            |h, p, s| json!({"protected": h, "payload": p, "signature": s}).to_string(),
            "it is the JSON form",
        ),
        ("swapped", |h, p, s| format!("{h}.{s}.{p}"), "the segments are in another order"),
    ]
}

/// The same text but for one of the spare bits at its end.
fn spare(segment: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = segment.split_at(segment.len() - 1);
    let value = ALPHABET.iter().position(|letter| last.as_bytes()[0] == *letter).unwrap_or_default();
    format!("{rest}{}", ALPHABET[value | 1] as char)
}

/// Payloads that no JSON value can say, around the right one; signed.
fn payloads(right: &str) -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let inner = &right[1..right.len() - 1];
    let text = |text: String| text.into_bytes();
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let utf16 = right.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        ("array", text(format!("[{right}]")), "it is a list with the right claims"),
        ("text", text(json!(right).to_string()), "it is a text with the right claims"),
        ("number", text("1".into()), "it is a number"),
        ("null", text("null".into()), "it is null"),
        ("not-json", text("sub=user_2ada".into()), "it is not JSON"),
        ("form", text(right.replace('"', "'")), "its quotes are JavaScript's"),
        ("trailing-comma", text(format!("{{{inner},}}")), "a comma follows the last claim"),
        ("comment", text(format!("{{{inner}/* */}}")), "it has a comment"),
        ("trailing", text(format!("{right}x")), "something follows it"),
        ("trailing-nul", text(format!("{right}\0")), "a NUL follows it"),
        ("two-objects", text(format!("{right}{{\"sub\":\"user_root\"}}")), "there are two of it"),
        ("truncated", text(right[..right.len() - 1].into()), "its end is missing"),
        ("byte-order-mark", text(format!("\u{feff}{right}")), "it begins with a byte order mark"),
        ("utf-16", utf16, "it is not UTF-8"),
        (
            "not-utf-8",
            [b"{\"y\":\"\xff\",", inner.as_bytes(), b"}"].concat(),
            "one of its bytes is not UTF-8",
        ),
        ("surrogate", text(format!(r#"{{"y":"\ud800",{inner}}}"#)), "it has half a character"),
        ("deep", text(format!(r#"{{"y":{deep},{inner}}}"#)), "it is nested two hundred deep"),
        ("nan", text(format!(r#"{{"y":NaN,{inner}}}"#)), "JSON knows no NaN"),
        ("infinite", text(format!(r#"{{"y":1e999,{inner}}}"#)), "a number is too large for any float"),
        ("duplicate-sub", text(format!(r#"{{"sub":"user_root",{inner}}}"#)), "it names two subjects"),
        ("duplicate-sub-last", text(format!(r#"{{{inner},"sub":"user_root"}}"#)), "it names two subjects"),
        (
            "duplicate-escaped",
            text(format!(r#"{{"\u0073ub":"user_root",{inner}}}"#)),
            "the second is in disguise",
        ),
        (
            "duplicate-equal",
            text(format!(r#"{{"sub":"user_2ada",{inner}}}"#)),
            "even the same twice is refused",
        ),
        (
            "duplicate-iss",
            text(format!(r#"{{"iss":"https://forger.test",{inner}}}"#)),
            "it names two issuers",
        ),
        ("duplicate-exp", text(format!(r#"{{"exp":1,{inner}}}"#)), "it expires twice"),
        ("duplicate-unread", text(format!(r#"{{"y":1,"y":2,{inner}}}"#)), "it says twice what nobody reads"),
        (
            "duplicate-nested",
            text(format!(r#"{{"y":{{"id":1,"id":2}},{inner}}}"#)),
            "an object inside says something twice",
        ),
    ]
}
