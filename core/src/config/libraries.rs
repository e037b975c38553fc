//! Variables that libraries read by themselves, and end the program over when they cannot: each is looked at
//! before that.

use super::ConfigError;

/// The name, and the least that it may be.
const NUMBERS: [(&str, u64); 4] = [
    ("LANCE_CPU_THREADS", 1),
    ("LANCE_IO_CORE_RESERVATION", 0),
    ("LANCE_IO_THREADS", 1),
    ("LANCE_MAX_IOP_SIZE", 1),
];

/// A part of what a column has: what Lance says of it.
const SHARE: &str = "LANCE_ENCODING_DICT_SIZE_RATIO";

/// Refuses what a library would panic over. `variable` is what is set, as it is.
pub(super) fn check(variable: impl Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
    let refused = |name: &'static str, value: String, may_be: String| {
        Err(ConfigError::Library { name, value: value.chars().take(80).collect(), may_be })
    };
    for (name, least) in NUMBERS {
        let Some(value) = variable(name) else { continue };
        // To the letter: the library takes no blank, where the others do.
        if !value.parse::<usize>().is_ok_and(|number| number as u64 >= least) {
            return refused(name, value, format!("a number of at least {least}"));
        }
    }
    match variable(SHARE) {
        Some(value) if !value.parse::<f64>().is_ok_and(|share| share > 0.0 && share <= 1.0) => {
            refused(SHARE, value, "a number between 0 and 1".to_string())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_library_would_panic_over_is_refused_by_name() {
        let with = |name: &'static str, value: &'static str| {
            check(move |asked| (asked == name).then(|| value.to_string())).map_err(|error| error.to_string())
        };
        assert!(check(|_| None).is_ok());
        for (name, value) in [
            ("LANCE_CPU_THREADS", "0"),
            ("LANCE_CPU_THREADS", "two"),
            ("LANCE_IO_THREADS", "8\n"),
            ("LANCE_IO_THREADS", ""),
            ("LANCE_MAX_IOP_SIZE", "16MB"),
            ("LANCE_ENCODING_DICT_SIZE_RATIO", "2"),
            ("LANCE_ENCODING_DICT_SIZE_RATIO", "NaN"),
        ] {
            let error = with(name, value).unwrap_err();
            assert!(error.contains(name) && error.contains("a number"), "{error}");
        }
        for (name, value) in [("LANCE_CPU_THREADS", "2"), ("LANCE_IO_CORE_RESERVATION", "0"), (SHARE, "0.5")]
        {
            assert_eq!(with(name, value), Ok(()), "{name}={value}");
        }
    }
}
