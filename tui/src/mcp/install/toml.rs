//! Settings in TOML, as Codex keeps them.

use anyhow::{Context, anyhow};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value, value};

use super::{DATA, Server};

const KEY: &str = "mcp_servers";

fn parse(text: &str) -> anyhow::Result<DocumentMut> {
    text.parse().map_err(|error: toml_edit::TomlError| anyhow!("it is no TOML: {}", error.message()))
}

pub fn install(text: &str, name: &str, server: &Server) -> anyhow::Result<String> {
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
    let is_command = ours.get("command").and_then(Item::as_str) == Some(&*server.command);
    if !is_command {
        ours.insert("command", value(server.command.as_str()));
    }
    let known: Option<Vec<Option<&str>>> =
        ours.get("args").and_then(Item::as_array).map(|known| known.iter().map(Value::as_str).collect());
    if known != Some(vec![Some("mcp")]) {
        ours.insert("args", Item::Value(args()));
    }
    if let Some(data) = &server.data {
        let variables = ours.entry("env").or_insert_with(|| value(InlineTable::new()));
        let variables =
            variables.as_table_like_mut().with_context(|| format!("{KEY}.{name}.env is no table"))?;
        if variables.get(DATA).and_then(Item::as_str) != Some(data) {
            variables.insert(DATA, value(data.as_str()));
        }
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

    fn server(command: &str) -> Server {
        Server { command: command.to_string(), data: None }
    }

    const SETTINGS: &str = "# Mine.\nmodel = \"a\" # the best\n\n[mcp_servers.other]\ncommand = \"other\"\n";

    #[test]
    fn all_else_stays_and_comments_too() {
        let installed = install(SETTINGS, "zenith", &server("zenith")).unwrap();
        assert!(installed.starts_with(SETTINGS), "{installed}");
        assert!(
            installed.ends_with("[mcp_servers.zenith]\ncommand = \"zenith\"\nargs = [\"mcp\"]\n"),
            "{installed}"
        );
        assert_eq!(install(&installed, "zenith", &server("zenith")).unwrap(), installed);
        assert_eq!(uninstall(&installed, "zenith").unwrap(), SETTINGS);
        assert_eq!(uninstall(SETTINGS, "zenith").unwrap(), SETTINGS);
    }

    #[test]
    fn what_the_user_added_stays() {
        let mine = "[mcp_servers.zenith]\ncommand = \"/old/zenith\"\nargs = [\"mcp\"]\nenv = { A = \"b\" }\n";
        assert_eq!(
            install(mine, "zenith", &server("zenith")).unwrap(),
            mine.replace("/old/zenith", "zenith")
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in ["[", "mcp_servers = 1", "[mcp_servers]\nzenith = 1"] {
            assert!(install(text, "zenith", &server("zenith")).is_err(), "{text}");
        }
    }

    #[test]
    fn the_data_folder_stands_beside_what_the_user_set() {
        let with = Server { data: Some("/a".to_string()), ..server("zenith") };
        let first = install("", "zenith", &with).unwrap();
        assert!(first.ends_with("env = { ZENITH_DATA = \"/a\" }\n"), "{first}");
        assert_eq!(install(&first, "zenith", &with).unwrap(), first);
        let mine = "[mcp_servers.zenith]\ncommand = \"zenith\"\nargs = [\"mcp\"]\nenv = { A = \"b\" }\n";
        let both = install(mine, "zenith", &with).unwrap();
        let variables = &parse(&both).unwrap()[KEY]["zenith"]["env"];
        assert_eq!((variables["A"].as_str(), variables[DATA].as_str()), (Some("b"), Some("/a")), "{both}");
        assert_eq!(install(&both, "zenith", &server("zenith")).unwrap(), both);
    }
}
