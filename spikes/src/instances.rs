//! What spikes of publishing begin with: data folders that publish to the lab's store, and a mirror.

use std::sync::Arc;

use anyhow::{Context, Result};
use libsql::{Connection, Row};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use zenith_core::publish::{
    Authored, AuthoredId, Difference, Locale, Mirror, PublishError, PublishReport, Publisher, Several,
};
use zenith_harness::Trial;
use zenith_harness::lab::LabDatabase;

/// Two types of widgets with titles, which are translated into these locales.
pub fn registry(locales: &[&str]) -> String {
    let title = json!({"paths": ["/title"]});
    json!({"v": 1, "base_locale": "en", "locales": locales, "types": {"faq": title, "hero": title}})
        .to_string()
}

/// What is authored in a folder of its own, by name, with a registry of types.
pub async fn authored(trial: &Trial, name: &str, registry: &str) -> Result<Authored> {
    let folder = trial.lab.folder().join("authors").join(name);
    for below in ["widgets", "translations"] {
        std::fs::create_dir_all(folder.join(below)).context("cannot make an author's folder")?;
    }
    std::fs::write(folder.join("widgets/manifest.json"), registry)?;
    Ok(Authored::open(&folder).await?)
}

/// A data folder of its own, by name, that publishes to the lab's store. Nothing of it is translated.
pub async fn publisher(trial: &Trial, name: &str) -> Result<Publisher> {
    publisher_into(trial, name, &["de"]).await
}

/// The same, with locales of its own to be translated into.
pub async fn publisher_into(trial: &Trial, name: &str, locales: &[&str]) -> Result<Publisher> {
    let authored = authored(trial, name, &registry(locales)).await?;
    Ok(Publisher {
        store: trial.lab.store().await?.store()?,
        mirror: None,
        generator: Arc::new(Several::offline(&authored.folder().join("translations"))),
        name: name.to_string(),
        authored,
    })
}

/// The lab's database of this name as a mirror.
pub async fn mirror(database: &LabDatabase) -> Result<Mirror> {
    Ok(match database {
        LabDatabase::File(path) => Mirror::file(path).await?,
        LabDatabase::Served(server) => Mirror::connect(server).await?,
    })
}

/// Keeps a title of an instance.
pub async fn entitle(publisher: &Publisher, id: &str, title: &str) -> Result<()> {
    let config = serde_json::to_vec(&json!({ "title": title }))?;
    publisher.authored.save(&AuthoredId::parse(id)?, None, &config).await?;
    Ok(())
}

/// Publishes all that changed.
pub async fn publish(publisher: &Publisher) -> Result<PublishReport> {
    let (events, _) = mpsc::unbounded_channel();
    Ok(publisher.publish(&[], events, &CancellationToken::new()).await?)
}

/// Publishes so many steps of the first instance, and ends there as a run does that dies: none is planned alone.
pub async fn publish_steps(publisher: &Publisher, steps: usize) -> Result<()> {
    let (events, _) = mpsc::unbounded_channel();
    let stopped = CancellationToken::new();
    stopped.cancel();
    let planned = publisher.publish(&[], events, &stopped).await;
    anyhow::ensure!(matches!(planned, Err(PublishError::Cancelled)), "it was not stopped: {planned:?}");
    let registry = publisher.authored.registry()?;
    let mut open = publisher.authored.open_steps().await?;
    let first = open.first_mut().context("nothing was planned")?;
    for _ in 0..steps {
        publisher.advance(first, &registry).await?;
    }
    Ok(())
}

/// Publishes again what was published under a number.
pub async fn roll_back(publisher: &Publisher, id: &AuthoredId, sequence: u64) -> Result<PublishReport> {
    let (events, _) = mpsc::unbounded_channel();
    Ok(publisher.rollback(id, sequence, events, &CancellationToken::new()).await?)
}

/// Whether all lies there as it was published. What the program asks for that cannot move between threads.
pub async fn verify(publisher: &Publisher) -> Result<Vec<Difference>> {
    let (publisher, runtime) = (publisher.clone(), tokio::runtime::Handle::current());
    let found = tokio::task::spawn_blocking(move || runtime.block_on(publisher.verify(true)));
    Ok(found.await??)
}

/// The base of [`registry`].
pub fn english() -> Result<Locale> {
    Ok(Locale::parse("en")?)
}

/// The authored file, with nothing of the product in between: for looking, and for planting faults.
pub async fn raw(authored: &Authored) -> Result<Connection> {
    Ok(libsql::Builder::new_local(authored.folder().join("authored.db")).build().await?.connect()?)
}

/// Rows of a statement, each as one text.
pub async fn texts(connection: &Connection, sql: &str) -> Result<Vec<String>> {
    let mut rows = connection.query(sql, ()).await?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().await? {
        found.push(text(&row)?);
    }
    Ok(found)
}

fn text(row: &Row) -> Result<String> {
    let values = (0..row.column_count()).map(|at| Ok(format!("{:?}", row.get_value(at)?)));
    Ok(values.collect::<Result<Vec<_>>>()?.join(" "))
}
