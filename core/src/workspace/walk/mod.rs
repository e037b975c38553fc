//! A walk over an update before the library decodes it. Decoding calls itself for each value within a value, and what is made
//! of shared types for each within another, so that some kilobytes of them end the process; and it overlooks what follows an
//! update. This refuses all of that, and calls itself never.

mod nested;

use super::document::Unreadable;
use super::error::Refusal;
use nested::{Id, Items, Within};

/// How deep values may lie in values, and shared types in shared types.
pub(super) const DEPTH_MAX: usize = 64;

/// Walks over an update in the first encoding of Yjs, from its first byte to its last.
pub(super) fn update(bytes: &[u8]) -> Result<(), Refusal> {
    let mut walk = Walk { rest: bytes, items: Items::default() };
    for _ in 0..walk.number()? {
        let blocks = walk.number()?;
        let (client, mut clock) = (walk.number()?, walk.number()?);
        for _ in 0..blocks {
            clock = clock.saturating_add(walk.block((client, clock))?);
        }
    }
    // What is deleted: ranges by client.
    for _ in 0..walk.number()? {
        let _client = walk.number()?;
        for _ in 0..walk.number()? {
            walk.id()?;
        }
    }
    match walk.items.depth()? {
        depth if depth > DEPTH_MAX => Err(Refusal::Deep(DEPTH_MAX)),
        _ if walk.rest.is_empty() => Ok(()),
        _ => Err(Unreadable::Decode.into()),
    }
}

struct Walk<'a> {
    rest: &'a [u8],
    items: Items,
}

impl Walk<'_> {
    /// A block that begins at `id`. Returns how long it is.
    fn block(&mut self, id: Id) -> Result<u64, Refusal> {
        const GC: u8 = 0;
        const SKIP: u8 = 10;
        let info = self.byte()?;
        if info == GC || info == SKIP {
            return self.number();
        }
        let left = if info & 0x80 != 0 { Some(self.id()?) } else { None };
        let right = if info & 0x40 != 0 { Some(self.id()?) } else { None };
        let within = match left.or(right) {
            Some(beside) => Within::Beside(beside),
            None => {
                let within = match self.number()? {
                    1 => {
                        self.bytes()?;
                        Within::Root
                    }
                    _ => Within::Type(self.id()?),
                };
                if info & 0x20 != 0 {
                    self.bytes()?;
                }
                within
            }
        };
        let length = self.content(info & 0x0f)?;
        self.items.add(id, length, within);
        Ok(length)
    }

    /// What is in an item. Returns how long it is.
    fn content(&mut self, kind: u8) -> Result<u64, Refusal> {
        match kind {
            // Deleted: so many.
            1 => return self.number(),
            // A text, counted as JavaScript does.
            4 => {
                let text = std::str::from_utf8(self.bytes()?).map_err(|_| Unreadable::Decode)?;
                return Ok(text.encode_utf16().count() as u64);
            }
            // Values.
            8 => {
                let values = self.number()?;
                self.values(values)?;
                return Ok(values);
            }
            // Bytes; a JSON text.
            3 | 5 => {
                self.bytes()?;
            }
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
            // A document within: its name and its options.
            9 => {
                self.bytes()?;
                self.values(1)?;
            }
            // What Yjs has not written for years, or nobody knows.
            _ => return Err(Unreadable::Decode.into()),
        }
        Ok(1)
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
                124 => {
                    self.skip(4)?;
                }
                122 | 123 => {
                    self.skip(8)?;
                }
                119 | 116 => {
                    self.bytes()?;
                }
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

    fn id(&mut self) -> Result<Id, Refusal> {
        Ok((self.number()?, self.number()?))
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
    fn bytes(&mut self) -> Result<&[u8], Refusal> {
        let length = self.number()?;
        self.skip(length)
    }

    fn skip(&mut self, length: u64) -> Result<&[u8], Refusal> {
        let split = usize::try_from(length).ok().and_then(|length| self.rest.split_at_checked(length));
        let (taken, rest) = split.ok_or(Unreadable::Decode)?;
        self.rest = rest;
        Ok(taken)
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

    /// Shared maps in shared maps: each block lies in the one before it.
    fn maps(depth: u8) -> Vec<u8> {
        let mut bytes = vec![1, depth + 1, 1, 0, 0x27, 1, 1, b't', 1, b'k', 1];
        for clock in 0..depth {
            bytes.extend([0x27, 0, 1, clock, 1, b'k', 1]);
        }
        bytes.push(0);
        bytes
    }

    #[test]
    fn shared_types_that_lie_too_deep_are_refused() {
        let deepest = u8::try_from(DEPTH_MAX).unwrap();
        assert_eq!(update(&maps(deepest)), Ok(()));
        assert_eq!(update(&maps(deepest + 1)), Err(Refusal::Deep(DEPTH_MAX)));
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
