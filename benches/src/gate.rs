//! Gates: two ways of doing the same, measured in turns, so that what else the machine does falls on
//! both alike.

use std::time::{Duration, Instant};

/// The median over `rounds` of the ratio of the first's time to the second's.
pub fn ratio(rounds: usize, mut first: impl FnMut(), mut second: impl FnMut()) -> f64 {
    let time = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    let mut ratios: Vec<f64> =
        (0..rounds.max(1)).map(|_| time(&mut first) / time(&mut second).max(1e-9)).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

/// The median time of `rounds`.
pub fn median(rounds: usize, mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..rounds.max(1))
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// Ends the bench where a figure is over its target.
pub fn holds<T: PartialOrd + std::fmt::Debug>(what: &str, figure: T, target: T) {
    println!("gate: {what}: {figure:?}, at most {target:?}");
    assert!(figure <= target, "{what}: {figure:?} is over its target of {target:?}");
}
