//! Just enough of Rust's lexical grammar to step over strings and comments and to match brackets.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Space,
    Comment,
    /// A string, byte string, raw string or character.
    Literal,
    Lifetime,
    /// An identifier, keyword or number.
    Word,
    Open,
    Close,
    Punct,
}

/// The token that starts at `at` and where it ends; always past `at`. `at` must be inside `text`.
pub(super) fn token(text: &[u8], at: usize) -> (Token, usize) {
    let byte = |i: usize| text.get(i).copied().unwrap_or(0);
    match byte(at) {
        b' ' | b'\t' | b'\r' | b'\n' => {
            let mut end = at + 1;
            while byte(end).is_ascii_whitespace() {
                end += 1;
            }
            (Token::Space, end)
        }
        b'/' if byte(at + 1) == b'/' => (Token::Comment, line_end(text, at)),
        b'/' if byte(at + 1) == b'*' => (Token::Comment, block_comment_end(text, at)),
        b'"' => (Token::Literal, string_end(text, at + 1)),
        b'\'' => quote(text, at),
        b'(' | b'[' | b'{' => (Token::Open, at + 1),
        b')' | b']' | b'}' => (Token::Close, at + 1),
        first if is_word(first) => {
            let mut end = at + 1;
            while is_word(byte(end)) {
                end += 1;
            }
            let word = text.get(at..end).unwrap_or_default();
            if matches!(word, b"r" | b"br" | b"cr")
                && let Some(end) = raw_string_end(text, end)
            {
                return (Token::Literal, end);
            }
            if word == b"r" && byte(end) == b'#' && is_word(byte(end + 1)) {
                end += 1;
                while is_word(byte(end)) {
                    end += 1;
                }
            }
            (Token::Word, end)
        }
        _ => (Token::Punct, at + 1),
    }
}

/// Tokens with their ranges, from `at` on.
pub(super) fn tokens(text: &str, mut at: usize) -> impl Iterator<Item = (Token, Range<usize>)> + '_ {
    std::iter::from_fn(move || {
        if at >= text.len() {
            return None;
        }
        let (token, end) = token(text.as_bytes(), at);
        let range = at..end.min(text.len());
        at = end;
        Some((token, range))
    })
}

/// Where the bracket that opens at `at` is closed: the position after the closing one.
pub(super) fn matching_end(text: &str, at: usize) -> Option<usize> {
    closing(tokens(text, at))
}

/// Where the bracket is closed that opens first among these tokens.
pub(super) fn closing(tokens: impl Iterator<Item = (Token, Range<usize>)>) -> Option<usize> {
    let mut depth = 0_usize;
    for (token, range) in tokens {
        match token {
            Token::Open => depth += 1,
            Token::Close => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(range.end);
                }
            }
            _ => {}
        }
    }
    None
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn line_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().position(|&b| b == b'\n').map_or(text.len(), |n| at + n)
}

fn block_comment_end(text: &[u8], at: usize) -> usize {
    let (mut i, mut depth) = (at + 2, 1_usize);
    while let (Some(&a), Some(&b)) = (text.get(i), text.get(i + 1)) {
        match (a, b) {
            (b'/', b'*') => (depth, i) = (depth + 1, i + 2),
            (b'*', b'/') if depth == 1 => return i + 2,
            (b'*', b'/') => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
    }
    text.len()
}

fn string_end(text: &[u8], mut i: usize) -> usize {
    while let Some(&byte) = text.get(i) {
        match byte {
            b'\\' => i += 2,
            b'"' => return i + 1,
            _ => i += 1,
        }
    }
    text.len()
}

fn raw_string_end(text: &[u8], at: usize) -> Option<usize> {
    let hashes = text.get(at..)?.iter().take_while(|&&b| b == b'#').count();
    if text.get(at + hashes) != Some(&b'"') {
        return None;
    }
    let mut i = at + hashes + 1;
    while let Some(&byte) = text.get(i) {
        let tail = text.get(i + 1..).unwrap_or_default();
        if byte == b'"' && tail.iter().take(hashes).take_while(|&&b| b == b'#').count() == hashes {
            return Some(i + 1 + hashes);
        }
        i += 1;
    }
    Some(text.len())
}

/// A character or a lifetime.
fn quote(text: &[u8], at: usize) -> (Token, usize) {
    let byte = |i: usize| text.get(i).copied().unwrap_or(0);
    let first = byte(at + 1);
    if first == b'\\' {
        let mut i = at + 3;
        while i < text.len() && byte(i) != b'\'' && byte(i) != b'\n' {
            i += 1;
        }
        return (Token::Literal, (i + 1).min(text.len()));
    }
    let width = match first {
        0..=0x7f => 1,
        0x80..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    };
    if byte(at + 1 + width) == b'\'' {
        return (Token::Literal, at + width + 2);
    }
    let mut end = at + 1;
    while is_word(byte(end)) {
        end += 1;
    }
    (Token::Lifetime, end)
}

/// Whitespace and comments folded to one space, and none where a line break was only layout:
/// after an opening bracket, before a closing one.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let (mut space, mut broken) = (false, false);
    for (token, range) in tokens(text, 0) {
        let piece = text.get(range).unwrap_or_default();
        if matches!(token, Token::Space | Token::Comment) {
            space = true;
            broken |= piece.contains('\n') || token == Token::Comment;
            continue;
        }
        let closes = matches!(piece, ")" | "]" | ">");
        if space && broken && closes && folded.ends_with(',') {
            folded.pop();
        }
        let layout = broken && (closes || folded.ends_with(['(', '[', '<']));
        if space && !layout && !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(piece);
        (space, broken) = (false, false);
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let text = r##"{ "}" '}' b'}' r#"}"# /* } /* } */ */ // }
            '\'' 'a: &'a str } rest"##;
        let end = matching_end(text, 0).unwrap_or_default();
        assert_eq!(&text[end..], " rest");
    }

    #[test]
    fn a_signature_over_many_lines_reads_as_one() {
        let folded =
            fold("pub fn f<T>(\n    a: T, // the first\n    b: &'static str,\n) -> T\nwhere\n    T: X,");
        assert_eq!(folded, "pub fn f<T>(a: T, b: &'static str) -> T where T: X,");
    }
}
