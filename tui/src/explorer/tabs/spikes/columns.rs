//! How a row of the list uses its width: the claim has what it needs before anything else is told of it.

use unicode_width::UnicodeWidthStr;
use zenith_harness::Spike;

pub const ID_COLUMNS: usize = 4;
pub const VERDICT_COLUMNS: usize = 9;
pub const TIME_COLUMNS: usize = 8;
pub const TARGET_COLUMNS: usize = 21;
/// The last values of a figure: as few as tell something, and as many as are kept.
const TREND_COLUMNS_MIN: usize = 8;
const TREND_COLUMNS_MAX: usize = 30;
/// What a claim keeps, and narrower lists go without the time.
const TITLE_COLUMNS_MIN: usize = 44;
const COLUMNS_WITH_TIME: usize = 40;

/// What of an outcome a row tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    pub has_time: bool,
    pub has_target: bool,
    /// Columns of the trend; none where it is not told.
    pub trend: usize,
}

impl Columns {
    /// Of a list that is so wide; where nothing was found yet, nothing but a verdict is told. What no claim needs makes
    /// the trend longer.
    pub fn of(width: usize, spikes: &[Spike], has_found: bool) -> Columns {
        let longest = spikes.iter().map(|spike| spike.title.width()).max().unwrap_or(0);
        let has_time = has_found && width >= COLUMNS_WITH_TIME;
        let mut columns = Columns { has_time, has_target: false, trend: 0 };
        let left = |columns: Columns| width.saturating_sub(ID_COLUMNS + 2 + columns.width());
        columns.has_target = has_found && left(columns) >= TITLE_COLUMNS_MIN + TARGET_COLUMNS + 2;
        if columns.has_target && left(columns) > TITLE_COLUMNS_MIN + TREND_COLUMNS_MIN {
            let spare = left(columns).saturating_sub(longest + TREND_COLUMNS_MIN + 1);
            columns.trend = (TREND_COLUMNS_MIN + spare).min(TREND_COLUMNS_MAX);
        }
        columns
    }

    /// All of them together.
    pub fn width(self) -> usize {
        let time = if self.has_time { TIME_COLUMNS + 1 } else { 0 };
        let target = if self.has_target { TARGET_COLUMNS + 2 } else { 0 };
        let trend = if self.trend > 0 { self.trend + 1 } else { 0 };
        VERDICT_COLUMNS + 1 + time + target + trend
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wider_list_tells_more_and_never_at_the_cost_of_the_claim() {
        let spikes = zenith_spikes::all();
        let longest = spikes.iter().map(|spike| spike.title.width()).max().unwrap();
        let of = |width| Columns::of(width, spikes, true);
        assert_eq!(Columns::of(400, spikes, false).width(), VERDICT_COLUMNS + 1);
        assert_eq!(of(30), Columns { has_time: false, has_target: false, trend: 0 });
        assert_eq!(of(80), Columns { has_time: true, has_target: false, trend: 0 });
        assert_eq!(of(110), Columns { has_time: true, has_target: true, trend: TREND_COLUMNS_MIN });
        assert_eq!(of(400).trend, TREND_COLUMNS_MAX);
        for width in 0..400 {
            let (columns, wider) = (of(width), of(width + 1));
            assert!(columns.width() <= wider.width(), "{width}");
            let title = width.saturating_sub(ID_COLUMNS + 2 + columns.width());
            assert!(!columns.has_target || title >= TITLE_COLUMNS_MIN, "{width}");
            assert!(columns.trend <= TREND_COLUMNS_MIN || title >= longest, "{width}");
        }
    }
}
