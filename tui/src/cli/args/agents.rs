//! What agents are told of zenith with.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::mcp::install::Agent;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Mcp {
    #[command(subcommand)]
    pub command: Option<McpCommand>,
    /// Answer for the project of this folder, whatever the agent says
    #[arg(long, value_name = "FOLDER")]
    pub project: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum McpCommand {
    /// Tell an agent of zenith, in its own settings
    #[command(after_help = "Examples:
  zenith mcp install --agent claude             ~/.claude.json: all of your projects
  zenith mcp install --agent claude --project   .mcp.json: this project, for all who work on it
  zenith mcp install --agent zed --dry-run      prints what the settings would be

All else in the settings stays as it is, comments too. What cannot be changed so is left alone, and the
lines to paste are printed.")]
    Install(Settings),
    /// Take zenith out of an agent's settings
    Uninstall(Settings),
}

#[derive(Args)]
pub struct Settings {
    /// The agent; without it, those that are on this machine are named
    #[arg(long)]
    pub agent: Option<Agent>,
    /// In the settings of this project, for all who work on it, in place of your own
    #[arg(long)]
    pub project: bool,
    /// Print what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}
