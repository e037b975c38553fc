//! Plain comments above the items of one's own code, which say what documentation says elsewhere.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::put;
use crate::ingest::rust::notes::cut;
use crate::ingest::{Symbol, SymbolKind, walk};

const BYTES_MAX: usize = 1_000;
/// Lines of attributes and documentation between a comment and its item.
const LINES_MAX: usize = 200;

/// Adds to each symbol's metadata what plain comments right above it say.
pub(super) fn note(root: &Path, symbols: &mut [Symbol]) {
    let mut by_file: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, symbol) in symbols.iter().enumerate() {
        let own = !symbol.metadata.contains_key("declared_in");
        if own && symbol.kind != SymbolKind::Mod {
            by_file.entry(symbol.file_path.clone()).or_default().push(at);
        }
    }
    for (file, items) in by_file {
        let Ok((_, text)) = walk::read_text(root, &root.join(file)) else { continue };
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        // Several items of one line come from a macro's call: none of them is what a comment is about.
        let mut at_line: HashMap<u32, usize> = HashMap::new();
        let line_of = |at: usize| symbols.get(at).map_or(0, |symbol| symbol.line_start);
        let items: Vec<(usize, u32)> = items.into_iter().map(|at| (at, line_of(at))).collect();
        items.iter().for_each(|(_, line)| *at_line.entry(*line).or_default() += 1);
        for (at, line) in items {
            let above = lines.get(..(line as usize).saturating_sub(1)).unwrap_or_default();
            if at_line.get(&line) == Some(&1)
                && let Some(comment) = comment_above(above)
                && let Some(symbol) = symbols.get_mut(at)
            {
                put(symbol, "comment", comment.into());
            }
        }
    }
}

/// The plain comments at the end of these lines, beside attributes and documentation; an empty line ends them.
fn comment_above(lines: &[&str]) -> Option<String> {
    let mut said = Vec::new();
    let mut in_attribute = false;
    for line in lines.iter().rev().take(LINES_MAX) {
        if in_attribute {
            in_attribute = !line.starts_with("#[");
            continue;
        }
        match line.strip_prefix("//") {
            Some(rest) if rest.starts_with(['/', '!']) => {}
            Some(rest) => said.push(rest.trim()),
            None if line.starts_with("#[") => {}
            None if line.ends_with(")]") || *line == "]" => in_attribute = true,
            None => break,
        }
    }
    said.reverse();
    let words = |line: &&&str| line.chars().any(char::is_alphabetic) && !is_code(line);
    let said: Vec<&str> = said.iter().filter(words).copied().collect();
    let said = said.join("\n");
    (!said.is_empty()).then(|| cut(&said, BYTES_MAX).to_owned())
}

/// Code that was commented out, and what is for tools.
fn is_code(line: &str) -> bool {
    line.ends_with([';', '{', '}']) || line.starts_with("SPDX-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_right_above_are_the_items_own() {
        let said = |text: &str| comment_above(&text.lines().map(str::trim).collect::<Vec<_>>());
        assert_eq!(said("x();\n\n// ----\n// Retries\n// thrice.\n").as_deref(), Some("Retries\nthrice."));
        assert_eq!(said("// Beside.\n/// Doc.\n#[cfg(a)]\n#[b(\n  c,\n)]").as_deref(), Some("Beside."));
        for none in ["// Far.\n", "// Of x.\nfn x() {}", "/// Doc.", "// let x = 1;"] {
            let text = if none == "// Far.\n" { "// Far.\n\n" } else { none };
            assert_eq!(said(text), None, "{none}");
        }
    }
}
