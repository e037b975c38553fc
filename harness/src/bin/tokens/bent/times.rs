//! From when to when.

use super::*;

const DAY: u64 = 86_400;

pub fn rows() -> Vec<Row> {
    let mut rows = essential_rows();
    rows.extend(vec![
        ("exp", "null", Some(Value::Null), "claims", "it expires at null"),
        ("exp", "true", Some(json!(true)), "claims", "it expires at true"),
        ("exp", "array", Some(json!([NOW + 50])), "claims", "it expires at a list"),
        ("exp", "object", Some(json!({"s": NOW + 50})), "claims", "it expires at an object"),
        ("exp", "float-huge", Some(json!(1e300)), "claims", "no clock shows that time"),
        ("exp", "i64-max", Some(json!(i64::MAX)), "claims", "no clock shows that time"),
        (
            "exp",
            "milliseconds",
            Some(json!((NOW + 50) * 1000)),
            "claims",
            "it is in milliseconds: the year 59010",
        ),
        ("exp", "zero", Some(json!(0)), "expired", "it expired in 1970"),
        ("exp", "day-ago", Some(json!(NOW - DAY)), "expired", "it expired yesterday"),
        (
            "exp",
            "half-second",
            Some(json!(NOW as f64 - 29.5)),
            "expired",
            "a fraction is no reason to live longer",
        ),
        ("exp", "ten-years", Some(json!(NOW + 3650 * DAY)), "too_long_lived", "it lasts ten years"),
        ("exp", "too-long", Some(json!(NOW + 31 * DAY + 31)), "too_long_lived", "it lasts a second too long"),
        ("nbf", "text", Some(json!("1800000000")), "claims", "the time is a text"),
        ("nbf", "null", Some(Value::Null), "claims", "the time is null"),
        ("nbf", "negative", Some(json!(-1)), "claims", "the time is before 1970"),
        ("nbf", "huge", Some(json!(u64::MAX)), "claims", "no clock shows that time"),
        ("nbf", "tomorrow", Some(json!(NOW + DAY)), "not_yet_valid", "it is valid from tomorrow"),
        ("nbf", "just-after-leeway", Some(json!(NOW + 31)), "not_yet_valid", "it is valid in a moment"),
        (
            "nbf",
            "half-second",
            Some(json!(NOW as f64 + 30.5)),
            "not_yet_valid",
            "half a second counts as one",
        ),
        ("iat", "text", Some(json!("1800000000")), "claims", "the time is a text"),
        ("iat", "null", Some(Value::Null), "claims", "the time is null"),
        ("iat", "negative", Some(json!(-1.5)), "claims", "the time is before 1970"),
        ("iat", "tomorrow", Some(json!(NOW + DAY)), "issued_in_future", "it was issued tomorrow"),
    ]);
    rows
}

/// What every kind of token is tried with.
pub fn essential_rows() -> Vec<Row> {
    vec![
        ("exp", "missing", None, "claims", "it never expires"),
        ("exp", "text", Some(json!("1800000050")), "claims", "it expires at a text"),
        ("exp", "negative", Some(json!(-1)), "claims", "it expires before 1970"),
        ("exp", "u64-max", Some(json!(u64::MAX)), "claims", "no clock shows that time"),
        ("exp", "just-past-leeway", Some(json!(NOW - 30)), "expired", "the leeway is over"),
        ("exp", "year", Some(json!(NOW + 365 * DAY)), "too_long_lived", "it lasts a year"),
        ("nbf", "hour", Some(json!(NOW + 3600)), "not_yet_valid", "it is valid from an hour on"),
        ("iat", "just-after-leeway", Some(json!(NOW + 31)), "issued_in_future", "it was issued in a moment"),
    ]
}
