//! Telling a service that its user's own programs wrote jobs into their database: it asks no database for which nothing is
//! known to be due.

use std::time::Duration;

use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Session;
use crate::http;

/// Nobody waits for long: what is written is written.
const WITHIN: Duration = Duration::from_secs(5);
const ANSWER_BYTES_MAX: usize = 4 * 1024;

/// Asks the service to look at a user's jobs, by the token of their own database. Whether it does: one that is away, or
/// older, or whose provider makes tokens by itself, does not.
pub async fn ask_to_look(session: &Session, token: &SecretString) -> bool {
    let base = session.service.as_str().trim_end_matches('/');
    let Ok(url) = Url::parse(&format!("{base}/look")) else { return false };
    let (true, Ok(client)) = (http::is_private(&url), http::client(&url)) else { return false };
    let request = client.post(url).bearer_auth(token.expose_secret());
    let answer = http::ask_any(request, WITHIN, ANSWER_BYTES_MAX, 0).await;
    answer.is_ok_and(|(status, _)| status == StatusCode::OK)
}
