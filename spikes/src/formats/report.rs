//! The report as Markdown, a function of the data.

use std::fmt::Write;

use zenith_harness::Unit;
use zenith_harness::text::grouped;

use super::axes::{Format, Operation, State, Way};
use super::conclusion::{self, BYTES_A_SECOND, FAR_MS, seconds};
use super::data::{Asked, Export, Report, Size};
use super::{lance, parquet, targets};

const HEAD: &str = "# Parquet beside Lance on a bucket

Which format should carry a shared index, at what size, in time, requests, bytes and money? Spike F5 measures a part of
this in every run; this is the whole matrix. Made by

```
cargo build --release --locked --workspace --bins
${CARGO_TARGET_DIR:-target}/release/formats --write benches/reports
```

`cargo test` makes this page and the chart again from [the data](parquet-lance.json) and compares.

Requests, bytes and steps are counted by the lab's S3 server, which delays the beginning of every answer by what the columns
say. *Steps* are requests that waited for one another; times the delay, they are the least time. *Cold* is a new handle
with nothing cached, *warm* the same handle with another question. Money is R2's: $4.50 a million PUT, POST and LIST,
$0.36 a million GET and HEAD, for a million such operations; bytes cost nothing there.
";

/// The whole page.
pub fn markdown(report: &Report) -> String {
    let mut text = String::from(HEAD);
    let _ = writeln!(text, "\nConditions: {}.\n", report.conditions);
    let _ = writeln!(text, "- Parquet: {}.\n- Lance: {}.", parquet::LAYOUT, lance::LAYOUT);
    text.push_str(
        "- Lance, *vector, held*: the reader was handed the manifest with the path, reads the columns of ids and vectors in \
         one pass, keeps them, and compares all; it gives ids, the others ids and names. Every column of the index is in \
         the rows; vectors are random around their package's.\n\n![Cold vector queries](parquet-lance.svg)\n\n\
         ## What follows\n\n",
    );
    let _ = writeln!(
        text,
        "Times in this section are those measured at {FAR_MS} ms a request and what the bytes take at {} Mbit/s, \
         which the loopback does not show.\n",
        BYTES_A_SECOND * 8.0 / 1e6
    );
    for size in &report.sizes {
        let _ = writeln!(text, "- {}", conclusion::of(size));
    }
    text.push_str("\n## Targets, at 10,000 rows\n\n| how | target | found | |\n|---|---|---|---|\n");
    for outcome in targets::of(report) {
        let met = if outcome.met { "met" } else { "**missed**" };
        let _ = writeln!(text, "| {} | {} | {} | {met} |", outcome.what, outcome.target, outcome.found);
    }
    if let Some(size) = report.sizes.iter().find(|size| size.rows == 10_000) {
        text.push_str(&floor(size));
    }
    text.push_str(&exports(report));
    for size in &report.sizes {
        text.push_str(&operations(size));
    }
    text
}

/// Where the time of a cold vector query goes, and what it asked for.
fn floor(size: &Size) -> String {
    let mut text = format!(
        "\n## The floor of a cold vector query, {} rows\n\nNo query takes less than its steps times the delay. A step \
         reads where the next one is to read, so that more requests at one time do not help; handing out the manifest spares the LISTs and \
         the GET of it, and reading the columns whole spares the index.\n\n| way | steps | × {FAR_MS} ms | + reading, decoding, comparing | read | + at 100 Mbit/s |\n\
         |---|---:|---:|---:|---:|---:|\n",
        grouped(size.rows)
    );
    for floor in targets::floors(size) {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            floor.way.as_str(),
            floor.steps,
            seconds(floor.waiting_ms),
            seconds(floor.working_ms),
            Unit::Bytes.show(floor.bytes as f64),
            seconds(floor.line_ms),
        );
    }
    text.push_str("\nWhat is asked for, step by step:\n\n");
    for way in Way::ALL {
        if let Some(trace) = size.trace(way) {
            let _ = writeln!(text, "- {}: {}", way.as_str(), asked(&trace.requests));
        }
    }
    text
}

