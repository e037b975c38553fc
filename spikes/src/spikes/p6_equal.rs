//! P6: a base that was changed step by step equals one that was made at once, over 2,000 random histories.
//!
//! Why: whatever is derived step by step drifts, unless it is proven not to.
//!
//! Method: histories of notes that come, change, go and are spoilt, over few ids. After each step what lies in the base
//! is read and compared with the document, at the end with a base made anew: 1,900 histories in memory, with vectors,
//! and 100 in a file, which is closed and opened again now and then.
//!
//! Accept when no dump ever differs.

use std::path::Path;
use std::sync::Arc;

use futures::FutureExt;
use zenith_core::embed::StaticModel;
use zenith_core::workspace::{Dump, FileProvider, Provider, Snapshot, VectorsProvider};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::bases::{Document, on_a_thread};

const BEHIND: &str = "row-changed-behind-its-back";
const IN_MEMORY: u64 = 1_900;
const IN_FILES: u64 = 100;
const STEPS: usize = 5;

pub const SPIKE: Spike = Spike {
    id: "P6",
    title: "a base changed step by step equals one made at once",
    group: Group::Notes,
    backends: &[Backend::Embedded],
    expected: Expected::Holds,
    targets: &[Target::gate("dumps that differ", 0.0, Unit::Count)],
    faults: &[Fault { name: BEHIND, what: "another program changes one row of one file" }],
    run: |trial| run(trial).boxed(),
};

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    on_a_thread(async move || compare(&trial).await).await
}

async fn compare(trial: &Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let (mut differ, mut compared) = (0, 0);
    let mut count = |differs: &[bool]| {
        compared += differs.len() as u64;
        differ += differs.iter().filter(|differs| **differs).count() as u64;
    };
    let model = Arc::new(StaticModel::shipped()?);
    for seed in 0..IN_MEMORY {
        if seed % 100 == 0 {
            trial.progress(format!("history {seed} of {}", IN_MEMORY + IN_FILES));
        }
        let (mut base, mut anew) = (VectorsProvider::new(model.clone()), VectorsProvider::new(model.clone()));
        count(&history(&mut base, &mut anew, seed, None).await?);
    }
    for seed in 0..IN_FILES {
        let folder = tempfile::tempdir_in(trial.lab.folder())?;
        let of = |name: &str| -> anyhow::Result<FileProvider> {
            FileProvider::new(&folder.path().join(name))?
                .ok_or_else(|| anyhow::anyhow!("somebody has the file"))
        };
        let (mut base, mut anew) = (of("kept.db")?, of("anew.db")?);
        let path = folder.path().join("kept.db");
        let behind = (trial.has_fault(BEHIND) && seed == IN_FILES / 2).then_some(path.as_path());
        count(&history(&mut base, &mut anew, IN_MEMORY + seed, behind).await?);
    }
    evidence.count("dumps that differ", differ, Unit::Count);
    evidence.count("dumps compared", compared, Unit::Count);
    evidence.check("histories were looked at", compared > IN_MEMORY + IN_FILES);
    Ok(evidence)
}

/// Lives through one history; returns for each dump that was compared whether it differed.
async fn history<P: Provider>(
    base: &mut P,
    anew: &mut P,
    seed: u64,
    behind: Option<&Path>,
) -> anyhow::Result<Vec<bool>> {
    let mut document = Document::new(seed);
    let mut applied: Option<Arc<Snapshot>> = None;
    let mut differs = Vec::new();
    for at in 0..STEPS {
        (0..=seed % 4).for_each(|_| document.step());
        let moment = document.moment();
        match &applied {
            Some(applied) => base.apply(&moment.changes_since(applied), &moment).await?,
            None => base.rebuild(&moment).await?,
        }
        if let Some(path) = behind.filter(|_| at == STEPS / 2) {
            let other = libsql::Builder::new_local(path).build().await?.connect()?;
            other.execute("INSERT INTO tags (id, name, extra) VALUES ('x', 'mine', '{}')", ()).await?;
        }
        let found = base.check(&moment).await?;
        differs.push(found.as_ref() != Some(&Dump::of(&moment)));
        if at + 1 == STEPS {
            anew.rebuild(&moment).await?;
            differs.push(found != anew.check(&moment).await?);
        }
        applied = Some(moment);
    }
    Ok(differs)
}
