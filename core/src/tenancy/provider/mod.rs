//! Where databases come from: one small interface, and the providers that have it.

mod sqld;
mod turso;

use std::time::Duration;

use async_trait::async_trait;
use reqwest::StatusCode;
use secrecy::SecretString;
use url::Url;

use super::tenant::DatabaseName;
use super::{Secret, TenancyError};
use crate::http::{AskError, Unreached};
use crate::identity::service::Access;

pub use sqld::{SqldAddress, SqldProvider};
pub use turso::{TursoAccount, TursoProvider};

/// What a provider did not do. Nothing that it said is in it: it may have quoted a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    #[error("the provider of databases cannot be asked: {0}")]
    Unreached(Unreached),
    #[error("the provider of databases did not answer in time")]
    Deadline,
    #[error("the provider of databases does not accept the service's own key; check the service's settings")]
    Refused,
    #[error("the provider of databases answered with status {0}")]
    Status(u16),
    #[error("the provider of databases answered with something that is not understood")]
    Answer,
    #[error("the provider of databases has no such database")]
    NoDatabase,
}

impl From<AskError> for ProviderError {
    fn from(error: AskError) -> ProviderError {
        match error {
            AskError::Unreached(why) => ProviderError::Unreached(why),
            AskError::Deadline => ProviderError::Deadline,
            AskError::Status(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => ProviderError::Refused,
            AskError::Status(StatusCode::NOT_FOUND) => ProviderError::NoDatabase,
            AskError::Status(other) => ProviderError::Status(other.as_u16()),
            AskError::TooLarge => ProviderError::Answer,
        }
    }
}

/// Whether a database was made, or was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ensured {
    Made,
    WasThere,
}

/// What may be done with a database for the time being.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    Nothing,
    Everything,
}

/// What a database takes up, as its provider counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub bytes: u64,
    pub rows_read: u64,
    pub rows_written: u64,
}

/// A token of one database.
#[derive(Clone, Debug)]
pub struct Token {
    pub secret: SecretString,
    /// Seconds since 1970.
    pub expires_at: u64,
}

/// What a provider does with databases. Each call is safe to repeat, and none of them holds what it is told beyond the
/// call: what is kept, the registry keeps.
#[async_trait]
pub trait Provider: Send + Sync {
    /// What the registry calls it.
    fn name(&self) -> &'static str;

    /// A new tenant's secret, before there is a database.
    fn new_secret(&self) -> Result<Secret, TenancyError>;

    /// Makes a database of at most `quota` bytes. One that is there is not made again.
    async fn ensure(
        &self,
        name: &DatabaseName,
        secret: &Secret,
        quota: Option<u64>,
    ) -> Result<Ensured, TenancyError>;

    /// Where clients reach a database: an address, and the namespace on a server of many.
    fn address(&self, name: &DatabaseName) -> (Url, Option<String>);

    /// A token for one database. Where the provider makes tokens, it is asked.
    async fn mint(
        &self,
        name: &DatabaseName,
        secret: &Secret,
        access: Access,
        lifetime: Duration,
    ) -> Result<Token, TenancyError>;

    /// The longest that a token of a member may live here.
    fn lifetime_max(&self) -> Duration;

    /// Makes the provider believe the keys of this secret and no others. [`TenancyError::CannotRevoke`] where it has
    /// no keys a database.
    async fn believe(&self, name: &DatabaseName, secret: &Secret) -> Result<(), TenancyError>;

    async fn block(&self, name: &DatabaseName, secret: &Secret, block: Block) -> Result<(), TenancyError>;

    async fn limit(&self, name: &DatabaseName, secret: &Secret, bytes: u64) -> Result<(), TenancyError>;

    async fn usage(&self, name: &DatabaseName) -> Result<Usage, TenancyError>;

    /// Takes a database away. One that is gone is gone.
    async fn retire(&self, name: &DatabaseName) -> Result<(), TenancyError>;

    /// For how long the provider can still bring back what was taken away.
    fn recoverable(&self) -> Duration;

    /// Whether it answers.
    async fn health(&self) -> Result<(), TenancyError>;
}
