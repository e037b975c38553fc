//! What text is embedded for a symbol.

use crate::words::split_identifiers;

/// The first sentences say what a thing is for; more of them dilute a mean.
const DOC_BYTES_MAX: usize = 300;
const TYPES_BYTES_MAX: usize = 120;
const SEGMENT_BYTES_MAX: usize = 80;
const PART_BYTES_MAX: usize = 2_000;

/// The text whose vector stands for a symbol: its name, its package, owner and name, the first
/// sentences of its documentation as plain text, the types of its signature. The name comes twice
/// since it says most. At most some 800 bytes.
pub fn symbol_text(path: &str, signature: &str, doc: Option<&str>) -> String {
    let segments: Vec<&str> = path.split("::").map(|segment| truncate(segment, SEGMENT_BYTES_MAX)).collect();
    let (package, rest) = segments.split_first().map_or(("", &[][..]), |(package, rest)| (*package, rest));
    let owner_and_name = &rest[rest.len().saturating_sub(2)..];
    let name = owner_and_name.last().copied().unwrap_or(package);

    let mut text = split_identifiers(name).into_owned();
    for segment in std::iter::once(&package).chain(owner_and_name).enumerate() {
        text.push_str(if segment.0 == 0 { ". " } else { " " });
        text.push_str(&split_identifiers(segment.1));
    }
    let doc = doc.map(first_sentences).unwrap_or_default();
    for part in [doc, split_identifiers(&types(signature, owner_and_name)).into_owned()] {
        if !part.is_empty() {
            text.push_str(". ");
            text.push_str(&part);
        }
    }
    text
}

/// The text whose vector stands for what is said of an item where it is used: its name and the prose.
pub fn use_text(path: &str, prose: &str) -> String {
    format!("{}. {}", named(path), first_sentences(prose))
}

/// The text whose vector stands for a piece of an item's body: its name, and the piece's words. At most some
/// 2,200 bytes.
pub fn part_text(path: &str, lines: &str) -> String {
    format!("{}. {}", named(path), split_identifiers(truncate(lines, PART_BYTES_MAX)))
}

/// The last two segments of a path as words.
fn named(path: &str) -> String {
    let start = path.rmatch_indices("::").nth(1).map_or(0, |(at, mark)| at + mark.len());
    split_identifiers(truncate(&path[start..], 2 * SEGMENT_BYTES_MAX)).replace("::", " ")
}

/// The names of types in a signature, each once, without those that `known` holds already.
fn types(signature: &str, known: &[&str]) -> String {
    let mut types: Vec<&str> = Vec::new();
    let mut bytes = 0;
    for word in signature.split(|c: char| !(c.is_alphanumeric() || c == '_')) {
        let is_type = word.len() > 1 && word.starts_with(char::is_uppercase) && word != "Self";
        if is_type && !known.contains(&word) && !types.contains(&word) {
            bytes += word.len() + 1;
            if bytes > TYPES_BYTES_MAX {
                break;
            }
            types.push(word);
        }
    }
    types.join(" ")
}

/// The start of Markdown up to its second heading, as plain text: without code blocks, link targets
/// and marks, cut at a sentence's end where there is one.
fn first_sentences(doc: &str) -> String {
    let mut plain = String::new();
    let mut fence = None;
    for line in doc.lines().map(str::trim) {
        let opens = ["```", "~~~"].into_iter().find(|marks| line.starts_with(marks));
        match (fence, opens) {
            (None, Some(marks)) => fence = Some(marks),
            (Some(open), Some(marks)) if open == marks => fence = None,
            (Some(_), _) => {}
            (None, None) if line.starts_with("# ") || line.starts_with("##") => {
                if !plain.is_empty() {
                    break;
                }
            }
            (None, None) => push_plain(&mut plain, line),
        }
        if plain.len() > DOC_BYTES_MAX {
            let start = truncate(&plain, DOC_BYTES_MAX);
            let sentences = start.rfind(". ").filter(|at| *at > start.len() / 2);
            let end = sentences.map_or(start.len(), |at| at + 1);
            plain.truncate(end);
            break;
        }
    }
    plain
}

/// Appends a line without emphasis, backticks and what links point to.
fn push_plain(plain: &mut String, line: &str) {
    if !plain.is_empty() && !line.is_empty() {
        plain.push(' ');
    }
    let mut rest = truncate(line, 4 * DOC_BYTES_MAX);
    loop {
        let end = rest.find(']').unwrap_or(rest.len());
        plain.extend(rest[..end].chars().filter(|c| !matches!(c, '[' | '`' | '*')));
        let Some(after) = rest.get(end + 1..) else { break };
        let target = match after.as_bytes().first() {
            Some(b'(') => after.find(')'),
            Some(b'[') => after.find(']'),
            _ => None,
        };
        rest = target.map_or(after, |at| &after[at + 1..]);
    }
}

fn truncate(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_reads_like_a_sentence() {
        let doc = "Runs the [provided](http://x.y) closure on a [`Thread`][t].\n\n```\ncode();\n```\nIt *may* block.\n\n# Panics\nNever.";
        let signature = "pub fn spawn_blocking<F, R>(func: F) -> JoinHandle<R> where F: FnOnce() -> R";
        assert_eq!(
            symbol_text("tokio::task::spawn_blocking", signature, Some(doc)),
            "spawn blocking. tokio task spawn blocking. Runs the provided closure on a Thread. It may block.. \
             Join Handle Fn Once"
        );
        assert_eq!(symbol_text("tokio::spawn", "", None), "spawn. tokio spawn");
        assert_eq!(symbol_text("indexmap", "", None), "indexmap. indexmap");
        assert_eq!(
            symbol_text("bytes::Bytes", "pub struct Bytes", Some("# Title\nA slice.")),
            "Bytes. bytes Bytes. A slice."
        );
    }

    #[test]
    fn no_input_makes_it_long_or_fails() {
        let long = "é[`*](]#~~~".repeat(10_000);
        for text in ["", "::", "a::", "```", "[", "]", "](", "[a](", &long] {
            let embedded = symbol_text(text, text, Some(text));
            assert!(embedded.len() < 1000, "{} bytes of {:.20}", embedded.len(), text);
        }
    }

    #[test]
    fn long_documentation_ends_with_a_sentence() {
        let doc = "This sentence has about forty bytes in all. ".repeat(20);
        let plain = first_sentences(&doc);
        assert!(plain.len() <= DOC_BYTES_MAX && plain.ends_with("in all."), "{plain}");
    }
}
