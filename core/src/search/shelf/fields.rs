//! The text index's fields, and how a row becomes a document.

use tantivy::TantivyDocument;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::TokenizerManager;
use unicode_normalization::UnicodeNormalization;

use super::card::ShelfRow;
use super::tokenizer::WordTokenizer;

/// As much of a documentation as is embedded, too.
const SUMMARY_BYTES: usize = 300;

/// The analyzer's name in the index.
const WORDS: &str = "words";

/// The fields of a shelf's text index.
#[derive(Clone, Copy)]
pub struct Fields {
    /// The words of the name.
    pub name: Field,
    /// The words of the path before the name.
    pub parents: Field,
    /// How the documentation begins, which says most of an item.
    pub summary: Field,
    /// The documentation. Long ones belong to what matters most, and BM25 holds length against them:
    /// hence the summary beside it.
    pub doc: Field,
    pub signature: Field,
    /// Every suffix of every path, folded by [`fold_path`]: what a user may type to name the item. And the
    /// name as it is written, by [`spelled`].
    pub exact: Field,
    /// What its documentation says it is called elsewhere, folded by [`fold_alias`].
    pub alias: Field,
    /// The words of a function's types, with the side on which each stands: what its signature is found by.
    pub types: Field,
    /// A function's signature, to be compared.
    pub signature_text: Field,
    /// What others say where they use it.
    pub uses: Field,
    /// What it says when it fails.
    pub messages: Field,
    /// The lines of a piece of one's own code.
    pub body: Field,
    pub kind: Field,
    /// The package's ordinal on this shelf.
    pub package: Field,
    /// [`slot`]: package and row.
    pub slot: Field,
    pub quality: Field,
    pub card: Field,
}

impl Fields {
    pub fn schema() -> (Schema, Fields) {
        let mut builder = Schema::builder();
        let words = |options: IndexRecordOption| {
            let indexing = TextFieldIndexing::default().set_tokenizer(WORDS).set_index_option(options);
            TextOptions::default().set_indexing_options(indexing)
        };
        let fields = Fields {
            name: builder.add_text_field("name", words(IndexRecordOption::WithFreqs)),
            parents: builder.add_text_field("parents", words(IndexRecordOption::WithFreqs)),
            summary: builder.add_text_field("summary", words(IndexRecordOption::WithFreqs)),
            doc: builder.add_text_field("doc", words(IndexRecordOption::WithFreqs)),
            signature: builder.add_text_field("signature", words(IndexRecordOption::WithFreqs)),
            exact: builder.add_text_field("exact", STRING),
            alias: builder.add_text_field("alias", STRING),
            types: builder.add_text_field("types", STRING),
            signature_text: builder.add_text_field("signature_text", TextOptions::default().set_fast("raw")),
            uses: builder.add_text_field("uses", words(IndexRecordOption::WithFreqs)),
            messages: builder.add_text_field("messages", words(IndexRecordOption::WithFreqs)),
            body: builder.add_text_field("body", words(IndexRecordOption::WithFreqs)),
            kind: builder.add_text_field("kind", STRING),
            package: builder.add_u64_field("package", INDEXED),
            slot: builder.add_u64_field("slot", INDEXED | FAST),
            quality: builder.add_u64_field("quality", FAST),
            card: builder.add_bytes_field("card", STORED),
        };
        (builder.build(), fields)
    }

    pub fn document(&self, ordinal: u32, row: u32, entry: &ShelfRow) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        let card = &entry.card;
        let parents = card.path.strip_suffix(card.name.as_str()).unwrap_or(&card.path);
        document.add_text(self.name, &card.name);
        document.add_text(self.parents, parents);
        document.add_text(self.summary, &entry.text[..entry.text.floor_char_boundary(SUMMARY_BYTES)]);
        document.add_text(self.doc, &entry.text);
        document.add_text(self.signature, &card.signature);
        document.add_text(self.kind, &card.kind);
        for text in &entry.uses {
            document.add_text(self.uses, text);
        }
        if !entry.messages.is_empty() {
            document.add_text(self.messages, &entry.messages);
        }
        if let Some(body) = &entry.body {
            document.add_text(self.body, body);
        }
        let mut names = Vec::new();
        // Who types a name means the item, not a piece of it.
        for path in std::iter::once(&card.path).chain(&entry.paths).filter(|_| entry.body.is_none()) {
            push_suffixes(path, &mut names);
        }
        names.sort_unstable();
        names.dedup();
        names.push(spelled(&card.name));
        for name in names {
            document.add_text(self.exact, name);
        }
        for alias in &card.aliases {
            document.add_text(self.alias, fold_alias(alias));
        }
        if let Some(kept) = &entry.signature {
            kept.words.iter().for_each(|word| document.add_text(self.types, word));
            document.add_text(self.signature_text, &kept.text);
        }
        document.add_u64(self.package, u64::from(ordinal));
        document.add_u64(self.slot, slot(ordinal, row));
        document.add_u64(self.quality, u64::from(entry.quality));
        // A card is plain data; writing it as JSON cannot fail.
        document.add_bytes(self.card, &serde_json::to_vec(card).unwrap_or_default());
        document
    }
}

