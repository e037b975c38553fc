//! Documentation in pieces: cut at headings, bounded, code blocks whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::language::ModuleDoc;
use super::walk;
use super::{Chunk, SkipReason, SourcePackage};

/// What a chunk aims at: a screen of text, and what an embedding model takes in.
const CHUNK_BYTES_TARGET: usize = 1_800;
/// A code block up to this size stays whole; a larger one is cut between lines.
const BLOCK_BYTES_MAX: usize = 8 << 10;
/// Chunks of one file; more is a dump, not documentation.
const CHUNKS_MAX: usize = 2_000;
const TITLE_BYTES_MAX: usize = 300;

/// The texts of a package's documents, but for what its modules say.
pub(super) fn documents(package: &SourcePackage, root: &Path) -> impl Iterator<Item = String> {
    let root = root.to_owned();
    let files = walk::files(&root, package.origin, is_document, &mut BTreeMap::new());
    files.into_iter().filter_map(move |file| Some(walk::read_text(&root, &file.absolute).ok()?.1))
}

/// The chunks of a package: its README, its `docs` and what its modules say.
pub(super) fn chunks(
    package: &SourcePackage,
    module_docs: &[ModuleDoc],
    skipped: &mut BTreeMap<SkipReason, usize>,
) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let Ok(root) = fs::canonicalize(&package.root) else { return chunks };
    let mut seen: Vec<String> = Vec::new();
    for file in walk::files(&root, package.origin, is_document, skipped) {
        match walk::read_text(&root, &file.absolute) {
            Ok((_, text)) => {
                let key = plain(&text);
                if !seen.contains(&key) {
                    seen.push(key);
                    cut(&file.relative, package.id.name(), &text, 1, &mut chunks);
                }
            }
            Err(reason) => *skipped.entry(reason).or_default() += 1,
        }
    }
    let mut by_file: BTreeMap<&str, Vec<&ModuleDoc>> = BTreeMap::new();
    for doc in module_docs {
        by_file.entry(&doc.file_path).or_default().push(doc);
    }
    for (file, mut docs) in by_file {
        docs.sort_by_key(|doc| doc.line_start);
        let first = chunks.len();
        for doc in docs.into_iter().filter(|doc| !seen.contains(&plain(&doc.text))) {
            cut(file, &doc.title, &doc.text, doc.line_start, &mut chunks);
        }
        for (index, chunk) in chunks.iter_mut().skip(first).enumerate() {
            chunk.chunk_index = index as u32;
        }
    }
    chunks
}

/// A README at the top, Markdown below `doc` and `docs`; not the history of changes.
pub(super) fn is_document(relative: &str) -> bool {
    let lower = relative.to_ascii_lowercase();
    let (folder, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let markdown = matches!(extension, "md" | "markdown");
    let changes = matches!(stem, "changelog" | "changes" | "history" | "releases");
    let top = folder.split('/').next().unwrap_or_default();
    match folder {
        "" => stem == "readme" && (markdown || matches!(extension, "txt" | "")),
        _ => markdown && !changes && matches!(top, "doc" | "docs"),
    }
}

/// Two texts are the same if only their layout differs.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A run of Markdown that stays together.
struct Block<'a> {
    text: &'a str,
    at: usize,
    heading: Option<HeadingLevel>,
    code: bool,
    rust: bool,
}

