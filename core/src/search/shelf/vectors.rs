//! A package's vectors as one file: int8 components with a scale a row, all of which a search scans, and
//! what int8 lost of each, which is looked at where the order of the nearest must be that of the vectors.
//!
//! A row may have second vectors, of other texts about it: the nearest of all of them counts.
//!
//! Before the components of all lie their signs alone, a bit each: of how many the sign differs from the query's
//! tells roughly how far two vectors are from each other, for an eighth of the bytes. A big scan looks at the
//! components of those alone that may be near by that.
//!
//! The layout is little-endian: 8 bytes of magic, the row count and that of second vectors as u64, for rows and
//! then second vectors 384 signs each, 384 components each, their scales as f32, and 384 remainders each; at last
//! the row of each second vector as u32, in ascending order. A component is `scale × (int8 + remainder / 254)`:
//! within 2e-5 of its row's largest. Files are immutable, named by the attempt that wrote the dataset.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use memmap2::Mmap;
use simsimd::{BinarySimilarity, SpatialSimilarity};

use crate::embed::DIMENSIONS;

const MAGIC: &[u8; 8] = b"zenvec04";
const HEADER_BYTES: usize = 24;
const SIGN_BYTES: usize = DIMENSIONS / 8;
/// What a vector takes: its signs, components, scale and remainders.
const VECTOR_BYTES: usize = SIGN_BYTES + DIMENSIONS + 4 + DIMENSIONS;
/// What a second vector's cosine counts: what is said of an item elsewhere is less surely about it.
const SECOND_SHARE: f32 = 0.9;
/// A remainder is at most half a step, and fills its byte.
const REMAINDERS_A_STEP: f32 = 254.0;

/// Vectors on their way to a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QuantizedVectors {
    components: Vec<i8>,
    scales: Vec<f32>,
    remainders: Vec<i8>,
    /// The rows that the last vectors belong to.
    owners: Vec<u32>,
}

impl QuantizedVectors {
    /// Appends unit vectors, flattened. A zero vector stays zero and is near nothing.
    pub fn extend(&mut self, vectors: &[f32]) {
        self.components.reserve(vectors.len());
        self.remainders.reserve(vectors.len());
        for vector in vectors.chunks_exact(DIMENSIONS) {
            let start = self.components.len();
            let scale = quantize(vector, &mut self.components);
            let rounded = self.components.get(start..).unwrap_or_default();
            self.remainders
                .extend(vector.iter().zip(rounded).map(|(exact, int)| remainder(*exact, *int, scale)));
            self.scales.push(scale);
        }
    }

    /// Appends second vectors, each of the row at its place in `owners`, in ascending order. No row can be
    /// appended after them.
    pub fn extend_seconds(&mut self, vectors: &[f32], owners: &[u32]) {
        self.extend(vectors);
        self.owners.extend(owners);
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.scales.len().saturating_sub(self.owners.len())
    }

    /// Writes a file and makes it durable. Nobody reads it before a commit names it.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let mut file = std::io::BufWriter::new(File::create(path)?);
        file.write_all(MAGIC)?;
        file.write_all(&(self.rows() as u64).to_le_bytes())?;
        file.write_all(&(self.owners.len() as u64).to_le_bytes())?;
        let bytes = |ints: &[i8]| ints.iter().map(|int| int.cast_unsigned()).collect::<Vec<u8>>();
        file.write_all(&signs(&self.components))?;
        file.write_all(&bytes(&self.components))?;
        for scale in &self.scales {
            file.write_all(&scale.to_le_bytes())?;
        }
        file.write_all(&bytes(&self.remainders))?;
        for owner in &self.owners {
            file.write_all(&owner.to_le_bytes())?;
        }
        file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_data()
    }
}

/// Appends the components of one vector and returns the scale that they are multiplied by.
fn quantize(vector: &[f32], components: &mut Vec<i8>) -> f32 {
    let largest = vector.iter().fold(0.0_f32, |largest, component| largest.max(component.abs()));
    if largest == 0.0 || !largest.is_finite() {
        components.extend(std::iter::repeat_n(0, DIMENSIONS));
        return 0.0;
    }
    let scale = largest / 127.0;
    #[expect(clippy::cast_possible_truncation, reason = "a component over its scale is within ±127")]
    components.extend(vector.iter().map(|component| (component / scale).round() as i8));
    scale
}

