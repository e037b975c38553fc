//! What of a statement cannot be bound: strings in statements that take no parameters.

use anyhow::ensure;

/// A string as an SQL literal.
pub fn literal(text: &str) -> anyhow::Result<String> {
    ensure!(!text.contains('\0'), "a string with a null in it is no SQL literal");
    Ok(format!("'{}'", text.replace('\'', "''")))
}

/// Strings as an SQL list of literals.
pub fn list(texts: &[String]) -> anyhow::Result<String> {
    let literals: Vec<String> = texts.iter().map(|text| literal(text)).collect::<Result<_, _>>()?;
    Ok(format!("[{}]", literals.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_ends_no_literal() {
        assert_eq!(literal("it's '; DROP").unwrap(), "'it''s ''; DROP'");
        assert_eq!(list(&["a".into(), "b'".into()]).unwrap(), "['a', 'b''']");
        assert!(literal("a\0b").is_err());
    }
}
