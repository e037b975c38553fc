//! Finding by meaning on one shelf, beside what words find.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED};

use super::candidates::{Candidates, Statistics, View};
use super::shelf::{QueryVector, ShelvedPackage, from_slot, slot};
use crate::embed::DIMENSIONS;

/// How many candidates meaning offers to the ranking.
const NEAR_MAX: usize = 200;
/// How many vectors are looked at for each that is wanted, of those whose signs differ least.
const LOOKED_AT: usize = 20;

impl View<'_> {
    /// Items that hold the words, and items near the query's vector, each found beside the other.
    pub fn find_words_and_near(
        &self,
        typed: &str,
        statistics: &Statistics<'_>,
        near: Option<(&QueryVector, &str)>,
        found: &mut Candidates,
    ) -> tantivy::Result<()> {
        let nearest = || near.map(|(query, model)| self.nearest_by_signs(query, model, NEAR_MAX));
        let (words, nearest) = rayon::join(|| self.find_words(typed, statistics, found), nearest);
        words?;
        for (cosine, slot) in nearest.transpose()?.unwrap_or_default() {
            found.entry(slot).or_default().cosine = cosine;
        }
        Ok(())
    }

    /// At least the `wanted` items nearest to the query's vector, however far they are, with the cosines of
    /// the vectors themselves. Those that int8 puts first hold the true ones: there are more of them, and
    /// what int8 loses is far less than what lies between the first and the last.
    pub fn find_nearest(
        &self,
        query: &QueryVector,
        model: &str,
        wanted: usize,
        found: &mut Candidates,
    ) -> tantivy::Result<()> {
        let packages: HashMap<u32, &ShelvedPackage> =
            self.shelved().map(|package| (package.shelved.ordinal, package)).collect();
        for (_, slot) in self.nearest(query, model, wanted.max(NEAR_MAX), f32::NEG_INFINITY)? {
            let (ordinal, row) = from_slot(slot);
            if let Some(package) = packages.get(&ordinal) {
                found.entry(slot).or_default().cosine = package.vectors.exact_cosine(row as usize, query);
            }
        }
        Ok(())
    }

    /// The slots of the `most` rows whose cosine is greatest, and above `least`.
    fn nearest(
        &self,
        query: &QueryVector,
        model: &str,
        most: usize,
        least: f32,
    ) -> tantivy::Result<Vec<(f32, u64)>> {
        let allowed = self.rows_of_kinds()?;
        let packages: Vec<&ShelvedPackage> = self.of_model(model).collect();
        let near = packages
            .par_iter()
            .flat_map_iter(|package| nearest_of(package, query, allowed.as_ref(), most, least))
            .collect();
        Ok(first(near, most))
    }

    /// The same in an eighth of the time, but for some of the last: of those whose signs differ least.
    fn nearest_by_signs(
        &self,
        query: &QueryVector,
        model: &str,
        most: usize,
    ) -> tantivy::Result<Vec<(f32, u64)>> {
        let packages: Vec<&ShelvedPackage> = self.of_model(model).collect();
        let looked_at = LOOKED_AT * most;
        let vectors: usize = packages.iter().map(|package| package.vectors.vectors()).sum();
        // Where kinds are chosen, what differs least may be of others.
        if vectors <= looked_at || !self.kinds.is_empty() {
            return self.nearest(query, model, most, f32::MIN_POSITIVE);
        }
        let differences: Vec<Vec<u16>> =
            packages.par_iter().map(|package| package.vectors.differences(query)).collect();
        let farthest = farthest(&differences, looked_at);
        let near = packages.par_iter().zip(&differences).flat_map_iter(|(package, differences)| {
            let rows = package.vectors.rows_within(differences, farthest);
            let cosine = |row: usize| (package.vectors.cosine(row, query), row);
            let ordinal = package.shelved.ordinal;
            let rows = rows.into_iter().map(cosine).filter(|(cosine, _)| *cosine > 0.0);
            rows.map(move |(cosine, row)| (cosine, slot(ordinal, u32::try_from(row).unwrap_or(u32::MAX))))
        });
        Ok(first(near.collect(), most))
    }

    /// The packages that can be compared with a query of a model.
    fn of_model(&self, model: &str) -> impl Iterator<Item = &ShelvedPackage> {
        self.shelved().filter(move |package| package.shelved.model == model)
    }

    /// Gives every candidate that was found by words its cosine as well.
    pub fn fill_cosines(&self, query: &QueryVector, model: &str, found: &mut Candidates) {
        let by_ordinal: HashMap<u32, &ShelvedPackage> =
            self.of_model(model).map(|package| (package.shelved.ordinal, package)).collect();
        for (slot, candidate) in found.iter_mut().filter(|(_, candidate)| candidate.cosine == 0.0) {
            let (ordinal, row) = from_slot(*slot);
            if let Some(package) = by_ordinal.get(&ordinal) {
                candidate.cosine = package.vectors.cosine(row as usize, query);
            }
        }
    }

    /// The rows of the wanted kinds, by package; `None` where every kind is wanted.
    fn rows_of_kinds(&self) -> tantivy::Result<Option<HashMap<u32, HashSet<u32>>>> {
        if self.kinds.is_empty() {
            return Ok(None);
        }
        let mut rows: HashMap<u32, HashSet<u32>> = HashMap::new();
        for reader in self.snapshot.searcher.segment_readers() {
            let slots = reader.fast_fields().u64("slot")?;
            let inverted = reader.inverted_index(self.fields().kind)?;
            for term in self.kind_terms() {
                let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::Basic)? else {
                    continue;
                };
                while postings.doc() != TERMINATED {
                    let (ordinal, row) = slots.first(postings.doc()).map(from_slot).unwrap_or_default();
                    if self.packages.contains_key(&ordinal) {
                        rows.entry(ordinal).or_default().insert(row);
                    }
                    postings.advance();
                }
            }
        }
        Ok(Some(rows))
    }
}

