//! Asking a server for a small document: no redirects, within a time and a size.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode};
use url::{Host, Url};

/// Why there is no document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AskError {
    Unreachable,
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
    tokio::time::timeout(deadline, read(request, bytes_max)).await.map_err(|_| AskError::Deadline)?
}

async fn read(request: RequestBuilder, bytes_max: usize) -> Result<Vec<u8>, AskError> {
    let mut response = request.send().await.map_err(|_| AskError::Unreachable)?;
    if response.status() != StatusCode::OK {
        return Err(AskError::Status(response.status()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| AskError::Unreachable)? {
        if body.len() + chunk.len() > bytes_max {
            return Err(AskError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
