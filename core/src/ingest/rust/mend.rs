//! Syntax that the grammar does not know, rewritten to syntax of the same length that it does.
//!
//! A parser that meets `pub const trait T {}` recovers somewhere behind it, and takes the items
//! between with it; after `macro m { … }` inside a module it closes the module. Positions stay what
//! they are, so that rows are still made from the text as it was written.

use std::cell::Cell;
use std::ops::Range;

use super::lex::{Token, closing, tokens};

/// How many bytes are looked ahead at, for each of the text. What an item's keyword begins mostly ends within a
/// line; a text made to cost time has one keyword behind the other, and no end.
const AHEAD_PER_BYTE: usize = 8;
/// Bytes in which a visibility is looked for, back from its end.
const VISIBILITY_BYTES_MAX: usize = 256;

/// Words that a name follows.
const NAMED_BY: [&str; 9] = ["const", "static", "mut", "mod", "struct", "enum", "union", "trait", "type"];

/// `text` with everything that the grammar does not know rewritten; none where there is nothing.
/// `gaps` are not looked at.
pub(super) fn mended(text: &str, mut gaps: impl Iterator<Item = Range<usize>>) -> Option<Vec<u8>> {
    let mut gap = gaps.next();
    let mut mended: Option<Vec<u8>> = None;
    let work = Cell::new(text.len().saturating_mul(AHEAD_PER_BYTE));
    let mut before: [Option<(usize, &str)>; 2] = [None, None];
    let mut at = 0;
    while let Some((token, range)) = tokens(text, at).next() {
        at = range.end;
        while let Some(next) = gap.take_if(|gap| gap.start <= at) {
            at = at.max(next.end);
            gap = gaps.next();
        }
        if matches!(token, Token::Space | Token::Comment) {
            continue;
        }
        let word = text.get(range.clone()).unwrap_or_default();
        let follows =
            |before: Option<(usize, &str)>, sign: &str| before == Some((range.start.wrapping_sub(1), sign));
        let mut patch = Patch { text, out: &mut mended, work: &work };
        match word {
            "trait" => {
                patch.blank_words(&before, &["const", "auto"]);
                patch.trait_alias(range.end);
            }
            "static" => patch.blank_words(&before, &["unsafe", "safe"]),
            // A name like any other, which the grammar takes for the keyword. Names are read as they were written.
            "default" if before[1].is_some_and(|(_, word)| NAMED_BY.contains(&word)) => {
                patch.put(range.start, b"_efault");
            }
            "type" => patch.foreign_type(before[1], range.clone()),
            "const" if follows(before[1], "[") && bounds(text, range.end) => {
                patch.blank(range.start - 1, range.end + 1);
            }
            "const" if follows(before[1], "~") => patch.blank(range.start - 1, range.end),
            "macro" if token == Token::Word => at = patch.declarative_macro(range.clone()).unwrap_or(at),
            _ => {}
        }
        before = [before[1], Some((range.start, word))];
    }
    mended
}

/// Whether `] Trait` follows, as in a bound; not `] =>`, as in a macro's rules.
fn bounds(text: &str, at: usize) -> bool {
    let rest = text.get(at..).and_then(|rest| rest.strip_prefix(']')).unwrap_or_default();
    rest.starts_with(' ')
        && rest.trim_start().starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | ':'))
}

struct Patch<'a> {
    text: &'a str,
    out: &'a mut Option<Vec<u8>>,
    /// Bytes that may still be looked ahead at.
    work: &'a Cell<usize>,
}

impl<'a> Patch<'a> {
    /// The tokens from `at` on, as long as there is work left for them.
    fn ahead(&self, at: usize) -> impl Iterator<Item = (Token, Range<usize>)> + use<'a> {
        let work = self.work;
        tokens(self.text, at).take_while(move |(_, range)| {
            let left = work.get().checked_sub(range.len());
            work.set(left.unwrap_or(0));
            left.is_some()
        })
    }

    /// Puts spaces there; line breaks stay.
    fn blank(&mut self, start: usize, end: usize) {
        let bytes = self.out.get_or_insert_with(|| self.text.as_bytes().to_vec());
        for byte in bytes.get_mut(start..end).unwrap_or_default() {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }

    fn put(&mut self, at: usize, replacement: &[u8]) {
        let bytes = self.out.get_or_insert_with(|| self.text.as_bytes().to_vec());
        if let Some(place) = bytes.get_mut(at..at + replacement.len()) {
            place.copy_from_slice(replacement);
        }
    }

    fn blank_words(&mut self, before: &[Option<(usize, &str)>; 2], words: &[&str]) {
        for &(start, word) in before.iter().flatten().filter(|(_, word)| words.contains(word)) {
            self.blank(start, start + word.len());
        }
    }

    /// `trait A = B;` becomes `trait A { }`.
    fn trait_alias(&mut self, name: usize) {
        let Some(head) = self.head(name) else { return };
        if let (Some(equals), b';') = (head.equals, head.ends_with) {
            self.blank(equals, head.end);
            self.put(equals, b"{");
            self.put(head.end - 1, b"}");
        }
    }

    /// `pub type A;` stands in extern blocks alone. The grammar takes it without `pub`.
    fn foreign_type(&mut self, before: Option<(usize, &str)>, word: Range<usize>) {
        let start = match before {
            Some((start, "pub" | "const")) => start,
            Some((_, ")")) => match visibility_before(self.text, word.start) {
                Some(start) => start,
                None => return,
            },
            _ => return,
        };
        if self.head(word.end).is_some_and(|head| head.equals.is_none() && head.ends_with == b';') {
            self.blank(start, word.start);
        }
    }

    /// `macro a($x:expr) { … }` becomes `mod a { }`. Returns where it ends.
    fn declarative_macro(&mut self, word: Range<usize>) -> Option<usize> {
        let mut next = self.ahead(word.end).filter(|(token, _)| !is_layout(*token));
        let (_, name) = next.next().filter(|(token, _)| *token == Token::Word)?;
        let (_, mut opening) = next.next().filter(|(token, _)| *token == Token::Open)?;
        drop(next);
        let mut end = closing(self.ahead(opening.start))?;
        if self.text.get(opening.clone()) == Some("(") {
            let (_, body) = self.ahead(end).find(|(token, _)| !is_layout(*token))?;
            opening = body;
            end = closing(self.ahead(opening.start))?;
        }
        if self.text.get(opening.clone()) != Some("{") {
            return None;
        }
        self.put(word.start, b"mod  ");
        self.blank(name.end, end);
        self.put(opening.start, b"{");
        self.put(end - 1, b"}");
        Some(end)
    }

    /// What stands between an item's keyword and its body or end.
    fn head(&self, at: usize) -> Option<Head> {
        let (mut depth, mut equals, mut minus) = (0_usize, None, false);
        for (token, range) in self.ahead(at) {
            let word = self.text.get(range.clone()).unwrap_or_default();
            match word {
                "{" | ";" if depth == 0 => {
                    return Some(Head { equals, end: range.end, ends_with: *word.as_bytes().first()? });
                }
                "=" if depth == 0 => drop(equals.get_or_insert(range.start)),
                "<" => depth += 1,
                ">" if minus => {}
                ">" => depth = depth.saturating_sub(1),
                _ if token == Token::Open => depth += 1,
                _ if token == Token::Close => depth = depth.checked_sub(1)?,
                _ => {}
            }
            minus = word == "-";
        }
        None
    }
}

