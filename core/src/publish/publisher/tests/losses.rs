//! What is lost in the store, and what a sweep may take.

use std::time::SystemTime;

use super::*;
use crate::lake::Listed;
use crate::publish::manifest::Set;

const HERO_ID: &str = "wgt_main_hero";

fn artifact(manifest: &Manifest) -> String {
    advance::named(manifest).remove(0)
}

impl Desk {
    async fn delete(&self, key: &str) {
        self.publisher.store.delete(key).await.unwrap();
    }

    async fn past(&self, number: u64) -> Manifest {
        let past = self.publisher.authored.history(&id(HERO_ID)).await.unwrap();
        past.into_iter().find(|past| past.sequence == number).unwrap().manifest
    }

    async fn overwrite(&self, key: &str, bytes: impl Into<bytes::Bytes>) {
        self.publisher.store.put(key, bytes.into(), Put::Overwrite).await.unwrap();
    }

    /// Whether something was not as it was published, and all of it is by now.
    async fn mended(&self) -> bool {
        let done = self.publisher.repair().await.unwrap();
        let is_mended = !done.is_empty() && done.iter().all(|done| done.is_mended);
        is_mended && self.publisher.verify(true).await.unwrap().is_empty()
    }

    /// Has all objects look as old as this.
    fn aged(&self, age: Duration) {
        let root = self.shared.join("store");
        for key in self.objects().into_keys() {
            let file = std::fs::File::options().write(true).open(root.join(key)).unwrap();
            file.set_modified(SystemTime::now() - age).unwrap();
        }
    }
}

#[tokio::test]
async fn a_pointer_and_a_set_that_are_gone_are_put_again_under_the_next_number() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    for title in ["One", "Two", "Three"] {
        desk.entitled(HERO_ID, title).await;
    }
    desk.delete(&pointer_key(&id(HERO_ID))).await;
    let found = desk.publisher.verify(false).await.unwrap();
    assert_eq!(found[0].what, "its pointer is gone");
    let report = desk.entitled(HERO_ID, "Four").await;
    assert_eq!((report.published[0].sequence, report.set), (4, Some(4)), "{report:?}");
    assert_eq!(desk.publisher.verify(true).await.unwrap(), []);

    desk.delete(&set_key()).await;
    let found = desk.publisher.verify(false).await.unwrap();
    assert!(found[0].public_id.is_none() && found[0].what.contains("catalog.json is gone"), "{found:?}");
    assert_eq!(desk.entitled(HERO_ID, "Five").await.set, Some(5));
    assert_eq!(desk.publisher.verify(true).await.unwrap(), []);
}

/// The live manifest names what the one that is gone back to names too.
#[tokio::test]
async fn a_rollback_to_what_is_no_longer_there_moves_no_pointer() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    desk.entitled(HERO_ID, "Welcome").await;
    let german = BTreeMap::from([("/title".to_string(), "Willkommen".to_string())]);
    desk.publisher.authored.translate(&id(HERO_ID), &locale("de"), german).await.unwrap();
    desk.publish().await;
    desk.delete(&artifact(&desk.past(1).await)).await;
    let report = desk.rollback(HERO_ID, 1).await.unwrap();
    assert!(report.failed[0].1.contains("no longer in the store"), "{report:?}");
    let pointer = desk.publisher.store.get(&pointer_key(&id(HERO_ID)), 1 << 20).await.unwrap().bytes;
    assert_eq!(Manifest::unseal(&pointer, &id(HERO_ID), "x").unwrap().sequence, 2);
    assert_eq!(desk.publisher.authored.live_of(&id(HERO_ID)).await.unwrap().unwrap().sequence, 2);
}

/// Once readers are led there, the ledger says so, and the next publication makes anew what is missing.
#[tokio::test]
async fn what_is_lost_after_the_swap_is_made_anew() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    desk.entitled(HERO_ID, "One").await;
    desk.entitled(HERO_ID, "Two").await;
    let (events, _) = mpsc::unbounded_channel();
    let stopped = CancellationToken::new();
    stopped.cancel();
    let planned = desk.publisher.rollback(&id(HERO_ID), 1, events, &stopped).await;
    assert!(matches!(planned, Err(PublishError::Cancelled)));
    let registry = desk.publisher.authored.registry().unwrap();
    let mut open = desk.publisher.authored.open_steps().await.unwrap();
    while open[0].state < State::Swapped {
        desk.publisher.advance(&mut open[0], &registry).await.unwrap();
    }
    desk.delete(&artifact(&desk.past(1).await)).await;
    let report = desk.publish().await;
    assert!(report.failed[0].1.contains("no longer in the store") && report.set.is_none(), "{report:?}");
    assert_eq!(desk.publisher.authored.live_of(&id(HERO_ID)).await.unwrap().unwrap().sequence, 3);
    let report = desk.publish().await;
    assert_eq!((report.published[0].sequence, report.set), (4, Some(3)));
    assert_eq!(desk.title(HERO_ID, "en").await, "Two");
    assert_eq!(desk.publisher.verify(true).await.unwrap(), []);
}

