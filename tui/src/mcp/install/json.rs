//! Settings in JSON, as editors keep them: with comments and commas that JSON has not.

use anyhow::{Context, anyhow};
use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};

use super::{DATA, Server};

/// What editors read: comments and commas behind the last. Nothing else is taken for JSON.
fn options() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

fn parse(text: &str) -> anyhow::Result<CstRootNode> {
    CstRootNode::parse(text, &options()).map_err(|error| anyhow!("it is no JSON: {error}"))
}

/// The object that lists servers, if it is there.
fn servers(root: &CstRootNode, key: &str) -> Option<CstObject> {
    root.object_value()?.object_value(key)
}

pub fn install(
    text: &str,
    key: &str,
    name: &str,
    server: &Server,
    says_type: bool,
) -> anyhow::Result<String> {
    let root = parse(if text.trim().is_empty() { "{}\n" } else { text })?;
    let object = root.object_value().context("it holds something else than settings: no object")?;
    let unique = |object: &CstObject, name: &str| {
        let same = object.properties().into_iter().filter(|one| one.decoded_name().as_deref() == Some(name));
        same.count() <= 1
    };
    if !unique(&object, key) {
        return Err(anyhow!("it has {key} twice"));
    }
    let servers = match object.get(key) {
        Some(property) => property.object_value().with_context(|| format!("{key} is no object"))?,
        None => object.object_value_or_create(key).with_context(|| format!("{key} cannot be added"))?,
    };
    if !unique(&servers, name) {
        return Err(anyhow!("it has {name} twice"));
    }
    match servers.get(name) {
        // What the user added to it (an environment, what may be called) stays.
        Some(property) => {
            let ours = property.object_value().with_context(|| format!("{name} is no object"))?;
            for (field, value) in fields(&server.command, says_type) {
                match ours.get(&field) {
                    Some(known) if known.value().is_some_and(|known| is_same(&known.to_string(), &value)) => {
                    }
                    Some(known) => known.set_value(value),
                    None => drop(ours.append(&field, value)),
                }
            }
            if let Some(data) = &server.data {
                let variables = ours.object_value_or_create("env").context("env is no object")?;
                let value = CstInputValue::from(data.as_str());
                match variables.get(DATA) {
                    Some(known) if known.value().is_some_and(|known| is_same(&known.to_string(), &value)) => {
                    }
                    Some(known) => known.set_value(value),
                    None => drop(variables.append(DATA, value)),
                }
            }
        }
        None => {
            let mut fields = fields(&server.command, says_type);
            let variable = |data: &String| vec![(DATA.to_string(), CstInputValue::from(data.as_str()))];
            let variables = server.data.as_ref().map(variable);
            fields.extend(variables.map(|list| ("env".to_string(), CstInputValue::Object(list))));
            drop(servers.append(name, CstInputValue::Object(fields)));
        }
    }
    Ok(root.to_string())
}

pub fn uninstall(text: &str, key: &str, name: &str) -> anyhow::Result<String> {
    if text.trim().is_empty() {
        return Ok(text.to_string());
    }
    let root = parse(text)?;
    let Some(ours) = servers(&root, key).and_then(|servers| servers.get(name)) else {
        return Ok(text.to_string());
    };
    ours.remove();
    Ok(root.to_string())
}

pub fn holds(text: &str, key: &str, name: &str) -> bool {
    parse(text).ok().and_then(|root| servers(&root, key)?.get(name)).is_some()
}

fn fields(command: &str, says_type: bool) -> Vec<(String, CstInputValue)> {
    let field = |name: &str, value| (name.to_string(), value);
    let how = says_type.then(|| field("type", CstInputValue::from("stdio")));
    let what = [
        field("command", CstInputValue::from(command)),
        field("args", CstInputValue::Array(vec![CstInputValue::from("mcp")])),
    ];
    how.into_iter().chain(what).collect()
}

