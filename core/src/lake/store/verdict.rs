//! What a probe found is remembered for an endpoint and its bucket, so that it is not asked at every export.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Services change: after this long they are asked again.
const HOLDS_FOR: Duration = Duration::from_secs(7 * 24 * 3600);
/// What is asked. A probe that asks for more has another number.
const QUESTIONS: &str = "1";

/// A verdict that an endpoint keeps what is relied on. There is none of those that do not: they are asked
/// again each time.
pub(super) struct Verdict {
    file: PathBuf,
}

impl Verdict {
    pub fn of(folder: &Path, address: &str, bucket: &str) -> Verdict {
        let what = format!("{QUESTIONS} {address} {bucket}");
        Verdict { file: folder.join(blake3::hash(what.as_bytes()).to_hex().as_str()) }
    }

    pub fn holds(&self) -> bool {
        let given = std::fs::metadata(&self.file).and_then(|file| file.modified());
        // One from the future, of a clock that was wrong, counts as well as none.
        given.is_ok_and(|given| SystemTime::now().duration_since(given).is_ok_and(|age| age < HOLDS_FOR))
    }

    /// Remembers it. If that fails, the next one asks again.
    pub fn remember(&self) {
        if let Some(folder) = self.file.parent() {
            let _ = std::fs::create_dir_all(folder);
        }
        let _ = std::fs::write(&self.file, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_of_one_endpoint_and_bucket_and_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let probed = folder.path().join("probed");
        let verdict = |address, bucket| Verdict::of(&probed, address, bucket);
        assert!(!verdict("https://a", "b").holds());
        verdict("https://a", "b").remember();
        assert!(verdict("https://a", "b").holds());
        assert!(!verdict("https://a", "c").holds() && !verdict("https://c", "b").holds());
        let file = std::fs::File::options().write(true).open(verdict("https://a", "b").file).unwrap();
        for wrong in [SystemTime::now() - HOLDS_FOR, SystemTime::now() + HOLDS_FOR] {
            file.set_modified(wrong).unwrap();
            assert!(!verdict("https://a", "b").holds());
        }
    }
}
