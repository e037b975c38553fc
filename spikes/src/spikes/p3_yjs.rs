//! P3: real Yjs reads what notes are written as, and what it writes is read here.
//!
//! Why: the document is worth its format only if others read and write it, in JavaScript as they are.
//!
//! Method: Yjs in Node and a machine meet at a y-websocket server. Each writes, reads what the other wrote, and writes
//! into the text that the other began.
//!
//! Accept when each sees the other's fields, the text holds what both wrote, and every row of the peer's is a note.

use futures::FutureExt;
use serde_json::json;
use url::Url;
use zenith_core::workspace::sync::{Framing, Server};
use zenith_harness::lab::{Peers, YjsKind};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::notes::{Machine, named};

const NAN: &str = "peer-writes-nan";
const NUMBER: &str = "peer-writes-a-number-as-row";

pub const SPIKE: Spike = Spike {
    id: "P3",
    title: "real Yjs reads the notes, and what it writes is read",
    group: Group::Notes,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[Target::gate("rows that are no notes", 0.0, Unit::Count)],
    faults: &[
        Fault { name: NAN, what: "the peer writes NaN as the time of a note" },
        Fault { name: NUMBER, what: "the peer puts a number where a note should be" },
    ],
    run: |trial| run(trial).boxed(),
};

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let peers = Peers::new(&trial.lab.tools().clone())?;
    let there = peers.server(YjsKind::Websocket).await?;
    let url = Url::parse(&format!("ws://127.0.0.1:{}/notes", there.port))?;
    let server = Server { url, framing: Framing::Websocket };
    let machine = Machine::start(&trial, "machine").await?;
    machine.notes.edit(vec![named("ours", "from Rust ä🦀", "one three")]).await?;
    machine.notes.sync_server(&server).await?;

    let time = if trial.has_fault(NAN) { json!("NaN") } else { json!(1_764_200_000_001_u64) };
    let fields = json!({ "map": {
        "title": "from JavaScript", "body": { "text": "two" }, "tags": { "map": { "js": true } },
        "line": 7, "created_at": time, "changed_at": 1_764_200_000_001_u64, "later": [1, "x"],
    }});
    let mut writes = vec![
        json!({ "table": "notes", "id": "theirs", "value": fields }),
        json!({ "table": "notes", "id": "ours", "field": "body", "at": 4, "insert": "two " }),
    ];
    if trial.has_fault(NUMBER) {
        writes.push(json!({ "table": "notes", "id": "number", "value": 5 }));
    }
    let seen = peers.write(&there, "notes", &writes).await?;
    let ours = &seen["tables:notes"]["ours"];
    evidence.check_eq("the title that Yjs reads", ours["title"].as_str(), Some("from Rust ä🦀"));
    evidence.check_eq("the time that Yjs reads", ours["created_at"].as_u64(), Some(1_764_200_000_000));
    evidence.check_eq("the tags that Yjs reads", ours["tags"].clone(), json!({ "async": true }));

    machine.notes.sync_server(&server).await?;
    let rows = machine.rows();
    let notes = rows.notes();
    let body = |id: &str| notes.iter().find(|note| note.id == id).map(|note| note.body);
    evidence.check_eq("the text that both wrote", body("ours"), Some("one two three"));
    let theirs = notes.iter().find(|note| note.id == "theirs");
    evidence.check_eq("the title of the peer's", theirs.map(|note| note.title), Some("from JavaScript"));
    evidence.check_eq("its line, which is a float there", theirs.and_then(|note| note.target.line), Some(7));
    let later = rows.row("notes", "theirs").and_then(|row| row.extra.get("later").cloned());
    evidence.check_eq("what no table knows", later, Some(json!([1, "x"])));
    evidence.count("rows that are no notes", rows.problems.len() as u64, Unit::Count);
    Ok(evidence)
}