fn cut(file_path: &str, title: &str, text: &str, line_start: u32, chunks: &mut Vec<Chunk>) {
    let lines = LineIndex::new(text, line_start);
    let mut trail: Vec<(HeadingLevel, String)> = Vec::new();
    let mut open =
        Open { file_path, title: title.to_owned(), line: line_start, content: String::new(), index: 0 };
    for block in blocks(text) {
        if let Some(level) = block.heading {
            open.close(chunks);
            trail.retain(|(outer, _)| *outer < level);
            trail.push((level, heading_text(block.text)));
            let names: Vec<&str> =
                trail.iter().map(|(_, name)| name.as_str()).filter(|name| !name.is_empty()).collect();
            open.title = bounded(if names.is_empty() { title.to_owned() } else { names.join(" › ") });
        }
        let shown = if block.rust { without_hidden_lines(block.text) } else { block.text.to_owned() };
        if shown.trim().is_empty() {
            continue;
        }
        let line = lines.line_of(block.at);
        if open.content.len() + shown.len() > CHUNK_BYTES_TARGET {
            open.close(chunks);
        }
        if shown.len() > if block.code { BLOCK_BYTES_MAX } else { CHUNK_BYTES_TARGET } {
            open.pieces(&shown, line, chunks);
        } else {
            open.push(&shown, line);
        }
    }
    open.close(chunks);
}

/// The chunk that is being filled.
struct Open<'a> {
    file_path: &'a str,
    title: String,
    line: u32,
    content: String,
    index: u32,
}

impl Open<'_> {
    fn push(&mut self, text: &str, line: u32) {
        if self.content.is_empty() {
            self.line = line;
        } else if !self.content.ends_with("\n\n") {
            self.content.push_str(if self.content.ends_with('\n') { "\n" } else { "\n\n" });
        }
        self.content.push_str(text.trim_end());
        self.content.push('\n');
    }

    /// Cuts a block that is too long between lines, and a line that is too long between words.
    fn pieces(&mut self, text: &str, line: u32, chunks: &mut Vec<Chunk>) {
        for (n, row) in text.lines().enumerate() {
            let mut rest = row;
            while !rest.is_empty() {
                let mut end = rest.len().min(CHUNK_BYTES_TARGET);
                while !rest.is_char_boundary(end) {
                    end -= 1;
                }
                if end < rest.len() {
                    end =
                        rest.get(..end).and_then(|head| head.rfind(' ')).filter(|&at| at > 0).unwrap_or(end);
                }
                let (head, tail) = rest.split_at(end.max(1).min(rest.len()));
                if self.content.len() + head.len() > CHUNK_BYTES_TARGET {
                    self.close(chunks);
                }
                if self.content.is_empty() {
                    self.line = line + n as u32;
                }
                self.content.push_str(head);
                self.content.push('\n');
                rest = tail;
            }
        }
    }

    fn close(&mut self, chunks: &mut Vec<Chunk>) {
        let content = std::mem::take(&mut self.content);
        let content = content.trim_matches('\n').trim_end();
        // A heading alone says nothing that its section does not say again.
        let only_heading = content.lines().count() <= 1 && content.starts_with('#');
        if content.is_empty() || only_heading || self.index as usize >= CHUNKS_MAX {
            return;
        }
        chunks.push(Chunk {
            file_path: self.file_path.to_owned(),
            section_title: self.title.clone(),
            content: content.to_owned(),
            chunk_index: self.index,
            line_start: self.line,
        });
        self.index += 1;
    }
}

/// The top-level blocks of a Markdown text, in order.
fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut depth = 0_usize;
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        let block = |heading, code, rust| {
            let text = text.get(range.clone()).unwrap_or_default();
            Block { text, at: range.start, heading, code, rust }
        };
        match event {
            Event::Start(tag) => {
                if depth == 0 {
                    blocks.push(match &tag {
                        Tag::Heading { level, .. } => block(Some(*level), false, false),
                        Tag::CodeBlock(kind) => block(None, true, is_rust(kind)),
                        _ => block(None, false, false),
                    });
                }
                depth += 1;
            }
            Event::End(TagEnd::MetadataBlock(_)) | Event::End(_) => depth = depth.saturating_sub(1),
            Event::Html(_) | Event::Rule if depth == 0 => blocks.push(block(None, false, false)),
            _ => {}
        }
    }
    blocks
}

