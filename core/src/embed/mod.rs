//! From text to vectors: the model that ships with Zenith. `benches/` holds the teacher that it was
//! distilled from.
//!
//! Vectors are unit length and have [`DIMENSIONS`] components. Every model has an id; vectors of
//! two models are never compared.

mod late;
mod static_model;
mod table;
mod text;

pub use late::{AskedTokens, Match};
pub use static_model::{StaticModel, Vocabulary};
pub use table::encode as encode_table;
pub use text::{part_text, symbol_text, use_text};

/// The components of every vector.
pub const DIMENSIONS: usize = 384;

/// A model that turns texts into unit vectors.
pub trait Embedder: Send + Sync {
    /// Names the model and its weights; stored with every dataset that it wrote.
    fn id(&self) -> &str;

    /// One unit vector a text, in order, flattened: `texts.len() * DIMENSIONS` floats. A text
    /// without a known token becomes the zero vector, which is near nothing.
    fn embed(&self, texts: &[&str]) -> Result<Vec<f32>, EmbedError>;
}

/// A model that could not be loaded or run.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    #[error("cannot load the model from {path}: {why}")]
    Load { path: String, why: String },
    #[error("the model failed: {0}")]
    Run(String),
}

/// Scales `vector` to unit length; one that has no direction becomes zero.
pub fn normalize(vector: &mut [f32]) {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    let factor = if length.is_normal() { 1.0 / length } else { 0.0 };
    for x in vector {
        *x *= factor;
    }
}
