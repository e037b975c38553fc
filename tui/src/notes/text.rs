//! How a note is written: a text whose first line is the title, and tags of one word each.

use std::collections::BTreeSet;

use anyhow::bail;

use super::told::is_blank;

const TAG_BYTES_MAX: usize = 100;

/// A note as it stands in an editor.
pub fn joined(title: &str, body: &str) -> String {
    if title.is_empty() { body.to_owned() } else { format!("{title}\n\n{body}") }
}

/// Title and text; nothing where there is no title. One empty line between them belongs to neither.
pub fn split(text: &str) -> Option<(String, String)> {
    let text = text.trim_start_matches(['\n', '\r']);
    let (title, rest) = text.split_once('\n').unwrap_or((text, ""));
    let rest = rest.strip_prefix("\r\n").or(rest.strip_prefix('\n')).unwrap_or(rest);
    let title = one_line(title.trim_start_matches("# "));
    (!title.is_empty()).then(|| (title, rest.to_owned()))
}

/// A title that was typed.
pub fn titled(typed: &str) -> anyhow::Result<String> {
    match one_line(typed) {
        title if is_blank(&title) => bail!("a note has a title that can be seen"),
        title => Ok(title),
    }
}

/// What was typed, on one line.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Tags that were typed, with or without their sign.
pub fn tags<'a>(typed: impl IntoIterator<Item = &'a str>) -> anyhow::Result<BTreeSet<String>> {
    let tags: BTreeSet<String> =
        typed.into_iter().map(|tag| tag.trim().trim_start_matches('#').to_owned()).collect();
    let is_none =
        |tag: &&String| tag.is_empty() || tag.len() > TAG_BYTES_MAX || tag.contains(char::is_whitespace);
    match tags.iter().find(is_none) {
        Some(tag) => bail!("{tag:?} is no tag: one word of at most {TAG_BYTES_MAX} bytes is"),
        None => Ok(tags),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_comes_back_as_it_was_given() {
        for (title, body) in [("Title", "One.\n\nTwo.\n"), ("ä", ""), ("T", "\nbegins with an empty line")] {
            let given = joined(title, body);
            assert_eq!(split(&given), Some((title.to_owned(), body.to_owned())), "{given:?}");
        }
        assert_eq!(split("\n\n"), None);
        assert!(titled("\u{200b} ").is_err() && titled(" a  b ").unwrap() == "a b");
        assert_eq!(split("# Heading\r\n\r\ntext"), Some(("Heading".to_owned(), "text".to_owned())));
        assert_eq!(split("title\ntext"), Some(("title".to_owned(), "text".to_owned())));
    }

    #[test]
    fn a_tag_is_one_word() {
        assert_eq!(tags(["#async", " rt "]).unwrap().into_iter().collect::<Vec<_>>(), ["async", "rt"]);
        for wrong in ["", "#", "two words", &"x".repeat(101)] {
            assert!(tags([wrong]).is_err(), "{wrong:?}");
        }
    }
}
