//! What does verifying a token cost, beside the bare library that checks the same signature? Each answer is checked before
//! it is timed.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;

use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::Jwk};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use url::Url;
use zenith_benches::gate::{Gates, keep};
use zenith_benches::targets;
use zenith_core::identity::{IssuerConfig, IssuerKind, KeySet, Verifier};

/// A token of the corpus that the verifier's tests are held to.
#[derive(Deserialize)]
struct Case {
    name: String,
    now: u64,
    token: String,
}

#[derive(Deserialize)]
struct Settings {
    url: Url,
    authorized_parties: Vec<String>,
    keys: Vec<Value>,
}

fn main() -> ExitCode {
    let mut gates = Gates::new("identity");
    for (kind, name, algorithm) in
        [(IssuerKind::Clerk, "clerk", Algorithm::RS256), (IssuerKind::Supabase, "supabase", Algorithm::ES256)]
    {
        verify(&mut gates, kind, name, algorithm);
    }
    gates.finish()
}

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/tokens").join(name);
    std::fs::read_to_string(path).expect("the corpus is there")
}

fn verify(gates: &mut Gates, kind: IssuerKind, issuer: &str, algorithm: Algorithm) {
    let mut settings: BTreeMap<String, Settings> =
        serde_json::from_str(&fixture("keys.json")).expect("settings");
    let Settings { url, authorized_parties, keys } = settings.remove(issuer).expect("the issuer is there");
    let set = json!({ "keys": keys }).to_string();
    let config = IssuerConfig { authorized_parties, ..IssuerConfig::new(url, kind) };
    let verifier = Verifier::with_keys(config, KeySet::fixed(kind, &set).expect("keys"));

    let corpus = fixture("tokens.jsonl");
    let cases = corpus.lines().map(|line| serde_json::from_str::<Case>(line).expect("a case"));
    let of_algorithm = |case: &Case| {
        let header = jsonwebtoken::decode_header(&case.token);
        case.name.starts_with(&format!("{issuer}/valid/"))
            && header.is_ok_and(|header| header.alg == algorithm)
    };
    let case = cases.into_iter().find(of_algorithm).expect("a token that is accepted");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a thread");
    let ours = |runtime: &Runtime| {
        runtime.block_on(verifier.verify_at(black_box(&case.token), case.now)).expect("it is accepted")
    };

    let header = jsonwebtoken::decode_header(&case.token).expect("a header");
    let is_named = |key: &&Value| key["kid"].as_str() == header.kid.as_deref();
    let key = keys.iter().find(is_named).expect("its key").clone();
    let key: Jwk = serde_json::from_value(key).expect("a key");
    let key = DecodingKey::from_jwk(&key).expect("a key");
    let mut validation = Validation::new(algorithm);
    // The corpus has a time of its own, and the library goes by the clock.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let theirs = || {
        jsonwebtoken::decode::<Value>(black_box(&case.token), &key, &validation)
            .expect("it is accepted")
            .claims
    };
    let subject = ours(&runtime).identity.subject().map(str::to_string);
    assert_eq!(subject.as_deref(), theirs()["sub"].as_str());
    gates.answers(subject.unwrap_or_default());
    gates.criterion.bench_function(&format!("identity/verify {algorithm:?}"), |bench| {
        bench.iter(|| ours(&runtime));
    });
    gates.ratio(
        &format!("a token by {algorithm:?}, of the bare library"),
        targets::VERIFY_OF_BARE_MAX,
        || keep(ours(&runtime)),
        || keep(theirs()),
    );
}
