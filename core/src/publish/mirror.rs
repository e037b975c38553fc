//! The mirror: published instances in a database that others read. It is written by publications alone, numbers only
//! rise, and no configuration is ever read back from it.

use std::path::Path;
use std::sync::Arc;

use libsql::{Connection, Database, Row, Value};
use tokio::sync::OnceCell;

use super::authored::text;
use super::canonical::Sha256;
use super::error::PublishError;
use super::id::{AuthoredId, WidgetType};
use super::instance::Status;
use super::schema::{Home, ensure, within};
use crate::catalog::{Server, execute, query};
use crate::http::shown_address;

/// A database that mirrors what is published. Cheap to clone.
#[derive(Clone)]
pub struct Mirror {
    /// What it is called: no secret is in it.
    name: String,
    database: Arc<Database>,
    /// Whether it was found to be a mirror, once it was used.
    ready: Arc<OnceCell<()>>,
}

/// A published instance, as the mirror has it.
#[derive(Clone, Debug)]
pub(super) struct Mirrored<'a> {
    pub id: &'a AuthoredId,
    pub widget_type: &'a WidgetType,
    pub status: Status,
    /// In its canonical form.
    pub config: &'a str,
    pub config_hash: &'a Sha256,
    pub sequence: u64,
    pub manifest_hash: &'a Sha256,
    pub publisher: &'a str,
    pub now_ms: i64,
}

/// What a mirror says of an instance: names and numbers, no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirrorState {
    pub sequence: u64,
    pub manifest_hash: String,
    pub config_hash: String,
    pub publisher: String,
}

impl Mirror {
    /// The mirror on a server. It is asked nothing until it is used; the tables are made then, where there are none.
    pub async fn connect(server: &Server) -> Result<Mirror, PublishError> {
        let database = server.open().await.map_err(|error| PublishError::from(error).of_mirror())?;
        let name = shown_address(&server.url).unwrap_or_else(|| "a database".to_string());
        Ok(Mirror::over(database, name))
    }

    /// A mirror in a file.
    pub async fn file(path: &Path) -> Result<Mirror, PublishError> {
        Ok(Mirror::over(libsql::Builder::new_local(path).build().await?, path.display().to_string()))
    }

    fn over(database: Database, name: String) -> Mirror {
        Mirror { name, database: Arc::new(database), ready: Arc::default() }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A connection of its own for each use: a server forgets those that rest.
    async fn connection(&self) -> Result<Connection, PublishError> {
        let connection = self.database.connect()?;
        self.ready.get_or_try_init(|| within(ensure(&connection, &Home::Mirror))).await?;
        Ok(connection)
    }

    /// Asks for rows of an instance.
    async fn ask<T>(
        &self,
        sql: &str,
        id: &AuthoredId,
        read: impl Fn(&Row) -> Result<T, libsql::Error>,
    ) -> Result<Option<T>, PublishError> {
        let asked = async {
            let connection = self.connection().await?;
            within(async { Ok(query(&connection, sql, &[text(id)], read).await?.into_iter().next()) }).await
        };
        asked.await.map_err(PublishError::of_mirror)
    }

    /// Brings an instance up to a number. One that is there already, or a later one, stays.
    pub(super) async fn bring(&self, row: &Mirrored<'_>) -> Result<(), PublishError> {
        self.write(row, "sequence < ?6").await
    }

    /// The same after the pointer was swapped, which decides between two who wrote the same number.
    pub(super) async fn settle(&self, row: &Mirrored<'_>) -> Result<(), PublishError> {
        self.write(row, "(sequence < ?6 OR (sequence = ?6 AND manifest_hash <> ?7))").await
    }

    async fn write(&self, row: &Mirrored<'_>, terms: &str) -> Result<(), PublishError> {
        let values = [
            text(row.id),
            text(row.widget_type),
            Value::Text(row.status.as_str().to_string()),
            Value::Text(row.config.to_string()),
            text(row.config_hash),
            Value::Integer(i64::try_from(row.sequence).unwrap_or(i64::MAX)),
            text(row.manifest_hash),
            Value::Text(row.publisher.to_string()),
            Value::Integer(row.now_ms),
        ];
        // The type is named so that a statement has all of its values; it never changes.
        let update = format!(
            "UPDATE curated_widget_instances SET status = ?3, config = ?4, config_hash = ?5, sequence = ?6, \
             manifest_hash = ?7, publisher = ?8, updated_at = ?9 WHERE public_id = ?1 AND widget_type = ?2 AND {terms}"
        );
        let kind = row.id.kind().as_str();
        let insert = format!(
            "INSERT INTO curated_widget_instances (public_id, widget_type, kind, status, config, config_hash, sequence, \
             manifest_hash, publisher, created_at, updated_at) SELECT ?1, ?2, '{kind}', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9 \
             WHERE NOT EXISTS (SELECT 1 FROM curated_widget_instances WHERE public_id = ?1)"
        );
        let written = async {
            let connection = self.connection().await?;
            within(async {
                let updated = execute(&connection, &update, &values).await?;
                Ok(updated + if updated == 0 { execute(&connection, &insert, &values).await? } else { 0 })
            })
            .await
        };
        if written.await.map_err(PublishError::of_mirror)? == 0 {
            // What is there is of this number or a later one, or is another instance of that name.
            let sql = "SELECT widget_type FROM curated_widget_instances WHERE public_id = ?1";
            let is = self.ask(sql, row.id, |found| found.get::<String>(0)).await?;
            if let Some(is) = is.filter(|is| is != row.widget_type.as_str()) {
                return Err(PublishError::OtherType { id: row.id.to_string(), is });
            }
        }
        Ok(())
    }

    /// How an instance stands there.
    pub async fn state(&self, id: &AuthoredId) -> Result<Option<MirrorState>, PublishError> {
        let sql = "SELECT sequence, manifest_hash, config_hash, publisher FROM curated_widget_instances WHERE public_id = ?1";
        self.ask(sql, id, |row| {
            Ok(MirrorState {
                sequence: row.get(0)?,
                manifest_hash: row.get(1)?,
                config_hash: row.get(2)?,
                publisher: row.get(3)?,
            })
        })
        .await
    }

    /// SHA-256 of the configuration that is there: no value leaves this function.
    pub(super) async fn hash_of(&self, id: &AuthoredId) -> Result<Option<Sha256>, PublishError> {
        let sql = "SELECT config FROM curated_widget_instances WHERE public_id = ?1";
        self.ask(sql, id, |row| Ok(Sha256::of(row.get::<String>(0)?.as_bytes()))).await
    }
}
