//! `zenith mcp install` in a home of its own.

use serde_json::{Value, json};

use crate::support::{Place, Run};

/// The command, with a home folder that is the place's.
fn run(place: &Place, arguments: &[&str]) -> Run {
    let home = place.project().join("home");
    std::fs::create_dir_all(&home).unwrap();
    let mut command = place.command(&[&["mcp"], arguments].concat());
    command.env("HOME", &home).env_remove("XDG_CONFIG_HOME").env_remove("CODEX_HOME");
    Run::of(command.output().unwrap())
}

fn file(place: &Place, name: &str) -> std::path::PathBuf {
    place.project().join(name)
}

#[test]
fn each_agent_is_told_once_and_forgets_again() {
    let this = env!("CARGO_BIN_EXE_zenith");
    let this = std::fs::canonicalize(this).unwrap().display().to_string();
    let server = json!({"command": this, "args": ["mcp"]});
    let typed = json!({"type": "stdio", "command": this, "args": ["mcp"]});
    let own = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".config" };
    for (agent, of_user, of_project, key, says) in [
        ("claude", ".claude.json".to_string(), ".mcp.json", "mcpServers", &typed),
        ("cursor", ".cursor/mcp.json".to_string(), ".cursor/mcp.json", "mcpServers", &server),
        ("vscode", format!("{own}/Code/User/mcp.json"), ".vscode/mcp.json", "servers", &typed),
        ("zed", ".config/zed/settings.json".to_string(), ".zed/settings.json", "context_servers", &server),
    ] {
        let place = Place::new();
        for (project, path) in [(false, format!("home/{of_user}")), (true, of_project.to_string())] {
            let mut asked = vec!["install", "--agent", agent];
            if project {
                asked.push("--project");
            }
            let dry = run(&place, &[&asked[..], &["--dry-run"]].concat()).ok();
            assert!(dry.out.contains("would hold") && !file(&place, &path).exists(), "{dry:#?}");
            run(&place, &asked).ok();
            let text = std::fs::read_to_string(file(&place, &path)).unwrap();
            let settings: Value = serde_json::from_str(&text).unwrap();
            // The data folder is not the usual one: it is the user's own.
            let mut says = says.clone();
            if !project {
                says["env"] = json!({"ZENITH_DATA": place.data()});
            }
            assert_eq!(settings, json!({key: {"zenith": says}}), "{agent}");
            let again = run(&place, &asked).ok();
            assert!(again.out.contains("knew zenith already"), "{again:#?}");
            assert_eq!(std::fs::read_to_string(file(&place, &path)).unwrap(), text);
            asked[0] = "uninstall";
            run(&place, &asked).ok();
            let settings = std::fs::read_to_string(file(&place, &path)).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&settings).unwrap(), json!({key: {}}), "{agent}");
            assert!(run(&place, &asked).ok().out.contains("is not in"));
        }
    }
}

#[test]
fn the_settings_of_a_project_lie_at_its_root() {
    let place = Place::with_workspace(1);
    let mut command = place.command(&["mcp", "install", "--agent", "claude", "--project"]);
    command.env("HOME", place.project()).current_dir(place.project().join("part0/src"));
    Run::of(command.output().unwrap()).ok();
    assert!(file(&place, ".mcp.json").exists());
}

#[test]
fn codex_keeps_its_comments() {
    let place = Place::new();
    let mine = "# Mine.\nmodel = \"a\"\n";
    place.write("home/.codex/config.toml", mine);
    run(&place, &["install", "--agent", "codex"]).ok();
    let text = std::fs::read_to_string(file(&place, "home/.codex/config.toml")).unwrap();
    assert!(text.starts_with(mine) && text.contains("[mcp_servers.zenith]"), "{text}");
    run(&place, &["uninstall", "--agent", "codex"]).ok();
    assert_eq!(std::fs::read_to_string(file(&place, "home/.codex/config.toml")).unwrap(), mine);
}

#[test]
fn settings_that_are_not_understood_stay_and_the_lines_are_told() {
    let place = Place::new();
    place.write("home/.config/zed/settings.json", "{ \"context_servers\": nonsense }");
    let refused = run(&place, &["install", "--agent", "zed"]);
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    assert!(
        refused.err.contains("left as it is") && refused.err.contains("\"args\": [\"mcp\"]"),
        "{refused:#?}"
    );
    let text = std::fs::read_to_string(file(&place, "home/.config/zed/settings.json")).unwrap();
    assert_eq!(text, "{ \"context_servers\": nonsense }");
}

#[cfg(unix)]
#[test]
fn rights_and_links_stay() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    place.write("home/real.json", "{}");
    let real = file(&place, "home/real.json");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::os::unix::fs::symlink(&real, file(&place, "home/.claude.json")).unwrap();
    run(&place, &["install", "--agent", "claude"]).ok();
    assert!(file(&place, "home/.claude.json").is_symlink());
    assert!(std::fs::read_to_string(&real).unwrap().contains("zenith"));
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn without_an_agent_those_on_this_machine_are_named() {
    let place = Place::new();
    place.write("home/.cursor/mcp.json", "{}");
    let list = run(&place, &["install"]).ok();
    assert!(list.out.contains("zenith mcp install --agent cursor"), "{list:#?}");
    let known = run(&place, &["install", "--json"]).ok().json();
    let found: Vec<&Value> =
        known.iter().filter(|one| one["found"] == true).map(|one| &one["agent"]).collect();
    assert_eq!(found, [&json!("cursor")], "{known:#?}");
    assert!(!std::fs::read_to_string(file(&place, "home/.cursor/mcp.json")).unwrap().contains("zenith"));
}
