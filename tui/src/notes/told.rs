//! Notes in words. Their text may be another machine's or a peer's: it is cleaned here.

use zenith_core::Standing;
use zenith_core::workspace::Target;

use crate::text::clean_line;

/// Letters at the end of an id: those are random, and one is as good as another.
pub const SHORT: usize = 8;

/// The name that a note is called by.
pub fn short(id: &str) -> String {
    let from = id.len().saturating_sub(SHORT);
    clean_line(id.get(from..).unwrap_or(id))
}

/// `tokio@1.48.0 tokio::spawn`, with the file where one is named.
pub fn spoken(target: &Target<'_>) -> Option<String> {
    let version = target.version.map_or(String::new(), |version| format!("@{version}"));
    let mut text = format!("{}{version}", target.package?);
    for part in [target.item, target.file].into_iter().flatten() {
        text = format!("{text} {part}");
    }
    if let (Some(_), Some(line)) = (target.file, target.line) {
        text = format!("{text}:{line}");
    }
    Some(clean_line(&text))
}

/// How what a note speaks of stands, in a few words; nothing where it is what it was.
pub fn stands(standing: &Standing, target: &Target<'_>) -> Option<String> {
    let text = match standing {
        Standing::Same { version } if target.version == Some(version.as_str()) => return None,
        Standing::Same { version } => format!("same in {version}"),
        Standing::Newer { version } => format!("{version} is locked now, later"),
        Standing::Older { version } => format!("{version} is locked now, earlier"),
        Standing::Changed { version, .. } => format!("changed in {version}"),
        Standing::Gone { version: Some(version) } => format!("gone in {version}"),
        Standing::Gone { version: None } => "not locked here".to_owned(),
    };
    Some(clean_line(&text))
}
