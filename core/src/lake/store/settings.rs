//! Which store, and with what it is reached. Whatever becomes a header, an address or a file is checked here,
//! before a library sees it: some of them panic over what they cannot use.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::client::HttpClient;
use object_store::{BackoffConfig, RetryConfig};
use reqwest::redirect::Policy;
use secrecy::ExposeSecret;
use serde::Deserialize;
use url::{Host, Url};

use super::aws_host::AwsHost;
use super::credentials::{KeyOrigin, Lent, StoreCredentials, StoreProfile};
use super::location::{QUOTED, is_quoted};
use super::patience::{Line, Patient};
use super::trouble::Where;
use super::{Location, Place, Store, StoreError};
use crate::http::{is_loopback, is_private};

/// Where shared data lies; [`Config`](crate::config::Config) finds it.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    /// A bucket or a folder; a folder of the data folder where there is none.
    pub location: Option<Location>,
    /// `https://…` of a service other than AWS; `http://…` on loopback alone.
    pub endpoint: Option<String>,
    /// `auto` for R2; `us-east-1` where there is none.
    pub region: Option<String>,
    pub style: StoreStyle,
    pub credentials: Option<StoreCredentials>,
    /// What lends a key, where there is none.
    pub profile: Option<StoreProfile>,
    pub key_origin: KeyOrigin,
    /// A file of certificates that are trusted besides those that the system trusts.
    pub ca_bundle: Option<PathBuf>,
    /// For how long a request is repeated while what is in its way may pass.
    pub patience: Duration,
    /// Why these settings cannot be used, if so. It is told when a store is opened: what needs none goes on.
    pub unusable: Option<String>,
}

impl Default for StoreSettings {
    fn default() -> StoreSettings {
        StoreSettings {
            location: None,
            endpoint: None,
            region: None,
            style: StoreStyle::default(),
            credentials: None,
            profile: None,
            key_origin: KeyOrigin::default(),
            ca_bundle: None,
            patience: PATIENCE,
            unusable: None,
        }
    }
}

impl StoreSettings {
    /// Whether somebody named a store, even one that cannot be used.
    pub fn is_named(&self) -> bool {
        self.location.is_some() || self.unusable.is_some()
    }
}

/// Where a request names the bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreStyle {
    /// `https://host/bucket/key`.
    #[default]
    Path,
    /// `https://bucket.host/key`.
    Virtual,
}

const PATIENCE: Duration = Duration::from_secs(30);
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// A part of an upload on a slow line.
const ANSWER_WITHIN: Duration = Duration::from_secs(120);
const DEFAULT_REGION: &str = "us-east-1";
/// A body that ends early is read on from there, within the patience: the number does not bound it.
const RESUMPTIONS_MAX: usize = 1000;

