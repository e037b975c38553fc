//! What is made of an item beyond its row: how it is used, by whom, how one gets it,
//! and what changed between two versions.
//!
//! Nothing is guessed: each answer says where it is from, and what only may be is called so. Sources are read
//! where the catalog remembers that a package was indexed from, if what lies there is still that: never outside
//! of a package's folder, for a bounded time.

use std::collections::HashSet;

mod blocks;
pub mod changes;
mod examples;
mod implementors;
mod locked;
mod obtain;
mod source;
mod survey;
mod usage;
mod wanted;

pub use examples::{Example, best, from_rows};
pub use implementors::{Implementor, Tellers, of_rows, of_uses, plain, settle};
pub use locked::{Home, Locked, meant, strangers};
pub use obtain::{Fact, Known, Offer, file_package, obtain, offer};
pub use source::{PackageSource, Relation, Unread, is_standard};
pub use survey::{Kind, Survey, SurveyEvent, Surveyed, Use};
pub use usage::{How, Standing};
pub use wanted::Wanted;

/// How a piece of code by itself uses an item, and whether that is sure; none where it does not.
pub fn use_in(code: &str, wanted: &Wanted) -> Option<(How, bool)> {
    let mut syntax = crate::ingest::Syntax::new()?;
    let usage::Read { spotted, .. } =
        usage::read(&mut syntax, code, &Standing::default(), wanted, &HashSet::new())?;
    let calls = spotted.iter().filter(|one| one.how != How::Import);
    calls.map(|one| (one.how, one.certain)).max_by_key(|(_, certain)| *certain)
}
