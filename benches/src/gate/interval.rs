//! What can be said of a median, without supposing how times are spread.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A median with the bounds of its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    pub lower: f64,
    pub median: f64,
    pub upper: f64,
}

impl Interval {
    /// The median of some figures, within bounds that hold it in 95 of 100 runs: two of the figures themselves, by the
    /// binomial distribution of how many lie below the median (the interval of the sign test). Fewer than six are within
    /// no bounds.
    pub fn of_median(figures: &[f64]) -> Interval {
        let mut sorted = figures.to_vec();
        sorted.sort_by(f64::total_cmp);
        let count = sorted.len();
        let at = |place: usize| sorted.get(place).copied().unwrap_or(f64::NAN);
        let median = match count % 2 {
            0 => f64::midpoint(at((count / 2).wrapping_sub(1)), at(count / 2)),
            _ => at(count / 2),
        };
        match left_out(count) {
            None => Interval { lower: f64::NEG_INFINITY, median, upper: f64::INFINITY },
            Some(left_out) => Interval { lower: at(left_out), median, upper: at(count - 1 - left_out) },
        }
    }
}

/// How many figures at either end are outside the bounds: as many as are below the median by chance in at most 2.5 of 100.
fn left_out(count: usize) -> Option<usize> {
    // Halves to the power of the count, times the number of ways to choose; all within what a float holds for thousands.
    let halves = -(count as f64) * std::f64::consts::LN_2;
    let (mut below, mut ways) = (0.0, 0.0_f64);
    let mut left_out = None;
    for place in 0..count / 2 {
        below += (ways + halves).exp();
        if below > 0.025 {
            break;
        }
        left_out = Some(place);
        ways += ((count - place) as f64 / (place + 1) as f64).ln();
    }
    left_out
}

/// The power of its size that a time grows by: the slope of the line of least squares through the logarithms of both.
pub fn exponent(times: &[(u64, Duration)]) -> f64 {
    let points: Vec<(f64, f64)> =
        times.iter().map(|(size, time)| ((*size as f64).ln(), time.as_secs_f64().max(1e-9).ln())).collect();
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let slope: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    slope / points.iter().map(|point| (point.0 - x).powi(2)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_those_of_the_tables_of_the_sign_test() {
        // Ranks from one on, as tables have them: of 15 figures the 4th and the 12th, of 100 the 40th and the 61st.
        for (count, rank) in [(6, 1), (8, 1), (9, 2), (15, 4), (25, 8), (40, 14), (100, 40), (401, 181)] {
            assert_eq!(left_out(count), Some(rank - 1), "{count}");
        }
        for count in 0..6 {
            assert_eq!(left_out(count), None, "{count}");
        }
    }

    #[test]
    fn a_median_lies_within_its_bounds_as_often_as_they_say() {
        use rand::{Rng, SeedableRng};
        let mut random = rand::rngs::StdRng::seed_from_u64(7);
        // A spread with a long tail, as times have it; its median is known.
        let median = 2_f64.ln().exp();
        let runs = 2000;
        let within = (0..runs).filter(|_| {
            let figures: Vec<f64> = (0..31).map(|_| (-random.random::<f64>().ln()).exp()).collect();
            let found = Interval::of_median(&figures);
            found.lower <= median && median <= found.upper
        });
        let share = within.count() as f64 / f64::from(runs);
        assert!((0.94..0.985).contains(&share), "{share}");
    }

    #[test]
    fn time_that_grows_by_a_power_is_told_by_it() {
        let of = |power: f64| {
            let time = |size: u64| (size, Duration::from_secs_f64((size as f64).powf(power) * 1e-6));
            exponent(&[time(100), time(1_000), time(10_000)])
        };
        for power in [0.0, 0.5, 1.0, 2.0] {
            assert!((of(power) - power).abs() < 0.02, "{power}: {}", of(power));
        }
    }
}
