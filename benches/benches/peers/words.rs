//! What a program would call that finds words by tantivy and has no Zenith.

use std::path::Path;

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{IndexRecordOption, STORED, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{Index, IndexReader, TantivyDocument, Term, doc};
use zenith_benches::gate::keep;
use zenith_core::search::shelf::{WordTokenizer, query_words};

/// A plain index of the same tokens.
pub struct Plain {
    reader: IndexReader,
    text: tantivy::schema::Field,
}

impl Plain {
    pub fn of(folder: &Path, texts: &[String]) -> Plain {
        std::fs::create_dir_all(folder).expect("there is a place for files");
        let mut schema = tantivy::schema::Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("words")
            .set_index_option(IndexRecordOption::WithFreqs);
        let text =
            schema.add_text_field("text", TextOptions::default().set_indexing_options(indexing) | STORED);
        let index = Index::create_in_dir(folder, schema.build()).expect("an index can be made");
        index.tokenizers().register("words", TextAnalyzer::from(WordTokenizer::default()));
        let mut writer = index.writer_with_num_threads(1, 50_000_000).expect("it can be written");
        for one in texts {
            writer.add_document(doc!(text => one.as_str())).expect("it is taken");
        }
        writer.commit().expect("it is kept");
        Plain { reader: index.reader().expect("it can be read"), text }
    }

    /// How many of the best it finds, with their texts read.
    pub fn find(&self, query: &str, top: usize) -> usize {
        let term = |word: String| -> (Occur, Box<dyn Query>) {
            let term = Term::from_field_text(self.text, &word);
            (Occur::Should, Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)))
        };
        let query = BooleanQuery::new(query_words(query).into_iter().map(term).collect());
        let searcher = self.reader.searcher();
        let found = searcher.search(&query, &TopDocs::with_limit(top).order_by_score()).expect("it answers");
        for (_, address) in &found {
            keep(searcher.doc::<TantivyDocument>(*address).expect("it reads"));
        }
        found.len()
    }
}
