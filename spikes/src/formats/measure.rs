//! Runs the matrix on the lab's bucket, which counts, and checks every answer before it counts its time.

use std::collections::BTreeSet;
use std::time::Duration;

use zenith_core::lake::to_batch;
use zenith_harness::Trial;

use super::axes::{Format, Operation, State, Way};
use super::bench::{Bench, median};
use super::data::{Asked, Export, Measurement, Recall, Size, Trace};
use super::held::InHand;
use super::lance::LanceSide;
use super::parquet::ParquetSide;
use super::question::{Question, Truth};
use super::{K, SEED};
use crate::rows;

/// What of the matrix is run.
#[derive(Clone)]
pub struct Plan {
    pub sizes: Vec<usize>,
    /// The longest last: what a cold vector query asks for is written down there.
    pub delays_ms: Vec<u64>,
    /// Rounds of each measurement.
    pub rounds: usize,
    /// Turns of writing each format by itself and both at one time.
    pub export_turns: usize,
    /// The operations that are run with a delay, and the least number of rows for it.
    pub delayed: Vec<Operation>,
    pub delayed_from_rows: usize,
    /// Rows a fragment of Lance.
    pub fragment_rows: usize,
    /// Rows that the Parquet file lacks.
    pub parquet_lacks: usize,
}

/// What a size gave, and what was wrong with the answers.
#[derive(Default)]
struct Found {
    measurements: Vec<Measurement>,
    traces: Vec<Trace>,
    wrong: Vec<String>,
}

/// Measures one size, and returns what was wrong with the answers.
pub async fn size(trial: &Trial, plan: &Plan, rows: usize) -> anyhow::Result<(Size, Vec<String>)> {
    let bucket = trial.lab.bucket().await?;
    let store = bucket.store();
    let httpfs = trial.lab.tools().duckdb_extension("httpfs")?;
    trial.progress(format!("making {rows} rows"));
    let bench = Bench {
        bucket,
        parquet: ParquetSide { store: store.clone(), httpfs, key: format!("parquet/{rows}/base.parquet") },
        lance: LanceSide { store, name: format!("symbols_{rows}"), fragment_rows: plan.fragment_rows },
        truth: Truth::new(rows::symbols(SEED, 0, rows)),
        plan,
    };
    bucket.set_delay(Duration::ZERO);
    trial.progress(format!("exporting {rows} rows"));
    let exports = bench.export().await?;
    let manifest = bench.lance.manifest().await?;
    let recall = bench.recall(&manifest).await?;
    let mut found = Found::default();
    // Appends come last: what was counted before them would not be right after.
    let (appends, reads): (Vec<_>, Vec<_>) = plan
        .delays_ms
        .iter()
        .flat_map(|delay_ms| Operation::ALL.map(|operation| (*delay_ms, operation)))
        .partition(|(_, operation)| *operation == Operation::Append);
    for (delay_ms, operation) in reads.into_iter().chain(appends) {
        if delay_ms > 0 && (rows < plan.delayed_from_rows || !plan.delayed.contains(&operation)) {
            continue;
        }
        bucket.set_delay(Duration::from_millis(delay_ms));
        trial.progress(format!("{} of {rows} rows at {delay_ms} ms", operation.as_str()));
        for format in Format::BOTH.into_iter().filter(|format| format.has(operation)) {
            if operation == Operation::Append {
                bench.append(format, delay_ms, &mut found).await?;
            } else {
                bench.measure(format, operation, delay_ms, &manifest, &mut found).await?;
            }
        }
    }
    bucket.set_delay(Duration::ZERO);
    let Found { measurements, traces, wrong } = found;
    Ok((Size { rows, exports, recall, measurements, traces }, wrong))
}

