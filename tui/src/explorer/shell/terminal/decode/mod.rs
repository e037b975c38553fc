//! From the bytes of a terminal to what happened.
//!
//! Termina's parser reads them, and crossterm's words for what happened go on. Between the two stands what neither
//! does: an answer of the terminal is told from the keys that begin alike (Alt-], Alt-P), a string that never
//! ends holds back nothing that is typed after it, and each byte of what is pasted is looked at once.

#[cfg(test)]
mod tests;

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
    /// What its background is: an answer, or a change that it told of; none where it was asked in vain.
    Background(Option<Background>),
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
            // Nothing is on Ctrl and Alt together: that is Esc, and then a key with Ctrl.
            ([ESCAPE], _) if is_control_key(byte) => {
                self.parse(plain);
                plain.clear();
                self.held.clear();
                self.parse(&[ESCAPE]);
                plain.push(byte);
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

/// Whether a byte is a letter with Ctrl, and no key of its own: Backspace, Tab and Enter are.
fn is_control_key(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\x08' | b'\t' | b'\r' | ESCAPE)
}

fn heard(event: termina::Event) -> Option<Heard> {
    match event {
        termina::Event::Osc(Osc::ChangeDynamicColors(DynamicColorNumber::TextBackgroundColor, colours)) => {
            match colours.first()? {
                ColorOrQuery::Color(rgb) => {
                    Some(Heard::Background(Some(Background::of([rgb.red, rgb.green, rgb.blue]))))
                }
                ColorOrQuery::Query => None,
            }
        }
        termina::Event::Csi(Csi::Mode(Mode::ReportTheme(mode))) => {
            Some(Heard::Background(Some(match mode {
                ThemeMode::Dark => Background::Dark,
                ThemeMode::Light => Background::Light,
            })))
        }
        event => translate(event).map(Heard::Event),
    }
}
