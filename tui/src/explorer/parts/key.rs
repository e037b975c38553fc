//! A key, as it is pressed and as it is told.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers; a capital letter carries no shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(pub KeyCode, pub KeyModifiers);

pub const fn char(c: char) -> Key {
    Key(KeyCode::Char(c), KeyModifiers::NONE)
}

pub const fn ctrl(c: char) -> Key {
    Key(KeyCode::Char(c), KeyModifiers::CONTROL)
}

pub const fn plain(code: KeyCode) -> Key {
    Key(code, KeyModifiers::NONE)
}

pub const fn shift(code: KeyCode) -> Key {
    Key(code, KeyModifiers::SHIFT)
}

pub const fn alt(code: KeyCode) -> Key {
    Key(code, KeyModifiers::ALT)
}

impl Key {
    pub fn of(event: &KeyEvent) -> Key {
        let mut modifiers =
            event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        // Terminals differ in whether a capital letter or a back-tab is shifted.
        if matches!(event.code, KeyCode::Char(_) | KeyCode::BackTab) {
            modifiers -= KeyModifiers::SHIFT;
        }
        Key(event.code, modifiers)
    }
}

impl Key {
    /// A letter, which is text where one types.
    pub fn is_letter(self) -> bool {
        matches!(self.0, KeyCode::Char(_)) && self.1.is_empty()
    }

    /// A key as it is told, or as people write it: `q`, `Ctrl-K`, `alt+enter`, `F5`, `Shift-Up`.
    pub fn parse(text: &str) -> Option<Key> {
        let (mut rest, mut modifiers) = (text.trim(), KeyModifiers::NONE);
        while let Some(at) = rest.find(['-', '+']).filter(|at| *at > 0 && at + 1 < rest.len()) {
            modifiers |= match rest[..at].to_lowercase().as_str() {
                "ctrl" | "control" | "c" => KeyModifiers::CONTROL,
                "alt" | "option" | "meta" | "m" => KeyModifiers::ALT,
                "shift" | "s" => KeyModifiers::SHIFT,
                _ => return None,
            };
            rest = &rest[at + 1..];
        }
        let mut letters = rest.chars();
        let code = match (letters.next()?, letters.next()) {
            ('↑', None) => KeyCode::Up,
            ('↓', None) => KeyCode::Down,
            ('←', None) => KeyCode::Left,
            ('→', None) => KeyCode::Right,
            (letter, None) if letter.is_control() || letter.is_whitespace() => return None,
            // Of Ctrl and a letter terminals send one byte, whichever it was.
            (letter, None) if modifiers.contains(KeyModifiers::CONTROL) => {
                KeyCode::Char(letter.to_ascii_lowercase())
            }
            (letter, None) if modifiers.contains(KeyModifiers::SHIFT) => {
                KeyCode::Char(letter.to_ascii_uppercase())
            }
            (letter, None) => KeyCode::Char(letter),
            _ => named(&rest.to_lowercase())?,
        };
        // As a terminal sends it.
        let (code, modifiers) = match code {
            KeyCode::Tab if modifiers == KeyModifiers::SHIFT => (KeyCode::BackTab, KeyModifiers::NONE),
            code => (code, modifiers),
        };
        Some(Key::of(&KeyEvent::new(code, modifiers)))
    }
}

fn named(name: &str) -> Option<KeyCode> {
    Some(match name {
        "enter" | "return" => KeyCode::Enter,
        "esc" | "escape" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backspace" => KeyCode::Backspace,
        "space" => KeyCode::Char(' '),
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "pgup" | "pageup" => KeyCode::PageUp,
        "pgdn" | "pagedown" => KeyCode::PageDown,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "del" | "delete" => KeyCode::Delete,
        "ins" | "insert" => KeyCode::Insert,
        _ => KeyCode::F(name.strip_prefix('f')?.parse().ok().filter(|number| (1..=24).contains(number))?),
    })
}

/// Letters of layouts, and the Latin ones on the same keys.
const PLACES: [(&str, &str); 2] = [
    ("йцукенгшщзфывапролдячсмить", "qwertyuiopasdfghjklzxcvbnm"),
    ("ςερτυθιοπασδφγηξκλζχψωβνμ", "wertyuiopasdfghjklzxcvbnm"),
];

/// The key that another layout's letter stands on: who types Russian or Greek need not switch for a command.
pub fn by_place(event: &KeyEvent) -> Option<KeyEvent> {
    let KeyCode::Char(letter) = event.code else { return None };
    let small = letter.to_lowercase().next()?;
    let latin = PLACES.iter().find_map(|(theirs, latin)| {
        let place = theirs.chars().position(|theirs| theirs == small)?;
        latin.chars().nth(place)
    })?;
    let latin = if letter == small { latin } else { latin.to_ascii_uppercase() };
    Some(KeyEvent { code: KeyCode::Char(latin), ..*event })
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, name) in
            [(KeyModifiers::CONTROL, "Ctrl-"), (KeyModifiers::ALT, "Alt-"), (KeyModifiers::SHIFT, "Shift-")]
        {
            if self.1.contains(modifier) {
                f.write_str(name)?;
            }
        }
        match self.0 {
            KeyCode::Char(c) if self.1.contains(KeyModifiers::CONTROL) => {
                write!(f, "{}", c.to_ascii_uppercase())
            }
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::Up => f.write_str("↑"),
            KeyCode::Down => f.write_str("↓"),
            KeyCode::Left => f.write_str("←"),
            KeyCode::Right => f.write_str("→"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            KeyCode::BackTab => f.write_str("Shift-Tab"),
            other => write!(f, "{other}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_told_and_as_people_write_it() {
        for (text, key) in [
            ("q", char('q')),
            ("Space", char(' ')),
            ("Q", char('Q')),
            ("shift-q", char('Q')),
            ("?", char('?')),
            ("-", char('-')),
            ("Ctrl--", ctrl('-')),
            ("Ctrl-K", ctrl('k')),
            ("ctrl+k", ctrl('k')),
            ("Alt-x", alt(KeyCode::Char('x'))),
            ("Alt-X", alt(KeyCode::Char('X'))),
            ("alt+enter", alt(KeyCode::Enter)),
            ("Shift-↑", shift(KeyCode::Up)),
            ("Shift-Tab", plain(KeyCode::BackTab)),
            ("PgDn", plain(KeyCode::PageDown)),
            ("f12", plain(KeyCode::F(12))),
            ("é", char('é')),
        ] {
            assert_eq!(Key::parse(text), Some(key), "{text}");
            assert_eq!(Key::parse(&key.to_string()), Some(key), "{key}, as it is told");
        }
        for text in ["", " ", "qq", "Ctrl-", "super-x", "f99", "f0", "\u{1b}", "Ctrl-Ctrl"] {
            assert_eq!(Key::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn letters_of_other_layouts_stand_where_latin_ones_do() {
        let latin = |letter: char| by_place(&KeyEvent::from(KeyCode::Char(letter))).map(|event| event.code);
        for (letter, key) in
            [('й', 'q'), ('о', 'j'), ('Ь', 'M'), ('κ', 'k'), ('Γ', 'G'), ('ς', 'w'), ('ν', 'n')]
        {
            assert_eq!(latin(letter), Some(KeyCode::Char(key)), "{letter}");
        }
        assert_eq!((latin('q'), latin('é'), latin('字')), (None, None, None));
        for (theirs, latin) in PLACES {
            assert_eq!(theirs.chars().count(), latin.chars().count());
        }
    }
}
