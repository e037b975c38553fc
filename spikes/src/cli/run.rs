//! `spike run`.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::sync::CancellationToken;
use zenith_harness::lab::LabOptions;
use zenith_harness::report::history::History;
use zenith_harness::report::{jsonl, junit, markdown, table};
use zenith_harness::runner::Selection;
use zenith_harness::{Event, Outcome, RunReport, Runner};

use super::args::Run;
use super::progress::{Progress, TICK};
use super::{Setting, output, select};

/// Tries the spikes that were asked for.
pub async fn execute(run: Run, setting: Setting<'_>) -> anyhow::Result<u8> {
    let Setting { spikes, config, out, cancel, watched } = setting;
    let trials = select::trials(spikes, &run.names, &run.backend, &run.require)?;
    let planting = run.faults || run.fault.is_some();
    if planting {
        select::check_fault(&trials, run.fault.as_deref())?;
    }
    // Before an hour of work, not after it.
    let junit = run.junit.as_deref().map(create).transpose()?;
    let page = run.markdown.as_deref().map(create).transpose()?;

    let mut runner = Runner::new(LabOptions::new(&config));
    runner.deadline = Duration::from_secs(run.deadline);
    runner.history = Some(History::in_data(&config.data_dir));
    runner.require = run.require;
    runner.keep_failed = run.keep;
    let show = Show { json: run.json && !planting, silent: run.json, watched };
    if planting {
        return faults(&runner, trials, run.fault.as_deref(), run.json, show, out, cancel).await;
    }
    let (events, seen) = unbounded_channel();
    let report = show.during(runner.run(trials, None, events, cancel.clone()), seen, out, &cancel).await?;
    if let Some(mut file) = junit {
        let xml = junit::report(&report.outcomes).context("cannot write JUnit XML")?;
        file.write_all(xml.as_bytes()).context("cannot write JUnit XML")?;
    }
    if let Some(mut file) = page {
        file.write_all(markdown::report(&report).as_bytes()).context("cannot write the page")?;
    }
    if !run.json {
        tell(&report, out)?;
    }
    if let Some(why) = &report.not_kept {
        output::say(why);
    }
    Ok(report.exit_code())
}

async fn faults(
    runner: &Runner,
    trials: Selection,
    fault: Option<&str>,
    json: bool,
    show: Show,
    out: &mut (dyn Write + Send),
    cancel: CancellationToken,
) -> anyhow::Result<u8> {
    let (events, seen) = unbounded_channel();
    let work = runner.run_faults(trials, fault, events, cancel.clone());
    let report = show.during(work, seen, out, &cancel).await?;
    if json {
        for fault in &report.faults {
            writeln!(out, "{}", serde_json::to_string(fault)?)?;
        }
        return Ok(report.exit_code());
    }
    let outcomes: Vec<_> = report.faults.iter().map(|fault| fault.outcome.clone()).collect();
    // One fault that was asked for by name is looked at; of all, only the result counts.
    if fault.is_some() {
        writeln!(out, "{}\n{}", table::outcomes(&outcomes), findings(&report.faults))?;
    }
    write!(out, "{}", table::faults(&report.faults))?;
    Ok(report.exit_code())
}

fn findings(faults: &[zenith_harness::FaultOutcome]) -> String {
    let reasons = faults.iter().flat_map(|fault| fault.outcome.verdict.reasons());
    reasons.map(|reason| format!("  {reason}\n")).collect()
}

fn tell(report: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let outcomes = &report.outcomes;
    writeln!(out, "{}{}", table::outcomes(outcomes), table::details(outcomes))?;
    if report.stopped {
        writeln!(out, "stopped before the end")?;
    }
    write!(out, "{}", table::summary(outcomes, report.seconds))
}

fn create(path: &Path) -> anyhow::Result<File> {
    File::create(path).with_context(|| format!("cannot write {}", path.display()))
}

/// Where events go.
struct Show {
    /// Whether each outcome is printed as JSON when its spike ends.
    json: bool,
    /// Whether standard error gets nothing.
    silent: bool,
    /// Whether a person watches standard error.
    watched: bool,
}

impl Show {
    /// Shows events until the work ends. A reader of the output who goes away ends the work.
    ///
    /// The channel's own end says nothing: a spike that was cut may hold on to it.
    async fn during<T>(
        &self,
        work: impl Future<Output = T>,
        mut seen: UnboundedReceiver<Event>,
        out: &mut (dyn Write + Send),
        cancel: &CancellationToken,
    ) -> anyhow::Result<T> {
        let mut progress = Progress::new(io::stderr(), self.watched);
        let mut tick = tokio::time::interval(TICK);
        let mut shown = Ok(());
        let mut work = pin!(work);
        let report = loop {
            tokio::select! {
                biased;
                Some(event) = seen.recv() => {
                    self.event(&event, &mut progress, out, &mut shown);
                    if shown.is_err() {
                        cancel.cancel();
                    }
                }
                report = &mut work => break report,
                _ = tick.tick() => if !self.silent { progress.tick() },
            }
        };
        while let Ok(event) = seen.try_recv() {
            self.event(&event, &mut progress, out, &mut shown);
        }
        progress.clear();
        shown.map(|()| report)
    }

    fn event(
        &self,
        event: &Event,
        progress: &mut Progress<io::Stderr>,
        out: &mut dyn Write,
        shown: &mut anyhow::Result<()>,
    ) {
        if !self.silent {
            progress.show(event);
        }
        if let (Event::Finished(outcome), true, Ok(())) = (event, self.json, &shown) {
            *shown = print(outcome, out);
        }
    }
}

fn print(outcome: &Outcome, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "{}", jsonl::line(outcome)?)?;
    Ok(out.flush()?)
}
