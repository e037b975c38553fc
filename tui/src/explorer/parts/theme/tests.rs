//! Every role and every colour of code is held to the contrast that is promised, on the backgrounds that are common.

use super::contrast::{contrast, rgb_of};
use super::*;

const ROLES: [Role; 32] = [
    Role::Text,
    Role::Quiet,
    Role::Strong,
    Role::Heading,
    Role::Code,
    Role::Link,
    Role::Match,
    Role::Rule,
    Role::Selected,
    Role::SelectedElsewhere,
    Role::Accent,
    Role::Good,
    Role::Warning,
    Role::Bad,
    Role::Kind(Kind::Module),
    Role::Kind(Kind::Doc),
    Role::Kind(Kind::Folder),
    Role::Kind(Kind::Struct),
    Role::Kind(Kind::Enum),
    Role::Kind(Kind::Union),
    Role::Kind(Kind::Type),
    Role::Kind(Kind::Trait),
    Role::Kind(Kind::Fn),
    Role::Kind(Kind::Method),
    Role::Kind(Kind::Macro),
    Role::Kind(Kind::Const),
    Role::Kind(Kind::Static),
    Role::Kind(Kind::Variant),
    Role::Kind(Kind::Other),
    Role::Tier(Tier::Public),
    Role::Tier(Tier::Team),
    Role::Tier(Tier::Private),
];

const BLACK: Rgb = [0; 3];
const SOLARIZED_DARK: Rgb = [0x00, 0x2b, 0x36];
const WHITE: Rgb = [255; 3];
const SOLARIZED_LIGHT: Rgb = [0xfd, 0xf6, 0xe3];

const THEMES: [(Appearance, f64, [Rgb; 2]); 5] = [
    (Appearance::Dark, 4.5, [BLACK, SOLARIZED_DARK]),
    (Appearance::Light, 4.5, [WHITE, SOLARIZED_LIGHT]),
    (Appearance::HighContrastDark, 7.0, [BLACK, SOLARIZED_DARK]),
    (Appearance::HighContrastLight, 7.0, [WHITE, SOLARIZED_LIGHT]),
    (Appearance::HighContrastPainted, 7.0, [BLACK, BLACK]),
];

fn rgb(colour: Color) -> Rgb {
    match colour {
        Color::Rgb(red, green, blue) => [red, green, blue],
        // The first 16 are the user's own: what they are, nobody knows.
        Color::Indexed(number @ 16..) => rgb_of(number),
        other => panic!("{other:?} is of unknown contrast"),
    }
}

/// The themes, with what their text must stand out by, and everything that it stands on: the terminal's backgrounds
/// and selected rows.
fn grounds() -> impl Iterator<Item = (Theme, f64, Vec<Rgb>)> {
    let of = |(appearance, ratio, backgrounds): (Appearance, f64, [Rgb; 2])| {
        [Depth::Full, Depth::Palette].map(|depth| {
            let theme = Theme { appearance, depth };
            let rows = [Role::Selected, Role::SelectedElsewhere];
            let rows = rows.map(|role| rgb(theme.style(role).bg.unwrap()));
            (theme, ratio, backgrounds.into_iter().chain(rows).collect())
        })
    };
    THEMES.into_iter().flat_map(of)
}

#[test]
fn every_role_stands_out_from_the_common_backgrounds_and_from_selected_rows() {
    for (theme, ratio, grounds) in grounds() {
        for role in ROLES {
            let Some(ink) = theme.style(role).fg else {
                assert!(matches!(role, Role::Selected | Role::SelectedElsewhere), "{role:?} has no colour");
                continue;
            };
            let least = match role {
                // No text.
                Role::Rule if ratio < 7.0 => 3.0,
                Role::Rule => 4.5,
                _ => ratio,
            };
            for ground in &grounds {
                let found = contrast(luminance(rgb(ink)), luminance(*ground));
                assert!(found >= least, "{role:?} on {ground:x?} in {theme:?}: {found:.2}");
            }
        }
    }
}

#[test]
fn what_is_painted_is_black_and_what_has_no_colour_of_its_own_is_white_on_it() {
    for (theme, ratio, grounds) in grounds() {
        let Some(ground) = theme.ground() else { continue };
        assert_eq!(rgb(ground.bg.unwrap()), BLACK);
        for under in &grounds {
            assert!(contrast(luminance(rgb(ground.fg.unwrap())), luminance(*under)) >= ratio, "{under:x?}");
        }
    }
    let is_painted = |(theme, ..): &(Theme, f64, Vec<Rgb>)| theme.ground().is_some();
    assert_eq!(grounds().filter(is_painted).count(), 2, "that theme alone, in either depth");
}

#[test]
fn code_stands_out_whatever_its_colours_are() {
    let steps = [0_u8, 60, 97, 128, 160, 190, 220, 255];
    let cube = steps.map(|red| steps.map(|green| steps.map(|blue| [red, green, blue])));
    let colours = cube.as_flattened().as_flattened();
    for (theme, ratio, grounds) in grounds() {
        for [red, green, blue] in colours {
            let ink = luminance(rgb(theme.colour(*red, *green, *blue).unwrap()));
            for ground in &grounds {
                let found = contrast(ink, luminance(*ground));
                assert!(found >= ratio, "{red} {green} {blue} on {ground:x?} in {theme:?}: {found:.2}");
            }
        }
    }
}

#[test]
fn what_is_good_is_green_in_the_palette_too_and_what_is_bad_is_red() {
    // Of high contrast on white the palette has no green.
    for (theme, ..) in grounds().filter(|(_, ratio, _)| *ratio < 7.0) {
        let [good, bad, rule] =
            [Role::Good, Role::Bad, Role::Rule].map(|role| rgb(theme.style(role).fg.unwrap()));
        assert!(good[1] > good[0] && good[1] > good[2], "{theme:?}: {good:x?}");
        assert!(bad[0] > bad[1] && bad[0] > bad[2], "{theme:?}: {bad:x?}");
        let [least, most] = [rule.iter().min(), rule.iter().max()].map(|channel| channel.copied().unwrap());
        assert!(most - least < 40, "{theme:?}: {rule:x?}");
    }
}

#[test]
fn without_colour_a_selection_is_reversed_and_no_role_has_a_colour() {
    let theme = Theme { appearance: Appearance::Monochrome, depth: Depth::Full };
    assert!(theme.style(Role::Selected).add_modifier.contains(Modifier::REVERSED));
    for role in ROLES {
        let style = theme.style(role);
        assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
    }
    assert_eq!(theme.colour(1, 2, 3), None);
}
