//! Figures, their units, and what they are held to.

use serde::{Deserialize, Serialize};

use crate::text::group;

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    Requests,
    Bytes,
    Rows,
    Files,
    /// Anything else that is counted.
    Count,
    Seconds,
    /// One time or size as a multiple of another.
    Ratio,
}

/// What a miss of a target tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// A count or a ratio, which does not depend on the machine.
    Gate,
    /// An absolute time, so generous that only a defect misses it.
    Tripwire,
}

/// An upper bound on a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// The name under which the spike records the figure.
    pub figure: &'static str,
    pub at_most: f64,
    pub unit: Unit,
    pub kind: TargetKind,
}

impl Target {
    /// A bound on a count or a ratio.
    pub const fn gate(figure: &'static str, at_most: f64, unit: Unit) -> Target {
        Target { figure, at_most, unit, kind: TargetKind::Gate }
    }

    /// A generous bound on a time.
    pub const fn tripwire(figure: &'static str, at_most_seconds: f64) -> Target {
        Target { figure, at_most: at_most_seconds, unit: Unit::Seconds, kind: TargetKind::Tripwire }
    }
}

impl Unit {
    /// The value as people read it: `2 requests`, `1.5 MiB`, `12.4 ms`, `1.2 x`.
    pub fn show(self, value: f64) -> String {
        let (divisor, name) = self.scale(value);
        let name = if value == 1.0 { self.one() } else { name };
        format!("{} {name}", number(value / divisor)).trim_end().to_string()
    }

    /// The value beside its bound, both in the bound's scale: `1.2 of ≤ 1.5 x`.
    pub fn show_of(self, value: f64, at_most: f64) -> String {
        let (divisor, name) = self.scale(at_most);
        let name = if at_most == 1.0 { self.one() } else { name };
        let (value, at_most) = (number(value / divisor), number(at_most / divisor));
        format!("{value} of ≤ {at_most} {name}").trim_end().to_string()
    }

    /// The name of a single one.
    const fn one(self) -> &'static str {
        match self {
            Unit::Requests => "request",
            Unit::Bytes => "byte",
            Unit::Rows => "row",
            Unit::Files => "file",
            Unit::Count => "",
            Unit::Seconds => "s",
            Unit::Ratio => "x",
        }
    }

    /// What to divide by, and the name of the result.
    fn scale(self, value: f64) -> (f64, &'static str) {
        match self {
            Unit::Requests => (1.0, "requests"),
            Unit::Rows => (1.0, "rows"),
            Unit::Files => (1.0, "files"),
            Unit::Count => (1.0, ""),
            Unit::Ratio => (1.0, "x"),
            Unit::Seconds if value != 0.0 && value.abs() < 1e-3 => (1e-6, "µs"),
            Unit::Seconds if value != 0.0 && value.abs() < 1.0 => (1e-3, "ms"),
            Unit::Seconds => (1.0, "s"),
            Unit::Bytes if value.abs() >= GIB => (GIB, "GiB"),
            Unit::Bytes if value.abs() >= MIB => (MIB, "MiB"),
            Unit::Bytes if value.abs() >= KIB => (KIB, "KiB"),
            Unit::Bytes => (1.0, "bytes"),
        }
    }
}

const KIB: f64 = 1024.0;
const MIB: f64 = 1024.0 * KIB;
const GIB: f64 = 1024.0 * MIB;

/// Some three significant digits, thousands grouped.
fn number(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 || value.fract() == 0.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    let text = format!("{value:.decimals$}");
    match text.split_once('.') {
        Some(_) => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        None => match text.strip_prefix('-') {
            Some(digits) => format!("-{}", group(digits)),
            None => group(&text),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!([1.0, 2.0].map(|count| Unit::Requests.show(count)), ["1 request", "2 requests"]);
        assert_eq!(Unit::Rows.show(1_234_567.0), "1,234,567 rows");
        assert_eq!(Unit::Bytes.show(1.5 * MIB), "1.5 MiB");
        assert_eq!(Unit::Bytes.show(12.0), "12 bytes");
        assert_eq!(Unit::Seconds.show(0.0124), "12.4 ms");
        assert_eq!(Unit::Seconds.show(0.000_05), "50 µs");
        assert_eq!(Unit::Seconds.show(0.0), "0 s");
        assert_eq!(Unit::Seconds.show(61.25), "61.2 s");
        assert_eq!(Unit::Count.show(7.0), "7");
    }

    #[test]
    fn a_figure_is_shown_in_the_scale_of_its_target() {
        assert_eq!(Unit::Ratio.show_of(1.2, 1.5), "1.2 of ≤ 1.5 x");
        assert_eq!(Unit::Seconds.show_of(0.25, 30.0), "0.25 of ≤ 30 s");
        assert_eq!(Unit::Count.show_of(0.0, 0.0), "0 of ≤ 0");
        assert_eq!(Unit::Files.show_of(2.0, 1.0), "2 of ≤ 1 file");
    }
}
