//! Whether a project is indexed as it is.

use std::path::Path;

use zenith_core::Zenith;
use zenith_core::index::Platforms;

/// What is not indexed of a lockfile, in words; `None` where all is as the last run saw it.
///
/// The one place that looks.
pub async fn stale(zenith: &Zenith, lockfile: &Path) -> Option<String> {
    let (data_dir, path) = (zenith.config.data_dir.clone(), lockfile.to_path_buf());
    let look = move || Platforms::read(&data_dir, &path).is_current(&path);
    let current = tokio::task::spawn_blocking(look).await.unwrap_or(true);
    (!current).then(|| "Cargo.lock is not as it was when it was indexed".to_string())
}
