//! Whether a project is indexed as it is.

use std::path::Path;

use zenith_core::Zenith;

use crate::stale;

/// What is not indexed of a lockfile and the code beside it, in words; `None` where all is as the last run saw it.
///
/// The one place that looks. A look that fails says nothing: the question itself tells what is wrong.
pub async fn stale(zenith: &Zenith, lockfile: &Path) -> Option<String> {
    stale::told(&zenith.freshness(lockfile).await.ok()?)
}
