//! What a spike declares, and what it is handed when it runs.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::UnboundedSender;

use crate::backend::Backend;
use crate::evidence::{Evidence, Kept};
use crate::group::Group;
use crate::lab::Lab;
use crate::measure::Target;
use crate::runner::Event;

/// One claim, and how to try it.
///
/// The declaration is a constant beside its `run`; the registry lists them all.
pub struct Spike {
    /// Its letter and number: `J2`.
    pub id: &'static str,
    /// The claim, in one sentence.
    pub title: &'static str,
    pub group: Group,
    /// The backends it can run on.
    pub backends: &'static [Backend],
    /// The committed verdict.
    pub expected: Expected,
    /// What its figures are held to; each must be recorded.
    pub targets: &'static [Target],
    /// Planted defects that must refute it, which proves that it can fail.
    pub faults: &'static [Fault],
    /// Tries the claim. The lab is fresh, and closed whatever happens.
    pub run: fn(Trial) -> BoxFuture<'static, anyhow::Result<Evidence>>,
}

impl Spike {
    /// Whether it can run on this backend.
    pub fn runs_on(&self, backend: Backend) -> bool {
        self.backends.contains(&backend)
    }

    /// The declared fault of this name.
    pub fn fault(&self, name: &str) -> Option<&'static Fault> {
        self.faults.iter().find(|fault| fault.name == name)
    }
}

impl fmt::Debug for Spike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spike").field("id", &self.id).field("title", &self.title).finish_non_exhaustive()
    }
}

/// The verdict that is committed. A refuted claim is a result, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expected {
    Holds,
    Refuted,
}

impl Expected {
    /// The verdict in one word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Expected::Holds => "holds",
            Expected::Refuted => "refuted",
        }
    }
}

/// A defect that a spike plants in itself when asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    pub name: &'static str,
    /// What is wrong then, in one sentence.
    pub what: &'static str,
}

/// One run of a spike, as the spike sees it.
pub struct Trial {
    /// Real components, for this run alone.
    pub lab: Arc<Lab>,
    /// What the lab is made of.
    pub backend: Backend,
    /// The planted defect, where there is one.
    pub fault: Option<&'static str>,
    /// Whether what only takes time is left out.
    pub is_brief: bool,
    id: &'static str,
    events: UnboundedSender<Event>,
    kept: Kept,
}

impl Trial {
    /// A run of the spike `id` in `lab`.
    pub fn new(
        id: &'static str,
        backend: Backend,
        lab: Arc<Lab>,
        fault: Option<&'static str>,
        events: UnboundedSender<Event>,
    ) -> Trial {
        Trial { lab, backend, fault, is_brief: false, id, events, kept: Kept::place() }
    }

    /// No evidence yet. What is recorded in it stays, also where the spike ends by an error.
    pub fn evidence(&self) -> Evidence {
        Evidence::kept_in(&self.kept)
    }

    pub(crate) fn kept(&self) -> Kept {
        self.kept.clone()
    }

    /// Whether this defect is to be planted.
    pub fn has_fault(&self, name: &str) -> bool {
        self.fault == Some(name)
    }

    /// Tells whoever watches what is being done.
    pub fn progress(&self, text: impl Into<String>) {
        // Nobody may be watching.
        let _ = self.events.send(Event::Progress { id: self.id, text: text.into() });
    }
}
