//! The tables of the three homes of instances: what is authored, its mirror, and a workspace. Each database says which it
//! is, and is opened as nothing else. The grammar of ids stands in the tables' own checks, from the same constants as
//! [`super::id`].
//!
//! Authored instances and users' never share a table, and the authored database has no table for users' at all. Rows of
//! authored instances are never deleted: what is taken back is deprecated or unpublished, so that its number goes on. A
//! user's are the user's own.

use std::time::Duration;

use libsql::{Connection, TransactionBehavior, Value};

use super::error::PublishError;
use super::file;
use super::id;
use crate::catalog::{Trouble, execute, query};
use crate::http::Unreached;

pub const VERSION: i64 = 1;

/// What a database holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Home<'a> {
    Authored,
    Mirror,
    Workspace(&'a str),
}

impl Home<'_> {
    fn kind(&self) -> &'static str {
        match self {
            Home::Authored => "authored",
            Home::Mirror => "mirror",
            Home::Workspace(_) => "workspace",
        }
    }

    fn workspace(&self) -> Value {
        match self {
            Home::Workspace(id) => Value::Text((*id).to_string()),
            _ => Value::Null,
        }
    }
}

const KIND: &[&str] = &[
    "CREATE TABLE instance_store (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        kind TEXT NOT NULL CHECK (kind IN ('authored', 'mirror', 'workspace')),
        workspace_id TEXT,
        version INTEGER NOT NULL,
        CHECK ((kind = 'workspace') = (workspace_id IS NOT NULL))
    ) STRICT",
    "CREATE TRIGGER instance_store_stays BEFORE UPDATE ON instance_store WHEN NEW.kind IS NOT OLD.kind
        OR NEW.workspace_id IS NOT OLD.workspace_id BEGIN SELECT RAISE(ABORT, 'a store stays what it is'); END",
    // REPLACE would turn a store into another's without a word.
    "CREATE TRIGGER instance_store_once BEFORE INSERT ON instance_store WHEN EXISTS (SELECT 1 FROM instance_store)
        BEGIN SELECT RAISE(ABORT, 'a store stays what it is'); END",
    "CREATE TRIGGER instance_store_is_one BEFORE DELETE ON instance_store
        BEGIN SELECT RAISE(ABORT, 'a store stays what it is'); END",
];

/// Baselines and curated instances, here and in the mirror.
fn curated(columns: &str, forward: &str) -> Vec<String> {
    vec![
        format!(
            "CREATE TABLE curated_widget_instances (
                public_id TEXT NOT NULL PRIMARY KEY,
                widget_type TEXT NOT NULL CHECK {},
                kind TEXT NOT NULL CHECK (kind IN ('baseline', 'curated')),
                status TEXT NOT NULL CHECK (status IN ('published', 'unpublished', 'deprecated')),
                config TEXT NOT NULL CHECK (json_valid(config) AND json_type(config) = 'object'),
                config_hash TEXT NOT NULL CHECK (length(config_hash) = 64),
                {columns},
                created_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL,
                CHECK {},
                CHECK (NOT (kind = 'baseline' AND status = 'deprecated'))
            ) STRICT, WITHOUT ROWID",
            id::type_check(),
            id::authored_check()
        ),
        // REPLACE would delete without a word.
        "CREATE TRIGGER curated_once BEFORE INSERT ON curated_widget_instances
            WHEN EXISTS (SELECT 1 FROM curated_widget_instances WHERE public_id = NEW.public_id)
            BEGIN SELECT RAISE(ABORT, 'already there'); END"
            .to_string(),
        "CREATE TRIGGER curated_stays BEFORE DELETE ON curated_widget_instances
            BEGIN SELECT RAISE(ABORT, 'deprecate, never delete'); END"
            .to_string(),
        format!(
            "CREATE TRIGGER curated_forward BEFORE UPDATE ON curated_widget_instances WHEN {forward}
                OR NEW.public_id IS NOT OLD.public_id OR NEW.kind IS NOT OLD.kind
                OR NEW.widget_type IS NOT OLD.widget_type
                BEGIN SELECT RAISE(ABORT, 'not newer'); END"
        ),
    ]
}

