//! What the screen looks like and listens to.
//!
//! # Decisions
//!
//! - **What cannot be meant is told and passed over.** Nothing of the screen is worth that the program does not start.

use toml::Value;

/// Of the explorer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScreenSettings {
    /// `ZENITH_THEME`, `theme` in the file.
    pub theme: ThemeChoice,
    /// Whether the mouse is listened to; a terminal selects text by itself where it is not. `ZENITH_MOUSE`
    /// (`on` or `off`), `mouse` in the file (`true` or `false`).
    pub mouse: bool,
    /// `ZENITH_MOTION`, `motion` in the file.
    pub motion: Motion,
}

impl Default for ScreenSettings {
    fn default() -> ScreenSettings {
        ScreenSettings { theme: ThemeChoice::Auto, mouse: true, motion: Motion::Full }
    }
}

/// How much moves by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Motion {
    #[default]
    Full,
    /// Nothing but numbers.
    Reduced,
}

/// Which colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    /// Those for the background that the terminal says it has.
    #[default]
    Auto,
    Dark,
    Light,
    /// The same as `Auto`, with more contrast.
    Contrast,
    /// No colour at all.
    Mono,
}

const THEMES: &[(&str, ThemeChoice)] = &[
    ("auto", ThemeChoice::Auto),
    ("dark", ThemeChoice::Dark),
    ("light", ThemeChoice::Light),
    ("contrast", ThemeChoice::Contrast),
    ("mono", ThemeChoice::Mono),
];
const MOUSE: &[(&str, bool)] = &[("on", true), ("off", false)];
const MOTIONS: &[(&str, Motion)] = &[("full", Motion::Full), ("reduced", Motion::Reduced)];
/// Characters of a value that are told.
const TOLD_MAX: usize = 60;

/// What the settings file says of it, whether or not that can be meant.
#[derive(Default)]
pub struct InFile {
    pub theme: Option<Value>,
    pub mouse: Option<Value>,
    pub motion: Option<Value>,
}

/// The environment goes before the file, and that before the default. What of both cannot be meant is `told`.
pub fn screen(
    text: impl Fn(&str) -> Option<String>,
    in_file: &InFile,
    told: &mut Vec<String>,
) -> ScreenSettings {
    let usual = ScreenSettings::default();
    let theme = [("ZENITH_THEME", text("ZENITH_THEME")), ("theme", as_text(in_file.theme.as_ref()))];
    let mouse = [("ZENITH_MOUSE", text("ZENITH_MOUSE")), ("mouse", as_text(in_file.mouse.as_ref()))];
    let motion = [("ZENITH_MOTION", text("ZENITH_MOTION")), ("motion", as_text(in_file.motion.as_ref()))];
    ScreenSettings {
        theme: chosen(theme, THEMES, told).unwrap_or(usual.theme),
        mouse: chosen(mouse, MOUSE, told).unwrap_or(usual.mouse),
        motion: chosen(motion, MOTIONS, told).unwrap_or(usual.motion),
    }
}

/// The first of what is said that can be meant.
fn chosen<T: Copy>(
    said: [(&str, Option<String>); 2],
    choices: &[(&str, T)],
    told: &mut Vec<String>,
) -> Option<T> {
    for (name, value) in said {
        let Some(value) = value else { continue };
        if let Some((_, choice)) = choices.iter().find(|(known, _)| value.eq_ignore_ascii_case(known)) {
            return Some(*choice);
        }
        let value: String = value.chars().take(TOLD_MAX).collect();
        let known = choices.iter().map(|(known, _)| *known).collect::<Vec<&str>>().join(", ");
        told.push(format!("{name} says {value:?}, which is passed over: it can be {known}"));
    }
    None
}

/// A value of the file as the environment would say it.
fn as_text(value: Option<&Value>) -> Option<String> {
    Some(match value? {
        Value::String(text) => text.clone(),
        Value::Boolean(true) => "on".to_string(),
        Value::Boolean(false) => "off".to_string(),
        Value::Integer(number) => number.to_string(),
        other => format!("a {}", other.type_str()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With the values of a file and of the environment; and what is told.
    fn read(file: &str, variables: &[(&str, &str)]) -> (ScreenSettings, Vec<String>) {
        let mut table: toml::Table = toml::from_str(file).unwrap();
        let mut take = |name: &str| table.remove(name);
        let file = InFile { theme: take("theme"), mouse: take("mouse"), motion: take("motion") };
        let text = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_string())
        };
        let mut told = Vec::new();
        (screen(text, &file, &mut told), told)
    }

    const FILE: &str = "theme = 'Light'\nmouse = false\nmotion = 'reduced'";

    #[test]
    fn the_environment_goes_before_the_file_and_that_before_the_default() {
        let of = |theme, mouse, motion| (ScreenSettings { theme, mouse, motion }, Vec::new());
        assert_eq!(read("", &[]), (ScreenSettings::default(), Vec::new()));
        assert_eq!(read(FILE, &[]), of(ThemeChoice::Light, false, Motion::Reduced));
        let variables = [("ZENITH_THEME", "contrast"), ("ZENITH_MOUSE", "on"), ("ZENITH_MOTION", "full")];
        assert_eq!(read(FILE, &variables), of(ThemeChoice::Contrast, true, Motion::Full));
    }

    #[test]
    fn what_a_setting_cannot_be_is_told_with_what_it_can_be_and_passed_over() {
        let (settings, told) = read("theme = 'nonsense'\nmouse = 'sometimes'\nmotion = 3", &[]);
        assert_eq!(settings, ScreenSettings::default());
        let known = ["auto, dark, light, contrast, mono", "on, off", "full, reduced"];
        let values = ["theme says \"nonsense\"", "mouse says \"sometimes\"", "motion says \"3\""];
        assert_eq!(told.len(), 3, "{told:?}");
        for (told, (value, known)) in told.iter().zip(values.into_iter().zip(known)) {
            assert!(told.starts_with(value) && told.ends_with(known), "{told}");
        }
        let (settings, told) = read(FILE, &[("ZENITH_THEME", "pink")]);
        assert_eq!(settings.theme, ThemeChoice::Light, "what the file says counts then");
        assert!(told[0].starts_with("ZENITH_THEME says \"pink\""), "{told:?}");
    }
}
