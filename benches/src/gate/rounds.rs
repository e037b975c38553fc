//! Rounds of measurement: in each, ours, the peer, and the peer once more as its own control, in random order.

use std::time::{Duration, Instant};

use rand::seq::SliceRandom;

use super::results::Figure;
use super::settings::Settings;
use super::{CONTROL_MAX, Interval};

/// How often some work is done in one sample, and what doing it once takes there.
#[derive(Clone, Copy, Debug)]
struct Sample {
    times: u32,
}

impl Sample {
    /// As often as it takes for a sample to last; the first time warms up.
    fn of(work: &mut dyn FnMut(), lasts: Duration) -> Sample {
        work();
        let begun = Instant::now();
        work();
        let once = begun.elapsed().max(Duration::from_nanos(20));
        let times = lasts.as_nanos().div_ceil(once.as_nanos());
        Sample { times: u32::try_from(times).unwrap_or(u32::MAX).clamp(1, 1 << 20) }
    }

    fn take(self, work: &mut dyn FnMut()) -> f64 {
        let begun = Instant::now();
        for _ in 0..self.times {
            work();
        }
        begun.elapsed().as_secs_f64() / f64::from(self.times)
    }
}

pub struct Rounds<'a> {
    settings: &'a Settings,
    /// Ours and the peer.
    work: [&'a mut dyn FnMut(); 2],
    samples: [Sample; 2],
    ratios: Vec<f64>,
    controls: Vec<f64>,
    ours: Vec<f64>,
    peers: Vec<f64>,
}

impl<'a> Rounds<'a> {
    pub fn new(settings: &'a Settings, work: [&'a mut dyn FnMut(); 2]) -> Rounds<'a> {
        let lasts = settings.pace.sample();
        let [ours, peer] = work;
        let samples = [Sample::of(ours, lasts), Sample::of(peer, lasts)];
        let (ratios, controls, times, peers) = Default::default();
        Rounds { settings, work: [ours, peer], samples, ratios, controls, ours: times, peers }
    }

    /// Takes rounds until it can be said whether the ratio is at most that, or until there were enough of them.
    pub fn figure(&mut self, most: f64) -> Figure {
        let (least, enough, longest) = self.settings.pace.rounds();
        let begun = Instant::now();
        loop {
            self.take();
            let count = self.ratios.len();
            if count < least {
                continue;
            }
            let (ratio, control) = (Interval::of_median(&self.ratios), Interval::of_median(&self.controls));
            let is_decided = (ratio.upper <= most || ratio.lower > most) && is_quiet(&control);
            if is_decided || count >= enough || begun.elapsed() >= longest {
                let ours = Duration::from_secs_f64(Interval::of_median(&self.ours).median);
                let peer = Duration::from_secs_f64(Interval::of_median(&self.peers).median);
                return Figure::Ratio { ratio, control, ours, peer, rounds: count, most };
            }
        }
    }

    fn take(&mut self) {
        // Which of the two is done: the peer stands twice, as itself and as its control.
        let mut order = [(0, 0), (1, 1), (2, 1)];
        order.shuffle(&mut rand::rng());
        let mut times = [0.0_f64; 3];
        for (place, which) in order {
            let slowdown = if which == 0 { self.settings.slowdown } else { 1 };
            let (work, sample) = (&mut self.work[which], self.samples[which]);
            times[place] = (0..slowdown).map(|_| sample.take(work)).sum::<f64>().max(1e-12);
        }
        let [ours, peer, control] = times;
        self.ratios.push(ours / peer);
        self.controls.push(control / peer);
        self.ours.push(ours);
        self.peers.push(peer);
    }
}

/// Whether identical code was about as fast as itself.
pub fn is_quiet(control: &Interval) -> bool {
    (control.median - 1.0).abs() <= CONTROL_MAX
}

/// The median time of some work.
pub fn median(settings: &Settings, work: &mut dyn FnMut()) -> Duration {
    let (least, _, longest) = settings.pace.rounds();
    let sample = Sample::of(work, settings.pace.sample());
    let begun = Instant::now();
    let mut times = Vec::new();
    while times.len() < least && (times.is_empty() || begun.elapsed() < longest) {
        times.push(sample.take(work) * f64::from(settings.slowdown));
    }
    Duration::from_secs_f64(Interval::of_median(&times).median)
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;
    use std::path::PathBuf;

    use super::super::{Pace, Verdict, keep};
    use super::*;

    fn settings(slowdown: u32) -> Settings {
        Settings { pace: Pace::Quick, filter: None, folder: PathBuf::new(), slowdown }
    }

    fn work() -> u64 {
        (0..20_000_u64).fold(0, |sum, number| black_box(sum ^ number.wrapping_mul(0x9e37_79b9)))
    }

    /// Of the same work on both sides, which is once as fast and once half as fast. A machine that is busy may leave it
    /// undecided, and never decides it wrongly.
    #[test]
    fn a_slowdown_is_noticed_and_identical_code_never_fails() {
        let verdict = |slowdown| {
            let settings = settings(slowdown);
            let (mut ours, mut peer) = (|| keep(work()), || keep(work()));
            Rounds::new(&settings, [&mut ours, &mut peer]).figure(1.5).verdict()
        };
        let is = |verdict, expected| verdict == expected || verdict == Verdict::Inconclusive;
        assert!(is(verdict(1), Verdict::Holds));
        assert!(is(verdict(2), Verdict::Failed));
    }

    #[test]
    fn a_machine_on_which_identical_code_differs_decides_nothing() {
        let within = |median| Interval { lower: median, median, upper: median };
        let figure = |ratio, control| Figure::Ratio {
            ratio: within(ratio),
            control: within(control),
            ours: Duration::ZERO,
            peer: Duration::ZERO,
            rounds: 31,
            most: 1.5,
        };
        for (ratio, control, expected) in [
            (1.2, 1.0, Verdict::Holds),
            (1.6, 1.0, Verdict::Failed),
            (1.2, 1.06, Verdict::Inconclusive),
            (9.0, 0.9, Verdict::Inconclusive),
        ] {
            assert_eq!(figure(ratio, control).verdict(), expected, "{ratio}, {control}");
        }
        let bounds = Interval { lower: 1.4, median: 1.45, upper: 1.6 };
        let near = Figure::Ratio {
            ratio: bounds,
            control: within(1.0),
            ours: Duration::ZERO,
            peer: Duration::ZERO,
            rounds: 31,
            most: 1.5,
        };
        assert_eq!(near.verdict(), Verdict::Inconclusive, "the target lies within the bounds");
    }
}
