//! A macro's text as the tokens that it is matched by: flat, brackets knowing their partners, and
//! documentation as the attribute that it stands for.

use super::super::lex;

/// Tokens of one text; what has more was made to cost time.
const TOKENS_MAX: usize = 1 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An identifier or keyword.
    Word,
    Number,
    /// A string, byte string, raw string or character.
    Literal,
    Lifetime,
    /// One character of an operator.
    Punct,
    Open,
    Close,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    /// Where it comes from a doc comment: which token of `#[doc = "…"]` it is. All of these bear the
    /// comment's range.
    pub doc: Option<Doc>,
    /// Byte positions.
    pub start: u32,
    pub end: u32,
    /// Of a bracket: the index of the other one.
    pub partner: u32,
}

/// The tokens of `#![doc = "…"]`, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doc {
    Hash,
    Not,
    Open,
    Name,
    Equals,
    Text,
    Close,
}

/// A text and its tokens.
#[derive(Debug)]
pub(super) struct Tokens<T> {
    pub text: T,
    pub list: Vec<Token>,
}

impl<T: AsRef<str>> Tokens<T> {
    /// None where brackets do not match, or there are too many tokens.
    pub fn read(text: T) -> Option<Tokens<T>> {
        let list = list(text.as_ref())?;
        Some(Tokens { text, list })
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn get(&self, at: usize) -> Option<&Token> {
        self.list.get(at)
    }

    /// What a token reads as; the text of a documentation reads as the comment.
    pub fn word(&self, token: &Token) -> &str {
        match token.doc {
            Some(Doc::Hash) => "#",
            Some(Doc::Not) => "!",
            Some(Doc::Open) => "[",
            Some(Doc::Name) => "doc",
            Some(Doc::Equals) => "=",
            Some(Doc::Close) => "]",
            Some(Doc::Text) | None => self.slice(token.start, token.end),
        }
    }

    pub fn slice(&self, start: u32, end: u32) -> &str {
        self.text.as_ref().get(start as usize..end as usize).unwrap_or_default()
    }

    /// What the token at `at` reads as; empty past the end.
    pub fn word_at(&self, at: usize) -> &str {
        self.get(at).map_or("", |token| self.word(token))
    }

    pub fn is_punct(&self, at: usize, sign: char) -> bool {
        self.get(at).is_some_and(|token| token.kind == Kind::Punct && self.word(token).starts_with(sign))
    }

    pub fn opens(&self, at: usize, bracket: &str) -> bool {
        self.get(at).is_some_and(|token| token.kind == Kind::Open && self.word(token) == bracket)
    }

    pub fn is_kind(&self, at: usize, kind: Kind) -> bool {
        self.get(at).is_some_and(|token| token.kind == kind)
    }

    /// Whether the token after `at` is an operator's next character.
    fn joint(&self, at: usize) -> bool {
        let (Some(one), Some(next)) = (self.get(at), self.get(at + 1)) else { return false };
        next.kind == Kind::Punct && one.end == next.start && one.doc.is_none() && next.doc.is_none()
    }

    /// Whether an operator of two characters stands at `at`.
    pub fn is_operator(&self, at: usize, sign: &str) -> bool {
        self.is_kind(at, Kind::Punct)
            && sign.chars().enumerate().all(|(n, one)| {
                self.is_punct(at + n, one) && (n + 1 == sign.chars().count() || self.joint(at + n))
            })
    }

    /// Past the token tree at `at`: a bracket with its inside, an operator of up to three characters.
    pub fn tree(&self, at: usize, end: usize) -> Option<usize> {
        let token = self.get(at).filter(|_| at < end)?;
        match token.kind {
            Kind::Open => Some(token.partner as usize + 1),
            Kind::Close => None,
            Kind::Punct => {
                let glued = GLUED.iter().find(|sign| self.is_operator(at, sign));
                Some((at + glued.map_or(1, |sign| sign.len())).min(end))
            }
            _ => Some(at + 1),
        }
    }
}

/// Operators of more than one character, the longer ones first.
const GLUED: [&str; 25] = [
    "<<=", ">>=", "...", "..=", "::", "->", "=>", "==", "!=", "<=", ">=", "&&", "||", "+=", "-=", "*=", "/=",
    "%=", "^=", "&=", "|=", "<<", ">>", "..", "<-",
];

fn list(text: &str) -> Option<Vec<Token>> {
    let bytes = text.as_bytes();
    u32::try_from(bytes.len()).ok()?;
    let mut list: Vec<Token> = Vec::with_capacity(bytes.len() / 5);
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let (token, mut end) = lex::token(bytes, at);
        let start = at;
        let kind = match token {
            lex::Token::Space => {
                at = end;
                continue;
            }
            lex::Token::Comment => {
                documentation(text.get(start..end)?, start as u32, end as u32, &mut list);
                at = end;
                continue;
            }
            lex::Token::Word if bytes.get(start).is_some_and(u8::is_ascii_digit) => {
                end = number_end(bytes, start, end);
                Kind::Number
            }
            lex::Token::Word => match prefixed_literal_end(bytes, start, end) {
                Some(past) => {
                    end = past;
                    Kind::Literal
                }
                None => Kind::Word,
            },
            lex::Token::Literal => Kind::Literal,
            lex::Token::Lifetime => Kind::Lifetime,
            lex::Token::Punct => Kind::Punct,
            lex::Token::Open => Kind::Open,
            lex::Token::Close => Kind::Close,
        };
        // A character outside ASCII that is no word stands for itself.
        while !text.is_char_boundary(end) {
            end += 1;
        }
        let mut partner = 0;
        match kind {
            Kind::Open => open.push(list.len()),
            Kind::Close => {
                let opening = open.pop()?;
                partner = opening as u32;
                let closing = list.len() as u32;
                let one = list.get_mut(opening)?;
                let pair = (bytes.get(one.start as usize)?, bytes.get(start)?);
                if !matches!(pair, (b'(', b')') | (b'[', b']') | (b'{', b'}')) {
                    return None;
                }
                one.partner = closing;
            }
            _ => {}
        }
        list.push(Token { kind, doc: None, start: start as u32, end: end as u32, partner });
        if list.len() > TOKENS_MAX {
            return None;
        }
        at = end;
    }
    open.is_empty().then_some(list)
}

