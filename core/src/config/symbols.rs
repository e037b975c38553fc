//! How many symbols of a package are taken.

use super::ConfigError;
use crate::ingest::{SYMBOLS_MAX, SYMBOLS_MAX_CHOICES};

const MAY_BE: &str = "a number from 1000 to 1000000";

/// `ZENITH_SYMBOLS` goes before the file's `symbols`, and that before the default.
pub fn symbols_max(of_environment: Option<String>, in_file: Option<u64>) -> Result<usize, ConfigError> {
    let (name, value) = match (of_environment, in_file) {
        (Some(value), _) => ("ZENITH_SYMBOLS", value),
        (None, Some(number)) => ("symbols", number.to_string()),
        (None, None) => return Ok(SYMBOLS_MAX),
    };
    let number = value.parse().ok().filter(|number| SYMBOLS_MAX_CHOICES.contains(number));
    number.ok_or(ConfigError::Choice { name, value, may_be: MAY_BE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_goes_before_the_file_and_what_is_no_bound_is_said() {
        let of = |environment: Option<&str>, file| symbols_max(environment.map(str::to_string), file);
        assert_eq!(of(None, None).unwrap(), 30_000);
        assert_eq!(of(None, Some(50_000)).unwrap(), 50_000);
        assert_eq!(of(Some("1000"), Some(50_000)).unwrap(), 1_000);
        assert_eq!(of(None, Some(1_000_000)).unwrap(), 1_000_000);
        for (environment, file, name) in [
            (Some("999"), None, "ZENITH_SYMBOLS"),
            (Some("1000001"), None, "ZENITH_SYMBOLS"),
            (Some("many"), Some(50_000), "ZENITH_SYMBOLS"),
            (Some("-5000"), None, "ZENITH_SYMBOLS"),
            (None, Some(0), "symbols"),
        ] {
            let error = of(environment, file).unwrap_err().to_string();
            assert!(error.starts_with(name) && error.contains("1000 to 1000000"), "{error}");
        }
    }
}
