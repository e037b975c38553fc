//! The file of the notes for other tools. All of it can be derived.

use super::databases::one_line;
use super::{Finding, State};
use crate::workspace::{FileLook, FileProvider, Provider, Snapshot, log_path};
use crate::zenith::{Zenith, ZenithError, notes_file_path};

/// Compares the file with the notes, and makes it anew where it is not as it should be. Nothing where there are no notes.
pub async fn look(zenith: &Zenith, repair: bool) -> Option<Finding> {
    if !log_path(&zenith.config.data_dir).exists() {
        return None;
    }
    let (state, what) = match examine(zenith, repair).await {
        Ok(found) => found,
        Err(error) => (State::Broken, error.to_string()),
    };
    Some(Finding { part: "notes", state, what })
}

async fn examine(zenith: &Zenith, repair: bool) -> Result<(State, String), ZenithError> {
    let path = notes_file_path(&zenith.config.data_dir);
    let is_there = path.exists();
    if !is_there && !repair {
        let what = "notes.db, which other tools read, is made when a note changes";
        return Ok((State::Ok, what.to_owned()));
    }
    let lock = |source| ZenithError::NotesFileLock { path: path.clone(), source };
    let Some(mut file) = FileProvider::new(&path).map_err(lock)? else {
        let what = "notes.db is kept by another program that is open, and was not looked at";
        return Ok((State::Ok, what.to_owned()));
    };
    let notes = zenith.notes().await?;
    let found = compare(&mut file, &notes.snapshot(), is_there, repair).await;
    file.close().await;
    notes.close().await;
    found
}

async fn compare(
    file: &mut FileProvider,
    moment: &Snapshot,
    is_there: bool,
    repair: bool,
) -> Result<(State, String), ZenithError> {
    let wrong = match file.look(moment).await? {
        FileLook::Same(rows) => {
            return Ok((State::Ok, format!("notes.db holds all {rows} rows, for other tools")));
        }
        FileLook::Other if !is_there => "notes.db, which other tools read, was not there".to_owned(),
        FileLook::Other => "notes.db holds other notes, or those of another version".to_owned(),
        FileLook::Differs(1) => "1 row of notes.db is not that of the notes".to_owned(),
        FileLook::Differs(rows) => format!("{rows} rows of notes.db are not those of the notes"),
        FileLook::Mark => "notes.db says of its rows what they are not".to_owned(),
        FileLook::Damaged(why) => format!("notes.db is damaged: {}", one_line(&why)),
    };
    if !repair {
        return Ok((State::Broken, wrong));
    }
    file.rebuild(moment).await?;
    Ok((State::Repaired, format!("{wrong}; it was made anew of the notes")))
}
