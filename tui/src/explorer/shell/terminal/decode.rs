//! From the bytes of a terminal to what happened.
//!
//! Termina's parser reads them, and crossterm's words for what happened go on. Between the two stands what neither
//! does: an answer of the terminal is told from the keys that begin alike (Alt-], Alt-P), a string that never
//! ends holds back nothing that is typed after it, and each byte of what is pasted is looked at once.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use termina::Parser;
use termina::escape::csi::{Csi, Mode, ThemeMode};
use termina::escape::osc::{ColorOrQuery, DynamicColorNumber, Osc};

use super::translate::translate;
use crate::explorer::parts::theme::Background;

const ESCAPE: u8 = 0x1b;
const BELL: u8 = 0x07;
/// How long the rest of a key may take, and that of an answer, which nobody types.
const KEY: Duration = Duration::from_millis(50);
const STRING: Duration = Duration::from_secs(2);
const PASTE_BEGINS: &[u8] = b"\x1b[200~";
const PASTE_ENDS: &[u8] = b"\x1b[201~";
/// No answer that is asked for is longer.
const STRING_MAX: usize = 256;

/// What came from the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    Event(Event),
    /// What its background is: an answer, or a change that it told of.
    Background(Background),
}

/// What is read of the bytes so far.
#[derive(Debug, Default)]
pub struct Decoder {
    parser: Parser,
    /// The beginning of what may be a key or an answer, whichever comes next: Escape, or the bytes of a string.
    held: Vec<u8>,
    /// What is being pasted.
    pasted: Option<Vec<u8>>,
    heard: Vec<Heard>,
}

impl Decoder {
    /// Takes bytes. `is_asked` says that an answer is on its way: then an Escape at their end may be its beginning,
    /// where it is a key elsewhere.
    pub fn take(&mut self, bytes: &[u8], is_asked: bool) -> Vec<Heard> {
        let mut plain = Vec::new();
        for byte in bytes {
            if self.pasted.is_some() {
                self.paste(*byte);
                continue;
            }
            self.step(*byte, &mut plain);
            if plain.ends_with(PASTE_BEGINS) {
                plain.truncate(plain.len() - PASTE_BEGINS.len());
                self.parse(&plain);
                plain.clear();
                self.pasted = Some(Vec::new());
            }
        }
        if self.held == [ESCAPE] && !is_asked {
            plain.append(&mut self.held);
        }
        self.parse(&plain);
        std::mem::take(&mut self.heard)
    }

    /// How long the next byte may take, where it decides what the last ones were.
    pub fn is_undecided_for(&self) -> Option<Duration> {
        match self.held.len() {
            0 => None,
            1 | 2 => Some(KEY),
            _ => Some(STRING),
        }
    }

    /// There is no next byte: what was held is a key, or an answer that was cut.
    pub fn decide(&mut self) -> Vec<Heard> {
        let held = std::mem::take(&mut self.held);
        match held[..] {
            [ESCAPE] => self.parse(&held),
            [ESCAPE, introducer] => self.push_alt(introducer),
            _ => {}
        }
        std::mem::take(&mut self.heard)
    }

    fn step(&mut self, byte: u8, plain: &mut Vec<u8>) {
        match (&self.held[..], byte) {
            ([], ESCAPE) => self.held.push(byte),
            ([], _) => plain.push(byte),
            ([ESCAPE], b']' | b'P') => self.held.push(byte),
            // The first one was typed; the second may begin anything.
            ([ESCAPE], ESCAPE) => {
                self.parse(plain);
                plain.clear();
                self.parse(&[ESCAPE]);
            }
            // What the parser knows.
            ([ESCAPE], _) => {
                plain.append(&mut self.held);
                plain.push(byte);
            }
            // A string begins with its number. Whatever else comes here was typed.
            ([ESCAPE, introducer], _) if !byte.is_ascii_digit() => {
                let introducer = *introducer;
                self.held.clear();
                self.parse(plain);
                plain.clear();
                self.push_alt(introducer);
                self.step(byte, plain);
            }
            ([.., ESCAPE], b'\\') | (_, BELL) => {
                self.held.push(byte);
                let string = std::mem::take(&mut self.held);
                self.parse(plain);
                plain.clear();
                self.answer(&string);
            }
            // It broke off: what begins now is something else.
            ([.., ESCAPE], _) => {
                self.held = vec![ESCAPE];
                self.step(byte, plain);
            }
            (held, _) if held.len() >= STRING_MAX || (byte < b' ' && byte != ESCAPE) => {
                self.held.clear();
                self.step(byte, plain);
            }
            _ => self.held.push(byte),
        }
    }

