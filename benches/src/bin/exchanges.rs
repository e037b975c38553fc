//! How many exchanges does a service answer? Tokens of members are exchanged at a rate, for a while, against the
//! product's own service over a real database server; what is lost, how long an answer takes, and whether memory grows is
//! told. `exchanges --rate 200 --seconds 60`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use secrecy::ExposeSecret;
use tokio::task::JoinSet;
use zenith_core::config::{Config, Overrides};
use zenith_harness::Backend;
use zenith_harness::issuer::Person;
use zenith_harness::lab::{Lab, LabOptions, ServiceOptions};

/// Members whose tokens are exchanged in turn.
const MEMBERS: usize = 100;

#[derive(Parser)]
struct Arguments {
    /// Exchanges a second
    #[arg(long, default_value_t = 200)]
    rate: u32,
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Arguments { rate, seconds } = Arguments::parse();
    let options = LabOptions::new(&Config::load(Overrides::default())?);
    let lab = Lab::start(Backend::Local, &options).await?;
    let service = lab.service(ServiceOptions::default()).await?;
    let client = reqwest::Client::builder().no_proxy().build()?;
    let url = Arc::new(service.url().join("/exchange")?);
    let mut tokens = Vec::new();
    for number in 0..MEMBERS {
        let person = Person::new(format!("user_{number}")).of("org_load", "load", "member");
        let token = lab.issuer().mint_clerk_v2(&person, Duration::from_secs(3600))?;
        exchange(&client, &url, token.expose_secret()).await.context("sign up")?;
        tokens.push(token);
    }
    let tokens = Arc::new(tokens);
    let before = resident_kib()?;
    let (mut asked, mut answers) = (0_u64, JoinSet::new());
    let (mut times, mut lost) = (Vec::new(), 0_u64);
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate.max(1));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let began = Instant::now();
    let mut half = before;
    while began.elapsed() < Duration::from_secs(seconds) {
        ticks.tick().await;
        let (client, url, tokens) = (client.clone(), url.clone(), tokens.clone());
        let at = usize::try_from(asked)? % MEMBERS;
        answers.spawn(async move {
            let began = Instant::now();
            exchange(&client, &url, tokens[at].expose_secret()).await.map(|()| began.elapsed())
        });
        asked += 1;
        while let Some(answer) = answers.try_join_next() {
            note(answer?, &mut times, &mut lost);
        }
        if began.elapsed() < Duration::from_secs(seconds) / 2 {
            half = resident_kib()?;
        }
    }
    while let Some(answer) = answers.join_next().await {
        note(answer?, &mut times, &mut lost);
    }
    times.sort_unstable();
    let of =
        |share: usize| times.get(times.len() * share / 100).or(times.last()).copied().unwrap_or_default();
    let rate = asked as f64 / began.elapsed().as_secs_f64();
    println!("{asked} exchanges, {rate:.0} a second, {lost} lost; p50 {:?}, p99 {:?}", of(50), of(99));
    println!("resident: {before} KiB before, {half} KiB half-way, {} KiB at the end", resident_kib()?);
    service.close().await;
    lab.close(false).await;
    ensure!(lost == 0, "{lost} exchanges were lost");
    Ok(())
}

fn note(answer: Result<Duration>, times: &mut Vec<Duration>, lost: &mut u64) {
    match answer {
        Ok(time) => times.push(time),
        Err(_) => *lost += 1,
    }
}

async fn exchange(client: &reqwest::Client, url: &reqwest::Url, token: &str) -> Result<()> {
    let answer = client.post(url.clone()).bearer_auth(token).send().await?.error_for_status()?;
    let body: serde_json::Value = answer.json().await?;
    ensure!(
        body["databases"].as_array().is_some_and(|databases| databases.len() == 3),
        "not three databases"
    );
    Ok(())
}

/// What this process has in memory: the service runs in it.
fn resident_kib() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("RssAnon")).context("no RssAnon in /proc")?;
    line.split_whitespace().nth(1).context("no figure")?.parse().context("no number")
}
