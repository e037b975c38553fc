//! What is for the author alone, and what was never published.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicUsize};

use super::*;
use crate::publish::{GenerateError, Generated, Generator, Locale, Pseudo, Wanted};

/// It says so wherever one asks, and what readers have stays.
#[tokio::test]
async fn nothing_goes_out_while_a_file_of_translations_is_damaged() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    let (authored, offline) = (&desk.publisher.authored, &*desk.publisher.generator);
    let path = desk.folder.path().join("translations/de.json");
    std::fs::write(&path, r#"{"CANARY of the file":1}"#).unwrap();
    let report = desk.entitled("wgt_main_hero", "Welcome").await;
    let why = &report.failed[0].1;
    assert!(why.contains("de.json") && why.contains("CANARY") && why.contains("mend"), "{report:?}");
    assert_eq!(desk.objects().len(), 0);

    std::fs::write(&path, r#"{"Welcome":"Willkommen"}"#).unwrap();
    desk.publish().await;
    assert_eq!(desk.title("wgt_main_hero", "de").await, "Willkommen");
    let before = desk.objects();
    std::fs::write(&path, "{bad").unwrap();
    for title in ["Welcome", "Hello"] {
        let report = desk.entitled("wgt_main_hero", title).await;
        assert!(report.failed[0].1.contains("de.json"), "{report:?}");
        let outlook = authored.outlook(&[], offline, offline).await.unwrap();
        assert!(outlook[0].unusable.as_ref().is_some_and(|why| why.contains("de.json")), "{outlook:?}");
        let standing = authored.standings(offline).await.unwrap().remove(0);
        let crate::publish::Progress::Unusable { why } = standing.progress else { panic!("{standing:?}") };
        assert!(why.contains("de.json"), "{why}");
    }
    assert_eq!(desk.objects(), before);
    // Withdrawing needs no texts.
    authored.set_status(&id("wgt_main_hero"), Status::Unpublished).await.unwrap();
    assert_eq!(desk.publish().await.published.len(), 1);
}

#[tokio::test]
async fn why_a_locale_is_left_out_is_told_to_the_author_alone() {
    let shared = tempfile::tempdir().unwrap();
    let mut desk = desk("one", shared.path()).await;
    let translator = Sometimes::default();
    desk.publisher.generator = Arc::new(translator.clone());
    let report = desk.entitled("wgt_main_hero", "Welcome").await;
    let (locale, why) = &report.published[0].left_out[0];
    assert!(locale == "de" && why.contains("it answered 503"), "{report:?}");
    for (key, bytes) in desk.objects() {
        assert!(!String::from_utf8_lossy(&bytes).contains("503"), "{key}");
    }
    // That it fails again says nothing new.
    let report = desk.publish().await;
    assert_eq!((report.published.len(), report.unchanged), (0, 1), "{report:?}");

    // What depends on it is asked for again.
    translator.is_there.store(true, Relaxed);
    desk.publish().await;
    assert_eq!(desk.title("wgt_main_hero", "de").await, "[Welcome]");
}

#[tokio::test]
async fn what_was_not_all_there_is_asked_for_again_after_a_rollback() {
    let shared = tempfile::tempdir().unwrap();
    let mut desk = desk("one", shared.path()).await;
    let translator = Sometimes::default();
    desk.publisher.generator = Arc::new(translator.clone());
    desk.entitled("wgt_main_hero", "Welcome").await;
    desk.entitled("wgt_main_hero", "Other").await;
    desk.save("wgt_main_hero", HERO).await;
    desk.rollback("wgt_main_hero", 1).await.unwrap();
    assert_eq!(desk.title("wgt_main_hero", "de").await, "Welcome");
    translator.is_there.store(true, Relaxed);
    desk.publish().await;
    assert_eq!(desk.title("wgt_main_hero", "de").await, "[Welcome]");
}

#[tokio::test]
async fn what_readers_never_saw_is_not_withdrawn_and_what_is_withdrawn_tells_nothing() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    let (authored, draft) = (&desk.publisher.authored, id("wgt_curated_next"));
    desk.save("wgt_curated_next", r#"{"title":"DRAFT"}"#).await;
    authored.set_status(&draft, Status::Unpublished).await.unwrap();
    let offline = &*desk.publisher.generator;
    assert_eq!(authored.outlook(&[], offline, offline).await.unwrap(), []);
    let report = desk.publish().await;
    assert_eq!((report.published.len(), report.unchanged, desk.objects().len()), (0, 0, 0));
    let mirror = desk.publisher.mirror.as_ref().unwrap();
    assert_eq!(mirror.state(&draft).await.unwrap(), None);

    authored.set_status(&draft, Status::Published).await.unwrap();
    desk.publish().await;
    desk.save("wgt_curated_next", r#"{"title":"CANARY"}"#).await;
    authored.set_status(&draft, Status::Unpublished).await.unwrap();
    assert_eq!(desk.publish().await.published[0].locales, 0);
    for (key, bytes) in desk.objects() {
        assert!(!String::from_utf8_lossy(&bytes).contains("CANARY"), "{key}");
    }
    let bytes = std::fs::read(shared.path().join("mirror.db")).unwrap();
    assert!(!bytes.windows(6).any(|window| window == b"CANARY"));
    assert_eq!(desk.publisher.verify(true).await.unwrap(), []);
    // Editing what is withdrawn is nothing to publish.
    desk.save("wgt_curated_next", r#"{"title":"later"}"#).await;
    assert_eq!(desk.publish().await.published, []);
    assert_eq!(desk.rollback("wgt_curated_next", 1).await.unwrap().published.len(), 1);
}

/// A type that is gone, or no longer fits, is told of the instances that it is of, and holds up no other.
#[tokio::test]
async fn what_does_not_fit_the_registry_any_more_is_told_and_can_be_withdrawn() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    desk.save("wgt_main_faq", FAQ).await;
    desk.publish().await;
    let path = desk.publisher.authored.registry_path();
    let registry = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, registry.replace(r#""faq":{"#, r#""later":{"#)).unwrap();
    let report = desk.entitled("wgt_main_hero", "Welcome").await;
    assert_eq!((report.published.len(), report.set), (1, Some(2)));
    assert!(report.failed[0].0 == id("wgt_main_faq") && report.failed[0].1.contains("faq"), "{report:?}");
    let standings = desk.publisher.authored.standings(&*desk.publisher.generator).await.unwrap();
    assert!(matches!(standings[0].progress, crate::publish::Progress::Unusable { .. }));
    desk.publisher.authored.set_status(&id("wgt_main_faq"), Status::Unpublished).await.unwrap();
    let report = desk.publish().await;
    assert_eq!((report.published.len(), report.failed.len(), report.set), (1, 0, Some(3)), "{report:?}");

    // A pattern that a configuration does not fit.
    desk.save("wgt_curated_a", r#"{"title":"a","number":1}"#).await;
    desk.publish().await;
    let hero = r#""hero":{"paths":["/title"#;
    std::fs::write(&path, registry.replace(hero, &format!("{hero}\",\"/number"))).unwrap();
    let report = desk.entitled("wgt_main_hero", "Hello").await;
    assert_eq!((report.published.len(), report.set), (1, Some(5)));
    assert!(report.failed[0].1.contains("/number"), "{report:?}");
}

/// More texts than an overlay holds: the locale is left out, and the base goes out.
#[tokio::test]
async fn a_translation_that_is_too_large_leaves_its_locale_out() {
    let shared = tempfile::tempdir().unwrap();
    let mut desk = desk("one", shared.path()).await;
    desk.publisher.generator = Arc::new(Pseudo);
    let question = "a".repeat(2_400);
    let faqs: Vec<String> =
        (0..400).map(|at| format!(r#"{{"id":"q{at}","question":"{question}"}}"#)).collect();
    desk.save("wgt_main_faq", &format!(r#"{{"title":"Many","faqs":[{}]}}"#, faqs.join(","))).await;
    let report = desk.publish().await;
    assert_eq!((report.published.len(), report.failed.len(), report.set), (1, 0, Some(1)));
    let left_out = &report.published[0].left_out;
    assert!(left_out.iter().any(|(of, why)| of == "en-XA" && why.contains("bytes")), "{left_out:?}");
    assert_eq!(desk.title("wgt_main_faq", "en-XA").await, "Many");
}

/// A translator that is away until it is there, and says the same of itself.
#[derive(Clone, Default)]
struct Sometimes {
    is_there: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
}

#[async_trait::async_trait]
impl Generator for Sometimes {
    fn fingerprint(&self, _: &Locale) -> Result<String, GenerateError> {
        Ok("sometimes".to_string())
    }

    async fn generate(&self, wanted: &Wanted<'_>) -> Generated {
        self.asked.fetch_add(1, Relaxed);
        if self.is_there.load(Relaxed) {
            let texts = wanted.texts.iter().map(|(at, text)| (at.clone(), format!("[{text}]")));
            return Generated::from(texts.collect::<BTreeMap<_, _>>());
        }
        let failed = Some(GenerateError::Away("it answered 503".to_string()));
        Generated { texts: BTreeMap::new(), failed }
    }
}

#[tokio::test]
async fn what_files_have_is_published_and_who_fails_is_asked_once_a_locale() {
    let shared = tempfile::tempdir().unwrap();
    let mut desk = desk("one", shared.path()).await;
    let translator = Sometimes::default();
    let mut several = Several::offline(&desk.folder.path().join("translations"));
    several.0.push(Box::new(translator.clone()));
    desk.publisher.generator = Arc::new(several);
    desk.save("wgt_main_faq", FAQ).await;
    let report = desk.publish().await;
    assert_eq!((report.published.len(), report.unchanged), (1, 0), "{report:?}");
    assert_eq!(desk.title("wgt_main_faq", "de").await, "Fragen");
    // German and Chinese; the pseudo-locale lacks nothing.
    assert_eq!(translator.asked.load(Relaxed), 2);
    let live = desk.publisher.authored.live_of(&id("wgt_main_faq")).await.unwrap().unwrap();
    assert!(!live.is_complete);
}
