//! How far a fragment of a macro's argument reaches: what `$x:ty` takes of the tokens that follow.
//!
//! The compiler parses a fragment in full; here it is enough to find its end. An expression or a
//! pattern goes on to the next separator that may follow one, since no macro is accepted that could
//! continue with anything else.

use super::Fuel;
use super::tokens::{Kind, Tokens};

/// What a macro's parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fragment {
    Block,
    Expr,
    Ident,
    Item,
    Lifetime,
    Literal,
    Meta,
    Pat,
    Path,
    Stmt,
    Tree,
    Ty,
    Vis,
}

impl Fragment {
    pub fn named(name: &str) -> Option<Fragment> {
        Some(match name {
            "block" => Fragment::Block,
            "expr" | "expr_2021" => Fragment::Expr,
            "ident" => Fragment::Ident,
            "item" => Fragment::Item,
            "lifetime" => Fragment::Lifetime,
            "literal" => Fragment::Literal,
            "meta" => Fragment::Meta,
            "pat" | "pat_param" => Fragment::Pat,
            "path" => Fragment::Path,
            "stmt" => Fragment::Stmt,
            "tt" => Fragment::Tree,
            "ty" => Fragment::Ty,
            "vis" => Fragment::Vis,
            _ => return None,
        })
    }
}

/// Types and paths inside one another.
const DEPTH_MAX: u32 = 128;

/// Words that begin neither an expression nor a type.
const RESERVED: [&str; 14] =
    ["as", "else", "enum", "fn", "in", "let", "mod", "mut", "pub", "ref", "struct", "trait", "use", "where"];

/// Words that an expression goes on behind.
const OPERATORS: [&str; 23] = [
    "as", "async", "box", "break", "const", "continue", "dyn", "else", "for", "if", "in", "let", "loop",
    "match", "move", "mut", "raw", "ref", "return", "static", "unsafe", "while", "yield",
];

/// Tokens up to the end of the bracket that they stand in.
#[derive(Clone, Copy)]
pub(super) struct Within<'a, T> {
    pub tokens: &'a Tokens<T>,
    pub end: usize,
    pub fuel: &'a Fuel,
}

