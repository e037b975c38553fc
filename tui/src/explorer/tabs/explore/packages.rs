//! The list of packages, by tier.

use std::collections::HashSet;
use std::sync::Arc;

use tui_input::Input;
use zenith_core::catalog::CatalogEntry;
use zenith_core::package::{PackageId, Tier};
use zenith_core::search::Project;

use crate::count::Count;
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
    collapsed: HashSet<Tier>,
}

impl PackageList {
    /// Makes the rows anew, and keeps the selection on what it was on.
    pub fn refresh(&mut self, packages: &[Arc<CatalogEntry>], project: Option<&Project>) {
        let selected = self.rows.get(self.cursor.selected).map(PackageRow::identity);
        let filter = self.filter.value().trim().to_lowercase();
        let mut rows = Vec::with_capacity(packages.len() + 3);
        // One's own code first: it is little, and would be out of sight below the public packages.
        for tier in [Tier::Private, Tier::Team, Tier::Public] {
            let mut found: Vec<(Standing, &Arc<CatalogEntry>)> = packages
                .iter()
                .filter(|entry| entry.tier() == tier && entry.id.name().to_lowercase().contains(&filter))
                .map(|entry| (Standing::of(entry, project), entry))
                .collect();
            found.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
            let expanded = !filter.is_empty() || !self.collapsed.contains(&tier);
            let symbols = found.iter().map(|(_, entry)| entry.symbol_count).sum();
            let is_other = |found: &&(Standing, _)| found.0 == Standing::OtherPlatform;
            let packages = Count { all: found.len(), others: found.iter().filter(is_other).count() };
            rows.push(PackageRow::Tier { tier, expanded, packages, symbols });
            if expanded {
                let package = |(standing, entry): (Standing, &Arc<CatalogEntry>)| PackageRow::Package {
                    entry: entry.clone(),
                    standing,
                };
                rows.extend(found.into_iter().map(package));
            }
        }
        let place = selected.and_then(|selected| rows.iter().position(|row| row.identity() == selected));
        self.cursor.selected = place.unwrap_or(self.cursor.selected);
        self.rows = rows;
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

    /// Selects the first package that is left by a filter.
    pub fn select_first_package(&mut self) {
        let is_package = |row: &PackageRow| matches!(row, PackageRow::Package { .. });
        self.cursor.selected = self.rows.iter().position(is_package).unwrap_or(0);
    }

    /// Selects the row of a tier.
    pub fn select_tier(&mut self, wanted: Tier) {
        let is_it = |row: &PackageRow| matches!(row, PackageRow::Tier { tier, .. } if *tier == wanted);
        self.cursor.selected = self.rows.iter().position(is_it).unwrap_or(self.cursor.selected);
    }
}

impl PackageRow {
    /// What stays the same while counts and states change.
    fn identity(&self) -> (Tier, Option<PackageId>) {
        match self {
            PackageRow::Tier { tier, .. } => (*tier, None),
            PackageRow::Package { entry, .. } => (entry.tier(), Some(entry.id.clone())),
        }
    }
}
