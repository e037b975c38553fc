//! What readers get, and what they refuse.

use super::*;

/// V24.
#[tokio::test]
async fn a_deprecated_instance_leads_to_its_baseline_and_a_missing_one_to_an_error() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    desk.save("wgt_main_hero", HERO).await;
    desk.save("wgt_curated_spring", r#"{"title":"Spring"}"#).await;
    desk.publish().await;
    assert_eq!(desk.title("wgt_curated_spring", "en").await, "Spring");
    let spring = id("wgt_curated_spring");
    desk.publisher.authored.set_status(&spring, Status::Deprecated).await.unwrap();
    assert_eq!(desk.title("wgt_curated_spring", "en").await, "Spring", "nothing is published by that");
    desk.publish().await;
    let got = desk.reader().resolve(&spring, &locale("en"), &Terms::default()).await.unwrap();
    assert_eq!(
        (got.got.to_string().as_str(), got.reasons.as_slice()),
        ("wgt_main_hero", &[Reason::Deprecated][..])
    );
    let strict = Terms { strict: true, ..Terms::default() };
    assert!(matches!(
        desk.reader().resolve(&spring, &locale("en"), &strict).await,
        Err(PublishError::Withdrawn(_))
    ));
    let missing = desk.reader().resolve(&id("wgt_curated_lost"), &locale("en"), &Terms::default()).await;
    assert!(matches!(missing, Err(PublishError::NotPublished(_))));
    desk.publisher.authored.set_status(&id("wgt_main_hero"), Status::Unpublished).await.unwrap();
    desk.publish().await;
    for of in ["wgt_main_hero", "wgt_curated_spring"] {
        let got = desk.reader().resolve(&id(of), &locale("en"), &Terms::default()).await;
        assert!(matches!(got, Err(PublishError::Withdrawn(_))), "{of}");
    }
    assert_eq!(
        desk.objects().keys().filter(|key| key.ends_with("/manifest.json")).count(),
        2,
        "nothing was deleted"
    );
}

/// V15, V17, V21.
#[tokio::test]
async fn a_reader_says_what_stands_in_and_refuses_what_is_older_or_changed() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    desk.save("wgt_main_faq", FAQ).await;
    desk.publish().await;
    let memory = desk.folder.path().join("seen.db");
    let reader = || Reader::remembering(desk.publisher.store.clone(), &memory);
    let faq = id("wgt_main_faq");
    let got = async |tag: &str| reader().resolve(&faq, &locale(tag), &Terms::default()).await.unwrap();
    for (asked, there, reasons) in [
        ("de", "de", vec![]),
        ("de-CH", "de", vec![Reason::Parent]),
        ("pt-BR", "de", vec![Reason::Declared]),
        ("zh-TW", "en", vec![Reason::Base]),
        ("en", "en", vec![]),
    ] {
        let got = got(asked).await;
        assert_eq!((got.got_locale.as_str(), got.reasons), (there, reasons), "{asked}");
    }
    let strict = Terms { strict: true, ..Terms::default() };
    let refused = reader().resolve(&faq, &locale("zh-TW"), &strict).await;
    assert!(matches!(refused, Err(PublishError::NoLocale { .. })));

    let pointer = pointer_key(&faq);
    let old = desk.publisher.store.get(&pointer, 1 << 20).await.unwrap().bytes;
    desk.save("wgt_main_faq", &FAQ.replace("Questions", "More")).await;
    desk.publish().await;
    assert_eq!(got("en").await.sequence, 2);
    // Somebody puts the old pointer back: a reader that saw the new one refuses it, also after a restart.
    let put =
        async |bytes: bytes::Bytes| desk.publisher.store.put(&pointer, bytes, Put::Overwrite).await.unwrap();
    let new = desk.publisher.store.get(&pointer, 1 << 20).await.unwrap().bytes;
    put(old).await;
    let refused = reader().resolve(&faq, &locale("en"), &Terms::default()).await;
    assert!(matches!(refused, Err(PublishError::Older { found: 1, seen: 2, .. })));
    assert_eq!(desk.publisher.verify(false).await.unwrap().len(), 1);
    // And another of the same number.
    let mut other = Manifest::unseal(&new, &faq, "x").unwrap();
    other.publisher = "forger".to_string();
    put(other.seal().unwrap().into()).await;
    let refused = reader().resolve(&faq, &locale("en"), &Terms::default()).await;
    assert!(matches!(refused, Err(PublishError::Forked { sequence: 2, .. })));
    put(new).await;

    // One byte of an artifact is another.
    let got = got("en").await;
    let key = format!("{ROOT}/{faq}/en.{}.json", got.sha256);
    let mut bytes = desk.publisher.store.get(&key, 1 << 20).await.unwrap().bytes.to_vec();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    desk.publisher.store.put(&key, bytes.into(), Put::Overwrite).await.unwrap();
    let refused = reader().resolve(&faq, &locale("en"), &Terms::default()).await;
    assert!(matches!(refused, Err(PublishError::Damaged { .. })));
    let found = desk.publisher.verify(true).await.unwrap();
    assert!(found.len() == 1 && found[0].what.contains("not what its name says"), "{found:?}");
}
