//! What a note speaks of: the item as it is in the version that the project locks.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use url::Url;
use zenith_core::Zenith;
use zenith_core::lake::{Location, Surroundings};
use zenith_core::search::{PackageFilter, Project};
use zenith_core::workspace::Value;
use zenith_core::workspace::sync::{Framing, Server};

use super::args::Sync;
use crate::cli::show::{self, Sought, sought};

/// What a note is to speak of.
#[derive(Default)]
pub struct Spoken {
    package: Option<String>,
    version: Option<String>,
    item: Option<String>,
    signature: Option<String>,
    file: Option<String>,
    line: Option<i64>,
}

impl Spoken {
    /// What is typed: `tokio`, `tokio@1.47.0`, `tokio::task::spawn`. Of what is indexed, the item is looked up; of what is
    /// only locked, it is kept as it was typed.
    pub async fn find(
        zenith: &Zenith,
        project: Option<Arc<Project>>,
        on: &str,
        file: Option<&str>,
    ) -> anyhow::Result<Spoken> {
        let Sought { package, path, entries } =
            sought(zenith, PackageFilter::parse(on), None, project.clone()).await?;
        let (file, line) = file.map_or((None, None), of_file);
        let Some(first) = entries.first() else {
            let ids = project.map(|project| project.ids()).unwrap_or_default();
            let mut locked: Vec<_> =
                ids.iter().filter(|id| package.holds(id)).map(|id| id.version().to_owned()).collect();
            let version = match (locked.pop(), &package.version) {
                (Some(version), _) if locked.is_empty() => version,
                (_, Some(version)) => version.clone(),
                (Some(last), None) => {
                    let all = [locked, vec![last]].concat().join(", ");
                    bail!("{} is locked in several versions ({all}); name one: {0}@VERSION", package.name)
                }
                (None, None) => bail!(
                    "{} is neither indexed nor locked here; name its version: {0}@VERSION",
                    package.name
                ),
            };
            let (package, version) = (Some(package.name), Some(version));
            return Ok(Spoken { package, version, item: path, signature: None, file, line });
        };
        let (mut item, mut signature) = (None, None);
        if let Some(path) = &path {
            let (_, symbols) = show::item(zenith, &entries, first, path).await?;
            let chosen = show::chosen(&symbols);
            item = chosen.map(|symbol| symbol.path.clone());
            signature = chosen.and_then(|symbol| symbol.signature.clone());
        }
        let (package, version) = (Some(first.id.name().to_owned()), Some(first.id.version().to_owned()));
        Ok(Spoken { package, version, item, signature, file, line })
    }

    /// The fields of a note: what it spoke of before is taken away.
    pub fn values(self) -> Vec<(&'static str, Value)> {
        let text = |text: Option<String>| text.map_or(Value::None, Value::Text);
        let ecosystem = self.package.as_ref().map(|_| "rust".to_owned());
        vec![
            ("ecosystem", text(ecosystem)),
            ("package", text(self.package)),
            ("version", text(self.version)),
            ("item", text(self.item)),
            ("signature", text(self.signature)),
            ("file", text(self.file)),
            ("line", self.line.map_or(Value::None, Value::Integer)),
        ]
    }
}

/// `src/lib.rs:7`, or the file alone.
fn of_file(typed: &str) -> (Option<String>, Option<i64>) {
    let line = |text: &str| text.parse().ok().filter(|line| *line > 0);
    match typed.rsplit_once(':').and_then(|(file, at)| Some((file, line(at)?))) {
        Some((file, line)) => (Some(file.to_owned()), Some(line)),
        None => (Some(typed.to_owned()), None),
    }
}

/// The server to synchronise with, where one is named.
pub fn server(sync: &Sync) -> anyhow::Result<Option<Server>> {
    let typed = sync.place.as_deref().unwrap_or_default();
    let is_server = typed.starts_with("ws://") || typed.starts_with("wss://");
    let framing = match &sync.hocuspocus {
        Some(_) if !is_server => bail!("--hocuspocus wants the address of a server: ws:// or wss://"),
        Some(document) => Framing::Hocuspocus { document: document.clone() },
        None => Framing::Websocket,
    };
    if !is_server {
        return Ok(None);
    }
    // What was typed may hold a token: it is not repeated.
    let url = Url::parse(typed).context("that is no address of a server: ws://host/room is")?;
    if framing == Framing::Websocket && url.path().len() < 2 {
        bail!("which room? its name stands after the host: ws://host/room; or name a --hocuspocus document");
    }
    Ok(Some(Server { url, framing }))
}

/// A place to synchronise with. A folder is to be there: one that was misspelled would be made, and hold nothing of
/// anybody's.
pub fn place(typed: &str, folder: &Path) -> anyhow::Result<Location> {
    if typed.contains("://") {
        return Ok(Location::parse(typed, Surroundings::default())?);
    }
    match folder.join(typed).canonicalize() {
        Ok(path) if path.is_dir() => Ok(Location::Folder(path)),
        Ok(_) => bail!("{typed} is no folder"),
        Err(error) => bail!("there is no folder {typed}: {error}"),
    }
}
