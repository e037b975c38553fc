//! `zenith doctor`: how the data folder is.

use std::process::ExitCode;

use zenith_core::Zenith;
use zenith_core::config::Config;
use zenith_core::doctor::{self, Finding, State};

use super::output::{self, clean};

pub async fn run(config: Config, repair: bool, json: bool) -> anyhow::Result<ExitCode> {
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
        State::Away => "away    ",
    };
    output::line(format!("{mark}  {:<9}  {}", finding.part, clean(&finding.what)))
}
