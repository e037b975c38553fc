//! The teacher's vectors, kept on disk: they take minutes, and a second run needs most of them again.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use zenith_core::embed::{DIMENSIONS, Embedder};

type Key = [u8; 16];

/// A key and a vector.
const RECORD_BYTES: usize = size_of::<Key>() + DIMENSIONS * size_of::<f32>();

/// Texts between two writes: what an interrupted run loses.
const STEP: usize = 2048;

/// A model and the file of what it has said so far.
pub struct Memo<'a> {
    model: &'a dyn Embedder,
    file: File,
    known: HashMap<Key, Vec<f32>>,
}

impl<'a> Memo<'a> {
    /// Reads `folder/MODEL.memo`; a record that an interrupted run left unfinished is cut off.
    pub fn open(model: &'a dyn Embedder, folder: &Path) -> Result<Memo<'a>> {
        std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        let path = folder.join(format!("{}.memo", model.id()));
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let file = file.with_context(|| format!("opening {}", path.display()))?;
        let bytes = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        let (records, rest) = bytes.as_chunks::<RECORD_BYTES>();
        file.set_len((bytes.len() - rest.len()) as u64)?;
        let known = records.iter().map(read_record).collect();
        Ok(Memo { model, file, known })
    }

    /// One vector a text, flattened.
    pub fn embed(&mut self, what: &str, texts: &[impl AsRef<str>]) -> Result<Vec<f32>> {
        let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
        let mut unknown = texts.clone();
        unknown.retain(|text| !self.known.contains_key(&key(text)));
        unknown.sort_unstable();
        unknown.dedup();
        let start = Instant::now();
        for step in unknown.chunks(STEP) {
            let vectors = self.model.embed(step)?;
            for (text, vector) in step.iter().zip(vectors.chunks_exact(DIMENSIONS)) {
                let mut record = key(text).to_vec();
                record.extend(vector.iter().flat_map(|x| x.to_le_bytes()));
                self.file.write_all(&record)?;
                self.known.insert(key(text), vector.to_vec());
            }
        }
        let (new, seconds) = (unknown.len(), start.elapsed().as_secs_f64());
        println!(
            "teacher: {what}: {} texts, {new} of them new, {:.0} a second",
            texts.len(),
            new as f64 / seconds
        );
        Ok(texts.iter().filter_map(|text| self.known.get(&key(text))).flatten().copied().collect())
    }
}

fn key(text: &str) -> Key {
    let mut key = Key::default();
    key.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..size_of::<Key>()]);
    key
}

fn read_record(record: &[u8; RECORD_BYTES]) -> (Key, Vec<f32>) {
    let (head, tail) = record.split_at(size_of::<Key>());
    let mut key = Key::default();
    key.copy_from_slice(head);
    (key, tail.as_chunks::<4>().0.iter().map(|raw| f32::from_le_bytes(*raw)).collect())
}
