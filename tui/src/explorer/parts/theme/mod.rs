//! What things look like: roles, and what each role is in a dark, a light and a colourless terminal.
//!
//! No colour is used as it is declared here unless it can be read: text stands out from its background by 4.5 : 1 (in
//! the themes of high contrast by 7 : 1), lines between parts, which are no text, by 3 : 1. That holds on the
//! darkest and the lightest backgrounds that are common, on selected rows, in the palette, and for code.

mod contrast;
#[cfg(test)]
mod tests;

use ratatui::style::{Color, Modifier, Style};
use zenith_core::package::Tier;

use super::kind::Kind;
pub use contrast::Rgb;
use contrast::{Ground, luminance, nearest_in_palette};

/// What a terminal's background is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    Dark,
    Light,
}

impl Background {
    /// Light where black stands out from it more than white does.
    pub fn of(colour: Rgb) -> Background {
        const EVEN: f64 = 0.179;
        if luminance(colour) > EVEN { Background::Light } else { Background::Dark }
    }
}

/// What the terminal's background is taken to be, and how much text stands out from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appearance {
    Dark,
    Light,
    HighContrastDark,
    HighContrastLight,
    /// High contrast on black that is painted, where nobody knows what the terminal's background is.
    HighContrastPainted,
    /// No colour at all; what matters shows by weight, underline and reversal.
    Monochrome,
}

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The 256 of the xterm palette.
    Palette,
    /// 24 bits a colour.
    Full,
}

/// The looks of everything on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    pub appearance: Appearance,
    pub depth: Depth,
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Text,
    /// What may be overlooked: counts, hints, punctuation.
    Quiet,
    /// Names and titles.
    Strong,
    Heading,
    Code,
    Link,
    /// The part of a result that was searched for.
    Match,
    /// Lines between the parts of the screen.
    Rule,
    /// The selected row of the list that has the focus.
    Selected,
    /// The selected row of a list that has not.
    SelectedElsewhere,
    Accent,
    Good,
    Warning,
    Bad,
    Kind(Kind),
    Tier(Tier),
}

/// A colour: what it is on a dark and on a light background, where it can be read there.
struct Ink(Rgb, Rgb);

const TEXT: Ink = Ink([0xc8, 0xcd, 0xd8], [0x2c, 0x31, 0x40]);
const QUIET: Ink = Ink([0x8f, 0x96, 0xa8], [0x5f, 0x66, 0x77]);
const RULE: Ink = Ink([0x62, 0x69, 0x7b], [0x8e, 0x94, 0xa1]);
const STRONG: Ink = Ink([0xee, 0xf1, 0xf7], [0x10, 0x13, 0x1c]);
const BLUE: Ink = Ink([0x82, 0xaa, 0xff], [0x2e, 0x5f, 0xc9]);
const CYAN: Ink = Ink([0x7f, 0xd1, 0xd6], [0x12, 0x76, 0x7d]);
const GREEN: Ink = Ink([0x9e, 0xce, 0x8b], [0x3b, 0x7d, 0x2b]);
const YELLOW: Ink = Ink([0xe6, 0xc3, 0x84], [0x8f, 0x64, 0x00]);
const ORANGE: Ink = Ink([0xe8, 0xa2, 0x7a], [0xad, 0x4d, 0x16]);
const RED: Ink = Ink([0xf0, 0x80, 0x8b], [0xc0, 0x30, 0x3d]);
const VIOLET: Ink = Ink([0xc0, 0xa5, 0xee], [0x74, 0x40, 0xb8]);
const SELECTION: Ink = Ink([0x26, 0x2f, 0x46], [0xd9, 0xe1, 0xf4]);
const SELECTION_ELSEWHERE: Ink = Ink([0x22, 0x26, 0x31], [0xe8, 0xea, 0xf0]);

/// The lightest that a dark background may be, and the darkest that a light one may be: selected rows in the palette,
/// which are lighter than Solarized's dark background and darker than its light one.
const DARK_GROUND: Ground = Ground { luminance: 0.0297, is_light: false };
const LIGHT_GROUND: Ground = Ground { luminance: 0.7010, is_light: true };
/// What text must stand out by.
const RATIO: f64 = 4.5;
const RATIO_HIGH: f64 = 7.0;
const RATIO_OF_LINES: f64 = 3.0;

impl Appearance {
    fn is_light(self) -> bool {
        matches!(self, Appearance::Light | Appearance::HighContrastLight)
    }

    fn is_high(self) -> bool {
        matches!(
            self,
            Appearance::HighContrastDark | Appearance::HighContrastLight | Appearance::HighContrastPainted
        )
    }

    fn ground(self) -> Ground {
        if self.is_light() { LIGHT_GROUND } else { DARK_GROUND }
    }
}

