//! Text that calls macros and holds nothing else: most of what macros stand for that hand their
//! argument on bit by bit. It is read without the parser, which would cost more than all else.

use std::ops::Range;

use super::super::lex::{Token, matching_end, token};

/// One call.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bare {
    /// The macro's name.
    pub path: Range<usize>,
    /// What stands in the brackets.
    pub within: Range<usize>,
}

/// The calls of a text that holds nothing else; none where it does, or where only the parser can tell.
pub(super) fn only(text: &str) -> Option<Vec<Bare>> {
    let mut calls = Vec::new();
    let mut start = code(text, 0)?;
    while start < text.len() {
        let path = start..path_end(text, start)?;
        let bang = code(text, path.end)?;
        if !starts(text, bang, "!") {
            return None;
        }
        let open = code(text, bang + 1)?;
        let opening = text.get(open..open + 1).filter(|one| matches!(*one, "{" | "(" | "["))?;
        let end = matching_end(text, open)?;
        let closing = text.get(end - 1..end)?;
        if !matches!((opening, closing), ("{", "}") | ("(", ")") | ("[", "]")) {
            return None;
        }
        calls.push(Bare { path, within: open + 1..end - 1 });
        let next = code(text, end)?;
        start = match starts(text, next, ";") {
            true => code(text, next + 1)?,
            false if opening == "{" || next == text.len() => next,
            false => return None,
        };
    }
    (!calls.is_empty()).then_some(calls)
}

/// Where the next token stands that is not layout, or the end; none where documentation comes first.
fn code(text: &str, mut at: usize) -> Option<usize> {
    while at < text.len() {
        match token(text.as_bytes(), at) {
            (Token::Space, end) => at = end,
            (Token::Comment, end) => {
                let comment = text.get(at..end)?.as_bytes();
                if matches!(comment.get(2), Some(b'/' | b'*' | b'!')) {
                    return None;
                }
                at = end;
            }
            _ => break,
        }
    }
    Some(at.min(text.len()))
}

fn starts(text: &str, at: usize, sign: &str) -> bool {
    text.get(at..).is_some_and(|rest| rest.starts_with(sign))
}

/// Past `::a::b`, written without spaces.
fn path_end(text: &str, start: usize) -> Option<usize> {
    let mut at = if starts(text, start, "::") { start + 2 } else { start };
    loop {
        let named = !text.as_bytes().get(at)?.is_ascii_digit();
        at = match token(text.as_bytes(), at) {
            (Token::Word, end) if named && text.is_char_boundary(end) => end,
            _ => return None,
        };
        if !starts(text, at, "::") {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_alone_are_told_from_all_else() {
        let read = |text: &'static str| {
            let calls = only(text)?;
            let parts = calls.into_iter().map(|one| (&text[one.path], &text[one.within]));
            Some(parts.collect::<Vec<_>>())
        };
        assert_eq!(
            read(" a!(b); // c\n ::d::e ! { f!() } /* g */ h![];\n i!()"),
            Some(vec![("a", "b"), ("::d::e", " f!() "), ("h", ""), ("i", "")])
        );
        for other in [
            "",
            "// a",
            "a!(); fn b() {}",
            "fn b() {} a!();",
            "#[a] b!();",
            "/// a\nb!();",
            "//! a\nb!();",
            "macro_rules! a { () => {} }",
            "impl !A for B {}",
            "a!() b!()",
            "a!{}.b();",
            "a!(]",
            "a!(",
            "a::<b>!()",
            "$a!();",
            "1!();",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
