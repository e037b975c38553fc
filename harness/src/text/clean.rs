//! Text that is safe to show.
//!
//! A control sequence could move the cursor, retitle the window or write to the clipboard; a
//! bidirectional override could make code read as something else than it is.

/// Columns from one tab stop to the next.
const TAB_COLUMNS: usize = 4;
/// Longer lines are cut: nobody reads them, and each character costs time to lay out.
const LINE_CHARS_MAX: usize = 2_000;

/// Text that is safe to show, on as many lines as it had.
///
/// Without control characters, escape sequences, bidirectional controls and invisible tags; tabs are
/// expanded and long lines cut. Cleaning twice changes nothing more.
pub fn clean(text: &str) -> String {
    cleaned(text, LINE_CHARS_MAX)
}

fn cleaned(text: &str, line_chars_max: usize) -> String {
    let mut cleaned = Cleaned::with_capacity(text.len(), line_chars_max);
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\n' | '\u{2028}' | '\u{2029}' => cleaned.end_line(),
            '\t' => cleaned.tab(),
            '\u{1b}' => skip_escape(&mut rest),
            '\u{9b}' => skip_parameters(&mut rest),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip_string(&mut rest),
            _ if is_unsafe(c) => {}
            _ => cleaned.push(c),
        }
    }
    cleaned.text
}

/// Text that is safe to show, on one line: each run of white space is one space.
pub fn clean_line(text: &str) -> String {
    let cleaned = clean(text);
    let mut line = String::with_capacity(cleaned.len().min(LINE_CHARS_MAX));
    let mut chars_left = LINE_CHARS_MAX;
    for word in cleaned.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
            chars_left = chars_left.saturating_sub(1);
        }
        let chars = word.chars().count();
        if chars > chars_left {
            line.extend(word.chars().take(chars_left));
            break;
        }
        line.push_str(word);
        chars_left -= chars;
    }
    line.truncate(line.trim_end().len());
    line
}

/// The same of at most so many characters, and how many of them were left out.
pub fn clean_line_of(text: &str, chars_max: usize) -> (String, usize) {
    let cleaned = cleaned(text, usize::MAX);
    let line = cleaned.split_whitespace().collect::<Vec<&str>>().join(" ");
    let cut: String = line.chars().take(chars_max).collect();
    let left_out = line.chars().count() - cut.chars().count();
    (cut, left_out)
}

/// JSON that shows on a terminal what it holds: what [`clean`] would leave out is written by its number, as JSON
/// lets one. It says the same to who reads it.
pub fn escaped_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_unsafe(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200e}' | '\u{200f}' // direction marks
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' // embeddings, overrides, isolates
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' // byte order mark, interlinear annotation
            | '\u{e0000}'..='\u{e007f}') // tags, which show nothing
}

/// What follows an ESC.
fn skip_escape(rest: &mut std::str::Chars<'_>) {
    let mut ahead = rest.clone();
    match ahead.next() {
        Some('[') => {
            *rest = ahead;
            skip_parameters(rest);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            *rest = ahead;
            skip_string(rest);
        }
        // Two characters: an intermediate byte is followed by a final one.
        Some(' '..='/') => {
            ahead.next();
            *rest = ahead;
        }
        Some('0'..='~') => *rest = ahead,
        _ => {}
    }
}

/// Parameters, intermediates and the final byte of a control sequence.
fn skip_parameters(rest: &mut std::str::Chars<'_>) {
    let mut ahead = rest.clone();
    while let Some(c) = ahead.next() {
        match c {
            ' '..='?' => *rest = ahead.clone(),
            '@'..='~' => {
                *rest = ahead;
                return;
            }
            // Malformed: what follows is text again.
            _ => return,
        }
    }
}

/// A control string up to its terminator, or to the end of the line where there is none.
fn skip_string(rest: &mut std::str::Chars<'_>) {
    let mut ahead = rest.clone();
    while let Some(c) = ahead.next() {
        match c {
            '\n' => return,
            '\u{7}' | '\u{9c}' => {
                *rest = ahead;
                return;
            }
            // Left in place, an ESC is then skipped with its backslash.
            '\u{1b}' => return,
            _ => *rest = ahead.clone(),
        }
    }
}

struct Cleaned {
    text: String,
    /// Characters on the current line.
    chars: usize,
    line_chars_max: usize,
}

impl Cleaned {
    fn with_capacity(bytes: usize, line_chars_max: usize) -> Cleaned {
        Cleaned { text: String::with_capacity(bytes), chars: 0, line_chars_max }
    }

