//! P12: notes meet through real Yjs servers of both kinds.
//!
//! Why: whoever has a Yjs server has the place where notes can meet at once; what it says is not to be believed.
//!
//! Method: two machines write offline and meet through y-websocket, and through Hocuspocus that is slow to store; the
//! server ends and another, empty one takes its place, at which they meet again.
//!
//! Accept when both hold equal rows after each meeting.

use futures::FutureExt;
use url::Url;
use zenith_core::workspace::sync::{Framing, Server};
use zenith_harness::lab::{Peers, Wire, WireState, YjsKind, YjsServer};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::notes::{Machine, same};

const CUT: &str = "wire-cut";
const FORGETS: &str = "server-forgets";

pub const SPIKE: Spike = Spike {
    id: "P12",
    title: "notes meet through real Yjs servers of both kinds",
    group: Group::Notes,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[Target::gate("meetings after which they differ", 0.0, Unit::Count)],
    faults: &[
        Fault { name: CUT, what: "the wire to the server is cut before the second machine comes" },
        Fault { name: FORGETS, what: "the server starts anew, empty, between the two machines" },
    ],
    run: |trial| run(trial).boxed(),
};

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let peers = Peers::new(&trial.lab.tools().clone())?;
    let hocuspocus = Framing::Hocuspocus { document: "notes".to_string() };
    let kinds =
        [(YjsKind::Websocket, Framing::Websocket), (YjsKind::Hocuspocus { store_ms: 300 }, hocuspocus)];
    let mut differ = 0;
    for (at, (kind, framing)) in kinds.into_iter().enumerate() {
        let mut one = Machine::start(&trial, &format!("one{at}")).await?;
        let mut other = Machine::start(&trial, &format!("other{at}")).await?;
        // The second meeting is at a server that knows nothing of the first.
        for _ in 0..2 {
            let mut there = peers.server(kind).await?;
            let mut wire = wire(&there).await?;
            one.edit(20).await?;
            other.edit(20).await?;
            let meets = [&one, &other, &one];
            for (turn, machine) in meets.into_iter().enumerate() {
                if turn == 1 && trial.has_fault(CUT) {
                    wire.set(WireState::Cut);
                }
                if turn == 1 && trial.has_fault(FORGETS) {
                    there = peers.server(kind).await?;
                    wire = self::wire(&there).await?;
                }
                if turn == 2 && trial.has_fault(FORGETS) {
                    break;
                }
                let url = Url::parse(&format!("ws://{}/notes", wire.address()))?;
                let met = machine.notes.sync_server(&Server { url, framing: framing.clone() }).await;
                if let Err(error) = met {
                    evidence.note(error.to_string());
                }
            }
            differ += usize::from(!same(&one, &other));
        }
        evidence.check("there are notes to meet with", one.rows().notes().len() > 20);
    }
    evidence.count("meetings after which they differ", differ as u64, Unit::Count);
    Ok(evidence)
}

async fn wire(server: &YjsServer) -> anyhow::Result<Wire> {
    Wire::to(([127, 0, 0, 1], server.port).into()).await
}
