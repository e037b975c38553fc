//! Vectors of texts, each made once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use blake3::Hash;

use crate::embed::{DIMENSIONS, Embedder};
use crate::workspace::base::BaseError;

/// A vector as the database takes it: `f32`, little-endian.
pub(super) type Blob = Arc<[u8]>;

/// A model, and what it made of texts so far.
pub(super) struct Embeddings {
    model: Arc<dyn Embedder>,
    /// By the hash of the text; `None` where the model has nothing to say. Those of texts that are gone stay until
    /// the base is looked at or made anew, which happens once a day at least: an edit that is undone costs nothing,
    /// and to know what is gone all texts must be read.
    known: HashMap<Hash, Option<Blob>>,
}

impl Embeddings {
    pub fn new(model: Arc<dyn Embedder>) -> Embeddings {
        Embeddings { model, known: HashMap::new() }
    }

    pub fn model(&self) -> &str {
        self.model.id()
    }

    /// The vectors of texts, in order. A vector without a direction is none: it would be near nothing, and an index that
    /// holds it loses others.
    pub fn of(&mut self, texts: &[String]) -> Result<Vec<Option<Blob>>, BaseError> {
        let hashes: Vec<Hash> = texts.iter().map(|text| blake3::hash(text.as_bytes())).collect();
        let mut seen = HashSet::new();
        let new = hashes.iter().zip(texts).filter(|(hash, _)| !self.known.contains_key(*hash));
        let (new, unknown): (Vec<Hash>, Vec<&str>) =
            new.filter(|(hash, _)| seen.insert(**hash)).map(|(hash, text)| (*hash, text.as_str())).unzip();
        let vectors = self.model.embed(&unknown).map_err(|error| BaseError::Model(error.to_string()))?;
        if vectors.len() != unknown.len() * DIMENSIONS {
            let (got, wanted) = (vectors.len(), unknown.len() * DIMENSIONS);
            return Err(BaseError::Model(format!("{got} numbers came where {wanted} were asked for")));
        }
        for (hash, vector) in new.into_iter().zip(vectors.chunks_exact(DIMENSIONS)) {
            self.known.insert(hash, blob(vector));
        }
        Ok(hashes.iter().map(|hash| self.known.get(hash).cloned().flatten()).collect())
    }

    /// Forgets the vectors of all texts but those that these hashes are of.
    pub fn keep(&mut self, hashes: &HashSet<Hash>) {
        self.known.retain(|hash, _| hashes.contains(hash));
    }
}

/// A vector that has a direction.
fn blob(vector: &[f32]) -> Option<Blob> {
    let length: f32 = vector.iter().map(|x| x * x).sum();
    length.is_normal().then(|| vector.iter().flat_map(|x| x.to_le_bytes()).collect())
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::embed::{EmbedError, StaticModel};

    /// The shipped model, counted, and with its own word for some texts.
    #[derive(Default)]
    pub struct Counted(AtomicUsize);

    impl Counted {
        /// How many texts it was asked for.
        pub fn texts(&self) -> usize {
            self.0.load(Ordering::Relaxed)
        }
    }

    impl Embedder for Counted {
        fn id(&self) -> &str {
            "counted"
        }

        fn embed(&self, texts: &[&str]) -> Result<Vec<f32>, EmbedError> {
            self.0.fetch_add(texts.len(), Ordering::Relaxed);
            let mut vectors = StaticModel::shipped()?.embed(texts)?;
            for (text, vector) in texts.iter().zip(vectors.chunks_exact_mut(DIMENSIONS)) {
                match *text {
                    "not a number" => vector[7] = f32::NAN,
                    "endless" => vector[7] = f32::INFINITY,
                    _ => {}
                }
            }
            if texts.contains(&"short") {
                vectors.pop();
            }
            Ok(vectors)
        }
    }

    #[test]
    fn each_text_is_embedded_once_and_what_has_no_direction_is_no_vector() {
        let model = Arc::new(Counted::default());
        let mut embeddings = Embeddings::new(model.clone());
        let texts = ["spawn", "spawn", "日本語", "not a number", "endless"].map(String::from);
        let vectors = embeddings.of(&texts).unwrap();
        assert_eq!(
            vectors.iter().map(Option::is_some).collect::<Vec<_>>(),
            [true, true, false, false, false]
        );
        assert_eq!(vectors[0], vectors[1]);
        assert_eq!(embeddings.of(&texts).unwrap(), vectors);
        assert_eq!(model.texts(), 4);

        embeddings.keep(&HashSet::new());
        embeddings.of(&texts[..1]).unwrap();
        assert_eq!(model.texts(), 5, "it was forgotten");
    }

    #[test]
    fn a_model_that_gives_too_few_numbers_is_an_error_that_says_so() {
        let mut embeddings = Embeddings::new(Arc::new(Counted::default()));
        let error = embeddings.of(&["short".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("383 numbers came where 384"), "{error}");
    }
}
