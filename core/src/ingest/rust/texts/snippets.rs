//! Code in documentation, with the prose that stands before it.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::uses::folded;
use crate::ingest::docs::is_rust;

/// A piece of Rust in a text.
#[derive(Debug, PartialEq)]
pub(super) struct Snippet {
    /// The heading and the paragraph before it, as plain text.
    pub prose: String,
    /// With the lines that rustdoc hides: they bring names.
    pub code: String,
}

/// Headings that say nothing of what follows.
const HOLLOW: [&str; 14] = [
    "example",
    "examples",
    "usage",
    "basic usage",
    "use",
    "panics",
    "errors",
    "safety",
    "quick start",
    "getting started",
    "overview",
    "introduction",
    "note",
    "notes",
];

/// A quick look, before Markdown is read.
pub(super) fn has_code(text: &str) -> bool {
    text.contains("```") || text.contains("~~~")
}

/// The Rust of a Markdown text. Where nothing stands before a piece, the text's first paragraph stands for it.
pub(super) fn snippets(text: &str) -> Vec<Snippet> {
    let mut found = Vec::new();
    let (mut heading, mut prose, mut first) = (String::new(), String::new(), String::new());
    let mut code: Option<String> = None;
    let mut in_heading = false;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                (in_heading, heading, prose) = (true, String::new(), String::new());
            }
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Start(Tag::Paragraph | Tag::Item | Tag::TableRow) => prose.clear(),
            Event::End(TagEnd::Paragraph) if first.is_empty() => first.clone_from(&prose),
            Event::Start(Tag::CodeBlock(kind)) if is_rust(&kind) => code = Some(String::new()),
            Event::End(TagEnd::CodeBlock) => {
                if let Some(code) = code.take() {
                    let prose = before(&heading, &prose, &first);
                    found.push(Snippet { prose, code: shown(&code) });
                }
                prose.clear();
            }
            Event::Text(text) | Event::Code(text) => {
                let into = code.as_mut().unwrap_or(if in_heading { &mut heading } else { &mut prose });
                into.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak => {
                let into = if in_heading { &mut heading } else { &mut prose };
                into.push(' ');
            }
            _ => {}
        }
    }
    found
}

fn before(heading: &str, prose: &str, first: &str) -> String {
    let hollow = HOLLOW.contains(&heading.trim().trim_end_matches(':').to_lowercase().as_str());
    let heading = if hollow { "" } else { heading.trim() };
    let prose = prose.trim();
    match (heading, prose) {
        ("", "") => folded(first),
        ("", prose) => folded(prose),
        (heading, "") => folded(heading),
        (heading, prose) => folded(&format!("{heading}: {prose}")),
    }
}

/// The code as it is compiled: without the marks of hidden lines.
fn shown(code: &str) -> String {
    let plain = |line: &str| {
        let rest = line.trim_start();
        match rest.strip_prefix("# ") {
            Some(hidden) => format!("{hidden}\n"),
            None if rest == "#" => "\n".to_owned(),
            None => format!("{line}\n"),
        }
    };
    code.lines().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_comes_with_the_prose_before_it() {
        let text = "A pool.\n\n# Examples\n\n```\n# use a::B;\nB::new();\n```\n\n## Sleeping\n\nWaits a *while*\nfor \
                    `x`:\n\n```rust,no_run\nsleep();\n```\n\n```text\nno\n```\n";
        let found = snippets(text);
        let shown: Vec<(&str, &str)> = found.iter().map(|one| (&*one.prose, &*one.code)).collect();
        assert_eq!(
            shown,
            [("A pool.", "use a::B;\nB::new();\n"), ("Sleeping: Waits a while for x:", "sleep();\n")]
        );
    }
}
