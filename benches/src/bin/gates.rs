//! What came of `cargo bench`: `gates` prints the table of the last run of every bench, `gates --into README.md` puts it between
//! the markers of a page, `gates --compare FOLDER` prints what changed since the results that were kept in another folder.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Parser;
use zenith_benches::gate::{Results, Settings, compared, table, with_table};

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
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let folder = options.folder.unwrap_or_else(|| Settings::from_arguments(std::iter::empty()).folder);
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
