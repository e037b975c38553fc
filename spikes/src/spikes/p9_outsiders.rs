//! P9: other programs read the file while it changes, each time one whole moment.
//!
//! Why: the file is there for every other tool. One that sees half of a rebuild, or an old file for ever, is worse off
//! than without.
//!
//! Method: SQLite's own program, sql.js and DuckDB read the file again and again while a process of its own makes it
//! anew and changes it. That process is killed twenty times in the middle of its work, and started again. Then
//! the file is removed, a text is put in its place, and it is made again.
//!
//! Accept when each read that came about saw as many rows as the file itself promises, every outsider saw several
//! moments, and the file is whole after every kill.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use futures::FutureExt;
use zenith_core::workspace::{BaseError, Dump, FileProvider, Provider};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::bases::{Document, Outsider, look, on_a_thread, outsiders};
use crate::child::Writer;

const THIRD: &str = "third-program-writes";
const KILLS: u32 = 20;
const OUTSIDERS: [Outsider; 3] = [Outsider::Sqlite, Outsider::SqlJs, Outsider::DuckDb];

pub const SPIKE: Spike = Spike {
    id: "P9",
    title: "other programs read the file while it changes, each time one whole moment",
    group: Group::Notes,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[
        Target::gate("reads of no whole moment", 0.0, Unit::Count),
        Target::gate("kills after which the file was not whole", 0.0, Unit::Count),
    ],
    faults: &[Fault {
        name: THIRD,
        what: "another program removes rows of the file, beside the one that keeps it",
    }],
    run: |trial| run(trial).boxed(),
};

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let tools = outsiders(trial.lab.tools())?;
    let path = trial.lab.folder().join("notes.db");
    let mut torn = 0;
    let mut broken = 0;
    for outsider in OUTSIDERS {
        trial.progress(format!("{outsider:?} reads"));
        let mut writer = Writer::start(&path)?;
        writer.has_begun().await?;
        let (mut moments, mut away) = (std::collections::BTreeSet::new(), 0);
        let mut seen = 0;
        let until = Instant::now() + Duration::from_secs(60);
        while seen < 12 || moments.len() < 3 {
            anyhow::ensure!(Instant::now() < until, "{outsider:?} saw {moments:?}, and {away} times nothing");
            match look(outsider, &tools, &path).await {
                Ok(Some(found)) => {
                    seen += 1;
                    torn += u64::from(!found.is_whole());
                    moments.insert(found.generation);
                }
                // The file is being written: who waits for no lock asks again.
                Ok(None) => away += 1,
                Err(error) => return Err(error),
            }
            if trial.has_fault(THIRD) && seen == 5 {
                third(&path).await?;
            }
        }
        evidence.note(format!(
            "{outsider:?} saw {} moments in {seen} reads, {away} times it could not",
            moments.len()
        ));
        writer.kill().await?;
    }
    for kill in 0..KILLS {
        trial.progress(format!("kill {} of {KILLS}", kill + 1));
        let mut writer = Writer::start(&path)?;
        writer.has_begun().await?;
        tokio::time::sleep(Duration::from_millis(u64::from(kill) * 7)).await;
        writer.kill().await?;
        // The next start opens it for writing, which is what brings the moment before back.
        let file = path.clone();
        broken += u64::from(!on_a_thread(async move || is_whole(&file).await).await?);
        let found = look(Outsider::Sqlite, &tools, &path).await?;
        torn += u64::from(found.is_none_or(|found| !found.is_whole()));
    }
    evidence.count("reads of no whole moment", torn, Unit::Count);
    evidence.count("kills after which the file was not whole", broken, Unit::Count);

    trial.progress("removed, and replaced");
    on_a_thread(async move || replaced(evidence, &path).await).await
}

/// The file is taken away under the one that keeps it, and something else is put in its place.
async fn replaced(mut evidence: Evidence, path: &Path) -> anyhow::Result<Evidence> {
    let mut document = Document::of(9, 50);
    let moment = document.moment();
    let mut file = FileProvider::new(path)?.context("somebody has the file")?;
    file.rebuild(&moment).await?;
    std::fs::remove_file(path)?;
    document.put("note-1", "afterwards", "");
    let next = document.moment();
    let lost = file.apply(&next.changes_since(&moment), &next).await;
    evidence.check_err("nothing is written into a file that is gone", &lost);
    file.rebuild(&next).await?;
    evidence.check("it is made again", file.check(&next).await? == Some(Dump::of(&next)));
    file.close().await;
    std::fs::write(path, "somebody's own words\n".repeat(100))?;
    let refused = file.rebuild(&next).await;
    evidence.check("what is not ours is left alone", matches!(refused, Err(BaseError::Foreign { .. })));
    Ok(evidence)
}

async fn third(path: &Path) -> anyhow::Result<()> {
    let other = libsql::Builder::new_local(path).build().await?.connect()?;
    other.busy_timeout(Duration::from_secs(5))?;
    // Whoever keeps the file may be faster, and make it whole again: every row that comes goes.
    let sql = "CREATE TRIGGER IF NOT EXISTS taken AFTER INSERT ON _zenith BEGIN DELETE FROM notes WHERE number % 2; END";
    other.execute_batch(&format!("DELETE FROM notes WHERE number % 2; {sql}")).await?;
    Ok(())
}

/// Whether what lies in the file is what it says it is.
async fn is_whole(path: &Path) -> anyhow::Result<bool> {
    let mut file = FileProvider::new(path)?.context("somebody has the file")?;
    let moment = Document::new(0).moment();
    let Some(dump) = file.check(&moment).await? else { return Ok(false) };
    file.close().await;
    let other = libsql::Builder::new_local(path).build().await?.connect()?;
    let mut rows = other.query("SELECT dump_hash FROM _zenith", ()).await?;
    let told = rows.next().await?.context("no mark")?.get::<String>(0)?;
    Ok(told == dump.hash())
}
