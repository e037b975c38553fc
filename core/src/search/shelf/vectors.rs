//! A package's vectors as one file: int8 components with a scale a row, scanned exactly.
//!
//! The layout is little-endian: 8 bytes of magic, the row count as u64, `rows × 384` components, and
//! `rows` scales as f32. Files are immutable, named by the attempt that wrote the dataset.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use memmap2::Mmap;
use simsimd::SpatialSimilarity;

use crate::embed::DIMENSIONS;

const MAGIC: &[u8; 8] = b"zenvec01";
const HEADER_BYTES: usize = 16;

/// Vectors on their way to a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QuantizedVectors {
    components: Vec<i8>,
    scales: Vec<f32>,
}

impl QuantizedVectors {
    /// Appends unit vectors, flattened. A zero vector stays zero and is near nothing.
    pub fn extend(&mut self, vectors: &[f32]) {
        self.components.reserve(vectors.len());
        for vector in vectors.chunks_exact(DIMENSIONS) {
            let scale = quantize(vector, &mut self.components);
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
        let bytes: Vec<u8> = self.components.iter().map(|component| component.cast_unsigned()).collect();
        file.write_all(&bytes)?;
        for scale in &self.scales {
            file.write_all(&scale.to_le_bytes())?;
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

/// The vectors of one package, mapped from their file.
pub struct VectorFile {
    map: Mmap,
    rows: usize,
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
        let expected = rows.checked_mul(DIMENSIONS + 4).and_then(|bytes| bytes.checked_add(HEADER_BYTES));
        if magic != MAGIC || expected != Some(map.len()) {
            return Err(damaged());
        }
        Ok(VectorFile { map, rows })
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The cosine of each row with the query, in row order.
    pub fn cosines<'a>(&'a self, query: &'a QueryVector) -> impl Iterator<Item = f32> + 'a {
        (0..self.rows).map(|row| self.cosine(row, query))
    }

    /// The cosine of one row with the query; zero where there is no such row.
    pub fn cosine(&self, row: usize, query: &QueryVector) -> f32 {
        let start = HEADER_BYTES + row * DIMENSIONS;
        let scale_at = HEADER_BYTES + self.rows * DIMENSIONS + row * 4;
        let (Some(components), Some(scale)) =
            (self.map.get(start..start + DIMENSIONS), self.map.get(scale_at..scale_at + 4))
        else {
            return 0.0;
        };
        let scale = scale.try_into().map_or(0.0, f32::from_le_bytes);
        // SAFETY: i8 and u8 have one size, one alignment and no invalid values.
        let components = unsafe { std::slice::from_raw_parts(components.as_ptr().cast::<i8>(), DIMENSIONS) };
        let dot = <i8 as SpatialSimilarity>::dot(components, &query.components).unwrap_or(0.0);
        #[expect(clippy::cast_possible_truncation, reason = "a cosine needs no more than f32")]
        let cosine = dot as f32 * scale * query.scale;
        cosine
    }
}

/// A query's vector, quantized like the rows.
pub struct QueryVector {
    components: Vec<i8>,
    scale: f32,
}

impl QueryVector {
    /// From a unit vector; `None` for the zero vector, which is near nothing.
    pub fn new(vector: &[f32]) -> Option<QueryVector> {
        let mut components = Vec::with_capacity(DIMENSIONS);
        let scale = quantize(vector.get(..DIMENSIONS)?, &mut components);
        (scale > 0.0).then_some(QueryVector { components, scale })
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