/// Whether a value stands there already, however it is laid out.
fn is_same(written: &str, value: &CstInputValue) -> bool {
    let wanted = match value {
        CstInputValue::String(text) => serde_json::json!(text),
        _ => serde_json::json!(["mcp"]),
    };
    serde_json::from_str::<serde_json::Value>(written).is_ok_and(|written| written == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(command: &str) -> Server {
        Server { command: command.to_string(), data: None }
    }

    const SETTINGS: &str = r#"{
  // How it looks.
  "theme": "One Dark", /* dark */
  "context_servers": {
    "other": { "command": "other", "args": [], }, // mine
  },
  "buffer_font_size": 15,
}
"#;

    #[test]
    fn all_else_stays_and_comments_too() {
        let installed = install(SETTINGS, "context_servers", "zenith", &server("zenith"), false).unwrap();
        for line in SETTINGS.lines() {
            assert!(installed.contains(line.trim()), "{line}\n{installed}");
        }
        assert!(holds(&installed, "context_servers", "zenith"), "{installed}");
        assert_eq!(
            install(&installed, "context_servers", "zenith", &server("zenith"), false).unwrap(),
            installed
        );
        assert_eq!(uninstall(&installed, "context_servers", "zenith").unwrap(), SETTINGS);
    }

    #[test]
    fn nothing_becomes_settings_and_an_old_command_the_new() {
        let first = install("", "mcpServers", "zenith", &server("/old/zenith"), true).unwrap();
        let value: serde_json::Value = serde_json::from_str(&first).unwrap();
        let entry = serde_json::json!({"type": "stdio", "command": "/old/zenith", "args": ["mcp"]});
        assert_eq!(value, serde_json::json!({"mcpServers": {"zenith": entry}}));
        let mine = first.replace("\"args\"", "\"env\": {\"A\": \"b\"},\n      \"args\"");
        let second = install(&mine, "mcpServers", "zenith", &server("zenith"), true).unwrap();
        assert_eq!(second, mine.replace("/old/zenith", "zenith"), "what the user added stays");
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in [
            "[]",
            "{",
            "{\"servers\": 1}",
            "{\"servers\": {\"zenith\": []}}",
            "nonsense",
            "{\"a\": 1 \"b\": 2}",
            "{'a': 1}",
            "{\"servers\": {}, \"servers\": {}}",
        ] {
            assert!(install(text, "servers", "zenith", &server("zenith"), true).is_err(), "{text}");
        }
        assert!(uninstall("{", "servers", "zenith").is_err());
        assert_eq!(uninstall("{\"a\": 1}", "servers", "zenith").unwrap(), "{\"a\": 1}");
    }

    #[test]
    fn the_data_folder_stands_beside_what_the_user_set() {
        let with = |data: &str| Server { data: Some(data.to_string()), ..server("zenith") };
        let first = install("", "mcpServers", "zenith", &with("/a"), false).unwrap();
        let variables = |text: &str| {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            value["mcpServers"]["zenith"]["env"].clone()
        };
        assert_eq!(variables(&first), serde_json::json!({"ZENITH_DATA": "/a"}));
        assert_eq!(install(&first, "mcpServers", "zenith", &with("/a"), false).unwrap(), first);
        let mine = first.replace("\"ZENITH_DATA\"", "\"A\": \"b\", \"ZENITH_DATA\"");
        let moved = install(&mine, "mcpServers", "zenith", &with("/c"), false).unwrap();
        assert_eq!(variables(&moved), serde_json::json!({"A": "b", "ZENITH_DATA": "/c"}));
        assert_eq!(install(&moved, "mcpServers", "zenith", &server("zenith"), false).unwrap(), moved);
        let none = install("", "mcpServers", "zenith", &server("zenith"), false).unwrap();
        let later = install(&none, "mcpServers", "zenith", &with("/a"), false).unwrap();
        assert_eq!(variables(&later), serde_json::json!({"ZENITH_DATA": "/a"}));
        let odd = r#"{"mcpServers": {"zenith": {"env": 3}}}"#;
        assert!(install(odd, "mcpServers", "zenith", &with("/a"), false).is_err());
    }
}
