//! What fits on a screen: the vector query over 10,000 rows on a bucket far away, in bars, out of F5's evidence or
//! out of the committed report.

use std::sync::LazyLock;
use std::time::Duration;

use zenith_harness::{Evidence, Figure, Unit};

use super::axes::{State, Way};
use super::conclusion::FAR_MS;
use super::data::{Measurement, Report, Size};

/// The size that is compared.
pub const ROWS: usize = 10_000;

/// The report that was committed with this program.
static COMMITTED: LazyLock<Option<Report>> = LazyLock::new(|| {
    // A test reads the same file, so it is never absent where tests pass.
    serde_json::from_str(include_str!("../../../benches/reports/parquet-lance.json")).ok()
});

/// Each way, cold and warm.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    pub bars: Vec<Bar>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    pub way: Way,
    pub state: State,
    pub seconds: f64,
    pub steps: u64,
    pub gets: u64,
    pub bytes_read: u64,
}

/// The figures of a bar, as F5 records them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measured {
    Time,
    Steps,
    Gets,
    Read,
}

impl Measured {
    fn figure(self, way: Way, state: State) -> String {
        let (way, state) = (way.as_str(), state.as_str());
        match self {
            Measured::Time => format!("{way}, {state}, 10,000 rows, {FAR_MS} ms away"),
            Measured::Steps => format!("steps, {way}, {state}, 10,000 rows"),
            Measured::Gets => format!("GETs, {way}, {state}, 10,000 rows"),
            Measured::Read => format!("read, {way}, {state}, 10,000 rows"),
        }
    }
}

/// The committed report, where it can be read.
pub fn committed() -> Option<&'static Report> {
    COMMITTED.as_ref()
}

impl Comparison {
    /// Out of a size that was measured far away, too.
    pub fn of_size(size: &Size) -> Option<Comparison> {
        Comparison::collect(|way, state| {
            let Measurement { ms, traffic, .. } = size.way(way, state, FAR_MS)?;
            Some(Bar {
                way,
                state,
                seconds: ms / 1e3,
                steps: traffic.steps,
                gets: traffic.gets,
                bytes_read: traffic.bytes_read,
            })
        })
    }

    /// Out of the report that was committed.
    pub fn of_report(report: &Report) -> Option<Comparison> {
        Comparison::of_size(report.sizes.iter().find(|size| size.rows == ROWS)?)
    }

    /// Out of what a run of F5 found; nothing where it did not come so far.
    pub fn of_figures(figures: &[Figure]) -> Option<Comparison> {
        let value = |name: String, unit: Unit| {
            let is_it = |figure: &&Figure| figure.name == name && figure.unit == unit;
            figures.iter().find(is_it).map(|figure| figure.value)
        };
        Comparison::collect(|way, state| {
            Some(Bar {
                way,
                state,
                seconds: value(Measured::Time.figure(way, state), Unit::Seconds)?,
                steps: value(Measured::Steps.figure(way, state), Unit::Count)? as u64,
                gets: value(Measured::Gets.figure(way, state), Unit::Requests)? as u64,
                bytes_read: value(Measured::Read.figure(way, state), Unit::Bytes)? as u64,
            })
        })
    }

    fn collect(bar: impl Fn(Way, State) -> Option<Bar>) -> Option<Comparison> {
        let places = State::BOTH.into_iter().flat_map(|state| Way::ALL.map(|way| (way, state)));
        let bars: Option<Vec<Bar>> = places.map(|(way, state)| bar(way, state)).collect();
        Some(Comparison { bars: bars? })
    }

    /// The figures of all bars, which [`Comparison::of_figures`] finds again.
    fn figures(&self) -> impl Iterator<Item = (String, f64, Unit)> {
        self.bars.iter().flat_map(|bar| {
            let name = |measured: Measured| measured.figure(bar.way, bar.state);
            [
                (name(Measured::Gets), bar.gets as f64, Unit::Requests),
                (name(Measured::Steps), bar.steps as f64, Unit::Count),
                (name(Measured::Read), bar.bytes_read as f64, Unit::Bytes),
                (name(Measured::Time), bar.seconds, Unit::Seconds),
            ]
        })
    }

    pub fn record(&self, evidence: &mut Evidence) {
        for (name, value, unit) in self.figures() {
            match unit {
                Unit::Seconds => evidence.time(name, Duration::from_secs_f64(value)),
                _ => evidence.count(name, value as u64, unit),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_report_compares_every_way_and_chooses_at_every_size() {
        let report = committed().unwrap();
        assert_eq!(Comparison::of_report(report).unwrap().bars.len(), 6);
        assert_eq!(
            report.sizes.iter().map(|size| size.rows).collect::<Vec<_>>(),
            [100, 1000, 10_000, 100_000]
        );
        assert!(report.sizes.iter().all(|size| super::super::conclusion::best(size).is_some()));
    }

    #[test]
    fn what_is_recorded_is_found_again() {
        let comparison = Comparison::of_report(committed().unwrap()).unwrap();
        let figure = |(name, value, unit)| Figure { name, value, unit, target: None, kind: None, met: None };
        let mut figures: Vec<Figure> = comparison.figures().map(figure).collect();
        assert_eq!(Comparison::of_figures(&figures), Some(comparison));
        figures.pop();
        assert_eq!(Comparison::of_figures(&figures), None, "a run that was broken off compares nothing");
    }
}
