//! The agent: a child that holds the official SDK, told what to do line by line.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::{Value, json};
use zenith_core::config::{Config, Overrides};

use crate::support::Place;

/// Versions of the protocol, from the one that most agents speak.
pub const VERSIONS: [&str; 5] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2026-07-28"];
/// From here on there is no handshake that a version is agreed on in.
const MODERN: &str = "2026-07-28";
/// No answer takes as long, on any machine.
const ANSWER: Timespec = Timespec { tv_sec: 120, tv_nsec: 0 };

/// The next line that a program says; nothing where it says no more.
#[track_caller]
pub fn next_line(output: &mut BufReader<ChildStdout>) -> String {
    if output.buffer().is_empty() {
        let mut awaited = [PollFd::new(output.get_ref(), PollFlags::IN)];
        let came = poll(&mut awaited, Some(&ANSWER)).unwrap();
        assert!(came > 0, "no answer within {ANSWER:?}");
    }
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    line
}

pub struct Agent {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Agent {
    /// `None` where its packages are not on this machine and nobody requires them.
    pub fn new() -> Option<Agent> {
        let packages = Config::load(Overrides::default()).unwrap().tools_dir.join("agent-2.4.0");
        if !packages.is_dir() {
            assert!(
                std::env::var_os("CI").is_none(),
                "no client at {}: scripts/setup brings it",
                packages.display()
            );
            eprintln!("not run: no client at {}; scripts/setup brings it", packages.display());
            return None;
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/agent/client.cjs");
        let mut command = Command::new("node");
        command.arg(script).env("ZENITH_AGENT", packages).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("node starts");
        let orders = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Some(Agent { child, orders, answers })
    }

    /// Does something and says what came of it.
    #[track_caller]
    pub fn order(&mut self, order: Value) -> Value {
        writeln!(self.orders, "{order}").unwrap();
        let line = next_line(&mut self.answers);
        let answer: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{order}: {line:?}"));
        assert_eq!(answer["errors"], json!([]), "{order}: the SDK met what is not the protocol's");
        answer
    }

    /// The order that starts the program in a place's project.
    pub fn start(&self, place: &Place, arguments: &[&str], version: &str) -> Value {
        let command = place.command(arguments);
        let text = |text: &OsStr| text.to_str().unwrap().to_string();
        let own = command.get_envs().filter_map(|(name, value)| Some((text(name), text(value?))));
        let env: serde_json::Map<String, Value> =
            std::env::vars().chain(own).map(|(name, value)| (name, json!(value))).collect();
        json!({
            "do": "connect",
            "command": text(command.get_program()),
            "args": arguments,
            "cwd": place.project(),
            "env": env,
            "version": version,
            "modern": version >= MODERN,
        })
    }

    /// Starts the program and shakes hands.
    #[track_caller]
    pub fn connect(&mut self, place: &Place, version: &str) -> Value {
        let order = self.start(place, &["mcp"], version);
        let shaken = self.order(order);
        assert!(shaken.get("error").is_none(), "{version}: {shaken}");
        shaken
    }

    /// What a tool answers, held to its schema by the SDK; as text it says the same.
    #[track_caller]
    pub fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let answer = self.order(json!({"do": "call", "name": tool, "arguments": arguments}));
        let result = &answer["result"];
        assert!(!result["isError"].as_bool().unwrap_or(false), "{answer}");
        let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}"));
        let structured = &result["structuredContent"];
        assert_eq!(&serde_json::from_str::<Value>(text).unwrap(), structured);
        structured.clone()
    }

    /// Why a tool does not answer.
    #[track_caller]
    pub fn refused(&mut self, tool: &str, arguments: Value) -> String {
        let answer = self.order(json!({"do": "call", "name": tool, "arguments": arguments}));
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        answer["result"]["content"][0]["text"].as_str().unwrap().to_string()
    }

    /// Leaves; the program ends with it.
    #[track_caller]
    pub fn close(mut self) {
        self.order(json!({"do": "close"}));
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Something that a data folder's opening waits for.
pub struct Held(PathBuf);

/// Holds up whoever opens a place's data folder: who is signed in is read from a pipe that says nothing yet.
pub fn hold_opening(place: &Place) -> Held {
    let path = place.data().join("session.json");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    Held(path)
}

impl Held {
    /// Says who is signed in.
    pub fn let_go(self) {
        let session = json!({
            "service": "https://zenith.example", "issuer": "https://issuer.example", "subject": "me",
            "organisation": null, "role": null, "signed_in_at": 0, "databases": [],
        });
        let mut pipe = OpenOptions::new().write(true).open(self.0).unwrap();
        pipe.write_all(session.to_string().as_bytes()).unwrap();
    }
}
