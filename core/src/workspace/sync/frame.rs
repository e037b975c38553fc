//! The frames that Yjs servers speak: those of y-websocket, and those of Hocuspocus, which name the document in each.

use yrs::encoding::write::Write;
use yrs::updates::encoder::{Encoder, EncoderV1};

use crate::workspace::lib0::{bytes, number};

/// How a server wants its frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Framing {
    /// The room stands in the address.
    Websocket,
    /// The document is named in every frame, and a token comes first.
    Hocuspocus { document: String },
}

/// What a server says, as far as it is of use. All of it is untrusted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said<'a> {
    /// It wants what it lacks, by its state vector.
    Asks,
    /// The answer to what it was asked for.
    Answer(&'a [u8]),
    /// What another peer has just written.
    Update(&'a [u8]),
    /// It does not let this one in.
    Denied(String),
    /// Who else is there, and what else is of no use here.
    Other,
}

const SYNC: u64 = 0;
const AUTH: u64 = 2;
const SYNC_REPLY: u64 = 4;
const CLOSE: u64 = 7;

impl Framing {
    /// Asks for what this state vector lacks.
    pub(super) fn ask(&self, vector: &[u8]) -> Vec<u8> {
        self.sync(0, vector)
    }

    /// Tells an update.
    pub(super) fn update(&self, update: &[u8]) -> Vec<u8> {
        self.sync(2, update)
    }

    /// Says who asks. Nothing, where nobody is asked.
    pub(super) fn token(&self, token: &str) -> Option<Vec<u8>> {
        let Framing::Hocuspocus { .. } = self else { return None };
        let mut frame = self.begin();
        frame.write_var(AUTH);
        frame.write_var(0u64);
        frame.write_string(token);
        Some(frame.to_vec())
    }

    fn sync(&self, step: u64, bytes: &[u8]) -> Vec<u8> {
        let mut frame = self.begin();
        frame.write_var(SYNC);
        frame.write_var(step);
        frame.write_buf(bytes);
        frame.to_vec()
    }

    fn begin(&self) -> EncoderV1 {
        let mut frame = EncoderV1::new();
        if let Framing::Hocuspocus { document } = self {
            frame.write_string(document);
        }
        frame
    }

    /// Reads a frame; nothing where it is none, or another document's.
    pub(super) fn read<'a>(&self, frame: &'a [u8]) -> Option<Said<'a>> {
        let mut rest = frame;
        if let Framing::Hocuspocus { document } = self
            && bytes(&mut rest)? != document.as_bytes()
        {
            return None;
        }
        let kind = number(&mut rest)?;
        Some(match (kind, self) {
            (SYNC, _) | (SYNC_REPLY, Framing::Hocuspocus { .. }) => match number(&mut rest)? {
                0 => Said::Asks,
                1 => Said::Answer(bytes(&mut rest)?),
                2 => Said::Update(bytes(&mut rest)?),
                _ => return None,
            },
            // y-websocket's has the reason alone, Hocuspocus' says first whether there is one.
            (AUTH, Framing::Websocket) => {
                number(&mut rest)?;
                Said::Denied(text(&mut rest)?)
            }
            (AUTH, Framing::Hocuspocus { .. }) => match number(&mut rest)? {
                1 => Said::Denied(text(&mut rest)?),
                _ => Said::Other,
            },
            (CLOSE, Framing::Hocuspocus { .. }) => Said::Denied(text(&mut rest)?),
            _ => Said::Other,
        })
    }
}

fn text(rest: &mut &[u8]) -> Option<String> {
    Some(String::from_utf8_lossy(bytes(rest)?).chars().take(200).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_those_of_the_servers() {
        let plain = Framing::Websocket;
        assert_eq!(plain.ask(&[0]), [0, 0, 1, 0]);
        assert_eq!(plain.update(&[7, 8]), [0, 2, 2, 7, 8]);
        assert_eq!(plain.token("secret"), None);
        assert_eq!(plain.read(&[0, 1, 2, 0, 0]), Some(Said::Answer(&[0, 0])));
        assert_eq!(plain.read(&[1, 3, 1, 2, 3]), Some(Said::Other));

        let named = Framing::Hocuspocus { document: "n".to_owned() };
        assert_eq!(named.ask(&[0]), [1, b'n', 0, 0, 1, 0]);
        assert_eq!(named.token("t"), Some(vec![1, b'n', 2, 0, 1, b't']));
        assert_eq!(named.read(&[1, b'n', 4, 1, 1, 9]), Some(Said::Answer(&[9])));
        assert_eq!(named.read(&[1, b'n', 2, 1, 2, b'n', b'o']), Some(Said::Denied("no".to_owned())));
        assert_eq!(named.read(&[1, b'x', 4, 1, 1, 9]), None, "another document's");
    }

    #[test]
    fn rubbish_is_no_frame() {
        for rubbish in
            [&[][..], &[0], &[0, 1, 200], &[0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255], &[0, 9]]
        {
            assert_eq!(Framing::Websocket.read(rubbish), None, "{rubbish:?}");
        }
    }
}
