//! For whom they stand.

use super::*;

pub fn subjects() -> Vec<Row> {
    let subject = |name, value: Value, why| ("sub", name, Some(value), "subject", why);
    vec![
        ("sub", "missing", None, "subject", "it stands for nobody"),
        subject("null", Value::Null, "the subject is null"),
        subject("empty", json!(""), "the subject is empty"),
        subject("number", json!(7), "the subject is a number"),
        subject("array", json!(["user_2ada"]), "the subject is a list"),
        subject("object", json!({"id": "user_2ada"}), "the subject is an object"),
        subject("slash", json!("user/2ada"), "the subject would be a folder in a folder"),
        subject("parent", json!(".."), "the subject would leave its folder"),
        subject("path", json!("../public"), "the subject would be another tier"),
        subject("dots-inside", json!("user..2ada"), "the subject has two dots in a row"),
        subject("hidden", json!(".user"), "the subject would be a hidden folder"),
        subject("backslash", json!("user\\2ada"), "the subject would be a path elsewhere"),
        subject("percent", json!("user%2F2ada"), "the subject would be a path once decoded"),
        subject("option", json!("-rf"), "the subject would be an option"),
        subject("space", json!("user 2ada"), "the subject has a blank"),
        subject("newline", json!("user_2ada\n"), "the subject ends in a line break"),
        subject("nul", json!("user_2ada\u{0}"), "the subject ends in a NUL"),
        subject("quote", json!("user' OR '1'='1"), "the subject is SQL"),
        subject("escape", json!("\u{1b}[2Juser"), "the subject would clear the terminal"),
        subject("unicode", json!("usér_2ada"), "the subject is not ASCII"),
        subject("right-to-left", json!("user_\u{202e}ada"), "the subject would be shown backwards"),
        subject("too-long", json!("u".repeat(129)), "the subject is longer than 128 bytes"),
        subject("local", json!("local"), "the machine's own user needs no token"),
        subject(
            "local-capitals",
            json!("LOCAL"),
            "some file systems would take it for the machine's own user",
        ),
    ]
}

pub fn sessions() -> Vec<Row> {
    vec![
        ("sts", "pending", Some(json!("pending")), "pending", "the user has not finished to sign in"),
        ("sts", "unknown", Some(json!("revoked")), "pending", "active alone will do"),
        ("sts", "null", Some(Value::Null), "pending", "the status is null"),
        ("sts", "number", Some(json!(1)), "pending", "the status is a number"),
        (
            "act",
            "support",
            Some(json!({"sub": "user_support"})),
            "impersonated",
            "somebody acts for the user",
        ),
        ("act", "text", Some(json!("user_support")), "impersonated", "somebody acts for the user"),
        ("act", "empty", Some(json!({})), "impersonated", "somebody without a name acts for the user"),
        ("sub", "machine", Some(json!("mch_2ada")), "not_a_user", "it is a machine's token"),
        ("v", "three", Some(json!(3)), "claims", "what version 3 says is not known"),
        ("v", "zero", Some(json!(0)), "claims", "there is no version 0"),
        ("v", "text", Some(json!("2")), "claims", "the version is a text"),
        ("v", "null", Some(Value::Null), "claims", "the version is null"),
    ]
}

pub fn organisations_v2() -> Vec<Row> {
    let with = |id: Value, slug: Value, role: Value| Some(json!({"id": id, "slg": slug, "rol": role}));
    let id = |id: Value| with(id, json!("engine"), json!("admin"));
    let row = |name, value, why| ("o", name, value, "organisation", why);
    vec![
        row("text", Some(json!("org_2engine")), "the organisation is a text"),
        row("array", Some(json!(["org_2engine"])), "the organisation is a list"),
        row("empty", Some(json!({})), "the organisation is an object without anything"),
        row("no-id", Some(json!({"slg": "engine", "rol": "admin"})), "the organisation has no id"),
        row("id-null", id(Value::Null), "the id is null"),
        row("id-number", id(json!(2)), "the id is a number"),
        row("id-empty", id(json!("")), "the id is empty"),
        row("id-slash", id(json!("org/2engine")), "the id would be a folder in a folder"),
        row("id-parent", id(json!("../private/user_2bob")), "the id would be somebody's private tier"),
        row("id-space", id(json!("org 2engine")), "the id has a blank"),
        row("id-newline", id(json!("org_2engine\n")), "the id ends in a line break"),
        row("id-too-long", id(json!("o".repeat(129))), "the id is longer than 128 bytes"),
        row("slug-number", with(json!("org_2engine"), json!(1), json!("admin")), "the slug is a number"),
        row(
            "role-array",
            with(json!("org_2engine"), json!("engine"), json!(["admin"])),
            "the role is a list",
        ),
        row(
            "role-path",
            with(json!("org_2engine"), json!("engine"), json!("../admin")),
            "the role is a path",
        ),
        row("role-empty", with(json!("org_2engine"), json!("engine"), json!("")), "the role is empty"),
    ]
}

pub fn organisations_v1() -> Vec<Row> {
    let id = |name, value: Value, why| ("org_id", name, Some(value), "organisation", why);
    let role = |name, value: Value, why| ("org_role", name, Some(value), "organisation", why);
    vec![
        id("number", json!(2), "the id is a number"),
        id("array", json!(["org_2engine"]), "the id is a list"),
        id("empty", json!(""), "the id is empty"),
        id("slash", json!("org/2engine"), "the id would be a folder in a folder"),
        id("parent", json!(".."), "the id would leave its folder"),
        role("number", json!(1), "the role is a number"),
        role("prefix-alone", json!("org:"), "nothing follows the prefix"),
        role("prefix-twice", json!("org:org:admin"), "the prefix is there twice"),
        ("org_slug", "object", Some(json!({})), "organisation", "the slug is an object"),
    ]
}

pub fn roles() -> Vec<Row> {
    let role = |name, value: Value, why| ("role", name, Some(value), "not_a_user", why);
    vec![
        ("role", "missing", None, "not_a_user", "it says no role"),
        role("null", Value::Null, "the role is null"),
        role("anon", json!("anon"), "anyone has this role"),
        role("service", json!("service_role"), "the role is the service's, which may do everything"),
        role("admin", json!("supabase_admin"), "the role is the database administrator's"),
        role("case", json!("Authenticated"), "roles are told apart by case"),
        role("array", json!(["authenticated"]), "the role is a list with the right one"),
        ("act", "support", Some(json!({"sub": "support"})), "impersonated", "somebody acts for the user"),
    ]
}
