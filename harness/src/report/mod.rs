//! How outcomes are told: to people, to programs, and to the next run.

pub mod history;
pub mod jsonl;
pub mod junit;
pub mod markdown;
pub mod table;
pub mod trend;

#[cfg(test)]
mod tests {
    use crate::backend::Backend;
    use crate::outcome::Outcome;
    use crate::outcome::tests::outcome;
    use crate::verdict::Verdict;

    /// One outcome of each verdict.
    pub fn one_of_each() -> Vec<Outcome> {
        let refuted = Verdict::Refuted { failures: vec!["rows: found <3> & |4|".into()] };
        vec![
            outcome("A1", Backend::Embedded, Verdict::Holds),
            outcome("J1", Backend::Local, refuted),
            outcome("J2", Backend::Local, Verdict::Broken { why: "it panicked: no".into() }),
            outcome("K1", Backend::Cloud, Verdict::NotRun { because: "no account".into() }),
        ]
    }
}
