//! A package's vectors as one file: int8 components with a scale a row, all of which a search scans, and
//! what int8 lost of each, which is looked at where the order of the nearest must be that of the vectors.
//!
//! The layout is little-endian: 8 bytes of magic, the row count as u64, `rows × 384` components, `rows`
//! scales as f32, and `rows × 384` remainders. A component is `scale × (int8 + remainder / 254)`: within
//! 2e-5 of its row's largest. Files are immutable, named by the attempt that wrote the dataset. Those of
//! earlier versions end before the remainders, and are read as they are.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use memmap2::Mmap;
use simsimd::SpatialSimilarity;

use crate::embed::DIMENSIONS;

const MAGIC: &[u8; 8] = b"zenvec02";
/// Of files without remainders.
const MAGIC_ROUNDED: &[u8; 8] = b"zenvec01";
const HEADER_BYTES: usize = 16;
/// A remainder is at most half a step, and fills its byte.
const REMAINDERS_A_STEP: f32 = 254.0;

/// Vectors on their way to a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QuantizedVectors {
    components: Vec<i8>,
    scales: Vec<f32>,
    remainders: Vec<i8>,
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

    /// How many vectors there are.
    pub fn rows(&self) -> usize {
        self.scales.len()
    }

    /// Writes a file and makes it durable. Nobody reads it before a commit names it.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let mut file = std::io::BufWriter::new(File::create(path)?);
        file.write_all(MAGIC)?;
        file.write_all(&(self.rows() as u64).to_le_bytes())?;
        let bytes = |ints: &[i8]| ints.iter().map(|int| int.cast_unsigned()).collect::<Vec<u8>>();
        file.write_all(&bytes(&self.components))?;
        for scale in &self.scales {
            file.write_all(&scale.to_le_bytes())?;
        }
        file.write_all(&bytes(&self.remainders))?;
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
    /// Whether it says what the int8 lost.
    has_remainders: bool,
}

impl VectorFile {
    /// Maps a file. One that is shorter or longer than its header says is an error.
    pub fn open(path: &Path) -> std::io::Result<VectorFile> {
        let file = File::open(path)?;
        // SAFETY: the file is immutable once a commit names it; it is removed, never rewritten.
        let map = unsafe { Mmap::map(&file)? };
        let damaged =
            || std::io::Error::new(std::io::ErrorKind::InvalidData, "not a vector file, or cut short");
        let header = map.get(..HEADER_BYTES).ok_or_else(damaged)?;
        let (magic, count) = header.split_at(MAGIC.len());
        let count = u64::from_le_bytes(count.try_into().map_err(|_| damaged())?);
        let rows = usize::try_from(count).map_err(|_| damaged())?;
        let has_remainders = magic == MAGIC;
        let row_bytes = DIMENSIONS + 4 + if has_remainders { DIMENSIONS } else { 0 };
        let expected = rows.checked_mul(row_bytes).and_then(|bytes| bytes.checked_add(HEADER_BYTES));
        if !(has_remainders || magic == MAGIC_ROUNDED) || expected != Some(map.len()) {
            return Err(damaged());
        }
        Ok(VectorFile { map, rows, has_remainders })
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The cosine of each row with the query, in row order.
    pub fn cosines<'a>(&'a self, query: &'a QueryVector) -> impl Iterator<Item = f32> + 'a {
        (0..self.rows).map(|row| self.cosine(row, query))
    }

    /// The cosine of one row with the query, both as int8; zero where there is no such row.
    pub fn cosine(&self, row: usize, query: &QueryVector) -> f32 {
        let Some(components) = self.components(row) else { return 0.0 };
        let dot = <i8 as SpatialSimilarity>::dot(components, &query.components).unwrap_or(0.0);
        #[expect(clippy::cast_possible_truncation, reason = "a cosine needs no more than f32")]
        let cosine = dot as f32 * self.scale(row) * query.scale;
        cosine
    }

    /// The cosine of one row with the query by all that the file knows of the row; zero where there is no
    /// such row.
    pub fn exact_cosine(&self, row: usize, query: &QueryVector) -> f32 {
        let Some(components) = self.components(row) else { return 0.0 };
        let rounded = components.iter().map(|int| f32::from(*int));
        let dot = |steps: &mut dyn Iterator<Item = f32>| {
            steps.zip(&query.exact).map(|(step, query)| f64::from(step * query)).sum::<f64>()
        };
        let sum = match self.remainders(row) {
            None => dot(&mut rounded.into_iter()),
            Some(remainders) => {
                let parts = remainders.iter().map(|part| f32::from(*part) / REMAINDERS_A_STEP);
                dot(&mut rounded.zip(parts).map(|(int, part)| int + part))
            }
        };
        #[expect(clippy::cast_possible_truncation, reason = "a cosine needs no more than f32")]
        let cosine = (sum * f64::from(self.scale(row))) as f32;
        cosine
    }

    /// Whether a row is near anything at all: the zero vector is not.
    pub fn has_direction(&self, row: usize) -> bool {
        self.scale(row) > 0.0
    }

    fn components(&self, row: usize) -> Option<&[i8]> {
        self.ints(HEADER_BYTES, row)
    }

    fn remainders(&self, row: usize) -> Option<&[i8]> {
        let start = HEADER_BYTES + self.rows * (DIMENSIONS + 4);
        if self.has_remainders { self.ints(start, row) } else { None }
    }

    fn ints(&self, start: usize, row: usize) -> Option<&[i8]> {
        if row >= self.rows {
            return None;
        }
        let start = start + row * DIMENSIONS;
        let bytes = self.map.get(start..start + DIMENSIONS)?;
        // SAFETY: i8 and u8 have one size, one alignment and no invalid values.
        Some(unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast::<i8>(), DIMENSIONS) })
    }

    fn scale(&self, row: usize) -> f32 {
        let start = HEADER_BYTES + self.rows * DIMENSIONS + row * 4;
        let bytes = if row < self.rows { self.map.get(start..start + 4) } else { None };
        bytes.and_then(|bytes| bytes.try_into().ok()).map_or(0.0, f32::from_le_bytes)
    }
}

/// A query's vector: quantized like the rows, and as it is.
pub struct QueryVector {
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
        (scale > 0.0).then(|| QueryVector { components, scale, exact: exact.to_vec() })
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
        let cosines: Vec<f32> = file.cosines(&query).collect();
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
    }

    #[test]
    fn a_file_of_an_earlier_version_is_read_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v");
        let rows: Vec<Vec<f32>> = (0..5).map(unit).collect();
        let mut vectors = QuantizedVectors::default();
        rows.iter().for_each(|row| vectors.extend(row));
        vectors.write(&path).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[..8].copy_from_slice(MAGIC_ROUNDED);
        bytes.truncate(HEADER_BYTES + 5 * (DIMENSIONS + 4));
        std::fs::write(&path, &bytes).unwrap();
        let file = VectorFile::open(&path).unwrap();
        let query = QueryVector::new(&rows[2]).unwrap();
        for (row, vector) in rows.iter().enumerate() {
            let exact: f32 = vector.iter().zip(&rows[2]).map(|(a, b)| a * b).sum();
            assert!((exact - file.exact_cosine(row, &query)).abs() < 0.005);
        }
        assert!(file.has_direction(4) && !file.has_direction(5));
    }

    #[test]
    fn a_file_cut_anywhere_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v");
        let mut vectors = QuantizedVectors::default();
        vectors.extend(&unit(1));
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
