//! Asking a server for a small document: no redirects, within a time and a size.

use std::error::Error;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use tokio::time::{Instant, timeout, timeout_at};
use url::{Host, Url};

/// How long the reason of a refusal is waited for, whose status is known.
const REASON_WITHIN: Duration = Duration::from_secs(2);

/// Why there is no document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AskError {
    Unreached(Unreached),
    Deadline,
    Status(StatusCode),
    TooLarge,
}

impl From<reqwest::Error> for AskError {
    fn from(error: reqwest::Error) -> AskError {
        AskError::Unreached(Unreached::of(&error))
    }
}

/// Whether a URL names this very machine, by an address or a name that never resolves elsewhere.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Whether nobody on the way reads along: it is reached over TLS, or on this very machine.
pub(crate) fn is_private(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

/// The same of a database, whose address may have schemes of its own: `libsql` and `wss` are TLS always.
pub(crate) fn is_private_database(url: &Url) -> bool {
    let is_here = url.scheme() == "ws" && is_loopback(url);
    is_private(url) || is_here || matches!(url.scheme(), "libsql" | "wss")
}

/// Why no connection came about, or why it broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreached {
    #[error("nothing listens at its address; is it up, and is the address right?")]
    Refused,
    #[error("no host of its name is known; check the address and the network")]
    NoHost,
    #[error(
        "its certificate is not to be trusted: check the address, this machine's clock, and whether the network \
         puts a certificate of its own in between"
    )]
    Certificate,
    #[error("it does not speak TLS as this machine does; check the address and its port")]
    Tls,
    #[error("the connection was cut; run the command again")]
    Cut,
    #[error("it did not answer in time; check the network, and run the command again")]
    Silent,
    #[error("this machine has no way to it; check the network")]
    NoRoute,
    #[error("no connection to it came about; check the network and the address")]
    Other,
}

impl Unreached {
    /// By an error and what caused it.
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Unreached {
        let mut text = String::new();
        let mut cause = Some(error);
        while let Some(next) = cause {
            text += &format!("{next}\n");
            cause = next.source();
        }
        Unreached::of_text(&text)
    }

    /// By what a library says of it: the words of the operating system, of TLS, of HTTP. None is repeated.
    pub(crate) fn of_text(text: &str) -> Unreached {
        const SIGNS: [(&str, Unreached); 23] = [
            ("connection refused", Unreached::Refused),
            ("failed to lookup address", Unreached::NoHost),
            ("dns error", Unreached::NoHost),
            ("name or service not known", Unreached::NoHost),
            ("no such host", Unreached::NoHost),
            ("certificate", Unreached::Certificate),
            ("unknownissuer", Unreached::Certificate),
            ("corrupt message", Unreached::Tls),
            ("fatal alert", Unreached::Tls),
            ("handshake failure", Unreached::Tls),
            ("peer is incompatible", Unreached::Tls),
            ("no route to host", Unreached::NoRoute),
            ("network is unreachable", Unreached::NoRoute),
            ("host is down", Unreached::NoRoute),
            ("timed out", Unreached::Silent),
            ("does not answer", Unreached::Silent),
            ("deadline has elapsed", Unreached::Silent),
            ("reset", Unreached::Cut),
            ("broken pipe", Unreached::Cut),
            ("closed", Unreached::Cut),
            ("end of file", Unreached::Cut),
            ("eof", Unreached::Cut),
            ("incomplete", Unreached::Cut),
        ];
        let text = text.to_ascii_lowercase();
        let found = SIGNS.into_iter().find(|(sign, _)| text.contains(sign));
        found.map_or(Unreached::Other, |(_, unreached)| unreached)
    }
}

/// An address as it may be shown and kept: without who asks there, and without what may be a token. None where it is
/// not made of such parts.
pub fn shown_address(url: &Url) -> Option<String> {
    let mut url = url.clone();
    // That of a file has neither, and refuses both.
    let _ = (url.set_username(""), url.set_password(None));
    url.set_query(None);
    url.set_fragment(None);
    let is_bare = !url.cannot_be_a_base() && url.username().is_empty() && url.password().is_none();
    is_bare.then(|| url.into())
}

/// A client for one server. A redirect would carry a token elsewhere, or let whoever holds one page of a host
/// speak for all of it.
pub(crate) fn client(url: &Url) -> Result<Client, reqwest::Error> {
    let client = Client::builder().redirect(Policy::none());
    if is_loopback(url) { client.no_proxy().build() } else { client.build() }
}

