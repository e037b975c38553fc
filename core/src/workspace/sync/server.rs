//! Synchronising notes with a Yjs server: y-websocket or Hocuspocus.
//!
//! State vectors prove nothing: a peer in which something is missing may have the same as one that has all. So the server
//! is asked for all of its document, before and after, and what it holds is compared by content.

use std::time::Duration;

use fastwebsockets::{Frame, OpCode, Payload, Role, WebSocket};
use url::Url;

use super::frame::{Framing, Said};
use super::handshake::shake;
use super::{Left, Synced};
use crate::catalog::{Stream, dial};
use crate::http::shown_address;
use crate::task;
use crate::workspace::document::{Replica, UPDATE_BYTES_MAX};
use crate::workspace::error::WorkspaceError;
use crate::workspace::handle::Workspace;
use crate::workspace::log::Log;
use crate::workspace::walk;

/// How long a server may take to accept, and to answer each question.
const DEADLINE: Duration = Duration::from_secs(20);
/// The state vector of nothing: who has it lacks all.
const NOTHING: [u8; 1] = [0];

/// A Yjs server, and the document there.
#[derive(Clone, Debug)]
pub struct Server {
    /// `ws://…` or `wss://…`; of y-websocket with the room as its path.
    pub url: Url,
    pub framing: Framing,
}

/// Why a server could not be synchronised with. None of its words is in it but why it lets nobody in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    #[error("the address has no host, or another scheme than ws or wss")]
    Address,
    #[error("it cannot be reached: {0}")]
    Unreached(String),
    #[error("it is no Yjs server, or there is no such room")]
    Handshake,
    #[error("it does not answer")]
    Silent,
    #[error("it ended the connection")]
    Ended,
    #[error("it does not let you in: {0}")]
    Denied(String),
    #[error("it sends more than the {UPDATE_BYTES_MAX} bytes that are taken at once")]
    Large,
    #[error("it did not take all of your notes; nothing here is lost, synchronise again")]
    NotTaken,
}

impl Workspace {
    /// Brings notes and the document on a server together, and proves that both hold the same.
    pub async fn sync_server(&self, server: &Server) -> Result<Synced, WorkspaceError> {
        let name = shown_address(&server.url).ok_or(ServerError::Address)?;
        let mut report = Synced { place: name, ..Synced::default() };
        let log = Log::open(self.path()).await?;
        let place = log.place(&report.place).await?;
        let mut line = Line::open(server).await?;
        let theirs = line.all().await?;
        let taken = self.take(vec![theirs.clone()], place.id).await?;
        report.pulled = taken.taken;
        for (_, why) in taken.refused {
            report.left.push(Left { key: "the document there".to_owned(), why: why.to_string() });
        }
        let theirs = apart(theirs).await;
        // What it holds is not taken: nothing of ours is put beside it, since both would never be the same.
        if report.left.is_empty() && !self.is_held_by(theirs.as_ref()) {
            report.pushed = 1;
            let vector = theirs.map_or_else(|| NOTHING.to_vec(), |theirs| theirs.vector());
            let mut is_same = false;
            // First what it lacks by its own state vector; where that has a hole, all.
            for update in [self.lacked(vector).await?, self.state().await?.0] {
                line.send(line.framing.update(&update)).await?;
                is_same = self.is_held_by(apart(line.all().await?).await.as_ref());
                if is_same {
                    break;
                }
            }
            if !is_same {
                return Err(ServerError::NotTaken.into());
            }
        }
        line.close().await;
        report.is_waiting = self.health().await?.is_waiting;
        Ok(report)
    }

    /// Whether another holds the rows and problems of this document.
    fn is_held_by(&self, theirs: Option<&Replica>) -> bool {
        theirs.is_some_and(|theirs| theirs.holds(&self.snapshot()))
    }
}

/// The document that another holds, apart from this one; nothing where it is none.
async fn apart(state: Vec<u8>) -> Option<Replica> {
    let read = task::alone(async move {
        walk::update(&state).ok()?;
        let mut replica = Replica::new("");
        replica.apply(&state).ok()?;
        replica.refresh();
        Some(replica)
    });
    read.await.flatten()
}

/// A connection to a server.
struct Line {
    socket: WebSocket<Stream>,
    framing: Framing,
}

impl Line {
    async fn open(server: &Server) -> Result<Line, ServerError> {
        let (plain, port) = match server.url.scheme() {
            "ws" => ("http", 80),
            "wss" => ("https", 443),
            _ => return Err(ServerError::Address),
        };
        let host = server.url.host_str().ok_or(ServerError::Address)?;
        let port = server.url.port().unwrap_or(port);
        let address = format!("{plain}://{host}:{port}").parse().map_err(|_| ServerError::Address)?;
        within(async {
            let mut stream =
                dial(&address).await.map_err(|error| ServerError::Unreached(error.kind().to_string()))?;
            shake(&mut stream, &server.url).await.ok_or(ServerError::Handshake)?;
            let mut line = Line {
                socket: WebSocket::after_handshake(stream, Role::Client),
                framing: server.framing.clone(),
            };
            line.socket.set_max_message_size(UPDATE_BYTES_MAX);
            // An open server takes any token; one that wants a good one says so.
            if let Some(token) = line.framing.token("") {
                line.send(token).await?;
            }
            Ok(line)
        })
        .await
    }

