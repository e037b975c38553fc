//! Writing a note in the user's editor.

use std::io::IsTerminal;

use anyhow::bail;
use zenith_core::workspace::Note;

use crate::explorer::{Composition, compose, editor_words};
use crate::notes::text::{joined, split};

/// Asks for a new note.
pub async fn new() -> anyhow::Result<(String, String)> {
    match written("").await? {
        Some(note) => Ok(note),
        None => bail!("nothing was written, and nothing kept"),
    }
}

/// Asks for a note anew.
pub async fn again(note: &Note<'_>) -> anyhow::Result<(String, String)> {
    match written(&joined(note.title, note.body)).await? {
        Some(note) => Ok(note),
        None => bail!("a note has a first line; `zenith note rm` removes one"),
    }
}

async fn written(text: &str) -> anyhow::Result<Option<(String, String)>> {
    let editor = editor_words().map_err(anyhow::Error::msg)?;
    // Only an editor that somebody named is known to want no terminal.
    if !std::io::stdin().is_terminal() && editor.first().is_some_and(|program| program == "vi") {
        bail!("there is no terminal to write on; name a title, and give the text with --body");
    }
    let note = Composition { text: text.to_string(), suffix: "md" };
    Ok(split(&compose(&editor, &note).await.map_err(anyhow::Error::msg)?))
}
