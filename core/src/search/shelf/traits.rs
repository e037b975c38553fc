//! What the order of results is made from, a row: its facts, and the tokens of its name, its path and its
//! text. A file a package beside its vectors, so that some hundred candidates cost no look into the text
//! index's store.
//!
//! The layout is little-endian: 8 bytes of magic, the row count as u64, `rows + 1` offsets as u32, and the
//! rows as u16: the facts in two, how many tokens the name and the path have in one, and the tokens. A row
//! has at most 136 of them. Tokens are numbers of the table inside
//! the program, which the shelf's manifest names.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use memmap2::Mmap;

use super::{Facts, ShelfRow};
use crate::embed::{StaticModel, part_text, symbol_text};

const MAGIC: &[u8; 8] = b"zentra01";
const HEADER_BYTES: usize = 16;
const NAME_TOKENS_MAX: usize = 16;
const PATH_TOKENS_MAX: usize = 24;
const TEXT_TOKENS_MAX: usize = 96;
/// Facts in two, counts in one.
const ROW_HEAD: usize = 3;

/// The traits of one package, used where they lie.
pub struct TraitFile {
    map: Mmap,
    rows: usize,
}

/// The traits of one row.
#[derive(Clone, Copy)]
pub struct Traits<'a> {
    pub facts: Facts,
    name: &'a [u8],
    path: &'a [u8],
    text: &'a [u8],
}

/// Writes the traits of a package's rows and makes them durable.
pub fn write_traits(path: &Path, rows: &[ShelfRow], model: &StaticModel) -> std::io::Result<()> {
    let mut words: Vec<u16> = Vec::with_capacity(rows.len() * 40);
    let mut offsets: Vec<u32> = vec![0];
    for row in rows {
        push_row(row, model, &mut words);
        offsets.push(u32::try_from(words.len()).map_err(|_| std::io::ErrorKind::FileTooLarge)?);
    }
    let mut file = std::io::BufWriter::new(File::create(path)?);
    file.write_all(MAGIC)?;
    file.write_all(&(rows.len() as u64).to_le_bytes())?;
    for offset in offsets {
        file.write_all(&offset.to_le_bytes())?;
    }
    for word in words {
        file.write_all(&word.to_le_bytes())?;
    }
    file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()
}

fn push_row(row: &ShelfRow, model: &StaticModel, words: &mut Vec<u16>) {
    let card = &row.card;
    let parents = card.path.strip_suffix(card.name.as_str()).unwrap_or(&card.path);
    let text = match &row.body {
        Some(lines) => part_text(&card.path, lines),
        None => symbol_text(&card.path, &card.signature, Some(&row.text)),
    };
    let bits = row.facts.to_bits();
    #[expect(clippy::cast_possible_truncation, reason = "each half is a u16")]
    words.extend([bits as u16, (bits >> 16) as u16]);
    let counts = words.len();
    words.push(0);
    let name = push_tokens(&card.name, NAME_TOKENS_MAX, &[], model, words);
    let path = push_tokens(parents, PATH_TOKENS_MAX, &[], model, words);
    let spelled: Vec<u16> = words.get(counts + 1..).unwrap_or_default().to_vec();
    // What the name and the path hold need not stand there again.
    let text = format!("{} {} {text}", card.aliases.join(" "), row.messages);
    push_tokens(&text, TEXT_TOKENS_MAX, &spelled, model, words);
    if let Some(count) = words.get_mut(counts) {
        *count = u16::try_from(name | path << 8).unwrap_or(0);
    }
}

/// Appends the distinct tokens of a text that are not `known`; returns how many.
fn push_tokens(text: &str, max: usize, known: &[u16], model: &StaticModel, words: &mut Vec<u16>) -> usize {
    let mut tokens = Vec::new();
    model.tokenize(text, 2 * max, &mut tokens);
    let start = words.len();
    for token in tokens.into_iter().filter_map(|token| u16::try_from(token).ok()) {
        let held = words.get(start..).is_some_and(|held| held.contains(&token));
        if !held && !known.contains(&token) && words.len() < start + max {
            words.push(token);
        }
    }
    words.len() - start
}

impl TraitFile {
    /// Opens a file and checks its length against its counts.
    pub fn open(path: &Path) -> std::io::Result<TraitFile> {
        let damaged = || std::io::Error::other(format!("{} is not a whole file of traits", path.display()));
        let file = File::open(path)?;
        // SAFETY: files of traits are immutable once a commit names them; the writer only removes them.
        let map = unsafe { Mmap::map(&file)? };
        let (magic, rest) = map.split_at_checked(MAGIC.len()).ok_or_else(damaged)?;
        let count = rest.first_chunk().map(|count| u64::from_le_bytes(*count)).ok_or_else(damaged)?;
        let rows = usize::try_from(count).map_err(|_| damaged())?;
        let offsets = rows.checked_add(1).and_then(|offsets| offsets.checked_mul(4)).ok_or_else(damaged)?;
        let start =
            offsets.checked_add(HEADER_BYTES).filter(|start| *start <= map.len()).ok_or_else(damaged)?;
        let is_whole = magic == MAGIC;
        let file = TraitFile { map, rows };
        let words = file.offset(rows).unwrap_or(usize::MAX);
        if !is_whole
            || words.checked_mul(2).and_then(|bytes| bytes.checked_add(start)) != Some(file.map.len())
        {
            return Err(damaged());
        }
        Ok(file)
    }

    /// The traits of one row; `None` where there is no such row.
    pub fn row(&self, row: usize) -> Option<Traits<'_>> {
        if row >= self.rows {
            return None;
        }
        let base = HEADER_BYTES + (self.rows + 1) * 4;
        let (from, to) = (self.offset(row)?, self.offset(row + 1)?);
        let bytes = self.map.get(base + 2 * from..base + 2 * to)?;
        let (head, tokens) = bytes.split_at_checked(2 * ROW_HEAD)?;
        let bits = u32::from_le_bytes(*head.first_chunk()?);
        let (name, path) = (usize::from(*head.get(4)?), usize::from(*head.get(5)?));
        let (name, rest) = tokens.split_at_checked(2 * name)?;
        let (path, text) = rest.split_at_checked(2 * path)?;
        Some(Traits { facts: Facts::from_bits(bits), name, path, text })
    }

    fn offset(&self, row: usize) -> Option<usize> {
        let at = HEADER_BYTES + 4 * row;
        let bytes = self.map.get(at..at + 4)?;
        usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
    }
}

impl<'a> Traits<'a> {
    /// The distinct tokens of the name.
    pub fn name(self) -> impl Iterator<Item = u16> + 'a {
        numbers(self.name)
    }

    /// The distinct tokens of the path before the name.
    pub fn path(self) -> impl Iterator<Item = u16> + 'a {
        numbers(self.path)
    }

    /// The distinct tokens of what else is said of the row: what it is called elsewhere, what it says when it fails,
    /// the types of its signature, its documentation's beginning or, of a piece of code, its lines.
    pub fn text(self) -> impl Iterator<Item = u16> + 'a {
        numbers(self.text)
    }
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
    bytes.as_chunks::<2>().0.iter().map(|bytes| u16::from_le_bytes(*bytes))
}
