//! Yjs itself, in Node: its servers, and a peer that writes as any application of it may.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

use super::{LabError, Tools};

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum YjsKind {
    Websocket,
    /// One that takes so many milliseconds to store a document.
    Hocuspocus {
        store_ms: u32,
    },
}

/// A server of Yjs' on loopback. It ends with this.
pub struct YjsServer {
    _process: Child,
    pub port: u16,
}

/// Yjs, to be started.
#[derive(Clone, Debug)]
pub struct Peers {
    packages: PathBuf,
}

impl Peers {
    pub fn new(tools: &Tools) -> Result<Peers, LabError> {
        Ok(Peers { packages: tools.peers()? })
    }

    /// Starts a server, and returns when it listens.
    pub async fn server(&self, kind: YjsKind) -> anyhow::Result<YjsServer> {
        let arguments = match kind {
            YjsKind::Websocket => vec!["y-websocket".to_string()],
            YjsKind::Hocuspocus { store_ms } => vec!["hocuspocus".to_string(), store_ms.to_string()],
        };
        let mut process = self.start(&arguments)?;
        let told = process.stdout.take().context("a server tells its port")?;
        let line = BufReader::new(told).lines().next_line().await?.context("the server of Yjs' ended")?;
        let port = line.trim().parse().with_context(|| format!("{line} is no port"))?;
        Ok(YjsServer { _process: process, port })
    }

    /// A peer of a y-websocket server makes writes there: see `fixtures/peers/yjs.cjs`. Returns its document.
    pub async fn write(&self, server: &YjsServer, room: &str, writes: &[Value]) -> anyhow::Result<Value> {
        let arguments = ["peer".to_string(), format!("ws://127.0.0.1:{}", server.port), room.to_string()];
        let lines = self.run(&arguments, writes.iter().map(ToString::to_string).collect()).await?;
        Ok(serde_json::from_str(lines.first().context("the peer prints its document")?)?)
    }

    async fn run(&self, arguments: &[String], input: Vec<String>) -> anyhow::Result<Vec<String>> {
        let mut process = self.start(arguments)?;
        let mut orders = process.stdin.take().context("a peer is told what to do")?;
        orders.write_all((input.join("\n") + "\n").as_bytes()).await?;
        drop(orders);
        let ended = process.wait_with_output().await?;
        ensure!(ended.status.success(), "the peer ended with {}", ended.status);
        Ok(String::from_utf8(ended.stdout)?.lines().map(String::from).collect())
    }

    fn start(&self, arguments: &[String]) -> anyhow::Result<Child> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/peers/yjs.cjs");
        let mut command = Command::new("node");
        command.arg(script).arg(&self.packages).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        command.spawn().context("cannot start node")
    }
}