/// Opens a bucket.
pub(super) fn open_bucket(settings: &StoreSettings, bucket: &str, prefix: &str) -> Result<Store, StoreError> {
    let name = if prefix.is_empty() { format!("s3://{bucket}") } else { format!("s3://{bucket}/{prefix}") };
    let fail = |why: &str| StoreError::Settings(format!("the store {name:?} cannot be used: {why}"));
    let region = settings.region.as_deref().unwrap_or(DEFAULT_REGION);
    check_region(region).map_err(|why| fail(&why))?;
    let endpoint = match &settings.endpoint {
        Some(endpoint) => check_endpoint(endpoint).map_err(|why| fail(&why))?,
        None => of_aws(region).map_err(|_| fail("its region cannot be a part of an address"))?,
    };
    let endpoint = without_bucket(endpoint, bucket);
    let endpoint = match settings.style {
        StoreStyle::Path => endpoint,
        StoreStyle::Virtual => with_bucket(endpoint, bucket).map_err(|why| fail(&why))?,
    };
    let host = endpoint.host_str().unwrap_or_default().to_string();
    let place = Where {
        bucket: bucket.to_string(),
        host: endpoint.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}")),
        region: region.to_string(),
        style: settings.style,
        key: settings.key_origin.clone(),
    };
    let address = endpoint.as_str().trim_end_matches('/').to_string();
    let line = Arc::new(Line { place, address: address.clone(), ..Line::default() });
    let client = HttpClient::new(http_client(settings, &endpoint).map_err(|why| fail(&why))?);
    let patient = Patient { client, patience: settings.patience, line: line.clone() };
    let retry = RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: RESUMPTIONS_MAX,
        retry_timeout: settings.patience,
    };
    let builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(region)
        .with_endpoint(&address)
        .with_virtual_hosted_style_request(settings.style == StoreStyle::Virtual)
        .with_http_connector(patient)
        .with_retry(retry);
    let builder = match (&settings.credentials, &settings.profile) {
        (Some(key), _) => {
            let origin = settings.key_origin.settings();
            key.check().map_err(|why| fail(&format!("{why}; set it anew: {origin}")))?;
            let builder =
                builder.with_access_key_id(&key.key_id).with_secret_access_key(key.secret.expose_secret());
            match &key.session_token {
                Some(token) => builder.with_token(token.expose_secret()),
                None => builder,
            }
        }
        (None, Some(profile)) => builder.with_credentials(Arc::new(Lent::of(profile))),
        (None, None) => {
            return Err(fail(
                "it has no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
            ));
        }
    };
    // What this error says is of the settings; none of them is a secret that it could repeat.
    let inner = Arc::new(builder.build().map_err(|_| fail("its settings do not fit together"))?);
    let lists = inner.clone();
    let place = Place::Bucket { bucket: bucket.to_string(), prefix: prefix.to_string(), line, lists };
    Ok(Store::of(inner, place, name))
}

fn of_aws(region: &str) -> Result<Url, url::ParseError> {
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    Url::parse(&format!("https://s3.{region}.{domain}"))
}

/// A region is a part of a header and of an address.
fn check_region(region: &str) -> Result<(), String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    match !region.is_empty() && region.len() <= 64 && region.chars().all(fits) {
        true => Ok(()),
        false => {
            Err("its region has a character that no region has; set ZENITH_STORE_REGION anew".to_string())
        }
    }
}

/// The address of a service.
fn check_endpoint(endpoint: &str) -> Result<Url, String> {
    let is_plain = !endpoint.chars().any(|c| c.is_control() || c.is_whitespace());
    let url = Url::parse(endpoint).ok().filter(|_| is_plain);
    let url = url.ok_or_else(|| match is_quoted(endpoint) {
        true => format!("its endpoint is no address: {QUOTED}"),
        false => "its endpoint is no address; set ZENITH_STORE_ENDPOINT to https://…".to_string(),
    })?;
    if !is_private(&url) {
        return Err("its endpoint must be https://…, or http://… on this machine".to_string());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("its endpoint has a name or a password in it; keys go to AWS_ACCESS_KEY_ID and \
                    AWS_SECRET_ACCESS_KEY"
            .to_string());
    }
    if url.query().is_some() || url.fragment().is_some() || url.host().is_none() {
        return Err("its endpoint must be no more than https://host".to_string());
    }
    Ok(url)
}

/// The address of a service alone, where it was given as its console shows it: with the bucket in its path, or
/// in AWS's hosts.
fn without_bucket(mut endpoint: Url, bucket: &str) -> Url {
    if endpoint.path().trim_matches('/') == bucket {
        endpoint.set_path("");
    }
    let host = endpoint.host_str().unwrap_or_default();
    if AwsHost::parse(host).is_some_and(|host| host.bucket == Some(bucket)) {
        let host = host.get(bucket.len() + 1..).unwrap_or_default().to_string();
        // It is a part of what was one.
        let _ = endpoint.set_host(Some(&host));
    }
    endpoint
}

