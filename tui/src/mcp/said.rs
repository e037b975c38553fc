//! What is said to the agent. An error without a question has `id: null`: JSON-RPC has it so, and of the agents some take
//! what has no `id` for no answer at all. The SDK leaves it out.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWrite;

/// How the SDK begins the line of an error that answers no question, and how it is said.
const WITHOUT_ID: &[u8] = br#"{"jsonrpc":"2.0","error":"#;
const WITH_ID: &[u8] = br#"{"jsonrpc":"2.0","id":null,"error":"#;

/// A stream of lines, each a message of the protocol.
pub struct Said<W> {
    output: W,
    is_start: bool,
    /// What is left to be written in place of the line's beginning.
    head: Option<&'static [u8]>,
}

impl<W> Said<W> {
    pub fn on(output: W) -> Said<W> {
        Said { output, is_start: true, head: None }
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Said<W> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_start && bytes.starts_with(WITHOUT_ID) {
            self.is_start = false;
            self.head = Some(WITH_ID);
        }
        while let Some(head) = self.head {
            let written = ready!(Pin::new(&mut self.output).poll_write(cx, head))?;
            self.head = head.get(written..).filter(|left| !left.is_empty());
            match (written, self.head) {
                (0, _) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                (_, None) => return Poll::Ready(Ok(WITHOUT_ID.len())),
                _ => {}
            }
        }
        let end = bytes.iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |at| at + 1);
        let line = bytes.get(..end).unwrap_or(bytes);
        let written = ready!(Pin::new(&mut self.output).poll_write(cx, line))?;
        if written > 0 {
            self.is_start = written == line.len() && line.ends_with(b"\n");
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.output).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.output).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn an_error_without_a_question_has_an_id_that_is_null() {
        let lines = [
            r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"x"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"{\"jsonrpc\":\"2.0\",\"error\":"}}"#,
            r#"{"jsonrpc":"2.0","error":{"code":-32600,"message":"y"}}"#,
            r#"{"jsonrpc":"2.0","id":2,"result":{}}"#,
        ];
        // However little the stream takes at once.
        for room in [1, 7, 4_096] {
            let (to, mut from) = tokio::io::duplex(room);
            let all = lines.join("\n") + "\n";
            let write = async move { Said::on(to).write_all(all.as_bytes()).await };
            let mut read = String::new();
            let (written, _) = tokio::join!(write, from.read_to_string(&mut read));
            written.unwrap();
            let ids = read
                .lines()
                .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].clone());
            assert_eq!(ids.collect::<Vec<_>>(), [None, Some(1), None, Some(2)].map(serde_json::Value::from));
            assert_eq!(read.matches("\"id\":null").count(), 2, "{read}");
        }
    }
}
