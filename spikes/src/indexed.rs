//! Real code, indexed by the product, for the spikes of the tiers.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use zenith_core::Zenith;
use zenith_core::config::Config;
use zenith_core::identity::Identity;
use zenith_core::index::IndexRequest;
use zenith_core::ingest::Source;
use zenith_core::package::Tier;

use crate::packages::embedder;

/// A folder of the sample crates in `fixtures/`, real Rust code of several files each.
pub fn sample(name: &str) -> anyhow::Result<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/crates").join(name);
    path.canonicalize().with_context(|| format!("the sample {name} is not in fixtures/"))
}

/// The product on one data folder, as somebody.
pub async fn open(config: &Config, identity: &Identity) -> anyhow::Result<Zenith> {
    Ok(Zenith::open_as(config.clone(), identity.clone(), embedder()?).await?)
}

/// Indexes a folder into a tier, as the product does.
pub async fn index(zenith: &Zenith, folder: &Path, tier: Tier) -> anyhow::Result<()> {
    let request = IndexRequest {
        source: Source::Folder(folder.to_path_buf()),
        tier: Some(tier),
        direct_only: true,
        anew: false,
    };
    let (progress, mut heard) = mpsc::unbounded_channel();
    let listening = tokio::spawn(async move { while heard.recv().await.is_some() {} });
    let report = zenith.index(&request, progress, CancellationToken::new()).await?;
    listening.await?;
    ensure!(report.failed.is_empty(), "{:?}", report.failed);
    ensure!(report.indexed > 0, "nothing of {} was indexed: {report:?}", folder.display());
    Ok(())
}
