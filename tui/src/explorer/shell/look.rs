//! What the screen's looks follow from: the settings, the environment, and what the terminal says of itself.

use std::env;

use zenith_core::config::ThemeChoice;

use crate::explorer::parts::theme::{Appearance, Background, Depth, Theme};

/// Until the background is known nothing is coloured: the terminal's own colour is legible on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    pub choice: ThemeChoice,
    pub background: Option<Background>,
    depth: Depth,
    /// Whether colours are wanted and there are any. A theme that was chosen by name goes before it.
    is_coloured: bool,
    /// Whether characters beyond ASCII are shown.
    pub has_unicode: bool,
    /// Whether the terminal may be asked what its background is.
    pub may_ask: bool,
    /// Whether its answer may still come.
    is_awaited: bool,
}

impl Look {
    /// By the settings and the environment.
    pub fn of_surroundings(choice: ThemeChoice) -> Look {
        Look::of(choice, |name| env::var(name).unwrap_or_default())
    }

    fn of(choice: ThemeChoice, variable: impl Fn(&str) -> String) -> Look {
        let (term, colorterm) = (variable("TERM"), variable("COLORTERM"));
        let is_full = matches!(colorterm.as_str(), "truecolor" | "24bit") || term.ends_with("-direct");
        Look {
            choice,
            background: background(&term, &variable("COLORFGBG")),
            depth: if is_full { Depth::Full } else { Depth::Palette },
            is_coloured: variable("NO_COLOR").is_empty() && !is_without_colour(&term),
            has_unicode: has_unicode(["LC_ALL", "LC_CTYPE", "LANG"].map(variable)),
            may_ask: understands_questions(&term),
            is_awaited: understands_questions(&term),
        }
    }

    /// The terminal says what its background is, or that it is asked in vain.
    pub fn answer(&mut self, background: Option<Background>) {
        (self.background, self.is_awaited) = (background.or(self.background), false);
    }

    /// The theme that all of it comes to.
    pub fn theme(self) -> Theme {
        let appearance = match (self.choice, self.background) {
            (ThemeChoice::Dark, _) => Appearance::Dark,
            (ThemeChoice::Light, _) => Appearance::Light,
            (ThemeChoice::Mono, _) | (ThemeChoice::Auto, None) => Appearance::Monochrome,
            _ if !self.is_coloured => Appearance::Monochrome,
            // What would change in a moment is not painted.
            (ThemeChoice::Contrast, None) if self.is_awaited => Appearance::Monochrome,
            (ThemeChoice::Contrast, None) => Appearance::HighContrastPainted,
            (ThemeChoice::Auto, Some(Background::Dark)) => Appearance::Dark,
            (ThemeChoice::Auto, Some(Background::Light)) => Appearance::Light,
            (ThemeChoice::Contrast, Some(Background::Dark)) => Appearance::HighContrastDark,
            (ThemeChoice::Contrast, Some(Background::Light)) => Appearance::HighContrastLight,
        };
        Theme { appearance, depth: self.depth }
    }

    /// The next of all themes, and what it is called: also with what it comes to, where that is not in its name.
    pub fn next(&mut self) -> String {
        let at = CHOICES.iter().position(|(choice, _)| *choice == self.choice).unwrap_or(0);
        let (choice, name) = CHOICES.iter().cycle().nth(at + 1).copied().unwrap_or(MONO);
        self.choice = choice;
        let comes_to = match (choice, self.theme().appearance) {
            (ThemeChoice::Auto, Appearance::Dark) => ", which is dark",
            (ThemeChoice::Auto, Appearance::Light) => ", which is light",
            (ThemeChoice::Auto | ThemeChoice::Contrast, Appearance::Monochrome) => match self.is_coloured {
                true => ", which does not say what its background is: without colour",
                false => ": without colour",
            },
            (_, Appearance::HighContrastPainted) => ", on black",
            _ => "",
        };
        format!("{name}{comes_to}")
    }
}

/// The look of a terminal that is known already.
impl From<Theme> for Look {
    fn from(theme: Theme) -> Look {
        let (choice, background) = match theme.appearance {
            Appearance::Dark => (ThemeChoice::Dark, Background::Dark),
            Appearance::Light => (ThemeChoice::Light, Background::Light),
            Appearance::HighContrastDark | Appearance::HighContrastPainted => {
                (ThemeChoice::Contrast, Background::Dark)
            }
            Appearance::HighContrastLight => (ThemeChoice::Contrast, Background::Light),
            Appearance::Monochrome => (ThemeChoice::Mono, Background::Dark),
        };
        let background = Some(background);
        Look {
            choice,
            background,
            depth: theme.depth,
            is_coloured: true,
            has_unicode: true,
            may_ask: false,
            is_awaited: false,
        }
    }
}

const MONO: (ThemeChoice, &str) = (ThemeChoice::Mono, "without colour");
const CHOICES: [(ThemeChoice, &str); 5] = [
    (ThemeChoice::Auto, "as the terminal is"),
    (ThemeChoice::Light, "light"),
    (ThemeChoice::Dark, "dark"),
    (ThemeChoice::Contrast, "high contrast"),
    MONO,
];

/// What the background is before the terminal was asked, where that is known.
fn background(term: &str, colorfgbg: &str) -> Option<Background> {
    let colour = colorfgbg.rsplit(';').next().and_then(|colour| colour.parse::<u8>().ok());
    match colour {
        // White and the light grey below it.
        Some(7 | 15) => Some(Background::Light),
        Some(_) => Some(Background::Dark),
        // The console of Linux, which is black.
        None => (term == "linux").then_some(Background::Dark),
    }
}