/// A sweep of another folder listed and looked before this publication began, and deletes after it.
#[tokio::test]
async fn a_sweep_does_not_take_what_was_named_since_it_looked() {
    let shared = tempfile::tempdir().unwrap();
    let (one, two) = (desk("one", shared.path()).await, desk("two", shared.path()).await);
    one.entitled(HERO_ID, "One").await;
    let first = artifact(&one.past(1).await);
    for number in 0..21 {
        one.entitled(HERO_ID, &number.to_string()).await;
    }
    one.aged(GRACE * 2);
    one.entitled(HERO_ID, "now").await;
    let listed: Vec<Listed> = two.publisher.store.list(ROOT).await.unwrap();
    let kept = two.publisher.kept(&listed).await.unwrap();
    assert!(!kept.contains(&first));
    one.entitled(HERO_ID, "One").await;
    let collected = two.publisher.sweep(&listed, &kept, GRACE).await.unwrap();
    assert!(collected.removed > 0 && collected.young > 0, "{collected:?}");
    assert_eq!(one.publisher.verify(true).await.unwrap(), []);
    assert_eq!(one.title(HERO_ID, "en").await, "One");
}

#[tokio::test]
async fn a_sweep_leaves_all_of_what_has_lost_its_pointer() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    for number in 0..3 {
        desk.entitled(HERO_ID, &number.to_string()).await;
    }
    desk.delete(&pointer_key(&id(HERO_ID))).await;
    let before = desk.objects();
    assert_eq!(desk.publisher.collect(Duration::ZERO).await.unwrap().removed, 0);
    assert_eq!(desk.objects(), before);
}

/// Numbers are no way to keep others from publishing.
#[tokio::test]
async fn a_set_of_the_largest_number_is_damaged_and_can_be_put_back() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    desk.entitled(HERO_ID, "One").await;
    let bytes = desk.publisher.store.get(&set_key(), 1 << 20).await.unwrap().bytes;
    let largest = Set { sequence: (1 << 53) - 1, ..Set::unseal(&bytes, "x").unwrap() }.seal().unwrap();
    desk.publisher.store.put(&set_key(), largest.clone().into(), Put::Overwrite).await.unwrap();
    desk.save(HERO_ID, r#"{"title":"Two"}"#).await;
    let (events, _) = mpsc::unbounded_channel();
    let refused = desk.publisher.publish(&[], events, &CancellationToken::new()).await;
    let Err(error @ PublishError::Damaged { .. }) = refused else { panic!("{refused:?}") };
    assert!(error.to_string().contains("zenith instance verify --repair"), "{error}");
    assert_eq!(desk.objects()[&set_key()], largest, "nothing was put");
    assert!(desk.mended().await);
    assert_eq!(desk.publish().await.set, None);
    assert_eq!(desk.title(HERO_ID, "en").await, "Two");
    assert_eq!(desk.publisher.verify(true).await.unwrap(), []);
}

