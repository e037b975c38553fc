//! The agents: where each keeps its settings, and in which form.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ValueEnum;
use etcetera::BaseStrategy;
use etcetera::base_strategy::{Apple, Xdg};

use super::{Server, json, toml};

/// A program that speaks to models and to servers like this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Agent {
    /// Claude Code
    Claude,
    /// Codex
    Codex,
    /// Cursor
    Cursor,
    /// Visual Studio Code
    Vscode,
    /// Zed
    Zed,
}

/// The user's folders.
pub struct Home {
    home: PathBuf,
    /// Where programs keep settings: `~/.config`.
    config: PathBuf,
    /// The same by the system's own custom: on macOS `~/Library/Application Support`.
    own: PathBuf,
    /// Where Codex keeps its own, if the user moved it.
    codex: PathBuf,
}

/// Settings: a file, and its form.
pub struct Place {
    pub file: PathBuf,
    pub format: Format,
}

/// How a file lists servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON, perhaps with comments; servers stand below a key, and may have to say how they are spoken to.
    Json { key: &'static str, says_type: bool },
    /// TOML; servers are tables of `mcp_servers`.
    Toml,
}

impl Agent {
    pub const ALL: [Agent; 5] = [Agent::Claude, Agent::Codex, Agent::Cursor, Agent::Vscode, Agent::Zed];

    /// As `--agent` names it.
    pub fn name(self) -> &'static str {
        match self {
            Agent::Claude => "claude",
            Agent::Codex => "codex",
            Agent::Cursor => "cursor",
            Agent::Vscode => "vscode",
            Agent::Zed => "zed",
        }
    }

    /// The settings of a project, or the user's own.
    pub fn place(self, home: &Home, project: Option<&Path>) -> Place {
        let (of_project, of_user) = match self {
            Agent::Claude => (".mcp.json", home.home.join(".claude.json")),
            Agent::Codex => (".codex/config.toml", home.codex.join("config.toml")),
            Agent::Cursor => (".cursor/mcp.json", home.home.join(".cursor/mcp.json")),
            Agent::Vscode => (".vscode/mcp.json", home.own.join("Code/User/mcp.json")),
            Agent::Zed => (".zed/settings.json", home.config.join("zed/settings.json")),
        };
        let format = match self {
            Agent::Claude => Format::Json { key: "mcpServers", says_type: true },
            Agent::Codex => Format::Toml,
            Agent::Cursor => Format::Json { key: "mcpServers", says_type: false },
            Agent::Vscode => Format::Json { key: "servers", says_type: true },
            Agent::Zed => Format::Json { key: "context_servers", says_type: false },
        };
        Place { file: project.map_or(of_user, |project| project.join(of_project)), format }
    }

    /// Whether it was ever used on this machine.
    pub fn is_here(self, home: &Home) -> bool {
        match self {
            Agent::Claude => home.home.join(".claude.json").exists() || home.home.join(".claude").exists(),
            Agent::Codex => home.codex.exists(),
            Agent::Cursor => home.home.join(".cursor").exists(),
            Agent::Vscode => home.own.join("Code").exists(),
            Agent::Zed => home.config.join("zed").exists(),
        }
    }

    /// What is left to the user.
    pub fn next(self, project: bool) -> &'static str {
        match (self, project) {
            (Agent::Claude, true) => "Claude Code asks once whether to trust it; `/mcp` shows it",
            (Agent::Claude, false) => "a new session has it; `/mcp` shows it",
            (Agent::Codex, true) => "a new session has it, if you trust the project; `/mcp` shows it",
            (Agent::Codex, false) => "a new session has it; `/mcp` shows it",
            (Agent::Cursor, _) => "Cursor lists it among its MCP servers, where it can be switched on",
            (Agent::Vscode, _) => "start it once with the command \"MCP: List Servers\"",
            (Agent::Zed, _) => "the agent panel's settings show it",
        }
    }
}

impl Home {
    pub fn find() -> anyhow::Result<Home> {
        let none = "cannot find your home folder; set HOME";
        let (xdg, home) = (Xdg::new().context(none)?, etcetera::home_dir().context(none)?);
        let own = match cfg!(target_os = "macos") {
            true => Apple::new().context(none)?.data_dir(),
            false => xdg.config_dir(),
        };
        let codex = std::env::var_os("CODEX_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from);
        Ok(Home { codex: codex.unwrap_or_else(|| home.join(".codex")), config: xdg.config_dir(), home, own })
    }
}

impl Place {
    /// What a user would paste.
    pub fn lines(&self, server: &Server) -> String {
        self.format.install("", super::NAME, server).unwrap_or_default().trim_end().to_string()
    }
}

impl Format {
    /// Settings with a server in them.
    pub fn install(self, text: &str, name: &str, server: &Server) -> anyhow::Result<String> {
        match self {
            Format::Json { key, says_type } => json::install(text, key, name, server, says_type),
            Format::Toml => toml::install(text, name, server),
        }
    }

    /// Settings without it.
    pub fn uninstall(self, text: &str, name: &str) -> anyhow::Result<String> {
        match self {
            Format::Json { key, .. } => json::uninstall(text, key, name),
            Format::Toml => toml::uninstall(text, name),
        }
    }

    /// Whether settings name a server.
    pub fn holds(self, text: &str, name: &str) -> bool {
        match self {
            Format::Json { key, .. } => json::holds(text, key, name),
            Format::Toml => toml::holds(text, name),
        }
    }
}
