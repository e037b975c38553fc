//! `spike report`.

use zenith_harness::report::history::History;
use zenith_harness::report::trend::{self, Trend};
use zenith_harness::text::clean_line;

use super::args::Report;
use super::{Setting, output, select};

/// Compares the figures of the runs that were kept.
pub fn execute(report: &Report, setting: Setting<'_>) -> anyhow::Result<u8> {
    let Setting { spikes, config, out, .. } = setting;
    let data = &config.data_dir;
    let wanted: Vec<&str> = select::spikes(spikes, &report.names)?.iter().map(|spike| spike.id).collect();
    let runs = History::in_data(data).read()?;
    for damaged in &runs.damaged {
        output::say(&format!("passed over {}: {}", damaged.path.display(), damaged.why));
    }
    // Spikes that are no more are shown only where nothing is asked for.
    let trends = trend::trends(&runs.runs, |id| report.names.is_empty() || wanted.contains(&id));
    if report.json {
        for trend in &trends {
            writeln!(out, "{}", json(trend))?;
        }
    } else if trends.is_empty() {
        writeln!(out, "no run was kept yet; try: spike run")?;
    } else {
        write!(out, "{}", trend::table(&trends))?;
        writeln!(out, "\n{} kept in {}", counted(runs.runs.len()), clean_line(&data.display().to_string()))?;
    }
    Ok(0)
}

/// `{id, backend, figure, unit, target?, last, median, min, max, runs, values}`, the oldest value first.
fn json(trend: &Trend) -> serde_json::Value {
    let mut object = serde_json::json!({
        "id": trend.id,
        "backend": trend.backend,
        "figure": trend.figure,
        "unit": trend.unit,
        "last": trend.last(),
        "median": trend.median(),
        "min": trend.min(),
        "max": trend.max(),
        "runs": trend.values.len(),
        "values": trend.values,
    });
    if let Some(target) = trend.target {
        object["target"] = target.into();
    }
    object
}

fn counted(runs: usize) -> String {
    match runs {
        1 => "1 run".to_string(),
        _ => format!("{runs} runs"),
    }
}
