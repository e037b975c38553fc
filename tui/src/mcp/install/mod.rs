//! `zenith mcp install`: tells an agent of this program, in the agent's own settings.
//!
//! Whatever else the settings hold stays byte by byte as it is, comments too. A file that is not understood is left
//! alone, and the lines to paste are printed. The file is replaced at once or not at all.

mod agent;
mod json;
mod toml;
mod write;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde::Serialize;
use zenith_core::ingest::Source;

pub use agent::Agent;
use agent::{Home, Place};

use crate::cli::args::Settings;
use crate::cli::output::{self, clean_line};
use crate::cli::source::surrounding;

/// What an agent calls us by.
const NAME: &str = "zenith";

/// What is wished of an agent's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    Install,
    Uninstall,
}

/// What was done, as `--json` prints it.
#[derive(Debug, Serialize)]
struct Done {
    agent: &'static str,
    file: PathBuf,
    changed: bool,
    /// With `--dry-run`, what the file would hold; null where it would not be there.
    text: Option<String>,
}

/// An agent, as `--json` prints it where none was named.
#[derive(Serialize)]
struct Known {
    agent: &'static str,
    file: PathBuf,
    found: bool,
    installed: bool,
}

/// How an agent starts this program.
pub struct Server {
    pub command: String,
    /// The data folder, where it is not the one that the program takes by itself.
    pub data: Option<String>,
}

/// The variable that names the data folder.
const DATA: &str = "ZENITH_DATA";

/// Does what was asked of `zenith mcp install` and `uninstall`. `folder` is where the user stands, `data` the data
/// folder where it is not the usual one.
pub fn run(
    folder: &Path,
    settings: &Settings,
    wish: Wish,
    data: Option<&Path>,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let home = Home::find()?;
    let folder = &root(folder);
    let Some(agent) = settings.agent else { return list(&home, folder, settings.project, wish, json) };
    let place = agent.place(&home, settings.project.then_some(folder));
    let before = read(&place.file)?;
    // Who shares a project's settings has other folders.
    let server =
        Server { command: command()?, data: data.filter(|_| !settings.project).map(text_of).transpose()? };
    if let Some(data) = data.filter(|_| settings.project) {
        let data = clean_line(&data.display().to_string());
        eprintln!("{DATA} ({data}) is yours alone, and not written into the project's settings");
    }
    let after = change(&place, before.as_deref(), wish, &server).with_context(|| {
        let file = place.file.display();
        let lines = place.lines(&server);
        match wish {
            Wish::Install => format!("{file} is left as it is; paste into it:\n\n{lines}\n"),
            Wish::Uninstall => format!("{file} is left as it is; take out of it what stands under {NAME}"),
        }
    })?;
    let changed = after != before;
    if changed && !settings.dry_run {
        write::replace(&place.file, after.as_deref())?;
    }
    let done =
        Done { agent: agent.name(), file: place.file, changed, text: after.filter(|_| settings.dry_run) };
    if json {
        output::json(&done)?;
    } else {
        tell(&done, settings, wish, agent)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The folder of the project that governs one, else that one.
fn root(folder: &Path) -> PathBuf {
    let root = match surrounding(folder) {
        Some(Source::Lockfile(lockfile)) => lockfile.parent().map(Path::to_path_buf),
        Some(Source::Workspace(root)) => Some(root),
        _ => None,
    };
    root.unwrap_or_else(|| folder.to_path_buf())
}

fn tell(done: &Done, settings: &Settings, wish: Wish, agent: Agent) -> anyhow::Result<()> {
    let (name, file) = (done.agent, clean_line(&done.file.display().to_string()));
    if settings.dry_run {
        output::line(match &done.text {
            Some(_) if done.changed => format!("{file} would hold:\n"),
            Some(_) => format!("{file} would stay as it is:\n"),
            None => format!("{file} would not be there"),
        })?;
        return match &done.text {
            Some(text) => output::line(output::clean(text).trim_end()),
            None => Ok(()),
        };
    }
    output::line(match (wish, done.changed) {
        (Wish::Install, true) => format!("{name} knows zenith now: {file}"),
        (Wish::Install, false) => format!("{name} knew zenith already: {file}"),
        (Wish::Uninstall, true) => format!("zenith is out of {file}"),
        (Wish::Uninstall, false) => format!("zenith is not in {file}"),
    })?;
    if wish == Wish::Install && done.changed {
        output::line(agent.next(settings.project))?;
    }
    Ok(())
}

/// The agents that are on this machine, and how to go on.
fn list(home: &Home, folder: &Path, project: bool, wish: Wish, json: bool) -> anyhow::Result<ExitCode> {
    let verb = if wish == Wish::Install { "install" } else { "uninstall" };
    let mut first = None;
    for agent in Agent::ALL {
        let place = agent.place(home, project.then_some(folder));
        let installed = read(&place.file)?.is_some_and(|text| place.format.holds(&text, NAME));
        let known = Known { agent: agent.name(), found: agent.is_here(home), installed, file: place.file };
        if known.found && (known.installed == (wish == Wish::Uninstall)) {
            first = first.or(Some(agent));
        }
        if json {
            output::json(&known)?;
            continue;
        }
        let state = match (known.found, known.installed) {
            (_, true) => "knows zenith",
            (true, false) => "is here",
            (false, false) => "not found",
        };
        output::line(format!(
            "{:<7} {state:<13} {}",
            known.agent,
            clean_line(&known.file.display().to_string())
        ))?;
    }
    if !json {
        let agent = first.unwrap_or(Agent::Claude).name();
        output::line(format!(
            "\n`zenith mcp {verb} --agent {agent}` {verb}s it; --dry-run prints what that would write"
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn change(
    place: &Place,
    before: Option<&str>,
    wish: Wish,
    server: &Server,
) -> anyhow::Result<Option<String>> {
    match (wish, before) {
        (Wish::Install, before) => {
            Ok(Some(place.format.install(before.unwrap_or_default(), NAME, server)?))
        }
        (Wish::Uninstall, None) => Ok(None),
        (Wish::Uninstall, Some(before)) => Ok(Some(place.format.uninstall(before, NAME)?)),
    }
}

/// A file's text; `None` where there is no file.
fn read(file: &Path) -> anyhow::Result<Option<String>> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
    }
}

/// How an agent starts this program: by its name where that finds it, else by its path.
fn command() -> anyhow::Result<String> {
    let this = std::env::current_exe().context("cannot tell where this program lies")?;
    let this = this.canonicalize().unwrap_or(this);
    let found = std::env::var_os("PATH").is_some_and(|path| {
        let first = std::env::split_paths(&path).map(|folder| folder.join(NAME)).find(|file| file.is_file());
        first.and_then(|file| file.canonicalize().ok()).is_some_and(|file| file == this)
    });
    if found {
        return Ok(NAME.to_string());
    }
    text_of(&this)
}

/// A path as settings hold it.
fn text_of(path: &Path) -> anyhow::Result<String> {
    let Some(text) = path.to_str() else { bail!("{} is no text that settings can hold", path.display()) };
    Ok(text.to_string())
}
