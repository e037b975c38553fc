//! A connection to a Yjs server: what is asked, and what is answered.

use std::time::Duration;

use fastwebsockets::{Frame, OpCode, Payload, Role, WebSocket};

use super::super::frame::{Framing, Said};
use super::super::handshake::shake;
use super::{NOTHING, Server, ServerError};
use crate::catalog::{Stream, dial};
use crate::workspace::document::UPDATE_BYTES_MAX;

/// How long a server may take to accept, and to answer each question.
const DEADLINE: Duration = Duration::from_secs(20);

/// A connection to a server.
pub(super) struct Line {
    socket: WebSocket<Stream>,
    pub(super) framing: Framing,
}

impl Line {
    pub(super) async fn open(server: &Server) -> Result<Line, ServerError> {
        let (plain, port) = match server.url.scheme() {
            "ws" => ("http", 80),
            "wss" => ("https", 443),
            _ => return Err(ServerError::Address),
        };
        let host = server.url.host_str().ok_or(ServerError::Address)?;
        let port = server.url.port().unwrap_or(port);
        let address = format!("{plain}://{host}:{port}").parse().map_err(|_| ServerError::Address)?;
        within(async {
            let mut stream = dial(&address).await.map_err(|error| unreached(&error, plain))?;
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
    pub(super) async fn all(&mut self) -> Result<Vec<u8>, ServerError> {
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

    pub(super) async fn send(&mut self, frame: Vec<u8>) -> Result<(), ServerError> {
        within(async {
            let sent = self.socket.write_frame(Frame::binary(Payload::Owned(frame))).await;
            sent.map_err(|_| ServerError::Ended)
        })
        .await
    }

    pub(super) async fn close(mut self) {
        // Both know by now what they are to know.
        let _ =
            tokio::time::timeout(Duration::from_secs(1), self.socket.write_frame(Frame::close(1000, b"")))
                .await;
    }
}

/// What TLS cannot be spoken with, or not be trusted, is called invalid data.
fn unreached(error: &std::io::Error, plain: &str) -> ServerError {
    match (error.kind(), plain) {
        (std::io::ErrorKind::InvalidData, "https") => ServerError::Tls,
        (kind, _) => ServerError::Unreached(kind.to_string()),
    }
}

async fn within<T>(work: impl Future<Output = Result<T, ServerError>>) -> Result<T, ServerError> {
    tokio::time::timeout(DEADLINE, work).await.unwrap_or(Err(ServerError::Silent))
}