/// The requests, a step after the other; those of one step for one file together.
fn asked(requests: &[Asked]) -> String {
    let steps = requests.iter().map(|asked| asked.step).max().unwrap_or(0);
    let step = |step: usize| {
        let mut groups: Vec<(String, u64, u64)> = Vec::new();
        for asked in requests.iter().filter(|asked| asked.step == step) {
            let what = format!("{} `{}`", asked.kind, asked.file);
            match groups.iter_mut().find(|group| group.0 == what) {
                Some((_, times, bytes)) => (*times, *bytes) = (*times + 1, *bytes + asked.bytes),
                None => groups.push((what, 1, asked.bytes)),
            }
        }
        let told = groups.into_iter().map(|(what, times, bytes)| {
            let times = if times > 1 { format!("{times} × ") } else { String::new() };
            let bytes =
                if bytes > 0 { format!(" {}", Unit::Bytes.show(bytes as f64)) } else { String::new() };
            format!("{times}{what}{bytes}")
        });
        format!("**{step}** {}", told.collect::<Vec<_>>().join(" and "))
    };
    (1..=steps).map(step).collect::<Vec<_>>().join(" → ")
}

fn exports(report: &Report) -> String {
    let mut text = String::from(
        "\n## Export\n\nFrom rows in memory to the bucket, without a delay; the median of the turns. *Both* writes both at one \
         time, and makes the batch, too, which the bare writes are given.\n\n\
         | rows | Parquet | Lance | its indexes | both | both / sum | Parquet on the bucket | Lance | its indexes |\n\
         |---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for size in &report.sizes {
        let exports = &size.exports;
        let told =
            |export: &Export| format!("{}, {} requests", seconds(export.ms), export.traffic.requests());
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {:.2} | {} | {} | {} |",
            grouped(size.rows),
            told(&exports.parquet),
            told(&exports.lance),
            told(&exports.lance_index),
            seconds(exports.both_ms),
            exports.both_ms / (exports.parquet.ms + exports.lance.ms),
            Unit::Bytes.show(exports.parquet_bytes as f64),
            Unit::Bytes.show(exports.lance_bytes as f64),
            Unit::Bytes.show(exports.lance_index_bytes as f64),
        );
    }
    text
}

fn operations(size: &Size) -> String {
    let mut delays: Vec<u64> = size.measurements.iter().map(|found| found.delay_ms).collect();
    delays.sort_unstable();
    delays.dedup();
    let times: Vec<String> = delays.iter().map(|delay| format!("{delay} ms")).collect();
    let mut text = format!(
        "\n## {} rows\n\n| operation | | format | {} | GET | HEAD | LIST | PUT | read | written | steps | $ a million | \
         recall@10 |\n|---|---|---|{}---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        grouped(size.rows),
        times.join(" | "),
        "---:|".repeat(times.len()),
    );
    for operation in Operation::ALL {
        for state in State::BOTH {
            for format in Format::BOTH {
                let _ = write!(text, "{}", row(size, operation, state, format, &delays));
            }
        }
    }
    text
}

/// Counts are those of the longest delay, where answers come as late as from a real bucket.
fn row(size: &Size, operation: Operation, state: State, format: Format, delays: &[u64]) -> String {
    let find = |delay: &u64| size.find(format, operation, state, *delay);
    let Some(traffic) = delays.iter().rev().find_map(find).map(|found| &found.traffic) else {
        return String::new();
    };
    let time = |delay| find(delay).map_or(String::new(), |found| seconds(found.ms));
    let times: Vec<String> = delays.iter().map(time).collect();
    let recall = size.recall(format, operation).map(|recall| format!("{recall:.2}"));
    format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.2} | {} |\n",
        operation.as_str(),
        state.as_str(),
        format.as_str(),
        times.join(" | "),
        traffic.gets,
        traffic.heads,
        traffic.lists,
        traffic.puts,
        Unit::Bytes.show(traffic.bytes_read as f64),
        Unit::Bytes.show(traffic.bytes_written as f64),
        traffic.steps,
        traffic.dollars_a_million(),
        recall.unwrap_or_default(),
    )
}