/// Overlays, each source in a row of its own. Those of an authored instance have no workspace: no NULL means everybody.
fn locales(columns: &str, checks: &str) -> String {
    format!(
        "CREATE TABLE widget_instance_locales (
            public_id TEXT NOT NULL,
            locale TEXT NOT NULL CHECK (length(locale) BETWEEN 2 AND 40),
            source TEXT NOT NULL CHECK (source IN ('manual', 'generated')),
            overlay TEXT NOT NULL CHECK (json_valid(overlay) AND json_type(overlay) = 'object'),
            updated_at INTEGER NOT NULL,
            {columns}
            PRIMARY KEY (public_id, locale, source){checks}
        ) STRICT, WITHOUT ROWID"
    )
}

/// The outbox: of each instance the publication that is under way, or could not be done, with what it needs to be done
/// again. The ledger: what is live as far as this folder knows, and what was published before, by store; and what was
/// rolled back, and stays so while it is what was authored then.
fn outbox() -> Vec<String> {
    let named = id::authored_name_check();
    vec![
        format!(
            "CREATE TABLE publish_steps (
                public_id TEXT NOT NULL PRIMARY KEY CHECK {named},
                run TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('planned', 'generated', 'uploaded', 'mirrored', 'swapped', 'checked',
                    'failed')),
                sequence INTEGER NOT NULL CHECK (sequence > 0),
                inputs TEXT NOT NULL,
                snapshot TEXT NOT NULL,
                is_complete INTEGER NOT NULL DEFAULT 1,
                manifest BLOB,
                version TEXT,
                error TEXT,
                changed_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID"
        ),
        "CREATE TABLE publish_artifacts (
            public_id TEXT NOT NULL, key TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (public_id, key)
        ) STRICT, WITHOUT ROWID"
            .to_string(),
        format!(
            "CREATE TABLE publish_live (
                public_id TEXT NOT NULL PRIMARY KEY CHECK {named},
                sequence INTEGER NOT NULL,
                version TEXT NOT NULL,
                inputs TEXT NOT NULL,
                is_complete INTEGER NOT NULL,
                manifest BLOB NOT NULL
            ) STRICT, WITHOUT ROWID"
        ),
        "CREATE TRIGGER live_forward BEFORE UPDATE ON publish_live WHEN NEW.sequence < OLD.sequence
            BEGIN SELECT RAISE(ABORT, 'not newer'); END"
            .to_string(),
        format!(
            "CREATE TABLE publish_history (
                store TEXT NOT NULL, public_id TEXT NOT NULL CHECK {named}, sequence INTEGER NOT NULL,
                inputs TEXT NOT NULL, snapshot TEXT NOT NULL, manifest BLOB NOT NULL,
                PRIMARY KEY (store, public_id, sequence)
            ) STRICT, WITHOUT ROWID"
        ),
        format!(
            "CREATE TABLE publish_pinned (
                public_id TEXT NOT NULL PRIMARY KEY CHECK {named}, sequence INTEGER NOT NULL, back_to INTEGER NOT NULL,
                authored TEXT NOT NULL
            ) STRICT, WITHOUT ROWID"
        ),
        "CREATE TABLE publish_target (
            id INTEGER PRIMARY KEY CHECK (id = 1), store TEXT NOT NULL, mirror TEXT
        ) STRICT"
            .to_string(),
        "CREATE TABLE publish_set (
            id INTEGER PRIMARY KEY CHECK (id = 1), version TEXT, body BLOB NOT NULL
        ) STRICT"
            .to_string(),
    ]
}

fn users() -> Vec<String> {
    let checks = format!(
        "CREATE TABLE widget_instances (
            public_id TEXT NOT NULL PRIMARY KEY,
            workspace_id TEXT NOT NULL,
            widget_type TEXT NOT NULL CHECK {},
            config TEXT NOT NULL CHECK (json_valid(config) AND json_type(config) = 'object'),
            revision INTEGER NOT NULL CHECK (revision > 0),
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            CHECK {}
        ) STRICT, WITHOUT ROWID",
        id::type_check(),
        id::user_check()
    );
    let mut statements = vec![
        checks,
        locales(
            "workspace_id TEXT NOT NULL,",
            ", FOREIGN KEY (public_id) REFERENCES widget_instances (public_id)",
        ),
    ];
    // REPLACE would set a row back, revision and all.
    statements.push(
        "CREATE TRIGGER widget_instances_once BEFORE INSERT ON widget_instances
            WHEN EXISTS (SELECT 1 FROM widget_instances WHERE public_id = NEW.public_id)
            BEGIN SELECT RAISE(ABORT, 'already there'); END"
            .to_string(),
    );
    statements.push(
        "CREATE TRIGGER widget_instances_forward BEFORE UPDATE ON widget_instances WHEN NEW.revision <= OLD.revision
            BEGIN SELECT RAISE(ABORT, 'not newer'); END"
            .to_string(),
    );
    for table in ["widget_instances", "widget_instance_locales"] {
        // Without a row that says whose store it is, nothing goes in.
        statements.push(format!(
            "CREATE TRIGGER {table}_own BEFORE INSERT ON {table}
                WHEN NEW.workspace_id IS NOT (SELECT workspace_id FROM instance_store)
                BEGIN SELECT RAISE(ABORT, 'row of another workspace'); END"
        ));
        statements.push(format!(
            "CREATE TRIGGER {table}_stay BEFORE UPDATE ON {table}
                WHEN NEW.workspace_id IS NOT OLD.workspace_id OR NEW.public_id IS NOT OLD.public_id
                BEGIN SELECT RAISE(ABORT, 'row of another workspace'); END"
        ));
    }
    statements
}

