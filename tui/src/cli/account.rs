//! `zenith login`, `logout`, `whoami` and `sync`: who asks, and what others share with them.

use std::io::{IsTerminal, Read};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use secrecy::SecretString;
use serde::Serialize;
use zenith_core::Zenith;
use zenith_core::catalog::{Doubted, MemberState, Status};
use zenith_core::config::Config;
use zenith_core::package::Tier;
use zenith_core::session::{CredentialStore, KeptIn, Session};

use super::args::{Login, Sync};
use super::output::{self, Style, clean, clean_line};
use crate::text::ago;

/// No token is longer; the rest of an endless input is not read.
const TOKEN_BYTES_MAX: u64 = 64 * 1024;

/// Who asks, as `--json` prints it.
#[derive(Serialize)]
struct WhoLine<'a> {
    subject: Option<&'a str>,
    organisation: Option<&'a str>,
    role: Option<&'a str>,
    /// The service that was signed in to; null for the user of this machine alone.
    service: Option<&'a str>,
    /// Seconds since 1970.
    signed_in_at: Option<u64>,
    /// `keyring` or `file`.
    credentials: Option<&'static str>,
    databases: Vec<MemberState>,
    tiers: Vec<TierLine>,
    data: String,
    model: &'a str,
}

#[derive(Serialize)]
struct TierLine {
    tier: Tier,
    packages: usize,
}

/// What became of one database, as `--json` prints it.
#[derive(Serialize)]
struct SyncLine {
    database: String,
    frame: Option<u64>,
    frames: Option<u64>,
    fetched_anew: Option<bool>,
    error: Option<String>,
}

pub async fn login(config: Config, login: Login, json: bool) -> anyhow::Result<ExitCode> {
    let Some(service) = login.service.or_else(|| config.service.clone()) else {
        bail!("name the service to sign in to, as in `zenith login https://zenith.example`");
    };
    let token = tokio::task::spawn_blocking(read_token).await??;
    let (session, kept) = Zenith::sign_in(&config, &service, &token).await?;
    if json {
        return whoami(&Zenith::open(config).await?, true).await;
    }
    output::line(format!("signed in as {}", clean_line(&who(&session))))?;
    output::line(match kept {
        KeptIn::Keyring => "the tokens of your databases are kept in the keyring".to_string(),
        KeptIn::File => "the tokens of your databases are kept in a file that you alone can read".to_string(),
        KeptIn::FileForSilence => {
            "the keyring did not answer, so the tokens of your databases are kept in a file that you alone can read"
                .to_string()
        }
    })?;
    output::line("`zenith sync` fetches what is shared with you")?;
    Ok(ExitCode::SUCCESS)
}

/// The token from whatever is piped in, or asked for without showing it.
fn read_token() -> anyhow::Result<SecretString> {
    let mut text = String::new();
    if std::io::stdin().is_terminal() {
        text = rpassword::prompt_password("token: ").context("cannot ask for the token")?;
    } else {
        let input = std::io::stdin().lock();
        input.take(TOKEN_BYTES_MAX).read_to_string(&mut text).context("cannot read the token")?;
    }
    if text.trim().is_empty() {
        bail!("no token was given; paste the one that your issuer shows you, or pipe it in");
    }
    Ok(SecretString::from(text.trim()))
}

