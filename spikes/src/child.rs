//! A process of its own for what a spike asks of "a new process": this very program, started again
//! with a variable that says what to do.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use zenith_core::catalog::Replica;
use zenith_core::identity::Identity;

/// Which work the process is for, and on which replica.
const WORK: &str = "ZENITH_SPIKE_CHILD";
const REPLICA: &str = "ZENITH_SPIKE_REPLICA";

/// Does a child's work and ends, where this process was started as one. To be called first in `main`
/// of every program that runs spikes.
pub fn run_if_child() {
    let Ok(work) = std::env::var(WORK) else { return };
    let path = std::env::var_os(REPLICA).unwrap_or_default();
    let result = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the threads")
        .and_then(|runtime| runtime.block_on(work_on(&work, Path::new(&path))));
    match result {
        Ok(line) => {
            println!("{line}");
            std::process::exit(0);
        }
        Err(error) => {
            eprintln!("{error:#}");
            std::process::exit(1);
        }
    }
}

async fn work_on(work: &str, path: &Path) -> anyhow::Result<String> {
    match work {
        "count" => Ok(count(path).await?.to_string()),
        "read" => read_until_told(path).await,
        "keep-notes" => crate::bases::keep_for_ever(path).await.map(|()| String::new()),
        "duckdb-lance" => {
            let mut asked = String::new();
            tokio::io::stdin().read_to_string(&mut asked).await?;
            tokio::task::spawn_blocking(move || crate::duck_lance::work(&asked)).await?
        }
        other => bail!("a spike's child does not know the work {other:?}"),
    }
}

/// How many rows a replica has, by plain SQL: what a new process reads without any server.
async fn count(path: &Path) -> anyhow::Result<u64> {
    // Opened as the product opens it first.
    Replica::at(path.to_path_buf()).catalog().await?.context("the replica cannot be opened")?;
    let flags = libsql::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = libsql::Builder::new_local(path).flags(flags).build().await?.connect()?;
    let mut rows = connection.query("SELECT count(*) FROM indexed_packages", ()).await?;
    let row = rows.next().await?.context("no count")?;
    Ok(u64::try_from(row.get::<i64>(0)?)?)
}

/// Reads the public rows again and again until the standard input ends. A read is torn when the
/// database is damaged, or when rows of one transaction differ.
async fn read_until_told(path: &Path) -> anyhow::Result<String> {
    let mut told = tokio::spawn(async {
        let mut rest = Vec::new();
        let _ = tokio::io::stdin().read_to_end(&mut rest).await;
    });
    let (mut whole, mut torn) = (0u64, 0u64);
    while !told.is_finished() {
        match is_whole(path).await {
            Ok(true) => whole += 1,
            Ok(false) | Err(_) => torn += 1,
        }
    }
    (&mut told).await?;
    Ok(format!("{whole} {torn}"))
}

async fn is_whole(path: &Path) -> anyhow::Result<bool> {
    let replica = Replica::at(path.to_path_buf());
    let catalog = replica.catalog().await?.context("the replica cannot be opened")?;
    catalog.check().await?;
    let entries = catalog.packages(&Identity::Anonymous).await?;
    // Each update gives all of them one number; before the first, each has its own.
    let counts: BTreeSet<u64> = entries.iter().map(|entry| entry.symbol_count).collect();
    Ok(counts.len() == 1 || counts.len() * 2 > entries.len())
}

/// The rows that a new process counts in a replica.
pub async fn count_rows(path: &Path) -> anyhow::Result<u64> {
    let output = start("count", path)?.wait_with_output().await?;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "the new process failed: {errors}");
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
}

/// A process that reads a replica until it is told to stop.
pub struct Reader {
    child: Child,
}

/// What it saw.
pub struct Reads {
    pub whole: u64,
    pub torn: u64,
}

impl Reader {
    pub fn start(path: &Path) -> anyhow::Result<Reader> {
        Ok(Reader { child: start("read", path)? })
    }

    pub async fn stop(mut self) -> anyhow::Result<Reads> {
        if let Some(mut stdin) = self.child.stdin.take() {
            stdin.shutdown().await?;
        }
        let output = self.child.wait_with_output().await?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut numbers = text.split_whitespace().map(str::parse::<u64>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(whole)), Some(Ok(torn))) => Ok(Reads { whole, torn }),
            _ => bail!("the reading process failed: {}", String::from_utf8_lossy(&output.stderr)),
        }
    }
}

/// A process that keeps the file of some notes until it is killed.
pub struct Writer {
    child: Child,
}

impl Writer {
    pub fn start(path: &Path) -> anyhow::Result<Writer> {
        Ok(Writer { child: start("keep-notes", path)? })
    }

    /// Waits until the file was made once.
    pub async fn has_begun(&mut self) -> anyhow::Result<()> {
        let stdout = self.child.stdout.as_mut().context("the writing process has no output")?;
        stdout.read_exact(&mut [0; 5]).await.context("the writing process did not begin")?;
        Ok(())
    }

    /// As `kill -9` does.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }
}

/// What a new process answers to a text, which it reads to its end. The environment is added to this
/// process's own.
pub async fn answer(work: &str, environment: &[(&str, &str)], asked: &str) -> anyhow::Result<String> {
    let mut command = command(work)?;
    // Another account's token would be sent along with these keys.
    command.env_remove("AWS_SESSION_TOKEN").envs(environment.iter().copied());
    let mut child = command.spawn().context("cannot start a new process")?;
    let mut stdin = child.stdin.take().context("the new process has no input")?;
    stdin.write_all(asked.as_bytes()).await?;
    stdin.shutdown().await?;
    drop(stdin);
    let output = child.wait_with_output().await?;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "the new process failed: {errors}");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn start(work: &str, path: &Path) -> anyhow::Result<Child> {
    command(work)?.env(REPLICA, path).spawn().context("cannot start a new process")
}

fn command(work: &str) -> anyhow::Result<Command> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let mut command = Command::new(program);
    command
        .env(WORK, work)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    Ok(command)
}
