//! Well-known macros whose expansion is not by `macro_rules!`, or whose crate may not be at hand.

use std::sync::{Arc, LazyLock};

use super::super::attributes;
use super::lines::Lines;
use super::rules::Definition;
use super::tokens::{Kind, Tokens};
use super::{Made, Spent};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Shape {
    /// The argument, with each `[<a b>]` as one name.
    Paste,
    /// The argument as it is.
    Items,
    /// By version; 0 where it is not known.
    Bitflags(u8),
    LazyStatic,
    /// The compiler's own, under whatever name it was called.
    CfgSelect,
}

/// `bitflags!` as its crate expands it takes a hundred times the text, most of it for a type that
/// nobody can name. `EXTRA` stands for what differs between its versions.
const BITFLAGS: &str = "macro_rules! bitflags {
    ($($(#[$outer:meta])* $vis:vis struct $Name:ident: $Bits:ty {
        $($(#[$inner:meta])* const $FLAG:tt = $value:expr;)*
    })*) => {$(
        $(#[$outer])*
        $vis struct $Name($Bits);
        $crate::bitflags! { impl $Name: $Bits { $($(#[$inner])* const $FLAG = $value;)* } }
    )*};
    ($(#[$outer:meta])* impl $Name:ident: $Bits:ty {
        $($(#[$inner:meta])* const $FLAG:tt = $value:expr;)*
    }) => {
        impl $Name {
            $($(#[$inner])* pub const $FLAG: Self = Self($value);)*
            /// No flag is set.
            pub const fn empty() -> Self {}
            /// All flags that have a name are set.
            pub const fn all() -> Self {}
            /// The bits of the flags that are set.
            pub const fn bits(&self) -> $Bits {}
            /// From bits, unless one belongs to no flag.
            pub const fn from_bits(bits: $Bits) -> Option<Self> {}
            /// From bits, without those that belong to no flag.
            pub const fn from_bits_truncate(bits: $Bits) -> Self {}
            /// Whether no flag is set.
            pub const fn is_empty(&self) -> bool {}
            /// Whether all flags are set.
            pub const fn is_all(&self) -> bool {}
            /// Whether a flag is set in both.
            pub const fn intersects(&self, other: Self) -> bool {}
            /// Whether all flags of the other are set.
            pub const fn contains(&self, other: Self) -> bool {}
            /// Sets the flags of the other.
            pub fn insert(&mut self, other: Self) {}
            /// Unsets the flags of the other.
            pub fn remove(&mut self, other: Self) {}
            /// Turns each flag of the other over.
            pub fn toggle(&mut self, other: Self) {}
            /// Sets or unsets the flags of the other.
            pub fn set(&mut self, other: Self, value: bool) {}
            /// The flags that are set in both.
            pub const fn intersection(self, other: Self) -> Self {}
            /// The flags that are set in either.
            pub const fn union(self, other: Self) -> Self {}
            /// The flags that are not set in the other.
            pub const fn difference(self, other: Self) -> Self {}
            /// The flags that are set in one of both.
            pub const fn symmetric_difference(self, other: Self) -> Self {}
            /// The flags that are not set.
            pub const fn complement(self) -> Self {}
            EXTRA
        }
    };
}";

/// What version 1 adds, and what version 2 adds.
const BITFLAGS_EXTRA: [&str; 2] = [
    "/// From bits, whatever flags they belong to.
            pub const unsafe fn from_bits_unchecked(bits: $Bits) -> Self {}",
    "/// From bits as they are.
            pub const fn from_bits_retain(bits: $Bits) -> Self {}
            /// The flag of this name.
            pub fn from_name(name: &str) -> Option<Self> {}
            /// The flags that are set, one by one.
            pub const fn iter(&self) -> ::bitflags::iter::Iter<Self> {}
            /// The flags that are set, one by one, with their names.
            pub const fn iter_names(&self) -> ::bitflags::iter::IterNames<Self> {}",
];

/// By version, and for one that is not known what all of them have.
static OF_BITFLAGS: LazyLock<[Definition; 3]> = LazyLock::new(|| {
    ["", BITFLAGS_EXTRA[0], BITFLAGS_EXTRA[1]].map(|extra| Definition::new(&BITFLAGS.replace("EXTRA", extra)))
});

static LAZY_STATIC: LazyLock<Definition> = LazyLock::new(|| {
    Definition::new(
        "macro_rules! lazy_static {
    ($($(#[$outer:meta])* $vis:vis static ref $NAME:ident: $Type:ty = $value:expr;)*) => {$(
        $(#[$outer])* $vis struct $NAME {}
        $(#[$outer])* $vis static $NAME: $NAME = $NAME {};
        impl ::std::ops::Deref for $NAME { type Target = $Type; fn deref(&self) -> &$Type {} }
    )*};
}",
    )
});

impl Shape {
    /// The shape of the macro with this name.
    pub fn of(name: &str) -> Option<Shape> {
        Some(match name {
            "paste" => Shape::Paste,
            "pin_project" => Shape::Items,
            "bitflags" => Shape::Bitflags(0),
            "lazy_static" => Shape::LazyStatic,
            "cfg_select" => Shape::CfgSelect,
            _ => return None,
        })
    }

    /// What a call stands for; `home` is what `$crate` does, where the macro's own crate is known.
    pub fn expand(
        self,
        argument: &Arc<str>,
        lines: &Lines,
        home: Option<&str>,
    ) -> Result<Option<Made>, Spent> {
        match self {
            Shape::Items => Ok(Some(Made { text: argument.clone(), lines: lines.clone() })),
            Shape::Paste => Ok(paste(argument, lines)),
            Shape::Bitflags(version) => match OF_BITFLAGS.get(usize::from(version)) {
                Some(definition) => definition.expand(argument, lines, home.unwrap_or("::bitflags")),
                None => Ok(None),
            },
            Shape::LazyStatic => LAZY_STATIC.expand(argument, lines, "lazy_static"),
            Shape::CfgSelect => {
                let (before, mut made) = ("cfg_select! {", Lines::default());
                made.copy(lines, 0, argument.len() as u32, before.len() as u32);
                Ok(Some(Made { text: Arc::from(format!("{before}{argument}}}")), lines: made }))
            }
        }
    }
}

fn paste(argument: &str, lines: &Lines) -> Option<Made> {
    let tokens = Tokens::read(argument)?;
    let (mut out, mut made) = (String::new(), Lines::default());
    let (mut at, mut copied) = (0, 0);
    while let Some(token) = tokens.get(at) {
        let pasted = match token.kind == Kind::Open && token.doc.is_none() {
            true => name(&tokens, at).or_else(|| documentation(&tokens, at)),
            false => None,
        };
        let Some((text, from)) = pasted else {
            at += 1;
            continue;
        };
        let close = token.partner as usize;
        made.copy(lines, copied, token.start, out.len() as u32);
        out.push_str(tokens.slice(copied, token.start));
        // All of it has the line of its first part, if that was handed in.
        for byte in 0..text.len() as u32 {
            made.copy(lines, from, from + 1, out.len() as u32 + byte);
        }
        out.push_str(&text);
        copied = tokens.get(close)?.end;
        at = close + 1;
    }
    made.copy(lines, copied, argument.len() as u32, out.len() as u32);
    out.push_str(tokens.slice(copied, argument.len() as u32));
    Some(Made { text: Arc::from(out), lines: made })
}

/// What `[<a b:upper>]` stands for, and where its first part begins.
fn name(tokens: &Tokens<&str>, open: usize) -> Option<(String, u32)> {
    let close = tokens.get(open)?.partner as usize;
    let closes = close > open + 2 && tokens.is_punct(close - 1, '>');
    if !(tokens.opens(open, "[") && tokens.is_punct(open + 1, '<') && closes) {
        return None;
    }
    let mut parts: Vec<String> = Vec::new();
    let mut from = None;
    let mut at = open + 2;
    while at < close - 1 {
        let token = tokens.get(at)?;
        let word = tokens.word(token);
        match token.kind {
            Kind::Punct if word == ":" => {
                let last = parts.pop()?;
                parts.push(recased(&last, tokens.word_at(at + 1))?);
                at += 1;
            }
            Kind::Literal => parts.push(attributes::string_value(word)?.into_owned()),
            Kind::Word | Kind::Number => parts.push(word.trim_start_matches("r#").to_owned()),
            Kind::Lifetime => parts.push(word.to_owned()),
            _ => return None,
        }
        from.get_or_insert(token.start);
        at += 1;
    }
    Some((parts.concat(), from?))
}

/// `[doc = "a" b "c"]`, whose parts `paste!` makes one string.
fn documentation(tokens: &Tokens<&str>, open: usize) -> Option<(String, u32)> {
    let close = tokens.get(open)?.partner as usize;
    let attribute = open > 0 && tokens.is_punct(open - 1, '#') && tokens.word_at(open + 1) == "doc";
    if !(attribute && tokens.is_punct(open + 2, '=') && close > open + 4) {
        return None;
    }
    let mut text = String::new();
    let mut at = open + 3;
    while at < close {
        let token = tokens.get(at)?;
        match token.kind {
            Kind::Literal => text.push_str(&attributes::string_value(tokens.word(token))?),
            Kind::Word | Kind::Number => text.push_str(tokens.word(token)),
            Kind::Open => {
                text.push_str(&name(tokens, at)?.0);
                at = token.partner as usize;
            }
            _ => return None,
        }
        at += 1;
    }
    Some((format!("[doc = {text:?}]"), tokens.get(open)?.start))
}

fn recased(word: &str, modifier: &str) -> Option<String> {
    let words = || {
        let mut words: Vec<String> = vec![String::new()];
        let mut before = '_';
        for one in word.chars() {
            if one == '_' || (one.is_uppercase() && before.is_lowercase()) {
                words.push(String::new());
            }
            if one != '_'
                && let Some(last) = words.last_mut()
            {
                last.push(one);
            }
            before = one;
        }
        words.retain(|word| !word.is_empty());
        words
    };
    let capitalised = |word: &String| {
        let mut chars = word.chars();
        let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
        first + &chars.as_str().to_lowercase()
    };
    Some(match modifier {
        "lower" => word.to_lowercase(),
        "upper" => word.to_uppercase(),
        "snake" => words().join("_").to_lowercase(),
        "camel" | "upper_camel" => words().iter().map(capitalised).collect(),
        "lower_camel" => {
            let camel: String = words().iter().map(capitalised).collect();
            let mut chars = camel.chars();
            chars.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default() + chars.as_str()
        }
        _ => return None,
    })
}
