//! The list of packages.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use tui_input::Input;
use zenith_core::catalog::CatalogEntry;
use zenith_core::identity::Scope;
use zenith_core::package::{PackageId, Tier};
use zenith_core::search::Project;

use super::sort::Sort;
use crate::count::Count;
use crate::explorer::parts::fuzzy::{Filter, Fit};
use crate::explorer::parts::list::Cursor;
use crate::explorer::parts::standing::Standing;

/// A row of the list of packages.
#[derive(Clone, Debug, PartialEq)]
pub enum PackageRow {
    Tier { tier: Tier, expanded: bool, packages: Count, symbols: u64 },
    Package { entry: Arc<CatalogEntry>, standing: Standing },
}

#[derive(Debug, Default)]
pub struct PackageList {
    pub rows: Vec<PackageRow>,
    pub cursor: Cursor,
    pub filter: Input,
    pub sort: Sort,
    /// How many packages the filter leaves.
    pub left: usize,
    /// What stood in the filter before the last change.
    before: String,
    collapsed: HashSet<Tier>,
}

/// A package that the filter leaves.
struct Found<'a> {
    fit: Option<Fit>,
    standing: Standing,
    entry: &'a Arc<CatalogEntry>,
}

impl PackageList {
    /// Makes the rows anew, and keeps the selection on what it was on. What a filter leaves is ordered by how well it
    /// fits.
    pub fn refresh(&mut self, packages: &[Arc<CatalogEntry>], project: Option<&Project>) {
        let selected = self.rows.get(self.cursor.selected).cloned();
        let mut filter = self.matcher();
        let mut found = Vec::with_capacity(packages.len());
        for entry in packages {
            let fit = filter.as_mut().map(|filter| filter.fit(entry.id.name()));
            if fit != Some(None) {
                found.push(Found { fit: fit.flatten(), standing: Standing::of(entry, project), entry });
            }
        }
        let sort = self.sort;
        found.sort_by(|a, b| {
            let by_sort = || sort.compare((a.standing, a.entry), (b.standing, b.entry));
            b.fit.cmp(&a.fit).then_with(by_sort)
        });
        self.left = found.len();
        self.rows = match sort {
            Sort::Tier => self.by_tier(found),
            _ => found.into_iter().map(Found::row).collect(),
        };
        if let Some(place) = selected.and_then(|selected| self.place_of(&selected)) {
            self.cursor.selected = place;
        }
    }

    /// Below a heading for each tier; the tier with what fits best first.
    fn by_tier(&self, found: Vec<Found<'_>>) -> Vec<PackageRow> {
        // One's own code first: it is little, and would be out of sight below the public packages.
        let mut tiers = [Tier::Private, Tier::Team, Tier::Public].map(|tier| (tier, None, Vec::new()));
        for found in found {
            let own = tiers.iter_mut().find(|(tier, ..)| *tier == found.entry.tier());
            if let Some((_, best, own)) = own {
                *best = (*best).max(found.fit);
                own.push(found);
            }
        }
        tiers.sort_by_key(|(_, best, _)| Reverse(*best));
        let mut rows = Vec::new();
        for (tier, _, found) in tiers {
            let expanded = self.is_filtered() || !self.collapsed.contains(&tier);
            let symbols = found.iter().map(|found| found.entry.symbol_count).sum();
            let is_other = |found: &&Found<'_>| found.standing == Standing::OtherPlatform;
            let packages = Count { all: found.len(), others: found.iter().filter(is_other).count() };
            rows.push(PackageRow::Tier { tier, expanded, packages, symbols });
            if expanded {
                rows.extend(found.into_iter().map(Found::row));
            }
        }
        rows
    }

    /// Where a row stands now. Without headings that of a tier is its first package.
    fn place_of(&self, wanted: &PackageRow) -> Option<usize> {
        let identity = wanted.identity();
        let place = self.rows.iter().position(|row| row.identity() == identity);
        place.or_else(|| match identity {
            (tier, None) => self.rows.iter().position(|row| row.identity().0 == tier),
            _ => None,
        })
    }

    /// Orders the list by something else.
    pub fn sort_by(&mut self, sort: Sort) {
        self.sort = sort;
        self.open_tier_of_selected();
    }

    /// What is selected is not to vanish below the heading of a tier that is closed.
    pub fn open_tier_of_selected(&mut self) {
        if let Some(PackageRow::Package { entry, .. }) = self.selected() {
            let tier = entry.tier();
            self.collapsed.remove(&tier);
        }
    }

    pub fn is_filtered(&self) -> bool {
        !self.filter.value().trim().is_empty()
    }

    /// What is typed, as it finds letters.
    pub fn matcher(&self) -> Option<Filter> {
        Filter::new(self.filter.value())
    }

    pub fn selected(&self) -> Option<&PackageRow> {
        self.rows.get(self.cursor.selected)
    }

    /// Opens or closes a tier.
    pub fn toggle(&mut self, tier: Tier) {
        if !self.collapsed.remove(&tier) {
            self.collapsed.insert(tier);
        }
    }

    pub fn clear_filter(&mut self) {
        self.filter.reset();
        self.before.clear();
    }

    /// Whether something was taken away from the filter since this was asked last: what is selected fits all the more.
    pub fn is_wider(&mut self) -> bool {
        let now = self.filter.value().to_string();
        let before = std::mem::replace(&mut self.before, now);
        before.len() > self.before.len() && before.starts_with(&self.before)
    }

    /// Selects the first package that is left by a filter, which fits best.
    pub fn select_first_package(&mut self) {
        let is_package = |row: &PackageRow| matches!(row, PackageRow::Package { .. });
        self.cursor.selected = self.rows.iter().position(is_package).unwrap_or(0);
    }

    /// Selects a package, if it is in the list.
    pub fn select(&mut self, scope: &Scope, id: &PackageId) {
        let is_it = |row: &PackageRow| row.identity().1 == Some((scope, id));
        self.cursor.selected = self.rows.iter().position(is_it).unwrap_or(self.cursor.selected);
    }

    /// Selects the row of a tier.
    pub fn select_tier(&mut self, wanted: Tier) {
        let is_it = |row: &PackageRow| matches!(row, PackageRow::Tier { tier, .. } if *tier == wanted);
        self.cursor.selected = self.rows.iter().position(is_it).unwrap_or(self.cursor.selected);
    }
}

impl Found<'_> {
    fn row(self) -> PackageRow {
        PackageRow::Package { entry: self.entry.clone(), standing: self.standing }
    }
}

impl PackageRow {
    /// What stays the same while counts and states change.
    fn identity(&self) -> (Tier, Option<(&Scope, &PackageId)>) {
        match self {
            PackageRow::Tier { tier, .. } => (*tier, None),
            PackageRow::Package { entry, .. } => (entry.tier(), Some((&entry.scope, &entry.id))),
        }
    }
}
