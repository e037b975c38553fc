//! From whom, and for whom.

use super::*;

pub fn clerk() -> Vec<Row> {
    let issuer = |name, value: Value, why| ("iss", name, Some(value), "unknown_issuer", why);
    let party = |name, value: Value, why| ("azp", name, Some(value), "authorized_party", why);
    let audience = |name, value: Value, why| ("aud", name, Some(value), "audience", why);
    let client = |name, value: Value, why| ("client_id", name, Some(value), "authorized_party", why);
    vec![
        ("iss", "missing", None, "unknown_issuer", "it names no issuer"),
        issuer("null", Value::Null, "the issuer is null"),
        issuer("empty", json!(""), "the issuer is empty"),
        issuer("number", json!(1), "the issuer is a number"),
        issuer("array", json!([CLERK]), "the issuer is a list with the right one"),
        issuer(
            "array-of-two",
            json!([CLERK, "https://forger.test"]),
            "the issuer is a list with the right one",
        ),
        issuer("object", json!({"url": CLERK}), "the issuer is an object"),
        issuer("other", json!("https://clerk.forger.test"), "it is from another issuer"),
        issuer("slash", json!(format!("{CLERK}/")), "a slash follows the issuer"),
        issuer("suffix", json!(format!("{CLERK}.forger.test")), "the issuer only begins as the right one"),
        issuer(
            "userinfo",
            json!("https://clerk.zenith.test@forger.test"),
            "the issuer only looks like the right one",
        ),
        issuer("path", json!(format!("{CLERK}/forger")), "a path follows the issuer"),
        issuer("prefix", json!("https://clerk.zenith"), "the issuer is cut short"),
        issuer("http", json!("http://clerk.zenith.test"), "the issuer is not on TLS"),
        issuer("port", json!(format!("{CLERK}:443")), "the issuer is written in another way"),
        issuer("case", json!("https://CLERK.zenith.test"), "the issuer is written in another way"),
        issuer("space", json!(format!(" {CLERK}")), "a blank precedes the issuer"),
        issuer("nul", json!(format!("{CLERK}\0.forger.test")), "C would cut the issuer at the NUL"),
        issuer("of-supabase", json!(format!("{SUPABASE}/auth/v1")), "it is from the other issuer"),
        issuer("supabase", json!("supabase"), "it is a project key's issuer"),
        audience("text", json!("https://api.zenith.test"), "it is meant for somebody else"),
        audience("array", json!(["https://api.zenith.test"]), "it is meant for somebody else"),
        audience("empty", json!(""), "it is meant for nobody"),
        audience("empty-array", json!([]), "it is meant for nobody"),
        audience("null", Value::Null, "it is meant for null"),
        audience("authenticated", json!("authenticated"), "that is Supabase's audience"),
        audience(
            "second",
            json!(["https://api.zenith.test", "https://forger.test"]),
            "it is meant for others too",
        ),
        client("other", json!("client_forger"), "somebody else's application obtained it"),
        client("null", Value::Null, "the client is null"),
        client("empty", json!(""), "a client without a name obtained it"),
        client("array", json!([PARTY]), "the client is a list with a right one"),
        client("suffix", json!(format!("{PARTY}.forger.test")), "it only begins as a right one"),
        party("other", json!("https://forger.test"), "another application asked for it"),
        party("empty", json!(""), "an application without a name asked for it"),
        party("null", Value::Null, "the application is null"),
        party("array", json!([PARTY]), "the application is a list with the right one"),
        party("slash", json!(format!("{PARTY}/")), "a slash follows the application"),
        party("suffix", json!(format!("{PARTY}.forger.test")), "it only begins as the right one"),
        party("http", json!("http://app.zenith.test"), "the application is not on TLS"),
    ]
}

pub fn supabase() -> Vec<Row> {
    let issuer = |name, value: Value, why| ("iss", name, Some(value), "unknown_issuer", why);
    let audience = |name, value: Value, why| ("aud", name, Some(value), "audience", why);
    let client = |name, value: Value, why| ("client_id", name, Some(value), "authorized_party", why);
    vec![
        ("iss", "missing", None, "unknown_issuer", "it names no issuer"),
        issuer("array", json!([format!("{SUPABASE}/auth/v1")]), "the issuer is a list with the right one"),
        issuer("project", json!(SUPABASE), "the issuer is the project, without /auth/v1"),
        issuer("slash", json!(format!("{SUPABASE}/auth/v1/")), "a slash follows the issuer"),
        issuer("other-project", json!("https://other.supabase.test/auth/v1"), "it is from another project"),
        issuer("version", json!(format!("{SUPABASE}/auth/v2")), "it is from another version"),
        issuer("of-clerk", json!(CLERK), "it is from the other issuer"),
        (
            "iss",
            "project-key",
            Some(json!("supabase")),
            "not_a_user",
            "that is the issuer of a project's keys",
        ),
        ("aud", "missing", None, "audience", "it is meant for nobody"),
        audience("null", Value::Null, "it is meant for null"),
        audience("empty", json!(""), "it is meant for nobody"),
        audience("anon", json!("anon"), "it is meant for the unauthenticated"),
        audience("case", json!("Authenticated"), "audiences are told apart by case"),
        audience("part", json!("unauthenticated"), "it only ends as the right one"),
        audience("list-in-text", json!("authenticated,api"), "it is a list in a text"),
        audience("number", json!(1), "it is meant for a number"),
        audience("object", json!({"authenticated": true}), "it is meant for an object"),
        audience("empty-array", json!([]), "it is meant for nobody"),
        audience("array-of-others", json!(["anon", "api"]), "it is meant for others"),
        audience("second", json!(["authenticated", "api"]), "it is meant for others too"),
        audience("second-first", json!(["api", "authenticated"]), "it is meant for others too"),
        audience("second-empty", json!(["authenticated", ""]), "it is meant for others too"),
        client(
            "other",
            json!("9a8b7c6d-0000-4000-8000-00000000f0f0"),
            "somebody else's application obtained it",
        ),
        client("null", Value::Null, "the client is null"),
        client("empty", json!(""), "a client without a name obtained it"),
        client("array", json!([SUPABASE_CLIENT]), "the client is a list with the right one"),
        client("case", json!(SUPABASE_CLIENT.to_uppercase()), "clients are told apart by case"),
        client("prefix", json!(SUPABASE_CLIENT[..8]), "the client is cut short"),
        audience("array-with-number", json!(["authenticated", 1]), "one of the list is no text"),
        audience("nested-array", json!([["authenticated"]]), "the list is in a list"),
    ]
}
