//! Notes that stand beside an item: those that speak of it, and of its file or its package, in whatever version.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::Serialize;
use zenith_core::Zenith;
use zenith_core::search::Hit;
use zenith_core::workspace::{Note, Snapshot, Workspace, WorkspaceError, log_path};

use super::told::short;
use crate::text::clean_line;

/// All notes, once somebody needs them. Where there is no log of notes, nothing is read, and nothing is made.
pub async fn kept(zenith: &Zenith) -> Result<Option<Arc<Snapshot>>, WorkspaceError> {
    let data_dir = &zenith.config.data_dir;
    if !log_path(data_dir).exists() {
        return Ok(None);
    }
    let notes = Workspace::open(data_dir).await?;
    let snapshot = notes.snapshot();
    notes.close().await;
    Ok(Some(snapshot))
}

/// Notes by the package that they speak of.
#[derive(Default)]
pub struct Beside<'a> {
    of: HashMap<&'a str, Vec<Note<'a>>>,
}

/// A note beside a result, as `--json` prints it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Short<'a> {
    pub id: &'a str,
    pub title: &'a str,
    /// The item that it speaks of; null where it is of the package, or of a file.
    pub item: Option<&'a str>,
    /// The version of the package when it was written.
    pub version: Option<&'a str>,
}

impl<'a> Beside<'a> {
    pub fn of(snapshot: Option<&'a Snapshot>) -> Beside<'a> {
        let mut beside = Beside::default();
        for note in snapshot.into_iter().flat_map(Snapshot::notes) {
            if let Some(package) = note.target.package {
                beside.of.entry(package).or_default().push(note);
            }
        }
        beside
    }

    /// Those beside a result: of the item first, then of its file, then of its package; of each the last that was changed
    /// first.
    pub fn hit(&self, hit: &Hit) -> Vec<&Note<'a>> {
        let nearness = |note: &Note<'a>| match (note.target.item, note.target.file) {
            (Some(item), _) => (item == hit.path).then_some(0),
            (None, Some(file)) => (file == hit.file).then_some(1),
            (None, None) => Some(2),
        };
        let of = self.of.get(hit.package.as_str()).into_iter().flatten();
        let mut near: Vec<_> = of.filter_map(|note| Some((nearness(note)?, note))).collect();
        near.sort_by_key(|(nearness, _)| *nearness);
        near.into_iter().map(|(_, note)| note).collect()
    }

    pub fn shorts(&self, hit: &Hit) -> Vec<Short<'a>> {
        let short = |note: &Note<'a>| Short {
            id: note.id,
            title: note.title,
            item: note.target.item,
            version: note.target.version,
        };
        self.hit(hit).into_iter().map(short).collect()
    }
}

/// Tells notes below the first result that each stands beside.
#[derive(Default)]
pub struct Once<'a>(HashSet<&'a str>);

impl<'a> Once<'a> {
    /// A line for each that was not told yet.
    pub fn lines(&mut self, beside: &Beside<'a>, hit: &Hit) -> Vec<String> {
        let new = beside.hit(hit).into_iter().filter(|note| self.0.insert(note.id));
        let line = |note: &Note<'a>| {
            let of = match (note.target.item, note.target.file) {
                (Some(_), _) => "",
                (None, Some(_)) => " on its file",
                (None, None) => " on its package",
            };
            let then = note.target.version.filter(|version| *version != hit.version);
            let then = then.map_or(String::new(), |version| format!(" (written at {})", clean_line(version)));
            format!("note{of} {}: {}{then}", short(note.id), clean_line(note.title))
        };
        new.map(line).collect()
    }
}
