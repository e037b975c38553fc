//! What came of `cargo bench`: `gates` prints the table of the last run of every bench, `gates --into README.md` puts it between
//! the markers of a page, `gates --compare FOLDER` prints what changed since the results that were kept in another folder,
//! `gates --noticed BENCH…` which gates noticed a slowdown that was planted in each of these.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Parser;
use zenith_benches::gate::{Outcome, Results, SLOWED, Settings, Verdict, compared, table, with_table};

#[derive(Parser)]
#[command(about = "The results of the last `cargo bench`, as tables of Markdown")]
struct Options {
    /// Where results are kept
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Results of an earlier run to compare with: a folder of such files
    #[arg(long)]
    compare: Option<PathBuf>,
    /// A page that has the table between its markers, and gets this one
    #[arg(long, value_name = "PAGE")]
    into: Option<PathBuf>,
    /// Fails where one of these benches did not notice that it was slowed down
    #[arg(long, value_name = "BENCH", num_args = 1..)]
    noticed: Vec<String>,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let folder = options.folder.unwrap_or_else(|| Settings::from_arguments(std::iter::empty()).folder);
    if !options.noticed.is_empty() {
        return noticed(&folder, &options.noticed);
    }
    let results = all(&folder)?;
    anyhow::ensure!(!results.is_empty(), "nothing was measured yet: {} has no results", folder.display());
    if let Some(page) = &options.into {
        return into(page, &table(&results));
    }
    let Some(before) = options.compare.as_deref().map(all).transpose()? else {
        print!("{}", table(&results));
        return Ok(());
    };
    for result in &results {
        if let Some(before) = before.iter().find(|before| before.bench == result.bench) {
            println!("{}", compared(before, result));
        }
    }
    Ok(())
}

fn into(page: &Path, table: &str) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))?;
    let text = with_table(&text, table).with_context(|| format!("{} has no markers", page.display()))?;
    std::fs::write(page, text).with_context(|| format!("cannot write {}", page.display()))
}

/// Tells which gates failed of benches that were slowed down, and did not without that. One without any holds nothing.
fn noticed(folder: &Path, benches: &[String]) -> anyhow::Result<()> {
    let (plain, slowed) = (all(folder)?, all(&folder.join(SLOWED))?);
    let failed = |results: &[Results], bench: &str| -> Vec<Outcome> {
        let outcomes = results.iter().filter(|results| results.bench == bench).flat_map(|of| &of.outcomes);
        outcomes.filter(|outcome| outcome.verdict == Verdict::Failed).cloned().collect()
    };
    let mut unnoticed = Vec::new();
    for bench in benches {
        let before = failed(&plain, bench);
        let is_known = |outcome: &Outcome| before.iter().any(|before| before.name == outcome.name);
        let failed: Vec<_> =
            failed(&slowed, bench).into_iter().filter(|outcome| !is_known(outcome)).collect();
        println!("{bench}: {} gates noticed it", failed.len());
        failed.iter().for_each(|outcome| println!("  {outcome}"));
        if failed.is_empty() {
            unnoticed.push(bench.as_str());
        }
    }
    anyhow::ensure!(
        unnoticed.is_empty(),
        "a slowdown of these is noticed by no gate: {}",
        unnoticed.join(", ")
    );
    Ok(())
}

/// The last results of every bench in a folder, by name.
fn all(folder: &Path) -> anyhow::Result<Vec<Results>> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // Those before have the time in their names.
        if name.ends_with(".json") && !name.contains('-') {
            found.push(Results::read(&path).with_context(|| format!("{} is no result", path.display()))?);
        }
    }
    found.sort_by(|a, b| a.bench.cmp(&b.bench));
    Ok(found)
}
