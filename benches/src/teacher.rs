//! The model that the shipped one was distilled from: all-MiniLM-L6-v2, from the user's folder.

use std::path::Path;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config, HiddenAct};
use rayon::prelude::*;
use tokenizers::{Encoding, PostProcessor, Tokenizer, TruncationParams};

use zenith_core::embed::{DIMENSIONS, EmbedError, Embedder, normalize};
use zenith_core::words::split_identifiers;

/// What the model was trained to read.
const TOKENS_MAX: usize = 256;

/// More bytes than that many word pieces ever have in prose: what is cut off would not be read.
const TEXT_BYTES_MAX: usize = 32 * TOKENS_MAX;

/// Texts a forward pass: enough to keep matrices large, few enough to stay in cache.
const BATCH: usize = 16;

/// A sentence transformer: BERT, the mean over its tokens, normalised.
pub struct Teacher {
    id: String,
    tokenizer: Tokenizer,
    /// Tokens that say nothing of a text: the special ones, which frame it or stand for the unknown.
    special: Vec<u32>,
    model: BertModel,
}

impl Teacher {
    /// Reads `model.safetensors`, `tokenizer.json` and, where it is there, `config.json`.
    pub fn load(folder: &Path) -> Result<Teacher, EmbedError> {
        let from = |why: String| EmbedError::Load { path: folder.display().to_string(), why };
        let read = |name: &str| std::fs::read(folder.join(name)).map_err(|error| (name.to_owned(), error));
        let need = |name: &str| {
            read(name).map_err(|(name, error)| {
                from(format!("{name}: {error}; name a folder that holds all-MiniLM-L6-v2"))
            })
        };
        let config: Config = match read("config.json") {
            Ok(json) => {
                serde_json::from_slice(&json).map_err(|error| from(format!("config.json: {error}")))?
            }
            Err((_, error)) if error.kind() == std::io::ErrorKind::NotFound => mini_lm_l6(),
            Err((name, error)) => return Err(from(format!("{name}: {error}"))),
        };
        check(&config).map_err(|why| from(format!("config.json: {why}")))?;

        let mut tokenizer = Tokenizer::from_bytes(need("tokenizer.json")?)
            .map_err(|error| from(format!("tokenizer.json: {error}")))?;
        let max_length = TOKENS_MAX.min(config.max_position_embeddings);
        let frame = tokenizer.get_post_processor().map_or(0, |processor| processor.added_tokens(false));
        if frame >= max_length {
            return Err(from(format!("tokenizer.json: it adds {frame} tokens to each text")));
        }
        tokenizer
            .with_padding(None)
            .with_truncation(Some(TruncationParams { max_length, ..TruncationParams::default() }))
            .map_err(|error| from(format!("tokenizer.json: {error}")))?;
        let special = tokenizer
            .get_added_tokens_decoder()
            .iter()
            .filter(|(_, token)| token.special)
            .map(|(id, _)| *id)
            .collect();

        let weights = need("model.safetensors")?;
        let id = format!("all-MiniLM-L6-v2-{}", &blake3::hash(&weights).to_hex()[..8]);
        let model = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu)
            .and_then(|weights| BertModel::load(weights, &config))
            .map_err(|error| from(format!("model.safetensors: {error}")))?;
        Ok(Teacher { id, tokenizer, special, model })
    }

    fn forward(&self, batch: &[(usize, Encoding)]) -> candle_core::Result<Vec<Vec<f32>>> {
        let len = batch.iter().map(|(_, encoding)| encoding.len()).max().unwrap_or(0);
        let pad =
            |values: &[u32]| values.iter().copied().chain(std::iter::repeat(0)).take(len).collect::<Vec<_>>();
        let column = |of: fn(&Encoding) -> &[u32]| {
            let values: Vec<u32> = batch.iter().flat_map(|(_, encoding)| pad(of(encoding))).collect();
            Tensor::from_vec(values, (batch.len(), len), &Device::Cpu)
        };
        let (ids, types) = (column(Encoding::get_ids)?, column(Encoding::get_type_ids)?);
        let mask = column(Encoding::get_attention_mask)?;
        let states = self.model.forward(&ids, &types, Some(&mask))?;
        let mask = mask.to_dtype(DType::F32)?.unsqueeze(2)?;
        // The sum, not the mean: a vector's length is lost when it is normalised.
        states.broadcast_mul(&mask)?.sum(1)?.to_vec2()
    }
}

