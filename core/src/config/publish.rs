//! Where published instances are mirrored, and who translates them.

use secrecy::SecretString;
use url::Url;

use super::ConfigError;
use crate::http::is_private;

/// Besides the store, where they lie.
#[derive(Clone, Debug, Default)]
pub struct PublishSettings {
    /// The database that mirrors them: `ZENITH_MIRROR`.
    pub mirror: Option<Url>,
    /// What it is written with: `ZENITH_MIRROR_TOKEN`. Never in the file of settings.
    pub mirror_token: Option<SecretString>,
    /// What is asked for texts in other locales: `ZENITH_TRANSLATOR`.
    pub translator: Option<Url>,
}

pub(super) fn publish(text: impl Fn(&str) -> Option<String>) -> Result<PublishSettings, ConfigError> {
    let url = |name: &'static str| {
        let Some(value) = text(name) else { return Ok(None) };
        match value.parse::<Url>() {
            Ok(url) if is_private(&url) => Ok(Some(url)),
            _ => {
                let may_be = "an address that begins with https://, or with http:// on this machine";
                Err(ConfigError::Choice { name, value, may_be })
            }
        }
    };
    Ok(PublishSettings {
        mirror: url("ZENITH_MIRROR")?,
        mirror_token: text("ZENITH_MIRROR_TOKEN").map(SecretString::from),
        translator: url("ZENITH_TRANSLATOR")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_sent_over_no_open_wire() {
        let of = |value: &str| publish(|name| (name == "ZENITH_MIRROR").then(|| value.to_string()));
        for good in ["https://curated.db.example", "http://127.0.0.1:8080", "http://curated.localhost:8080"] {
            assert!(of(good).unwrap().mirror.is_some(), "{good}");
        }
        for bad in ["http://curated.db.example", "curated", "file:///x", "s3://bucket"] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