impl<T: AsRef<str>> Within<'_, T> {
    /// Where the fragment that begins at `at` ends; none where there is none.
    pub fn fragment(&self, fragment: Fragment, at: usize) -> Option<usize> {
        match fragment {
            Fragment::Vis => return Some(self.visibility(at)),
            _ if at >= self.end => return None,
            _ => {}
        }
        let past = match fragment {
            Fragment::Tree => self.tokens.tree(at, self.end),
            Fragment::Ident => (self.is_kind(at, Kind::Word) && self.word(at) != "_").then_some(at + 1),
            Fragment::Lifetime => self.is_kind(at, Kind::Lifetime).then_some(at + 1),
            Fragment::Literal => self.literal(at),
            Fragment::Block => self.opens(at, "{").then(|| self.tokens.tree(at, self.end)).flatten(),
            Fragment::Meta => self.meta(at),
            Fragment::Path => self.path(at, 0),
            Fragment::Ty => self.ty(at, 0),
            Fragment::Expr => self.expression(at),
            Fragment::Pat => self.pattern(at),
            Fragment::Item => self.item(at),
            Fragment::Stmt => self.statement(at),
            Fragment::Vis => None,
        }?;
        (past > at && past <= self.end).then_some(past)
    }

    fn word(&self, at: usize) -> &str {
        if at < self.end { self.tokens.word_at(at) } else { "" }
    }

    fn is_kind(&self, at: usize, kind: Kind) -> bool {
        at < self.end && self.tokens.is_kind(at, kind)
    }

    fn is_word(&self, at: usize, word: &str) -> bool {
        self.is_kind(at, Kind::Word) && self.word(at) == word
    }

    fn is_punct(&self, at: usize, sign: char) -> bool {
        at < self.end && self.tokens.is_punct(at, sign)
    }

    fn is_operator(&self, at: usize, sign: &str) -> bool {
        at + sign.len() <= self.end && self.tokens.is_operator(at, sign)
    }

    fn opens(&self, at: usize, bracket: &str) -> bool {
        at < self.end && self.tokens.opens(at, bracket)
    }

    /// Past the bracket that opens at `at`.
    fn group(&self, at: usize) -> Option<usize> {
        self.is_kind(at, Kind::Open).then(|| self.tokens.tree(at, self.end)).flatten()
    }

    fn visibility(&self, at: usize) -> usize {
        if !self.is_word(at, "pub") {
            return at;
        }
        let restricts =
            self.opens(at + 1, "(") && matches!(self.word(at + 2), "crate" | "self" | "super" | "in");
        // `pub (crate::A)` is a field's type behind `pub`.
        match self.group(at + 1) {
            Some(past) if restricts && (self.word(at + 2) == "in" || past == at + 4) => past,
            _ => at + 1,
        }
    }

    fn literal(&self, at: usize) -> Option<usize> {
        let at = if self.is_punct(at, '-') { at + 1 } else { at };
        let literal = self.is_kind(at, Kind::Literal)
            || self.is_kind(at, Kind::Number)
            || matches!(self.word(at), "true" | "false");
        literal.then_some(at + 1)
    }

    /// Pays for a token that is passed. What is taken in the end is paid for again by who takes it; what is
    /// looked through in vain is not.
    fn step(&self) -> Option<()> {
        self.fuel.burn(1).ok()
    }

    /// What stands in an attribute: `a::b`, `a(…)`, `a = …`.
    fn meta(&self, at: usize) -> Option<usize> {
        let past = self.plain_path(at)?;
        if let Some(past) = self.group(past) {
            return Some(past);
        }
        if self.is_punct(past, '=') { self.expression(past + 1) } else { Some(past) }
    }

    /// `a::b`, without generics.
    fn plain_path(&self, at: usize) -> Option<usize> {
        let mut at = if self.is_operator(at, "::") { at + 2 } else { at };
        loop {
            self.step()?;
            at = self.is_kind(at, Kind::Word).then_some(at + 1)?;
            if !(self.is_operator(at, "::") && self.is_kind(at + 2, Kind::Word)) {
                return Some(at);
            }
            at += 2;
        }
    }

    /// Past `<…>`.
    fn angle(&self, at: usize) -> Option<usize> {
        let (mut at, mut depth) = (at, 0_usize);
        loop {
            if at >= self.end {
                return None;
            }
            self.step()?;
            if self.is_operator(at, "->") || self.is_operator(at, "=>") {
                at += 2;
                continue;
            }
            if self.is_punct(at, '<') {
                depth += 1;
            } else if self.is_punct(at, '>') {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            at = self.group(at).unwrap_or(at + 1);
        }
    }

    /// A path as a type writes it: `a::B<C>`, `<A as B>::C`, `Fn(A) -> B`.
    fn path(&self, at: usize, depth: u32) -> Option<usize> {
        let mut at = at;
        if self.is_punct(at, '<') {
            at = self.angle(at)?;
            if !self.is_operator(at, "::") {
                return Some(at);
            }
            at += 2;
        } else if self.is_operator(at, "::") {
            at += 2;
        }
        loop {
            self.step()?;
            let named = self.is_kind(at, Kind::Word) && !RESERVED.contains(&self.word(at));
            at = named.then_some(at + 1)?;
            if self.is_punct(at, '<') && !self.is_operator(at, "<=") {
                at = self.angle(at)?;
            } else if self.is_operator(at, "::") && self.is_punct(at + 2, '<') {
                at = self.angle(at + 2)?;
            } else if self.opens(at, "(") {
                at = self.group(at)?;
                if self.is_operator(at, "->") {
                    return self.ty_within_bounds(at + 2, depth + 1);
                }
            }
            if !(self.is_operator(at, "::") && self.is_kind(at + 2, Kind::Word)) {
                return Some(at);
            }
            at += 2;
        }
    }

    fn ty(&self, at: usize, depth: u32) -> Option<usize> {
        let past = self.ty_within_bounds(at, depth)?;
        if self.is_punct(past, '+') && !self.is_operator(past, "+=") {
            return self.bounds(past + 1, depth + 1).or(Some(past));
        }
        Some(past)
    }

    /// A type that no `+` continues.
    fn ty_within_bounds(&self, mut at: usize, depth: u32) -> Option<usize> {
        if depth > DEPTH_MAX {
            return None;
        }
        loop {
            self.step()?;
            if self.is_punct(at, '&') {
                at += 1;
                at += usize::from(self.is_kind(at, Kind::Lifetime));
                at += usize::from(self.is_word(at, "mut"));
            } else if self.is_punct(at, '*') && matches!(self.word(at + 1), "const" | "mut") {
                at += 2;
            } else if self.is_word(at, "for") && self.is_punct(at + 1, '<') {
                at = self.angle(at + 1)?;
            } else {
                break;
            }
        }
        if self.is_punct(at, '!') || self.is_word(at, "_") {
            return Some(at + 1);
        }
        if self.opens(at, "(") || self.opens(at, "[") {
            return self.group(at);
        }
        match self.word(at) {
            "dyn" | "impl" if !self.is_operator(at + 1, "::") => return self.bounds(at + 1, depth + 1),
            "unsafe" | "extern" | "fn" => {
                while matches!(self.word(at), "unsafe" | "extern") || self.is_kind(at, Kind::Literal) {
                    at += 1;
                }
                at = self.is_word(at, "fn").then(|| self.group(at + 1)).flatten()?;
                return if self.is_operator(at, "->") {
                    self.ty_within_bounds(at + 2, depth + 1)
                } else {
                    Some(at)
                };
            }
            _ => {}
        }
        if self.is_kind(at, Kind::Lifetime) {
            return Some(at + 1);
        }
        let past = self.path(at, depth)?;
        if self.is_punct(past, '!') && self.is_kind(past + 1, Kind::Open) {
            return self.group(past + 1);
        }
        Some(past)
    }

    /// `A + ?B + 'c`
    fn bounds(&self, mut at: usize, depth: u32) -> Option<usize> {
        loop {
            while self.is_punct(at, '?') || self.is_punct(at, '~') || self.is_word(at, "const") {
                self.step()?;
                at += 1;
            }
            at = self.ty_within_bounds(at, depth)?;
            if !self.is_punct(at, '+') || self.is_operator(at, "+=") {
                return Some(at);
            }
            at += 1;
        }
    }

    fn expression(&self, at: usize) -> Option<usize> {
        let token = self.tokens.get(at).filter(|_| at < self.end)?;
        let begins = match token.kind {
            Kind::Punct => {
                matches!(self.word(at), "!" | "-" | "*" | "|" | "&" | "<" | "#")
                    || self.is_operator(at, "..")
                    || self.is_operator(at, "::")
            }
            Kind::Word => !RESERVED.contains(&self.word(at)) || self.is_word(at, "let"),
            Kind::Close => false,
            _ => true,
        };
        begins.then(|| self.until(at, &[",", ";", "=>"], true))
    }

    fn pattern(&self, at: usize) -> Option<usize> {
        let token = self.tokens.get(at).filter(|_| at < self.end)?;
        let begins = match token.kind {
            Kind::Punct => {
                matches!(self.word(at), "-" | "&" | "<" | "|")
                    || self.is_operator(at, "..")
                    || self.is_operator(at, "::")
            }
            Kind::Word => !RESERVED.contains(&self.word(at)) || matches!(self.word(at), "mut" | "ref"),
            Kind::Close => false,
            _ => true,
        };
        begins.then(|| self.until(at, &[",", ";", "=>", "=", "if", "in"], false))
    }

    /// Up to the first of `stops` that stands outside brackets, generics and a closure's parameters. An
    /// `expression` also ends before what cannot go on with it.
    fn until(&self, at: usize, stops: &[&str], expression: bool) -> usize {
        let first = at;
        let mut at = at;
        while at < self.end {
            let operand = at == first || self.before_operand(at - 1);
            if self.is_punct(at, '|') && operand && expression {
                at += 1;
                while at < self.end && !self.is_punct(at, '|') {
                    at = self.group(at).unwrap_or(at + 1);
                }
                at += 1;
                continue;
            }
            if self.is_operator(at, "::") && self.is_punct(at + 2, '<') {
                match self.angle(at + 2) {
                    Some(past) => at = past,
                    None => at += 2,
                }
                continue;
            }
            if self.is_punct(at, '<')
                && operand
                && let Some(past) = self.angle(at)
            {
                at = past;
                continue;
            }
            if self.is_operator(at, "..=") || self.is_operator(at, "==") {
                at += if self.is_operator(at, "==") { 2 } else { 3 };
                continue;
            }
            let stops_here = stops.iter().any(|stop| match self.tokens.get(at).map(|token| token.kind) {
                Some(Kind::Punct) => self.is_operator(at, stop),
                Some(Kind::Word) => self.word(at) == *stop,
                _ => false,
            });
            let next_begins = expression && at > first && self.ends_operand(at - 1) && self.is_operand(at);
            if (stops_here && at > first) || next_begins {
                break;
            }
            at = self.group(at).unwrap_or(at + 1);
        }
        at.min(self.end)
    }

    /// Whether an operand follows the token at `at`: not after a name, a literal or a bracket.
    fn before_operand(&self, at: usize) -> bool {
        match self.tokens.get(at).map(|token| token.kind) {
            Some(Kind::Punct) => !matches!(self.word(at), ">" | "?"),
            Some(Kind::Word) => matches!(self.word(at), "move" | "return" | "async" | "as" | "in" | "static"),
            _ => false,
        }
    }

    /// Whether an operand may end with the token at `at`: a name, a literal, a bracket, `?`.
    fn ends_operand(&self, at: usize) -> bool {
        match self.tokens.get(at).map(|token| token.kind) {
            Some(Kind::Punct) => self.word(at) == "?",
            Some(Kind::Word) => !OPERATORS.contains(&self.word(at)),
            Some(Kind::Lifetime | Kind::Open) | None => false,
            Some(_) => true,
        }
    }

    /// Whether the token at `at` can only begin an operand, or what follows an expression.
    fn is_operand(&self, at: usize) -> bool {
        match self.tokens.get(at).map(|token| token.kind) {
            Some(Kind::Punct) => self.word(at) == "#",
            Some(Kind::Word) => !matches!(self.word(at), "as" | "else" | "in" | "if"),
            Some(Kind::Number | Kind::Literal) => true,
            _ => false,
        }
    }

    fn statement(&self, at: usize) -> Option<usize> {
        if self.is_word(at, "let") {
            return Some(self.until(at, &[";"], false));
        }
        self.item(at).or_else(|| self.expression(at))
    }

    fn item(&self, at: usize) -> Option<usize> {
        let mut at = at;
        while self.is_punct(at, '#') {
            self.step()?;
            at += 1 + usize::from(self.is_punct(at + 1, '!'));
            at = self.opens(at, "[").then(|| self.group(at)).flatten()?;
        }
        at = self.visibility(at);
        let mut walk = at;
        while matches!(self.word(walk), "default" | "unsafe" | "async" | "const" | "extern" | "auto" | "safe")
            || (self.is_kind(walk, Kind::Literal) && walk > at)
        {
            let (word, next) = (self.word(walk), self.word(walk + 1));
            let modifies = match word {
                "const" => matches!(next, "fn" | "unsafe" | "async" | "extern" | "trait"),
                "extern" if next == "crate" => return self.until_end(walk, false),
                "extern" if next == "{" => return self.group(walk + 1),
                "default" | "auto" | "safe" => self.is_kind(walk + 1, Kind::Word),
                _ => true,
            };
            if !modifies {
                break;
            }
            walk += 1;
            if self.opens(walk, "{") {
                return self.group(walk);
            }
        }
        match self.word(walk) {
            "fn" | "enum" | "trait" | "mod" | "impl" => self.until_end(walk, true),
            "union" if self.is_kind(walk + 1, Kind::Word) => self.until_end(walk, true),
            "struct" => self.until_end(walk, true),
            "type" | "use" | "const" | "static" => self.until_end(walk, false),
            "macro" if self.is_kind(walk + 1, Kind::Word) => self.until_end(walk, true),
            _ => {
                let path = self.plain_path(at)?;
                let bang = self.is_punct(path, '!').then_some(path + 1)?;
                let opening = if self.is_kind(bang, Kind::Word) { bang + 1 } else { bang };
                let past = self.group(opening)?;
                if self.opens(opening, "{") {
                    return Some(past);
                }
                self.is_punct(past, ';').then_some(past + 1)
            }
        }
    }

    /// Past the `;` or, for what has a body, past the first `{…}`.
    fn until_end(&self, mut at: usize, body: bool) -> Option<usize> {
        while at < self.end {
            self.step()?;
            if self.is_punct(at, ';') {
                return Some(at + 1);
            }
            if body && self.opens(at, "{") {
                return self.group(at);
            }
            at = self.group(at).unwrap_or(at + 1);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// What a fragment takes of a text.
    fn taken(fragment: Fragment, text: &str) -> Option<&str> {
        let tokens = Tokens::read(text).expect("brackets match");
        let fuel = Fuel(Cell::new(1_000_000));
        let past = Within { tokens: &tokens, end: tokens.len(), fuel: &fuel }.fragment(fragment, 0)?;
        let last = tokens.get(past.checked_sub(1)?).map_or(0, |token| token.end as usize);
        text.get(..last)
    }

    #[test]
    fn types_end_where_they_end() {
        for (text, wanted) in [
            ("&'a mut Vec<Vec<u8>> , x", "&'a mut Vec<Vec<u8>>"),
            ("<A as B<C>>::D = 1", "<A as B<C>>::D"),
            ("Box<dyn Fn(u8) -> [u8; 4] + 'static> where", "Box<dyn Fn(u8) -> [u8; 4] + 'static>"),
            ("dyn ::std::any::Any + Send {", "dyn ::std::any::Any + Send"),
            ("unsafe extern \"C\" fn(*const u8) -> ! ;", "unsafe extern \"C\" fn(*const u8) -> !"),
            ("for<'a> fn(&'a u8) => x", "for<'a> fn(&'a u8)"),
            ("[u8; { 3 }] as x", "[u8; { 3 }]"),
            ("m!(x) | y", "m!(x)"),
            ("a::b::<C, D> [x]", "a::b::<C, D>"),
            ("*mut () )", "*mut ()"),
        ] {
            let text = text.trim_end_matches([')', '{']);
            assert_eq!(taken(Fragment::Ty, text), Some(wanted));
        }
        for text in ["= u8", "struct X", "1", ", u8"] {
            assert_eq!(taken(Fragment::Ty, text), None, "{text}");
        }
    }

    #[test]
    fn expressions_go_on_to_a_separator() {
        for (text, wanted) in [
            ("a + f(b, c)[d] ; e", "a + f(b, c)[d]"),
            ("Vec::<(A, B)>::new(), x", "Vec::<(A, B)>::new()"),
            ("|a, b| a + b, c", "|a, b| a + b"),
            ("move |a: Vec<u8>, b| {} => c", "move |a: Vec<u8>, b| {}"),
            ("1 << 3 | 2, x", "1 << 3 | 2"),
            ("<T as X<A, B>>::Y, z", "<T as X<A, B>>::Y"),
            ("if a == b { c } else { d }; e", "if a == b { c } else { d }"),
            ("a..=b, c", "a..=b"),
            ("\"a\".to_string()\n/// Doc.\npub b: u8", "\"a\".to_string()"),
            ("None pub b", "None"),
            ("-1 as i8 #[a] b", "-1 as i8"),
            ("match a? { b => c } fn", "match a? { b => c }"),
            ("X { a: b }.c(&mut d) pub", "X { a: b }.c(&mut d)"),
        ] {
            assert_eq!(taken(Fragment::Expr, text), Some(wanted));
        }
        for text in [", a", "=> a", "struct X", "= a"] {
            assert_eq!(taken(Fragment::Expr, text), None, "{text}");
        }
    }

    #[test]
    fn items_end_at_their_body_or_semicolon() {
        for (text, wanted) in [
            (
                "/// A.\n#[b] pub(crate) const fn f<const N: usize>() -> [u8; N] { x } struct",
                "/// A.\n#[b] pub(crate) const fn f<const N: usize>() -> [u8; N] { x }",
            ),
            ("pub struct A(pub u8, B) where C: D; fn", "pub struct A(pub u8, B) where C: D;"),
            ("unsafe impl<T> X for Y<T> where T: Z { } fn", "unsafe impl<T> X for Y<T> where T: Z { }"),
            ("extern \"C\" { fn a(); } fn", "extern \"C\" { fn a(); }"),
            ("pub unsafe extern \"C\" fn a() {} fn", "pub unsafe extern \"C\" fn a() {}"),
            ("const A: [u8; 2] = { [1, 2] }; fn", "const A: [u8; 2] = { [1, 2] };"),
            ("use a::{b, c}; fn", "use a::{b, c};"),
            ("macro_rules! m { () => {} } fn", "macro_rules! m { () => {} }"),
            ("a::m!(b); fn", "a::m!(b);"),
            ("union U { a: u8 } fn", "union U { a: u8 }"),
        ] {
            assert_eq!(taken(Fragment::Item, text), Some(wanted));
        }
        assert_eq!(taken(Fragment::Item, "a + b"), None);
    }

    #[test]
    fn the_small_ones() {
        assert_eq!(taken(Fragment::Vis, "pub(in a::b) fn"), Some("pub(in a::b)"));
        assert_eq!(taken(Fragment::Vis, "pub (A, B)"), Some("pub"));
        assert_eq!(taken(Fragment::Literal, "-1.5 x"), Some("-1.5"));
        assert_eq!(taken(Fragment::Meta, "cfg(all(a, b)) ]".trim_end_matches(" ]")), Some("cfg(all(a, b))"));
        assert_eq!(taken(Fragment::Meta, "doc = concat!(\"a\", \"b\")"), Some("doc = concat!(\"a\", \"b\")"));
        assert_eq!(taken(Fragment::Pat, "Some(a) | None if b"), Some("Some(a) | None"));
        assert_eq!(taken(Fragment::Ident, "r#type x"), Some("r#type"));
        assert_eq!(taken(Fragment::Lifetime, "'a x"), Some("'a"));
        assert_eq!(taken(Fragment::Block, "{ a } x"), Some("{ a }"));
        assert_eq!(taken(Fragment::Stmt, "let a = b; c"), Some("let a = b"));
    }
}
