//! What is told of a package that has more symbols than are taken of one, by both faces of the program.

use zenith_core::catalog::CatalogEntry;
use zenith_core::ingest::SYMBOLS_MAX_CHOICES;
use zenith_core::lake::LeftOut;

use crate::text::grouped;

/// A setting is told as a round number.
const ROUND: u64 = 10_000;

/// How many are here of how many: `30,000 of 41,234`.
pub fn of_all(symbols: u64, left_out: LeftOut) -> String {
    format!("{} of {}", grouped(symbols), grouped(symbols.saturating_add(left_out.left_out)))
}

/// How to have the most that a package has: all of it, as far as a setting goes.
pub fn how_to_lift(symbols: u64) -> String {
    let most = u64::try_from(*SYMBOLS_MAX_CHOICES.end()).unwrap_or(u64::MAX);
    let number = symbols.checked_next_multiple_of(ROUND).unwrap_or(most).min(most);
    let what = if symbols > most { "more of them" } else { "them all" };
    format!("ZENITH_SYMBOLS={number}, or symbols = {number} in config.toml, takes {what} at the next index")
}

/// What is in doubt of a comparison: what was left out of one version is not in its rows.
pub fn in_doubt(entry: &CatalogEntry, left_out: LeftOut) -> String {
    let of = of_all(entry.symbol_count, left_out);
    format!(
        "{} has {of} symbols here: what seems to have come or gone may be one that was left out",
        entry.id
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_that_is_told_takes_all_where_there_is_one() {
        assert!(how_to_lift(41_234).starts_with("ZENITH_SYMBOLS=50000, or symbols = 50000"));
        assert!(how_to_lift(50_000).contains("=50000,") && how_to_lift(50_000).contains("them all"));
        for symbols in [1_000_001, u64::MAX] {
            assert!(how_to_lift(symbols).contains("=1000000,") && how_to_lift(symbols).contains("more of"));
        }
        let left_out = LeftOut { left_out: 11_234, symbols_max: 30_000 };
        assert_eq!(of_all(30_000, left_out), "30,000 of 41,234");
    }
}
