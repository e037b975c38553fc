//! Colours that can be read: how light one is, and the nearest that stands out enough.
//!
//! The measure is WCAG's contrast ratio. The background is one of a kind, not the one that the terminal has: what is
//! legible on the least fitting of dark backgrounds is so on all.

use std::sync::LazyLock;

pub type Rgb = [u8; 3];

/// What text is put on, at its least fitting: how light that is, and which way text stands out from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ground {
    pub luminance: f64,
    pub is_light: bool,
}

impl Ground {
    /// Whether a colour stands out so much.
    pub fn carries(self, ink: Rgb, ratio: f64) -> bool {
        self.carries_luminance(luminance(ink), ratio)
    }

    fn carries_luminance(self, ink: f64, ratio: f64) -> bool {
        let is_on_its_side = (ink > self.luminance) != self.is_light;
        is_on_its_side && contrast(ink, self.luminance) >= ratio
    }

    /// The colour, as much lighter or darker as it takes to stand out so much.
    pub fn legible(self, ink: Rgb, ratio: f64) -> Rgb {
        const STEPS: u16 = 32;
        let end: u16 = if self.is_light { 0 } else { 255 };
        let mixed = |step: u16| {
            ink.map(|channel| {
                let sum = u16::from(channel) * (STEPS - step) + end * step;
                u8::try_from(sum / STEPS).unwrap_or(u8::MAX)
            })
        };
        (0..=STEPS).map(mixed).find(|mixed| self.carries(*mixed, ratio)).unwrap_or(mixed(STEPS))
    }

    /// The nearest of the palette that stands out so much.
    pub fn legible_in_palette(self, ink: Rgb, ratio: f64) -> u8 {
        let fits = |entry: &Entry| self.carries_luminance(entry.luminance, ratio);
        nearest(ink, fits).unwrap_or(if self.is_light { 16 } else { 231 })
    }
}

/// The nearest of the palette's colour cube and grey ramp, which all terminals have alike.
pub fn nearest_in_palette(colour: Rgb) -> u8 {
    nearest(colour, |_| true).unwrap_or(16)
}

/// The contrast ratio of two luminances, from 1 to 21.
pub fn contrast(one: f64, other: f64) -> f64 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// How light a colour is, from 0 to 1, as WCAG has it.
pub fn luminance([red, green, blue]: Rgb) -> f64 {
    let linear = |channel: u8| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

struct Entry {
    number: u8,
    rgb: Rgb,
    luminance: f64,
}

static PALETTE: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let entry = |number: u8| {
        let rgb = rgb_of(number);
        Entry { number, rgb, luminance: luminance(rgb) }
    };
    (16..=255).map(entry).collect()
});

/// What the palette's colours from 16 on are.
pub fn rgb_of(number: u8) -> Rgb {
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    match number.saturating_sub(16) {
        cube @ 0..=215 => [level(cube / 36), level(cube / 6 % 6), level(cube % 6)],
        grey => [8 + 10 * (grey - 216); 3],
    }
}

fn nearest(colour: Rgb, fits: impl Fn(&Entry) -> bool) -> Option<u8> {
    let fitting = PALETTE.iter().filter(|entry| fits(entry));
    fitting.min_by_key(|entry| distance(entry.rgb, colour)).map(|entry| entry.number)
}

/// How far two colours are from each other: hue counts for more than lightness, so that a green that must be darker
/// stays green, and a grey grey.
fn distance(one: Rgb, other: Rgb) -> i32 {
    const HUE: i32 = 4;
    let sum = |rgb: Rgb| rgb.into_iter().map(i32::from).sum::<i32>();
    let hue = |rgb: Rgb| rgb.map(|channel| 3 * i32::from(channel) - sum(rgb));
    let of_hue = hue(one).iter().zip(hue(other)).map(|(one, other)| (one - other).pow(2)).sum::<i32>();
    HUE * of_hue + 3 * (sum(one) - sum(other)).pow(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_what_the_standard_says() {
        let of = |one, other| contrast(luminance(one), luminance(other));
        assert!((of([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
        assert!((of([0x77; 3], [255; 3]) - 4.48).abs() < 0.01, "the well-known grey that just fails");
    }

    #[test]
    fn a_colour_becomes_its_nearest_neighbour_in_the_palette() {
        assert_eq!(nearest_in_palette([0, 0, 0]), 16);
        assert_eq!(nearest_in_palette([255, 255, 255]), 231);
        assert_eq!(nearest_in_palette([255, 0, 0]), 196);
        assert_eq!(nearest_in_palette([128, 128, 128]), 244);
    }
}