    fn paste(&mut self, byte: u8) {
        let pasted = self.pasted.get_or_insert_default();
        pasted.push(byte);
        if let Some(text) = pasted.strip_suffix(PASTE_ENDS) {
            let text = String::from_utf8_lossy(text).into_owned();
            self.heard.push(Heard::Event(Event::Paste(text)));
            self.pasted = None;
        }
    }

    fn parse(&mut self, bytes: &[u8]) {
        self.parser.parse(bytes, false);
        while let Some(event) = self.parser.pop() {
            self.heard.extend(heard(event));
        }
    }

    /// A string of the terminal. What it is about nobody asked for, if it cannot be read.
    fn answer(&mut self, string: &[u8]) {
        let mut parser = Parser::default();
        parser.parse(string, false);
        self.heard.extend(parser.pop().and_then(heard));
    }

    fn push_alt(&mut self, key: u8) {
        let key = KeyEvent::new(KeyCode::Char(char::from(key)), KeyModifiers::ALT);
        self.heard.push(Heard::Event(Event::Key(key)));
    }
}

fn heard(event: termina::Event) -> Option<Heard> {
    match event {
        termina::Event::Osc(Osc::ChangeDynamicColors(DynamicColorNumber::TextBackgroundColor, colours)) => {
            match colours.first()? {
                ColorOrQuery::Color(rgb) => {
                    Some(Heard::Background(Background::of([rgb.red, rgb.green, rgb.blue])))
                }
                ColorOrQuery::Query => None,
            }
        }
        termina::Event::Csi(Csi::Mode(Mode::ReportTheme(mode))) => Some(Heard::Background(match mode {
            ThemeMode::Dark => Background::Dark,
            ThemeMode::Light => Background::Light,
        })),
        event => translate(event).map(Heard::Event),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is heard of bytes that come in pieces, with nothing between and nothing after them.
    fn heard_of(pieces: &[&[u8]], is_asked: bool) -> Vec<String> {
        let mut decoder = Decoder::default();
        let mut heard = Vec::new();
        for piece in pieces {
            heard.extend(decoder.take(piece, is_asked));
        }
        heard.extend(decoder.decide());
        heard.into_iter().map(word).collect()
    }

    fn word(heard: Heard) -> String {
        match heard {
            Heard::Background(background) => format!("{background:?}"),
            Heard::Event(Event::Key(key)) => {
                let alt = if key.modifiers.contains(KeyModifiers::ALT) { "Alt-" } else { "" };
                match key.code {
                    KeyCode::Char(c) => format!("{alt}{c}"),
                    code => format!("{alt}{code:?}"),
                }
            }
            Heard::Event(event) => format!("{event:?}"),
        }
    }

    #[test]
    fn an_answer_is_never_taken_for_keys_however_it_comes_in_pieces() {
        for answer in
            ["\x1b]11;rgb:ffff/fafa/e3e3\x1b\\", "\x1b]11;rgb:ff/fa/e3\x07", "\x1b]11;#fffae3\x1b\\"]
        {
            for keys in ["", "q", "é"] {
                let bytes = format!("a{answer}{keys}");
                let mut expected = vec!["a", "Light"];
                expected.extend(Some(keys).filter(|keys| !keys.is_empty()));
                for cut in 0..bytes.len() {
                    let (one, other) = bytes.as_bytes().split_at(cut);
                    assert_eq!(heard_of(&[one, other], true), expected, "{bytes:?} cut at {cut}");
                }
            }
        }
        let dark = "\x1b]11;rgb:0000/2b2b/3636\x1b\\".as_bytes();
        let mut decoder = Decoder::default();
        decoder.take(&dark[..1], true);
        assert_eq!(decoder.is_undecided_for(), Some(KEY), "it may be Escape");
        decoder.take(&dark[1..9], true);
        assert_eq!(decoder.is_undecided_for(), Some(STRING), "over a slow line the rest is late");
        assert_eq!(heard_of(&[dark], false), ["Dark"], "also one that nobody waits for any more");
    }

    #[test]
    fn a_change_that_the_terminal_tells_of_is_heard() {
        assert_eq!(heard_of(&[b"\x1b[?997;2nx\x1b[?997;1n"], false), ["Light", "x", "Dark"]);
    }

    #[test]
    fn keys_that_begin_like_an_answer_are_keys_and_hold_nothing_back() {
        assert_eq!(heard_of(&[b"\x1b]"], true), ["Alt-]"]);
        assert_eq!(heard_of(&[b"\x1b]\x1b]xy"], false), ["Alt-]", "Alt-]", "x", "y"]);
        assert_eq!(heard_of(&[b"\x1bPq"], false), ["Alt-P", "q"]);
        assert_eq!(heard_of(&[b"\x1b", b"x"], false), ["Esc", "x"]);
        assert_eq!(heard_of(&[b"\x1bx"], false), ["Alt-x"]);
        assert_eq!(heard_of(&[b"\x1b\x1b"], false), ["Esc", "Esc"]);
        assert_eq!(heard_of(&[b"\x1b\x1b[A"], false), ["Esc", "Up"]);
        assert_eq!(heard_of(&[b"\x1b", b"[A"], true), ["Up"], "while an answer is on its way");
    }

    #[test]
    fn a_string_that_never_ends_is_dropped() {
        assert_eq!(heard_of(&[b"\x1b]11;rgb:00\rq"], false), ["Enter", "q"]);
        assert_eq!(heard_of(&[b"\x1b]11;rgb:00\x1b[Aq"], false), ["Up", "q"]);
        let endless = ["\x1b]1", &"0".repeat(300), "q"].concat();
        assert_eq!(heard_of(&[endless.as_bytes()], false).last().map(String::as_str), Some("q"));
    }

    #[test]
    fn what_is_pasted_is_whole_wherever_it_is_cut() {
        let bytes = "a\x1b[200~é\x1b]11;\n\x1b[A\x1b[201~b".as_bytes();
        let expected = ["a", "Paste(\"é\\u{1b}]11;\\n\\u{1b}[A\")", "b"];
        assert_eq!(heard_of(&[bytes], false), expected);
        // But in its first marker, where the parser has it, and behind an Escape, which is a key.
        for cut in (0..2).chain(7..bytes.len()) {
            let (one, other) = bytes.split_at(cut);
            assert_eq!(heard_of(&[one, other], false), expected, "cut at {cut}");
        }
        for cut in 3..7 {
            let (one, other) = "a\x1b[200~é\x1b[201~b".as_bytes().split_at(cut);
            assert_eq!(heard_of(&[one, other], false), ["a", "Paste(\"é\")", "b"], "cut at {cut}");
        }
        let much = ["\x1b[200~", &"x".repeat(3_000_000), "\x1b[201~"].concat();
        let chunks: Vec<&[u8]> = much.as_bytes().chunks(4096).collect();
        assert_eq!(heard_of(&chunks, false).concat().len(), 3_000_000 + r#"Paste("")"#.len());
    }

    #[test]
    fn ten_thousand_keys_are_ten_thousand_keys() {
        let mut decoder = Decoder::default();
        let keys = b"x".repeat(10_000);
        assert_eq!(decoder.take(&keys, false).len(), 10_000);
    }
}
