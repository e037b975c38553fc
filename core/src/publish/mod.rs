//! Publishing instances of widgets: authored here, mirrored one way, users' own apart.
//!
//! A *baseline* (`wgt_main_{type}`) and a *curated* instance (`wgt_curated_{key}`) are authored on this machine, in a file
//! that no server reaches. A publication brings them, with their texts in other locales, to a store as artifacts that never
//! change, swaps a pointer, and writes rows into a mirror. A *user's* instance (`wgt_{type}_u_{key}`) lives in its
//! workspace's own database, and in no file here. The id says which is which ([`route`]).
//!
//! # Decisions
//!
//! - **One way is the absence of a credential.** The authored file has no server; the publisher's token writes the store and
//!   the mirror, a reader's only reads them; and no code here turns what lies there into an authored value.
//! - **The bucket's own conditional put decides between two publishers.** The loser is told whose number it was, and adopts
//!   it before it goes after it. The mirror's row of that number is the winner's once the pointer was swapped.
//! - **The ledger comes last.** What it says is live was seen in the store; what it does not say is looked up by doing the
//!   step again, which changes nothing that was done.
//! - **Inputs first, content second.** A publication that depends on the same as the last one asks nobody. One whose
//!   inputs changed but not what readers see ends before anything is sent.
//! - **Texts are placed by identities and tied to what they translate**, so that none comes under a foreign item, and a
//!   stale one is found by its field.
//! - **A set's pointer names manifests that never change.** Who reads one instance goes by its pointer; who needs several
//!   that belong together goes by the set. What of a run is not live yet keeps the rest of it out of the set, however many
//!   calls that takes, and nothing else.
//! - **A manifest is for everybody.** What went wrong on its author's machine is told there alone.
//! - **What two publishers put into the set is merged by number**: nothing is ever taken out of it, since what is withdrawn
//!   is a manifest of its own.
//! - **A reader remembers the highest number that it saw**, in a file that all readers of a folder share, and refuses a
//!   lower one, and another of the same number.

mod artifact;
mod authored;
mod backfill;
mod canonical;
mod diff;
mod endpoint;
mod error;
mod file;
mod generate;
mod id;
mod instance;
mod ledger;
mod locale;
mod manifest;
mod mirror;
mod outbox;
mod overlay;
mod pinned;
mod place;
mod prepare;
mod publisher;
mod registry;
mod resolve;
mod schema;
mod seen;
mod standing;
mod step;
mod translations;
#[cfg(test)]
mod trial;
mod workspace;

pub use artifact::{Artifact, ROOT};
pub use authored::Authored;
pub use backfill::Backfilled;
pub use canonical::{JsonError, Sha256};
pub use diff::{Change, changes};
pub use endpoint::Endpoint;
pub use error::PublishError;
pub use generate::{Files, GenerateError, Generated, Generator, Known, Pseudo, Several, Wanted};
pub use id::{AuthoredId, IdError, Key, Kind, Route, UserId, WidgetType, route};
pub use instance::{CONFIG_BYTES_MAX, Instance, Status};
pub use ledger::{Live, Past};
pub use locale::{Locale, LocaleError};
pub use manifest::{InLocale, InSet, LeftOut, Manifest, Set};
pub use mirror::{Mirror, MirrorState};
pub use overlay::{Composed, Entry, Fate, Overlay, OverlayError, Source, Told};
pub use place::{Pattern, PlaceError};
pub use publisher::{
    Adopted, Difference, Outlook, PublishEvent, PublishReport, Published, Publisher, Repaired,
};
pub use registry::{Registry, RegistryError, Rules};
pub use resolve::{Reader, Reason, Resolved, Terms};
pub use standing::{LocaleStanding, Progress, Standing};
pub use step::{State, Step};
pub use translations::texts;
pub use workspace::{UserInstance, UserResolved, Workspace};
