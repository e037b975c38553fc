//! What spikes of publishing begin with: data folders that publish to the lab's store.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use zenith_core::publish::{Authored, AuthoredId, PublishReport, Publisher, Several};
use zenith_harness::Trial;

const REGISTRY: &str = r#"{"v":1,"base_locale":"en","locales":["de"],"types":{"faq":{"paths":["/title"]},"hero":{"paths":["/title"]}}}"#;

/// A data folder of its own, by name, that publishes to the lab's store. Nothing of it is translated.
pub async fn publisher(trial: &Trial, name: &str) -> Result<Publisher> {
    let folder: PathBuf = trial.lab.folder().join("authors").join(name);
    std::fs::create_dir_all(folder.join("widgets")).context("cannot make an author's folder")?;
    std::fs::write(folder.join("widgets/manifest.json"), REGISTRY)?;
    Ok(Publisher {
        authored: Authored::open(&folder).await?,
        store: trial.lab.store().await?.store()?,
        mirror: None,
        generator: Arc::new(Several::offline(&folder.join("translations"))),
        name: name.to_string(),
    })
}

/// Keeps a title of an instance.
pub async fn entitle(publisher: &Publisher, id: &str, title: &str) -> Result<()> {
    let config = serde_json::to_vec(&serde_json::json!({ "title": title }))?;
    publisher.authored.save(&AuthoredId::parse(id)?, None, &config).await?;
    Ok(())
}

/// Publishes all that changed.
pub async fn publish(publisher: &Publisher) -> Result<PublishReport> {
    let (events, _) = mpsc::unbounded_channel();
    Ok(publisher.publish(&[], events, &CancellationToken::new()).await?)
}