/// The bytes of the answer. The deadline is for all of it, so that an answer that drips or never ends costs
/// no more than one that never begins.
pub(crate) async fn ask(
    request: RequestBuilder,
    deadline: Duration,
    bytes_max: usize,
) -> Result<Vec<u8>, AskError> {
    let (status, body) = ask_any(request, deadline, bytes_max, 0).await?;
    if status == StatusCode::OK { Ok(body) } else { Err(AskError::Status(status)) }
}

/// The same whatever its status is. Of an answer that is no document, its first `reason_bytes_max` bytes at most are read,
/// where they come soon: the status counts without them.
pub(crate) async fn ask_any(
    request: RequestBuilder,
    deadline: Duration,
    bytes_max: usize,
    reason_bytes_max: usize,
) -> Result<(StatusCode, Vec<u8>), AskError> {
    let until = Instant::now() + deadline;
    let answered = timeout_at(until, request.send()).await;
    let mut response = answered.map_err(|_| AskError::Deadline)??;
    let status = response.status();
    if status != StatusCode::OK {
        let reason = timeout(REASON_WITHIN, beginning(&mut response, reason_bytes_max)).await;
        return Ok((status, reason.unwrap_or_default()));
    }
    let whole = timeout_at(until, document(&mut response, bytes_max)).await;
    Ok((status, whole.map_err(|_| AskError::Deadline)??))
}

async fn document(response: &mut Response, bytes_max: usize) -> Result<Vec<u8>, AskError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > bytes_max {
            return Err(AskError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The first bytes of an answer, as far as they come.
async fn beginning(response: &mut Response, bytes_max: usize) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < bytes_max
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend(chunk.iter().take(bytes_max - body.len()));
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_broke_is_told_by_its_sign() {
        for (text, expected) in [
            ("tcp connect error: Connection refused (os error 111)", Unreached::Refused),
            ("dns error: failed to lookup address information: Name or service not known", Unreached::NoHost),
            ("invalid peer certificate: UnknownIssuer", Unreached::Certificate),
            ("invalid peer certificate: Expired", Unreached::Certificate),
            ("received corrupt message of type InvalidContentType", Unreached::Tls),
            ("connection closed before message completed", Unreached::Cut),
            ("Connection reset by peer (os error 104)", Unreached::Cut),
            ("the server does not answer", Unreached::Silent),
            ("Network is unreachable (os error 101)", Unreached::NoRoute),
            ("\u{1b}[31m something new", Unreached::Other),
        ] {
            assert_eq!(Unreached::of_text(text), expected, "{text}");
        }
    }

    #[test]
    fn what_may_be_a_secret_in_an_address_is_not_shown() {
        let shown = |text: &str| shown_address(&text.parse().unwrap());
        let (typed, bare) = ("//user:hunter2@a.example:8443/x?key=hunter2#hunter2", "//a.example:8443/x");
        for scheme in ["https", "wss", "ssh"] {
            assert_eq!(shown(&format!("{scheme}:{typed}")), Some(format!("{scheme}:{bare}")));
        }
        assert_eq!(shown("file:///srv/crates?key=hunter2"), Some("file:///srv/crates".to_owned()));
        assert_eq!(shown("hunter2:hunter2"), None);
    }

    #[tokio::test]
    async fn nobody_listening_and_nobody_answering_are_told_apart() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let asked = async |deadline| ask(client(&url).unwrap().get(url.clone()), deadline, 10).await;
        assert_eq!(asked(Duration::from_millis(50)).await, Err(AskError::Deadline));
        drop(listener);
        assert_eq!(asked(Duration::from_secs(10)).await, Err(AskError::Unreached(Unreached::Refused)));
    }

    /// Whoever asks is told the status, though its reason never comes.
    #[tokio::test]
    async fn a_refusal_counts_without_its_reason() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            // A client takes no answer for its own that comes before it asked.
            assert!(tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 4096]).await.unwrap() > 0);
            let head = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 100\r\n\r\nfor";
            tokio::io::AsyncWriteExt::write_all(&mut stream, head).await.unwrap();
            std::future::pending::<()>().await;
        });
        let request = client(&url).unwrap().get(url.clone());
        let asked = ask_any(request, Duration::from_secs(1), 10, 100).await;
        assert_eq!(asked, Ok((StatusCode::SERVICE_UNAVAILABLE, Vec::new())));
        server.abort();
    }

    #[test]
    fn only_tls_and_this_machine_are_private() {
        for good in ["https://a.example", "http://127.0.0.1:80/x", "http://[::1]:1", "http://a.localhost"] {
            assert!(is_private(&good.parse().unwrap()), "{good}");
        }
        for bad in ["http://a.example", "http://localhost.a.example", "ftp://localhost", "wss://a.example"] {
            assert!(!is_private(&bad.parse().unwrap()), "{bad}");
        }
    }
}
