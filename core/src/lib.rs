//! The library behind Zenith: it indexes the exact versions of the packages that a project builds
//! on, keeps them in three tiers (public, team, private) and searches them on the user's machine.
//!
//! Each module is a room for one thing that a user could name:
//!
//! | room | what lives there | must never |
//! |---|---|---|
//! | [`config`] | every setting, its source | be bypassed: no other room reads the environment |
//! | [`identity`] | who is asking | trust an unverified token |
//! | [`catalog`] | what is indexed and who may find it | return a row that the identity may not see |
//! | [`lake`] | datasets: row types, Lance, stores, exports | decide who may see what |
//! | [`ingest`] | from sources to symbols and chunks | write to the catalog by itself |
//! | [`embed`] | from text to vectors | compare the vectors of two models |
//! | [`search`] | a query over everything visible | open what the catalog did not hand out |
//! | [`answers`] | what is made of an item beyond its row: uses, examples, changes, how to get it | guess: each answer names its source |
//! | [`session`] | who is signed in on this machine | show a secret |
//! | [`tenancy`] | a database a tenant: registry, provisioning, sealing, erasure | hand out a token wider than one tenant |
//! | [`service`] | HTTP over identities, databases and jobs | decide anything: it translates |
//! | [`index`] | the runs that lead to a searchable index, and share it | leave a package half ready |
//! | [`jobs`] | scheduled jobs: when each is due, what became of each due instant, what it runs | let a due instant pass without a row |
//! | [`publish`] | instances of widgets: authored here, published one way | read back what it published |
//! | [`workspace`] | notes: a document that merges across machines, how it is synchronised, two databases made from it | keep what can be derived in the document, or read it back as truth |
//!
//! This crate knows nothing of screens, spikes or process set-up.

pub mod answers;
mod behind;
pub mod catalog;
pub mod config;
pub mod doctor;
pub mod embed;
mod holder;
mod http;
pub mod identity;
pub mod index;
pub mod ingest;
pub mod jobs;
mod json;
pub mod lake;
pub mod package;
mod private;
pub mod publish;
pub mod search;
pub mod service;
pub mod session;
mod task;
pub mod tenancy;
pub mod words;
pub mod workspace;
mod zenith;

pub use http::shown_address;
pub use zenith::{
    Again, Among, Answer, Asked, Cleaned, Followed, JobsKept, NoteFound, NoteIndex, NotesFile, NotesFound,
    Standing, StoreExport, StoreLook, Zenith, ZenithError, catalog_path, find_lockfile, notes_file_path,
};