impl Bench<'_> {
    /// The share of the true nearest that is found, over questions near rows all over the dataset.
    async fn recall(&self, manifest: &InHand) -> anyhow::Result<Vec<Recall>> {
        const QUESTIONS: usize = 20;
        let rows = &self.truth.rows;
        let questions: Vec<Question> = self.truth.numbers(QUESTIONS).map(Question::new).collect();
        let truths: Vec<BTreeSet<String>> = questions
            .iter()
            .map(|question| rows::nearest(rows, &question.vector, K))
            .map(|near| near.into_iter().map(|number| rows[number].id.clone()).collect())
            .collect();
        let all = truths.iter().map(BTreeSet::len).sum::<usize>();
        let mut recalls = Vec::new();
        for way in Way::ALL {
            let (format, operation) = (way.format(), way.operation());
            let mut handle = self.handle(format, manifest)?;
            let mut hits = 0;
            for (question, truth) in questions.iter().zip(&truths) {
                let found = handle.ask(operation, question).await?;
                hits += found.iter().filter(|id| truth.contains(*id)).count();
            }
            recalls.push(Recall { format, operation, recall: hits as f64 / all as f64 });
        }
        Ok(recalls)
    }

    /// Asks on a new handle, and on the same handle something else.
    async fn measure(
        &self,
        format: Format,
        operation: Operation,
        delay_ms: u64,
        manifest: &InHand,
        found: &mut Found,
    ) -> anyhow::Result<()> {
        let (mut colds, mut warms) = (Vec::new(), Vec::new());
        let numbers: Vec<usize> = self.truth.numbers(2 * self.plan.rounds).collect();
        for pair in numbers.chunks(2) {
            let mut handle = self.handle(format, manifest)?;
            for (number, exports) in pair.iter().zip([&mut colds, &mut warms]) {
                let question = Question::new(*number);
                let (export, ids) = self.timed(handle.ask(operation, &question)).await?;
                if let Some(why) = self.truth.judge(operation, &question, &ids) {
                    found.wrong.push(format!("{} {}: {why}", format.as_str(), operation.as_str()));
                }
                exports.push((export, self.bucket.requests()));
            }
        }
        for (state, exports) in [(State::Cold, colds), (State::Warm, warms)] {
            // An open handle is open.
            if operation == Operation::Open && state == State::Warm {
                continue;
            }
            let (Export { ms, traffic }, requests) = median(exports, |(export, _)| export.ms);
            let is_last = self.plan.delays_ms.last() == Some(&delay_ms);
            if Way::of(format, operation).is_some() && state == State::Cold && is_last {
                found.traces.push(Trace { format, operation, requests: Asked::all(&requests) });
            }
            let rounds = self.plan.rounds;
            found.measurements.push(Measurement { format, operation, state, delay_ms, rounds, ms, traffic });
        }
        Ok(())
    }

    /// Adds one row for each hundred, again and again, and counts them where counting costs no delay.
    async fn append(&self, format: Format, delay_ms: u64, found: &mut Found) -> anyhow::Result<()> {
        let base = self.truth.rows.len();
        let added = base.div_ceil(100);
        let mut exports = Vec::new();
        for round in 0..self.plan.rounds {
            // Each append brings rows that are not there yet.
            let first = base + (usize::try_from(delay_ms)? * 100 + round) * added;
            let batch = to_batch(&rows::symbols(SEED, first, added))?;
            let ((export, ()), expected) = match format {
                Format::Parquet => (self.timed(self.parquet.append(batch)).await?, added),
                Format::Lance => (self.timed(self.lance.append(batch)).await?, base + (round + 1) * added),
            };
            if delay_ms == 0 {
                // A delta lies beside its base, a fragment more within the dataset.
                let counted = match format {
                    Format::Parquet => self.parquet.appended().await?,
                    Format::Lance => self.lance.rows().await?,
                };
                if counted != expected {
                    found.wrong.push(format!("{} append: {counted} rows, not {expected}", format.as_str()));
                }
            }
            exports.push(export);
        }
        let Export { ms, traffic } = median(exports, |export| export.ms);
        let (operation, state, rounds) = (Operation::Append, State::Cold, self.plan.rounds);
        found.measurements.push(Measurement { format, operation, state, delay_ms, rounds, ms, traffic });
        Ok(())
    }
}
