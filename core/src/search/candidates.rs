//! What a search looks at of one shelf, and what it finds there by words.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::collector::TopDocs;
use tantivy::query::{
    AllQuery, Bm25StatisticsProvider, BooleanQuery, BoostQuery, ConstScoreQuery, Occur, Query, TermQuery,
    TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocSet, Searcher, TERMINATED, Term};

use super::names::NameMatch;
use super::shelf::{Fields, ShelvedPackage, Snapshot, TraitFile, fold_alias, from_slot, query_words};
use crate::catalog::CatalogEntry;

/// How many candidates words offer to the ranking.
const WORDS_MAX: usize = 200;

/// What a field's words weigh. Names are found by `names::find` as well.
const NAME_BOOST: f32 = 1.0;
const ALIAS_BOOST: f32 = 1.0;
const PARENTS_BOOST: f32 = 1.0;
const SUMMARY_BOOST: f32 = 2.0;
const DOC_BOOST: f32 = 0.1;
const SIGNATURE_BOOST: f32 = 0.05;
const USES_BOOST: f32 = 0.5;
const MESSAGES_BOOST: f32 = 0.5;
const BODY_BOOST: f32 = 0.5;

/// One shelf together with the packages of it that a search may touch.
pub struct View<'a> {
    pub snapshot: Arc<Snapshot>,
    /// By ordinal.
    pub(super) packages: HashMap<u32, Member<'a>>,
    /// Whether some of the shelf lies outside the search.
    restricted: bool,
    pub(super) kinds: Vec<String>,
}

/// A package that a search may touch.
#[derive(Clone)]
pub struct Member<'a> {
    pub entry: &'a CatalogEntry,
    pub traits: Arc<TraitFile>,
    /// A newer version of the package is among those that are searched.
    pub is_older: bool,
    rows: u32,
}

/// What is known of an item that may be a result.
#[derive(Clone, Copy, Debug, Default)]
pub struct Candidate {
    pub words: f32,
    pub cosine: f32,
    pub name: NameMatch,
    /// Where its card lies, where that was what was found.
    pub address: Option<DocAddress>,
}

/// Candidates by slot.
pub type Candidates = HashMap<u64, Candidate>;

/// Whether what was found are functions of a signature.
pub fn by_signature(found: &[Candidates]) -> bool {
    let mut all = found.iter().flat_map(HashMap::values);
    all.any(|candidate| matches!(candidate.name, NameMatch::Signature(_)))
}

