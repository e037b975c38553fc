//! `zenith mcp`: agents ask over the Model Context Protocol what people ask by commands.
//!
//! An agent starts the program and speaks to it on standard input and output, one JSON object a line. Its tools
//! are the commands' own functions, and see what the commands see: what the catalog hands out for the identity.
//!
//! # Decisions
//!
//! - **The handshake waits for nothing.** The data folder is opened and the project indexed beside; a question that
//!   needs them waits, and says so as progress.
//! - **Standard output belongs to the protocol alone**, whatever a library prints: see [`streams`].
//! - **What a package says is data.** It is cleaned, and stands below a key of its own in the JSON, so that no text can
//!   end the quotation and speak as this program; see [`quote`].
//! - **An answer has a price.** Agents pay for each token, so that it keeps within a budget, and what was left out is
//!   said with the cursor that brings it; see [`budget`].
//! - **Looking is cheap, so that it is done on each question**: whether the lockfile is the one that was indexed, and
//!   what the project builds on. Nothing is watched, and nothing runs between questions but a run of indexing.

mod beside;
mod budget;
mod call;
mod cursor;
mod freshness;
mod heard;
pub mod install;
mod project;
mod quote;
mod said;
mod server;
mod streams;
mod tools;

use std::path::PathBuf;

use anyhow::{Context, bail};
use rmcp::ServiceExt;
use tokio_util::sync::CancellationToken;
use zenith_core::config::Config;

use heard::Heard;
use server::Server;
use streams::Streams;

/// Answers on standard input and output until the agent closes them, or `stop`.
///
/// `folder` is where the program was started, `project` what the user named in its place.
pub async fn serve(
    config: Config,
    folder: PathBuf,
    project: Option<PathBuf>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let heard = Heard::on(Streams::take().context("cannot take over standard input and output")?);
    let server = Server::new(config, folder, project);
    server.begin();
    let beside = server.beside();
    let ended = async {
        let running = server.serve_with_ct(heard, stop.clone()).await;
        match running {
            Ok(running) => running.waiting().await.map(|_| ()).context("the conversation broke off"),
            // Whoever starts it and says nothing wanted nothing.
            Err(_) if stop.is_cancelled() => Ok(()),
            Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => Ok(()),
            // What else an error of the SDK would quote is the whole message.
            Err(_) => bail!("the agent did not begin as the protocol has it"),
        }
    };
    let ended = stop.run_until_cancelled(ended).await.unwrap_or(Ok(()));
    beside.end().await;
    ended
}
