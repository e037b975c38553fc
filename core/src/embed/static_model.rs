//! The model that ships inside the program: a table of token vectors, averaged.
//!
//! # Decisions
//!
//! - **A static table is enough, and beats its teacher here.** It is fitted to all-MiniLM-L6-v2 on
//!   documentation, and to tell which name a sentence belongs to. Its WordPiece is our own code: the
//!   `tokenizers` crate takes eight times as long to load and forty times as long a text.
//! - **A text without a known word is the zero vector**, which is near nothing.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, OnceLock};

use rayon::prelude::*;

use super::table::Table;
use super::{DIMENSIONS, EmbedError, Embedder, normalize};
use crate::behind::parallel;
use crate::words::for_each_word;

static SHIPPED: &[u8] = include_bytes!("../../assets/static-model.bin");

/// What follows in a longer text changes a mean little and costs as much.
const TOKENS_MAX: usize = 256;

/// A table with one vector a token. A text's vector is the normalised sum of its tokens' rows; how
/// much a token weighs is the length of its row.
///
/// Opening costs a hash of the file; the vocabulary's map is built by the first text.
#[derive(Clone)]
pub struct StaticModel(Arc<Opened>);

struct Opened {
    id: String,
    table: Table,
    vocabulary: OnceLock<Vocabulary>,
}

/// The table inside the program, opened once.
static OPENED: LazyLock<Result<StaticModel, String>> = LazyLock::new(|| StaticModel::from_bytes(SHIPPED));

impl StaticModel {
    /// The table inside the program.
    pub fn shipped() -> Result<StaticModel, EmbedError> {
        OPENED.clone().map_err(|why| load_error("the program itself".to_owned(), why))
    }

    /// A table from a file, for comparing one before it ships.
    pub fn from_file(path: &Path) -> Result<StaticModel, EmbedError> {
        let from = path.display().to_string();
        match std::fs::read(path) {
            Ok(bytes) => StaticModel::from_bytes(bytes).map_err(|why| load_error(from, why)),
            Err(error) => Err(load_error(from, error.to_string())),
        }
    }

    fn from_bytes(bytes: impl Into<Cow<'static, [u8]>>) -> Result<StaticModel, String> {
        let table = Table::new(bytes.into())?;
        let id = format!("zenith-static-1-{}", table.hash8());
        Ok(StaticModel(Arc::new(Opened { id, table, vocabulary: OnceLock::new() })))
    }

    /// Appends the numbers of the first `max` tokens of `text`.
    pub fn tokenize(&self, text: &str, max: usize, tokens: &mut Vec<u32>) {
        let vocabulary = || Vocabulary::new(self.0.table.vocabulary());
        self.0.vocabulary.get_or_init(vocabulary).tokenize(text, max, tokens);
    }

    /// How many tokens there are.
    pub(super) fn tokens(&self) -> usize {
        self.0.table.tokens()
    }

    /// The row of a token as int8, and the length that it has in a text's sum: how much the token weighs.
    /// Nothing for a token that is none.
    pub(super) fn row(&self, token: usize) -> Option<(Vec<i8>, f32)> {
        if token >= self.tokens() {
            return None;
        }
        let row: Vec<i8> = self.0.table.row(token).iter().map(|byte| byte.cast_signed()).collect();
        let length = row.iter().map(|x| f32::from(*x) * f32::from(*x)).sum::<f32>().sqrt();
        Some((row, self.0.table.scale(token) * length))
    }

    fn embed_one(&self, text: &str, vector: &mut [f32]) {
        let mut tokens = Vec::with_capacity(64);
        self.tokenize(text, TOKENS_MAX, &mut tokens);
        for token in tokens {
            let scale = self.0.table.scale(token as usize);
            for (sum, byte) in vector.iter_mut().zip(self.0.table.row(token as usize)) {
                *sum += scale * f32::from(*byte as i8);
            }
        }
        normalize(vector);
    }
}

fn load_error(path: String, why: String) -> EmbedError {
    EmbedError::Load { path, why }
}

impl Embedder for StaticModel {
    fn id(&self) -> &str {
        &self.0.id
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<f32>, EmbedError> {
        let mut vectors = vec![0.0; texts.len() * DIMENSIONS];
        parallel(|| {
            let each = vectors.par_chunks_exact_mut(DIMENSIONS).with_min_len(64).zip(texts);
            each.for_each(|(vector, text)| self.embed_one(text, vector));
        });
        Ok(vectors)
    }
}

/// WordPiece over a vocabulary: the longest token that starts a word, then the longest that
/// continues it. Own code, since the `tokenizers` crate takes eight times as long to load and forty
/// times as long a text, and does not cut identifiers.
pub struct Vocabulary {
    starts: HashMap<Box<str>, u32>,
    continuations: HashMap<Box<str>, u32>,
    bytes_max: usize,
}

impl Vocabulary {
    /// Tokens are numbered in their order; one that continues a word starts with `##`.
    pub fn new<'a>(tokens: impl Iterator<Item = &'a str>) -> Vocabulary {
        let mut vocabulary =
            Vocabulary { starts: HashMap::new(), continuations: HashMap::new(), bytes_max: 0 };
        for (token, number) in tokens.zip(0..) {
            let (map, piece) = match token.strip_prefix("##") {
                Some(piece) => (&mut vocabulary.continuations, piece),
                None => (&mut vocabulary.starts, token),
            };
            vocabulary.bytes_max = vocabulary.bytes_max.max(piece.len());
            map.insert(piece.into(), number);
        }
        vocabulary
    }

