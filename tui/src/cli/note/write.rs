//! Writing a note in the user's editor: a file whose first line is the title.

use std::io::{IsTerminal, Write};

use anyhow::{Context, bail};
use zenith_core::workspace::Note;

use crate::explorer::{edit, editor_words};

/// Asks for a new note.
pub async fn new() -> anyhow::Result<(String, String)> {
    match written("").await? {
        Some(note) => Ok(note),
        None => bail!("nothing was written, and nothing kept"),
    }
}

/// Asks for a note anew.
pub async fn again(note: &Note<'_>) -> anyhow::Result<(String, String)> {
    let text = format!("{}\n\n{}", note.title, note.body);
    match written(&text).await? {
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
    let mut file = tempfile::Builder::new().prefix("note-").suffix(".md").tempfile()?;
    file.write_all(text.as_bytes())?;
    file.flush()?;
    edit(&editor, file.path()).await.map_err(anyhow::Error::msg)?;
    // Many editors write a new file and rename it: it is read by its name.
    let text = std::fs::read_to_string(file.path()).context("cannot read what was written")?;
    Ok(split(&text))
}

/// Title and text; nothing where there is no title. One empty line between them belongs to neither.
fn split(text: &str) -> Option<(String, String)> {
    let text = text.trim_start_matches(['\n', '\r']);
    let (title, rest) = text.split_once('\n').unwrap_or((text, ""));
    let rest = rest.strip_prefix("\r\n").or(rest.strip_prefix('\n')).unwrap_or(rest);
    let title = one_line(title.trim_start_matches("# "));
    (!title.is_empty()).then(|| (title, rest.to_owned()))
}

/// A title that was typed.
pub fn titled(typed: &str) -> anyhow::Result<String> {
    match one_line(typed) {
        title if title.is_empty() => bail!("a note has a title"),
        title => Ok(title),
    }
}

/// What was typed, on one line.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_comes_back_as_it_was_given() {
        for (title, body) in [("Title", "One.\n\nTwo.\n"), ("ä", ""), ("T", "\nbegins with an empty line")] {
            let given = format!("{title}\n\n{body}");
            assert_eq!(split(&given), Some((title.to_owned(), body.to_owned())), "{given:?}");
        }
        assert_eq!(split("\n\n"), None);
        assert_eq!(split("# Heading\r\n\r\ntext"), Some(("Heading".to_owned(), "text".to_owned())));
        assert_eq!(split("title\ntext"), Some(("title".to_owned(), "text".to_owned())));
    }
}
