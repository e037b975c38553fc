//! A base that was changed step by step equals one that was made at once, whatever the steps were.

use std::sync::Arc;

use proptest::prelude::*;
use tokio::runtime::Runtime;

use super::base::Dump;
use super::file::FileProvider;
use super::provider::Provider;
use super::snapshot::Snapshot;
use super::testing::{History, Step, step};
use super::vectors::VectorsProvider;
use crate::embed::StaticModel;

fn vectors() -> VectorsProvider {
    VectorsProvider::new(Arc::new(StaticModel::shipped().unwrap()))
}

/// Several steps a commit, and whether the base is closed before it.
fn histories() -> impl Strategy<Value = Vec<(Vec<Step>, bool)>> {
    prop::collection::vec((prop::collection::vec(step(), 0..6), prop::bool::weighted(0.1)), 1..8)
}

/// Brings each moment as a driver does, and looks at what lies there.
async fn lives_through<P: Provider>(
    kept: &mut P,
    history: Vec<(Vec<Step>, bool)>,
    mut anew: impl AsyncFnMut(&Snapshot) -> Dump,
) {
    let mut document = History::default();
    let mut applied: Option<Arc<Snapshot>> = None;
    for (steps, closes) in history {
        steps.into_iter().for_each(|step| step.apply(&mut document));
        let moment = document.moment();
        if closes {
            kept.close().await;
            applied = None;
        }
        match applied {
            Some(applied) => kept.apply(&moment.changes_since(&applied), &moment).await.unwrap(),
            None => match kept.check(&moment).await.unwrap() {
                Some(found) => {
                    let changes = found.changes_to(&Dump::of(&moment));
                    kept.apply(&changes, &moment).await.unwrap();
                }
                None => kept.rebuild(&moment).await.unwrap(),
            },
        }
        let found = kept.check(&moment).await.unwrap().expect("a base of this document");
        assert_eq!(found, Dump::of(&moment));
        assert_eq!(found.hash(), anew(&moment).await.hash());
        applied = Some(moment);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_base_in_memory_equals_one_made_anew(history in histories()) {
        Runtime::new().unwrap().block_on(async {
            let anew = async |moment: &Snapshot| {
                let mut other = vectors();
                other.rebuild(moment).await.unwrap();
                other.check(moment).await.unwrap().unwrap()
            };
            lives_through(&mut vectors(), history, anew).await;
        });
    }

    #[test]
    fn the_base_in_a_file_equals_one_made_anew(history in histories()) {
        Runtime::new().unwrap().block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let mut kept = FileProvider::new(&folder.path().join("kept.db")).unwrap().unwrap();
            let mut other = FileProvider::new(&folder.path().join("other.db")).unwrap().unwrap();
            let anew = async |moment: &Snapshot| {
                other.rebuild(moment).await.unwrap();
                other.check(moment).await.unwrap().unwrap()
            };
            lives_through(&mut kept, history, anew).await;
            kept.holds_together().await;
        });
    }
}
