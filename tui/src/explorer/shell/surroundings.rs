//! What the explorer learns from the environment: colours, the editor, and the clipboards.

use std::env;

use super::clipboard::{self, Clipboard};
use crate::explorer::parts::theme::{Appearance, Depth, Theme};

/// The theme that the terminal asks for. `NO_COLOR` has the last word; the background is taken from
/// `COLORFGBG` where the terminal sets it, and for dark elsewhere.
pub fn theme() -> Theme {
    let variable = |name: &str| env::var(name).unwrap_or_default();
    theme_from(&variable("NO_COLOR"), &variable("TERM"), &variable("COLORTERM"), &variable("COLORFGBG"))
}

fn theme_from(no_color: &str, term: &str, colorterm: &str, colorfgbg: &str) -> Theme {
    let background = colorfgbg.rsplit(';').next().and_then(|colour| colour.parse::<u8>().ok());
    let appearance = match background {
        _ if !no_color.is_empty() || term == "dumb" => Appearance::Monochrome,
        // White and the light grey below it.
        Some(7 | 15) => Appearance::Light,
        _ => Appearance::Dark,
    };
    let is_full = matches!(colorterm, "truecolor" | "24bit") || term.ends_with("-direct");
    Theme { appearance, depth: if is_full { Depth::Full } else { Depth::Palette } }
}

/// The user's editor, as words of a command line: `$VISUAL`, else `$EDITOR`, else `vi`.
pub fn editor() -> Vec<String> {
    let words = |name: &str| -> Vec<String> {
        env::var(name).unwrap_or_default().split_whitespace().map(str::to_string).collect()
    };
    [words("VISUAL"), words("EDITOR")]
        .into_iter()
        .find(|words| !words.is_empty())
        .unwrap_or_else(|| vec!["vi".to_string()])
}

/// Where copied text can go.
pub fn clipboards() -> Vec<Clipboard> {
    let path = env::var_os("PATH").unwrap_or_default();
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_found = |program: &str| env::split_paths(&path).any(|folder| folder.join(program).is_file());
    clipboard::all(is_set, is_found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_decides_on_colours() {
        let appearance = |no_color, term, colorfgbg| theme_from(no_color, term, "", colorfgbg).appearance;
        assert_eq!(appearance("", "xterm-256color", ""), Appearance::Dark);
        assert_eq!(appearance("", "xterm-256color", "0;15"), Appearance::Light);
        assert_eq!(appearance("", "rxvt", "12;default;8"), Appearance::Dark);
        assert_eq!(appearance("1", "xterm-256color", "0;15"), Appearance::Monochrome);
        assert_eq!(appearance("", "dumb", ""), Appearance::Monochrome);
        assert_eq!(theme_from("", "xterm", "truecolor", "").depth, Depth::Full);
    }
}
