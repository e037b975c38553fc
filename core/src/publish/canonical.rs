//! JSON in the one form that is hashed (RFC 8785), and what bytes are called.
//!
//! What is hashed is never what some library happens to write: the order of keys and the digits of numbers depend on
//! features that other crates turn on. What RFC 8785 permits and two readers would understand differently is refused
//! where it is read in: keys that occur twice, whole numbers beyond 2^53, lone surrogates.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use crate::json;

/// The largest whole number that every reader of JSON has.
const WHOLE_MAX: u64 = (1 << 53) - 1;
const WHOLE_MAX_AS_FLOAT: f64 = 9_007_199_254_740_991.0;
/// From here on the one form writes an exponent, which nobody takes for a whole number.
const EXPONENT_FROM: f64 = 1e21;
/// Keys that JavaScript takes for something else: artifacts are read in browsers.
const NO_KEYS: [&str; 3] = ["__proto__", "prototype", "constructor"];

/// Why a document is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    #[error("{0}")]
    Malformed(&'static str),
    #[error("{0} is beyond what every reader holds exactly (2^53 - 1); write it as text")]
    Number(String),
    #[error("{0:?} is no name of a member here: JavaScript takes it for something else")]
    Key(String),
    #[error("it has {0} bytes, more than {1}")]
    Large(usize, usize),
}

/// SHA-256 in 64 small hexadecimal digits: as a value and in a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256(String);

