//! Settings in TOML, as Codex keeps them.

use anyhow::{Context, anyhow};
use toml_edit::{Array, DocumentMut, Item, Table, Value, value};

const KEY: &str = "mcp_servers";

fn parse(text: &str) -> anyhow::Result<DocumentMut> {
    text.parse().map_err(|error: toml_edit::TomlError| anyhow!("it is no TOML: {}", error.message()))
}

pub fn install(text: &str, name: &str, command: &str) -> anyhow::Result<String> {
    let mut settings = parse(text)?;
    let implicit = || {
        let mut table = Table::new();
        // `[mcp_servers]` alone says nothing.
        table.set_implicit(true);
        Item::Table(table)
    };
    let servers = settings.entry(KEY).or_insert_with(implicit);
    let servers = servers.as_table_like_mut().with_context(|| format!("{KEY} is no table"))?;
    let ours = servers.entry(name).or_insert_with(toml_edit::table);
    let ours = ours.as_table_like_mut().with_context(|| format!("{KEY}.{name} is no table"))?;
    let args = || Value::Array(Array::from_iter(["mcp"]));
    let is_command = ours.get("command").and_then(Item::as_str) == Some(command);
    if !is_command {
        ours.insert("command", value(command));
    }
    let known: Option<Vec<Option<&str>>> =
        ours.get("args").and_then(Item::as_array).map(|known| known.iter().map(Value::as_str).collect());
    if known != Some(vec![Some("mcp")]) {
        ours.insert("args", Item::Value(args()));
    }
    Ok(settings.to_string())
}

pub fn uninstall(text: &str, name: &str) -> anyhow::Result<String> {
    let mut settings = parse(text)?;
    let servers = settings.get_mut(KEY).and_then(Item::as_table_like_mut);
    if servers.is_none_or(|servers| servers.remove(name).is_none()) {
        return Ok(text.to_string());
    }
    Ok(settings.to_string())
}

pub fn holds(text: &str, name: &str) -> bool {
    parse(text).is_ok_and(|settings| settings.get(KEY).and_then(|servers| servers.get(name)).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: &str = "# Mine.\nmodel = \"a\" # the best\n\n[mcp_servers.other]\ncommand = \"other\"\n";

    #[test]
    fn all_else_stays_and_comments_too() {
        let installed = install(SETTINGS, "zenith", "zenith").unwrap();
        assert!(installed.starts_with(SETTINGS), "{installed}");
        assert!(
            installed.ends_with("[mcp_servers.zenith]\ncommand = \"zenith\"\nargs = [\"mcp\"]\n"),
            "{installed}"
        );
        assert_eq!(install(&installed, "zenith", "zenith").unwrap(), installed);
        assert_eq!(uninstall(&installed, "zenith").unwrap(), SETTINGS);
        assert_eq!(uninstall(SETTINGS, "zenith").unwrap(), SETTINGS);
    }

    #[test]
    fn what_the_user_added_stays() {
        let mine = "[mcp_servers.zenith]\ncommand = \"/old/zenith\"\nargs = [\"mcp\"]\nenv = { A = \"b\" }\n";
        assert_eq!(install(mine, "zenith", "zenith").unwrap(), mine.replace("/old/zenith", "zenith"));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in ["[", "mcp_servers = 1", "[mcp_servers]\nzenith = 1"] {
            assert!(install(text, "zenith", "zenith").is_err(), "{text}");
        }
    }
}
