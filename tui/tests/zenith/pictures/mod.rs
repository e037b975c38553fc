//! The pictures of the README: the real program in a terminal, its cells drawn as SVG. `scripts/pictures` draws them.

mod svg;

use std::path::{Path, PathBuf};
use std::process::Command;

use svg::{Ground, svg};

use crate::looks::shown;

const DARK: Ground = Ground { text: [0xc8, 0xcd, 0xd8], background: [0x16, 0x18, 0x1f] };
const LIGHT: Ground = Ground { text: [0x2c, 0x31, 0x40], background: [0xff, 0xff, 0xff] };
const THEMES: [(&str, Ground); 2] = [("dark", DARK), ("light", LIGHT)];
/// Draws anew, so that what is waited for is written whole.
const ANEW: &str = "\u{c}";
/// Empties the line and ends, within one read: the screen stays as it was.
const QUIT: &str = "\u{3}\u{3}";
/// A picture is a part of the repository.
const BYTES_MAX: usize = 150_000;

/// What is shown: the keys that lead there from the first screen, and a word that shows once it is there.
struct Shot {
    name: &'static str,
    title: &'static str,
    keys: String,
    word: &'static str,
}

fn shots() -> [Shot; 3] {
    let chart = zenith_spikes::all().iter().position(|spike| spike.id == "F5").unwrap();
    [
        Shot {
            name: "search",
            title: "zenith: a search as one types, with the documentation of what is selected",
            keys: "spawn blocking".to_string(),
            word: "acceptable",
        },
        Shot {
            name: "spikes",
            title: "zenith: every claim with its last verdict, and Parquet beside Lance as a chart",
            keys: format!("\u{1b}3{}", "j".repeat(chart)),
            word: "parquet-lance.md",
        },
        Shot {
            name: "status",
            title: "zenith: what is at work, who is signed in, what is stored, and what was said",
            keys: "\u{1b}4".to_string(),
            word: "datasets",
        },
    ]
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pictures")
}

#[test]
#[ignore = "draws the pictures anew, over a data folder of one's own; scripts/pictures starts it"]
fn the_pictures_are_drawn() {
    let of = |name: &str| std::env::var_os(name).unwrap_or_else(|| panic!("{name}: run scripts/pictures"));
    std::fs::create_dir_all(folder()).unwrap();
    for (theme, ground) in THEMES {
        for Shot { name, title, keys, word } in shots() {
            let mut program = Command::new(env!("CARGO_BIN_EXE_zenith"));
            program.current_dir(of("PICTURES_PROJECT")).env("HOME", of("PICTURES_HOME"));
            program.env("ZENITH_DATA", of("ZENITH_DATA")).env("ZENITH_CONFIG", "/dev/null");
            // Nothing is remembered from one picture to the next.
            let state = tempfile::tempdir().unwrap();
            program.env("XDG_STATE_HOME", state.path());
            program.env("ZENITH_THEME", theme).env("COLORTERM", "truecolor").env_remove("NO_COLOR");
            // Code has its colours a moment after it is there, and nothing else tells of that.
            let steps = [("symbols", &*keys, "true"), (word, ANEW, "sleep 2"), (word, QUIT, "true")];
            let (terminal, _) = shown(program, &steps);
            let picture = svg(terminal.screen(), ground, &format!("{title}, in a {theme} terminal"));
            std::fs::write(folder().join(format!("{name}-{theme}.svg")), picture).unwrap();
        }
    }
}

/// Each that the README shows is there, for dark and light readers, named in words, and small.
#[test]
fn the_readme_shows_pictures_that_are_there() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let mut files: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let mut expected: Vec<String> = shots()
        .iter()
        .flat_map(|shot| THEMES.map(|(theme, _)| format!("{}-{theme}.svg", shot.name)))
        .collect();
    expected.sort();
    assert_eq!(files, expected);
    for file in files {
        assert!(readme.contains(&format!("tui/pictures/{file}")), "the README does not show {file}");
        let picture = std::fs::read_to_string(folder().join(&file)).unwrap();
        assert!(picture.len() < BYTES_MAX, "{file} has {} bytes", picture.len());
        assert!(picture.contains("<title>zenith: ") && picture.trim_end().ends_with("</svg>"), "{file}");
        for alien in ["<script", "href", "\u{1b}", "/root", "/home", "/work"] {
            assert!(!picture.contains(alien), "{alien} is in {file}");
        }
    }
}

#[test]
fn cells_become_text_that_stands_where_they_stood() {
    let mut terminal = vt100::Parser::new(2.try_into().unwrap(), 20.try_into().unwrap(), 0);
    terminal.process("a<b \u{1b}[1;38;2;1;2;3mBold\u{1b}[0m\u{1b}[2;3H\u{1b}[7m日 x\u{1b}[0m".as_bytes());
    let picture = svg(terminal.screen(), DARK, "one & two");
    assert!(picture.contains("<title>one &amp; two</title>"));
    assert!(picture.contains(">a&lt;b</text>"), "{picture}");
    let colours = |class: &str| picture.split(&format!(".{class}{{fill:")).nth(1).unwrap()[..7].to_string();
    // After four columns, in the colour that was asked for.
    let bold = picture.lines().find(|line| line.contains(">Bold<")).unwrap();
    assert!(bold.contains(" b\" x=\"43.6\" y=\"23.5\" textLength=\"33.6\""), "{bold}");
    let class = bold.split('"').nth(1).unwrap().split(' ').next().unwrap();
    assert_eq!(colours(class), "#010203");
    // What is wide takes two columns, and what is reversed has the colours the other way round.
    assert!(picture.contains("x=\"26.8\" y=\"28.0\" width=\"33.6\""), "{picture}");
    let wide = picture.lines().find(|line| line.contains(">日 x<")).unwrap();
    assert!(wide.contains("x=\"26.8\"") && wide.contains("textLength=\"33.6\""), "{wide}");
    let class = wide.split('"').nth(1).unwrap();
    assert_eq!(colours(class), "#16181f");
    assert_eq!(picture.matches("<text").count(), 3);
}
