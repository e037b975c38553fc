//! Errors as programs tell them.

/// An error with those of its causes that it does not tell itself.
pub fn with_causes(error: &anyhow::Error) -> String {
    let mut told = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !told.contains(&cause) {
            told = format!("{told}: {cause}");
        }
    }
    told
}

/// Whether the reader went away (`| head`), which is no failure.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kinds = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    kinds.map(std::io::Error::kind).any(|kind| kind == std::io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let cause = || std::io::Error::other("the disk is full");
        let silent = anyhow::Error::new(cause()).context("cannot write");
        assert_eq!(with_causes(&silent), "cannot write: the disk is full");
        let telling = anyhow::Error::new(cause()).context("cannot write: the disk is full");
        assert_eq!(with_causes(&telling), "cannot write: the disk is full");
    }
}