    fn push(&mut self, c: char) {
        if self.chars < self.line_chars_max {
            self.text.push(c);
        }
        self.chars += 1;
    }

    fn tab(&mut self) {
        let columns = TAB_COLUMNS - self.chars % TAB_COLUMNS;
        (0..columns).for_each(|_| self.push(' '));
    }

    fn end_line(&mut self) {
        self.text.push('\n');
        self.chars = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn json_says_the_same_and_rules_no_terminal() {
        let text = "a\u{9b}31mb \u{202e}c \u{e0041} d\n";
        let json = serde_json::to_string(&text).unwrap();
        let escaped = escaped_json(&json);
        assert!(!escaped.chars().any(is_unsafe), "{escaped:?}");
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
    }

    #[test]
    fn escape_sequences_leave_no_trace() {
        assert_eq!(clean("a\u{1b}[31;1mred\u{1b}[0m b"), "ared b");
        assert_eq!(clean("a\u{1b}]0;title\u{7}b"), "ab");
        assert_eq!(clean("a\u{1b}]52;c;aGk=\u{1b}\\b"), "ab");
        assert_eq!(clean("a\u{9b}2Jb\u{9d}x\u{9c}c"), "abc");
        assert_eq!(clean("a\u{1b}(Bb\u{1b}cc"), "abc");
        assert_eq!(clean("a\u{1b}]never ends\nnext"), "a\nnext");
        assert_eq!(clean("a\u{1b}"), "a");
        assert_eq!(clean_line("a\u{1b}[31mb\u{1b}]0;title\u{7}c\u{feff}\u{202e}\r\nd"), "abc d");
    }

    #[test]
    fn bidirectional_controls_are_dropped_and_tabs_expanded() {
        assert_eq!(clean("a\u{202e}b\u{2066}c\u{200f}d\u{61c}e"), "abcde");
        assert_eq!(clean("\tx\n  \ty"), "    x\n    y");
        assert_eq!(clean("line\r\nnext\u{2028}last"), "line\nnext\nlast");
        assert_eq!(clean_line(" a\n\tb  c\r\n"), "a b c");
    }

    #[test]
    fn other_scripts_pass_unchanged() {
        for text in ["naïve café", "日本語", "עברית", "👩‍💻 ok", "a\u{301}"] {
            assert_eq!(clean(text), text);
        }
    }

    #[test]
    fn a_long_line_is_cut_and_the_next_one_is_whole() {
        let cleaned = clean(&format!("{}\nend", "x".repeat(10 * LINE_CHARS_MAX)));
        assert_eq!(cleaned.len(), LINE_CHARS_MAX + "\nend".len());
        assert_eq!(clean_line(&"y".repeat(10 * LINE_CHARS_MAX)).len(), LINE_CHARS_MAX);
        let long = "y ".repeat(3 * LINE_CHARS_MAX);
        let (line, left_out) = clean_line_of(&format!("\u{1b}[2J{long}"), 2 * LINE_CHARS_MAX);
        assert_eq!(
            (line.len(), left_out),
            (2 * LINE_CHARS_MAX, 4 * LINE_CHARS_MAX - 1),
            "all of it is counted"
        );
        assert_eq!(clean_line_of(" a\n b\u{202e}", 3), ("a b".to_string(), 0));
    }

    /// Ordinary text, with what a hostile package would put in between.
    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            any::<String>(),
            any::<char>().prop_map(String::from),
            prop::sample::select(vec![
                "\u{1b}[", "\u{1b}]", "\u{9b}", "\u{202e}", "\u{7}", "\t", "\n", "m", "\u{1b}"
            ])
            .prop_map(String::from),
        ];
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn nothing_that_steers_a_terminal_passes(text in hostile()) {
            let cleaned = clean(&text);
            prop_assert!(cleaned.chars().all(|c| c == '\n' || !is_unsafe(c)), "{cleaned:?}");
            prop_assert!(cleaned.lines().all(|line| line.chars().count() <= LINE_CHARS_MAX));
            prop_assert_eq!(clean(&cleaned), cleaned);
        }

        #[test]
        fn one_line_is_one_line(text in hostile()) {
            let line = clean_line(&text);
            prop_assert!(!line.contains('\n') && line.trim() == line, "{line:?}");
            prop_assert_eq!(clean_line(&line), line);
        }

        #[test]
        fn plain_text_is_kept(text in "[a-zA-Z0-9 .:<>&_(){}\n]{0,200}") {
            prop_assert_eq!(clean(&text), text);
        }
    }
}
