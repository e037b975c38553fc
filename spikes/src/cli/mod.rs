//! The program. Exit codes: 0 done, 1 not as expected, 2 wrong usage.

mod args;
mod list;
mod output;
mod progress;
mod report;
mod run;
mod select;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod toys;

use std::fmt;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use tokio_util::sync::CancellationToken;
use zenith_core::config::{Config, Overrides};
use zenith_harness::Spike;

use args::{Arguments, Command};

/// A command that makes no sense, for exit code 2.
#[derive(Debug)]
pub struct Usage(pub String);

impl std::error::Error for Usage {}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the program works on.
struct Setting<'a> {
    spikes: &'static [Spike],
    config: Config,
    /// Standard output.
    out: &'a mut (dyn Write + Send),
    cancel: CancellationToken,
    /// Whether a person watches standard error.
    watched: bool,
}

/// Runs the program over these spikes and says how it went.
pub fn main(spikes: &'static [Spike]) -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::error(&anyhow::Error::new(error).context("cannot start the program's threads"));
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(start(spikes, arguments));
    // A spike that blocks a thread must not keep the program from ending.
    runtime.shutdown_background();
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error);
            ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
        }
    }
}

/// What the programs run on. The number of its threads is said here, since the library would ask the
/// environment, and end the program over what it does not like.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()
}

async fn start(spikes: &'static [Spike], arguments: Arguments) -> anyhow::Result<u8> {
    let config = Config::load(Overrides::default())?;
    let cancel = CancellationToken::new();
    // The others end at once, and Ctrl-C ends them by itself.
    if let Command::Run(_) = arguments.command {
        output::cancel_on_signal(cancel.clone());
        zenith_harness::runner::hold_back_panics();
    }
    let watched = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let mut out = std::io::stdout();
    execute(arguments, Setting { spikes, config, out: &mut out, cancel, watched }).await
}

async fn execute(arguments: Arguments, setting: Setting<'_>) -> anyhow::Result<u8> {
    match arguments.command {
        Command::List(list) => list::execute(&list, setting),
        Command::Run(run) => run::execute(run, setting).await,
        Command::Report(report) => report::execute(&report, setting),
    }
}
