//! Notes in words. Their text may be another machine's or a peer's: it is cleaned here.

use zenith_core::Standing;
use zenith_core::workspace::Target;

use crate::text::{clean_line, clean_line_of};

/// Letters at the end of an id: those are random, and one is as good as another.
pub const SHORT: usize = 8;

/// The name that a note is called by.
pub fn short(id: &str) -> String {
    let from = id.len().saturating_sub(SHORT);
    clean_line(id.get(from..).unwrap_or(id))
}

/// Characters of a title where notes are listed.
const TITLE_CHARS: usize = 160;

/// A title, where a note stands on a line: something can be seen of it, and it fills no screen.
pub fn title(title: &str) -> String {
    match clean_line_of(title, TITLE_CHARS) {
        (shown, _) if is_blank(&shown) => "(without a title)".to_owned(),
        (shown, 0) => shown,
        (shown, _) => format!("{shown}…"),
    }
}

/// Whether nothing can be seen of a text: spaces, and letters that have no width.
pub fn is_blank(text: &str) -> bool {
    let unseen = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{2060}'
                    ..='\u{2064}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
            )
    };
    clean_line(text).chars().all(|c| unseen(c) || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}'))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_can_be_seen_and_fills_no_screen() {
        for blank in ["", " \t", "\u{200b}\u{feff}", "\u{3164}", "\u{1b}"] {
            assert_eq!(title(blank), "(without a title)", "{blank:?}");
        }
        assert_eq!(title("Why\nwe wait"), "Why we wait");
        assert_eq!(title(&"x".repeat(10_000)).chars().count(), TITLE_CHARS + 1);
    }
}
