//! Other stores, other mirrors, and instances of others.

use super::*;

const HERO_ID: &str = "wgt_main_hero";

/// A store that cannot be reached costs nothing of the ledger, and one that was left is known again.
#[tokio::test]
async fn turning_to_another_store_forgets_nothing_of_the_one_before() {
    let shared = tempfile::tempdir().unwrap();
    let mut desk = desk("one", shared.path()).await;
    desk.entitled(HERO_ID, "One").await;
    desk.entitled(HERO_ID, "Two").await;
    let here = desk.publisher.store.clone();
    let broken = shared.path().join("broken");
    desk.publisher.store = Store::folder(&broken).unwrap();
    let pointer = pointer_key(&id(HERO_ID));
    desk.publisher.store.put(&pointer, "{".into(), Put::Overwrite).await.unwrap();
    assert!(desk.publisher.adopt(&[]).await.is_err());
    desk.publisher.store = here.clone();
    assert_eq!(desk.publisher.authored.history(&id(HERO_ID)).await.unwrap().len(), 2);
    assert_eq!(desk.publish().await.unchanged, 1);

    // To another, and back.
    desk.publisher.store = Store::folder(&shared.path().join("other")).unwrap();
    let (events, _) = mpsc::unbounded_channel();
    let refused = desk.publisher.publish(&[], events, &CancellationToken::new()).await;
    assert!(matches!(refused, Err(PublishError::OtherStore { .. })));
    assert!(matches!(desk.publisher.verify(false).await, Err(PublishError::OtherStore { .. })));
    desk.publisher.adopt(&[]).await.unwrap();
    desk.save(HERO_ID, r#"{"title":"Elsewhere"}"#).await;
    desk.publisher.mirror = None;
    assert_eq!(desk.publish().await.published[0].sequence, 1);
    assert_eq!(desk.publisher.authored.history(&id(HERO_ID)).await.unwrap().len(), 1);
    desk.publisher.store = here;
    desk.publisher.adopt(&[]).await.unwrap();
    assert_eq!(desk.rollback(HERO_ID, 1).await.unwrap().published[0].sequence, 3);
    assert_eq!(desk.title(HERO_ID, "en").await, "One");
}

#[tokio::test]
async fn a_look_notes_nothing() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    assert_eq!(desk.publisher.verify(true).await.unwrap(), []);
    assert_eq!(desk.publisher.authored.target().await.unwrap(), None);
}

#[tokio::test]
async fn a_mirror_that_came_later_has_what_was_published_before() {
    let shared = tempfile::tempdir().unwrap();
    let mut desk = desk("one", shared.path()).await;
    let mirror = desk.publisher.mirror.take();
    desk.entitled(HERO_ID, "One").await;
    desk.entitled(HERO_ID, "Two").await;
    desk.publisher.mirror = mirror;
    let before = desk.objects();
    let report = desk.publish().await;
    assert_eq!((report.published.len(), report.unchanged), (0, 1));
    assert_eq!(desk.objects(), before, "nothing is put");
    assert_eq!(
        desk.publisher.mirror.as_ref().unwrap().state(&id(HERO_ID)).await.unwrap().unwrap().sequence,
        2
    );
    assert_eq!(desk.publisher.verify(true).await.unwrap(), []);
}

#[tokio::test]
async fn a_configuration_that_somebody_changed_in_the_mirror_shows() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    desk.entitled(HERO_ID, "One").await;
    let path = shared.path().join("mirror.db");
    let mirror = libsql::Builder::new_local(path).build().await.unwrap().connect().unwrap();
    mirror.execute(r#"UPDATE curated_widget_instances SET config = '{"title":"forged"}'"#, ()).await.unwrap();
    let found = desk.publisher.verify(true).await.unwrap();
    assert!(found.len() == 1 && found[0].what.contains("another configuration"), "{found:?}");
    let hash = "UPDATE curated_widget_instances SET config_hash = hex(zeroblob(32))";
    mirror.execute(hash, ()).await.unwrap();
    assert_eq!(desk.publisher.verify(false).await.unwrap().len(), 1);
}

/// One name, two types: the second is another instance.
#[tokio::test]
async fn what_is_of_another_type_there_is_not_gone_after() {
    let shared = tempfile::tempdir().unwrap();
    let (one, two) = (desk("one", shared.path()).await, desk("two", shared.path()).await);
    let (of, faq) = (id("wgt_curated_x"), WidgetType::parse("faq").unwrap());
    one.publisher.authored.save(&of, Some(&faq), FAQ.as_bytes()).await.unwrap();
    one.publish().await;
    two.save("wgt_curated_x", HERO).await;
    assert_eq!(two.publish().await.failed.len(), 1);
    let refused = two.publisher.adopt(&[]).await;
    assert!(matches!(refused, Err(PublishError::OtherType { .. })), "{refused:?}");

    // Where only the mirror is shared, it says so too.
    let mut two = two;
    let elsewhere = tempfile::tempdir().unwrap();
    two.publisher.store = Store::folder(elsewhere.path()).unwrap();
    two.publisher.adopt(&[]).await.unwrap();
    let report = two.publish().await;
    assert!(report.failed[0].1.contains("is of type faq"), "{report:?}");
}
