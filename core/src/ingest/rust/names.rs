//! Names as the compiler compares them: in one Unicode form, and raw only where they have to be.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// What cannot be a name without the mark of a raw one, in any edition.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The one spelling of a name: `r#text` is `text`, `r#type` stays.
pub(super) fn spelled(name: &str) -> Cow<'_, str> {
    let name = match name.strip_prefix("r#") {
        Some(plain) if KEYWORDS.binary_search(&plain).is_err() => plain,
        _ => name,
    };
    if name.is_ascii() || is_nfc(name) { Cow::Borrowed(name) } else { Cow::Owned(name.nfc().collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_spelling() {
        assert!(KEYWORDS.is_sorted());
        for (written, name) in [
            ("r#text", "text"),
            ("r#type", "r#type"),
            ("text", "text"),
            ("cafe\u{301}", "caf\u{e9}"),
            ("", ""),
        ] {
            assert_eq!(spelled(written), name);
        }
    }
}
