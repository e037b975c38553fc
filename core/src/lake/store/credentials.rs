//! Keys of a bucket: one that is known, or one that AWS's own files say how to get.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::region::Region;
use object_store::CredentialProvider;
use object_store::aws::AwsCredential;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::location::is_quoted;
use super::trouble::{Trouble, TroubleKind};

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

impl StoreCredentials {
    /// Both go into headers, which take visible ASCII alone. What it says names no value.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let is_visible = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let token = self.session_token.as_ref().map(ExposeSecret::expose_secret);
        if is_quoted(&self.key_id) {
            Err("the key's id has quotes around it, which are a part of it; write it without them")
        } else if !is_visible(&self.key_id) {
            Err("the key's id has a blank, a line break or another character in it that no key has")
        } else if self.secret.expose_secret().is_empty()
            || self.secret.expose_secret().contains(char::is_control)
        {
            Err("the key's secret is empty or has a line break or another control character in it")
        } else if token.is_some_and(|token| !is_visible(token)) {
            Err("the session token has a blank, a line break or another character in it that no token has")
        } else {
            Ok(())
        }
    }
}

/// Where a key came from: errors name what to look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KeyOrigin {
    #[default]
    Environment,
    R2,
    /// A profile of AWS's own files.
    Profile(String),
}

impl KeyOrigin {
    pub(super) fn settings(&self) -> String {
        match self {
            KeyOrigin::Environment => {
                "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for a key that is lent, AWS_SESSION_TOKEN"
                    .to_string()
            }
            KeyOrigin::R2 => "ZENITH_R2__ACCESS_KEY_ID and ZENITH_R2__SECRET_ACCESS_KEY".to_string(),
            KeyOrigin::Profile(name) => format!("the profile {name:?} of AWS's own files"),
        }
    }
}

/// A profile of AWS's own files that says how to get a key: from a program, for a role, by single sign-on. It is
/// asked when a key is needed, and again shortly before that ends.
#[derive(Clone)]
pub struct StoreProfile {
    pub name: String,
    /// What it is called in `files`.
    pub section: String,
    /// The files' contents, as `config` read them.
    pub files: EnvConfigFiles,
    /// For the services that lend keys.
    pub region: Option<String>,
}

impl fmt::Debug for StoreProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoreProfile").field(&self.name).finish()
    }
}

const ASK_WITHIN: Duration = Duration::from_secs(60);
/// Before it ends by this much, a key is asked for anew.
const RENEW_BEFORE: Duration = Duration::from_secs(300);

/// The keys that a profile lends, one after the other.
#[derive(Debug)]
pub(super) struct Lent {
    profile: StoreProfile,
    provider: ProfileFileCredentialsProvider,
    held: Mutex<Option<Held>>,
}

#[derive(Debug)]
struct Held {
    key: Arc<AwsCredential>,
    ends: Option<SystemTime>,
}

impl Lent {
    pub fn of(profile: &StoreProfile) -> Lent {
        let config = ProviderConfig::without_region().with_region(profile.region.clone().map(Region::new));
        let provider = ProfileFileCredentialsProvider::builder()
            .configure(&config)
            .profile_name(&profile.section)
            .profile_files(profile.files.clone())
            .build();
        Lent { profile: profile.clone(), provider, held: Mutex::default() }
    }

    async fn ask(&self) -> Result<Held, Trouble> {
        let asked = tokio::time::timeout(ASK_WITHIN, self.provider.provide_credentials()).await;
        let lent = match asked {
            Err(_) => return Err(self.trouble("it did not give one within a minute")),
            // What a program printed, or a service answered, may be a secret.
            Ok(Err(CredentialsError::InvalidConfiguration(_))) => {
                return Err(self.trouble("it is not written as it should be"));
            }
            Ok(Err(_)) => return Err(self.trouble("what it names does not give one")),
            Ok(Ok(lent)) => lent,
        };
        let key = key_of(&lent);
        key.check().map_err(|why| self.trouble(why))?;
        let key = AwsCredential {
            key_id: key.key_id,
            secret_key: key.secret.expose_secret().to_string(),
            token: key.session_token.map(|token| token.expose_secret().to_string()),
        };
        Ok(Held { key: Arc::new(key), ends: lent.expiry() })
    }

    fn trouble(&self, why: &str) -> Trouble {
        Trouble {
            kind: TroubleKind::Key,
            what: format!("the profile {:?} of AWS's own files lends no key: {why}", self.profile.name),
            todo: "see what `aws sts get-caller-identity` says with it (AWS_PROFILE), or set AWS_ACCESS_KEY_ID and \
                   AWS_SECRET_ACCESS_KEY"
                .to_string(),
            again_after: None,
        }
    }
}

fn key_of(lent: &Credentials) -> StoreCredentials {
    StoreCredentials {
        key_id: lent.access_key_id().trim().to_string(),
        secret: lent.secret_access_key().trim().into(),
        session_token: lent.session_token().map(|token| token.trim().into()),
    }
}

#[async_trait]
impl CredentialProvider for Lent {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let mut held = self.held.lock().await;
        let lasts = |held: &Held| held.ends.is_none_or(|ends| SystemTime::now() + RENEW_BEFORE < ends);
        if let Some(held) = held.as_ref().filter(|held| lasts(held)) {
            return Ok(held.key.clone());
        }
        let asked = self.ask().await;
        let asked = asked
            .map_err(|trouble| object_store::Error::Generic { store: "S3", source: Box::new(trouble) })?;
        let key = asked.key.clone();
        *held = Some(asked);
        Ok(key)
    }
}
