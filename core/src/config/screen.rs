//! What the screen looks like and listens to.

use serde::Deserialize;

use super::ConfigError;

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Motion {
    #[default]
    Full,
    /// Nothing but numbers.
    Reduced,
}

/// Which colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
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

/// What the settings file says of it.
pub struct InFile {
    pub theme: Option<ThemeChoice>,
    pub mouse: Option<bool>,
    pub motion: Option<Motion>,
}

/// The environment goes before the file.
pub fn screen(
    text: impl Fn(&str) -> Option<String>,
    in_file: &InFile,
) -> Result<ScreenSettings, ConfigError> {
    let theme = match text("ZENITH_THEME") {
        None => in_file.theme.unwrap_or_default(),
        Some(value) => match value.as_str() {
            "auto" => ThemeChoice::Auto,
            "dark" => ThemeChoice::Dark,
            "light" => ThemeChoice::Light,
            "contrast" => ThemeChoice::Contrast,
            "mono" => ThemeChoice::Mono,
            _ => return Err(choice("ZENITH_THEME", value, "auto, dark, light, contrast or mono")),
        },
    };
    let mouse = match text("ZENITH_MOUSE") {
        None => in_file.mouse.unwrap_or(true),
        Some(value) => match value.as_str() {
            "on" => true,
            "off" => false,
            _ => return Err(choice("ZENITH_MOUSE", value, "on or off")),
        },
    };
    let motion = match text("ZENITH_MOTION") {
        None => in_file.motion.unwrap_or_default(),
        Some(value) => match value.as_str() {
            "full" => Motion::Full,
            "reduced" => Motion::Reduced,
            _ => return Err(choice("ZENITH_MOTION", value, "full or reduced")),
        },
    };
    Ok(ScreenSettings { theme, mouse, motion })
}

fn choice(name: &'static str, value: String, may_be: &'static str) -> ConfigError {
    ConfigError::Choice { name, value, may_be }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &InFile, variables: &[(&str, &str)]) -> Result<ScreenSettings, ConfigError> {
        let text = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_string())
        };
        screen(text, file)
    }

    #[test]
    fn the_environment_goes_before_the_file_and_that_before_the_default() {
        let nothing = InFile { theme: None, mouse: None, motion: None };
        assert_eq!(read(&nothing, &[]).unwrap(), ScreenSettings::default());
        let file =
            InFile { theme: Some(ThemeChoice::Light), mouse: Some(false), motion: Some(Motion::Reduced) };
        let of_file = ScreenSettings { theme: ThemeChoice::Light, mouse: false, motion: Motion::Reduced };
        assert_eq!(read(&file, &[]).unwrap(), of_file);
        let of_environment =
            ScreenSettings { theme: ThemeChoice::Contrast, mouse: true, motion: Motion::Full };
        let variables = [("ZENITH_THEME", "contrast"), ("ZENITH_MOUSE", "on"), ("ZENITH_MOTION", "full")];
        assert_eq!(read(&file, &variables).unwrap(), of_environment);
    }

    #[test]
    fn what_a_setting_cannot_be_is_an_error_that_says_what_it_can_be() {
        let nothing = InFile { theme: None, mouse: None, motion: None };
        let error = read(&nothing, &[("ZENITH_THEME", "pink")]).unwrap_err().to_string();
        assert!(error.contains("ZENITH_THEME") && error.contains("contrast or mono"), "{error}");
        let error = read(&nothing, &[("ZENITH_MOUSE", "maybe")]).unwrap_err().to_string();
        assert!(error.contains("ZENITH_MOUSE") && error.contains("on or off"), "{error}");
        let error = read(&nothing, &[("ZENITH_MOTION", "none")]).unwrap_err().to_string();
        assert!(error.contains("ZENITH_MOTION") && error.contains("full or reduced"), "{error}");
    }
}
