//! The file that holds a static model: a vocabulary and one quantised row a token.
//!
//! All numbers are little-endian. A row's component is `scale * i8`, in units of its own: only
//! ratios matter, since what is made of rows is normalised.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | [`MAGIC`] |
//! | 4 | version, u32: [`VERSION`] |
//! | 4 | tokens, u32: `n` |
//! | 4 | dimensions, u32: [`DIMENSIONS`] |
//! | 4 | length of the vocabulary in bytes, u32: `v` |
//! | 4 × n | scale of each row, f32, finite |
//! | n × dimensions | rows, i8 |
//! | v | the tokens, UTF-8, each ended by `\n`; a token that continues a word starts with `##` |
//!
//! The numbers come first and are used in place; nothing is parsed to open a table.

use std::borrow::Cow;

use super::DIMENSIONS;

const MAGIC: &[u8; 8] = b"ZNSTATIC";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 24;

/// A checked static model file, used where it lies.
pub(super) struct Table {
    bytes: Cow<'static, [u8]>,
    tokens: usize,
}

impl Table {
    /// Checks the header, the length, the scales' finiteness and the vocabulary's count; says what is
    /// wrong otherwise.
    pub fn new(bytes: Cow<'static, [u8]>) -> Result<Table, String> {
        if bytes.get(..8) != Some(MAGIC.as_slice()) {
            return Err("it is not a static model file".to_owned());
        }
        let field = |at: usize| {
            let raw = bytes.get(at..at + 4).and_then(|raw| raw.try_into().ok());
            raw.map(u32::from_le_bytes).ok_or_else(|| "its header is cut off".to_owned())
        };
        let (version, tokens, dimensions, vocabulary) = (field(8)?, field(12)?, field(16)?, field(20)?);
        if version != VERSION {
            return Err(format!("its format is version {version}; this program reads version {VERSION}"));
        }
        if dimensions as usize != DIMENSIONS {
            return Err(format!("its vectors have {dimensions} components; {DIMENSIONS} are needed"));
        }
        let expected =
            HEADER_BYTES as u64 + u64::from(tokens) * (4 + u64::from(dimensions)) + u64::from(vocabulary);
        if bytes.len() as u64 != expected {
            return Err(format!("it has {} bytes; its header promises {expected}", bytes.len()));
        }
        let table = Table { bytes, tokens: tokens as usize };
        if !(0..table.tokens).all(|token| table.scale(token).is_finite()) {
            return Err("a row's scale is not a number".to_owned());
        }
        let vocabulary = std::str::from_utf8(table.vocabulary_bytes())
            .map_err(|error| format!("its vocabulary is not UTF-8: {error}"))?;
        if vocabulary.matches('\n').count() != table.tokens
            || !(vocabulary.is_empty() || vocabulary.ends_with('\n'))
        {
            return Err(format!("its vocabulary does not name {} tokens", table.tokens));
        }
        Ok(table)
    }

    /// The tokens, in the order of the rows.
    pub fn vocabulary(&self) -> impl Iterator<Item = &str> {
        std::str::from_utf8(self.vocabulary_bytes()).unwrap_or_default().split_terminator('\n')
    }

    pub fn tokens(&self) -> usize {
        self.tokens
    }

    pub fn scale(&self, token: usize) -> f32 {
        let at = HEADER_BYTES + 4 * token;
        let mut raw = [0; 4];
        raw.copy_from_slice(&self.bytes[at..at + 4]);
        f32::from_le_bytes(raw)
    }

    /// The row of `token`, each byte an i8.
    pub fn row(&self, token: usize) -> &[u8] {
        let at = HEADER_BYTES + 4 * self.tokens + DIMENSIONS * token;
        &self.bytes[at..at + DIMENSIONS]
    }

    fn vocabulary_bytes(&self) -> &[u8] {
        &self.bytes[HEADER_BYTES + (4 + DIMENSIONS) * self.tokens..]
    }

    /// The first 8 hexadecimal digits of the file's BLAKE3 hash.
    pub fn hash8(&self) -> String {
        let mut hex = blake3::hash(&self.bytes).to_hex().to_string();
        hex.truncate(8);
        hex
    }
}

/// Quantises `rows` (`DIMENSIONS` floats a token, in the order of `vocabulary`) to 8 bits with a
/// scale of its own for each, and returns the file.
///
/// # Panics
/// If there is not one row a token, or a token holds a line break: the caller's mistake, not data's.
pub fn encode(vocabulary: &[String], rows: &[f32]) -> Vec<u8> {
    assert_eq!(rows.len(), vocabulary.len() * DIMENSIONS, "one row a token");
    assert!(vocabulary.iter().all(|token| !token.contains('\n')), "one line a token");
    let text: String = vocabulary.iter().flat_map(|token| [token.as_str(), "\n"]).collect();
    let mut file = MAGIC.to_vec();
    for field in [VERSION, vocabulary.len() as u32, DIMENSIONS as u32, text.len() as u32] {
        file.extend(field.to_le_bytes());
    }
    let scales: Vec<f32> = rows
        .chunks_exact(DIMENSIONS)
        .map(|row| row.iter().fold(0.0f32, |max, x| max.max(x.abs())) / 127.0)
        .collect();
    for scale in &scales {
        file.extend(scale.to_le_bytes());
    }
    for (row, scale) in rows.chunks_exact(DIMENSIONS).zip(&scales) {
        let inverse = if *scale > 0.0 { 1.0 / scale } else { 0.0 };
        file.extend(row.iter().map(|x| (x * inverse).round() as i8 as u8));
    }
    file.extend(text.as_bytes());
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let rows: Vec<f32> = (0..2 * DIMENSIONS).map(|i| (i as f32).sin()).collect();
        encode(&["spawn".to_owned(), "##ing".to_owned()], &rows)
    }

    #[test]
    fn a_table_reads_back_what_was_written() {
        let table = Table::new(sample().into()).unwrap();
        assert_eq!(table.vocabulary().collect::<Vec<_>>(), ["spawn", "##ing"]);
        for token in 0..2 {
            for (j, byte) in table.row(token).iter().enumerate() {
                let value = table.scale(token) * f32::from(*byte as i8);
                let wanted = ((token * DIMENSIONS + j) as f32).sin();
                assert!((value - wanted).abs() <= table.scale(token) / 2.0 + 1e-6, "{value} for {wanted}");
            }
        }
    }

    #[test]
    fn a_damaged_file_is_refused_with_its_reason() {
        let with = |at: usize, bytes: &[u8]| {
            let mut file = sample();
            file[at..at + bytes.len()].copy_from_slice(bytes);
            file
        };
        let vocabulary_at = sample().len() - "spawn\n##ing\n".len();
        let cases = [
            (Vec::new(), "not a static model"),
            (b"ZNSTATIC\x01\x00".to_vec(), "header is cut off"),
            (with(0, b"x"), "not a static model"),
            (with(8, &[9]), "version 9"),
            (with(12, &u32::MAX.to_le_bytes()), "header promises"),
            (with(16, &[1]), "components"),
            (with(20, &[200]), "header promises"),
            (with(HEADER_BYTES, &f32::NAN.to_le_bytes()), "not a number"),
            (with(vocabulary_at, &[0xff]), "not UTF-8"),
            (with(vocabulary_at, b"\n"), "does not name 2"),
            (sample()[..sample().len() - 1].to_vec(), "header promises"),
        ];
        for (file, reason) in cases {
            let error = Table::new(file.into()).err().expect(reason);
            assert!(error.contains(reason), "{error:?} does not say {reason:?}");
        }
    }
}
