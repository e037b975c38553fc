//! A walk over an update before the library decodes it. Decoding calls itself for each value within a value, so that some
//! kilobytes of them end the process; and it overlooks what follows an update. This refuses both, and calls itself never.

use super::document::Unreadable;
use super::error::Refusal;

/// How deep values may lie in values.
const DEPTH_MAX: usize = 64;

/// Walks over an update in the first encoding of Yjs, from its first byte to its last.
pub(super) fn update(bytes: &[u8]) -> Result<(), Refusal> {
    let mut walk = Walk { rest: bytes };
    for _ in 0..walk.number()? {
        let blocks = walk.number()?;
        let (_client, _clock) = (walk.number()?, walk.number()?);
        for _ in 0..blocks {
            walk.block()?;
        }
    }
    // What is deleted: ranges by client.
    for _ in 0..walk.number()? {
        let _client = walk.number()?;
        for _ in 0..walk.number()? {
            walk.id()?;
        }
    }
    if walk.rest.is_empty() { Ok(()) } else { Err(Unreadable::Decode.into()) }
}

struct Walk<'a> {
    rest: &'a [u8],
}

impl Walk<'_> {
    fn block(&mut self) -> Result<(), Refusal> {
        const GC: u8 = 0;
        const SKIP: u8 = 10;
        let info = self.byte()?;
        if info == GC || info == SKIP {
            self.number()?;
            return Ok(());
        }
        let (has_left, has_right) = (info & 0x80 != 0, info & 0x40 != 0);
        if has_left {
            self.id()?;
        }
        if has_right {
            self.id()?;
        }
        if !has_left && !has_right {
            match self.number()? {
                1 => self.bytes()?,
                _ => self.id()?,
            }
            if info & 0x20 != 0 {
                self.bytes()?;
            }
        }
        match info & 0x0f {
            // Deleted: so many.
            1 => {
                self.number()?;
            }
            // Bytes; a text; a JSON text.
            3..=5 => self.bytes()?,
            // A format: its name and its JSON text.
            6 => {
                self.bytes()?;
                self.bytes()?;
            }
            // A shared type; an XML element has a name.
            7 => {
                if self.number()? == 3 {
                    self.bytes()?;
                }
            }
            // Values.
            8 => {
                let values = self.number()?;
                self.values(values)?;
            }
            // A document within: its name and its options.
            9 => {
                self.bytes()?;
                self.values(1)?;
            }
            // What Yjs has not written for years, or nobody knows.
            _ => return Err(Unreadable::Decode.into()),
        }
        Ok(())
    }

    fn values(&mut self, count: u64) -> Result<(), Refusal> {
        // How many are still to come at each depth, and whether each has a name before it.
        let mut open = vec![(count, false)];
        while let Some((count, is_named)) = open.last_mut() {
            let is_named = *is_named;
            let Some(left) = count.checked_sub(1) else {
                open.pop();
                continue;
            };
            *count = left;
            if is_named {
                self.bytes()?;
            }
            match self.byte()? {
                // Undefined, null, false, true.
                120 | 121 | 126 | 127 => {}
                125 => {
                    self.number()?;
                }
                124 => self.skip(4)?,
                122 | 123 => self.skip(8)?,
                119 | 116 => self.bytes()?,
                kind @ (117 | 118) => {
                    if open.len() >= DEPTH_MAX {
                        return Err(Refusal::Deep(DEPTH_MAX));
                    }
                    open.push((self.number()?, kind == 118));
                }
                _ => return Err(Unreadable::Decode.into()),
            }
        }
        Ok(())
    }

    fn id(&mut self) -> Result<(), Refusal> {
        self.number()?;
        self.number()?;
        Ok(())
    }

    /// A number of so many groups of seven bits. The sign of one that has a sign is passed over.
    fn number(&mut self) -> Result<u64, Refusal> {
        let mut number = 0;
        for group in 0..10 {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f).checked_shl(group * 7).unwrap_or(0);
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Unreadable::Decode.into())
    }

    /// A length, and what is as long.
    fn bytes(&mut self) -> Result<(), Refusal> {
        let length = self.number()?;
        self.skip(length)
    }

    fn skip(&mut self, length: u64) -> Result<(), Refusal> {
        let rest = usize::try_from(length).ok().and_then(|length| self.rest.get(length..));
        self.rest = rest.ok_or(Unreadable::Decode)?;
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, Refusal> {
        let (first, rest) = self.rest.split_first().ok_or(Unreadable::Decode)?;
        self.rest = rest;
        Ok(*first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One block of one client: a field `f` of a root `t` that holds lists in lists.
    fn nested(depth: usize) -> Vec<u8> {
        let mut bytes = vec![1, 1, 1, 0, 0x28, 1, 1, b't', 1, b'f', 1];
        for _ in 0..depth {
            bytes.extend([117, 1]);
        }
        bytes.extend([126, 0]);
        bytes
    }

    #[test]
    fn values_that_lie_too_deep_are_refused_before_they_are_decoded() {
        assert_eq!(update(&nested(DEPTH_MAX - 1)), Ok(()));
        assert_eq!(update(&nested(DEPTH_MAX)), Err(Refusal::Deep(DEPTH_MAX)));
        assert_eq!(update(&nested(1_000_000)), Err(Refusal::Deep(DEPTH_MAX)));
    }

    #[test]
    fn what_is_cut_off_or_goes_on_is_no_update() {
        let whole = nested(3);
        for cut in 0..whole.len() {
            assert!(update(&whole[..cut]).is_err(), "cut at {cut}");
        }
        let more = [whole.as_slice(), &[0]].concat();
        assert_eq!(update(&more), Err(Unreadable::Decode.into()));
    }
}