impl<'a> View<'a> {
    /// The part of a snapshot that `entries` name by their datasets; `None` where there is none.
    pub fn new(
        snapshot: Arc<Snapshot>,
        entries: impl Iterator<Item = &'a CatalogEntry>,
        kinds: &[String],
    ) -> Option<View<'a>> {
        let entries: Vec<&CatalogEntry> = entries.collect();
        let mut newest: HashMap<&str, &str> = HashMap::new();
        for entry in &entries {
            let version = newest.entry(entry.id.name()).or_insert(entry.id.version());
            if is_newer(entry.id.version(), version) {
                *version = entry.id.version();
            }
        }
        let mut packages = HashMap::new();
        for entry in &entries {
            if let Some(dataset) = &entry.dataset
                && let Some(package) = snapshot.package(&entry.id, dataset)
            {
                let ShelvedPackage { shelved, traits, .. } = package;
                let is_older =
                    newest.get(entry.id.name()).is_some_and(|newest| *newest != entry.id.version());
                let member = Member { entry, traits: traits.clone(), is_older, rows: shelved.rows };
                packages.insert(shelved.ordinal, member);
            }
        }
        let restricted = packages.len() < snapshot.packages().count();
        (!packages.is_empty()).then(|| View { snapshot, packages, restricted, kinds: kinds.to_vec() })
    }

    /// The part of this view whose packages are wanted; `None` where that is nothing.
    pub fn part(&self, is_wanted: impl Fn(&str) -> bool) -> Option<View<'a>> {
        let wanted = self.packages.iter().filter(|(_, member)| is_wanted(member.entry.id.name()));
        let packages: HashMap<u32, Member<'a>> =
            wanted.map(|(ordinal, member)| (*ordinal, member.clone())).collect();
        let (snapshot, kinds) = (self.snapshot.clone(), self.kinds.clone());
        (!packages.is_empty()).then_some(View { snapshot, packages, restricted: true, kinds })
    }

    /// The package that a slot's row belongs to.
    pub fn member(&self, slot: u64) -> Option<&Member<'a>> {
        self.packages.get(&from_slot(slot).0)
    }

    /// The packages' names, each with how many rows it has.
    pub fn packages(&self) -> impl Iterator<Item = (&'a str, u32)> {
        self.packages.values().map(|member| (member.entry.id.name(), member.rows))
    }

    pub(super) fn fields(&self) -> &Fields {
        &self.snapshot.fields
    }

    pub(super) fn shelved(&self) -> impl Iterator<Item = &ShelvedPackage> {
        self.snapshot.packages().filter(|package| self.packages.contains_key(&package.shelved.ordinal))
    }

    /// Items that hold the words, by BM25 over the statistics of everything visible.
    pub(super) fn find_words(
        &self,
        typed: &str,
        statistics: &Statistics<'_>,
        found: &mut Candidates,
    ) -> tantivy::Result<()> {
        let words = query_words(typed);
        let fields = self.fields();
        let weighted = [
            (fields.name, NAME_BOOST),
            (fields.parents, PARENTS_BOOST),
            (fields.summary, SUMMARY_BOOST),
            (fields.doc, DOC_BOOST),
            (fields.signature, SIGNATURE_BOOST),
            (fields.uses, USES_BOOST),
            (fields.messages, MESSAGES_BOOST),
            (fields.body, BODY_BOOST),
        ];
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for word in words.iter().filter(|word| words.len() == 1 || !is_stop_word(word)) {
            for (field, boost) in weighted {
                let term = TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::WithFreqs);
                clauses.push((Occur::Should, Box::new(BoostQuery::new(Box::new(term), boost))));
            }
        }
        for word in typed.split_whitespace().map(fold_alias).filter(|word| !word.is_empty()) {
            let term = TermQuery::new(Term::from_field_text(fields.alias, &word), IndexRecordOption::Basic);
            clauses.push((Occur::Should, Box::new(BoostQuery::new(Box::new(term), ALIAS_BOOST))));
        }
        if clauses.is_empty() {
            return Ok(());
        }
        let query = self.within(Box::new(BooleanQuery::new(clauses)));
        let top = TopDocs::with_limit(WORDS_MAX).order_by_score();
        let searcher = &self.snapshot.searcher;
        let hits = searcher.search_with_statistics_provider(query.as_ref(), &top, statistics)?;
        for (score, address) in hits {
            self.note(address, found, |candidate| candidate.words = score);
        }
        Ok(())
    }

    /// The best items whatever the words: what an empty query shows.
    pub fn find_best(&self, found: &mut Candidates) -> tantivy::Result<()> {
        for address in self.best(Box::new(AllQuery), WORDS_MAX)? {
            self.note(address, found, |_| {});
        }
        Ok(())
    }

    /// Where the card of a slot lies that was found by its vector.
    pub fn locate(&self, slot: u64) -> Option<DocAddress> {
        let term = Term::from_field_u64(self.fields().slot, slot);
        for (segment, reader) in (0..).zip(self.snapshot.searcher.segment_readers()) {
            let inverted = reader.inverted_index(self.fields().slot).ok()?;
            let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::Basic).ok()? else {
                continue;
            };
            while postings.doc() != TERMINATED {
                let address = DocAddress::new(segment, postings.doc());
                if !reader.is_deleted(address.doc_id) {
                    return Some(address);
                }
                postings.advance();
            }
        }
        None
    }

    /// Notes something of the candidate that a document is.
    pub(super) fn note(
        &self,
        address: DocAddress,
        found: &mut Candidates,
        what: impl FnOnce(&mut Candidate),
    ) {
        if let Some((slot, _)) = self.snapshot.placed(address) {
            let candidate = found.entry(slot).or_default();
            candidate.address = Some(address);
            what(candidate);
        }
    }

    /// The best documents that a query matches, by quality.
    pub(super) fn best(&self, query: Box<dyn Query>, limit: usize) -> tantivy::Result<Vec<DocAddress>> {
        let top = TopDocs::with_limit(limit).order_by_fast_field::<u64>("quality", tantivy::Order::Desc);
        let hits = self.snapshot.searcher.search(self.within(query).as_ref(), &top)?;
        Ok(hits.into_iter().map(|(_, address)| address).collect())
    }

    /// A query limited to this view's packages and kinds; neither changes a score.
    fn within(&self, query: Box<dyn Query>) -> Box<dyn Query> {
        // As it is, the best documents of a list of words are found without scoring all that hold one.
        if self.kinds.is_empty() && !self.restricted {
            return query;
        }
        let one_of = |terms: Vec<Term>| -> (Occur, Box<dyn Query>) {
            (Occur::Must, Box::new(ConstScoreQuery::new(Box::new(TermSetQuery::new(terms)), 0.0)))
        };
        let fields = self.fields();
        let mut clauses = vec![(Occur::Must, query)];
        if !self.kinds.is_empty() {
            clauses.push(one_of(self.kind_terms()));
        }
        if self.restricted {
            let term = |ordinal: &u32| Term::from_field_u64(fields.package, u64::from(*ordinal));
            clauses.push(one_of(self.packages.keys().map(term).collect()));
        }
        Box::new(BooleanQuery::new(clauses))
    }

    pub(super) fn kind_terms(&self) -> Vec<Term> {
        self.kinds.iter().map(|kind| Term::from_field_text(self.fields().kind, kind)).collect()
    }
}

