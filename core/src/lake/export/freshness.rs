//! Whether an export is recent enough, and why not.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{ExportError, Manifest};

/// How recent an export is, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "freshness")]
pub enum Freshness {
    Fresh { age_s: u64 },
    Stale { age_s: u64, because: String },
    Unknown { because: String },
}

/// Clocks may differ by this much.
const SKEW: Duration = Duration::from_secs(300);

impl Freshness {
    /// Judges what came of reading a manifest.
    pub fn of(
        read: Result<Option<&Manifest>, &ExportError>,
        now: DateTime<Utc>,
        age_max: Duration,
    ) -> Freshness {
        let manifest = match read {
            Ok(Some(manifest)) => manifest,
            Ok(None) => return Freshness::Unknown { because: "nothing is exported".to_string() },
            Err(error) => return Freshness::Unknown { because: error.to_string() },
        };
        let at = manifest.exported_at;
        let Ok(age) = (now - at).to_std() else {
            return match (at - now).to_std() {
                Ok(ahead) if ahead > SKEW => Freshness::Unknown {
                    because: format!(
                        "it says that it was exported at {}, which is still to come by this machine's clock",
                        at.to_rfc3339()
                    ),
                },
                _ => Freshness::Fresh { age_s: 0 },
            };
        };
        let age_s = age.as_secs();
        match age > age_max {
            true => Freshness::Stale {
                age_s,
                because: format!("it was exported {age_s} s ago, more than {} s", age_max.as_secs()),
            },
            false => Freshness::Fresh { age_s },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Scope;
    use crate::lake::export::Segment;

    #[test]
    fn an_export_is_fresh_stale_or_of_unknown_age_with_a_reason() {
        let now = DateTime::from_timestamp(1_000_000, 0).unwrap();
        let hour = Duration::from_secs(3600);
        let judge = |seconds_ago: i64| {
            let at = now - chrono::TimeDelta::seconds(seconds_ago);
            let manifest = Manifest::new(&Scope::Public, 1, at, Segment::new(at), Vec::new());
            Freshness::of(Ok(Some(&manifest)), now, hour)
        };
        assert_eq!(judge(10), Freshness::Fresh { age_s: 10 });
        assert_eq!(judge(3600), Freshness::Fresh { age_s: 3600 });
        assert!(matches!(judge(3601), Freshness::Stale { age_s: 3601, .. }));
        assert_eq!(judge(-100), Freshness::Fresh { age_s: 0 });
        assert!(matches!(judge(-1000), Freshness::Unknown { .. }));
        assert!(matches!(Freshness::of(Ok(None), now, hour), Freshness::Unknown { .. }));
        let away = ExportError::Cancelled;
        assert!(matches!(Freshness::of(Err(&away), now, hour), Freshness::Unknown { .. }));
    }
}