fn documentation(comment: &str, start: u32, end: u32, list: &mut Vec<Token>) {
    let inner = match comment.as_bytes() {
        [b'/', b'/', b'/', b'/', ..] | [b'/', b'*', b'*', b'*' | b'/', ..] => return,
        [b'/', b'/', b'/', ..] | [b'/', b'*', b'*', ..] => false,
        [b'/', b'/' | b'*', b'!', ..] => true,
        _ => return,
    };
    let mut push = |doc, kind, partner: usize| {
        list.push(Token { kind, doc: Some(doc), start, end, partner: partner as u32 });
        list.len() - 1
    };
    push(Doc::Hash, Kind::Punct, 0);
    if inner {
        push(Doc::Not, Kind::Punct, 0);
    }
    let open = push(Doc::Open, Kind::Open, 0);
    push(Doc::Name, Kind::Word, 0);
    push(Doc::Equals, Kind::Punct, 0);
    push(Doc::Text, Kind::Literal, 0);
    let close = push(Doc::Close, Kind::Close, open);
    if let Some(token) = list.get_mut(open) {
        token.partner = close as u32;
    }
}

/// `1.5e-3` is one token, `1..2` and `1.max(2)` are more.
fn number_end(bytes: &[u8], start: usize, mut end: usize) -> usize {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let word = |mut at: usize| {
        while byte(at).is_ascii_alphanumeric() || byte(at) == b'_' {
            at += 1;
        }
        at
    };
    let prefixed = byte(start) == b'0' && matches!(byte(start + 1), b'x' | b'b' | b'o');
    if !prefixed && byte(end) == b'.' {
        let next = byte(end + 1);
        if next.is_ascii_digit() {
            end = word(end + 1);
        } else if next != b'.' && !next.is_ascii_alphabetic() && next != b'_' && next < 0x80 {
            end += 1;
        }
    }
    if !prefixed
        && matches!(byte(end - 1), b'e' | b'E')
        && matches!(byte(end), b'+' | b'-')
        && byte(end + 1).is_ascii_digit()
    {
        end = word(end + 1);
    }
    end
}

/// `b"…"`, `c"…"`, `b'…'`.
fn prefixed_literal_end(bytes: &[u8], start: usize, end: usize) -> Option<usize> {
    let prefix = bytes.get(start..end)?;
    let quote = *bytes.get(end)?;
    if !matches!((prefix, quote), (b"b" | b"c", b'"') | (b"b", b'\'')) {
        return None;
    }
    match lex::token(bytes, end) {
        (lex::Token::Literal, past) => Some(past),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let tokens = Tokens::read(text).expect("brackets match");
        tokens.list.iter().map(|token| tokens.word(token).to_owned()).collect()
    }

    #[test]
    fn numbers_and_literals_are_one_token_each() {
        assert_eq!(
            words("1.5e-3f64 1..2 0x1e-3 1.max"),
            ["1.5e-3f64", "1", ".", ".", "2", "0x1e", "-", "3", "1", ".", "max"]
        );
        assert_eq!(
            words("b\"a b\" c\"x\" b'}' r#\"]\"# 'a r#type"),
            ["b\"a b\"", "c\"x\"", "b'}'", "r#\"]\"#", "'a", "r#type"]
        );
    }

    #[test]
    fn documentation_is_an_attribute_and_other_comments_are_nothing() {
        assert_eq!(
            words("/// A.\n// b\n//! C."),
            ["#", "[", "doc", "=", "/// A.", "]", "#", "!", "[", "doc", "=", "//! C.", "]"]
        );
    }

    #[test]
    fn a_tree_is_a_bracket_or_an_operator() {
        let tokens = Tokens::read("(a, [b]) ..= -> x").expect("brackets match");
        let mut ends = Vec::new();
        let mut at = 0;
        while let Some(end) = tokens.tree(at, tokens.len()) {
            ends.push(end);
            at = end;
        }
        assert_eq!(ends, [7, 10, 12, 13]);
        for broken in ["(", ")", "(]", "{ ( }"] {
            assert!(Tokens::read(broken).is_none(), "{broken}");
        }
    }
}
