//! At which pace gates are tried, and which of them.

use std::path::PathBuf;
use std::time::Duration;

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pace {
    /// Everything once and small: it works, and nothing is said of time.
    Test,
    Quick,
    Full,
}

impl Pace {
    /// Rounds that are taken before anything is decided, rounds that are taken at most, and for how long at most.
    pub fn rounds(self) -> (usize, usize, Duration) {
        match self {
            Pace::Test => (1, 1, Duration::ZERO),
            Pace::Quick => (11, 61, Duration::from_secs(3)),
            Pace::Full => (31, 401, Duration::from_secs(20)),
        }
    }

    /// What one sample takes at least: work that is shorter is done several times in it.
    pub fn sample(self) -> Duration {
        match self {
            Pace::Test => Duration::ZERO,
            Pace::Quick => Duration::from_millis(1),
            Pace::Full => Duration::from_millis(4),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Settings {
    pub pace: Pace,
    /// Only gates that have this in their name.
    pub filter: Option<String>,
    /// Where results are kept.
    pub folder: PathBuf,
    /// Ours is done so many times: a slowdown that every gate of a ratio has to notice.
    pub slowdown: u32,
}

/// Makes ours slower by a whole factor, to see that the gates notice.
pub const SLOWDOWN: &str = "ZENITH_BENCH_SLOWDOWN";
/// Where results of such runs are kept, below the folder of all others.
pub const SLOWED: &str = "slowed";

impl Settings {
    /// As the arguments of a bench have it, which are Criterion's.
    pub fn from_arguments(arguments: impl Iterator<Item = String>) -> Settings {
        let (mut pace, mut filter) = (Pace::Full, None);
        let mut arguments = arguments.peekable();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--test" => pace = Pace::Test,
                "--quick" if pace == Pace::Full => pace = Pace::Quick,
                // What has a value of its own.
                "--sample-size" | "--measurement-time" | "--warm-up-time" | "--save-baseline"
                | "--baseline" => {
                    arguments.next();
                }
                option if option.starts_with('-') => {}
                name => filter = Some(name.to_string()),
            }
        }
        let slowdown = std::env::var(SLOWDOWN).ok().and_then(|times| times.parse().ok()).unwrap_or(1);
        // What was slowed down on purpose is no result.
        let folder = if slowdown == 1 { folder() } else { folder().join(SLOWED) };
        Settings { pace, filter, folder, slowdown }
    }

    /// Whether a gate of this name is to be tried.
    pub fn takes(&self, name: &str) -> bool {
        self.filter.as_deref().is_none_or(|part| name.contains(part))
    }
}

/// Beside what was built: `gates` below cargo's target folder.
fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target")).join("gates")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(arguments: &[&str]) -> (Pace, Option<String>) {
        let settings = Settings::from_arguments(arguments.iter().map(ToString::to_string));
        (settings.pace, settings.filter)
    }

    #[test]
    fn the_arguments_are_those_of_criterion() {
        assert_eq!(of(&["--bench"]), (Pace::Full, None));
        assert_eq!(of(&["--bench", "--quick", "lookup"]), (Pace::Quick, Some("lookup".to_string())));
        assert_eq!(of(&["--quick", "--test", "--sample-size", "10"]), (Pace::Test, None));
    }
}
