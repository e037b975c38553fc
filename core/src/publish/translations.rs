//! Overlays as they are kept, beside what is authored here and in a workspace alike.

use std::collections::BTreeMap;

use libsql::{Connection, TransactionBehavior, Value};
use serde_json::Map;

use super::authored::text;
use super::error::PublishError;
use super::locale::Locale;
use super::overlay::{Overlay, OverlayError, Source};
use super::registry::Rules;
use crate::catalog::{execute, query};

/// An instance that texts are kept for.
pub(super) struct Of<'a> {
    /// Whose it is; nobody's where it is authored.
    pub workspace: Option<&'a str>,
    pub public_id: &'a str,
    pub rules: &'a Rules,
    /// The instance as it is now.
    pub config: &'a Map<String, serde_json::Value>,
}

/// Keeps what a person wrote for places of an instance. Other places keep what they have; one that is given no text loses
/// its own.
pub(super) async fn keep_texts(
    connection: &Connection,
    of: &Of<'_>,
    locale: &Locale,
    texts: BTreeMap<String, Option<String>>,
    now_ms: i64,
) -> Result<Overlay, PublishError> {
    let base = of.rules.texts(of.config)?;
    // Of two who write at once, the second begins with what the first wrote.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).await?;
    let kept = overlays(&transaction, of.workspace, Some(of.public_id)).await?.into_values().flatten();
    let before = kept.into_iter().find(|kept| kept.source == Source::Manual && kept.locale == *locale);
    let before = before.map(|before| before.entries).unwrap_or_default();
    let mut written = BTreeMap::new();
    for (at, text) in &texts {
        match text {
            Some(_) if !of.rules.allows(at) => {
                let places = of.rules.patterns.iter().map(|of| of.as_str().to_string()).collect();
                return Err(OverlayError::Refused { at: at.clone(), places }.into());
            }
            Some(text) => drop(written.insert(at.clone(), text.clone())),
            None if before.iter().all(|entry| entry.at != *at) => {
                return Err(OverlayError::Orphan { at: at.clone() }.into());
            }
            None => {}
        }
    }
    let mut overlay = Overlay::of(of.public_id, locale, Source::Manual, &base, written)?;
    overlay.entries.extend(before.into_iter().filter(|entry| !texts.contains_key(&entry.at)));
    overlay.entries.sort_by(|a, b| a.at.cmp(&b.at));
    keep_overlay(&transaction, of.workspace, &overlay, now_ms).await?;
    transaction.commit().await?;
    Ok(overlay)
}

/// Keeps an overlay in place of what its source had.
pub(super) async fn keep_overlay(
    connection: &Connection,
    workspace: Option<&str>,
    overlay: &Overlay,
    now_ms: i64,
) -> Result<(), PublishError> {
    let (column, value) = if workspace.is_some() { (", workspace_id", ", ?6") } else { ("", "") };
    let sql = format!(
        "INSERT INTO widget_instance_locales (public_id, locale, source, overlay, updated_at{column}) \
         VALUES (?1, ?2, ?3, ?4, ?5{value}) ON CONFLICT (public_id, locale, source) \
         DO UPDATE SET overlay = excluded.overlay, updated_at = excluded.updated_at"
    );
    let mut values = vec![
        Value::Text(overlay.public_id.clone()),
        text(&overlay.locale),
        Value::Text(overlay.source.as_str().to_string()),
        Value::Text(overlay.document()?),
        Value::Integer(now_ms),
    ];
    values.extend(workspace.map(|id| text(&id)));
    execute(connection, &sql, &values).await?;
    Ok(())
}

/// The overlays of an instance, or of all, by locale and source.
pub(super) async fn overlays(
    connection: &Connection,
    workspace: Option<&str>,
    public_id: Option<&str>,
) -> Result<BTreeMap<String, Vec<Overlay>>, PublishError> {
    let own = if workspace.is_some() { "AND workspace_id = ?2" } else { "" };
    let sql = format!(
        "SELECT overlay FROM widget_instance_locales WHERE (?1 IS NULL OR public_id = ?1) {own} \
         ORDER BY public_id, locale, source"
    );
    let mut values = vec![public_id.map_or(Value::Null, |id| text(&id))];
    values.extend(workspace.map(|id| text(&id)));
    let found = query(connection, &sql, &values, |row| row.get::<String>(0)).await?;
    let mut overlays: BTreeMap<String, Vec<Overlay>> = BTreeMap::new();
    for document in found {
        let overlay = Overlay::read(document.as_bytes())?;
        overlays.entry(overlay.public_id.clone()).or_default().push(overlay);
    }
    Ok(overlays)
}

