//! What a program that is none of ours says of something: an independent witness.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use zenith_harness::lab::LabError;

/// What an interpreter answers that runs this script on this input. One that is not on this machine is absent.
pub async fn witness(interpreter: &str, option: &str, script: &str, input: &str) -> Result<String> {
    let mut command = Command::new(interpreter);
    command.args([option, script]).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| {
        let because = format!("{interpreter}, which checks what is found here, cannot be started: {error}");
        LabError::Absent { because }
    })?;
    let mut stdin = child.stdin.take().context("the witness takes no input")?;
    stdin.write_all(input.as_bytes()).await?;
    drop(stdin);
    let ended = child.wait_with_output().await?;
    ensure!(ended.status.success(), "{interpreter} failed: {}", String::from_utf8_lossy(&ended.stderr));
    Ok(String::from_utf8(ended.stdout)?)
}
