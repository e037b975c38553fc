//! How a connection becomes a WebSocket (RFC 6455, 4.1).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use url::{Position, Url};

/// No answer has a longer head.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// What the server puts to the key, by the RFC.
const SUFFIX: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Asks a server to speak WebSocket from here on; nothing where it does not.
pub(super) async fn shake<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, url: &Url) -> Option<()> {
    let key = STANDARD.encode(rand::random::<[u8; 16]>());
    // An address is ASCII without blanks, whatever was typed: it cannot end a line of the request.
    let (host, path) =
        (&url[Position::BeforeHost..Position::AfterPort], &url[Position::BeforePath..Position::AfterQuery]);
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    stream.flush().await.ok()?;
    let mut head = Vec::new();
    // Byte by byte: what follows the head is the first frame.
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= HEAD_BYTES_MAX {
            return None;
        }
        head.push(stream.read_u8().await.ok()?);
    }
    is_accepted(&head, &key).then_some(())
}

fn is_accepted(head: &[u8], key: &str) -> bool {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    let is_switched = lines.next().is_some_and(|status| status.split(' ').nth(1) == Some("101"));
    let wanted = answer(key);
    let mut fields = lines.filter_map(|line| line.split_once(':'));
    is_switched
        && fields
            .any(|(name, value)| name.eq_ignore_ascii_case("sec-websocket-accept") && value.trim() == wanted)
}

/// What a server answers to a key.
pub(super) fn answer(key: &str) -> String {
    let text = format!("{key}{SUFFIX}");
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    STANDARD.encode(digest.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_the_rfc_is_accepted_and_no_other() {
        let key = "dGhlIHNhbXBsZSBub25jZQ==";
        let good = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
                    sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
        assert!(is_accepted(good.as_bytes(), key));
        assert!(!is_accepted(good.as_bytes(), "another"));
        assert!(!is_accepted(good.replace("101", "200").as_bytes(), key));
        assert!(!is_accepted(b"rubbish", key));
    }

    #[tokio::test]
    async fn a_server_that_talks_without_end_is_left() {
        let (mut near, mut far) = tokio::io::duplex(1024);
        let talk = async { while far.write_all(&[b'x'; 1024]).await.is_ok() {} };
        let url = Url::parse("ws://localhost:1/room").unwrap();
        let shaken = async {
            let shaken = shake(&mut near, &url).await;
            drop(near);
            shaken
        };
        assert_eq!(tokio::join!(shaken, talk).0, None);
    }
}
