//! The first sentence of documentation, for a row of a list.

use pulldown_cmark::{Event, Tag, TagEnd};

use super::parse;

/// What ends with a point and no sentence.
const SHORT: [&str; 6] = ["e.g", "i.e", "etc", "vs", "cf", "resp"];

/// The first sentence of the first paragraph, without marks, on one line; empty where there is none. Headings,
/// pictures, code and tables say nothing of that kind.
pub fn summary(text: &str) -> String {
    let (mut sentence, mut is_open, mut pictures) = (String::new(), false, 0_usize);
    for event in parse(text) {
        match event {
            Event::Start(Tag::Paragraph) => is_open = true,
            // A paragraph of badges has no words.
            Event::End(TagEnd::Paragraph) if !sentence.trim().is_empty() => break,
            Event::End(TagEnd::Paragraph) => is_open = false,
            Event::Start(Tag::Image { .. }) => pictures += 1,
            Event::End(TagEnd::Image) => pictures = pictures.saturating_sub(1),
            Event::Text(part) | Event::Code(part) if is_open && pictures == 0 => sentence.push_str(&part),
            Event::SoftBreak | Event::HardBreak if is_open => sentence.push(' '),
            _ => {}
        }
    }
    let line = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
    line[..end_of_sentence(&line)].to_string()
}

/// Where the first sentence of a line ends.
fn end_of_sentence(line: &str) -> usize {
    let mut ends = line.match_indices(['.', '!', '?']).map(|(at, mark)| at + mark.len());
    let is_end = |end: &usize| {
        let (before, after) = (&line[..end - 1], &line[*end..]);
        let word = before.rsplit([' ', '(']).next().unwrap_or_default();
        let begins_anew = after.trim_start().chars().next().is_none_or(|c| !c.is_lowercase());
        after.starts_with(' ') && begins_anew && !SHORT.contains(&word)
    };
    ends.find(is_end).unwrap_or(line.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sentence_is_taken_without_its_marks() {
        for (text, expected) in [
            ("Runs a *closure* on a [`pool`](x). It may\nblock.", "Runs a closure on a pool."),
            (
                "# Tasks\n\n[![badge](a)](b)\n\nA task, e.g. a green\nthread. More.",
                "A task, e.g. a green thread.",
            ),
            ("Version 1.2 of it, see a.b", "Version 1.2 of it, see a.b"),
            ("Is it? Yes.", "Is it?"),
            ("No end", "No end"),
            ("```\ncode();\n```", ""),
            ("    indented", ""),
            ("", ""),
            ("日本語。 次", "日本語。 次"),
        ] {
            assert_eq!(summary(text), expected, "{text:?}");
        }
    }
}
