//! A line that one types, edited by the keys that readline has.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::{Input, InputRequest};

/// Characters that a line holds: more than anyone types, and than a token has.
pub const CHARS_MAX: usize = 10_000;

/// Changes a line as a key asks for; `false` where the key means nothing to a line, or has no room there. `takes_over`
/// says that what is typed takes the place of all that stands there.
pub fn edit(line: &mut Input, key: &KeyEvent, takes_over: bool) -> bool {
    let Some(request) = request(key) else { return false };
    match request {
        InputRequest::InsertChar(c) => return insert(line, c.encode_utf8(&mut [0; 4]), takes_over) == 0,
        InputRequest::DeletePrevChar | InputRequest::DeleteNextChar if takes_over => {
            line.handle(InputRequest::GoToEnd);
            line.handle(InputRequest::DeleteFromStart);
            return true;
        }
        _ => {}
    }
    line.handle(request);
    true
}

/// Puts text where one types, all at once; how many of its characters have no room there.
pub fn insert(line: &mut Input, text: &str, takes_over: bool) -> usize {
    if text.is_empty() {
        return 0;
    }
    if takes_over {
        line.reset();
    }
    let (before, chars) = (line.value(), text.chars().count());
    let taken = CHARS_MAX.saturating_sub(before.chars().count()).min(chars);
    let at = line.cursor();
    let mut value: String = before.chars().take(at).collect();
    value.extend(text.chars().take(taken));
    value.extend(before.chars().skip(at));
    // With what was cut before, which may be wanted back.
    *line = std::mem::take(line).with_value(value).with_cursor(at + taken);
    chars - taken
}

