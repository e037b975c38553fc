//! Asks an issuer for its key set, within a time and a size.

use std::time::Duration;

use reqwest::Client;
use reqwest::header::ACCEPT;
use url::Url;

use super::error::KeyError;
use crate::http::{self, AskError};

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
        let client =
            http::client(&url).map_err(|_| KeyError::Address("no TLS client could be made for it"))?;
        Ok(Address { client, url, deadline })
    }

    /// The bytes of the key set.
    pub(super) async fn ask(&self) -> Result<Vec<u8>, KeyError> {
        let request = self.client.get(self.url.clone()).header(ACCEPT, "application/json");
        http::ask(request, self.deadline, KEY_SET_BYTES_MAX).await.map_err(|error| match error {
            AskError::Unreached(why) => KeyError::Unreached(why),
            AskError::Deadline => KeyError::Deadline,
            AskError::Status(status) => KeyError::Status(status.as_u16()),
            AskError::TooLarge => KeyError::TooLarge,
        })
    }
}
