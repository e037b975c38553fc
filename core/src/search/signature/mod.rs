//! Searching by signature, over all packages at once: `&str -> Result<Url>`, `Option<T>, Fn(T) -> U`.
//!
//! The syntax is rustdoc's: types that go in, in any order, an arrow, the type that comes out; either may be
//! left out. A single letter is a type variable. References, lifetimes and the paths before a type's name count
//! little or nothing, `self` is an input of the type that it is implemented for, and a trait stands for what
//! implements it.
//!
//! # Decisions
//!
//! - **An index of words, then a comparison.** A shelf holds for each function the words of its types (`i:str`,
//!   `o:result`) and the signature in a short text of its own, each once. A query asks for the functions that
//!   have all its words, and compares the structure of those alone.
//! - **A parser of our own.** `syn` reads neither a query, which is no Rust, nor what was cut or is broken, and
//!   its depth is the stack's; the grammar of types is small.
//! - **What is not said costs nothing.** `Vec<u8>` fits `&mut Vec<u8, A>`; `&Vec<u8>` fits it too, for a price.

mod find;
mod fit;
mod parse;
mod query;
mod read;
mod types;

#[cfg(test)]
mod tests;

pub use query::SignatureQuery;

use parse::{Dialect, Parser};
use read::read_declaration;
use types::Signature;

/// A longer declaration is cut, and what would be kept of one in a longer text is not kept.
const DECLARATION_BYTES_MAX: usize = 4096;
const KEPT_BYTES_MAX: usize = 1024;

/// What the index keeps of a function: its signature as text, and the words that it is found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub text: String,
    pub words: Vec<String>,
}

/// What to keep of a declaration, `None` where it is no function. `self_type` is what `Self` stands for: of a
/// trait's own function it is `impl Trait`.
pub fn keep<'a>(declaration: &'a str, self_type: &'a str) -> Option<Kept> {
    let cut = |text: &'a str| &text[..text.floor_char_boundary(DECLARATION_BYTES_MAX)];
    let signature = read_declaration(cut(declaration), cut(self_type))?;
    let words = signature.words().iter().map(ToString::to_string).collect();
    let kept = Kept { text: signature.to_string(), words };
    (kept.text.len() <= KEPT_BYTES_MAX).then_some(kept)
}

/// Reads what the index keeps.
fn read_kept(text: &str) -> Option<Signature<'_>> {
    Parser::new(Dialect::Kept, text).parse_kept()
}
