//! A pack: what one writer puts into a store at once, under a name that says whose it is and what must be in it.

use std::fmt;

/// No pack is larger.
pub(super) const PACK_BYTES_MAX: u64 = 80 * 1024 * 1024;

const MAGIC: &[u8] = b"ZNP1";
const ID: usize = 32;

/// The name of a pack, below the prefix of one person's notes: `{document}/{writer}/{number}-{hash}.{kind}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub document: String,
    pub writer: String,
    /// The first pack of a writer in a store is 1, and each that follows one more.
    pub number: u64,
    pub kind: Kind,
    /// Half of the blake3 hash of all that is in it, in hex.
    pub hash: String,
}

/// What is in a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// What came since the writer's last one.
    Edits,
    /// The whole document: none of the writer's earlier ones is needed beside it.
    State,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::Edits => "edits",
            Kind::State => "state",
        }
    }
}

/// What is wrong with a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Wrong {
    #[error("it is not what was put there: a part is missing or changed")]
    Content,
    #[error("it is another document's, or another writer's")]
    Foreign,
}

impl Name {
    /// Reads a name below the prefix.
    pub fn parse(key: &str) -> Option<Name> {
        let mut parts = key.split('/');
        let (document, writer, last) = (parts.next()?, parts.next()?, parts.next()?);
        let (number, rest) = last.split_once('-')?;
        let (hash, kind) = rest.split_once('.')?;
        let kind = [Kind::Edits, Kind::State].into_iter().find(|one| one.as_str() == kind)?;
        let is_id = |text: &str| {
            text.len() == ID && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let name = Name {
            document: document.to_owned(),
            writer: writer.to_owned(),
            number: number.parse().ok().filter(|number| *number > 0)?,
            kind,
            hash: hash.to_owned(),
        };
        // One name for one pack: nothing but what this prints is taken.
        let is_one = parts.next().is_none() && is_id(document) && is_id(writer) && is_id(hash);
        (is_one && name.to_string() == key).then_some(name)
    }

    /// Packs updates: the name that they have from then on, and the bytes.
    pub fn pack(
        document: &str,
        writer: &str,
        number: u64,
        kind: Kind,
        updates: &[Vec<u8>],
    ) -> (Name, Vec<u8>) {
        let mut bytes = Vec::new();
        bytes.extend(MAGIC);
        bytes.extend(document.as_bytes());
        bytes.extend(writer.as_bytes());
        bytes.extend(number.to_le_bytes());
        for update in updates {
            bytes.extend((update.len() as u64).to_le_bytes());
            bytes.extend(update);
        }
        let hash = hash(&bytes);
        (Name { document: document.to_owned(), writer: writer.to_owned(), number, kind, hash }, bytes)
    }

    /// Unpacks what lies under this name, if it is what was put there.
    pub fn unpack(&self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, Wrong> {
        if hash(bytes) != self.hash {
            return Err(Wrong::Content);
        }
        let mut rest = bytes;
        let mut take = |length: usize| {
            let (taken, left) = rest.split_at_checked(length).ok_or(Wrong::Content)?;
            rest = left;
            Ok::<_, Wrong>(taken)
        };
        let is_ours = take(MAGIC.len())? == MAGIC
            && take(ID)? == self.document.as_bytes()
            && take(ID)? == self.writer.as_bytes()
            && take(8)? == self.number.to_le_bytes();
        if !is_ours {
            return Err(Wrong::Foreign);
        }
        let mut updates = Vec::new();
        while !rest.is_empty() {
            let (length, left) = rest.split_first_chunk().ok_or(Wrong::Content)?;
            let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| Wrong::Content)?;
            let (update, left) = left.split_at_checked(length).ok_or(Wrong::Content)?;
            updates.push(update.to_vec());
            rest = left;
        }
        Ok(updates)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Name { document, writer, number, kind, hash } = self;
        write!(f, "{document}/{writer}/{number:08}-{hash}.{}", kind.as_str())
    }
}

fn hash(bytes: &[u8]) -> String {
    let mut hex = blake3::hash(bytes).to_hex().to_string();
    hex.truncate(ID);
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_is_what_its_name_says_or_nothing() {
        let (document, writer) = ("0".repeat(ID), "a".repeat(ID));
        let updates = vec![b"one".to_vec(), Vec::new(), b"three".to_vec()];
        let (name, bytes) = Name::pack(&document, &writer, 7, Kind::Edits, &updates);
        assert_eq!(Name::parse(&name.to_string()), Some(name.clone()));
        assert_eq!(name.unpack(&bytes), Ok(updates));

        for cut in 0..bytes.len() {
            assert_eq!(name.unpack(&bytes[..cut]), Err(Wrong::Content), "cut at {cut}");
        }
        // Under another name, what is in it is still what it is.
        for other in [Name { document: "1".repeat(ID), ..name.clone() }, Name { number: 8, ..name }] {
            assert_eq!(other.unpack(&bytes), Err(Wrong::Foreign));
        }
    }

    #[test]
    fn a_length_that_is_claimed_allocates_nothing() {
        let (document, writer) = ("0".repeat(ID), "a".repeat(ID));
        let (mut name, mut bytes) = Name::pack(&document, &writer, 1, Kind::State, &[]);
        bytes.extend(u64::MAX.to_le_bytes());
        name.hash = hash(&bytes);
        assert_eq!(name.unpack(&bytes), Err(Wrong::Content));
    }

    #[test]
    fn only_the_name_that_is_printed_is_a_name() {
        let (name, _) = Name::pack(&"0".repeat(ID), &"a".repeat(ID), 1, Kind::State, &[]);
        let good = name.to_string();
        assert!(Name::parse(&good).is_some());
        for bad in [
            good.replace("00000001", "1"),
            good.replace("state", "State"),
            format!("{good}/x"),
            String::new(),
        ] {
            assert_eq!(Name::parse(&bad), None, "{bad}");
        }
    }
}
