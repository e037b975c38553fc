//! Taking authored instances out of an old table that held users' beside them.
//!
//! The old table is `widget_instances(public_id, widget_id or widget_type, config, status)`, with `widgets(id, type)` where
//! it names types by number. First a fence keeps further authored rows out of it, then they are copied, then both sides are
//! compared; nobody changes the old table meanwhile. What is here alone is counted: it was authored since. Of users' rows
//! no more than the ids are looked at, and nothing is removed unless that is asked for, after all are the same. A row that
//! cannot be told apart from an authored one, and is none, is an error and never passed over.

use std::collections::BTreeMap;
use std::path::Path;

use libsql::{Connection, Row, TransactionBehavior, Value};
use serde::Serialize;

use super::authored::Authored;
use super::canonical::{Sha256, taken};
use super::error::PublishError;
use super::id::{AuthoredId, WidgetType};
use super::instance::{CONFIG_BYTES_MAX, Instance, Status};
use crate::catalog::{execute, query};

/// What begins as authored ones do. `LIKE` would take any letter for `_`.
const AUTHORED: &str = "(public_id GLOB 'wgt_main_*' OR public_id GLOB 'wgt_curated_*')";

/// What may have been meant as an authored one, and is told where it is none: an id in other letters, or no text at all.
const PERHAPS: &str = "(typeof(public_id) <> 'text' OR lower(trim(public_id)) GLOB 'wgt_main_*' \
                       OR lower(trim(public_id)) GLOB 'wgt_curated_*')";

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Backfilled {
    pub copied: usize,
    /// Those that were here already, the same.
    pub same: usize,
    /// Those that are here, and not there.
    pub only_here: usize,
    pub removed: u64,
}

struct Old {
    widget_type: String,
    config: String,
    status: Status,
}

/// What the old table has.
#[derive(Default)]
struct OldRows {
    by_id: BTreeMap<String, Old>,
    /// Rows that cannot be taken over as they are, and why.
    wrong: Vec<String>,
}

impl Authored {
    /// Copies what is authored out of an old database, and compares. What differs, or cannot be taken over, is told, and
    /// then nothing is removed.
    pub async fn backfill(&self, old: &Path, remove: bool) -> Result<Backfilled, PublishError> {
        // SQLite would make one where there is none.
        let is_file = std::fs::metadata(old).and_then(|of| match of.is_file() {
            true => Ok(()),
            false => Err(std::io::Error::other("it is no file")),
        });
        is_file.map_err(|source| PublishError::File {
            attempted: "read",
            path: old.display().to_string(),
            source,
        })?;
        let connection = libsql::Builder::new_local(old).build().await?.connect()?;
        for event in ["INSERT", "UPDATE OF public_id"] {
            let name = if event == "INSERT" { "authored_stay_out" } else { "authored_stay_named" };
            let fence = format!(
                "CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON widget_instances \
                 WHEN {} BEGIN SELECT RAISE(ABORT, 'authored instances have a table of their own'); END",
                AUTHORED.replace("public_id", "NEW.public_id")
            );
            execute(&connection, &fence, &[]).await?;
        }
        // What is removed is what was copied: whoever changes a row waits, or is told that it cannot be.
        let held = connection.transaction_with_behavior(TransactionBehavior::Immediate).await?;
        let OldRows { by_id, mut wrong } = old_rows(&held).await?;
        let (mut done, mut rows) = (Backfilled::default(), BTreeMap::new());
        for (id, row) in by_id {
            match self.take_over(&id, &row).await {
                Ok(true) => done.copied += 1,
                Ok(false) => done.same += 1,
                Err(error) => {
                    wrong.push(format!("{id}: {error}"));
                    continue;
                }
            }
            rows.insert(id, row);
        }
        let here = self.list().await?;
        let here: BTreeMap<String, &Instance> =
            here.iter().map(|of| (of.public_id.to_string(), of)).collect();
        wrong.extend(differences(&rows, &here));
        done.only_here = here.keys().filter(|id| !rows.contains_key(*id)).count();
        if !wrong.is_empty() {
            return Err(PublishError::Parity(wrong));
        }
        if remove {
            // By id, and byte for byte: what was not copied stays, whatever it looks like.
            let sql = "DELETE FROM widget_instances WHERE public_id = ?1 COLLATE BINARY";
            for id in rows.keys() {
                done.removed += execute(&held, sql, &[Value::Text(id.clone())]).await?;
            }
        }
        held.commit().await?;
        Ok(done)
    }