/// What is left of a component when its int8 is taken off, in parts of a step.
fn remainder(exact: f32, int: i8, scale: f32) -> i8 {
    let steps = if scale > 0.0 { exact / scale - f32::from(int) } else { 0.0 };
    #[expect(clippy::cast_possible_truncation, reason = "at most half a step is left, and a cast saturates")]
    let parts = (steps * REMAINDERS_A_STEP).round() as i8;
    parts
}

/// The vectors of one package, mapped from their file.
pub struct VectorFile {
    map: Mmap,
    rows: usize,
    /// The row of each second vector.
    owners: Vec<u32>,
}

impl VectorFile {
    /// Maps a file. One that is shorter or longer than its header says is an error.
    pub fn open(path: &Path) -> std::io::Result<VectorFile> {
        let file = File::open(path)?;
        // SAFETY: the file is immutable once a commit names it; it is removed, never rewritten.
        let map = unsafe { Mmap::map(&file)? };
        let damaged =
            || std::io::Error::new(std::io::ErrorKind::InvalidData, "not a vector file, or cut short");
        let count = |at: usize| {
            let bytes = map.get(at..at + 8)?.try_into().ok()?;
            usize::try_from(u64::from_le_bytes(bytes)).ok()
        };
        let (rows, seconds) = count(8).zip(count(16)).ok_or_else(damaged)?;
        let vectors = rows.checked_add(seconds).and_then(|all| all.checked_mul(VECTOR_BYTES));
        let start = vectors.and_then(|bytes| bytes.checked_add(HEADER_BYTES)).ok_or_else(damaged)?;
        let end = seconds.checked_mul(4).and_then(|bytes| bytes.checked_add(start));
        if !map.starts_with(MAGIC) || end != Some(map.len()) {
            return Err(damaged());
        }
        let (owners, _) = map.get(start..).unwrap_or_default().as_chunks::<4>();
        let owners: Vec<u32> = owners.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
        if !owners.is_sorted() || owners.last().is_some_and(|last| *last as usize >= rows) {
            return Err(damaged());
        }
        Ok(VectorFile { map, rows, owners })
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many vectors there are, second ones too.
    pub fn vectors(&self) -> usize {
        self.rows + self.owners.len()
    }

    /// Of how many components the sign differs from the query's, for each vector; second ones come last.
    pub fn differences(&self, query: &QueryVector) -> Vec<u16> {
        let signs = self.map.get(HEADER_BYTES..self.start_of_components()).unwrap_or_default();
        let (signs, _) = signs.as_chunks::<SIGN_BYTES>();
        let differing = |signs: &[u8; SIGN_BYTES]| u8::hamming(signs, &query.signs).unwrap_or(0.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 384")]
        let differences = signs.iter().map(|signs| differing(signs) as u16).collect();
        differences
    }

    /// The rows with a vector of which at most so many signs differ, in ascending order.
    pub fn rows_within(&self, differences: &[u16], most: u16) -> Vec<usize> {
        let (of_rows, of_seconds) = differences.split_at_checked(self.rows).unwrap_or((differences, &[]));
        let own = (0..).zip(of_rows).filter(|(_, differing)| **differing <= most).map(|(row, _)| row);
        let seconds = self.owners.iter().zip(of_seconds).filter(|(_, differing)| **differing <= most);
        let mut rows: Vec<usize> = own.chain(seconds.map(|(owner, _)| *owner as usize)).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// What [`VectorFile::cosine`] says of each row, in row order.
    pub fn cosines(&self, query: &QueryVector) -> Vec<f32> {
        let mut cosines: Vec<f32> = (0..self.rows).map(|row| self.own_cosine(row, query)).collect();
        for (second, owner) in (self.rows..).zip(&self.owners) {
            if let Some(cosine) = cosines.get_mut(*owner as usize) {
                *cosine = cosine.max(SECOND_SHARE * self.own_cosine(second, query));
            }
        }
        cosines
    }

    /// The cosine of one row with the query, both as int8, or the share of its best second vector's where that
    /// is more; zero where there is no such row.
    pub fn cosine(&self, row: usize, query: &QueryVector) -> f32 {
        let own = if row < self.rows { self.own_cosine(row, query) } else { 0.0 };
        self.seconds(row).fold(own, |best, second| best.max(SECOND_SHARE * self.own_cosine(second, query)))
    }

    /// The same by all that the file knows of the row.
    pub fn exact_cosine(&self, row: usize, query: &QueryVector) -> f32 {
        let own = if row < self.rows { self.exact_own_cosine(row, query) } else { 0.0 };
        self.seconds(row)
            .fold(own, |best, second| best.max(SECOND_SHARE * self.exact_own_cosine(second, query)))
    }

    /// Whether a row is near anything at all: the zero vector is not.
    pub fn has_direction(&self, row: usize) -> bool {
        (row < self.rows && self.scale(row) > 0.0) || self.seconds(row).any(|second| self.scale(second) > 0.0)
    }

    /// The places of a row's second vectors.
    fn seconds(&self, row: usize) -> impl Iterator<Item = usize> + use<> {
        let before = self.owners.partition_point(|owner| (*owner as usize) < row);
        let until = self.owners.partition_point(|owner| *owner as usize <= row);
        self.rows + before..self.rows + until
    }

    fn own_cosine(&self, at: usize, query: &QueryVector) -> f32 {
        let Some(components) = self.components(at) else { return 0.0 };
        let dot = <i8 as SpatialSimilarity>::dot(components, &query.components).unwrap_or(0.0);
        #[expect(clippy::cast_possible_truncation, reason = "a cosine needs no more than f32")]
        let cosine = dot as f32 * self.scale(at) * query.scale;
        cosine
    }

    fn exact_own_cosine(&self, at: usize, query: &QueryVector) -> f32 {
        let (Some(components), Some(remainders)) = (self.components(at), self.remainders(at)) else {
            return 0.0;
        };
        let parts = remainders.iter().map(|part| f32::from(*part) / REMAINDERS_A_STEP);
        let steps = components.iter().zip(parts).map(|(int, part)| f32::from(*int) + part);
        let sum = steps.zip(&query.exact).map(|(step, query)| f64::from(step * query)).sum::<f64>();
        #[expect(clippy::cast_possible_truncation, reason = "a cosine needs no more than f32")]
        let cosine = (sum * f64::from(self.scale(at))) as f32;
        cosine
    }

    fn components(&self, at: usize) -> Option<&[i8]> {
        self.ints(self.start_of_components(), at)
    }

    fn remainders(&self, at: usize) -> Option<&[i8]> {
        self.ints(self.start_of_components() + self.vectors() * (DIMENSIONS + 4), at)
    }

    fn start_of_components(&self) -> usize {
        HEADER_BYTES + self.vectors() * SIGN_BYTES
    }

    fn ints(&self, start: usize, at: usize) -> Option<&[i8]> {
        if at >= self.vectors() {
            return None;
        }
        let start = start + at * DIMENSIONS;
        let bytes = self.map.get(start..start + DIMENSIONS)?;
        // SAFETY: i8 and u8 have one size, one alignment and no invalid values.
        Some(unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast::<i8>(), DIMENSIONS) })
    }

    fn scale(&self, at: usize) -> f32 {
        let start = self.start_of_components() + self.vectors() * DIMENSIONS + at * 4;
        let bytes = if at < self.vectors() { self.map.get(start..start + 4) } else { None };
        bytes.and_then(|bytes| bytes.try_into().ok()).map_or(0.0, f32::from_le_bytes)
    }
}

/// The signs of components, a bit each, from the lowest.
fn signs(components: &[i8]) -> Vec<u8> {
    let (eights, _) = components.as_chunks::<8>();
    let byte = |eight: &[i8; 8]| (0..).zip(eight).map(|(at, int)| u8::from(*int > 0) << at).sum();
    eights.iter().map(byte).collect()
}

/// A query's vector: quantized like the rows, and as it is.
pub struct QueryVector {
    signs: Vec<u8>,
    components: Vec<i8>,
    scale: f32,
    exact: Vec<f32>,
}

impl QueryVector {
    /// From a unit vector; `None` for the zero vector, which is near nothing.
    pub fn new(vector: &[f32]) -> Option<QueryVector> {
        let mut components = Vec::with_capacity(DIMENSIONS);
        let exact = vector.get(..DIMENSIONS)?;
        let scale = quantize(exact, &mut components);
        let signs = signs(&components);
        (scale > 0.0).then(|| QueryVector { signs, components, scale, exact: exact.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(seed: u64) -> Vec<f32> {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let raw: Vec<f32> = (0..DIMENSIONS)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 40) as f32 / (1 << 24) as f32 - 0.5
            })
            .collect();
        let norm = raw.iter().map(|x| x * x).sum::<f32>().sqrt();
        raw.iter().map(|x| x / norm).collect()
    }

