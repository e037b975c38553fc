//! Every spike on every backend that is there, every planted fault, and the registry itself.
//!
//! `cargo test -p zenith-spikes --test registry -- J2` runs those of J2, on the backends embedded and local;
//! `ZENITH_SPIKE_BACKENDS=container,cloud` adds others. What only takes time is shorter here than in `spike run`;
//! `ZENITH_SPIKE_FULL=1` has all of it. A backend that is absent is told and passed over,
//! unless `ZENITH_SPIKE_REQUIRE` names it or `CI` is set.

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;
use zenith_core::config::{Config, Overrides};
use zenith_harness::lab::LabOptions;
use zenith_harness::report::table;
use zenith_harness::{Backend, Fault, Runner, Spike, Verdict};
use zenith_spikes::formats::data::Report;
use zenith_spikes::formats::{chart, report};
use zenith_spikes::readme;

/// Runs the claims one at a time unless told otherwise, since they are timed; then faults, of which most wait.
pub fn run(spikes: &'static [Spike]) -> ExitCode {
    let arguments = Arguments::from_args();
    match trials(spikes) {
        Ok(trials) => {
            let (faults, claims): (Vec<_>, Vec<_>) =
                trials.into_iter().partition(|trial| trial.name().contains("::fault::"));
            let beside = |threads: usize, trials| {
                let test_threads = arguments.test_threads.or(Some(threads));
                libtest_mimic::run(&Arguments { test_threads, ..arguments.clone() }, trials)
            };
            let (claims, faults) = (beside(1, claims), beside(2, faults));
            if claims.has_failed() { claims.exit_code() } else { faults.exit_code() }
        }
        Err(error) => {
            eprintln!("registry: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn main() -> ExitCode {
    zenith_spikes::child::run_if_child();
    run(zenith_spikes::all())
}

/// What the environment and the settings ask for.
#[derive(Clone)]
struct Asked {
    config: Config,
    backends: Vec<Backend>,
    require: Vec<Backend>,
}

fn trials(spikes: &'static [Spike]) -> anyhow::Result<Vec<Trial>> {
    let asked = asked()?;
    let runtime = Arc::new(Runtime::new()?);
    let mut trials = vec![
        Trial::test("registry::every_spike_has_a_fault", move || every_spike_has_a_fault(spikes)),
        Trial::test("registry::ids_are_unique_and_sorted", move || ids_are_unique_and_sorted(spikes)),
        Trial::test("registry::each_spike_is_in_the_group_of_its_letter", move || groups(spikes)),
        Trial::test("readme::table", move || readme_table(spikes)),
        Trial::test("formats::report_is_that_of_its_data", report_is_that_of_its_data),
    ];
    for spike in spikes {
        let backends: Vec<Backend> =
            asked.backends.iter().copied().filter(|backend| spike.runs_on(*backend)).collect();
        for &backend in &backends {
            let (asked, runtime) = (asked.clone(), runtime.clone());
            let name = format!("{}::{backend}", spike.id);
            trials.push(Trial::ignorable_test(name, move || try_spike(spike, backend, &asked, &runtime)));
        }
        for fault in spike.faults {
            let (asked, runtime, backends) = (asked.clone(), runtime.clone(), backends.clone());
            let name = format!("{}::fault::{}", spike.id, fault.name);
            let plant = move || plant(spike, fault, &backends, &asked, &runtime);
            trials.push(Trial::ignorable_test(name, plant));
        }
    }
    Ok(trials)
}

fn asked() -> anyhow::Result<Asked> {
    let mut backends = vec![Backend::Embedded, Backend::Local];
    backends.extend(listed("ZENITH_SPIKE_BACKENDS")?);
    let mut require = listed("ZENITH_SPIKE_REQUIRE")?;
    backends.extend(&require);
    backends.sort_unstable();
    backends.dedup();
    if std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false") {
        require = backends.clone();
    }
    Ok(Asked { config: Config::load(Overrides::default())?, backends, require })
}

fn listed(variable: &str) -> anyhow::Result<Vec<Backend>> {
    let value = std::env::var(variable).unwrap_or_default();
    let names = value.split([',', ' ']).filter(|name| !name.is_empty());
    names.map(|name| name.parse().map_err(|error| anyhow::anyhow!("{variable}: {error}"))).collect()
}

fn runner(asked: &Asked) -> Runner {
    let mut runner = Runner::new(LabOptions::new(&asked.config));
    runner.require = asked.require.clone();
    runner.keep_failed = true;
    runner.is_brief = std::env::var_os("ZENITH_SPIKE_FULL").is_none();
    runner
}

fn try_spike(
    spike: &'static Spike,
    backend: Backend,
    asked: &Asked,
    runtime: &Runtime,
) -> Result<Completion, Failed> {
    let (events, _) = unbounded_channel();
    let runner = runner(asked);
    let work = runner.run(vec![(spike, backend)], None, events, CancellationToken::new());
    let report = runtime.block_on(work);
    let told = format!("{}{}", table::outcomes(&report.outcomes), table::details(&report.outcomes));
    match report.outcomes.first().map(|outcome| (&outcome.verdict, outcome.failed())) {
        Some((_, true)) | None => Err(told.into()),
        Some((Verdict::NotRun { because }, false)) => Ok(Completion::ignored_with(because)),
        Some((_, false)) => Ok(Completion::Completed),
    }
}

/// Plants the fault on the first backend that is there.
fn plant(
    spike: &'static Spike,
    fault: &'static Fault,
    backends: &[Backend],
    asked: &Asked,
    runtime: &Runtime,
) -> Result<Completion, Failed> {
    let mut absent = "it runs on none of the backends that were asked for".to_string();
    for &backend in backends {
        let (events, _) = unbounded_channel();
        let runner = runner(asked);
        let work =
            runner.run_faults(vec![(spike, backend)], Some(fault.name), events, CancellationToken::new());
        let report = runtime.block_on(work);
        match report.faults.first().map(|found| (found, &found.outcome.verdict)) {
            Some((found, _)) if found.caught => return Ok(Completion::Completed),
            Some((found, Verdict::NotRun { because })) if !found.failed() => absent = because.clone(),
            _ => return Err(table::faults(&report.faults).into()),
        }
    }
    Ok(Completion::ignored_with(absent))
}

fn every_spike_has_a_fault(spikes: &[Spike]) -> Result<(), Failed> {
    let without = spikes.iter().filter(|spike| spike.faults.is_empty()).map(|spike| spike.id);
    none("spikes without a planted fault prove nothing", without)
}

fn ids_are_unique_and_sorted(spikes: &[Spike]) -> Result<(), Failed> {
    let pairs = spikes.windows(2).filter(|pair| key(pair[0].id) >= key(pair[1].id));
    none("spikes that come before their place, or twice", pairs.map(|pair| pair[1].id))
}

/// By letter, then by number: J2 before J10.
fn key(id: &str) -> (&str, u32) {
    let digits = id.find(|c: char| c.is_ascii_digit()).unwrap_or(id.len());
    (&id[..digits], id[digits..].parse().unwrap_or(u32::MAX))
}

fn groups(spikes: &[Spike]) -> Result<(), Failed> {
    let strays = spikes.iter().filter(|spike| !spike.id.starts_with(spike.group.letter()));
    none("spikes of another group than their letter's", strays.map(|spike| spike.id))
}

fn readme_table(spikes: &[Spike]) -> Result<(), Failed> {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md"))?;
    let found = readme::between_markers(&readme).ok_or("the README has no <!-- spikes --> markers")?;
    match found.trim() == readme::table(spikes).trim() {
        true => Ok(()),
        false => Err("the README's table is not that of `spike list --markdown`".into()),
    }
}

/// The conclusions, the tables and the chart follow from the committed data and from nothing else.
fn report_is_that_of_its_data() -> Result<(), Failed> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../benches/reports/parquet-lance");
    let read = |end: &str| std::fs::read_to_string(format!("{folder}.{end}"));
    let report: Report = serde_json::from_str(&read("json")?)?;
    let stale = "is not that of its data: `formats --write benches/reports --render` makes it again";
    if read("md")? != report::markdown(&report) {
        return Err(format!("the page {stale}").into());
    }
    if read("svg")? != chart::svg(&report)? {
        return Err(format!("the chart {stale}").into());
    }
    Ok(())
}

fn none<'a>(what: &str, found: impl Iterator<Item = &'a str>) -> Result<(), Failed> {
    let found: Vec<&str> = found.collect();
    match found.is_empty() {
        true => Ok(()),
        false => Err(format!("{what}: {}", found.join(", ")).into()),
    }
}
