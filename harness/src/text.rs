//! Text from servers, files and errors is untrusted: what reaches a terminal passes here first.

use std::iter::Peekable;
use std::str::Chars;

/// Longer lines are cut: nobody reads them.
const LINE_CHARS_MAX: usize = 2_000;

/// Text that is safe to show, on one line: without control characters, escape sequences and
/// bidirectional controls, each run of white space one space.
pub fn clean_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(LINE_CHARS_MAX));
    let mut chars = 0;
    let mut space = false;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => skip_escape(&mut rest),
            '\u{9b}' => skip_parameters(&mut rest),
            _ if c.is_whitespace() => space = chars > 0,
            _ if is_unsafe(c) => {}
            _ if chars + 2 > LINE_CHARS_MAX => {
                line.push('…');
                break;
            }
            _ => {
                if std::mem::take(&mut space) {
                    line.push(' ');
                    chars += 1;
                }
                line.push(c);
                chars += 1;
            }
        }
    }
    line
}

/// Text of at most this many characters, its end replaced by `…` where it is longer.
pub fn fit(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_string();
    }
    let mut short: String = text.chars().take(chars_max.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200e}' | '\u{200f}' // direction marks
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' // embeddings, overrides, isolates
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' // byte order mark, interlinear annotation
            | '\u{e0000}'..='\u{e007f}') // tags, which show nothing
}

/// What follows an ESC. Of a control string only the introducer goes: its end may be missing, and
/// without it the rest is harmless.
fn skip_escape(rest: &mut Peekable<Chars<'_>>) {
    if rest.next_if_eq(&'[').is_some() {
        return skip_parameters(rest);
    }
    while rest.next_if(|c| (' '..='/').contains(c)).is_some() {}
    rest.next_if(|c| ('0'..='~').contains(c));
}

/// Parameters, intermediates and the final byte of a control sequence.
fn skip_parameters(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|c| (' '..='?').contains(c)).is_some() {}
    rest.next_if(|c| ('@'..='~').contains(c));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_is_left() {
        assert_eq!(clean_line("a\u{1b}[31;1mred\u{1b}[0m b"), "ared b");
        assert_eq!(clean_line("a\u{9b}2Jb\u{1b}(Bc\u{7}"), "abc");
        assert_eq!(clean_line("a\u{202e}b\u{feff}"), "ab");
        assert_eq!(clean_line(" one\r\n\ttwo  three\n"), "one two three");
        let odd = clean_line("\u{1b}]0;title\u{7}\u{1b}\\\u{1b}");
        assert!(!odd.chars().any(char::is_control), "{odd:?}");
    }

    #[test]
    fn other_scripts_pass_and_cleaning_twice_changes_nothing() {
        for text in ["naïve café", "日本語", "a\u{301}"] {
            assert_eq!(clean_line(text), text);
        }
        let long = clean_line(&"word ".repeat(LINE_CHARS_MAX));
        assert!(long.chars().count() <= LINE_CHARS_MAX);
        assert_eq!(clean_line(&long), long);
    }

    #[test]
    fn what_does_not_fit_is_cut() {
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!(fit("abcd", 3), "ab…");
        assert_eq!(fit("abcd", 0), "…");
    }
}
