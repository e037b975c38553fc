//! Documentation as a reader of a terminal wants it: rustdoc's Markdown without its marks.

mod page;
mod summary;

use pulldown_cmark::{BrokenLink, CowStr, Event, Options, Parser, Tag, TagEnd};
use ratatui::text::Line;

use super::paint::Painter;
use page::Page;
pub use summary::summary;

/// Longer documentation is cut: it is a preview.
const BYTES_MAX: usize = 256 * 1024;

/// Lays documentation out within the painter's width.
pub fn render(text: &str, painter: &Painter) -> Vec<Line<'static>> {
    let mut page = Page::new(painter);
    parse(text).for_each(|event| page.take(event));
    page.finish()
}

/// The links of documentation in their order: their text, and where they lead, as it is written.
pub fn links(text: &str) -> Vec<(String, String)> {
    let mut links: Vec<(String, String)> = Vec::new();
    let mut is_open = false;
    for event in parse(text) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                is_open = true;
                links.push((String::new(), dest_url.to_string()));
            }
            Event::End(TagEnd::Link) => is_open = false,
            Event::Text(text) | Event::Code(text) if is_open => {
                links.last_mut().into_iter().for_each(|(shown, _)| shown.push_str(&text));
            }
            _ => {}
        }
    }
    // A picture in a link has no words.
    links.retain(|(shown, _)| !shown.trim().is_empty());
    links
}

fn parse(text: &str) -> impl Iterator<Item = Event<'_>> {
    let text = &text[..text.floor_char_boundary(BYTES_MAX)];
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    Parser::new_with_broken_link_callback(text, options, Some(item_link))
}

/// In rustdoc, a name in brackets, in code or not, links to an item; other brackets are brackets.
fn item_link<'a>(link: BrokenLink<'a>) -> Option<(CowStr<'a>, CowStr<'a>)> {
    let name = link.reference.trim_matches('`');
    let starts_well = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let is_item = name.chars().all(|c| c.is_alphanumeric() || "_:!()@<>,#-.&*'= ".contains(c));
    // Prose in brackets has spaces; an item has them in its generics alone.
    let is_item = is_item && (name.contains('<') || !name.contains(' '));
    (starts_well && is_item).then(|| (name.to_string().into(), CowStr::Borrowed("")))
}

/// A code block's language: rustdoc's own attributes all mean Rust.
fn language(info: &str) -> String {
    const RUSTDOC: [&str; 6] = ["ignore", "no_run", "should_panic", "compile_fail", "test_harness", "custom"];
    let word = info.split([',', ' ', '{']).map(str::trim).find(|word| !word.is_empty()).unwrap_or("rust");
    let is_rustdoc = RUSTDOC.iter().any(|mark| word.starts_with(mark)) || word.starts_with("edition");
    if is_rustdoc { "rust".to_string() } else { word.to_lowercase() }
}

/// Rustdoc compiles lines after `#` but does not show them; `##` stands for one `#`.
fn without_hidden(code: &str) -> String {
    let mut shown = String::with_capacity(code.len());
    for line in code.lines() {
        let bare = line.trim_start();
        if bare == "#" || bare.starts_with("# ") {
            continue;
        }
        match bare.strip_prefix("##") {
            Some(rest) => shown.extend([&line[..line.len() - bare.len()], "#", rest]),
            None => shown.push_str(line),
        }
        shown.push('\n');
    }
    shown
}

/// The text between tags.
fn without_tags(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        let end = if tag.starts_with("!--") { "-->" } else { ">" };
        rest = tag.split_once(end).map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::super::paint::tests::painter;
    use super::super::theme::Role;
    use super::*;

    fn text(markdown: &str, width: usize) -> Vec<String> {
        render(markdown, &painter(width)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_page_reads_without_its_marks() {
        let page = "# Tasks\n\nRuns *on* a [pool](http://x), see [`spawn`], [Runtime] and [more][crate::a#b-c] [in prose] but a[0].\n\n\
                    1. one\n2. two\n   - deep\n\n> quoted\n";
        let expected = [
            "Tasks",
            "Runs on a pool, see spawn, Runtime and more [in prose] but a[0].",
            "",
            "1. one",
            "2. two",
            "   • deep",
            "",
            "▎ quoted",
        ];
        assert_eq!(text(page, 80), expected);
    }

    #[test]
    fn links_are_listed_with_where_they_lead() {
        let page = "See [`spawn`], [a *pool*](http://x), [more][crate::a], [![badge](a)](b) and a[0].";
        let links = links(page);
        let links: Vec<(&str, &str)> = links.iter().map(|(text, to)| (text.as_str(), to.as_str())).collect();
        assert_eq!(links, [("spawn", "spawn"), ("a pool", "http://x"), ("more", "crate::a"), ("badge", "b")]);
    }

    #[test]
    fn hidden_lines_of_examples_are_dropped() {
        let page =
            "Use:\n\n```no_run\n# fn main() {\nlet a = 1;\n## attr\n#\n# }\n```\n\n```text\n# kept\n```";
        assert_eq!(text(page, 40), ["Use:", "", "  let a = 1;", "  # attr", "", "  # kept"]);
    }

    #[test]
    fn links_and_inline_code_look_like_what_they_are() {
        let lines = render("a [link](x) and `code`", &painter(40));
        let style = |word: &str| {
            let mut spans = lines.iter().flat_map(|line| &line.spans);
            spans.find(|span| span.content.contains(word)).map(|span| span.style)
        };
        assert_eq!(style("link"), Some(painter(40).style(Role::Link)));
        assert_eq!(style("code"), Some(painter(40).style(Role::Code)));
    }

    #[test]
    fn pictures_and_tags_vanish_and_tables_line_up() {
        let page = "<p align=\"center\"><b>Name</b></p>\n\n[![badge](a)](b) text\n\n| a | bb |\n|---|---|\n| ccc | d |\n";
        let lines = text(page, 40);
        assert_eq!(lines[0], "Name");
        assert_eq!(lines[2], "text");
        assert_eq!((lines[4].trim_end(), lines[5].trim_end()), ("a    bb", "ccc  d"));
    }

    #[test]
    fn nothing_is_wider_than_the_page() {
        let page =
            format!("{}word\n\n```\n{}\n```\n\n- {}", "> ".repeat(200), "x".repeat(90), "y ".repeat(60));
        for width in [1, 5, 17, 40] {
            for line in render(&page, &painter(width)) {
                assert!(line.width() <= width.max(8), "{width}: {line:?}");
            }
        }
    }
}