/// The first of rows, the nearest first.
fn first(mut near: Vec<(f32, u64)>, most: usize) -> Vec<(f32, u64)> {
    let nearest_first = |a: &(f32, u64), b: &(f32, u64)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if near.len() > most {
        near.select_nth_unstable_by(most, nearest_first);
        near.truncate(most);
    }
    near.sort_unstable_by(nearest_first);
    near
}

/// How many signs may differ for so many vectors, or some more, to be within.
fn farthest(differences: &[Vec<u16>], wanted: usize) -> u16 {
    let mut counts = [0_usize; DIMENSIONS + 1];
    for differing in differences.iter().flatten() {
        if let Some(count) = counts.get_mut(usize::from(*differing)) {
            *count += 1;
        }
    }
    let mut within = 0;
    let far = counts.iter().position(|count| {
        within += count;
        within >= wanted
    });
    far.and_then(|far| u16::try_from(far).ok()).unwrap_or(u16::MAX)
}

/// The nearest rows of one package.
fn nearest_of(
    package: &ShelvedPackage,
    query: &QueryVector,
    allowed: Option<&HashMap<u32, HashSet<u32>>>,
    most: usize,
    mut least: f32,
) -> Vec<(f32, u64)> {
    let ordinal = package.shelved.ordinal;
    let rows = match allowed {
        None => None,
        Some(allowed) => match allowed.get(&ordinal) {
            None => return Vec::new(),
            rows => rows,
        },
    };
    let mut near: Vec<(f32, u64)> = Vec::new();
    for (row, cosine) in (0_u32..).zip(package.vectors.cosines(query)) {
        let is_wanted = |row: u32| {
            rows.is_none_or(|rows| rows.contains(&row)) && package.vectors.has_direction(row as usize)
        };
        if cosine > least && is_wanted(row) {
            near.push((cosine, slot(ordinal, row)));
            if near.len() >= 2 * most {
                near.select_nth_unstable_by(most - 1, |a, b| b.0.total_cmp(&a.0));
                near.truncate(most);
                least = near.iter().fold(f32::MAX, |least, (cosine, _)| least.min(*cosine));
            }
        }
    }
    near
}
