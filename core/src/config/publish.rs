//! Where published instances are mirrored, and who translates them.

use std::fmt;

use secrecy::SecretString;
use url::Url;

use super::ConfigError;
use crate::http::{is_private, shown_address};

/// Besides the store, where they lie.
#[derive(Clone, Default)]
pub struct PublishSettings {
    /// The database that mirrors them: `ZENITH_MIRROR`.
    pub mirror: Option<Url>,
    /// What it is written with: `ZENITH_MIRROR_TOKEN`. Never in the file of settings.
    pub mirror_token: Option<SecretString>,
    /// What is asked for texts in other locales: `ZENITH_TRANSLATOR`.
    pub translator: Option<Url>,
}

impl fmt::Debug for PublishSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublishSettings")
            .field("mirror", &self.mirror.as_ref().and_then(shown_address))
            .field("mirror_token", &self.mirror_token)
            .field("translator", &self.translator.as_ref().and_then(shown_address))
            .finish()
    }
}

const ADDRESS: &str = "an address that begins with https://, or with http:// on this machine";
const MIRROR: &str = "an address that begins with https://, or with http:// on this machine; its token goes into \
                      ZENITH_MIRROR_TOKEN";

pub(super) fn publish(text: impl Fn(&str) -> Option<String>) -> Result<PublishSettings, ConfigError> {
    let url = |name: &'static str, may_be: &'static str, is_good: fn(&Url) -> bool| {
        let Some(value) = text(name) else { return Ok(None) };
        match value.parse::<Url>() {
            Ok(url) if is_good(&url) => Ok(Some(url)),
            // What is no address may hold a token all the same.
            other => {
                let shown = other.ok().as_ref().and_then(shown_address);
                let value = shown.unwrap_or_else(|| "…".to_string());
                Err(ConfigError::Choice { name, value, may_be })
            }
        }
    };
    let is_mirror = |url: &Url| {
        is_private(url) && url.username().is_empty() && url.password().is_none() && url.query().is_none()
    };
    Ok(PublishSettings {
        mirror: url("ZENITH_MIRROR", MIRROR, is_mirror)?,
        mirror_token: text("ZENITH_MIRROR_TOKEN").map(SecretString::from),
        translator: url("ZENITH_TRANSLATOR", ADDRESS, is_private)?,
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
        for bad in [
            "http://curated.db.example",
            "curated",
            "file:///x",
            "s3://bucket",
            "libsql://curated.example?authToken=eyJsecret",
            "https://curated.example?authToken=eyJsecret",
            "http://user:secret@curated.example",
            "https://user:secret@curated.example",
            "user:secret@curated.example",
            "//user:secret@curated.example",
        ] {
            let told = of(bad).unwrap_err().to_string();
            assert!(!told.contains("eyJ") && !told.contains("secret"), "{told}");
        }
    }

    #[test]
    fn no_key_of_a_translator_is_in_a_debug_output() {
        let key =
            |name: &str| (name == "ZENITH_TRANSLATOR").then(|| "https://t.example/?key=secret".to_string());
        let settings = publish(key).unwrap();
        assert!(settings.translator.is_some() && !format!("{settings:?}").contains("secret"));
    }
}