/// The address of a bucket whose name is a part of the host.
fn with_bucket(mut endpoint: Url, bucket: &str) -> Result<Url, String> {
    let Some(Host::Domain(host)) = endpoint.host() else {
        return Err("its endpoint is a number, which no bucket's name can stand before; set \
                    ZENITH_STORE_STYLE=path"
            .to_string());
    };
    if host.starts_with(&format!("{bucket}.")) {
        return Ok(endpoint);
    }
    let host = format!("{bucket}.{host}");
    let set = endpoint.set_host(Some(&host));
    set.map_err(|_| {
        "its bucket's name cannot be a part of an address; set ZENITH_STORE_STYLE=path".to_string()
    })?;
    Ok(endpoint)
}

/// A client that follows nobody elsewhere, decodes nothing, and asks no proxy about this machine.
fn http_client(settings: &StoreSettings, endpoint: &Url) -> Result<reqwest::Client, String> {
    let mut client = reqwest::Client::builder()
        .user_agent(concat!("zenith/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .http1_only()
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .connect_timeout(CONNECT_WITHIN)
        .timeout(ANSWER_WITHIN);
    if is_loopback(endpoint) {
        client = client.no_proxy();
        if let Some(Host::Domain(name)) = endpoint.host() {
            // RFC 6761, 6.3; not every system's resolver knows it.
            client = client.resolve(name, SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0));
        }
    }
    if let Some(path) = &settings.ca_bundle {
        let shown = path.display();
        let pem = std::fs::read(path).map_err(|error| {
            format!("the certificates that AWS_CA_BUNDLE names cannot be read: {shown}: {error}")
        })?;
        let certificates = reqwest::Certificate::from_pem_bundle(&pem).unwrap_or_default();
        if certificates.is_empty() {
            return Err(format!("AWS_CA_BUNDLE names {shown}, which holds no certificate (PEM)"));
        }
        client = client.tls_certs_merge(certificates);
    }
    client.build().map_err(|_| {
        "this machine's certificates cannot be used; check SSL_CERT_FILE, SSL_CERT_DIR and AWS_CA_BUNDLE"
            .to_string()
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Surroundings;
    use super::*;

    fn at(location: &str) -> Location {
        Location::parse(location, Surroundings::default()).unwrap()
    }

    fn settings(endpoint: &str) -> StoreSettings {
        StoreSettings {
            location: Some(at("s3://b/p")),
            endpoint: Some(endpoint.to_string()),
            credentials: Some(key("id", "very-secret", None)),
            ..StoreSettings::default()
        }
    }

    fn key(id: &str, secret: &str, token: Option<&str>) -> StoreCredentials {
        StoreCredentials {
            key_id: id.to_string(),
            secret: secret.into(),
            session_token: token.map(Into::into),
        }
    }

    fn open(settings: &StoreSettings) -> Result<Store, StoreError> {
        Store::open(settings, Path::new(""))
    }

    #[test]
    fn plain_http_leaves_no_machine_and_no_secret_is_shown() {
        for bad in [
            "http://example.com",
            "http://169.254.169.254",
            "ftp://x",
            "no address",
            "localhost:9000",
            "https://[::1",
            "https://very-secret:x@example.com",
            "https://example.com?very-secret",
            "https://exa\nmple.com",
            "https://example.com\n",
            "",
        ] {
            let error = open(&settings(bad)).unwrap_err();
            assert!(matches!(error, StoreError::Settings(_)), "{bad} was accepted");
            assert!(!error.to_string().contains("very-secret"));
        }
        for good in
            ["http://127.0.0.1:9000", "http://localhost:9000", "https://example.com", "http://[::1]:9"]
        {
            let store = open(&settings(good)).unwrap();
            assert!(!format!("{store:?}{:?}", settings(good)).contains("very-secret"));
        }
    }

    #[test]
    fn a_bucket_without_credentials_is_refused() {
        let nothing = StoreSettings { location: Some(at("s3://b")), ..StoreSettings::default() };
        let error = open(&nothing).unwrap_err();
        assert!(error.to_string().contains("AWS_ACCESS_KEY_ID"), "{error}");
        let unusable =
            StoreSettings { unusable: Some("because".to_string()), ..settings("https://example.com") };
        assert_eq!(open(&unusable).unwrap_err().to_string(), "because");
    }

    /// Each of these made a library panic, at the first request.
    #[test]
    fn what_cannot_be_a_header_or_an_address_is_refused_before_a_library_sees_it() {
        let good = settings("https://example.com");
        let with = |credentials| StoreSettings { credentials: Some(credentials), ..good.clone() };
        for (bad, says) in [
            (with(key("id\n", "s", None)), "key's id"),
            (with(key("i d", "s", None)), "key's id"),
            (with(key("ïd", "s", None)), "key's id"),
            (with(key("", "s", None)), "key's id"),
            (with(key("id", "very-secret\n", None)), "secret"),
            (with(key("id", "", None)), "secret"),
            (with(key("id", "s", Some("very-secret\r\n"))), "session token"),
            (with(key("id", "s", Some("tökén"))), "session token"),
            (
                StoreSettings { region: Some("eu-west-1\n".to_string()), ..good.clone() },
                "ZENITH_STORE_REGION",
            ),
            (StoreSettings { region: Some(String::new()), ..good.clone() }, "ZENITH_STORE_REGION"),
            (StoreSettings { region: Some("a/b".to_string()), ..good.clone() }, "ZENITH_STORE_REGION"),
            (StoreSettings { ca_bundle: Some("/absent.pem".into()), ..good.clone() }, "AWS_CA_BUNDLE"),
        ] {
            let error = open(&bad).unwrap_err().to_string();
            assert!(error.contains(says) && !error.contains("very-secret"), "{error}");
        }
        assert!(open(&with(key("id", "a \\ \"b\" ä", Some("t/+=")))).is_ok(), "a secret is no header");
    }

    /// As consoles show it.
    #[test]
    fn a_bucket_in_the_address_of_its_service_is_no_part_of_it() {
        for (endpoint, address) in [
            ("https://acc.r2.example/b", "https://acc.r2.example"),
            ("https://acc.r2.example/b/", "https://acc.r2.example"),
            ("https://b.s3.eu-west-1.amazonaws.com", "https://s3.eu-west-1.amazonaws.com"),
            ("https://other.s3.eu-west-1.amazonaws.com", "https://other.s3.eu-west-1.amazonaws.com"),
            // A service's own path, and a host that is called as the bucket is.
            ("https://x.example/storage/v1/b", "https://x.example/storage/v1/b"),
            ("https://b.example", "https://b.example"),
        ] {
            let store = open(&settings(endpoint)).unwrap();
            assert_eq!(store.line().unwrap().address, address, "{endpoint}");
        }
        let quoted = open(&settings("\"https://x.example\"")).unwrap_err().to_string();
        assert!(quoted.contains("quotes"), "{quoted}");
    }

    #[test]
    fn a_bucket_may_be_named_in_the_host() {
        let style = |endpoint: Option<&str>| StoreSettings {
            style: StoreStyle::Virtual,
            endpoint: endpoint.map(str::to_string),
            region: Some("eu-west-1".to_string()),
            ..settings("")
        };
        let address = |endpoint| {
            let store = open(&style(endpoint))?;
            Ok::<_, StoreError>(store.line().map(|line| line.address.clone()).unwrap_or_default())
        };
        assert_eq!(address(Some("https://oss.example/")).unwrap(), "https://b.oss.example");
        assert_eq!(address(Some("https://b.oss.example")).unwrap(), "https://b.oss.example");
        assert_eq!(address(None).unwrap(), "https://b.s3.eu-west-1.amazonaws.com");
        assert_eq!(address(Some("https://oss.example/b")).unwrap(), "https://b.oss.example");
        assert_eq!(
            address(Some("https://b.s3.eu-west-1.amazonaws.com")).unwrap(),
            "https://b.s3.eu-west-1.amazonaws.com"
        );
        let error = address(Some("http://127.0.0.1:9000")).unwrap_err();
        assert!(error.to_string().contains("ZENITH_STORE_STYLE=path"), "{error}");
    }
}