pub async fn logout(config: &Config, json: bool) -> anyhow::Result<ExitCode> {
    let done = Zenith::sign_out(config).await?;
    if json {
        output::json(&done)?;
    } else if done.signed_out {
        output::line(
            "signed out; the copies of what is shared with you are gone, what was indexed here stays",
        )?;
    } else {
        output::line("nobody was signed in")?;
    }
    for remains in &done.remains {
        eprintln!("could not be removed: {}", clean_line(remains));
    }
    Ok(if done.remains.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub async fn sync(zenith: &Zenith, arguments: &Sync, json: bool) -> anyhow::Result<ExitCode> {
    let outcomes = zenith.sync(Duration::from_secs(arguments.deadline)).await?;
    let mut complete = true;
    for (role, outcome) in outcomes {
        complete &= outcome.is_ok();
        let line = SyncLine {
            database: role.to_string(),
            frame: outcome.as_ref().ok().and_then(|synced| synced.frame),
            frames: outcome.as_ref().ok().map(|synced| synced.frames),
            fetched_anew: outcome.as_ref().ok().map(|synced| synced.fetched_anew),
            error: outcome.as_ref().err().map(ToString::to_string),
        };
        if json { output::json(&line)? } else { print_sync(&line)? }
    }
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_sync(line: &SyncLine) -> anyhow::Result<()> {
    let what = match (&line.error, line.frames, line.fetched_anew) {
        (Some(error), ..) => clean_line(error),
        (None, _, Some(true)) => "its copy was not as it should be: fetched anew".to_string(),
        (None, None | Some(0), _) => "up to date".to_string(),
        (None, Some(frames), _) => format!("{} brought", output::count(usize::try_from(frames)?, "change")),
    };
    output::line(format!("{:<12}  {what}", clean_line(&line.database)))
}

pub async fn whoami(zenith: &Zenith, json: bool) -> anyhow::Result<ExitCode> {
    let entries = zenith.packages().await?;
    let ready =
        |tier| entries.iter().filter(|entry| entry.tier() == tier && entry.status == Status::Ready).count();
    let tiers = Tier::ALL.into_iter().filter(|tier| zenith.identity.scope(*tier).is_some());
    let session = zenith.session.as_deref();
    // Nobody's secrets lie nowhere, and no keyring is asked for them.
    let credentials = match session.map(|_| CredentialStore::new(&zenith.config).kept_in()) {
        Some(Ok(kept)) => kept.map(KeptIn::as_str),
        Some(Err(error)) => {
            eprintln!("{}", clean_line(&error.to_string()));
            None
        }
        None => None,
    };
    let who = WhoLine {
        subject: zenith.identity.subject(),
        organisation: zenith.identity.organisation(),
        role: zenith.identity.role(),
        service: session.map(|session| session.service.as_str()),
        signed_in_at: session.map(|session| session.signed_in_at),
        credentials,
        databases: zenith.federation.states(),
        tiers: tiers.map(|tier| TierLine { tier, packages: ready(tier) }).collect(),
        data: zenith.config.data_dir.display().to_string(),
        model: zenith.search.embedder().id(),
    };
    if json {
        output::json(&who)?;
        return Ok(ExitCode::SUCCESS);
    }
    output::line(match session {
        Some(session) => format!("you are {}", clean_line(&self::who(session))),
        None => "you are the user of this machine; no sign-in is needed for the public and the private tier"
            .to_string(),
    })?;
    for line in &who.tiers {
        let packages = output::count(line.packages, "package");
        output::line(format!("  {}: {packages} on this machine", Style::of_stdout().tier(line.tier)))?;
    }
    if who.organisation.is_none() {
        output::line("  team: none; `zenith login SERVICE` as a member of an organisation joins one")?;
    }
    for state in &who.databases {
        output::line(format!(
            "  {} database: {}",
            clean_line(&state.database),
            clean_line(&standing(state))
        ))?;
    }
    output::line(format!("  data: {}\n  model: {}", clean(&who.data), who.model))?;
    Ok(ExitCode::SUCCESS)
}

/// Says which copies of shared catalogs are not to be believed, beside what is printed of the others.
pub fn tell_doubts(doubted: &[Doubted]) {
    for doubted in doubted {
        let (database, why) = (clean_line(&doubted.database), clean_line(&doubted.why));
        eprintln!("what the {database} database lists is in doubt: {why}");
    }
}

/// A signed-in user in one line.
fn who(session: &Session) -> String {
    let service = session.service.host_str().unwrap_or_default();
    match (&session.organisation, &session.role) {
        (Some(organisation), Some(role)) => {
            format!("{}, {role} of {organisation}, at {service}", session.subject)
        }
        (Some(organisation), None) => format!("{}, of {organisation}, at {service}", session.subject),
        (None, _) => format!("{}, at {service}", session.subject),
    }
}

/// How a replica stands in one line.
fn standing(state: &MemberState) -> String {
    let age = match state.age_s {
        None => return "never synchronised; `zenith sync` does".to_string(),
        Some(age_s) => ago(Duration::from_secs(age_s)),
    };
    let frame = state.replica.frame.map_or_else(String::new, |frame| format!(", frame {frame}"));
    match (&state.doubt, &state.replica.error) {
        (Some(doubt), _) => format!("synchronised {age}{frame}; {doubt}"),
        (None, None) => format!("synchronised {age}{frame}"),
        (None, Some(error)) => format!("synchronised {age}{frame}; the last attempt failed: {error}"),
    }
}