    /// All of the document there. What was sent before is in it: a server answers in turn.
    async fn all(&mut self) -> Result<Vec<u8>, ServerError> {
        self.send(self.framing.ask(&NOTHING)).await?;
        within(async {
            loop {
                let frame = self.next().await?;
                match self.framing.read(&frame) {
                    Some(Said::Answer(update)) => return Ok(update.to_vec()),
                    Some(Said::Denied(why)) => return Err(ServerError::Denied(why)),
                    // What others write meanwhile is in the next answer; what the server lacks is told it anyway.
                    _ => {}
                }
            }
        })
        .await
    }

    /// The next message, whole.
    async fn next(&mut self) -> Result<Vec<u8>, ServerError> {
        let mut message = Vec::new();
        loop {
            let frame = self.socket.read_frame().await.map_err(|_| ServerError::Ended)?;
            match frame.opcode {
                OpCode::Binary | OpCode::Continuation => message.extend_from_slice(&frame.payload),
                OpCode::Close => return Err(ServerError::Ended),
                _ => continue,
            }
            if message.len() > UPDATE_BYTES_MAX {
                return Err(ServerError::Large);
            }
            if frame.fin {
                return Ok(message);
            }
        }
    }

    async fn send(&mut self, frame: Vec<u8>) -> Result<(), ServerError> {
        within(async {
            let sent = self.socket.write_frame(Frame::binary(Payload::Owned(frame))).await;
            sent.map_err(|_| ServerError::Ended)
        })
        .await
    }

    async fn close(mut self) {
        // Both know by now what they are to know.
        let _ =
            tokio::time::timeout(Duration::from_secs(1), self.socket.write_frame(Frame::close(1000, b"")))
                .await;
    }
}

async fn within<T>(work: impl Future<Output = Result<T, ServerError>>) -> Result<T, ServerError> {
    tokio::time::timeout(DEADLINE, work).await.unwrap_or(Err(ServerError::Silent))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::super::handshake::answer;
    use super::*;
    use crate::workspace::{Edit, Value, new_id};

    /// What comes of synchronising with a server that shakes hands and then says this, whatever it is asked.
    async fn met(says: Vec<Vec<u8>>) -> (Result<Synced, WorkspaceError>, usize) {
        let folder = tempfile::tempdir().unwrap();
        let notes = Workspace::open(folder.path()).await.unwrap();
        let values = vec![
            ("title", Value::Text("ours".to_owned())),
            ("created_at", Value::Integer(1)),
            ("changed_at", Value::Integer(1)),
        ];
        notes.edit(vec![Edit::Create { table: "notes", id: new_id(), values }]).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let url = Url::parse(&format!("ws://user:hunter2@{address}/room?token=hunter2")).unwrap();
        let there = tokio::spawn(async move {
            let mut socket = shaken(listener.accept().await.unwrap().0).await;
            for frame in says {
                socket.write_frame(Frame::binary(Payload::Owned(frame))).await.unwrap();
            }
            // Until the other one goes, or has heard enough.
            while socket.read_frame().await.is_ok_and(|frame| frame.opcode != OpCode::Close) {}
        });
        let server = Server { url, framing: Framing::Websocket };
        let synced = notes.sync_server(&server).await;
        there.abort();
        let log = std::fs::read(notes.path()).unwrap();
        assert!(!log.windows(7).any(|part| part == b"hunter2"), "a secret of the address lies in the log");
        (synced, notes.snapshot().rows("notes").count())
    }

    async fn shaken(mut stream: TcpStream) -> WebSocket<TcpStream> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
        let accept = answer(key);
        let head = format!("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: {accept}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        WebSocket::after_handshake(stream, Role::Server)
    }

    fn answered(update: &[u8]) -> Vec<u8> {
        let length = u8::try_from(update.len()).unwrap();
        [&[0, 1, length], update].concat()
    }

    #[tokio::test]
    async fn what_a_server_says_that_is_no_update_is_named_and_nothing_of_ours_goes_there() {
        let says = vec![vec![255; 40], b"rubbish".to_vec(), Vec::new(), answered(b"rubbish")];
        let (synced, rows) = met(says).await;
        let synced = synced.unwrap();
        assert_eq!((synced.left.len(), synced.pulled, synced.pushed, rows), (1, 0, 0, 1));
        assert!(synced.place.ends_with("/room") && !synced.place.contains("hunter2"), "{}", synced.place);
    }

    #[tokio::test]
    async fn a_server_that_keeps_nothing_is_told_so() {
        // It holds nothing, and answers so whatever it is sent.
        let (synced, rows) = met(vec![answered(&[0, 0]); 3]).await;
        assert!(matches!(synced, Err(WorkspaceError::Server(ServerError::NotTaken))), "{synced:?}");
        assert_eq!(rows, 1);
    }

    #[tokio::test]
    async fn a_server_that_lets_nobody_in_says_why() {
        let (synced, _) = met(vec![vec![2, 0, 2, b'n', b'o']]).await;
        let denied = ServerError::Denied("no".to_owned());
        assert!(matches!(synced, Err(WorkspaceError::Server(why)) if why == denied));
    }

    #[tokio::test]
    async fn what_speaks_no_websocket_is_told_so() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("ws://{}/room", listener.local_addr().unwrap())).unwrap();
        let there = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            stream
        });
        let opened = Line::open(&Server { url, framing: Framing::Websocket }).await;
        assert!(matches!(opened.err(), Some(ServerError::Handshake)));
        there.abort();
    }
}