/// Texts by place, as a person writes them: `{"/title": "Fragen"}`. `null` takes one back.
pub fn texts(bytes: &[u8]) -> Result<BTreeMap<String, Option<String>>, PublishError> {
    let document = super::canonical::read(bytes, super::overlay::OVERLAY_BYTES_MAX)?;
    let text = |(at, value): (String, serde_json::Value)| match value {
        serde_json::Value::String(text) => Ok((at, Some(text))),
        serde_json::Value::Null => Ok((at, None)),
        _ => Err(PublishError::NoTexts),
    };
    document.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::trial::{FAQ, authored, id, locale};
    use crate::publish::{Authored, Registry, UserId, Workspace};

    const TITLE: &str = "/title";
    const FIRST: &str = "/faqs/[id=q1]/question";

    fn one(at: &str, text: Option<&str>) -> BTreeMap<String, Option<String>> {
        BTreeMap::from([(at.to_string(), text.map(str::to_string))])
    }

    #[tokio::test]
    async fn what_a_person_translates_is_kept_by_place_and_taken_back_by_place() {
        let (folder, authored) = authored().await;
        let (faq, de) = (id("wgt_main_faq"), locale("de"));
        authored.save(&faq, None, FAQ.as_bytes()).await.unwrap();
        authored.revise(&faq, &de, one(TITLE, Some("Fragen"))).await.unwrap();
        authored.revise(&faq, &de, one(FIRST, Some("Was?"))).await.unwrap();
        let composed = authored.preview(&faq, &de).await.unwrap();
        assert_eq!(
            (&composed.content["title"], &composed.content["faqs"][0]["question"]),
            (&"Fragen".into(), &"Was?".into())
        );
        for bad in [
            one("/colour", Some("rot")),
            one("/faqs/[id=q9]/question", Some("Was?")),
            one("/faqs/[id=q2]/question", None),
        ] {
            assert!(authored.revise(&faq, &de, bad).await.is_err());
        }
        let refused = authored.revise(&faq, &de, one("/colour", Some("rot"))).await.unwrap_err().to_string();
        assert!(refused.contains("/title, /faqs/[id]/question"), "{refused}");
        // What would never be published is not kept; what was may be taken back.
        for other in ["fr", "en", "de-DE", "zh-TW"] {
            let refused = authored.revise(&faq, &locale(other), one(TITLE, Some("x"))).await.unwrap_err();
            assert_eq!(refused.reason(), "locale");
            let told = refused.to_string();
            assert!(other == "en" || told.contains("names de, en-XA, zh-Hant"), "{told}");
            let nothing = authored.revise(&faq, &locale(other), one(TITLE, None)).await;
            assert!(
                matches!(nothing, Err(PublishError::Overlay(OverlayError::Orphan { .. }))),
                "{nothing:?}"
            );
        }
        assert_eq!(authored.revise(&faq, &de, one(TITLE, None)).await.unwrap().entries.len(), 1);
        assert_eq!(authored.preview(&faq, &de).await.unwrap().content["title"], "Questions");

        // A workspace's are kept alike.
        let registry = Registry::load(&authored.registry_path()).unwrap();
        let database = libsql::Builder::new_local(folder.path().join("w.db")).build().await.unwrap();
        let (workspace, mine) =
            (Workspace::open(database, "w").await.unwrap(), UserId::parse("wgt_faq_u_a").unwrap());
        workspace.save(&mine, &registry, FAQ.as_bytes()).await.unwrap();
        workspace.revise(&mine, &registry, &de, one(TITLE, Some("Fragen"))).await.unwrap();
        workspace.revise(&mine, &registry, &de, one(FIRST, Some("Was?"))).await.unwrap();
        let german = workspace.resolve(&mine, &registry, &locale("de-AT")).await.unwrap();
        assert_eq!(
            (&german.content["title"], &german.content["faqs"][0]["question"]),
            (&"Fragen".into(), &"Was?".into())
        );
        assert_eq!(german.got_locale, de);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn of_two_who_translate_at_once_none_is_lost() {
        let (folder, first) = authored().await;
        let second = Authored::open(folder.path()).await.unwrap();
        let (faq, de) = (id("wgt_main_faq"), locale("de"));
        first.save(&faq, None, FAQ.as_bytes()).await.unwrap();
        for round in 0..50 {
            let texts = [format!("Was {round}?"), format!("Fragen {round}")];
            let writers =
                [(&first, FIRST), (&second, TITLE)].into_iter().zip(&texts).map(|((desk, at), text)| {
                    let (desk, faq, de, text) =
                        (desk.clone(), faq.clone(), de.clone(), one(at, Some(text.as_str())));
                    tokio::spawn(async move { desk.revise(&faq, &de, text).await })
                });
            for writer in writers.collect::<Vec<_>>() {
                writer.await.unwrap().unwrap();
            }
            let kept = first.overlays(&faq).await.unwrap().remove(0).entries;
            assert_eq!(kept.into_iter().map(|entry| entry.text).collect::<Vec<_>>(), texts);
        }
    }

    #[test]
    fn texts_that_two_readers_would_read_differently_are_refused() {
        assert_eq!(texts(br#"{"/a":"b","/c":null}"#).unwrap().len(), 2);
        for bad in [&br#"{"/a":"b","/a":"c"}"#[..], br#"{"/a":1}"#, b"[]", &vec![b' '; 2 << 20]] {
            assert!(texts(bad).is_err());
        }
    }
}
