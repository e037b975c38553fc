//! What things look like: roles, and what each role is in a dark, a light and a colourless terminal.

use ratatui::style::{Color, Modifier, Style};
use zenith_core::package::Tier;

use super::kind::Kind;

/// What the terminal's background is taken to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appearance {
    Dark,
    Light,
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

/// A colour of the palette: what it is on a dark and on a light background.
struct Ink(u32, u32);

const TEXT: Ink = Ink(0xc8cdd8, 0x2c3140);
const QUIET: Ink = Ink(0x7d8497, 0x767c8c);
const RULE: Ink = Ink(0x3b4152, 0xc9cdd6);
const STRONG: Ink = Ink(0xeef1f7, 0x10131c);
const BLUE: Ink = Ink(0x82aaff, 0x2e5fc9);
const CYAN: Ink = Ink(0x7fd1d6, 0x12767d);
const GREEN: Ink = Ink(0x9ece8b, 0x3b7d2b);
const YELLOW: Ink = Ink(0xe6c384, 0x8f6400);
const ORANGE: Ink = Ink(0xe8a27a, 0xad4d16);
const RED: Ink = Ink(0xf0808b, 0xc0303d);
const VIOLET: Ink = Ink(0xc0a5ee, 0x7440b8);
const SELECTION: Ink = Ink(0x2d3650, 0xd5def2);
const SELECTION_ELSEWHERE: Ink = Ink(0x262a36, 0xe8eaf0);

impl Theme {
    /// The same terminal with the other background.
    pub fn toggled(self) -> Theme {
        let appearance = match self.appearance {
            Appearance::Dark => Appearance::Light,
            Appearance::Light => Appearance::Dark,
            Appearance::Monochrome => Appearance::Monochrome,
        };
        Theme { appearance, ..self }
    }

    /// How a role looks.
    pub fn style(self, role: Role) -> Style {
        match self.appearance {
            Appearance::Monochrome => Style::new().add_modifier(weight(role)),
            Appearance::Dark | Appearance::Light => self.coloured(role).add_modifier(emphasis(role)),
        }
    }

    /// A colour of a syntax theme.
    pub fn colour(self, red: u8, green: u8, blue: u8) -> Option<Color> {
        match (self.appearance, self.depth) {
            (Appearance::Monochrome, _) => None,
            (_, Depth::Full) => Some(Color::Rgb(red, green, blue)),
            (_, Depth::Palette) => Some(Color::Indexed(nearest_in_palette(red, green, blue))),
        }
    }

    fn coloured(self, role: Role) -> Style {
        match role {
            Role::Selected => self.on(SELECTION),
            Role::SelectedElsewhere => self.on(SELECTION_ELSEWHERE),
            _ => Style { fg: self.ink(ink(role)), ..Style::default() },
        }
    }

    fn on(self, background: Ink) -> Style {
        Style { bg: self.ink(background), ..Style::default() }
    }

    fn ink(self, Ink(dark, light): Ink) -> Option<Color> {
        let rgb = if self.appearance == Appearance::Light { light } else { dark };
        let [_, red, green, blue] = rgb.to_be_bytes();
        self.colour(red, green, blue)
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

/// What a role is where there is no colour.
fn weight(role: Role) -> Modifier {
    match role {
        Role::Selected => Modifier::REVERSED,
        Role::SelectedElsewhere | Role::Link => Modifier::UNDERLINED,
        Role::Quiet | Role::Rule => Modifier::DIM,
        Role::Bad | Role::Warning | Role::Accent => Modifier::BOLD,
        other => emphasis(other),
    }
}

/// The nearest of the palette's colour cube and grey ramp, which all terminals have alike.
fn nearest_in_palette(red: u8, green: u8, blue: u8) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let nearest =
        |value: u8| (0..6_u8).min_by_key(|&step| LEVELS[usize::from(step)].abs_diff(value)).unwrap_or(0);
    let distance = |r: u8, g: u8, b: u8| {
        let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        square(r, red) + square(g, green) + square(b, blue)
    };
    let (r, g, b) = (nearest(red), nearest(green), nearest(blue));
    let level = |step: u8| LEVELS[usize::from(step)];
    let cube = (distance(level(r), level(g), level(b)), 16 + 36 * r + 6 * g + b);
    let mean = (u16::from(red) + u16::from(green) + u16::from(blue)) / 3;
    let step = u8::try_from(mean.saturating_sub(3) / 10).unwrap_or(23).min(23);
    let grey = (distance(8 + 10 * step, 8 + 10 * step, 8 + 10 * step), 232 + step);
    cube.min(grey).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_a_selection_is_reversed_and_no_role_has_a_colour() {
        let theme = Theme { appearance: Appearance::Monochrome, depth: Depth::Full };
        assert!(theme.style(Role::Selected).add_modifier.contains(Modifier::REVERSED));
        let roles = [Role::Text, Role::Bad, Role::Selected, Role::Kind(Kind::Fn), Role::Tier(Tier::Private)];
        for role in roles {
            let style = theme.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
    }

    #[test]
    fn a_colour_becomes_its_nearest_neighbour_in_the_palette() {
        assert_eq!(nearest_in_palette(0, 0, 0), 16);
        assert_eq!(nearest_in_palette(255, 255, 255), 231);
        assert_eq!(nearest_in_palette(255, 0, 0), 196);
        assert_eq!(nearest_in_palette(128, 128, 128), 244);
    }
}