/// Whether a version is newer than another one: number by number, and a release after what led to it.
fn is_newer(version: &str, other: &str) -> bool {
    let parts = |version: &str| -> (Vec<u64>, bool) {
        let (version, _) = version.split_once('+').unwrap_or((version, ""));
        let (numbers, before) = version.split_once('-').unwrap_or((version, ""));
        (numbers.split('.').map(|number| number.parse().unwrap_or(0)).collect(), before.is_empty())
    };
    parts(version) > parts(other)
}

/// Words that say nothing of an item. Dropped from longer queries: each would touch most documents.
pub fn is_stop_word(word: &str) -> bool {
    const STOP_WORDS: [&str; 36] = [
        "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "doe", "for", "from", "how", "i", "if",
        "in", "into", "is", "it", "me", "my", "of", "on", "or", "so", "that", "the", "thi", "to", "use",
        "want", "what", "when", "with", "you",
    ];
    STOP_WORDS.binary_search(&word).is_ok()
}

/// The word statistics of several shelves as if they were one.
pub struct Statistics<'a>(Vec<&'a Searcher>);

impl<'a> Statistics<'a> {
    pub fn of(views: &'a [View<'_>]) -> Statistics<'a> {
        Statistics(views.iter().map(|view| &view.snapshot.searcher).collect())
    }
}

impl Bm25StatisticsProvider for Statistics<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        self.0.iter().map(|searcher| searcher.total_num_tokens(field)).sum()
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        self.0.iter().map(|searcher| searcher.total_num_docs()).sum()
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        self.0.iter().map(|searcher| Bm25StatisticsProvider::doc_freq(*searcher, term)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert!(is_newer("0.10.0", "0.9.9") && is_newer("1.0.0", "1.0.0-rc.1"));
        assert!(!is_newer("1.0.0", "1.0.0") && !is_newer("1.0.0+a", "1.0.0+b") && !is_newer("x", "0.0.1"));
    }

    #[test]
    fn stop_words_are_sorted_as_their_search_needs() {
        for word in ["a", "the", "you", "how", "thi"] {
            assert!(is_stop_word(word), "{word}");
        }
        assert!(!is_stop_word("spawn"));
    }
}
