//! Finding functions by their signature on one shelf.

use std::collections::HashMap;

use tantivy::query::{BooleanQuery, Query, TermSetQuery};
use tantivy::{DocAddress, Term};

use super::fit::{SECOND_READING, TYPE_FOR_VARIABLE, fit};
use super::query::Wanted;
use super::types::Word;
use super::{SignatureQuery, read_kept};
use crate::search::candidates::{Candidates, View};
use crate::search::names::NameMatch;
use crate::search::shelf::Fields;

/// How many functions are compared: the best of those that have the words.
const COMPARED_MAX: usize = 20_000;

impl View<'_> {
    /// The `most` functions whose signature fits best, and of equal ones the best results.
    pub fn find_signatures(
        &self,
        query: &SignatureQuery<'_>,
        most: usize,
        found: &mut Candidates,
    ) -> tantivy::Result<()> {
        let mut fits: HashMap<DocAddress, u32> = HashMap::new();
        for (wanted, extra) in query.readings.iter().zip([0, SECOND_READING]) {
            for loosely in [false, true] {
                // Where a variable stands for a type, there is this between them at least.
                if loosely && fits.values().filter(|cost| **cost <= TYPE_FOR_VARIABLE).count() >= most {
                    continue;
                }
                let with_words = self.best(with_words(wanted, loosely, self.fields()), COMPARED_MAX)?;
                for (address, cost) in self.compare(wanted, &with_words)? {
                    let known = fits.entry(address).or_insert(u32::MAX);
                    *known = (*known).min(cost + extra);
                }
            }
        }
        let quality = |address: &DocAddress| self.snapshot.placed(*address).map_or(0, |(_, quality)| quality);
        let mut fits: Vec<(DocAddress, u32)> = fits.into_iter().collect();
        fits.sort_by_cached_key(|(address, cost)| (*cost, std::cmp::Reverse(quality(address)), *address));
        for (address, cost) in fits.into_iter().take(most) {
            let closeness = u8::MAX - u8::try_from(cost).unwrap_or(u8::MAX);
            self.note(address, found, |candidate| candidate.name = NameMatch::Signature(closeness));
        }
        Ok(())
    }

    /// Those of some functions that fit, each with what it lacks. Many have the same signature, which is read
    /// once.
    fn compare(&self, wanted: &Wanted<'_>, among: &[DocAddress]) -> tantivy::Result<Vec<(DocAddress, u32)>> {
        let mut fitting = Vec::new();
        for (segment, reader) in (0..).zip(self.snapshot.searcher.segment_readers()) {
            let Some(signatures) = reader.fast_fields().str("signature_text")? else { continue };
            let of_segment = among.iter().filter(|address| address.segment_ord == segment);
            let mut numbered: Vec<(u64, DocAddress)> = of_segment
                .filter_map(|address| Some((signatures.ords().first(address.doc_id)?, *address)))
                .collect();
            numbered.sort_unstable();
            let numbers: Vec<u64> = numbered.iter().map(|(number, _)| *number).collect();
            let (mut at, mut last) = (0, None);
            signatures.dictionary().sorted_ords_to_term_cb(&numbers, |text| {
                let Some((number, address)) = numbered.get(at) else { return };
                at += 1;
                let cost = match last {
                    Some((same, cost)) if same == *number => cost,
                    _ => std::str::from_utf8(text).ok().and_then(read_kept).and_then(|of| fit(wanted, &of)),
                };
                last = Some((*number, cost));
                fitting.extend(cost.map(|cost| (*address, cost)));
            })?;
        }
        Ok(fitting)
    }
}

/// What has all the words of a signature; loosely, a variable may stand in place of each.
fn with_words(wanted: &Wanted<'_>, loosely: bool, fields: &Fields) -> Box<dyn Query> {
    let term = |word: &Word| Term::from_field_text(fields.types, &word.to_string());
    let mut clauses: Vec<Box<dyn Query>> = Vec::new();
    for word in wanted.signature.words() {
        let terms = match &word {
            Word::Name(side, _) if loosely => vec![term(&word), term(&Word::Variable(*side))],
            Word::Variable(_) if loosely => continue,
            _ => vec![term(&word)],
        };
        clauses.push(Box::new(TermSetQuery::new(terms)));
    }
    if clauses.is_empty() {
        let functions = ["fn", "method"].map(|kind| Term::from_field_text(fields.kind, kind));
        clauses.push(Box::new(TermSetQuery::new(functions)));
    }
    Box::new(BooleanQuery::intersection(clauses))
}