impl Sha256 {
    pub fn of(bytes: &[u8]) -> Sha256 {
        use fmt::Write;
        let mut text = String::with_capacity(64);
        for byte in digest(&SHA256, bytes).as_ref() {
            // A string takes whatever is written.
            let _ = write!(text, "{byte:02x}");
        }
        Sha256(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Sha256 {
    type Error = String;

    fn try_from(text: String) -> Result<Sha256, String> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        match text.len() == 64 && text.bytes().all(is_digit) {
            true => Ok(Sha256(text)),
            false => Err("that is no SHA-256".to_string()),
        }
    }
}

impl From<Sha256> for String {
    fn from(hash: Sha256) -> String {
        hash.0
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads an object of at most so many bytes that has one meaning for every reader.
pub fn read(bytes: &[u8], bytes_max: usize) -> Result<Map<String, Value>, JsonError> {
    if bytes.len() > bytes_max {
        return Err(JsonError::Large(bytes.len(), bytes_max));
    }
    let object = json::object(bytes).map_err(JsonError::Malformed)?;
    object.iter().try_for_each(|(key, value)| check_member(key, value))?;
    Ok(object)
}

fn check_member(key: &str, value: &Value) -> Result<(), JsonError> {
    match NO_KEYS.contains(&key) {
        true => Err(JsonError::Key(key.to_string())),
        false => check(value),
    }
}

fn check(value: &Value) -> Result<(), JsonError> {
    match value {
        Value::Number(number) => match is_exact(number) {
            true => Ok(()),
            false => Err(JsonError::Number(number.to_string())),
        },
        Value::Array(items) => items.iter().try_for_each(check),
        Value::Object(members) => members.iter().try_for_each(|(key, value)| check_member(key, value)),
        _ => Ok(()),
    }
}

/// Whether every reader of the one form has this very number: it writes `1e16` in full, as a whole number.
fn is_exact(number: &Number) -> bool {
    match (number.as_u64(), number.as_i64(), number.as_f64()) {
        (Some(whole), _, _) => whole <= WHOLE_MAX,
        (_, Some(whole), _) => whole.unsigned_abs() <= WHOLE_MAX,
        (_, _, Some(float)) => float.abs() <= WHOLE_MAX_AS_FLOAT || float.abs() >= EXPONENT_FROM,
        _ => false,
    }
}

/// An object and its one form, as they may be kept: what is taken here is read again, also where the form is longer than
/// what was written.
pub fn taken(bytes: &[u8], bytes_max: usize) -> Result<(Map<String, Value>, Vec<u8>), JsonError> {
    let form = canonical(&read(bytes, bytes_max)?)?;
    Ok((read(&form, bytes_max)?, form))
}

/// The canonical bytes of a value.
pub fn canonical(value: &impl Serialize) -> Result<Vec<u8>, JsonError> {
    serde_json_canonicalizer::to_vec(value).map_err(|_| JsonError::Malformed("it cannot be written as JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Result<String, JsonError> {
        let object = read(text.as_bytes(), 1 << 20)?;
        Ok(String::from_utf8(canonical(&Value::Object(object)).unwrap()).unwrap())
    }

    /// V11, and the RFC's own example of order and numbers.
    #[test]
    fn one_value_has_one_form() {
        for (text, expected) in [
            (r#"{"n":-0}"#, r#"{"n":0}"#),
            (r#"{"n":1.0}"#, r#"{"n":1}"#),
            (r#"{"n":1E30}"#, r#"{"n":1e+30}"#),
            (r#"{"n":333333333.33333329}"#, r#"{"n":333333333.3333333}"#),
            (r#"{"n":0.000000000000000000000000001}"#, r#"{"n":1e-27}"#),
            (r#"{"n":9007199254740991}"#, r#"{"n":9007199254740991}"#),
            (r#"{"b":1,"a":{"d":[2,1],"c":null}}"#, r#"{"a":{"c":null,"d":[2,1]},"b":1}"#),
            (
                r#"{"s":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"}"#,
                "{\"s\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}",
            ),
            // By UTF-16, where a surrogate stands before U+FB33.
            (
                "{\"\u{fb33}\":1,\"\u{1f600}\":2,\"\u{20ac}\":3,\"\\r\":4,\"1\":5}",
                "{\"\\r\":4,\"1\":5,\"€\":3,\"😀\":2,\"\u{fb33}\":1}",
            ),
        ] {
            assert_eq!(form(text).as_deref(), Ok(expected), "{text}");
        }
        let precomposed = form("{\"s\":\"\u{e9}\"}").unwrap();
        assert_ne!(precomposed, form("{\"s\":\"e\u{301}\"}").unwrap(), "texts are as they were written");
    }

    /// V05, V10, V11, V13.
    #[test]
    fn what_two_readers_would_read_differently_is_refused() {
        for bad in [
            r#"{"title":"a","title":"b"}"#,
            r#"{"x":{"title":"a","\u0074itle":"b"}}"#,
            r#"{"n":9007199254740993}"#,
            r#"{"n":-9007199254740993}"#,
            r#"{"n":[18446744073709551615]}"#,
            r#"{"n":1e400}"#,
            r#"{"s":"\ud800"}"#,
            r#"{"a":{"__proto__":1}}"#,
            r#"{"constructor":1}"#,
            r#"{"a":[{"prototype":1}]}"#,
            r#"[]"#,
            "",
        ] {
            assert!(form(bad).is_err(), "{bad}");
        }
        assert_eq!(read(b"{\"a\":1}", 3), Err(JsonError::Large(7, 3)));
    }

    /// What is short where it is written may be long, or another number, in the one form.
    #[test]
    fn what_is_taken_is_read_again() {
        for bad in
            ["1e16", "9007199254740992", "9007199254740992.0", "-1e19", "1e20", "100000000000000000001"]
        {
            let refused = taken(format!(r#"{{"n":{bad}}}"#).as_bytes(), 1000);
            assert!(matches!(refused, Err(JsonError::Number(_))), "{bad}: {refused:?}");
        }
        for good in ["9007199254740991.0", "1e15", "1e21", "1E30", "-0.5e-7"] {
            let (object, form) = taken(format!(r#"{{"n":{good}}}"#).as_bytes(), 1000).unwrap();
            assert_eq!(taken(&form, 1000), Ok((object, form)), "{good}");
        }
        let long = format!(r#"{{"n":[{}0]}}"#, "1e15,".repeat(200_000));
        assert!(matches!(taken(long.as_bytes(), 1 << 20), Err(JsonError::Large(..))));
    }

    proptest::proptest! {
        #[test]
        fn every_number_that_is_taken_has_one_form(text in "-?[1-9][0-9]{0,25}(\\.[0-9]{1,4})?(e-?[0-9]{1,2})?") {
            if let Ok((object, form)) = taken(format!(r#"{{"n":{text}}}"#).as_bytes(), 1000) {
                proptest::prop_assert_eq!(taken(&form, 1000), Ok((object, form)));
            }
        }
    }

    #[test]
    fn a_hash_is_as_others_write_it() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Sha256::of(b"abc").as_str(), abc);
        assert!(Sha256::try_from(abc.to_uppercase()).is_err() && Sha256::try_from("ab".to_string()).is_err());
    }
}
