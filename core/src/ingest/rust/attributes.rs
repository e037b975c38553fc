//! Attributes and documentation, read from the text that stands before an item or at the top of a
//! module.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::cfg;
use super::lex::{Token, matching_end, tokens};

/// Documentation and attributes in the order in which they were written.
pub(super) enum Piece<'a> {
    /// The text of a doc comment, still with the decoration inside its lines.
    Doc { text: &'a str, block: bool, inner: bool },
    /// What stands between `#[` and `]`.
    Attribute { text: &'a str, inner: bool },
}

/// The pieces of `text`, which starts outside any comment or string.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some((token, range)) = tokens(text, at).next() {
        at = range.end;
        let word = text.get(range).unwrap_or_default();
        match token {
            Token::Comment => pieces.extend(doc_piece(word)),
            Token::Punct if word == "#" => {
                let rest = text.get(at..).unwrap_or_default();
                let inner = rest.starts_with('!');
                let open = at + usize::from(inner);
                let open = open + text.get(open..).map_or(0, |rest| rest.len() - rest.trim_start().len());
                if text.get(open..).is_some_and(|rest| rest.starts_with('['))
                    && let Some(end) = matching_end(text, open)
                {
                    let body = text.get(open + 1..end - 1).unwrap_or_default().trim();
                    pieces.push(Piece::Attribute { text: body, inner });
                    at = end;
                }
            }
            _ => {}
        }
    }
    pieces
}

fn doc_piece(comment: &str) -> Option<Piece<'_>> {
    let line = |inner| Some(Piece::Doc { text: comment.get(3..)?, block: false, inner });
    let block = |inner| {
        let text = comment.get(3..)?.strip_suffix("*/")?;
        Some(Piece::Doc { text, block: true, inner })
    };
    match comment.as_bytes() {
        [b'/', b'/', b'/', b'/', ..] | [b'/', b'*', b'*', b'*' | b'/', ..] => None,
        [b'/', b'/', b'/', ..] => line(false),
        [b'/', b'/', b'!', ..] => line(true),
        [b'/', b'*', b'*', ..] => block(false),
        [b'/', b'*', b'!', ..] => block(true),
        _ => None,
    }
}

/// What an attribute's name is: `doc` of `doc = "…"`, `serde` of `serde(…)`.
pub(super) fn name_of(attribute: &str) -> &str {
    let end = attribute.find(|c: char| c.is_whitespace() || matches!(c, '(' | '=' | '[' | '{'));
    attribute.get(..end.unwrap_or(attribute.len())).unwrap_or_default()
}

/// What stands in the attribute's brackets: `a, b` of `derive(a, b)`.
pub(super) fn arguments_of(attribute: &str) -> Option<&str> {
    let open = attribute.find(['(', '[', '{'])?;
    let end = matching_end(attribute, open)?;
    attribute.get(open + 1..end - 1).map(str::trim)
}

/// The string after `=`: `x.rs` of `path = "x.rs"`.
pub(super) fn value_of(attribute: &str) -> Option<Cow<'_, str>> {
    let (_, value) = attribute.split_once('=')?;
    string_value(value.trim())
}

/// The value of a string literal, plain or raw.
pub(super) fn string_value(literal: &str) -> Option<Cow<'_, str>> {
    if let Some(raw) = literal.strip_prefix('r') {
        return Some(Cow::Borrowed(raw.trim_matches('#').strip_prefix('"')?.strip_suffix('"')?));
    }
    let text = literal.strip_prefix('"')?.strip_suffix('"')?;
    if !text.contains('\\') {
        return Some(Cow::Borrowed(text));
    }
    let mut value = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('n')) => value.push('\n'),
            ('\\', Some('t')) => value.push('\t'),
            ('\\', Some('r')) => value.push('\r'),
            ('\\', Some('0')) => value.push('\0'),
            ('\\', Some('x' | 'u')) => {
                let digits = |c: &char| c.is_ascii_hexdigit() || matches!(c, '{' | '}' | '_');
                let braced = chars.next() == Some('u');
                let mut code = String::new();
                while let Some(c) = chars.next_if(digits) {
                    if c.is_ascii_hexdigit() {
                        code.push(c);
                    }
                    if if braced { c == '}' } else { code.len() == 2 } {
                        break;
                    }
                }
                value.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
                continue;
            }
            ('\\', Some('\n')) => {
                while chars.peek().is_some_and(|c| c.is_whitespace()) {
                    chars.next();
                }
                continue;
            }
            ('\\', Some(&other)) => value.push(other),
            _ => {
                value.push(c);
                continue;
            }
        }
        chars.next();
    }
    Some(Cow::Owned(value))
}

