//! What is done to notes, and what is asked of them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use chrono::Utc;
use zenith_core::search::{PackageFilter, Project};
use zenith_core::workspace::sync::Synced;
use zenith_core::workspace::{Edit, Snapshot, Value, WorkspaceError, new_id};
use zenith_core::{Standing, Zenith, ZenithError};

use super::desk::Desk;
use super::work::{Drafted, Given, Kept, On, SyncFailed};
use crate::explorer::parts::tree::Item;
use crate::notes::meeting::Meeting;
use crate::notes::target::Spoken;
use crate::notes::text::split;
use crate::notes::told::spoken;
use crate::text::{clean_line, with_causes};

/// How what each note speaks of stands, by the note's id. What cannot be found out is left out.
pub async fn standings(zenith: &Zenith, snapshot: &Snapshot, project: &Project) -> HashMap<String, Standing> {
    let notes = snapshot.notes();
    let targets: Vec<_> = notes.iter().map(|note| note.target).collect();
    let standings = zenith.standings(&targets, project).await.unwrap_or_default();
    let known =
        notes.iter().zip(standings).filter_map(|(note, standing)| Some((note.id.to_owned(), standing?)));
    known.collect()
}

/// Keeps a new note, or what is given of one that there is.
pub async fn keep(
    zenith: &Zenith,
    desk: Desk,
    given: Given,
    project: Option<Arc<Project>>,
) -> Result<Kept, String> {
    let mut values = Vec::new();
    let text = |text: Option<String>| text.map(Value::Text);
    values.extend(text(given.title).map(|title| ("title", title)));
    values.extend(text(given.body).map(|body| ("body", body)));
    values.extend(given.tags.map(|tags| ("tags", Value::Words(tags))));
    if let Some(spoken) = target(zenith, given.on, project).await.map_err(|error| with_causes(&error))? {
        values.extend(spoken.values());
    }
    let now = Value::Integer(Utc::now().timestamp_millis());
    let (edit, id, done) = match given.id {
        Some(id) => {
            values.push(("changed_at", now));
            (Edit::Set { table: "notes", id: id.clone(), values }, id, "changed")
        }
        None => {
            let id = new_id();
            values.extend([("created_at", now.clone()), ("changed_at", now)]);
            (Edit::Create { table: "notes", id: id.clone(), values }, id, "kept")
        }
    };
    let opened = desk.opened(zenith).await?;
    let made = opened.notes.edit(vec![edit]).await.map_err(|error| error.to_string());
    opened.close(zenith).await;
    Ok(told(&*made?, id, done))
}

/// What a note is to speak of; nothing where that stays as it is.
async fn target(zenith: &Zenith, on: On, project: Option<Arc<Project>>) -> anyhow::Result<Option<Spoken>> {
    Ok(match on {
        On::Same => None,
        On::Nothing => Some(Spoken::default()),
        On::Typed(typed) => Some(Spoken::find(zenith, project, &typed, None).await?),
        On::Known { scope, id, item } => {
            let filter = PackageFilter { name: id.name().to_owned(), version: Some(id.version().to_owned()) };
            let found = zenith.find_packages(&filter).await?;
            let entry = found.iter().find(|entry| entry.scope == scope && entry.id == id);
            let entry = entry.ok_or_else(|| anyhow::anyhow!("{id} is no longer indexed"))?;
            Some(match &item {
                Some(Item::Symbol { path, line, .. }) => {
                    Spoken::of(zenith, entry, Some((path, *line)), None).await?
                }
                Some(Item::Section { file, line }) => {
                    Spoken::of(zenith, entry, None, Some((file, *line))).await?
                }
                Some(Item::Group) | None => Spoken::of(zenith, entry, None, None).await?,
            })
        }
    })
}

/// The document as it is now, with a note of it.
pub async fn draft(zenith: &Zenith, desk: Desk, id: String) -> Result<Drafted, String> {
    let opened = desk.opened(zenith).await?;
    let draft = opened.notes.draft().await.map_err(|error| error.to_string())?;
    let snapshot = Arc::clone(draft.snapshot());
    let note = snapshot.notes().into_iter().find(|note| note.id == id).ok_or(GONE)?;
    Ok(Drafted { draft, title: note.title.to_owned(), body: note.body.to_owned(), id })
}

/// Merges what was written with what others wrote meanwhile.
pub async fn merge(zenith: &Zenith, desk: Desk, drafted: Drafted, written: &str) -> Result<Kept, String> {
    let Drafted { draft, id, title: before, body: was } = drafted;
    let (title, body) = split(written).ok_or("a note has a first line; it stays as it was")?;
    let mut values = Vec::new();
    values.extend((title != before).then_some(("title", Value::Text(title))));
    values.extend((body != was).then_some(("body", Value::Text(body))));
    if values.is_empty() {
        return Ok(told(draft.snapshot(), id, "left as it was:"));
    }
    values.push(("changed_at", Value::Integer(Utc::now().timestamp_millis())));
    let edit = Edit::Set { table: "notes", id: id.clone(), values };
    let opened = desk.opened(zenith).await?;
    let merged = opened.notes.merge(draft, &[edit]).await.map_err(|error| error.to_string());
    opened.close(zenith).await;
    let merged = merged?;
    match merged.row("notes", &id) {
        Some(_) => Ok(told(&merged, id, "changed")),
        None => Err(GONE.to_owned()),
    }
}

const GONE: &str = "the note was removed meanwhile, on another machine or in another window";

/// Removes a note. Returns what is told of it.
pub async fn remove(zenith: &Zenith, desk: Desk, id: &str) -> Result<String, String> {
    let opened = desk.opened(zenith).await?;
    let title = opened.notes.snapshot().notes().into_iter().find(|note| note.id == id).map(|note| {
        let title = clean_line(note.title);
        format!("removed {title}")
    });
    let edit = Edit::Remove { table: "notes", id: id.to_owned() };
    let made = opened.notes.edit(vec![edit]).await.map_err(|error| error.to_string());
    opened.close(zenith).await;
    made.map(|_| title.unwrap_or_else(|| "removed".to_owned()))
}

/// Brings the notes together with those of a place.
pub async fn sync(
    zenith: &Zenith,
    desk: Desk,
    place: &str,
    join: bool,
    folder: &Path,
) -> Result<Synced, SyncFailed> {
    // A field that was left empty means the store of the settings.
    let named = Some(place).filter(|place| !place.trim().is_empty());
    let meeting =
        Meeting::parse(named, None, folder).map_err(|error| SyncFailed::Because(with_causes(&error)))?;
    let opened = desk.opened(zenith).await.map_err(SyncFailed::Because)?;
    let synced = meeting.sync(zenith, &opened.notes, join).await;
    opened.close(zenith).await;
    synced.map_err(|error| match error {
        ZenithError::Notes(WorkspaceError::OtherDocument { .. }) => SyncFailed::OtherDocument,
        error => SyncFailed::Because(error.to_string()),
    })
}

/// What was done to a note, in a line.
fn told(snapshot: &Snapshot, id: String, done: &str) -> Kept {
    let note = snapshot.notes().into_iter().find(|note| note.id == id);
    let told = note.map_or_else(String::new, |note| {
        let on = spoken(&note.target).map_or(String::new(), |target| format!(" on {target}"));
        format!("{done} {}{on}", clean_line(note.title))
    });
    Kept { id, told }
}