/// V23.
#[tokio::test]
async fn only_what_nobody_names_and_is_old_is_removed() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    for number in 0..23 {
        desk.save("wgt_main_hero", &format!(r#"{{"title":"{number}"}}"#)).await;
        desk.publish().await;
    }
    let all = desk.objects().len();
    let young = desk.publisher.collect(GRACE).await.unwrap();
    assert_eq!((young.removed, desk.objects().len()), (0, all));
    assert!(young.young >= 3 * 2, "{young:?}");
    let collected = desk.publisher.collect(Duration::ZERO).await.unwrap();
    assert_eq!((collected.removed, collected.young), (young.young, 0));
    assert_eq!(desk.title("wgt_main_hero", "en").await, "22");
    assert_eq!(desk.publisher.verify(true).await.unwrap(), []);
    assert_eq!(desk.rollback("wgt_main_hero", 5).await.unwrap().published.len(), 1, "the last twenty stay");

    // A publication that reuses what a sweep just took away puts it again.
    desk.save("wgt_main_hero", r#"{"title":"0"}"#).await;
    let open = desk.advanced(2).await;
    let copy = copy_key(&open, open.manifest.as_ref().unwrap());
    for key in advance::named(&open.manifest.as_ref().unwrap().manifest).into_iter().chain([copy]) {
        desk.publisher.store.delete(&key).await.unwrap();
    }
    desk.publish().await;
    assert_eq!(desk.publisher.verify(true).await.unwrap(), []);

    // What cannot be read stops a sweep.
    desk.publisher.store.put(&set_key(), "{}".into(), Put::Overwrite).await.unwrap();
    let before = desk.objects();
    assert!(matches!(desk.publisher.collect(Duration::ZERO).await, Err(PublishError::Damaged { .. })));
    assert_eq!(desk.objects(), before);
}

/// A pointer, the set and an artifact, each taken away, set back to what it was, or written over.
#[tokio::test]
async fn what_is_missing_or_damaged_is_found_and_put_back_as_it_was_published() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    desk.entitled(HERO_ID, "Welcome").await;
    let old = desk.objects();
    let german = BTreeMap::from([("/title".to_string(), "Willkommen".to_string())]);
    desk.publisher.authored.translate(&id(HERO_ID), &locale("de"), german).await.unwrap();
    desk.publish().await;
    assert_eq!(desk.publisher.repair().await.unwrap(), [], "there is nothing to mend");
    let whole = desk.objects();
    let pointer = pointer_key(&id(HERO_ID));
    let copies = whole.keys().filter(|key| !key.ends_with("/manifest.json") && !old.contains_key(*key));
    let first = advance::named(&desk.past(2).await);
    for key in copies.chain(&first).chain([&pointer, &set_key()]) {
        let is_pointer = *key == pointer || *key == set_key();
        let mut same_size = whole[key].clone();
        same_size[10] ^= 1;
        for damage in [None, Some(b"xx".to_vec()), Some(same_size), old.get(key).cloned()] {
            let is_as_long = damage.as_ref().is_some_and(|damage| damage.len() == whole[key].len());
            match &damage {
                None => desk.delete(key).await,
                Some(bytes) if bytes == &whole[key] => continue,
                Some(bytes) => desk.overwrite(key, bytes.clone()).await,
            }
            let found = desk.publisher.verify(false).await.unwrap();
            assert!(!found.is_empty() || (is_as_long && !is_pointer), "{key} {damage:?}");
            assert!(!desk.publisher.verify(true).await.unwrap().is_empty(), "{key} {damage:?}");
            assert!(desk.mended().await, "{key} {damage:?}");
            if *key != set_key() {
                assert_eq!(desk.objects()[key], whole[key], "{key}");
            }
            assert_eq!(desk.title(HERO_ID, "de").await, "Willkommen");
        }
    }
    // Numbers of the set go on from what readers saw.
    let set = desk.publisher.store.get(&set_key(), 1 << 20).await.unwrap().bytes;
    assert!(Set::unseal(&set, "x").unwrap().sequence > 2);
    assert_eq!(desk.publish().await.unchanged, 1);
}

/// What cannot be read is no number to go after, and says so; what somebody else published is not put over.
#[tokio::test]
async fn a_pointer_that_cannot_be_read_is_named_and_a_newer_one_stays() {
    let shared = tempfile::tempdir().unwrap();
    let (one, two) = (desk("one", shared.path()).await, desk("two", shared.path()).await);
    let pointer = pointer_key(&id(HERO_ID));
    one.entitled(HERO_ID, "One").await;
    one.overwrite(&pointer, "xx").await;
    let report = one.entitled(HERO_ID, "Two").await;
    let why = &report.failed[0].1;
    assert!(why.contains(&pointer) && why.contains("zenith instance verify --repair"), "{why}");
    let adopted = one.publisher.adopt(&[]).await.unwrap_err().to_string();
    assert!(adopted.contains(&pointer) && !adopted.contains("ledger"), "{adopted}");
    one.publisher.repair().await.unwrap();
    assert_eq!(one.publish().await.published[0].sequence, 2);

    two.save(HERO_ID, r#"{"title":"Theirs"}"#).await;
    two.publisher.adopt(&[]).await.unwrap();
    two.publish().await;
    let theirs = one.objects()[&pointer].clone();
    let done = one.publisher.repair().await.unwrap();
    assert!(!done[0].is_mended && done[0].what.contains("number 3 by two"), "{done:?}");
    assert_eq!(one.objects()[&pointer], theirs);
}

/// Of the same size and as young as can be.
#[tokio::test]
async fn what_is_damaged_is_put_over_and_never_gone_back_to() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    desk.entitled(HERO_ID, "One").await;
    let first = artifact(&desk.past(1).await);
    desk.entitled(HERO_ID, "Two").await;
    for damaged in [desk.objects()[&first].to_ascii_uppercase(), b"xx".to_vec()] {
        desk.overwrite(&first, damaged.clone()).await;
        let report = desk.rollback(HERO_ID, 1).await.unwrap();
        assert!(report.failed[0].1.contains("as it was published"), "{report:?}");
        assert_eq!(desk.title(HERO_ID, "en").await, "Two");
        desk.entitled(HERO_ID, "One").await;
        assert_eq!(desk.title(HERO_ID, "en").await, "One");
        desk.entitled(HERO_ID, "Two").await;
    }
}
