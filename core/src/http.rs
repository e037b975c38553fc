//! Asking a server for a small document: no redirects, within a time and a size.

use std::error::Error;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use url::{Host, Url};

/// Why there is no document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AskError {
    Unreached(Unreached),
    Deadline,
    Status(StatusCode),
    TooLarge,
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

/// The same whatever its status is. Of an answer that is no document, its first `reason_bytes_max` bytes at most are read.
pub(crate) async fn ask_any(
    request: RequestBuilder,
    deadline: Duration,
    bytes_max: usize,
    reason_bytes_max: usize,
) -> Result<(StatusCode, Vec<u8>), AskError> {
    let asked = read(request, bytes_max, reason_bytes_max);
    tokio::time::timeout(deadline, asked).await.map_err(|_| AskError::Deadline)?
}

async fn read(
    request: RequestBuilder,
    bytes_max: usize,
    reason_bytes_max: usize,
) -> Result<(StatusCode, Vec<u8>), AskError> {
    let lost = |error: reqwest::Error| AskError::Unreached(Unreached::of(&error));
    let mut response = request.send().await.map_err(lost)?;
    let status = response.status();
    if status != StatusCode::OK {
        return Ok((status, beginning(&mut response, reason_bytes_max).await));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(lost)? {
        if body.len() + chunk.len() > bytes_max {
            return Err(AskError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok((status, body))
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
}
