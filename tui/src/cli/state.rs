//! `zenith whoami` and `zenith doctor`: who asks, and how the data folder is.

use std::process::ExitCode;

use serde::Serialize;
use zenith_core::Zenith;
use zenith_core::catalog::Status;
use zenith_core::config::Config;
use zenith_core::doctor::{self, Finding, State};
use zenith_core::package::Tier;

use super::output::{self, Style, clean};

/// Who asks, as `--json` prints it.
#[derive(Serialize)]
struct WhoLine<'a> {
    subject: Option<&'a str>,
    organisation: Option<&'a str>,
    tiers: Vec<TierLine>,
    data: String,
    model: &'a str,
}

#[derive(Serialize)]
struct TierLine {
    tier: Tier,
    packages: usize,
}

pub async fn whoami(zenith: &Zenith, json: bool) -> anyhow::Result<ExitCode> {
    let entries = zenith.packages().await?;
    let ready =
        |tier| entries.iter().filter(|entry| entry.tier() == tier && entry.status == Status::Ready).count();
    let who = WhoLine {
        subject: zenith.identity.subject(),
        organisation: zenith.identity.organisation(),
        tiers: zenith
            .identity
            .scopes()
            .iter()
            .map(|scope| TierLine { tier: scope.tier(), packages: ready(scope.tier()) })
            .collect(),
        data: zenith.config.data_dir.display().to_string(),
        model: zenith.search.embedder().id(),
    };
    if json {
        output::json(&who)?;
        return Ok(ExitCode::SUCCESS);
    }
    output::line(
        "you are the user of this machine; no sign-in is needed for the public and the private tier",
    )?;
    for line in &who.tiers {
        let packages = output::count(line.packages, "package");
        output::line(format!("  {}: {packages}", Style::of_stdout().tier(line.tier)))?;
    }
    if who.organisation.is_none() {
        output::line(
            "  team: none; it takes signing in as a member of an organisation, which this version lacks",
        )?;
    }
    output::line(format!("  data: {}\n  model: {}", clean(&who.data), who.model))?;
    Ok(ExitCode::SUCCESS)
}

pub async fn doctor(config: Config, repair: bool, json: bool) -> anyhow::Result<ExitCode> {
    let catalog = doctor::check_catalog(&config, repair).await?;
    let readable = catalog.state != State::Broken;
    let mut findings = vec![catalog];
    if readable {
        let zenith = Zenith::open(config).await?;
        findings.extend(doctor::examine(&zenith, repair).await?);
    }
    let broken = findings.iter().any(|finding| finding.state == State::Broken);
    for finding in &findings {
        if json { output::json(finding)? } else { print(finding)? }
    }
    if broken && !json {
        output::line("`zenith doctor --repair` mends what can be derived")?;
    }
    Ok(if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn print(finding: &Finding) -> anyhow::Result<()> {
    let mark = match finding.state {
        State::Ok => "ok      ",
        State::Repaired => "repaired",
        State::Broken => "broken  ",
    };
    output::line(format!("{mark}  {:<9}  {}", finding.part, clean(&finding.what)))
}
