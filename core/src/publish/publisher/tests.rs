use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

mod losses;
mod others;
mod reading;
mod secrets;
mod together;

use super::advance::copy_key;
use super::*;
use crate::lake::Put;
use crate::lake::export::GRACE;
use crate::publish::artifact::{ROOT, pointer_key, set_key};
use crate::publish::canonical::Sha256;
use crate::publish::instance::Status;
use crate::publish::resolve::{Reader, Reason, Terms};
use crate::publish::step::State;
use crate::publish::trial::{FAQ, authored, id, locale};
use crate::publish::{Several, WidgetType};

/// A data folder, a store and a mirror.
struct Desk {
    folder: TempDir,
    shared: PathBuf,
    publisher: Publisher,
}

async fn desk(name: &str, shared: &Path) -> Desk {
    let (folder, authored) = authored().await;
    let translations = folder.path().join("translations");
    std::fs::create_dir_all(&translations).unwrap();
    std::fs::write(translations.join("de.json"), r#"{"Questions":"Fragen","What?":"Was?"}"#).unwrap();
    let publisher = Publisher {
        authored,
        store: Store::folder(&shared.join("store")).unwrap(),
        mirror: Some(Mirror::file(&shared.join("mirror.db")).await.unwrap()),
        generator: Arc::new(Several::offline(&translations)),
        name: name.to_string(),
    };
    Desk { folder, shared: shared.to_path_buf(), publisher }
}

impl Desk {
    async fn save(&self, of: &str, config: &str) {
        let hero = WidgetType::parse("hero").unwrap();
        let widget_type = of.starts_with("wgt_curated").then_some(&hero);
        self.publisher.authored.save(&id(of), widget_type, config.as_bytes()).await.unwrap();
    }

    async fn publish(&self) -> PublishReport {
        let (events, _) = mpsc::unbounded_channel();
        self.publisher.publish(&[], events, &CancellationToken::new()).await.unwrap()
    }

    /// Saves a title, and says what came of publishing it.
    async fn entitled(&self, of: &str, title: &str) -> PublishReport {
        self.save(of, &format!(r#"{{"title":"{title}"}}"#)).await;
        self.publish().await
    }

    async fn publish_these(&self, of: &[&str]) -> PublishReport {
        let (events, _) = mpsc::unbounded_channel();
        let ids: Vec<_> = of.iter().map(|of| id(of)).collect();
        self.publisher.publish(&ids, events, &CancellationToken::new()).await.unwrap()
    }

    /// Brings an instance so many steps further, and ends there.
    async fn advanced(&self, steps: usize) -> Step {
        let registry = self.publisher.authored.registry().unwrap();
        self.publisher.generator.begin();
        self.publisher.plan(&[], false, &registry, "killed").await.unwrap();
        let mut open = self.publisher.authored.open_steps().await.unwrap();
        for _ in 0..steps {
            self.publisher.advance(&mut open[0], &registry).await.unwrap();
        }
        open.remove(0)
    }

    async fn rollback(&self, of: &str, sequence: u64) -> Result<PublishReport, PublishError> {
        let (events, _) = mpsc::unbounded_channel();
        self.publisher.rollback(&id(of), sequence, events, &CancellationToken::new()).await
    }

    /// As another process would find it.
    async fn reopened(&self) -> Publisher {
        Publisher {
            authored: Authored::open(self.folder.path()).await.unwrap(),
            mirror: Some(Mirror::file(&self.shared.join("mirror.db")).await.unwrap()),
            ..self.publisher.clone()
        }
    }

    fn reader(&self) -> Reader {
        Reader::new(self.publisher.store.clone())
    }

    async fn title(&self, of: &str, tag: &str) -> String {
        let got = self.reader().resolve(&id(of), &locale(tag), &Terms::default()).await.unwrap();
        got.content["title"].as_str().unwrap().to_string()
    }

    /// Everything in the store, by key.
    fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        objects(&self.shared.join("store"))
    }
}

fn objects(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut folders, mut found) = (vec![root.to_path_buf()], BTreeMap::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != ".lock") {
                let key = path.strip_prefix(root).unwrap().to_str().unwrap().to_string();
                found.insert(key, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

const HERO: &str = r#"{"title":"Welcome"}"#;

#[tokio::test]
async fn what_is_published_is_read_in_every_locale_and_named_by_its_content() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    desk.save("wgt_main_faq", FAQ).await;
    let report = desk.publish().await;
    assert_eq!((report.published.len(), report.failed.len(), report.set), (1, 0, Some(1)));
    assert_eq!(report.published[0].left_out, [("zh-Hant".to_string(), "nothing is translated".to_string())]);
    assert_eq!(desk.title("wgt_main_faq", "de-AT").await, "Fragen");
    assert_eq!(desk.title("wgt_main_faq", "en-XA").await, "[Qüéstíöns one]");
    let got = desk.reader().resolve(&id("wgt_main_faq"), &locale("de"), &Terms::default()).await.unwrap();
    assert_eq!((got.reasons.len(), got.untranslated, got.sequence), (0, 1, 1));

    for (key, bytes) in desk.objects() {
        let name = key.rsplit('/').next().unwrap();
        let parts: Vec<&str> = name.split('.').collect();
        match parts.as_slice() {
            [_, hash, "json"] => assert_eq!(*hash, Sha256::of(&bytes).as_str(), "{key}"),
            _ => assert!(["manifest.json", "catalog.json"].contains(&name), "{key}"),
        }
    }
    let mirror = desk.publisher.mirror.as_ref().unwrap();
    let state = mirror.state(&id("wgt_main_faq")).await.unwrap().unwrap();
    assert_eq!((state.sequence, state.publisher.as_str()), (1, "one"));
    assert_eq!(desk.publisher.verify(true).await.unwrap(), []);
}

#[tokio::test]
async fn where_nothing_changed_nobody_is_asked() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    desk.save("wgt_main_faq", FAQ).await;
    desk.publish().await;
    // Whoever asked it now would fail, or make it anew.
    std::fs::remove_dir_all(shared.path().join("store")).unwrap();
    std::fs::remove_file(shared.path().join("mirror.db")).unwrap();
    let report = desk.publish().await;
    assert_eq!((report.unchanged, report.published.len(), report.set), (1, 0, None));
    // Neither where what it depends on changed, and not what readers see.
    std::fs::write(
        desk.folder.path().join("translations/de.json"),
        r#"{"Questions":"Fragen","What?":"Was?","No":"Nein"}"#,
    )
    .unwrap();
    let report = desk.publish().await;
    assert_eq!((report.unchanged, report.published.len(), report.failed.len()), (1, 0, 0));
    assert!(!shared.path().join("store").exists());
}

#[tokio::test]
async fn one_changed_text_puts_one_artifact_and_two_manifests_and_the_set() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    desk.save("wgt_main_faq", FAQ).await;
    desk.publish().await;
    let before = desk.objects();
    let one = BTreeMap::from([("/title".to_string(), "Häufige Fragen".to_string())]);
    desk.publisher.authored.translate(&id("wgt_main_faq"), &locale("de"), one).await.unwrap();
    let outlook = desk
        .publisher
        .authored
        .outlook(&[], &*desk.publisher.generator, &*desk.publisher.generator)
        .await
        .unwrap();
    assert_eq!(desk.objects(), before, "a look ahead puts nothing");
    desk.publish().await;
    let after = desk.objects();
    let new: Vec<&String> = after.keys().filter(|key| !before.contains_key(*key)).collect();
    let changed =
        after.iter().filter(|(key, bytes)| before.get(*key).is_some_and(|was| was != *bytes)).count();
    assert_eq!((new.len(), changed), (2, 2), "{new:?}");
    assert!(new.contains(&&outlook[0].puts[0]), "{outlook:?}");
    assert_eq!(desk.title("wgt_main_faq", "de").await, "Häufige Fragen");
}

/// §6 of what a kill leaves: after each step another process goes on, and what comes of it is as if nothing had happened.
#[tokio::test]
async fn a_run_that_dies_after_any_step_is_finished_by_the_next() {
    for steps in 0..=5 {
        let shared = tempfile::tempdir().unwrap();
        let desk = desk("one", shared.path()).await;
        desk.save("wgt_main_faq", FAQ).await;
        desk.save("wgt_main_hero", HERO).await;
        desk.publish().await;
        desk.save("wgt_main_faq", &FAQ.replace("Questions", "More")).await;
        desk.save("wgt_main_hero", r#"{"title":"Hello"}"#).await;

        desk.advanced(steps).await;
        // Readers see the old or the new, and the set is the old one, whole.
        let title = desk.title("wgt_main_faq", "en").await;
        assert_eq!(title, if steps >= 4 { "More" } else { "Questions" }, "after {steps} steps");
        let reader = desk.reader();
        let set = reader.set().await.unwrap();
        assert_eq!(set.sequence, 1);
        for (of, title) in [("wgt_main_faq", "Questions"), ("wgt_main_hero", "Welcome")] {
            let got = reader.resolve_in(&set, &id(of), &locale("en"), &Terms::default()).await.unwrap();
            assert_eq!(got.content["title"], title, "after {steps} steps");
        }

        let again = desk.reopened().await;
        let (events, _) = mpsc::unbounded_channel();
        let report = again.publish(&[], events, &CancellationToken::new()).await.unwrap();
        assert_eq!((report.failed.len(), report.set), (0, Some(2)), "after {steps} steps");
        assert_eq!(desk.title("wgt_main_faq", "en").await, "More");
        assert_eq!(desk.title("wgt_main_hero", "en").await, "Hello");
        let live = again.authored.live().await.unwrap();
        assert!(live.values().all(|live| live.sequence == 2), "after {steps} steps");
        assert_eq!(again.verify(true).await.unwrap(), [], "after {steps} steps");
        assert_eq!(again.authored.open_steps().await.unwrap().len(), 0);
        // What was made twice is the same: a manifest of each number, and the pointer.
        assert_eq!(desk.objects().keys().filter(|key| key.contains("/wgt_main_faq/manifest.")).count(), 3);
    }
}

#[tokio::test]
async fn a_swap_whose_answer_was_lost_is_looked_up() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    desk.save("wgt_main_faq", FAQ).await;
    let open = desk.advanced(3).await;
    assert_eq!(open.state, State::Mirrored);
    // It went through, and nobody heard of it.
    let bytes = open.manifest.as_ref().unwrap().bytes.clone();
    desk.publisher.store.put(&pointer_key(&id("wgt_main_faq")), bytes.into(), Put::Create).await.unwrap();
    let report = desk.publish().await;
    assert_eq!((report.published.len(), report.published[0].sequence, report.failed.len()), (1, 1, 0));
    assert_eq!(desk.publisher.verify(true).await.unwrap(), []);
}

#[tokio::test]
async fn an_edit_takes_the_place_of_what_was_not_sent_and_follows_what_was() {
    for (steps, sequences) in [(1, vec![1]), (2, vec![1, 2])] {
        let shared = tempfile::tempdir().unwrap();
        let desk = desk("one", shared.path()).await;
        desk.save("wgt_main_faq", FAQ).await;
        desk.advanced(steps).await;
        desk.save("wgt_main_faq", &FAQ.replace("Questions", "More")).await;
        let report = desk.publish().await;
        let published: Vec<u64> = report.published.iter().map(|published| published.sequence).collect();
        assert_eq!(published, sequences);
        assert_eq!(desk.title("wgt_main_faq", "en").await, "More");
    }
}

/// V18, V20.
#[tokio::test]
async fn of_two_publishers_one_wins_and_the_other_is_told_who() {
    let shared = tempfile::tempdir().unwrap();
    let (one, two) = (desk("one", shared.path()).await, desk("two", shared.path()).await);
    one.save("wgt_main_faq", FAQ).await;
    one.save("wgt_main_hero", HERO).await;
    one.publish().await;
    two.save("wgt_main_faq", &FAQ.replace("Questions", "Others")).await;
    let report = two.publish().await;
    assert_eq!((report.published.len(), report.set), (0, None));
    let why = &report.failed[0].1;
    assert!(why.contains("by one") && why.contains("number 1") && why.contains("adopt"), "{why}");
    assert_eq!(two.title("wgt_main_faq", "en").await, "Questions");
    let mirror = two.publisher.mirror.as_ref().unwrap();
    assert_eq!(mirror.state(&id("wgt_main_faq")).await.unwrap().unwrap().publisher, "one");

    let adopted = two.publisher.adopt(&[]).await.unwrap();
    assert_eq!((adopted.len(), adopted[0].sequence, adopted[0].publisher.as_str()), (1, 1, "one"));
    let kept = two.publisher.authored.get(&id("wgt_main_faq")).await.unwrap();
    assert_eq!(kept.config["title"], "Others", "nothing of what lies there was taken over");
    let report = two.publish().await;
    assert_eq!((report.published[0].sequence, report.failed.len()), (2, 0));
    assert_eq!(two.title("wgt_main_faq", "en").await, "Others");
    // What the other named in the set stays named.
    assert_eq!(two.reader().set().await.unwrap().instances.len(), 2);
    assert_eq!(two.publisher.verify(true).await.unwrap(), []);

    one.save("wgt_main_faq", &FAQ.replace("Questions", "Mine")).await;
    let report = one.publish().await;
    assert!(report.failed[0].1.contains("by two") && report.failed[0].1.contains("number 2"));
    assert_eq!(
        one.publisher.verify(false).await.unwrap().len(),
        2,
        "the pointer and the mirror are another's"
    );
}

/// The mirror's row of a number is the winner's, whoever wrote it first.
#[tokio::test]
async fn a_loser_leaves_nothing_in_the_mirror() {
    let shared = tempfile::tempdir().unwrap();
    let (one, two) = (desk("one", shared.path()).await, desk("two", shared.path()).await);
    two.save("wgt_main_hero", r#"{"title":"Loser"}"#).await;
    two.advanced(3).await;
    let mirror = one.publisher.mirror.as_ref().unwrap();
    assert_eq!(mirror.state(&id("wgt_main_hero")).await.unwrap().unwrap().publisher, "two");
    one.save("wgt_main_hero", HERO).await;
    one.publish().await;
    assert_eq!(mirror.state(&id("wgt_main_hero")).await.unwrap().unwrap().publisher, "one");
    assert_eq!(two.publish().await.failed.len(), 1);
    assert_eq!(mirror.state(&id("wgt_main_hero")).await.unwrap().unwrap().publisher, "one");
}

#[tokio::test]
async fn what_was_published_before_is_published_again_under_a_new_number() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    for title in ["One", "Two", "Three"] {
        desk.save("wgt_main_hero", &format!(r#"{{"title":"{title}"}}"#)).await;
        desk.publish().await;
    }
    let before = desk.objects();
    let report = desk.rollback("wgt_main_hero", 1).await.unwrap();
    assert_eq!((report.published[0].sequence, report.set), (4, Some(4)));
    assert_eq!(desk.title("wgt_main_hero", "en").await, "One");
    let artifacts = |of: &BTreeMap<String, Vec<u8>>| of.keys().filter(|key| key.contains("/en.")).count();
    assert_eq!(artifacts(&desk.objects()), artifacts(&before), "its artifacts were there");
    let past = desk.publisher.authored.history(&id("wgt_main_hero")).await.unwrap();
    assert_eq!(past.iter().map(|past| past.sequence).collect::<Vec<_>>(), [4, 3, 2, 1]);
    // What is authored here is still what it was, and goes out once somebody means it.
    let (authored, offline) = (&desk.publisher.authored, &*desk.publisher.generator);
    let hero = id("wgt_main_hero");
    let report = desk.publish().await;
    assert_eq!((report.published.len(), report.rolled_back), (0, vec![(hero.clone(), 1)]));
    assert_eq!(authored.outlook(&[], offline, offline).await.unwrap(), []);
    let standing = authored.standings(offline).await.unwrap().remove(0);
    assert_eq!(standing.progress, crate::publish::Progress::RolledBack { to: 1 });
    assert_eq!(desk.title("wgt_main_hero", "en").await, "One");
    assert_eq!(desk.publish_these(&["wgt_main_hero"]).await.published[0].sequence, 5);
    assert_eq!(desk.title("wgt_main_hero", "en").await, "Three");
    assert!(matches!(desk.rollback("wgt_main_hero", 9).await, Err(PublishError::NoSuchSequence { .. })));

    // What it named is gone: it is not named again.
    let first = past.last().unwrap().manifest.locales.values().next().unwrap().sha256.clone();
    desk.publisher.store.delete(&format!("{ROOT}/wgt_main_hero/en.{first}.json")).await.unwrap();
    let report = desk.rollback("wgt_main_hero", 1).await.unwrap();
    assert!(report.failed[0].1.contains("no longer in the store"), "{report:?}");
    assert_eq!(desk.title("wgt_main_hero", "en").await, "Three");
}

#[tokio::test]
async fn a_stopped_run_and_a_second_one_leave_all_as_it_was() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    desk.save("wgt_main_hero", HERO).await;
    let cancel = CancellationToken::new();
    cancel.cancel();
    let (events, _) = mpsc::unbounded_channel();
    assert!(matches!(desk.publisher.publish(&[], events, &cancel).await, Err(PublishError::Cancelled)));
    assert!(desk.objects().is_empty());
    let turn = desk.publisher.turn().unwrap();
    let (events, _) = mpsc::unbounded_channel();
    let second = desk.publisher.publish(&[], events, &CancellationToken::new()).await;
    assert!(matches!(second, Err(PublishError::Busy)));
    drop(turn);
    assert_eq!(desk.publish().await.published.len(), 1);
}

/// Not even by a run that ends in between.
#[tokio::test]
async fn what_was_rolled_back_stays_so_until_it_is_edited() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    desk.entitled("wgt_main_hero", "One").await;
    desk.entitled("wgt_main_hero", "Two").await;
    let (events, _) = mpsc::unbounded_channel();
    let stopped = CancellationToken::new();
    stopped.cancel();
    let planned = desk.publisher.rollback(&id("wgt_main_hero"), 1, events, &stopped).await;
    assert!(matches!(planned, Err(PublishError::Cancelled)));
    let report = desk.publish().await;
    assert_eq!((report.published[0].sequence, report.rolled_back.len()), (3, 1), "{report:?}");
    assert_eq!(desk.reopened().await.authored.rolled_back().await.unwrap().len(), 1);
    desk.entitled("wgt_curated_other", "Other").await;
    assert_eq!(desk.title("wgt_main_hero", "en").await, "One");
    let german = BTreeMap::from([("/title".to_string(), "Zwei".to_string())]);
    desk.publisher.authored.translate(&id("wgt_main_hero"), &locale("de"), german).await.unwrap();
    assert_eq!(desk.publish().await.published[0].sequence, 4);
    assert_eq!(desk.title("wgt_main_hero", "de").await, "Zwei");
    assert!(desk.publisher.authored.rolled_back().await.unwrap().is_empty());
}