impl Embedder for Teacher {
    fn id(&self) -> &str {
        &self.id
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<f32>, EmbedError> {
        let cut = |text: &str| text.floor_char_boundary(TEXT_BYTES_MAX);
        let split: Vec<_> = texts.iter().map(|text| split_identifiers(&text[..cut(text)])).collect();
        let encodings = self
            .tokenizer
            .encode_batch(split, true)
            .map_err(|error| EmbedError::Run(format!("cannot tokenize: {error}")))?;
        let mut encodings: Vec<(usize, Encoding)> = encodings
            .into_iter()
            .enumerate()
            .filter(|(_, encoding)| encoding.get_ids().iter().any(|id| !self.special.contains(id)))
            .collect();
        // Texts of one length in one batch: padding costs as much as text.
        encodings.sort_by_key(|(_, encoding)| encoding.len());
        let batches: Vec<Vec<Vec<f32>>> = encodings
            .par_chunks(BATCH)
            .map(|batch| self.forward(batch))
            .collect::<candle_core::Result<_>>()
            .map_err(|error| EmbedError::Run(error.to_string()))?;
        let mut vectors = vec![0.0; texts.len() * DIMENSIONS];
        for ((at, _), sum) in encodings.iter().zip(batches.iter().flatten()) {
            let vector = &mut vectors[at * DIMENSIONS..(at + 1) * DIMENSIONS];
            vector.copy_from_slice(sum);
            normalize(vector);
        }
        Ok(vectors)
    }
}

/// Refuses what candle would divide by or allocate without asking.
fn check(config: &Config) -> Result<(), String> {
    if config.hidden_size != DIMENSIONS {
        return Err(format!("its vectors have {} components; {DIMENSIONS} are needed", config.hidden_size));
    }
    if config.num_attention_heads == 0 || !DIMENSIONS.is_multiple_of(config.num_attention_heads) {
        return Err(format!("{} attention heads do not divide {DIMENSIONS}", config.num_attention_heads));
    }
    if config.max_position_embeddings < 8 {
        return Err(format!("{} positions are too few", config.max_position_embeddings));
    }
    Ok(())
}

/// What `config.json` of all-MiniLM-L6-v2 says.
fn mini_lm_l6() -> Config {
    Config {
        hidden_size: DIMENSIONS,
        num_hidden_layers: 6,
        num_attention_heads: 12,
        intermediate_size: 1536,
        hidden_act: HiddenAct::Gelu,
        ..Config::default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::fs;

    use candle_nn::VarMap;

    use super::*;

    /// A folder with a BERT of two layers and random weights, in the files of the real one.
    fn tiny() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let config = serde_json::json!({
            "vocab_size": 12, "hidden_size": DIMENSIONS, "num_hidden_layers": 2, "num_attention_heads": 4,
            "intermediate_size": 16, "hidden_act": "gelu", "hidden_dropout_prob": 0.1,
            "max_position_embeddings": 16, "type_vocab_size": 2, "initializer_range": 0.02,
            "layer_norm_eps": 1e-12, "pad_token_id": 0, "model_type": "bert"
        });
        fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
        let words =
            ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "spawn", "block", "##ing", "a", "task", "##s", "on", "run"];
        let vocabulary: HashMap<&str, usize> =
            words.iter().enumerate().map(|(id, word)| (*word, id)).collect();
        let special = |id: usize| {
            serde_json::json!({
                "id": id, "special": true, "content": words[id], "single_word": false,
                "lstrip": false, "rstrip": false, "normalized": false
            })
        };
        let tokenizer = serde_json::json!({
            "version": "1.0",
            "added_tokens": [special(0), special(1), special(2), special(3)],
            "normalizer": {
                "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                "strip_accents": null, "lowercase": true
            },
            "pre_tokenizer": { "type": "BertPreTokenizer" },
            "post_processor": { "type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2] },
            "decoder": null,
            "model": {
                "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100, "vocab": vocabulary
            }
        });
        fs::write(folder.path().join("tokenizer.json"), tokenizer.to_string()).unwrap();
        let weights = VarMap::new();
        let builder = VarBuilder::from_varmap(&weights, DType::F32, &Device::Cpu);
        BertModel::load(builder, &serde_json::from_value(config).unwrap()).unwrap();
        weights.save(folder.path().join("model.safetensors")).unwrap();
        folder
    }

    fn load_error(folder: &Path) -> String {
        match Teacher::load(folder) {
            Err(error @ EmbedError::Load { .. }) => error.to_string(),
            Err(error) => panic!("not a load error: {error}"),
            Ok(_) => panic!("it loaded"),
        }
    }

    #[test]
    fn a_teacher_embeds_alike_alone_and_in_a_batch() {
        let folder = tiny();
        let teacher = Teacher::load(folder.path()).unwrap();
        assert!(teacher.id().starts_with("all-MiniLM-L6-v2-"), "{}", teacher.id());
        let long = "spawn a task ".repeat(50);
        let mut texts = vec!["spawn_blocking", "run a task", "SpawnBlocking", &long, "on"];
        texts.extend(["blocking tasks"; BATCH]);
        let together = teacher.embed(&texts).unwrap();
        for (text, vector) in texts.iter().zip(together.chunks_exact(DIMENSIONS)) {
            let length: f32 = vector.iter().map(|x| x * x).sum();
            assert!((length - 1.0).abs() < 1e-4, "{text}: {length}");
            let alone = teacher.embed(&[text]).unwrap();
            let difference = vector.iter().zip(&alone).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(difference < 1e-4, "{text}: padding changes it by {difference}");
        }
        assert_eq!(together[..DIMENSIONS], together[2 * DIMENSIONS..3 * DIMENSIONS]);
        assert_ne!(together[..DIMENSIONS], together[DIMENSIONS..2 * DIMENSIONS]);
    }

    #[test]
    fn a_text_without_a_known_token_is_the_zero_vector() {
        let folder = tiny();
        let teacher = Teacher::load(folder.path()).unwrap();
        let vectors = teacher.embed(&["", "zzz", "日本", "task"]).unwrap();
        assert!(vectors[..3 * DIMENSIONS].iter().all(|x| *x == 0.0));
        assert!(vectors[3 * DIMENSIONS..].iter().any(|x| *x != 0.0));
        assert!(teacher.embed(&[]).unwrap().is_empty());
    }

    #[test]
    fn a_folder_without_a_model_says_what_to_name() {
        let folder = tempfile::tempdir().unwrap();
        let error = load_error(folder.path());
        assert!(error.contains("tokenizer.json") && error.contains("name a folder"), "{error}");
        load_error(&folder.path().join("absent"));
    }

    #[test]
    fn a_damaged_folder_names_the_file() {
        type Damage = Box<dyn Fn(&[u8]) -> Vec<u8>>;
        fn set(field: &'static str, value: u32) -> Damage {
            Box::new(move |json| {
                let mut config: serde_json::Value = serde_json::from_slice(json).unwrap();
                config[field] = value.into();
                config.to_string().into_bytes()
            })
        }
        let cut = |bytes: &[u8]| bytes[..bytes.len() / 2].to_vec();
        let cases: [(&str, Damage); 6] = [
            ("config.json", Box::new(cut)),
            ("tokenizer.json", Box::new(cut)),
            ("model.safetensors", Box::new(cut)),
            ("config.json", set("num_attention_heads", 0)),
            ("config.json", set("hidden_size", 768)),
            ("config.json", set("max_position_embeddings", 0)),
        ];
        for (file, damage) in cases {
            let folder = tiny();
            let path = folder.path().join(file);
            fs::write(&path, damage(&fs::read(&path).unwrap())).unwrap();
            let error = load_error(folder.path());
            assert!(error.contains(file), "{error}");
        }
    }
}
