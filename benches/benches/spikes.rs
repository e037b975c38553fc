//! Do the spikes take no longer than they declare? Each that bounds a time is run on real components, and its figures are
//! held to the very targets of its declaration, as the spike itself holds them and README tells them. Its checks are its
//! answers: they are counted before its times are told.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;
use zenith_benches::gate::{Gates, Interval, Pace};
use zenith_core::config::{Config, Overrides};
use zenith_harness::lab::LabOptions;
use zenith_harness::{Backend, Outcome, Runner, Spike, Target, Unit, Verdict};

/// Where spikes run on what this machine has.
const BACKENDS: [Backend; 2] = [Backend::Embedded, Backend::Local];
/// What takes the most by itself, and is left to a full run.
const LONG: [&str; 4] = ["F5", "L1", "L3", "P13"];
/// A lab is started for each run: few runs show what one alone was disturbed by.
const RUNS: usize = 3;

fn main() -> ExitCode {
    // Some spikes ask something of a new process, which is this program once more.
    zenith_spikes::child::run_if_child();
    let mut gates = Gates::new("spikes");
    let runtime = Runtime::new().expect("threads can be started");
    let mut runner = Runner::new(LabOptions::new(&Config::load(Overrides::default()).expect("settings")));
    runner.is_brief = gates.settings.pace != Pace::Full;
    for (spike, backend) in trials(&gates) {
        let runs = if gates.settings.pace == Pace::Full { RUNS } else { 1 };
        let outcomes: Vec<Outcome> =
            (0..runs).filter_map(|_| runtime.block_on(run(&runner, spike, backend))).collect();
        hold(&mut gates, spike, backend, &outcomes);
    }
    gates.finish()
}

/// Every spike with a bound on a time, on every backend of this machine that it runs on. To see that this works one is
/// enough.
fn trials(gates: &Gates) -> Vec<(&'static Spike, Backend)> {
    let is_timed = |target: &Target| target.unit == Unit::Seconds;
    let timed = zenith_spikes::all().iter().filter(|spike| spike.targets.iter().any(is_timed));
    let asked = timed.filter(|spike| gates.settings.takes(spike.id));
    let placed = asked.flat_map(|spike| {
        BACKENDS.into_iter().filter(|backend| spike.runs_on(*backend)).map(move |backend| (spike, backend))
    });
    match gates.settings.pace {
        Pace::Test => placed.filter(|(_, backend)| *backend == Backend::Embedded).take(1).collect(),
        Pace::Quick => placed.filter(|(spike, _)| !LONG.contains(&spike.id)).collect(),
        Pace::Full => placed.collect(),
    }
}

async fn run(runner: &Runner, spike: &'static Spike, backend: Backend) -> Option<Outcome> {
    let (events, _) = unbounded_channel();
    let report = runner.run(vec![(spike, backend)], None, events, CancellationToken::new()).await;
    report.outcomes.into_iter().next()
}

/// Holds what some runs of a spike found to what it declares.
fn hold(gates: &mut Gates, spike: &Spike, backend: Backend, outcomes: &[Outcome]) {
    let name = |what: &str| format!("{} on {backend}: {what}", spike.id);
    if let Some(Verdict::NotRun { because }) = outcomes.first().map(|outcome| &outcome.verdict) {
        return println!("{}", name(&format!("not measured: {because}")));
    }
    let untrue = outcomes.iter().flat_map(|outcome| &outcome.checks).filter(|check| !check.holds);
    let broken = outcomes.iter().filter_map(|outcome| match &outcome.verdict {
        Verdict::Broken { why } => Some(why),
        _ => None,
    });
    let wrong: Vec<&String> = untrue.map(|check| &check.what).chain(broken).collect();
    wrong.iter().for_each(|what| println!("{}", name(what)));
    gates.count(&name("answers that are wrong"), wrong.len() as u64, 0);

    let mut figures: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for figure in outcomes.iter().flat_map(|outcome| &outcome.figures) {
        figures.entry(&figure.name).or_default().push(figure.value);
    }
    // What was not recorded made its spike broken.
    for target in spike.targets {
        let Some(found) = figures.get(target.figure) else { continue };
        let (median, most) = (Interval::of_median(found).median, target.at_most);
        let name = name(target.figure);
        match target.unit {
            Unit::Seconds => {
                let [median, most] = [median, most].map(Duration::from_secs_f64);
                gates.measured(&name, median, most);
            }
            Unit::Ratio => gates.multiple(&name, median, most),
            // The most that any run had.
            _ => gates.count(&name, found.iter().copied().fold(0.0, f64::max) as u64, most as u64),
        }
    }
}
