//! The service that makes the team tier usable: HTTP over identities, databases and jobs. It translates, and decides
//! nothing: who asks is said by their verified token alone, and what they get by the rooms below.
//!
//! | file | what it does |
//! |---|---|
//! | `start` | from settings to a service: provider, registry, keys |
//! | `embedded` | a database server that is started, guarded and supervised |
//! | `listen` | connections, bounded in number and time; a graceful end |
//! | `router`, `bounds` | what is answered where, and the bounds of every request |
//! | `exchange` | the document, sign-up, and from an identity to tokens of databases |
//! | `rekey` | another key of the service's, while it is stopped |
//! | `health` | registry, provider and keys, each with its own state and deadline |
//! | `jobs`, `look`, `scheduling` | users' jobs over HTTP; being told to look at them; what of them runs here |
//! | `reply` | errors as JSON, with a status of the right class |
//! | `trial` | an issuer of its own, for trying |
//!
//! Its folder, for its owner alone:
//!
//! ```text
//! registry.db                         who has a database; sign-ups that are not finished; names that are used up
//! tenancy.key                         what secrets are sealed with, a line a key, `-` where one is gone; better in ZENITH_TENANCY_KEY
//! serve.lock                          one service a folder
//! databases/                          of an embedded server: its data, log, admin.json (its address and key while it runs)
//! trial.pem, {member}.token, store/   of `--try`
//! ```
//!
//! # Decisions
//!
//! - **One issuer.** A subject is a user's whole name here: a second issuer could name the first one's users.
//! - **A server of databases of its own is the default**, so that one command is a service. Its keys are random at each
//!   start, its admin port is on loopback, and whatever has no key of its own is behind one that nobody has.

mod bounds;
mod embedded;
mod exchange;
mod health;
mod jobs;
mod listen;
mod look;
mod rekey;
mod reply;
mod router;
mod scheduling;
mod start;
mod trial;

use std::sync::Arc;

use tokio::sync::Notify;
use url::Url;

use crate::config::SignupPolicy;
use crate::identity::Verifier;
use crate::identity::service::StoreOffer;
use crate::tenancy::Tenancy;

pub use bounds::Bounds;
pub use listen::{Listening, serve};
pub use rekey::{Rekeyed, rekey};
pub use start::{Operator, Running, ServiceError};
pub use trial::{Trial, TrialMember};

/// What answers requests.
pub struct Service {
    pub tenancy: Arc<Tenancy>,
    verifier: Verifier,
    terms: ServiceTerms,
    trial: Option<Trial>,
    bounds: Bounds,
    /// Told when something may be due earlier than was known.
    due: Notify,
}

/// What a service says of itself, and who may do what.
#[derive(Clone, Debug)]
pub struct ServiceTerms {
    /// What members call it.
    pub url: Url,
    pub signup: SignupPolicy,
    /// Subjects who may write the public tier.
    pub publishers: Vec<String>,
    /// Roles that may write their organisation's tier; every member may, where none is named.
    pub team_writers: Vec<String>,
    /// Whether each user has a workspace beside their own database.
    pub workspaces: bool,
    pub store: Option<StoreOffer>,
}

impl Service {
    /// A service over tenants that were opened already, for who listens by themselves.
    pub fn new(tenancy: Tenancy, verifier: Verifier, terms: ServiceTerms) -> Service {
        let bounds = Bounds::default();
        Service { tenancy: Arc::new(tenancy), verifier, terms, trial: None, bounds, due: Notify::new() }
    }

    /// The same within other bounds.
    pub fn with_bounds(self, bounds: Bounds) -> Service {
        Service { bounds, ..self }
    }

    fn with_trial(self, trial: Option<Trial>) -> Service {
        Service { trial, ..self }
    }
}
