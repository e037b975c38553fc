//! What is said of instances, on the command line and on the screen alike.

use serde_json::Value;
use zenith_core::publish::Progress;

use crate::text::clean_line;

/// Longer values are cut.
const VALUE_CHARS_MAX: usize = 60;

/// How far an instance is from being what readers see.
pub fn progress(progress: &Progress) -> String {
    match progress {
        Progress::Never => "never published".to_string(),
        Progress::InStep => "in step".to_string(),
        Progress::Ahead => "ahead of what is published".to_string(),
        Progress::RolledBack { to } => format!("rolled back to number {to}"),
        Progress::UnderWay { reached, error: None } => format!("under way ({})", reached.as_str()),
        Progress::UnderWay { reached, error: Some(error) } => {
            format!("under way ({}): {}", reached.as_str(), clean_line(error))
        }
        Progress::Failed { why } => format!("failed: {}", clean_line(why)),
        Progress::Unusable { why } => format!("cannot be published: {}", clean_line(why)),
    }
}

/// A value of a configuration, on one line.
pub fn short(value: Option<&Value>) -> String {
    let Some(value) = value else { return "nothing".to_string() };
    let text = clean_line(&value.to_string());
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}
