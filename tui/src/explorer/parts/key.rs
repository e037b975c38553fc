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