    #[test]
    fn cosines_survive_the_file_within_half_a_percent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v");
        let rows: Vec<Vec<f32>> = (0..50).map(unit).collect();
        let mut vectors = QuantizedVectors::default();
        rows.iter().for_each(|row| vectors.extend(row));
        vectors.write(&path).unwrap();

        let file = VectorFile::open(&path).unwrap();
        let query = QueryVector::new(&rows[7]).unwrap();
        let cosines = file.cosines(&query);
        assert_eq!(cosines.len(), 50);
        for (row, cosine) in rows.iter().zip(&cosines) {
            let exact: f32 = row.iter().zip(&rows[7]).map(|(a, b)| a * b).sum();
            assert!((exact - cosine).abs() < 0.005, "{exact} became {cosine}");
        }
        for (row, vector) in rows.iter().enumerate() {
            let exact: f32 = vector.iter().zip(&rows[7]).map(|(a, b)| a * b).sum();
            let cosine = file.exact_cosine(row, &query);
            assert!((exact - cosine).abs() < 1e-5, "{exact} became {cosine}");
        }
        assert_eq!((file.exact_cosine(50, &query), file.has_direction(50)), (0.0, false));
        // Of what has nothing to do with it, about half of the signs differ.
        let differing = file.differences(&query);
        assert!((0..50).all(|row| if row == 7 { differing[row] == 0 } else { differing[row] > 140 }));
        assert_eq!((file.rows_within(&differing, 0), file.rows_within(&differing, 384).len()), (vec![7], 50));
    }