/// The parts of a list, split at commas outside brackets and strings.
pub(super) fn split_list(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (token, range) in tokens(text, 0) {
        match token {
            Token::Open => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            Token::Punct if depth == 0 && text.get(range.clone()) == Some(",") => {
                parts.push(text.get(start..range.start).unwrap_or_default().trim());
                start = range.end;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default().trim());
    parts.retain(|part| !part.is_empty());
    parts
}

/// What the resolver needs to know of the attributes in front of an item.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub cfg: Option<String>,
    pub hidden: bool,
    pub test_only: bool,
    /// Certain not to be built on this machine with the features that are on.
    pub off: bool,
    /// Certain not to be built on this machine, whatever the features are.
    pub off_anyway: bool,
    pub path: Option<String>,
    /// Files under conditions that do not hold here or that only a build knows, with these.
    pub other_paths: Vec<(String, String)>,
    pub exported: bool,
    pub derives_error: bool,
    /// Marked `#[doc(inline)]`.
    pub inline: bool,
    /// The arguments of `#[wasm_bindgen]`.
    pub wasm_bindgen: Option<String>,
    /// The procedural macro that a function defines, where it has a name of its own.
    pub proc_macro: Option<Option<String>>,
}

/// The facts of the attributes in `text`, with these features on; with all of them where they are not known.
pub(super) fn facts(text: &str, features: Option<&BTreeSet<String>>) -> Facts {
    let mut facts = Facts::default();
    for piece in pieces(text) {
        if let Piece::Attribute { text, .. } = piece {
            facts.add(text, features, None, 0);
        }
    }
    facts
}

/// Whether there is documentation among the pieces, or an attribute that may bring some.
pub(super) fn documents(text: &str) -> bool {
    pieces(text).into_iter().any(|piece| match piece {
        Piece::Doc { inner, .. } => !inner,
        Piece::Attribute { text, .. } => matches!(name_of(text), "doc" | "cfg_attr"),
    })
}

impl Facts {
    /// Under a `condition` that does not hold, or of which nobody knows, an attribute says only where
    /// a file may be.
    fn add(
        &mut self,
        attribute: &str,
        features: Option<&BTreeSet<String>>,
        condition: Option<&str>,
        depth: usize,
    ) {
        if let Some(condition) = condition.filter(|_| name_of(attribute) != "cfg_attr") {
            if name_of(attribute) == "path"
                && let Some(path) = value_of(attribute)
            {
                self.other_paths.push((condition.to_owned(), path.into_owned()));
            }
            return;
        }
        match name_of(attribute) {
            "cfg" => {
                let predicate = arguments_of(attribute).unwrap_or_default();
                self.test_only |= cfg::only_in_tests(predicate);
                self.off |= cfg::off(predicate, features);
                self.off_anyway |= cfg::off_anyway(predicate);
                self.cfg = cfg::both(self.cfg.as_deref(), Some(predicate));
            }
            "cfg_attr" if depth < 4 => {
                let parts = split_list(arguments_of(attribute).unwrap_or_default());
                if let Some((predicate, attributes)) = parts.split_first() {
                    let both = cfg::both(condition, Some(predicate));
                    let condition = match cfg::certain(predicate, features) {
                        Some(true) => condition,
                        Some(false) | None => both.as_deref(),
                    };
                    for attribute in attributes {
                        self.add(attribute, features, condition, depth + 1);
                    }
                }
            }
            "doc" => {
                let arguments = split_list(arguments_of(attribute).unwrap_or_default());
                self.hidden |= arguments.contains(&"hidden");
                self.inline |= arguments.contains(&"inline");
            }
            "path" => self.path = self.path.take().or_else(|| value_of(attribute).map(Cow::into_owned)),
            "macro_export" => self.exported = true,
            "derive" => {
                let derived = split_list(arguments_of(attribute).unwrap_or_default());
                self.derives_error |= derived.iter().any(|one| one.rsplit("::").next() == Some("Error"));
            }
            "proc_macro" | "proc_macro_attribute" => self.proc_macro = Some(None),
            "proc_macro_derive" => {
                let derived = split_list(arguments_of(attribute).unwrap_or_default());
                self.proc_macro = Some(derived.first().map(|&name| name.to_owned()));
            }
            name if name.rsplit("::").next() == Some("wasm_bindgen") => {
                self.wasm_bindgen = Some(arguments_of(attribute).unwrap_or_default().to_owned());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_as_they_were_written() {
        let text = "/// Doc ] #[not]\n#[cfg(all(test, unix))] // ]\n#[derive(Debug, thiserror::Error)]\n#[doc = \"]\"]";
        let attributes: Vec<_> = pieces(text)
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Attribute { text, .. } => Some(text),
                Piece::Doc { .. } => None,
            })
            .collect();
        assert_eq!(attributes, ["cfg(all(test, unix))", "derive(Debug, thiserror::Error)", "doc = \"]\""]);
        let facts = facts(text, None);
        assert!(facts.test_only && facts.derives_error && !facts.hidden);
    }

    #[test]
    fn attributes_may_be_spaced() {
        assert_eq!(
            facts("# [wasm_bindgen (method , getter)]", None).wasm_bindgen.as_deref(),
            Some("method , getter")
        );
        assert!(facts("#\n[doc(hidden)]", None).hidden);
    }

    #[test]
    fn string_literals_give_their_value() {
        assert_eq!(string_value(r##"r#"a "b" c"#"##).as_deref(), Some(r#"a "b" c"#));
        assert_eq!(string_value(r#""a\n\"b\"\\""#).as_deref(), Some("a\n\"b\"\\"));
        assert_eq!(string_value(r#""\u{e9}A\x41BC\u{1F_600}""#).as_deref(), Some("éAABC😀"));
        for broken in [r#""\u{""#, r#""\x""#, r#""\u{ffffffffff}""#] {
            assert_eq!(string_value(broken).as_deref(), Some(""));
        }
        assert_eq!(string_value("x").as_deref(), None);
    }
}
