//! What the agent says, line by line. What is no JSON, and what is asked before the handshake, is answered as the protocol
//! has it: the SDK passes over the one and ends at the other, and an agent would wait for ever.

use std::io;

use rmcp::model::{ClientRequest, ErrorData, GetMeta, JsonRpcMessage, ProtocolVersion};
use rmcp::service::{RoleServer, RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use rmcp::transport::async_rw::AsyncRwTransport;
use serde::de::IgnoredAny;
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex};
use tokio::sync::mpsc;

use super::said::Said;
use super::streams::Streams;

/// Longer lines are handed on as they are.
const LINE_BYTES_MAX: usize = 1 << 20;
/// Bytes, and lines that are no JSON, that wait to be read.
const BYTES_WAITING: usize = 64 << 10;
const BROKEN_WAITING: usize = 16;

/// The conversation's two ends.
pub struct Heard {
    inner: AsyncRwTransport<RoleServer, DuplexStream, Said<File>>,
    /// One for each line that is no JSON.
    broken: mpsc::Receiver<()>,
    /// Hands were shaken, or need not be.
    has_begun: bool,
}

impl Heard {
    /// Listens. Must be called within the runtime.
    pub fn on(streams: Streams) -> Heard {
        let Streams { input, output } = streams;
        let (to, from) = duplex(BYTES_WAITING);
        let (tell, broken) = mpsc::channel(BROKEN_WAITING);
        // It ends with the input, or when nobody reads on.
        tokio::spawn(async move { drop(pass_on(input, to, tell).await) });
        Heard { inner: AsyncRwTransport::new_server(from, Said::on(output)), broken, has_begun: false }
    }
}

/// Whether something was said before the handshake that nothing comes of then.
enum TooEarly {
    No,
    /// It is no question.
    Unanswered,
    Refused(Box<TxJsonRpcMessage<RoleServer>>),
}

impl Heard {
    fn too_early(&mut self, message: &RxJsonRpcMessage<RoleServer>) -> TooEarly {
        if self.has_begun {
            return TooEarly::No;
        }
        let JsonRpcMessage::Request(asked) = message else { return TooEarly::Unanswered };
        let why = match &asked.request {
            ClientRequest::InitializeRequest(_) => {
                self.has_begun = true;
                return TooEarly::No;
            }
            ClientRequest::PingRequest(_) => return TooEarly::No,
            ClientRequest::CustomRequest(odd) if odd.method == "initialize" => {
                "initialize needs `params` with protocolVersion, capabilities and clientInfo"
            }
            // In newer versions of the protocol each request brings along what hands were shaken for.
            request
                if request.get_meta().missing_required_keys(&ProtocolVersion::V_2026_07_28).is_empty() =>
            {
                self.has_begun = true;
                return TooEarly::No;
            }
            _ => "before anything but `ping` comes `initialize`",
        };
        let error = ErrorData::invalid_request(why, None);
        TooEarly::Refused(Box::new(TxJsonRpcMessage::<RoleServer>::error(error, Some(asked.id.clone()))))
    }
}

/// Hands on what is said, but for lines that are no JSON, which are told of.
async fn pass_on(input: File, mut to: DuplexStream, tell: mpsc::Sender<()>) -> io::Result<()> {
    let mut input = BufReader::new(input);
    let (mut line, mut goes_on) = (Vec::new(), false);
    loop {
        line.clear();
        let read = (&mut input).take(LINE_BYTES_MAX as u64).read_until(b'\n', &mut line).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        let is_part = goes_on || read == LINE_BYTES_MAX;
        goes_on = is_part && !line.ends_with(b"\n");
        if is_part || is_json(&line) {
            to.write_all(&line).await?;
        } else if tell.send(()).await.is_err() {
            return Ok(());
        }
    }
}

/// Whether a line is JSON, or says nothing.
fn is_json(line: &[u8]) -> bool {
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line).trim_ascii();
    line.is_empty() || serde_json::from_slice::<IgnoredAny>(line).is_ok()
}

impl Transport<RoleServer> for Heard {
    type Error = io::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), io::Error>> + Send + 'static {
        self.inner.send(item)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            tokio::select! {
                biased;
                Some(()) = self.broken.recv() => {
                    // Nobody knows which question it was to be.
                    let error = ErrorData::parse_error("this line is no JSON", None);
                    self.inner.send(TxJsonRpcMessage::<RoleServer>::error(error, None)).await.ok()?;
                }
                message = self.inner.receive() => {
                    let message = message?;
                    match self.too_early(&message) {
                        TooEarly::No => return Some(message),
                        TooEarly::Unanswered => {}
                        TooEarly::Refused(refusal) => self.inner.send(*refusal).await.ok()?,
                    }
                }
            }
        }
    }

    async fn close(&mut self) -> Result<(), io::Error> {
        self.inner.close().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_is_told_from_what_says_nothing() {
        for line in ["{}", " [1]\r\n", "\n", "", "\u{feff}{\"a\": 1}\n", "3"] {
            assert!(is_json(line.as_bytes()), "{line:?}");
        }
        for line in ["nonsense\n", "{", "{}{}", "\u{1b}[31m", "{'a': 1}"] {
            assert!(!is_json(line.as_bytes()), "{line:?}");
        }
    }
}
