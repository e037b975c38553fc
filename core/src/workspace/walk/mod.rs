//! A walk over an update before the library decodes it. Decoding calls itself for each value within a value, and what is made
//! of shared types for each within another, so that some kilobytes of them end the process; and it overlooks what follows an
//! update. This refuses all of that, and calls itself never.

mod cut;
mod nested;

use super::document::Unreadable;
use super::error::Refusal;
use super::lib0;
pub(super) use cut::shallow;
use nested::{Id, Items, Within};

/// How deep values may lie in values, and shared types in shared types.
pub(super) const DEPTH_MAX: usize = 64;

/// Walks over an update, see [`updates`].
pub(super) fn update(bytes: &[u8]) -> Result<(), Refusal> {
    updates([bytes])
}

/// Walks over updates of one document in the first encoding of Yjs, each from its first byte to its last. How deep
/// they go is asked of all together: what one brings may lie in what another brought, and what waits joins what it
/// waited for.
pub(super) fn updates<'a>(updates: impl IntoIterator<Item = &'a [u8]>) -> Result<(), Refusal> {
    let mut items = Items::default();
    for rest in updates {
        Walk::new(rest, &mut items, DEPTH_MAX).update(|_, _| {})?;
    }
    match items.depth()? {
        depth if depth > DEPTH_MAX => Err(Refusal::Deep(DEPTH_MAX)),
        _ => Ok(()),
    }
}

struct Walk<'a, 'i> {
    rest: &'a [u8],
    items: &'i mut Items,
    /// Values that lie deeper than this end the walk.
    values_max: usize,
    /// How deep those of the block lie that was walked over last.
    deepest: usize,
}

/// A block of an update, as it lies there.
struct Block<'a> {
    id: Id,
    bytes: &'a [u8],
    /// How deep values lie in it.
    depth: usize,
}

impl<'a, 'i> Walk<'a, 'i> {
    fn new(rest: &'a [u8], items: &'i mut Items, values_max: usize) -> Walk<'a, 'i> {
        Walk { rest, items, values_max, deepest: 0 }
    }

    /// Walks to the end, and tells of each block and of which run of them it is in. Returns what is deleted, as it lies
    /// there.
    fn update(&mut self, mut tell: impl FnMut(u64, Block<'a>)) -> Result<&'a [u8], Refusal> {
        for run in 0..self.number()? {
            let blocks = self.number()?;
            let (client, mut clock) = (self.number()?, self.number()?);
            for _ in 0..blocks {
                let (id, before) = ((client, clock), self.rest);
                self.deepest = 0;
                clock = clock.saturating_add(self.block(id)?);
                let bytes = before.get(..before.len() - self.rest.len()).unwrap_or_default();
                tell(run, Block { id, bytes, depth: self.deepest });
            }
        }
        let deleted = self.rest;
        // What is deleted: ranges by client.
        for _ in 0..self.number()? {
            let _client = self.number()?;
            for _ in 0..self.number()? {
                self.id()?;
            }
        }
        if self.rest.is_empty() { Ok(deleted) } else { Err(Unreadable::Decode.into()) }
    }

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
                    if open.len() >= self.values_max {
                        return Err(Refusal::Deep(DEPTH_MAX));
                    }
                    self.deepest = self.deepest.max(open.len() + 1);
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

    fn number(&mut self) -> Result<u64, Refusal> {
        read(lib0::number(&mut self.rest))
    }

    fn bytes(&mut self) -> Result<&'a [u8], Refusal> {
        read(lib0::bytes(&mut self.rest))
    }

    fn skip(&mut self, length: u64) -> Result<&'a [u8], Refusal> {
        read(lib0::take(&mut self.rest, length))
    }

    fn byte(&mut self) -> Result<u8, Refusal> {
        read(lib0::byte(&mut self.rest))
    }
}

fn read<T>(found: Option<T>) -> Result<T, Refusal> {
    found.ok_or(Refusal::Unreadable(Unreadable::Decode))
}

#[cfg(test)]
mod tests;
