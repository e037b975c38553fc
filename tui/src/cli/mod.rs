//! The plain commands. Exit codes: 0 done, 1 failed, 2 wrong usage.

mod account;
pub mod args;
mod changes;
mod clean;
mod doctor;
mod examples;
mod export;
mod freshness;
mod import;
mod index;
mod instance;
mod interrupt;
mod jobs;
mod keys;
mod mcp;
pub mod near;
mod note;
pub mod output;
mod overview;
pub mod packages;
mod progress;
mod pull;
mod push;
pub mod search;
mod serve;
pub mod show;
pub mod source;
mod tenant;
mod unpush;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use zenith_core::Zenith;
use zenith_core::config::{Config, Overrides};

use crate::explorer;
use args::{Arguments, Command, Show};
use interrupt::Interrupt;

/// Runs the program and says how it went.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse_from(std::env::args_os().map(as_word));
    if let Err(why) = arguments.fit_together() {
        Arguments::command().error(clap::error::ErrorKind::InvalidValue, why).exit();
    }
    tell_panics_plainly();
    let runtime = match zenith_spikes::cli::runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::error(&anyhow::Error::new(error).context("cannot start the program's threads"));
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(run(arguments));
    // A blocking task that was given up must not keep the program from ending.
    runtime.shutdown_background();
    match result {
        Ok(code) => code,
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error);
            ExitCode::FAILURE
        }
    }
}

/// The arrow of a signature (`zenith search '-> Duration'`) is no flag.
fn as_word(argument: OsString) -> OsString {
    match argument.to_str() {
        Some(text) if text.starts_with("->") => format!(" {text}").into(),
        _ => argument,
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { command, global } = arguments;
    let overrides = Overrides { data_dir: global.data };
    let config = Config::load(overrides)?;
    let folder = std::env::current_dir()?;
    let json = global.json;
    let Some(command) = command else {
        if !json && output::is_live(&std::io::stdout()) && std::io::stdin().is_terminal() {
            let mouse = config.screen.mouse && !global.no_mouse;
            explorer::run(explorer::Start { config, folder, mouse }).await?;
            return Ok(ExitCode::SUCCESS);
        }
        let interrupt = Interrupt::watch()?;
        return overview::run(&open(config).await?, &folder, &interrupt).await;
    };
    for note in config.notes() {
        output::note(&note);
    }
    let interrupt = Interrupt::watch()?;
    // What has an order to stop in keeps it; the rest, also `sync`, `login`, `logout` and `doctor --repair`, is
    // dropped where it stands, as by a kill.
    let stops_itself = matches!(
        command,
        Command::Export(_)
            | Command::Import(_)
            | Command::Push(_)
            | Command::Unpush(_)
            | Command::Pull(_)
            | Command::Index(_)
            | Command::Show(Show { uses: true, .. } | Show { implementors: true, .. })
            | Command::Changes(_)
            | Command::Clean(_)
            | Command::Mcp(_)
            | Command::Serve(_)
            | Command::Jobs(_)
            | Command::Instance(_)
    );
    let work = perform(command, config, &folder, &interrupt, json);
    if stops_itself { work.await } else { interrupt.or_stop(work).await }
}

async fn perform(
    command: Command,
    config: Config,
    folder: &Path,
    interrupt: &Interrupt,
    json: bool,
) -> anyhow::Result<ExitCode> {
    match command {
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Arguments::command(), "zenith", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
        Command::Man { folder } => {
            std::fs::create_dir_all(&folder)?;
            clap_mangen::generate_to(Arguments::command(), &folder)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Keys => keys::run(&config, json),
        Command::Doctor { repair } => doctor::run(config, repair, json).await,
        Command::Serve(asked) => serve::run(&config, asked, interrupt, json).await,
        Command::Tenant(asked) => tenant::run(&config, asked, json).await,
        Command::Login(login) => account::login(config, login, json).await,
        Command::Logout => account::logout(&config, json).await,
        Command::Whoami => account::whoami(&open(config).await?, json).await,
        Command::Sync(sync) => account::sync(&open(config).await?, &sync, json).await,
        Command::Export(export) => export::run(&open(config).await?, &export, interrupt, json).await,
        Command::Import(import) => import::run(&open(config).await?, &import, interrupt, json).await,
        Command::Push(push) => push::run(&open(config).await?, &push, interrupt, json).await,
        Command::Unpush(unpush) => unpush::run(&open(config).await?, &unpush, interrupt, json).await,
        Command::Pull(pull) => pull::run(&open(config).await?, folder, &pull, interrupt, json).await,
        Command::Index(index) => index::run(&open(config).await?, folder, index, interrupt, json).await,
        Command::Search(search) => search::run(&open(config).await?, folder, search, json).await,
        Command::Packages(packages) => packages::run(&open(config).await?, folder, packages, json).await,
        Command::Show(show) => show::run(&open(config).await?, folder, show, interrupt, json).await,
        Command::Examples(asked) => examples::run(&open(config).await?, folder, asked, interrupt, json).await,
        Command::Changes(changes) => {
            changes::run(&open(config).await?, folder, changes, interrupt, json).await
        }
        Command::Clean(clean) => clean::run(&open(config).await?, &clean, interrupt, json).await,
        Command::Note(asked) => note::run(&open(config).await?, folder, asked, json).await,
        Command::Jobs(jobs) => jobs::run(&open(config).await?, folder, jobs, interrupt, json).await,
        Command::Instance(asked) => instance::run(&open(config).await?, folder, asked, interrupt, json).await,
        Command::Mcp(asked) => mcp::run(config, folder, asked, interrupt, json).await,
    }
}

/// What a library panics with may quote what a server or a package said: of that, the place alone is told.
fn tell_panics_plainly() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| match panic.location() {
        Some(place) if Path::new(place.file()).is_relative() => usual(panic),
        Some(place) => eprintln!("zenith: a library stopped unexpectedly at {place}"),
        None => eprintln!("zenith: a library stopped unexpectedly"),
    }));
}

async fn open(config: Config) -> anyhow::Result<Zenith> {
    Ok(Zenith::open(config).await?)
}