/// One number for a package's ordinal and a row of it.
pub fn slot(ordinal: u32, row: u32) -> u64 {
    u64::from(ordinal) << 32 | u64::from(row)
}

/// The ordinal and row of a slot.
pub fn from_slot(slot: u64) -> (u32, u32) {
    #[expect(clippy::cast_possible_truncation, reason = "each half is a u32")]
    let halves = ((slot >> 32) as u32, slot as u32);
    halves
}

/// A path as it is compared: lower case, without the marks that part words, segments kept.
/// `SpawnBlocking`, `spawn_blocking` and `spawn-blocking` are one, and so are `r#type` and `type`, and
/// a letter with its accent and the same written as two.
pub fn fold_path(path: &str) -> String {
    let segments: Vec<String> = path.split("::").map(fold_segment).filter(|part| !part.is_empty()).collect();
    segments.join("::")
}

/// A name as it is written, as no folded text is: `=ParIter` is not `=par_iter`.
pub fn spelled(name: &str) -> String {
    format!("={}", name.strip_prefix("r#").unwrap_or(name))
}

/// What something is called elsewhere as it is compared: like a name, or for what is none (`&&`, `c++`) by
/// its very marks.
pub fn fold_alias(alias: &str) -> String {
    let of_names = |c: char| c.is_alphanumeric() || c.is_whitespace() || matches!(c, '_' | '-' | ':' | '#');
    let folded = fold_path(alias);
    let is_name =
        !folded.is_empty() && alias.chars().all(of_names) && (!alias.contains('#') || alias.contains("r#"));
    if is_name { folded } else { alias.to_lowercase().split_whitespace().collect() }
}

fn fold_segment(segment: &str) -> String {
    let segment = segment.trim();
    let segment = segment.strip_prefix("r#").unwrap_or(segment);
    if segment.is_ascii() {
        let kept = segment.chars().filter(char::is_ascii_alphanumeric);
        return kept.map(|c| c.to_ascii_lowercase()).collect();
    }
    segment.nfc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn push_suffixes(path: &str, names: &mut Vec<String>) {
    let folded = fold_path(path);
    let mut rest = folded.as_str();
    loop {
        names.push(rest.to_string());
        match rest.split_once("::") {
            Some((_, after)) => rest = after,
            None => return,
        }
    }
}

/// The analyzers that the fields name.
pub fn tokenizers() -> TokenizerManager {
    let manager = TokenizerManager::default();
    manager.register(WORDS, WordTokenizer::default());
    manager
}

/// The distinct analyzed words of a query, in order.
pub fn query_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let Some(mut analyzer) = tokenizers().get(WORDS) else { return words };
    let mut stream = analyzer.token_stream(text);
    while stream.advance() {
        let word = &stream.token().text;
        if !words.contains(word) {
            words.push(word.clone());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_name_folds_to_one() {
        for spelling in
            ["spawn_blocking", "SpawnBlocking", "spawnBlocking", "spawn-blocking", "spawn blocking"]
        {
            assert_eq!(fold_path(spelling), "spawnblocking");
        }
        assert_eq!(fold_path("::tokio::task::spawn_blocking"), "tokio::task::spawnblocking");
        assert_eq!(fold_path("r#match::r#type"), "match::type");
        assert_eq!(fold_path("cafe\u{301}"), fold_path("caf\u{e9}"));
    }

    #[test]
    fn what_is_no_name_is_compared_by_its_marks() {
        assert_eq!(fold_alias("Fisher-Yates"), "fisheryates");
        assert_eq!(fold_alias("mem_copy"), fold_alias("MemCopy"));
        assert_eq!(fold_alias("r#type"), "type");
        assert_eq!(fold_alias("C++"), "c++");
        assert_eq!(fold_alias("c#"), "c#");
        assert_eq!(fold_alias("&&"), "&&");
        assert_eq!(fold_alias("::"), "::");
    }

    #[test]
    fn a_compound_is_found_in_parts_and_whole() {
        assert_eq!(query_words("spawn_blocking"), ["spawn", "block", "spawnblock"]);
        assert_eq!(query_words("the HashMap"), ["the", "hash", "map", "hashmap"]);
        assert!(query_words("!?").is_empty());
    }
}