    /// Whether a row was copied; one that is here and the same need not be.
    async fn take_over(&self, id: &str, row: &Old) -> Result<bool, PublishError> {
        let id = AuthoredId::parse(id)?;
        let widget_type = WidgetType::parse(&row.widget_type)?;
        // What is authored here by now is not written over.
        match self.get(&id).await {
            Ok(_) => return Ok(false),
            Err(PublishError::NotThere(_)) => {}
            Err(error) => return Err(error),
        }
        // Whole or not at all: one that is here without its status would be told as another ever after.
        self.keep(&id, Some(&widget_type), row.config.as_bytes(), row.status).await?;
        Ok(true)
    }
}

/// Every row of there that is not the same here, by type, status and the hash of the configuration.
fn differences(rows: &BTreeMap<String, Old>, here: &BTreeMap<String, &Instance>) -> Vec<String> {
    let differs = |(id, row): (&String, &Old)| {
        let Some(instance) = here.get(id) else { return Some(format!("{id} is there, and not here")) };
        let form = taken(row.config.as_bytes(), CONFIG_BYTES_MAX);
        let same = form.is_ok_and(|(_, form)| Sha256::of(&form) == instance.config_hash)
            && instance.status == row.status
            && instance.widget_type.as_str() == row.widget_type;
        (!same).then(|| format!("{id} is not the same here and there"))
    };
    rows.iter().filter_map(differs).collect()
}

async fn old_rows(connection: &Connection) -> Result<OldRows, PublishError> {
    let sql = "SELECT name FROM pragma_table_info('widget_instances')";
    let columns = query(connection, sql, &[], |row| row.get::<String>(0)).await?;
    let has = |name: &str| columns.iter().any(|column| column == name);
    // A type that nobody knows is an error, no row to be passed over.
    let (widget_type, join) = match has("widget_type") {
        true => ("i.widget_type", ""),
        false => ("w.type", "LEFT JOIN widgets w ON w.id = i.widget_id"),
    };
    let status = if has("status") { "i.status" } else { "'published'" };
    let columns = ["i.public_id", widget_type, "i.config", status];
    // A text is read up to its first NUL: whether there is one, SQLite has to say.
    let cut = columns.map(|column| format!("coalesce(instr({column}, char(0)), 0)")).join(" + ");
    let sql = format!(
        "SELECT {}, {cut} FROM widget_instances i {join} WHERE {}",
        columns.join(", "),
        PERHAPS.replace("public_id", "i.public_id")
    );
    let read = |row: &Row| {
        let values = [row.get_value(0)?, row.get_value(1)?, row.get_value(2)?, row.get_value(3)?];
        Ok((values, row.get::<i64>(4)? != 0))
    };
    let mut old = OldRows::default();
    for (values, is_cut) in query(connection, &sql, &[], read).await? {
        match old_row(values, is_cut) {
            Ok((id, row)) => {
                if old.by_id.insert(id.clone(), row).is_some() {
                    old.wrong.push(format!("{id} is there twice"));
                }
            }
            Err(why) => old.wrong.push(why),
        }
    }
    Ok(old)
}

