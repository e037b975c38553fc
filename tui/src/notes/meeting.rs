//! Where notes are synchronised to: a folder, a bucket, or a Yjs server.

use std::path::Path;

use anyhow::{Context, bail};
use url::Url;
use zenith_core::lake::{Location, Surroundings};
use zenith_core::workspace::Workspace;
use zenith_core::workspace::sync::{Framing, Server, Synced};
use zenith_core::{Zenith, ZenithError};

use super::told::SHORT;
use crate::text::{clean_line, counted};

/// A place that one's machines meet at.
pub enum Meeting {
    /// The store of the settings, where none is named.
    Store(Option<Location>),
    Server(Server),
}

impl Meeting {
    /// What is typed; nothing is the store of the settings. A folder is to be there: one that was misspelled would be made,
    /// and hold nothing of anybody's.
    pub fn parse(typed: Option<&str>, hocuspocus: Option<&str>, folder: &Path) -> anyhow::Result<Meeting> {
        if typed.is_some_and(|typed| typed.trim().is_empty()) {
            bail!(
                "the place is empty; name a folder, a bucket or a server, or none for the store of the settings"
            );
        }
        let typed = typed.unwrap_or_default().trim();
        if typed.starts_with("ws://") || typed.starts_with("wss://") {
            return server(typed, hocuspocus).map(Meeting::Server);
        }
        if hocuspocus.is_some() {
            bail!("--hocuspocus wants the address of a server: ws:// or wss://");
        }
        if typed.is_empty() {
            return Ok(Meeting::Store(None));
        }
        if typed.contains("://") {
            return Ok(Meeting::Store(Some(Location::parse(typed, Surroundings::default())?)));
        }
        let named = match (typed.strip_prefix("~/"), std::env::home_dir()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => folder.join(typed),
        };
        match named.canonicalize() {
            Ok(path) if path.is_dir() => Ok(Meeting::Store(Some(Location::Folder(path)))),
            Ok(_) => bail!("{typed} is no folder"),
            Err(error) => bail!("there is no folder {typed}: {error}"),
        }
    }

    /// Meets there.
    pub async fn sync(self, zenith: &Zenith, notes: &Workspace, join: bool) -> Result<Synced, ZenithError> {
        match self {
            Meeting::Store(place) => zenith.sync_notes(notes, place, join).await,
            Meeting::Server(server) => Ok(notes.sync_server(&server).await?),
        }
    }
}

fn server(typed: &str, hocuspocus: Option<&str>) -> anyhow::Result<Server> {
    let framing = match hocuspocus {
        Some(document) => Framing::Hocuspocus { document: document.to_owned() },
        None => Framing::Websocket,
    };
    // What was typed may hold a token: it is not repeated.
    let url = Url::parse(typed).context("that is no address of a server: ws://host/room is")?;
    if framing == Framing::Websocket && url.path().len() < 2 {
        bail!("which room? its name stands after the host: ws://host/room; or name a --hocuspocus document");
    }
    Ok(Server { url, framing })
}

/// A place that was typed, as it is shown: without what may be a secret of it.
pub fn shown(typed: &str) -> String {
    match (typed.trim(), Url::parse(typed)) {
        ("", _) => "the store of the settings".to_owned(),
        (typed, Ok(url)) if typed.contains("://") => {
            let host = url.host_str().unwrap_or_default();
            clean_line(&format!("{}://{host}{}", url.scheme(), url.path()))
        }
        (typed, _) => clean_line(typed),
    }
}

/// A place that was typed, as it may be kept for the next time: not at all, where it may hold a secret.
pub fn kept(typed: &str) -> &str {
    if typed.contains("://") && typed.contains(['@', '?', '#']) { "" } else { typed }
}

/// What a synchronisation did, in a line.
pub fn told(synced: &Synced) -> String {
    let joined = if synced.has_joined { "took up the notes there; " } else { "" };
    let (pulled, pushed) = (counted(synced.pulled, "pack"), counted(synced.pushed, "update"));
    format!("{}: {joined}{pulled} pulled, {pushed} pushed", clean_line(&synced.place))
}

/// What it left undone, a sentence each.
pub fn lacks(synced: &Synced) -> Vec<String> {
    let mut lacks = Vec::new();
    for hole in &synced.holes {
        let writer: String = hole.writer.chars().take(SHORT).collect();
        lacks.push(format!("what the machine {writer} put there as number {} is missing", hole.number));
    }
    for left in &synced.left {
        lacks.push(format!("{} is left where it is: {}", left.key, left.why));
    }
    if synced.is_waiting {
        lacks.push("some of what came waits for what is missing, and shows when that comes".to_owned());
    }
    lacks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_typed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("between")).unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();
        let parse = |typed: &str, hocuspocus| Meeting::parse(Some(typed), hocuspocus, folder.path());
        assert!(matches!(Meeting::parse(None, None, folder.path()), Ok(Meeting::Store(None))));
        assert!(matches!(parse(" between ", None), Ok(Meeting::Store(Some(Location::Folder(_))))));
        assert!(matches!(parse("s3://bucket/prefix", None), Ok(Meeting::Store(Some(_)))));
        assert!(matches!(parse("wss://example.org/room", None), Ok(Meeting::Server(_))));
        assert!(matches!(parse("wss://example.org", Some("document")), Ok(Meeting::Server(_))));
        assert_eq!(shown(""), "the store of the settings");
        assert_eq!(shown("wss://ada:secret@example.org/room?token=secret"), "wss://example.org/room");
        assert_eq!(
            (shown("../between"), shown("s3://bucket/p")),
            ("../between".into(), "s3://bucket/p".into())
        );
        assert_eq!(kept("wss://ada:secret@example.org/room"), "");
        assert_eq!(kept("wss://example.org/room?token=secret"), "");
        assert_eq!((kept("../between"), kept("s3://bucket/p")), ("../between", "s3://bucket/p"));
        for (typed, hocuspocus, why) in [
            ("", None, "the place is empty"),
            ("file", None, "is no folder"),
            ("absent", None, "there is no folder absent"),
            ("wss://example.org", None, "which room?"),
            ("between", Some("document"), "wants the address of a server"),
        ] {
            let error = parse(typed, hocuspocus).err().unwrap().to_string();
            assert!(error.contains(why), "{typed}: {error}");
        }
    }
}