    /// Appends the numbers of the first `max` tokens of `text`. What the vocabulary cannot spell is
    /// left out.
    pub fn tokenize(&self, text: &str, max: usize, tokens: &mut Vec<u32>) {
        for_each_word(text, |word| {
            let mut rest = word;
            let mut map = &self.starts;
            while !rest.is_empty() {
                let mut longest = (1..=rest.len().min(self.bytes_max)).rev();
                let Some((len, token)) = longest.find_map(|len| Some((len, *map.get(rest.get(..len)?)?)))
                else {
                    break;
                };
                tokens.push(token);
                rest = &rest[len..];
                map = &self.continuations;
            }
            tokens.len() < max
        });
        tokens.truncate(max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> StaticModel {
        StaticModel::shipped().expect("the shipped table is whole")
    }

    fn cosine(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn words_are_spelled_with_the_longest_pieces() {
        let vocabulary = Vocabulary::new(["spawn", "block", "##ing", "##i", "b"].into_iter());
        let mut tokens = Vec::new();
        vocabulary.tokenize("SpawnBlocking block bz", 8, &mut tokens);
        // What follows a piece that cannot be continued is left out, here the z.
        assert_eq!(tokens, [0, 1, 2, 1, 4]);
        tokens.clear();
        vocabulary.tokenize("spawn blocking", 2, &mut tokens);
        assert_eq!(tokens, [0, 1]);
        tokens.clear();
        vocabulary.tokenize("blockμ 网络 μs", 8, &mut tokens);
        assert_eq!(tokens, [1], "letters outside the vocabulary end a word");
    }

    #[test]
    fn vectors_are_the_same_each_time_and_unit_length() {
        let texts = ["spawn a blocking task", "parse JSON", "x", "tokio::sync::mpsc::Sender<T>"];
        let (once, again) = (shipped().embed(&texts).unwrap(), shipped().embed(&texts).unwrap());
        assert_eq!(once, again);
        for (text, vector) in texts.iter().zip(once.chunks_exact(DIMENSIONS)) {
            assert!((cosine(vector, vector) - 1.0).abs() < 1e-5, "{text}");
            assert_eq!(vector, shipped().embed(&[text]).unwrap(), "{text} alone differs");
        }
    }

    #[test]
    fn spellings_of_one_identifier_are_neighbours() {
        let texts = ["spawn_blocking", "SpawnBlocking", "spawn blocking", "spawn::blocking()"];
        let vectors = shipped().embed(&texts).unwrap();
        for (text, vector) in texts.iter().zip(vectors.chunks_exact(DIMENSIONS)) {
            assert!(cosine(vector, &vectors[..DIMENSIONS]) > 0.95, "{text}");
        }
    }

    #[test]
    fn what_means_the_same_is_nearer_than_what_does_not() {
        let texts = ["remove a directory", "delete a folder", "draw a bar chart"];
        let vectors = shipped().embed(&texts).unwrap();
        let (remove, rest) = vectors.split_at(DIMENSIONS);
        let (delete, draw) = rest.split_at(DIMENSIONS);
        assert!(cosine(remove, delete) > cosine(remove, draw) + 0.2);
    }

    #[test]
    fn a_text_without_a_known_word_is_the_zero_vector() {
        let long = "?".repeat(1 << 20);
        for text in ["", " ", "日本語", "::<>", "\u{0}", &long] {
            let vector = shipped().embed(&[text]).unwrap();
            assert!(vector.len() == DIMENSIONS && vector.iter().all(|x| *x == 0.0));
        }
        assert!(shipped().embed(&[]).unwrap().is_empty());
    }

    #[test]
    fn a_table_that_is_damaged_or_missing_is_a_load_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.bin");
        let missing = StaticModel::from_file(&path).err().expect("there is no file");
        assert!(matches!(missing, EmbedError::Load { .. }), "{missing}");
        std::fs::write(&path, &SHIPPED[..SHIPPED.len() / 2]).unwrap();
        let cut = StaticModel::from_file(&path).err().expect("half a file").to_string();
        assert!(cut.contains("table.bin") && cut.contains("promises"), "{cut}");
    }
}
