//! How the text index reads text: as words, stemmed.

use std::collections::HashMap;

use tantivy::tokenizer::{Language, RawTokenizer, Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer};

use crate::words::for_each_word;

/// Splits identifiers into words, and keeps each compound whole as well, so that `spawnblocking`
/// and `hashmap` find what is written with a mark or a capital between.
#[derive(Clone)]
pub struct WordTokenizer {
    tokens: Vec<Token>,
    stemmer: TextAnalyzer,
    /// Text repeats its words: most are stemmed once.
    stems: HashMap<String, String>,
}

pub struct WordStream<'a> {
    tokens: &'a mut Vec<Token>,
    next: usize,
}

impl Default for WordTokenizer {
    fn default() -> WordTokenizer {
        let stemmer =
            TextAnalyzer::builder(RawTokenizer::default()).filter(Stemmer::new(Language::English)).build();
        WordTokenizer { tokens: Vec::new(), stemmer, stems: HashMap::new() }
    }
}

impl WordTokenizer {
    /// What words of one stem have in common.
    pub fn stem(&mut self, word: &str) -> String {
        if let Some(stem) = self.stems.get(word) {
            return stem.clone();
        }
        let mut stream = self.stemmer.token_stream(word);
        let stem = if stream.advance() { stream.token().text.clone() } else { word.to_string() };
        if self.stems.len() == STEMS_MAX {
            self.stems.clear();
        }
        self.stems.insert(word.to_string(), stem.clone());
        stem
    }
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        self.tokens.clear();
        let mut position = 0;
        for compound in text.split(|c: char| !(c.is_alphanumeric() || c == '_')) {
            let first = self.tokens.len();
            let mut whole = String::new();
            for_each_word(compound, |word| {
                whole.push_str(word);
                let text = self.stem(word);
                self.tokens.push(Token { text, position, ..Token::default() });
                position += 1;
                true
            });
            if (2..=COMPOUND_WORDS_MAX).contains(&(self.tokens.len() - first)) {
                let text = self.stem(&whole);
                self.tokens.push(Token { text, position: position - 1, ..Token::default() });
            }
        }
        WordStream { tokens: &mut self.tokens, next: 0 }
    }
}

/// A longer compound is a sentence in disguise (a test's name), which nobody types whole.
pub const COMPOUND_WORDS_MAX: usize = 4;
/// Stems that are kept: what bounds memory.
const STEMS_MAX: usize = 32_768;

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.next <= self.tokens.len()
    }

    fn token(&self) -> &Token {
        &self.tokens[self.next - 1]
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.tokens[self.next - 1]
    }
}
