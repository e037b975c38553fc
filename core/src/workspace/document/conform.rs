//! From what stands in the document to a row, or to what is wrong with it. Peers may have written anything.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use serde_json::{Map as JsonMap, Value as Json};
use yrs::types::ToJson;
use yrs::{Any, GetString, Map, Number, Out, ReadTxn};

use super::super::row::{Problem, Row, Value};
use super::super::table::{Column, Kind, Table};
use super::BODY_BYTES_MAX;

/// Numbers beyond them lose digits in JavaScript, whose numbers the document has.
pub(super) const INTEGERS: RangeInclusive<i64> = -((1 << 53) - 1)..=(1 << 53) - 1;

/// A row of a table, or all that is wrong with it.
pub(super) fn row<T: ReadTxn>(table: &Table, id: &str, found: &Out, txn: &T) -> Result<Row, Vec<Problem>> {
    let problem = |field: Option<&str>, why: String| Problem {
        table: table.name.to_owned(),
        id: id.to_owned(),
        field: field.map(str::to_owned),
        why,
    };
    let Out::YMap(fields) = found else {
        return Err(vec![problem(None, format!("is {}, not a row", said(found)))]);
    };
    let mut problems = Vec::new();
    let mut values = Vec::with_capacity(table.columns.len());
    for column in table.columns {
        match value(column, fields.get(txn, column.name), txn) {
            Ok(Value::None) if column.is_required => {
                problems.push(problem(Some(column.name), "is missing".to_owned()));
            }
            Ok(value) => values.push(value),
            Err(why) => problems.push(problem(Some(column.name), why)),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let is_known = |name: &str| table.columns.iter().any(|column| column.name == name);
    let others = fields.iter(txn).filter(|(name, _)| !is_known(name));
    let extra: JsonMap<_, _> =
        others.map(|(name, value)| (name.to_owned(), json(&value.to_json(txn)))).collect();
    Ok(Row { id: id.to_owned(), values, extra })
}

fn value<T: ReadTxn>(column: &Column, found: Option<Out>, txn: &T) -> Result<Value, String> {
    let found = match found {
        None | Some(Out::Any(Any::Null | Any::Undefined)) if column.kind == Kind::Words => {
            return Ok(Value::Words(BTreeSet::new()));
        }
        None | Some(Out::Any(Any::Null | Any::Undefined)) => return Ok(Value::None),
        Some(found) => found,
    };
    let wrong = |wanted: &str| Err(format!("is {}, not {wanted}", said(&found)));
    match (column.kind, &found) {
        (Kind::Text | Kind::Body, Out::Any(Any::String(text))) => bounded(text.to_string()),
        (Kind::Body, Out::YText(text)) => bounded(text.get_string(txn)),
        (Kind::Text, _) => wrong("a text"),
        (Kind::Body, _) => wrong("a shared text"),
        (Kind::Integer | Kind::Time, Out::Any(Any::Number(number))) => integer(*number),
        (Kind::Integer | Kind::Time, _) => wrong("a number"),
        (Kind::Flag, Out::Any(Any::Bool(is_set))) => Ok(Value::Flag(*is_set)),
        (Kind::Flag, _) => wrong("true or false"),
        (Kind::Words, Out::YMap(words)) => {
            let mut set = BTreeSet::new();
            for (word, is_set) in words.iter(txn) {
                match is_set {
                    Out::Any(Any::Bool(true)) => {
                        set.insert(word.to_owned());
                    }
                    Out::Any(Any::Bool(false) | Any::Null | Any::Undefined) => {}
                    other => return Err(format!("has a word that is {}, not true", said(&other))),
                }
            }
            Ok(Value::Words(set))
        }
        (Kind::Words, _) => wrong("a map of words"),
    }
}

fn bounded(text: String) -> Result<Value, String> {
    match text.len() {
        bytes if bytes > BODY_BYTES_MAX => {
            Err(format!("has {bytes} bytes, more than the {BODY_BYTES_MAX} that a text may have"))
        }
        _ => Ok(Value::Text(text)),
    }
}

/// JavaScript has one kind of number: an integer may come as a float.
fn integer(number: Number) -> Result<Value, String> {
    let (integer, said) = match number {
        Number::Int(integer) => (integer, integer.to_string()),
        Number::Float(float) if float.fract() != 0.0 => {
            return Err(format!("is {float}, no whole number"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "what is beyond an i64 becomes its end, and is refused"
        )]
        Number::Float(float) => (float as i64, float.to_string()),
    };
    match INTEGERS.contains(&integer) {
        true => Ok(Value::Integer(integer)),
        false => Err(format!("is {said}, beyond what a peer in JavaScript can count")),
    }
}

/// What something is, in words.
fn said(found: &Out) -> &'static str {
    match found {
        Out::Any(Any::Null | Any::Undefined) => "nothing",
        Out::Any(Any::Bool(_)) => "true or false",
        Out::Any(Any::Number(Number::Float(float))) if float.is_nan() => "NaN",
        Out::Any(Any::Number(Number::Float(float))) if float.is_infinite() => "infinite",
        Out::Any(Any::Number(_)) => "a number",
        Out::Any(Any::String(_)) => "a text",
        Out::Any(Any::Buffer(_)) => "bytes",
        Out::Any(Any::Array(_)) => "a list",
        Out::Any(Any::Map(_)) => "an object that does not merge",
        Out::YText(_) => "a shared text",
        Out::YArray(_) => "a shared list",
        Out::YMap(_) => "a shared map",
        Out::YXmlElement(_) | Out::YXmlFragment(_) | Out::YXmlText(_) => "a shared XML",
        Out::YDoc(_) => "a document of its own",
        Out::UndefinedRef(_) => "of a kind that is not known",
    }
}

/// A field that no table knows. What JSON has no word for is null.
fn json(value: &Any) -> Json {
    match value {
        Any::Null | Any::Undefined => Json::Null,
        Any::Bool(is_set) => Json::Bool(*is_set),
        Any::Number(Number::Int(integer)) => Json::from(*integer),
        Any::Number(Number::Float(float)) => Json::from(*float),
        Any::String(text) => Json::String(text.to_string()),
        Any::Buffer(bytes) => Json::String(format!("{} bytes", bytes.len())),
        Any::Array(list) => list.iter().map(json).collect(),
        Any::Map(map) => Json::Object(map.iter().map(|(key, value)| (key.clone(), json(value))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_whole_and_none_is_beyond_what_javascript_counts() {
        for last in [*INTEGERS.start(), 0, *INTEGERS.end()] {
            assert_eq!(integer(Number::Int(last)), Ok(Value::Integer(last)));
            assert_eq!(integer(Number::Float(last as f64)), Ok(Value::Integer(last)));
        }
        for beyond in [i64::MIN, INTEGERS.start() - 1, INTEGERS.end() + 1, i64::MAX] {
            assert!(integer(Number::Int(beyond)).unwrap_err().contains("beyond"), "{beyond}");
            assert!(integer(Number::Float(beyond as f64)).unwrap_err().contains("beyond"), "{beyond}");
        }
        for none in [0.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(integer(Number::Float(none)).unwrap_err().contains("no whole number"), "{none}");
        }
    }
}