/// rustdoc takes a block without a language for Rust.
pub(crate) fn is_rust(kind: &CodeBlockKind) -> bool {
    match kind {
        CodeBlockKind::Indented => false,
        CodeBlockKind::Fenced(info) => info.split([',', ' ']).all(|word| {
            matches!(word, "" | "rust" | "no_run" | "ignore" | "should_panic" | "compile_fail")
                || word.starts_with("edition")
        }),
    }
}

/// Lines that rustdoc compiles but does not show: `# use x;`.
fn without_hidden_lines(code: &str) -> String {
    let hidden = |line: &&str| {
        let line = line.trim_start();
        line == "#" || line.starts_with("# ")
    };
    code.lines().filter(|line| !hidden(line)).collect::<Vec<_>>().join("\n")
}

fn heading_text(heading: &str) -> String {
    let mut name = String::new();
    for event in Parser::new(heading) {
        match event {
            Event::Text(text) | Event::Code(text) => name.push_str(&text),
            Event::SoftBreak | Event::HardBreak => name.push(' '),
            _ => {}
        }
    }
    name.trim().to_owned()
}

fn bounded(mut title: String) -> String {
    let mut end = title.len().min(TITLE_BYTES_MAX);
    while !title.is_char_boundary(end) {
        end -= 1;
    }
    title.truncate(end);
    title
}

/// Where lines begin.
struct LineIndex {
    starts: Vec<usize>,
    first: u32,
}

impl LineIndex {
    fn new(text: &str, first: u32) -> LineIndex {
        let starts = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1).collect();
        LineIndex { starts, first }
    }

    fn line_of(&self, at: usize) -> u32 {
        self.first + self.starts.partition_point(|&start| start <= at) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks_of(text: &str) -> Vec<Chunk> {
        let mut chunks = Vec::new();
        cut("README.md", "pkg", text, 1, &mut chunks);
        chunks
    }

    #[test]
    fn a_chunk_knows_the_headings_that_lead_to_it() {
        let chunks = chunks_of("Intro.\n\n# A\n\nOne.\n\n## `B` c\n\nTwo.\n\n# D\n\nThree.\n");
        let titles: Vec<_> = chunks.iter().map(|one| (one.section_title.as_str(), one.line_start)).collect();
        assert_eq!(titles, [("pkg", 1), ("A", 3), ("A › B c", 7), ("D", 11)]);
        assert_eq!(chunks[2].content, "## `B` c\n\nTwo.");
    }

    #[test]
    fn code_blocks_stay_whole_and_lose_hidden_lines() {
        let code: String =
            (0..100).map(|n| format!("let x{n} = {n}; // some words to fill the line\n")).collect();
        let chunks = chunks_of(&format!("# A\n\n{}\n\n```\n# use hidden;\n{code}```\n", "word ".repeat(300)));
        assert_eq!(chunks.len(), 2);
        assert!(chunks[1].content.contains("let x0 =") && chunks[1].content.contains("let x99 ="));
        assert!(!chunks[1].content.contains("hidden"));
    }

    #[test]
    fn what_is_too_long_is_cut_within_bounds() {
        let block: String = (0..2_000).map(|n| format!("line {n}\n")).collect();
        let text = format!("```text\n{block}```\n\n{}", "ä".repeat(10_000));
        let chunks = chunks_of(&text);
        assert!(chunks.iter().all(|one| one.content.len() <= CHUNK_BYTES_TARGET + 2));
        let all: String = chunks.iter().map(|one| one.content.as_str()).collect();
        assert!(all.contains("line 1999") && all.matches('ä').count() == 10_000);
    }

    #[test]
    fn changes_are_not_documentation() {
        for yes in ["README", "Readme.md", "readme.txt", "docs/a/guide.md", "doc/x.markdown"] {
            assert!(is_document(yes), "{yes}");
        }
        for no in ["CHANGELOG.md", "docs/CHANGELOG.md", "src/README.md", "docs/a.rs", "README.rs"] {
            assert!(!is_document(no), "{no}");
        }
    }
}
