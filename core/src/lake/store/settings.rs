//! Which store, and with what it is reached.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::{BackoffConfig, ClientOptions, RetryConfig};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{Place, Store, StoreError, check_key};
use crate::http::is_loopback;
use crate::package::check_segment;

/// Where shared data lies; [`Config`](crate::config::Config) finds it.
#[derive(Clone, Debug, Default)]
pub struct StoreSettings {
    /// `s3://bucket/prefix` or a folder; a folder of the data folder where there is none.
    pub location: Option<String>,
    /// `https://…` of a service other than AWS; `http://…` on loopback alone.
    pub endpoint: Option<String>,
    /// `auto` for R2; `us-east-1` where there is none.
    pub region: Option<String>,
    pub credentials: Option<StoreCredentials>,
}

/// A key of a bucket.
#[derive(Clone)]
pub struct StoreCredentials {
    pub key_id: String,
    pub secret: SecretString,
    /// For credentials that are lent for a while.
    pub session_token: Option<SecretString>,
}

impl fmt::Debug for StoreCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreCredentials(…)")
    }
}

const RETRIES_MAX: usize = 3;
const RETRY_FIRST: Duration = Duration::from_millis(50);
const RETRY_LONGEST: Duration = Duration::from_secs(2);
const RETRIES_TOGETHER: Duration = Duration::from_secs(30);
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// A part of an upload on a slow line.
const ANSWER_WITHIN: Duration = Duration::from_secs(120);
const DEFAULT_REGION: &str = "us-east-1";

impl StoreSettings {
    fn region(&self) -> &str {
        self.region.as_deref().unwrap_or(DEFAULT_REGION)
    }
}

/// Opens `s3://bucket/prefix`.
pub(super) fn bucket(settings: &StoreSettings, location: &str) -> Result<Store, StoreError> {
    let fail = |why: &str| StoreError::Settings(format!("the store {location:?} cannot be used: {why}"));
    let rest = location.trim_start_matches("s3://").trim_end_matches('/');
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    check_segment("bucket", bucket).map_err(|error| fail(&error.to_string()))?;
    if !prefix.is_empty() {
        check_key(prefix).map_err(|error| fail(&error.to_string()))?;
    }
    let credentials = settings.credentials.as_ref().ok_or_else(|| {
        fail("it has no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE")
    })?;
    let mut http = false;
    if let Some(endpoint) = &settings.endpoint {
        let url = Url::parse(endpoint)
            .map_err(|_| fail("its endpoint is no address; set ZENITH_STORE_ENDPOINT to https://…"))?;
        http = match url.scheme() {
            "https" => false,
            "http" if is_loopback(&url) => true,
            _ => return Err(fail("its endpoint must be https://…, or http://… on this machine")),
        };
    }
    let retry = RetryConfig {
        backoff: BackoffConfig { init_backoff: RETRY_FIRST, max_backoff: RETRY_LONGEST, base: 2.0 },
        max_retries: RETRIES_MAX,
        retry_timeout: RETRIES_TOGETHER,
    };
    let client = ClientOptions::new()
        .with_allow_http(http)
        .with_connect_timeout(CONNECT_WITHIN)
        .with_timeout(ANSWER_WITHIN);
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(settings.region())
        .with_access_key_id(&credentials.key_id)
        .with_secret_access_key(credentials.secret.expose_secret())
        .with_client_options(client)
        .with_retry(retry);
    if let Some(token) = &credentials.session_token {
        builder = builder.with_token(token.expose_secret());
    }
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    // What this error says is of the settings; none of them is a secret that it could repeat.
    let inner = builder.build().map_err(|_| fail("its settings do not fit together"))?;
    let place = Place::Bucket { bucket: bucket.to_string(), prefix: prefix.to_string() };
    Ok(Store { inner: Arc::new(inner), place, name: format!("s3://{rest}"), probed: Arc::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(endpoint: &str) -> StoreSettings {
        StoreSettings {
            endpoint: Some(endpoint.to_string()),
            credentials: Some(StoreCredentials {
                key_id: "id".to_string(),
                secret: "very-secret".into(),
                session_token: None,
            }),
            ..StoreSettings::default()
        }
    }

    #[test]
    fn plain_http_leaves_no_machine_and_no_secret_is_shown() {
        for bad in ["http://example.com", "http://169.254.169.254", "ftp://x", "no address"] {
            let error = bucket(&settings(bad), "s3://b/p").unwrap_err();
            assert!(matches!(error, StoreError::Settings(_)), "{bad} was accepted");
            assert!(!error.to_string().contains("very-secret"));
        }
        for good in ["http://127.0.0.1:9000", "http://localhost:9000", "https://example.com"] {
            let store = bucket(&settings(good), "s3://b/p").unwrap();
            assert!(!format!("{store:?}{:?}", settings(good)).contains("very-secret"));
        }
    }

    #[test]
    fn a_bucket_without_credentials_or_with_a_strange_name_is_refused() {
        let error = bucket(&StoreSettings::default(), "s3://b").unwrap_err();
        assert!(error.to_string().contains("AWS_ACCESS_KEY_ID"), "{error}");
        for bad in ["s3://", "s3://../x", "s3://b/../c", "s3://b?x=1", "s3://user:pass@b"] {
            assert!(bucket(&settings("https://example.com"), bad).is_err(), "{bad} was accepted");
        }
    }
}