fn is_layout(token: Token) -> bool {
    matches!(token, Token::Space | Token::Comment)
}

struct Head {
    /// Of an equals sign outside brackets.
    equals: Option<usize>,
    /// Behind what ends the head: a brace or a semicolon.
    end: usize,
    ends_with: u8,
}

/// Where the `pub` or `pub(…)` starts that ends right before `at`.
pub(super) fn visibility_before(text: &str, at: usize) -> Option<usize> {
    let before = text.get(..at)?.trim_end();
    let from = before.ceil_char_boundary(before.len().saturating_sub(VISIBILITY_BYTES_MAX));
    let before = before.get(from..)?;
    let keyword = match before.strip_suffix(')') {
        Some(inside) => inside.get(..inside.rfind('(')?)?.trim_end(),
        None => before,
    };
    let start = keyword.strip_suffix("pub")?.len();
    // Where it begins what is looked at, it may be the end of a longer word.
    let whole = start > 0 || from == 0;
    let apart = !keyword.get(..start)?.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '#');
    (whole && apart).then_some(from + start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mend(text: &str) -> String {
        mended(text, std::iter::empty())
            .map_or_else(|| text.to_owned(), |bytes| String::from_utf8(bytes).unwrap_or_default())
    }

    #[test]
    fn what_the_grammar_does_not_know_is_rewritten_in_place() {
        for (written, read) in [
            ("pub const trait T {}", "pub       trait T {}"),
            ("pub const unsafe trait T {}", "pub       unsafe trait T {}"),
            ("pub unsafe auto trait T {}", "pub unsafe      trait T {}"),
            ("trait A<T = u8>: X<Y = T> = B + Fn() -> C;", "trait A<T = u8>: X<Y = T> {              }"),
            ("pub unsafe static A: u8;", "pub        static A: u8;"),
            ("pub type A<T = B>;", "    type A<T = B>;"),
            ("pub(in a::b) type A;", "             type A;"),
            ("impl [const] A for ~const B {}", "impl         A for        B {}"),
            (
                "pub macro a($x:expr)\n{ fn b() {} } fn c() {}",
                "pub mod   a         \n{           } fn c() {}",
            ),
            ("macro a { ($x:ty) => {} }", "mod   a {               }"),
        ] {
            assert_eq!(mend(written), read);
            assert_eq!(written.len(), read.len());
        }
    }

    #[test]
    fn a_visibility_is_looked_for_nearby() {
        for (text, found) in [
            ("x pub ", Some(2)),
            ("x pub(in a::b)", Some(2)),
            ("xpub", None),
            ("x)", None),
            (&format!("{}pub(in {})", "ä".repeat(200), "a".repeat(200)), None),
            (&format!("{} pub(in a)", "ä".repeat(200)), Some(401)),
            (&format!("pub(in {})", "a".repeat(300)), None),
            (&format!("xpub({})", "a".repeat(VISIBILITY_BYTES_MAX - 5)), None),
        ] {
            assert_eq!(visibility_before(text, text.len()), found, "{text}");
        }
    }

    #[test]
    fn what_the_grammar_knows_stays() {
        for text in [
            "pub type A = B;",
            "trait A { type B; const C: u8 = 1; }",
            "trait A<T = u8> where T: B<C = D> {}",
            "unsafe trait A {}",
            "macro_rules! a { () => { macro } }",
            "pub static A: u8 = 1;",
            "const A: [u8; 1] = [const { 1 }];",
            "macro_rules! a { ([const]) => {}; [const] => {} }",
            "macro",
            "macro a(",
            "trait",
            "pub type",
        ] {
            assert_eq!(mended(text, std::iter::empty()), None, "{text}");
        }
    }
}
