//! What little the index needs to know of a type's text.

use std::sync::Arc;

use super::lex::{Token, tokens};
use super::model::Name;
use super::names::spelled;

/// The path that a type is, without references, `dyn` and generics: `a::B` of `&'a mut a::B<T>`.
/// Empty where it is not a path: a slice, a tuple, `<T as X>::Y`.
pub(super) fn path_of(text: &str) -> Vec<Name> {
    let mut path: Vec<Name> = Vec::new();
    let mut expects_segment = true;
    for (token, range) in tokens(text, 0) {
        let word = text.get(range).unwrap_or_default();
        match token {
            Token::Space | Token::Comment | Token::Lifetime => {}
            Token::Word if matches!(word, "mut" | "dyn" | "impl" | "const") && path.is_empty() => {}
            Token::Word if expects_segment => {
                path.push(Arc::from(&*spelled(word)));
                expects_segment = false;
            }
            Token::Punct if word == "&" && path.is_empty() => {}
            Token::Punct if word == ":" => expects_segment = true,
            _ if path.is_empty() && word == "(" => {}
            _ => break,
        }
    }
    path
}

/// Whether a return type is a `Result`, or an alias of one by its name.
pub(super) fn is_result(text: &str) -> bool {
    let text = text.trim_start();
    !text.starts_with('&') && path_of(text).last().is_some_and(|last| last.ends_with("Result"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_types_path_is_found_under_its_decoration() {
        let path = |text| path_of(text).join("::");
        assert_eq!(path("&'a mut crate::a::B<C::D>"), "crate::a::B");
        assert_eq!(path("dyn Any + Send"), "Any");
        assert_eq!(path("[u8; 4]"), "");
        assert_eq!(path("<T as X>::Y"), "");
        assert!(is_result("io::Result<Poll<()>>"));
        assert!(!is_result("Poll<Result<(), E>>"));
    }
}