/// A row as it is taken over, or why it cannot be.
fn old_row(values: [Value; 4], is_cut: bool) -> Result<(String, Old), String> {
    let [id, widget_type, config, status] = values;
    let Value::Text(id) = id else {
        return Err("a row has no id that is text".to_string());
    };
    if is_cut {
        return Err(format!("{id} has a NUL in one of its texts, which would cut it off"));
    }
    let text = |value: Value, what: &str| match value {
        Value::Text(text) => Ok(text),
        Value::Blob(bytes) => String::from_utf8(bytes).map_err(|_| format!("the {what} of {id} is no text")),
        _ => Err(format!("{id} has no {what}")),
    };
    let widget_type = text(widget_type, "type that is known")?;
    let (config, status) = (text(config, "config")?, text(status, "status")?);
    let status = Status::parse(&status).ok_or_else(|| format!("{id} has a status that is none: {status}"))?;
    Ok((id, Old { widget_type, config, status }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::trial::{authored, id};

    async fn old(folder: &Path, rows: &[(&str, i64, &str, &str)]) -> (std::path::PathBuf, Connection) {
        let path = folder.join("old.db");
        let connection = libsql::Builder::new_local(&path).build().await.unwrap().connect().unwrap();
        let tables = "CREATE TABLE widgets (id INTEGER, type TEXT); INSERT INTO widgets VALUES (1, 'faq'), (2, 'hero');
            CREATE TABLE widget_instances (public_id TEXT, widget_id INTEGER, config TEXT, status TEXT)";
        connection.execute_batch(tables).await.unwrap();
        for (id, widget, config, status) in rows {
            let sql = "INSERT INTO widget_instances VALUES (?1, ?2, ?3, ?4)";
            connection.execute(sql, (*id, *widget, *config, *status)).await.unwrap();
        }
        (path, connection)
    }

    const ROWS: [(&str, i64, &str, &str); 5] = [
        ("wgt_main_faq", 1, r#"{"title":"Questions"}"#, "published"),
        ("wgt_curated_spring", 2, r#"{"title": "Spring"}"#, "unpublished"),
        ("wgt_faq_u_a", 1, r#"{"title":"CANARY"}"#, "published"),
        ("wgtXmainXfaq_u_b", 1, r#"{"title":"CANARY"}"#, "published"),
        ("wgt_hero_u_c", 2, "{}", "published"),
    ];

    #[tokio::test]
    async fn what_is_authored_is_taken_out_and_users_rows_stay() {
        let (folder, authored) = authored().await;
        let (path, connection) = old(folder.path(), &ROWS).await;
        let done = authored.backfill(&path, false).await.unwrap();
        assert_eq!((done.copied, done.same, done.removed), (2, 0, 0));
        assert_eq!(authored.get(&id("wgt_curated_spring")).await.unwrap().status, Status::Unpublished);
        let again = authored.backfill(&path, true).await.unwrap();
        assert_eq!((again.copied, again.same, again.only_here, again.removed), (0, 2, 0, 2));
        let after = authored.backfill(&path, true).await.unwrap();
        assert_eq!((after.copied, after.same, after.only_here, after.removed), (0, 0, 2, 0));
        let left =
            query(&connection, "SELECT count(*) FROM widget_instances", &[], |row| row.get::<i64>(0)).await;
        assert_eq!(left.unwrap(), [3]);
        let back = "INSERT INTO widget_instances VALUES ('wgt_main_hero', 2, '{}', 'published')";
        assert!(connection.execute(back, ()).await.is_err(), "the fence stays");
        let renamed =
            "UPDATE widget_instances SET public_id = 'wgt_curated_x' WHERE public_id = 'wgt_faq_u_a'";
        assert!(connection.execute(renamed, ()).await.is_err());
        let bytes = std::fs::read(authored.folder().join("authored.db")).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"CANARY"), "no user's row came along");
    }

    /// Who changes a row after it was read is refused, or the change is there afterwards.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_change_is_lost_that_comes_in_between() {
        let (folder, authored) = authored().await;
        let rows: Vec<String> = (0..300).map(|at| format!("wgt_curated_{at:03}")).collect();
        let rows: Vec<_> =
            rows.iter().map(|id| (id.as_str(), 2, r#"{"title":"old"}"#, "published")).collect();
        let (path, connection) = old(folder.path(), &rows).await;
        let taking = tokio::spawn({
            let (authored, path) = (authored.clone(), path.clone());
            async move { authored.backfill(&path, true).await }
        });
        // The first that is copied: from here on the old row is of no use to whoever changes it.
        while authored.list().await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        let change =
            r#"UPDATE widget_instances SET config = '{"title":"new"}' WHERE public_id = 'wgt_curated_000'"#;
        let changed = connection.execute(change, ()).await;
        let done = taking.await.unwrap().unwrap();
        assert_eq!(done.removed, 300);
        assert!(!matches!(changed, Ok(1)), "{changed:?}");
    }

    #[tokio::test]
    async fn a_copy_that_ends_anywhere_is_gone_on_with() {
        let (folder, authored) = authored().await;
        let (path, _) = old(folder.path(), &ROWS).await;
        // The disk is full where a row is withdrawn, however it comes to that.
        for event in ["INSERT", "UPDATE"] {
            let full = format!(
                "CREATE TRIGGER full_{event} BEFORE {event} ON curated_widget_instances WHEN NEW.status <> 'published' \
                 BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            );
            execute(&*authored.lock().await, &full, &[]).await.unwrap();
        }
        assert!(matches!(authored.backfill(&path, true).await, Err(PublishError::Parity(_))));
        for event in ["INSERT", "UPDATE"] {
            execute(&*authored.lock().await, &format!("DROP TRIGGER full_{event}"), &[]).await.unwrap();
        }
        let done = authored.backfill(&path, true).await.unwrap();
        assert_eq!((done.copied, done.same, done.removed), (1, 1, 2));
    }

    #[tokio::test]
    async fn one_difference_is_told_and_removes_nothing() {
        let (folder, authored) = authored().await;
        let (path, connection) = old(folder.path(), &ROWS).await;
        authored.backfill(&path, false).await.unwrap();
        let change =
            r#"UPDATE widget_instances SET config = '{"title":"Other"}' WHERE public_id = 'wgt_main_faq'"#;
        connection.execute(change, ()).await.unwrap();
        let Err(PublishError::Parity(wrong)) = authored.backfill(&path, true).await else {
            panic!("it was taken")
        };
        assert_eq!(wrong, ["wgt_main_faq is not the same here and there"]);
        let left =
            query(&connection, "SELECT count(*) FROM widget_instances", &[], |row| row.get::<i64>(0)).await;
        assert_eq!(left.unwrap(), [5]);
    }

    #[tokio::test]
    async fn a_type_that_nobody_knows_is_an_error() {
        let (folder, authored) = authored().await;
        let (path, _) = old(folder.path(), &[("wgt_curated_lost", 9, "{}", "published")]).await;
        assert!(matches!(authored.backfill(&path, true).await, Err(PublishError::Parity(_))));
    }

    /// An id in other letters, none at all, and texts that go on behind a NUL: each is told, beside all others, and stays.
    #[tokio::test]
    async fn what_is_no_authored_row_and_looks_like_one_is_told_and_never_removed() {
        let (folder, authored) = authored().await;
        let (path, connection) = old(folder.path(), &ROWS).await;
        let odd = r#"INSERT INTO widget_instances VALUES
            ('wgt_curated_b' || char(0) || 'c', 2, '{"title":"NUL"}', 'published'), ('WGT_MAIN_HERO', 2, '{}', 'published'),
            (NULL, 2, '{}', 'published'), ('wgt_curated_d', 2, '{"title":"x"}' || char(0) || ',"junk', 'published'),
            ('wgt_curated_e', 2, '{}', 'draft'), ('wgt_curated_f', 2, NULL, 'published')"#;
        // The fence is not there yet.
        connection.execute(odd, ()).await.unwrap();
        let Err(PublishError::Parity(mut wrong)) = authored.backfill(&path, true).await else {
            panic!("it was taken")
        };
        wrong.sort();
        assert_eq!(wrong.len(), 6, "{wrong:?}");
        for told in [
            "a row has no id that is text",
            "wgt_curated_b has a NUL",
            "wgt_curated_d has a NUL",
            "wgt_curated_e has a status that is none: draft",
            "wgt_curated_f has no config",
            "WGT_MAIN_HERO",
        ] {
            assert!(wrong.iter().any(|wrong| wrong.contains(told)), "{told}: {wrong:?}");
        }
        assert!(matches!(authored.get(&id("wgt_curated_b")).await, Err(PublishError::NotThere(_))));
        let count = "SELECT count(*) FROM widget_instances";
        assert_eq!(query(&connection, count, &[], |row| row.get::<i64>(0)).await.unwrap(), [11]);
        let mended = "DELETE FROM widget_instances WHERE public_id IS NULL OR public_id = 'WGT_MAIN_HERO' \
                      OR public_id GLOB 'wgt_curated_[bdef]*'";
        connection.execute(mended, ()).await.unwrap();
        assert_eq!(authored.backfill(&path, true).await.unwrap().removed, 2);
        let missing = authored.backfill(&folder.path().join("none.db"), false).await;
        assert!(matches!(missing, Err(PublishError::File { .. })) && !folder.path().join("none.db").exists());
    }
}
