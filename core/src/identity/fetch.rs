//! Asks an issuer for its key set, within a time and a size.

use std::time::Duration;

use reqwest::header::ACCEPT;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use url::Url;

use super::issuer::is_loopback;
use super::keys::KeyError;

/// Some hundred times what an issuer sends.
const KEY_SET_BYTES_MAX: usize = 256 * 1024;

/// Where a key set is, and how to ask for it.
#[derive(Clone, Debug)]
pub(super) struct Address {
    client: Client,
    url: Url,
    deadline: Duration,
}

impl Address {
    pub(super) fn new(url: Url, deadline: Duration) -> Result<Address, KeyError> {
        // A redirect would let whoever holds one page of the issuer's host name its keys.
        let mut client = Client::builder().redirect(Policy::none());
        if is_loopback(&url) {
            client = client.no_proxy();
        }
        let client = client.build().map_err(|_| KeyError::Address("no TLS client could be made for it"))?;
        Ok(Address { client, url, deadline })
    }

    /// The bytes of the key set. The deadline is for all of it, so that an answer that drips or
    /// never ends costs no more than one that never begins.
    pub(super) async fn ask(&self) -> Result<Vec<u8>, KeyError> {
        tokio::time::timeout(self.deadline, self.read()).await.map_err(|_| KeyError::Deadline)?
    }

    async fn read(&self) -> Result<Vec<u8>, KeyError> {
        let request = self.client.get(self.url.clone()).header(ACCEPT, "application/json");
        let mut response = request.send().await.map_err(|_| KeyError::Unreachable)?;
        if response.status() != StatusCode::OK {
            return Err(KeyError::Status(response.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| KeyError::Unreachable)? {
            if body.len() + chunk.len() > KEY_SET_BYTES_MAX {
                return Err(KeyError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}
