//! What belongs together comes into the set together.

use super::*;

const HERO_ID: &str = "wgt_main_hero";
const FAQ_ID: &str = "wgt_main_faq";

impl Desk {
    async fn in_set(&self, of: &str) -> u64 {
        self.reader().set().await.unwrap().instances[&id(of)].sequence
    }
}

#[tokio::test]
async fn a_half_of_a_run_does_not_come_into_the_set() {
    let shared = tempfile::tempdir().unwrap();
    let (one, two) = (desk("one", shared.path()).await, desk("two", shared.path()).await);
    one.save(FAQ_ID, FAQ).await;
    one.entitled(HERO_ID, "1").await;
    // Somebody else takes the next number of one of two that belong together.
    two.save(FAQ_ID, &FAQ.replace("Questions", "Theirs")).await;
    two.publisher.adopt(&[]).await.unwrap();
    two.publish().await;
    one.save(FAQ_ID, &FAQ.replace("Questions", "Mine")).await;
    let report = one.entitled(HERO_ID, "2").await;
    assert_eq!((report.published.len(), report.failed.len(), report.set), (1, 1, None));
    assert_eq!(report.held, [id(HERO_ID)]);
    assert_eq!(one.in_set(HERO_ID).await, 1);

    // What has nothing to do with them goes its way, and what waits can be changed meanwhile.
    one.save("wgt_curated_a", r#"{"title":"a"}"#).await;
    let report = one.publish_these(&["wgt_curated_a"]).await;
    assert_eq!((report.published.len(), report.failed.len()), (1, 0));
    assert_eq!((report.held, report.set.is_some()), (vec![id(HERO_ID)], true));
    assert_eq!((one.in_set(HERO_ID).await, one.in_set("wgt_curated_a").await), (1, 1));
    one.save(HERO_ID, r#"{"title":"3"}"#).await;
    let report = one.publish_these(&[HERO_ID]).await;
    assert_eq!((report.published[0].sequence, report.held), (3, vec![id(HERO_ID)]));
    assert_eq!(one.in_set(HERO_ID).await, 1);
    assert_eq!(one.rollback(HERO_ID, 2).await.unwrap().held, [id(HERO_ID)]);
    assert_eq!(one.in_set(HERO_ID).await, 1);
    assert_eq!(
        one.publisher.verify(true).await.unwrap().len(),
        2,
        "the pointer and the mirror are another's"
    );

    one.publisher.adopt(&[id(FAQ_ID)]).await.unwrap();
    let report = one.publish().await;
    assert!(report.failed.is_empty() && report.held.is_empty(), "{report:?}");
    assert_eq!(one.in_set(FAQ_ID).await, 3);
    assert_eq!(
        one.in_set(HERO_ID).await,
        one.publisher.authored.live().await.unwrap()[&id(HERO_ID)].sequence
    );
    assert_eq!(one.publisher.verify(true).await.unwrap(), []);
    assert!(one.publisher.authored.under_way().await.unwrap().is_empty(), "no row is left");
}

/// What waits for another is let go once there is nothing more to say of that.
#[tokio::test]
async fn what_failed_and_is_as_it_was_again_holds_nothing() {
    let shared = tempfile::tempdir().unwrap();
    let (one, two) = (desk("one", shared.path()).await, desk("two", shared.path()).await);
    one.save(FAQ_ID, FAQ).await;
    one.entitled(HERO_ID, "1").await;
    two.save(FAQ_ID, &FAQ.replace("Questions", "Theirs")).await;
    two.publisher.adopt(&[]).await.unwrap();
    two.publish().await;
    one.save(FAQ_ID, &FAQ.replace("Questions", "Mine")).await;
    one.entitled(HERO_ID, "2").await;
    one.publisher.adopt(&[]).await.unwrap();
    one.save(FAQ_ID, &FAQ.replace("Questions", "Theirs")).await;
    let report = one.publish().await;
    assert!(report.failed.is_empty() && report.held.is_empty() && report.published.is_empty(), "{report:?}");
    assert_eq!((one.in_set(HERO_ID).await, one.in_set(FAQ_ID).await), (2, 2));
}

#[tokio::test]
async fn many_are_published_at_once() {
    let shared = tempfile::tempdir().unwrap();
    let desk = desk("one", shared.path()).await;
    for at in 0..40 {
        desk.save(&format!("wgt_curated_{at:02}"), &format!(r#"{{"title":"{at}"}}"#)).await;
    }
    let report = desk.publish().await;
    assert_eq!((report.published.len(), report.failed.len(), report.set), (40, 0, Some(1)));
    assert!(report.published.is_sorted_by_key(|published| published.public_id.clone()));
    assert_eq!(desk.publisher.verify(true).await.unwrap(), []);
    let again = desk.publish().await;
    assert_eq!((again.unchanged, again.set), (40, None));
}
