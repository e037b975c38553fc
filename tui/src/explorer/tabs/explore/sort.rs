//! What the list of packages is ordered by.

use std::cmp::{Ordering, Reverse};

use zenith_core::catalog::CatalogEntry;

use crate::explorer::parts::standing::Standing;

/// An order of the list. In that by tier each tier has a heading, and what the project asks for itself comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Tier,
    Name,
    /// The most symbols first.
    Size,
    /// What was indexed last first.
    Age,
}

impl Sort {
    const ALL: [Sort; 4] = [Sort::Tier, Sort::Name, Sort::Size, Sort::Age];

    pub fn next(self) -> Sort {
        let at = Sort::ALL.iter().position(|sort| *sort == self).unwrap_or(0);
        Sort::ALL.into_iter().cycle().nth(at + 1).unwrap_or_default()
    }

    pub fn word(self) -> &'static str {
        match self {
            Sort::Tier => "tier",
            Sort::Name => "name",
            Sort::Size => "size",
            Sort::Age => "age",
        }
    }

    /// The order of that word.
    pub fn of_word(word: &str) -> Option<Sort> {
        Sort::ALL.into_iter().find(|sort| sort.word() == word)
    }

    pub fn compare(self, a: (Standing, &CatalogEntry), b: (Standing, &CatalogEntry)) -> Ordering {
        let by_name = a.1.id.cmp(&b.1.id);
        match self {
            Sort::Tier => a.0.cmp(&b.0).then(by_name),
            Sort::Name => by_name,
            Sort::Size => Reverse(a.1.symbol_count).cmp(&Reverse(b.1.symbol_count)).then(by_name),
            Sort::Age => Reverse(a.1.indexed_at_ms).cmp(&Reverse(b.1.indexed_at_ms)).then(by_name),
        }
    }
}
