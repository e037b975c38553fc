//! Peers of the search: what a program would call that had no Zenith.

use std::path::Path;
use std::sync::Arc;

use futures::TryStreamExt;
use lancedb::arrow::arrow_schema::{DataType, Field, Schema};
use lancedb::query::{ExecutableQuery, QueryBase};
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{IndexRecordOption, STORED, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{Index, IndexReader, TantivyDocument, Term, doc};
use tokio::runtime::Runtime;
use zenith_benches::gate::keep;
use zenith_core::embed::DIMENSIONS;
use zenith_core::search::shelf::{WordTokenizer, query_words};

/// Vectors in a dataset of Lance's, without an index.
pub struct Lance {
    runtime: Runtime,
    table: lancedb::Table,
}

impl Lance {
    pub fn of(folder: &Path, vectors: &[f32]) -> Lance {
        let runtime = Runtime::new().expect("threads can be started");
        let table = runtime.block_on(async {
            let width = i32::try_from(DIMENSIONS).expect("a few hundred");
            let item = Arc::new(Field::new("item", DataType::Float32, true));
            let field = Field::new("vector", DataType::FixedSizeList(item.clone(), width), true);
            let values = Arc::new(arrow_array::Float32Array::from(vectors.to_vec()));
            let list =
                arrow_array::FixedSizeListArray::try_new(item, width, values, None).expect("whole rows");
            let schema = Arc::new(Schema::new(vec![field]));
            let batch = arrow_array::RecordBatch::try_new(schema, vec![Arc::new(list)]).expect("a batch");
            let uri = folder.to_str().expect("a path of letters");
            let connection = lancedb::connect(uri).execute().await.expect("it opens");
            connection.create_table("vectors", batch).execute().await.expect("it is written")
        });
        Lance { runtime, table }
    }

    /// How many of the nearest it finds.
    pub fn nearest(&self, wanted: &[f32], top: usize) -> usize {
        self.runtime.block_on(async {
            let query = self.table.query().nearest_to(wanted).expect("a vector").limit(top);
            let batches: Vec<arrow_array::RecordBatch> =
                query.execute().await.expect("it answers").try_collect().await.expect("it answers");
            batches.iter().map(arrow_array::RecordBatch::num_rows).sum()
        })
    }
}

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
