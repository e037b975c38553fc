//! `zenith serve`: the service of a team, until Ctrl-C.

use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};
use zenith_core::config::{Config, DatabasesSettings, ServiceSettings};
use zenith_core::service::Running;
use zenith_harness::lab::Tools;

use super::args::Serve;
use super::interrupt::Interrupt;
use super::output;

/// What is ready, as `--json` prints it.
#[derive(Serialize)]
struct ReadyLine<'a> {
    url: &'a str,
    trial: bool,
    members: Vec<MemberLine<'a>>,
}

#[derive(Serialize)]
struct MemberLine<'a> {
    name: &'a str,
    /// The file that its identity token lies in.
    token: PathBuf,
}

/// Where a service's data lies unless its file says otherwise.
pub fn usual_folder(config: &Config) -> PathBuf {
    config.data_dir.join("service")
}

/// Where `scripts/setup` puts the server of databases.
pub fn usual_program(config: &Config) -> PathBuf {
    Tools::new(config).sqld_place()
}

pub async fn run(
    config: &Config,
    asked: Serve,
    interrupt: &Interrupt,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let folder = usual_folder(config);
    let mut settings = ServiceSettings::load(asked.config.as_deref(), &folder)?;
    if let Some(listen) = asked.listen {
        settings.listen = listen;
    }
    if let (Some(address), DatabasesSettings::Embedded { listen, .. }) =
        (asked.databases, &mut settings.databases)
    {
        *listen = address;
    }
    log_to_stderr();
    let running = Running::start(settings, asked.trial, &usual_program(config)).await?;
    let url = running.url().as_str().trim_end_matches('/').to_string();
    if json {
        let members = running.members().iter();
        let members =
            members.map(|member| MemberLine { name: member.name, token: member.token.clone() }).collect();
        output::json(&ReadyLine { url: &url, trial: asked.trial, members })?;
    } else {
        output::line(format!("zenith serves on {url}"))?;
        tell_members(&running, &url)?;
        output::line("Ctrl-C ends it; what its members keep stays")?;
    }
    interrupt.leaves("zenith: ending; requests that were begun are answered");
    let end = interrupt.wanted().clone();
    // As whoever supervises a service ends it.
    let mut terminated = signal(SignalKind::terminate())?;
    let told = end.clone();
    let watch = tokio::spawn(async move {
        terminated.recv().await;
        told.cancel();
    });
    running.until(end).await;
    watch.abort();
    Ok(ExitCode::SUCCESS)
}

/// How to sign in as the members of a service for trying.
fn tell_members(running: &Running, url: &str) -> anyhow::Result<()> {
    if running.members().is_empty() {
        return Ok(());
    }
    output::line(
        "This is for trying: it is on this machine alone, and signs in whoever can read the files below.\n\
         Two members of one team, each with a data folder of their own:\n",
    )?;
    for member in running.members() {
        let token = shell_words::quote(&member.token.to_string_lossy()).into_owned();
        output::line(format!("  export ZENITH_DATA=~/zenith-{}; zenith login {url} < {token}", member.name))?;
    }
    output::line("")
}

/// What happens, a line each, on standard error. No token is ever in it.
fn log_to_stderr() {
    // Another may have been set by whoever calls.
    let _ = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false)
        .with_max_level(tracing_subscriber::filter::LevelFilter::INFO)
        .try_init();
}
