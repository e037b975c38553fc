//! One outcome a line, for programs. The form is stable: fields may be added, none is renamed.
//!
//! | field | what |
//! |---|---|
//! | `id`, `title`, `group`, `backend` | which spike, where |
//! | `fault` | the planted defect, where there is one |
//! | `verdict` | `holds`, `refuted`, `not-run`, `broken` |
//! | `failures` / `because` / `why` | what led to `refuted` (a list) / `not-run` / `broken` |
//! | `expected`, `as_expected` | `holds` or `refuted`; whether the verdict is that |
//! | `required` | whether not running counts as a failure |
//! | `at`, `seconds` | when it began (RFC 3339), how long it ran |
//! | `checks` | `[{what, holds, detail?}]` |
//! | `figures` | `[{name, value, unit, target?, kind?, met?}]` |
//! | `notes`, `kept` | what a reader should know; how to look again at a lab that was kept |
//!
//! `unit` is one of `requests`, `bytes`, `rows`, `files`, `count`, `seconds`, `ratio`; `kind` is `gate` or
//! `tripwire`. With planted faults a line is `{fault, what, caught, outcome}`.

use crate::outcome::Outcome;

/// The outcome as one line, without its end.
pub fn line(outcome: &Outcome) -> serde_json::Result<String> {
    serde_json::to_string(outcome)
}

/// The outcome that [`line()`] wrote.
pub fn parse(line: &str) -> serde_json::Result<Outcome> {
    serde_json::from_str(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::one_of_each;

    #[test]
    fn every_verdict_reads_back_as_it_was_written() {
        for outcome in one_of_each() {
            let line = line(&outcome).unwrap();
            assert!(!line.contains('\n'));
            assert_eq!(parse(&line).unwrap(), outcome);
        }
    }

    #[test]
    fn the_form_is_the_documented_one() {
        let outcomes = one_of_each();
        let refuted: serde_json::Value = serde_json::from_str(&line(&outcomes[1]).unwrap()).unwrap();
        assert_eq!(refuted["verdict"], "refuted");
        assert_eq!(refuted["failures"][0], "rows: found <3> & |4|");
        assert_eq!(refuted["group"], "catalog");
        assert_eq!(refuted["figures"][0]["kind"], "gate");
        assert_eq!(refuted["figures"][1].get("target"), None);
        let not_run: serde_json::Value = serde_json::from_str(&line(&outcomes[3]).unwrap()).unwrap();
        assert_eq!((&not_run["verdict"], &not_run["because"]), (&"not-run".into(), &"no account".into()));
    }
}