/// Terminals of one colour, by terminfo's names for them.
fn is_without_colour(term: &str) -> bool {
    let of_one_colour =
        term.strip_prefix("vt").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    term == "dumb" || of_one_colour || ["-m", "-mono"].iter().any(|end| term.ends_with(end))
}

/// Not those that print a question that they do not know.
fn understands_questions(term: &str) -> bool {
    let silent = ["", "dumb", "linux", "ansi", "cons25"].contains(&term);
    !silent && !is_without_colour(term) && !term.starts_with("eterm")
}

/// By the first of the locale's variables that says something; where none does, as terminals are today.
fn has_unicode(locale: [String; 3]) -> bool {
    let said = locale.into_iter().find(|value| !value.is_empty()).map(|value| value.to_lowercase());
    said.is_none_or(|value| value.contains("utf-8") || value.contains("utf8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(choice: ThemeChoice, variables: &[(&str, &str)]) -> Look {
        let value =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        Look::of(choice, |name| value(name).to_string())
    }

    fn appearance(choice: ThemeChoice, variables: &[(&str, &str)]) -> Appearance {
        look(choice, variables).theme().appearance
    }

    const XTERM: (&str, &str) = ("TERM", "xterm-256color");

    #[test]
    fn nothing_is_coloured_until_the_background_is_known() {
        let mut look = look(ThemeChoice::Auto, &[XTERM]);
        assert_eq!(look.theme().appearance, Appearance::Monochrome);
        assert!(look.may_ask);
        look.background = Some(Background::Light);
        assert_eq!(look.theme().appearance, Appearance::Light);
        look.background = Some(Background::Dark);
        assert_eq!(look.theme().appearance, Appearance::Dark);
        look.choice = ThemeChoice::Contrast;
        assert_eq!(look.theme().appearance, Appearance::HighContrastDark);
    }

    #[test]
    fn the_environment_says_what_it_knows() {
        let auto = ThemeChoice::Auto;
        assert_eq!(appearance(auto, &[XTERM, ("COLORFGBG", "0;15")]), Appearance::Light);
        assert_eq!(appearance(auto, &[("TERM", "rxvt"), ("COLORFGBG", "12;default;8")]), Appearance::Dark);
        assert_eq!(appearance(auto, &[("TERM", "linux")]), Appearance::Dark);
        for term in ["vt100", "vt220", "xterm-mono", "linux-m", "dumb"] {
            let variables = [("TERM", term), ("COLORFGBG", "0;15")];
            assert_eq!(appearance(auto, &variables), Appearance::Monochrome, "{term}");
            assert!(!look(auto, &variables).may_ask, "{term}");
        }
        assert_eq!(look(auto, &[XTERM, ("COLORTERM", "truecolor")]).theme().depth, Depth::Full);
    }

    #[test]
    fn no_color_is_heeded_unless_a_theme_is_named() {
        let variables = [XTERM, ("NO_COLOR", "1"), ("COLORFGBG", "0;15")];
        assert_eq!(appearance(ThemeChoice::Auto, &variables), Appearance::Monochrome);
        assert_eq!(appearance(ThemeChoice::Contrast, &variables), Appearance::Monochrome);
        assert_eq!(appearance(ThemeChoice::Dark, &variables), Appearance::Dark);
    }

    #[test]
    fn every_theme_comes_up_in_turn_and_says_what_it_comes_to() {
        let names = |look: &mut Look| [(); 5].map(|()| look.next());
        let mut dark = look(ThemeChoice::Auto, &[XTERM]);
        dark.answer(Some(Background::Dark));
        let known = ["light", "dark", "high contrast", "without colour", "as the terminal is, which is dark"];
        assert_eq!(names(&mut dark), known);
        assert_eq!(dark.choice, ThemeChoice::Auto);
        let mut silent = look(ThemeChoice::Light, &[XTERM]);
        silent.answer(None);
        let [.., contrast, _, auto, _] = names(&mut silent);
        assert_eq!(contrast, "high contrast, on black");
        assert!(auto.ends_with("does not say what its background is: without colour"), "{auto}");
        let mut colourless = look(ThemeChoice::Auto, &[XTERM, ("NO_COLOR", "1"), ("COLORFGBG", "0;15")]);
        let [.., contrast, _, auto] = names(&mut colourless);
        assert_eq!([contrast, auto], ["high contrast: without colour", "as the terminal is: without colour"]);
    }

    #[test]
    fn high_contrast_is_painted_once_it_is_known_that_nothing_will_be() {
        let mut asked = look(ThemeChoice::Contrast, &[XTERM]);
        assert_eq!(asked.theme().appearance, Appearance::Monochrome, "until it answers");
        asked.answer(None);
        assert_eq!(asked.theme().appearance, Appearance::HighContrastPainted);
        asked.answer(Some(Background::Light));
        assert_eq!(asked.theme().appearance, Appearance::HighContrastLight, "it answers late");
        let never = [("TERM", "ansi")];
        assert_eq!(appearance(ThemeChoice::Contrast, &never), Appearance::HighContrastPainted);
    }

    #[test]
    fn the_locale_says_whether_there_is_more_than_ascii() {
        let has_unicode = |variables: &[(&str, &str)]| look(ThemeChoice::Auto, variables).has_unicode;
        assert!(has_unicode(&[]));
        assert!(has_unicode(&[("LANG", "de_DE.UTF-8")]));
        assert!(has_unicode(&[("LC_CTYPE", "C.utf8"), ("LANG", "C")]));
        assert!(!has_unicode(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]));
        assert!(!has_unicode(&[("LANG", "de_DE.ISO-8859-1")]));
    }
}
