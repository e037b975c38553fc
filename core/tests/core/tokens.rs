//! The corpus of tokens in `fixtures/tokens`: each bad one is refused for its own reason, each
//! valid one gives the stated identity, and no error tells anything of the token.

use std::collections::{BTreeMap, HashSet};
use std::error::Error;
use std::fs;
use std::path::Path;

use base64::Engine;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;
use zenith_core::identity::{Identity, IssuerConfig, IssuerKind, KeySet, Verifier};

use crate::support::block_on;

#[derive(Deserialize)]
struct Case {
    name: String,
    issuer: IssuerKind,
    now: u64,
    token: String,
    refused: Option<String>,
    accepted: Option<Accepted>,
    why: String,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Accepted {
    subject: Option<String>,
    organisation: Option<String>,
    role: Option<String>,
}

#[derive(Deserialize)]
struct Settings {
    url: Url,
    authorized_parties: Vec<String>,
    keys: Vec<Value>,
}

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/tokens").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("read {}: {error}", path.display()))
}

fn corpus() -> Vec<Case> {
    fixture("tokens.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn verifier(kind: IssuerKind) -> Verifier {
    let mut settings: BTreeMap<String, Settings> = serde_json::from_str(&fixture("keys.json")).unwrap();
    let name = match kind {
        IssuerKind::Clerk => "clerk",
        IssuerKind::Supabase => "supabase",
    };
    let settings = settings.remove(name).unwrap();
    let keys = KeySet::fixed(kind, &json!({"keys": settings.keys}).to_string()).unwrap();
    let config = IssuerConfig {
        authorized_parties: settings.authorized_parties,
        ..IssuerConfig::new(settings.url, kind)
    };
    Verifier::with_keys(config, keys)
}

#[test]
fn the_corpus_is_large_and_each_case_is_of_its_own() {
    let cases = corpus();
    let bad = cases.iter().filter(|case| case.refused.is_some()).count();
    assert!(bad >= 120, "only {bad} bad tokens");
    assert!(cases.len() - bad >= 12, "only {} valid tokens", cases.len() - bad);
    let names: HashSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "two cases have one name");
    let tokens: HashSet<&str> = cases.iter().map(|case| case.token.as_str()).collect();
    assert_eq!(tokens.len(), cases.len(), "two cases have one token");
    assert!(cases.iter().all(|case| !case.why.is_empty()));
}

#[test]
fn every_token_gets_the_stated_verdict() {
    let (clerk, supabase) = (verifier(IssuerKind::Clerk), verifier(IssuerKind::Supabase));
    let mut wrong = Vec::new();
    for case in corpus() {
        let verifier = match case.issuer {
            IssuerKind::Clerk => &clerk,
            IssuerKind::Supabase => &supabase,
        };
        let verdict = block_on(verifier.verify_at(&case.token, case.now));
        let (refused, accepted) = match &verdict {
            Err(error) => (Some(error.reason().to_string()), None),
            Ok(user) => {
                let own = |text: Option<&str>| text.map(str::to_string);
                let Identity::User(person) = &user.identity else { panic!("{} is nobody", case.name) };
                assert_eq!(person.role(), user.role.as_deref());
                let (subject, organisation) = (user.identity.subject(), user.identity.organisation());
                let role = user.role.clone();
                (None, Some(Accepted { subject: own(subject), organisation: own(organisation), role }))
            }
        };
        if (&refused, &accepted) != (&case.refused, &case.accepted) {
            wrong.push(format!(
                "{} ({}): expected {:?} {:?}, got {refused:?} {accepted:?}",
                case.name, case.why, case.refused, case.accepted
            ));
        }
    }
    assert!(wrong.is_empty(), "{} wrong verdicts:\n{}", wrong.len(), wrong.join("\n"));
}

/// A part of a token that is long enough not to occur in plain words by chance.
const TELLING_BYTES: usize = 12;

#[test]
fn no_error_tells_anything_of_its_token() {
    let (clerk, supabase) = (verifier(IssuerKind::Clerk), verifier(IssuerKind::Supabase));
    for case in corpus() {
        let verifier = match case.issuer {
            IssuerKind::Clerk => &clerk,
            IssuerKind::Supabase => &supabase,
        };
        let Err(error) = block_on(verifier.verify_at(&case.token, case.now)) else { continue };
        let mut text = format!("{error} {error:?}");
        let mut source = error.source();
        while let Some(cause) = source {
            text.push_str(&format!(" {cause} {cause:?}"));
            source = cause.source();
        }
        for part in case.token.split('.').filter(|part| part.len() >= TELLING_BYTES) {
            assert!(
                !text.contains(&part[..part.floor_char_boundary(TELLING_BYTES)]),
                "{}: {text}",
                case.name
            );
        }
        for claim in ["user_", "org_2engine", "forger", "ins_corpus"] {
            assert!(!text.contains(claim), "{}: {text}", case.name);
        }
    }
}

/// Letters of base64url and others, each tried at every place of a token.
const REPLACEMENTS: [char; 6] = ['A', 'x', '_', '.', '=', '\u{e9}'];

#[test]
fn no_letter_of_a_token_can_be_another() {
    for (kind, name) in
        [(IssuerKind::Clerk, "clerk/valid/v2"), (IssuerKind::Supabase, "supabase/valid/es256")]
    {
        let verifier = verifier(kind);
        let case = corpus().into_iter().find(|case| case.name == name).unwrap();
        block_on(async {
            assert!(verifier.verify_at(&case.token, case.now).await.is_ok());
            for (at, letter) in case.token.char_indices() {
                let (before, after) = (&case.token[..at], &case.token[at + letter.len_utf8()..]);
                let deleted = format!("{before}{after}");
                assert!(verifier.verify_at(&deleted, case.now).await.is_err(), "{name}: {at} deleted");
                for other in REPLACEMENTS.into_iter().filter(|other| *other != letter) {
                    let changed = format!("{before}{other}{after}");
                    let verdict = verifier.verify_at(&changed, case.now).await;
                    assert!(verdict.is_err(), "{name}: {other} in place of {letter} at {at}");
                }
            }
        });
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_verifier_panic(
        text in ".*",
        header in "[\\x00-\\x7f]{0,40}",
        claims in "[\\x00-\\x7f]{0,60}",
        now in any::<u64>(),
    ) {
        let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
        let shaped = format!("{}.{}.AAAA", encode(&header), encode(&claims));
        let valid = corpus().into_iter().find(|case| case.name == "clerk/valid/v2").unwrap().token;
        let verifier = verifier(IssuerKind::Clerk);
        for token in [&text, &shaped] {
            prop_assert!(block_on(verifier.verify_at(token, now)).is_err());
        }
        // Any time but its own minute, the end of time included.
        let verdict = block_on(verifier.verify_at(&valid, now));
        prop_assert!(verdict.is_err() || now.abs_diff(1_800_000_000) <= 100);
    }
}
