//! Makes `core/assets/static-model.bin`; `scripts/distill` runs it with everything it needs.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Parser;
use zenith_benches::distill::corpus::{self, Item};
use zenith_benches::distill::fit::{self, Pair};
use zenith_benches::distill::vocabulary;
use zenith_benches::memo::Memo;
use zenith_benches::teacher::Teacher;
use zenith_core::embed::{Vocabulary, encode_table};

/// Distils the static model from its teacher.
#[derive(Parser)]
struct Args {
    /// The folder of all-MiniLM-L6-v2
    #[arg(long)]
    teacher: PathBuf,
    /// Folders that hold unpacked packages, each as NAME-VERSION
    #[arg(long, required = true)]
    sources: Vec<PathBuf>,
    /// Names the packages whose documentation to learn from
    #[arg(long, default_value = "Cargo.lock")]
    lockfile: PathBuf,
    /// Keeps the teacher's vectors for a next run
    #[arg(long)]
    memo: PathBuf,
    #[arg(long, default_value = "core/assets/static-model.bin")]
    out: PathBuf,
    /// Tokens in the table
    #[arg(long, default_value_t = 29_600)]
    tokens: usize,
    /// Documented items to learn the first sentence of
    #[arg(long, default_value_t = 60_000)]
    items: usize,
    /// How many of them to learn the whole text of: some ten times as long, and as slow
    #[arg(long, default_value_t = 5_000)]
    wholes: usize,
    /// Items of packages held out to measure on
    #[arg(long, default_value_t = 4_000)]
    measured: usize,
    /// Smooth inverse frequency's a
    #[arg(long, default_value_t = 1e-3)]
    sif: f64,
    /// Passes over the texts; 0 for plain Model2Vec
    #[arg(long, default_value_t = 6)]
    epochs: usize,
    /// Adam's step
    #[arg(long, default_value_t = 0.005)]
    rate: f32,
    /// How much finding names counts beside agreeing with the teacher
    #[arg(long, default_value_t = 0.1)]
    pairs: f32,
}

const BATCH: usize = 512;
const TOKENS_MAX: usize = 256;

fn main() -> Result<()> {
    let args = Args::parse();
    let start = Instant::now();
    let teacher = Teacher::load(&args.teacher)?;
    let mut teacher = Memo::open(&teacher, &args.memo)?;

    let mut items = corpus::read(&args.sources, &args.lockfile)?;
    let tokens = vocabulary::choose(&args.teacher.join("tokenizer.json"), &items, args.tokens)?;
    let vocabulary = Vocabulary::new(tokens.iter().map(String::as_str));
    let numbers = |text: &str| {
        let mut numbers = Vec::new();
        vocabulary.tokenize(text, TOKENS_MAX, &mut numbers);
        numbers
    };
    let counts = vocabulary::count(tokens.len(), items.iter().map(|item| numbers(&item.text())));
    println!("corpus: {} documented items; vocabulary: {} tokens", items.len(), tokens.len());

    items.sort_by_cached_key(|item| *blake3::hash(item.path.as_bytes()).as_bytes());
    let (unseen, seen): (Vec<&Item>, Vec<&Item>) = items.iter().partition(|item| item.is_held_out());
    let pair =
        |item: &&Item| Pair { sentence: numbers(&item.first_sentence()), name: numbers(&item.name_text()) };
    let pairs: Vec<Pair> = seen.iter().map(pair).collect();
    let unseen: Vec<&Item> = unseen.into_iter().take(args.measured).collect();
    let unseen_pairs: Vec<Pair> = unseen.iter().map(pair).collect();
    let (texts, train, held_out) = texts_to_learn(&items, args.items, args.wholes);
    let pieces: Vec<&str> = tokens.iter().map(|token| token.strip_prefix("##").unwrap_or(token)).collect();
    let mut rows = teacher.embed("tokens", &pieces)?;
    let targets = teacher.embed("documentation", &texts)?;
    let unseen_texts = |of: fn(&Item) -> String| unseen.iter().map(|item| of(item)).collect::<Vec<_>>();
    let unseen_sentences = teacher.embed("sentences held out", &unseen_texts(Item::first_sentence))?;
    let unseen_names = teacher.embed("names held out", &unseen_texts(Item::name_text))?;
    println!(
        "the teacher: a sentence finds its name among {} at a reciprocal rank of {:.4}",
        unseen.len(),
        fit::reciprocal_rank(&unseen_sentences, &unseen_names)
    );
    let texts: Vec<Vec<u32>> = texts.iter().map(|text| numbers(text)).collect();
    let examples = fit::Examples { tokens: &texts, targets: &targets };
    let report = |stage: &str, rows: &[f32]| {
        println!(
            "{stage}, {:.0} s: cosine to the teacher {:.4}; on packages held out {:.4}, \
             and a sentence finds its name among {} at a reciprocal rank of {:.4}",
            start.elapsed().as_secs_f64(),
            fit::agreement(rows, examples, &train),
            fit::agreement(rows, examples, &held_out),
            unseen_pairs.len(),
            fit::reciprocal_rank(
                &fit::embed(rows, unseen_pairs.iter().map(|pair| &pair.sentence)),
                &fit::embed(rows, unseen_pairs.iter().map(|pair| &pair.name)),
            ),
        );
    };
    report("token means", &rows);
    vocabulary::weigh(&mut rows, &counts, args.sif);
    report("weighted by frequency", &rows);
    let options =
        fit::Options { epochs: args.epochs, batch: BATCH, rate: args.rate, pairs_weight: args.pairs };
    fit::fit(&mut rows, examples, &train, &pairs, options);
    report("fitted", &rows);

    let file = encode_table(&tokens, &rows);
    std::fs::write(&args.out, &file).with_context(|| format!("writing {}", args.out.display()))?;
    println!("{}: {} bytes, blake3 {}", args.out.display(), file.len(), blake3::hash(&file).to_hex());
    Ok(())
}

/// The first sentences of the first `sentences` items and the whole texts of the first `wholes`; then
/// which of them to learn from, and which to measure on.
fn texts_to_learn(items: &[Item], sentences: usize, wholes: usize) -> (Vec<String>, Vec<usize>, Vec<usize>) {
    let (mut texts, mut train, mut held_out) = (Vec::new(), Vec::new(), Vec::new());
    for (at, item) in items.iter().take(sentences).enumerate() {
        let whole = (at < wholes).then(|| item.text());
        for text in std::iter::once(item.first_sentence()).chain(whole) {
            if item.is_held_out() { &mut held_out } else { &mut train }.push(texts.len());
            texts.push(text);
        }
    }
    (texts, train, held_out)
}
