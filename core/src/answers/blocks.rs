//! The blocks of Rust in a Markdown text.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::ingest::is_rust;

/// A block of code, as rustdoc would compile it, and which of its lines it would show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// 0-based, of its first line of code within the text.
    pub row: usize,
    /// One line each: the code, and whether it is shown.
    pub lines: Vec<(String, bool)>,
}

impl Block {
    /// All that is compiled.
    pub fn code(&self) -> String {
        self.lines.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// The lines that are shown, from one to another, both included.
    pub fn shown(&self, first: usize, last: usize) -> Vec<&str> {
        let lines = self.lines.iter().enumerate();
        lines
            .filter(|(at, (_, shown))| *shown && (first..=last).contains(at))
            .map(|(_, (line, _))| &**line)
            .collect()
    }
}

/// Every block of Rust that works, in order: what must not compile shows no use.
pub fn blocks(markdown: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<(Option<usize>, String)> = None;
    for (event, range) in Parser::new_ext(markdown, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind))
                if is_rust(&kind)
                    && matches!(&kind, CodeBlockKind::Fenced(info) if !info.contains("compile_fail")) =>
            {
                open = Some((None, String::new()));
            }
            Event::Text(text) => {
                if let Some((start, code)) = &mut open {
                    start.get_or_insert(range.start);
                    code.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some((Some(start), code)) = open.take() {
                    let row = markdown.get(..start).unwrap_or_default().matches('\n').count();
                    found.push(Block { row, lines: code.lines().map(line).collect() });
                }
            }
            _ => {}
        }
    }
    found
}

/// `# use x;` is compiled and not shown; `##` stands for `#`.
fn line(line: &str) -> (String, bool) {
    let start = line.trim_start();
    let indent = line.get(..line.len() - start.len()).unwrap_or_default();
    match start {
        "#" => (String::new(), false),
        _ if start.starts_with("# ") => (format!("{indent}{}", start.get(2..).unwrap_or_default()), false),
        _ if start.starts_with("##") => (format!("{indent}{}", start.get(1..).unwrap_or_default()), true),
        _ => (line.to_owned(), true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_rust_are_found_with_their_rows_and_hidden_lines() {
        let text = "Text.\n\n```\n# use a::b;\nb();\n## x\n#[attr]\n```\n\n```text\nb();\n```\n\n- item\n\n  ```rust,no_run\n  b(1);\n  ```\n\n    b(2);\n";
        let found = blocks(text);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!((found[0].row, found[0].code().as_str()), (3, "use a::b;\nb();\n# x\n#[attr]"));
        assert_eq!(found[0].shown(0, 9), ["b();", "# x", "#[attr]"]);
        assert_eq!((found[1].row, found[1].code().as_str()), (16, "b(1);"));
        assert!(blocks("```compile_fail\nb(3);\n```\n\n```rust,compile_fail,E0277\nb(4);\n```\n").is_empty());
        for odd in ["```", "```\n", "", "~~~rust\nx", "```\n\u{0}\n```"] {
            blocks(odd);
        }
    }
}