fn statements(home: &Home<'_>) -> Vec<String> {
    let mut statements: Vec<String> = KIND.iter().map(|statement| (*statement).to_string()).collect();
    statements.extend(match home {
        Home::Authored => {
            let mut statements = curated("revision INTEGER NOT NULL CHECK (revision > 0)", "NEW.revision <= OLD.revision");
            statements.push(locales("", &format!(", CHECK {}", id::authored_name_check())));
            statements.extend(outbox());
            statements
        }
        Home::Mirror => curated(
            "sequence INTEGER NOT NULL CHECK (sequence > 0), manifest_hash TEXT NOT NULL CHECK (length(manifest_hash) = 64), \
             publisher TEXT NOT NULL",
            "NEW.sequence < OLD.sequence",
        ),
        Home::Workspace(_) => users(),
    });
    statements
}

/// What a database says that it is.
async fn found(connection: &Connection) -> Result<Option<(String, Option<String>, i64)>, PublishError> {
    let there = "SELECT count(*) FROM sqlite_master WHERE name = 'instance_store'";
    if query(connection, there, &[], |row| row.get::<i64>(0)).await?.first() != Some(&1) {
        return Ok(None);
    }
    let read =
        |row: &libsql::Row| Ok((row.get::<String>(0)?, row.get::<Option<String>>(1)?, row.get::<i64>(2)?));
    let sql = "SELECT kind, workspace_id, version FROM instance_store";
    Ok(query(connection, sql, &[], read).await?.into_iter().next())
}

/// Makes the tables where there are none, in one transaction, and refuses a database that is another's.
pub(super) async fn ensure(connection: &Connection, home: &Home<'_>) -> Result<(), PublishError> {
    if found(connection).await?.is_none() {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).await?;
        // Somebody else may have made them meanwhile.
        if found(&transaction).await?.is_none() {
            for statement in statements(home) {
                execute(&transaction, &statement, &[]).await?;
            }
            let sql = "INSERT INTO instance_store (id, kind, workspace_id, version) VALUES (1, ?1, ?2, ?3)";
            let values = [Value::Text(home.kind().to_string()), home.workspace(), Value::Integer(VERSION)];
            execute(&transaction, sql, &values).await?;
            if *home == Home::Authored {
                let mark = format!("PRAGMA application_id = {};", file::AUTHORED);
                transaction.execute_batch(&mark).await?;
            }
        }
        transaction.commit().await?;
    }
    check(connection, home).await
}

/// Refuses a database that is another's, and changes nothing.
pub(super) async fn check(connection: &Connection, home: &Home<'_>) -> Result<(), PublishError> {
    let wanted = home.kind();
    let Some((kind, workspace, version)) = found(connection).await? else {
        return Err(PublishError::OtherKind { found: "no".to_string(), wanted });
    };
    if kind != wanted {
        return Err(PublishError::OtherKind { found: kind, wanted });
    }
    if let Home::Workspace(id) = home
        && workspace.as_deref() != Some(*id)
    {
        return Err(PublishError::OtherWorkspace);
    }
    match version > VERSION {
        true => Err(PublishError::Newer { found: version, known: VERSION }),
        false => Ok(()),
    }
}

/// How long a server may take for one thing.
const DEADLINE: Duration = Duration::from_secs(20);

/// A database that does not answer is away.
pub(super) async fn within<T>(
    work: impl Future<Output = Result<T, PublishError>>,
) -> Result<T, PublishError> {
    let done = tokio::time::timeout(DEADLINE, work).await;
    done.unwrap_or(Err(PublishError::Database(Trouble::Unreached(Unreached::Silent))))
}

#[cfg(test)]
mod tests;