/// What a key means to a line.
pub fn request(key: &KeyEvent) -> Option<InputRequest> {
    use InputRequest::*;
    let (control, alt) = (KeyModifiers::CONTROL, KeyModifiers::ALT);
    Some(match (key.code, key.modifiers - KeyModifiers::SHIFT) {
        (KeyCode::Char(c), KeyModifiers::NONE) => InsertChar(c),
        // What AltGr makes of a key arrives with both on some terminals.
        (KeyCode::Char(c), modifiers) if modifiers == control | alt => InsertChar(c),
        (KeyCode::Char('b'), modifiers) if modifiers == alt => GoToPrevWord,
        (KeyCode::Char('f'), modifiers) if modifiers == alt => GoToNextWord,
        (KeyCode::Left, modifiers) if modifiers == control => GoToPrevWord,
        (KeyCode::Right, modifiers) if modifiers == control => GoToNextWord,
        (KeyCode::Char('d') | KeyCode::Delete, modifiers) if modifiers == alt => DeleteNextWord,
        (KeyCode::Delete, modifiers) if modifiers == control => DeleteNextWord,
        (KeyCode::Backspace, modifiers) if modifiers == alt || modifiers == control => DeletePrevWord,
        (KeyCode::Char(c), modifiers) if modifiers == control => match c {
            'a' => GoToStart,
            'e' => GoToEnd,
            'b' => GoToPrevChar,
            'f' => GoToNextChar,
            'h' => DeletePrevChar,
            'd' => DeleteNextChar,
            'w' => DeletePrevWord,
            'u' => DeleteFromStart,
            'k' => DeleteTillEnd,
            'y' => Yank,
            _ => return None,
        },
        (KeyCode::Backspace, KeyModifiers::NONE) => DeletePrevChar,
        (KeyCode::Delete, KeyModifiers::NONE) => DeleteNextChar,
        (KeyCode::Left, KeyModifiers::NONE) => GoToPrevChar,
        (KeyCode::Right, KeyModifiers::NONE) => GoToNextChar,
        (KeyCode::Home, KeyModifiers::NONE) => GoToStart,
        (KeyCode::End, KeyModifiers::NONE) => GoToEnd,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(line: &mut Input, code: KeyCode, modifiers: KeyModifiers) {
        assert!(edit(line, &KeyEvent::new(code, modifiers), false), "{code:?} with {modifiers:?}");
    }

    #[test]
    fn a_line_is_edited_as_readline_does() {
        let (control, alt) = (KeyModifiers::CONTROL, KeyModifiers::ALT);
        // `|` is where the cursor stands.
        for (before, (code, modifiers), after) in [
            ("one two| three", (KeyCode::Char('a'), control), "|one two three"),
            ("one| two", (KeyCode::Char('e'), control), "one two|"),
            ("one two|", (KeyCode::Char('b'), control), "one tw|o"),
            ("|one two", (KeyCode::Char('f'), control), "o|ne two"),
            ("one two|", (KeyCode::Char('b'), alt), "one |two"),
            ("one two|", (KeyCode::Char('w'), control), "one |"),
            ("one two|", (KeyCode::Backspace, alt), "one |"),
            ("one two| three", (KeyCode::Char('u'), control), "| three"),
            ("one| two", (KeyCode::Char('k'), control), "one|"),
            ("|one two", (KeyCode::Char('d'), control), "|ne two"),
            ("one|", (KeyCode::Char('h'), control), "on|"),
            ("|one two", (KeyCode::Char('d'), alt), "|two"),
            ("|one two", (KeyCode::Char('f'), alt), "one |two"),
            ("one|", (KeyCode::Char('é'), KeyModifiers::NONE), "oneé|"),
            ("one|", (KeyCode::Char('Q'), KeyModifiers::SHIFT), "oneQ|"),
            ("one|", (KeyCode::Char('@'), control | alt), "one@|"),
        ] {
            let cursor = before.find('|').unwrap();
            let mut line = Input::new(before.replace('|', "")).with_cursor(cursor);
            press(&mut line, code, modifiers);
            let mut shown: Vec<char> = line.value().chars().collect();
            shown.insert(line.cursor(), '|');
            assert_eq!(shown.into_iter().collect::<String>(), after, "{code:?} with {modifiers:?}");
        }
    }

    #[test]
    fn what_was_cut_comes_back() {
        let mut line = Input::new("one two".to_string());
        press(&mut line, KeyCode::Char('w'), KeyModifiers::CONTROL);
        press(&mut line, KeyCode::Char('a'), KeyModifiers::CONTROL);
        press(&mut line, KeyCode::Char('y'), KeyModifiers::CONTROL);
        assert_eq!(line.value(), "twoone ");
    }

    #[test]
    fn what_takes_over_leaves_nothing_of_what_stood_there() {
        let typed = |code| {
            let mut line = Input::new("before".to_string());
            edit(&mut line, &KeyEvent::new(code, KeyModifiers::NONE), true);
            line.value().to_string()
        };
        assert_eq!(typed(KeyCode::Char('q')), "q");
        assert_eq!(typed(KeyCode::Backspace), "");
        assert_eq!(typed(KeyCode::Left), "before");
        let mut line = Input::new("before".to_string());
        insert(&mut line, "after", true);
        assert_eq!(line.value(), "after");
    }

    #[test]
    fn text_goes_in_where_the_cursor_is_and_a_line_that_is_full_takes_no_more() {
        let mut line = Input::new("one three".to_string()).with_cursor(4);
        assert_eq!(insert(&mut line, "zwö ", false), 0);
        assert_eq!((line.value(), line.cursor()), ("one zwö three", 8));
        let mut line = Input::new("x".repeat(CHARS_MAX - 2));
        assert_eq!((insert(&mut line, "éabc", false), line.cursor()), (2, CHARS_MAX));
        assert!(line.value().ends_with("xéa"));
        assert!(!edit(&mut line, &KeyEvent::from(KeyCode::Char('b')), false), "it is full");
        assert!(edit(&mut line, &KeyEvent::from(KeyCode::Char('b')), true), "but what takes over has room");
        assert_eq!(line.value(), "b");
    }
}