    #[test]
    fn the_nearest_of_a_rows_vectors_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v");
        let mut vectors = QuantizedVectors::default();
        vectors.extend(&[unit(1), vec![0.0; DIMENSIONS], unit(3)].concat());
        vectors.extend_seconds(&[unit(4), unit(5), unit(6)].concat(), &[0, 1, 1]);
        assert_eq!(vectors.rows(), 3);
        vectors.write(&path).unwrap();
        let file = VectorFile::open(&path).unwrap();
        for (vector, row, share) in
            [(1, 0, 1.0), (4, 0, SECOND_SHARE), (5, 1, SECOND_SHARE), (6, 1, SECOND_SHARE), (3, 2, 1.0)]
        {
            let query = QueryVector::new(&unit(vector)).unwrap();
            let cosines = file.cosines(&query);
            assert_eq!(cosines.len(), 3);
            assert_eq!(file.rows_within(&file.differences(&query), 0), [row], "{vector}");
            for (at, cosine) in cosines.iter().enumerate() {
                let expected = if at == row { share } else { 0.0 };
                assert!(
                    (cosine - expected).abs() < if at == row { 0.005 } else { 0.25 },
                    "{vector}: {cosines:?}"
                );
                assert_eq!(file.cosine(at, &query).to_bits(), cosine.to_bits());
                assert!((file.exact_cosine(at, &query) - cosine).abs() < 0.005);
            }
        }
        assert!((0..3).all(|row| file.has_direction(row)) && !file.has_direction(3));
    }

    #[test]
    fn a_file_cut_anywhere_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v");
        let mut vectors = QuantizedVectors::default();
        vectors.extend(&unit(1));
        vectors.extend_seconds(&unit(2), &[0]);
        vectors.write(&path).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(VectorFile::open(&path).is_err(), "{length} bytes were accepted");
        }
    }

    #[test]
    fn the_zero_vector_is_no_query_and_near_nothing() {
        assert!(QueryVector::new(&[0.0; DIMENSIONS]).is_none());
    }
}
