//! Bytes in pieces, and what is heard of them.

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
        Heard::Background(Some(background)) => format!("{background:?}"),
        Heard::Background(None) => "silence".to_string(),
        Heard::Event(Event::Key(key)) => {
            let alt = if key.modifiers.contains(KeyModifiers::ALT) { "Alt-" } else { "" };
            let control = if key.modifiers.contains(KeyModifiers::CONTROL) { "Ctrl-" } else { "" };
            match key.code {
                KeyCode::Char(c) => format!("{control}{alt}{c}"),
                code => format!("{alt}{code:?}"),
            }
        }
        Heard::Event(event) => format!("{event:?}"),
    }
}

#[test]
fn an_answer_is_never_taken_for_keys_however_it_comes_in_pieces() {
    for answer in ["\x1b]11;rgb:ffff/fafa/e3e3\x1b\\", "\x1b]11;rgb:ff/fa/e3\x07", "\x1b]11;#fffae3\x1b\\"] {
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
    assert_eq!(heard_of(&[b"a\x1b\x03\x1b\x15b"], false), ["a", "Esc", "Ctrl-c", "Esc", "Ctrl-u", "b"]);
    assert_eq!(heard_of(&[b"\x1b\r\x1b\x7f"], false), ["Alt-Enter", "Alt-Backspace"]);
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
