//! An issuer of tokens for the lab: it makes its own keys, signs users in without asking anything,
//! serves its key sets over HTTP on loopback, and misbehaves when it is told to.
//!
//! | file | what it does |
//! |---|---|
//! | `keys` | private keys, and their public halves in every notation |
//! | `claims` | what tokens of each kind say |
//! | `draft` | a token before it is signed |
//! | `mint`, `forge` | honest tokens; tokens that must be refused |
//! | `serve` | the key sets over HTTP, up, down or lying |
//! | `lab` | what the handle and the server share |

pub mod claims;
pub mod draft;
mod forge;
pub mod keys;
mod lab;
mod mint;
mod serve;
#[cfg(test)]
mod tests;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, Result};
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;
use zenith_core::identity::service::Access;
use zenith_core::identity::{IssuerConfig, IssuerKind};

pub use claims::{Membership, Person};
pub use forge::Forgery;
pub use serve::{Behaviour, Lie};

use lab::{Lab, now};

/// An issuer that runs until it is closed or dropped.
pub struct Issuer {
    lab: Arc<Lab>,
    server: Option<JoinHandle<()>>,
}

impl Issuer {
    /// Starts one on loopback, on a port that the system chooses.
    pub async fn start() -> Result<Issuer> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("listen for the issuer")?;
        let address = listener.local_addr().context("ask for the issuer's address")?;
        let url = Url::parse(&format!("http://{address}")).context("name the issuer")?;
        let lab = Arc::new(Lab::new(url)?);
        let (router, closing) = (serve::router(lab.clone()), lab.closing.clone());
        let server = tokio::spawn(async move {
            let server = axum::serve(listener, router).with_graceful_shutdown(closing.cancelled_owned());
            // It ends when it is told to; accepting is retried by axum.
            let _ = server.await;
        });
        Ok(Issuer { lab, server: Some(server) })
    }

    /// Where it listens, without a path.
    pub fn url(&self) -> Url {
        self.lab.url.clone()
    }

    /// What a verifier of its Clerk-shaped tokens needs.
    pub fn clerk(&self) -> IssuerConfig {
        self.lab.config(IssuerKind::Clerk)
    }

    /// What a verifier of its Supabase-shaped tokens needs.
    pub fn supabase(&self) -> IssuerConfig {
        self.lab.config(IssuerKind::Supabase)
    }

    pub fn mint_clerk_v1(&self, person: &Person, lifetime: Duration) -> Result<SecretString> {
        mint::identity(&self.lab, IssuerKind::Clerk, claims::clerk_v1, person, lifetime)
    }

    pub fn mint_clerk_v2(&self, person: &Person, lifetime: Duration) -> Result<SecretString> {
        mint::identity(&self.lab, IssuerKind::Clerk, claims::clerk_v2, person, lifetime)
    }

    /// A person's organisation is left out: Supabase knows none.
    pub fn mint_supabase(&self, person: &Person, lifetime: Duration) -> Result<SecretString> {
        mint::identity(&self.lab, IssuerKind::Supabase, claims::supabase, person, lifetime)
    }

    /// A token for sqld. A token for no database is an error: sqld would open all of them.
    pub fn mint_database(&self, grants: &[(&str, Access)], lifetime: Duration) -> Result<SecretString> {
        mint::database(&self.lab, grants, lifetime)
    }

    /// What `sqld --auth-jwt-key-file` reads.
    pub fn database_public_key_pem(&self) -> Result<String> {
        self.lab.database.public_pem()
    }

    /// A Clerk-shaped token of somebody that is wrong in one way.
    pub fn forge(&self, forgery: Forgery, person: &Person) -> Result<SecretString> {
        let key = self.lab.key(IssuerKind::Clerk);
        Ok(forgery.make(&self.clerk().issuer(), person, &key, now())?.into())
    }

    /// Signs from now on with a new key under a new id, and serves only that.
    pub fn rotate_clerk(&self) -> Result<()> {
        self.lab.rotate_clerk()
    }

    /// How the key sets are served from now on.
    pub fn behave(&self, behaviour: Behaviour) {
        self.lab.behave(behaviour);
    }

    /// How often key sets were asked for, of both kinds.
    pub fn key_set_requests(&self) -> usize {
        self.key_set_requests_of(IssuerKind::Clerk) + self.key_set_requests_of(IssuerKind::Supabase)
    }

    pub fn key_set_requests_of(&self, kind: IssuerKind) -> usize {
        self.lab.counter(kind).load(Ordering::Relaxed)
    }

    /// Stops listening, and waits until every request is answered.
    pub async fn close(mut self) {
        self.lab.closing.cancel();
        if let Some(server) = self.server.take() {
            let _ = server.await;
        }
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.lab.closing.cancel();
    }
}
