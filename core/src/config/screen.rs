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
}

impl Default for ScreenSettings {
    fn default() -> ScreenSettings {
        ScreenSettings { theme: ThemeChoice::Auto, mouse: true }
    }
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
    Ok(ScreenSettings { theme, mouse })
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
        let nothing = InFile { theme: None, mouse: None };
        assert_eq!(read(&nothing, &[]).unwrap(), ScreenSettings::default());
        let file = InFile { theme: Some(ThemeChoice::Light), mouse: Some(false) };
        let of_file = ScreenSettings { theme: ThemeChoice::Light, mouse: false };
        assert_eq!(read(&file, &[]).unwrap(), of_file);
        let of_environment = ScreenSettings { theme: ThemeChoice::Contrast, mouse: true };
        let variables = [("ZENITH_THEME", "contrast"), ("ZENITH_MOUSE", "on")];
        assert_eq!(read(&file, &variables).unwrap(), of_environment);
    }

    #[test]
    fn what_a_setting_cannot_be_is_an_error_that_says_what_it_can_be() {
        let nothing = InFile { theme: None, mouse: None };
        let error = read(&nothing, &[("ZENITH_THEME", "pink")]).unwrap_err().to_string();
        assert!(error.contains("ZENITH_THEME") && error.contains("contrast or mono"), "{error}");
        let error = read(&nothing, &[("ZENITH_MOUSE", "maybe")]).unwrap_err().to_string();
        assert!(error.contains("ZENITH_MOUSE") && error.contains("on or off"), "{error}");
    }
}
