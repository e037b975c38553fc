//! `formats`: Parquet beside Lance at every size and distance, and the report of it.
//!
//! `formats --write benches/reports` measures all of it, which takes some ten minutes on a quiet machine; with `--rows`,
//! some sizes, and keeps the others that lie there; with `--render`, the report is made again from what lies there.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Parser;
use tokio::sync::mpsc::unbounded_channel;
use zenith_core::config::{Config, Overrides};
use zenith_harness::lab::{Lab, LabOptions};
use zenith_harness::{Backend, Event, Trial};
use zenith_spikes::formats::axes::Operation;
use zenith_spikes::formats::conclusion::FAR_MS;
use zenith_spikes::formats::data::Report;
use zenith_spikes::formats::measure::{self, Plan};
use zenith_spikes::formats::{SPIKE_ID, chart, report};

/// Compares Parquet and Lance on the lab's bucket.
#[derive(Parser)]
struct Arguments {
    /// The folder that the data, the page and the chart are written to.
    #[arg(long, value_name = "FOLDER")]
    write: PathBuf,
    /// Make the page and the chart from the data that is there, and measure nothing.
    #[arg(long)]
    render: bool,
    /// The numbers of rows.
    #[arg(long, value_delimiter = ',', default_value = "100,1000,10000,100000")]
    rows: Vec<usize>,
    /// Rounds of each measurement.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let data = arguments.write.join("parquet-lance.json");
    let report: Report = if arguments.render {
        serde_json::from_slice(
            &std::fs::read(&data).with_context(|| format!("cannot read {}", data.display()))?,
        )?
    } else {
        let mut report = measure(&arguments).await?;
        let kept = std::fs::read(&data).ok().and_then(|data| serde_json::from_slice::<Report>(&data).ok());
        let kept = kept.map(|kept| kept.sizes).unwrap_or_default();
        report.sizes.extend(kept.into_iter().filter(|size| !arguments.rows.contains(&size.rows)));
        report.sizes.sort_by_key(|size| size.rows);
        std::fs::create_dir_all(&arguments.write)?;
        std::fs::write(&data, serde_json::to_string_pretty(&report)? + "\n")?;
        report
    };
    std::fs::write(arguments.write.join("parquet-lance.md"), report::markdown(&report))?;
    std::fs::write(arguments.write.join("parquet-lance.svg"), chart::svg(&report)?)?;
    Ok(())
}

async fn measure(arguments: &Arguments) -> anyhow::Result<Report> {
    let plan = Plan {
        sizes: arguments.rows.clone(),
        delays_ms: vec![0, 20, 100, FAR_MS],
        rounds: arguments.rounds,
        export_turns: arguments.rounds,
        delayed: Operation::ALL.to_vec(),
        delayed_from_rows: 0,
        fragment_rows: usize::MAX,
        parquet_lacks: 0,
    };
    let config = Config::load(Overrides::default())?;
    let (events, mut told) = unbounded_channel();
    tokio::spawn(async move {
        while let Some(event) = told.recv().await {
            if let Event::Progress { text, .. } = event {
                eprintln!("{text}");
            }
        }
    });
    let mut sizes = Vec::new();
    for &rows in &plan.sizes {
        // A lab a size: what one leaves on the disk is gone before the next.
        let lab = Arc::new(Lab::start(Backend::Local, &LabOptions::new(&config)).await?);
        let trial = Trial::new(SPIKE_ID, Backend::Local, lab.clone(), None, events.clone());
        let measured = measure::size(&trial, &plan, rows).await;
        lab.close(false).await;
        let (size, wrong) = measured?;
        anyhow::ensure!(wrong.is_empty(), "wrong answers about {rows} rows: {}", wrong.join("; "));
        sizes.push(size);
    }
    Ok(Report { conditions: conditions(), sizes })
}

fn conditions() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!(
        "{} cores ({}), shared with other work; lancedb 0.41 (Lance 14.0.2), DuckDB 1.5.5; an S3 server in the same \
         process over loopback; {}",
        cores,
        std::env::consts::ARCH,
        chrono::Utc::now().format("%Y-%m-%d"),
    )
}