impl Theme {
    /// How a role looks.
    pub fn style(self, role: Role) -> Style {
        match self.appearance {
            Appearance::Monochrome => Style::new().add_modifier(weight(role)),
            appearance if appearance.is_high() => self.coloured(role).add_modifier(high(role)),
            _ => self.coloured(role).add_modifier(emphasis(role)),
        }
    }

    /// What everything stands on, where it is not the terminal's own.
    pub fn ground(self) -> Option<Style> {
        let [paper, ink] = match self.depth {
            Depth::Full => [Color::Rgb(0, 0, 0), Color::Rgb(255, 255, 255)],
            // Of the palette's colours those that no user changes.
            Depth::Palette => [Color::Indexed(16), Color::Indexed(231)],
        };
        (self.appearance == Appearance::HighContrastPainted).then(|| Style::new().fg(ink).bg(paper))
    }

    /// A colour of a syntax theme, such that it can be read.
    pub fn colour(self, red: u8, green: u8, blue: u8) -> Option<Color> {
        let ratio = if self.appearance.is_high() { RATIO_HIGH } else { RATIO };
        self.legible([red, green, blue], ratio)
    }

    fn legible(self, colour: Rgb, ratio: f64) -> Option<Color> {
        let ground = self.appearance.ground();
        match (self.appearance, self.depth) {
            (Appearance::Monochrome, _) => None,
            (_, Depth::Full) => {
                let [red, green, blue] = ground.legible(colour, ratio);
                Some(Color::Rgb(red, green, blue))
            }
            (_, Depth::Palette) => Some(Color::Indexed(ground.legible_in_palette(colour, ratio))),
        }
    }

    fn coloured(self, role: Role) -> Style {
        let of = |Ink(dark, light): Ink| if self.appearance.is_light() { light } else { dark };
        match role {
            Role::Selected => self.on(of(SELECTION)),
            Role::SelectedElsewhere => self.on(of(SELECTION_ELSEWHERE)),
            Role::Rule => {
                let ratio = if self.appearance.is_high() { RATIO } else { RATIO_OF_LINES };
                Style { fg: self.legible(of(RULE), ratio), ..Style::default() }
            }
            _ => {
                let [red, green, blue] = of(ink(role));
                Style { fg: self.colour(red, green, blue), ..Style::default() }
            }
        }
    }

    fn on(self, background: Rgb) -> Style {
        let [red, green, blue] = background;
        let colour = match self.depth {
            Depth::Full => Color::Rgb(red, green, blue),
            Depth::Palette => Color::Indexed(nearest_in_palette(background)),
        };
        Style { bg: Some(colour), ..Style::default() }
    }
}

fn ink(role: Role) -> Ink {
    match role {
        Role::Text | Role::Selected | Role::SelectedElsewhere => TEXT,
        Role::Quiet => QUIET,
        Role::Rule => RULE,
        Role::Strong => STRONG,
        Role::Heading | Role::Accent | Role::Link => BLUE,
        Role::Code => CYAN,
        Role::Match | Role::Warning => YELLOW,
        Role::Good => GREEN,
        Role::Bad => RED,
        Role::Tier(Tier::Public) => GREEN,
        Role::Tier(Tier::Team) => BLUE,
        Role::Tier(Tier::Private) => VIOLET,
        Role::Kind(Kind::Module | Kind::Doc | Kind::Folder) => QUIET,
        Role::Kind(Kind::Struct | Kind::Enum | Kind::Union | Kind::Type) => YELLOW,
        Role::Kind(Kind::Trait) => VIOLET,
        Role::Kind(Kind::Fn | Kind::Method) => BLUE,
        Role::Kind(Kind::Macro) => ORANGE,
        Role::Kind(Kind::Const | Kind::Static | Kind::Variant) => CYAN,
        Role::Kind(Kind::Other) => TEXT,
    }
}

/// What a role adds to its colour.
fn emphasis(role: Role) -> Modifier {
    match role {
        Role::Strong | Role::Heading | Role::Match => Modifier::BOLD,
        Role::Link => Modifier::UNDERLINED,
        _ => Modifier::empty(),
    }
}

/// The same where more contrast is wanted.
fn high(role: Role) -> Modifier {
    match role {
        Role::Selected => Modifier::BOLD | Modifier::UNDERLINED,
        Role::Bad | Role::Warning | Role::Accent => Modifier::BOLD,
        other => emphasis(other),
    }
}

/// What a role is where there is no colour.
fn weight(role: Role) -> Modifier {
    match role {
        Role::Selected => Modifier::REVERSED,
        Role::SelectedElsewhere | Role::Link => Modifier::UNDERLINED,
        Role::Quiet | Role::Rule => Modifier::DIM,
        // Names are bold already.
        Role::Match => Modifier::BOLD | Modifier::UNDERLINED,
        Role::Bad | Role::Warning | Role::Accent => Modifier::BOLD,
        other => emphasis(other),
    }
}
