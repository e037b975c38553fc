//! Users' instances: rows of their workspace's own database, and never of a file here.
//!
//! Two fences stand around them: the database is one workspace's, and its token opens no other; and the only statements
//! that read or write name the workspace, whose rows alone the tables take.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use libsql::{Connection, Database, Row, Value};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::authored::{CONFIG_BYTES_MAX, text};
use super::canonical::{canonical, read};
use super::error::PublishError;
use super::id::UserId;
use super::locale::Locale;
use super::overlay::{Overlay, Source, compose};
use super::registry::Registry;
use super::schema::{Home, ensure, within};
use crate::catalog::{execute, query};

/// The instances of one workspace.
#[derive(Clone)]
pub struct Workspace {
    database: Arc<Database>,
    id: String,
}

/// A user's instance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UserInstance {
    pub public_id: UserId,
    pub workspace_id: String,
    pub config: Map<String, Json>,
    pub revision: i64,
    /// Milliseconds since 1970.
    pub updated_at: i64,
}

impl Workspace {
    /// The instances in a workspace's database, whose tables are made where there are none.
    pub async fn open(database: Database, id: &str) -> Result<Workspace, PublishError> {
        let workspace = Workspace { database: Arc::new(database), id: id.to_string() };
        let connection = workspace.connection()?;
        within(ensure(&connection, &Home::Workspace(id))).await?;
        Ok(workspace)
    }

    fn connection(&self) -> Result<Connection, PublishError> {
        Ok(self.database.connect()?)
    }

    pub async fn list(&self) -> Result<Vec<UserInstance>, PublishError> {
        self.ask("ORDER BY public_id", None).await
    }

    pub async fn get(&self, id: &UserId) -> Result<UserInstance, PublishError> {
        let found = self.ask("AND public_id = ?2", Some(id)).await?;
        found.into_iter().next().ok_or_else(|| PublishError::NotThere(id.to_string()))
    }

    async fn ask(&self, clause: &str, id: Option<&UserId>) -> Result<Vec<UserInstance>, PublishError> {
        let sql = format!(
            "SELECT public_id, workspace_id, config, revision, updated_at FROM widget_instances \
             WHERE workspace_id = ?1 {clause}"
        );
        let mut values = vec![text(&self.id)];
        values.extend(id.map(text));
        let connection = self.connection()?;
        let read = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?));
        let found: Vec<(String, String, String, i64, i64)> =
            within(async { Ok(query(&connection, &sql, &values, read).await?) }).await?;
        let instance =
            |(id, workspace_id, config, revision, updated_at): (String, String, String, i64, i64)| {
                let config = super::canonical::read(config.as_bytes(), CONFIG_BYTES_MAX)?;
                Ok(UserInstance {
                    public_id: UserId::parse(&id)?,
                    workspace_id,
                    config,
                    revision,
                    updated_at,
                })
            };
        found.into_iter().map(instance).collect()
    }

    /// Keeps a configuration. Whether anything changed, and what is there now.
    pub async fn save(
        &self,
        id: &UserId,
        registry: &Registry,
        bytes: &[u8],
    ) -> Result<(UserInstance, bool), PublishError> {
        let config = read(bytes, CONFIG_BYTES_MAX)?;
        registry.rules(&id.widget_type)?.texts(&config)?;
        let there = match self.get(id).await {
            Ok(there) if canonical(&there.config)? == canonical(&config)? => return Ok((there, false)),
            Ok(there) => Some(there),
            Err(PublishError::NotThere(_)) => None,
            Err(error) => return Err(error),
        };
        let form = Value::Text(String::from_utf8_lossy(&canonical(&config)?).into_owned());
        let connection = self.connection()?;
        let changed = within(async {
            let (sql, values) = match &there {
                Some(there) => (
                    "UPDATE widget_instances SET config = ?3, revision = revision + 1, updated_at = ?4 \
                     WHERE workspace_id = ?1 AND public_id = ?2 AND revision = ?5",
                    vec![text(&self.id), text(id), form, now(), Value::Integer(there.revision)],
                ),
                None => (
                    "INSERT INTO widget_instances (workspace_id, public_id, config, created_at, updated_at, widget_type, \
                     revision) SELECT ?1, ?2, ?3, ?4, ?4, ?5, 1 \
                     WHERE NOT EXISTS (SELECT 1 FROM widget_instances WHERE public_id = ?2)",
                    vec![text(&self.id), text(id), form, now(), text(&id.widget_type)],
                ),
            };
            Ok(execute(&connection, sql, &values).await?)
        });
        match changed.await? {
            1 => Ok((self.get(id).await?, true)),
            _ => Err(PublishError::Changed(id.to_string())),
        }
    }

    /// Keeps what the user wrote in another locale.
    pub async fn translate(
        &self,
        id: &UserId,
        registry: &Registry,
        locale: &Locale,
        texts: BTreeMap<String, String>,
    ) -> Result<(), PublishError> {
        let instance = self.get(id).await?;
        let rules = registry.rules(&id.widget_type)?;
        let (base, print) = (rules.texts(&instance.config)?, rules.fingerprint(&instance.config)?);
        let overlay = Overlay::of(&id.to_string(), locale, Source::Manual, print, &base, texts)?;
        let sql = "INSERT INTO widget_instance_locales (workspace_id, public_id, locale, source, overlay, updated_at) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (public_id, locale, source) \
                   DO UPDATE SET overlay = excluded.overlay, updated_at = excluded.updated_at";
        let document = Value::Text(String::from_utf8_lossy(&canonical(&overlay)?).into_owned());
        let source = Value::Text(overlay.source.as_str().to_string());
        let values = [text(&self.id), text(id), text(locale), source, document, now()];
        let connection = self.connection()?;
        within(async { Ok(execute(&connection, sql, &values).await.map(drop)?) }).await
    }

    /// An instance in a locale, as its workspace has it; the base's texts where there are no others.
    pub async fn resolve(
        &self,
        id: &UserId,
        registry: &Registry,
        locale: &Locale,
    ) -> Result<Map<String, Json>, PublishError> {
        let instance = self.get(id).await?;
        let sql = "SELECT overlay FROM widget_instance_locales WHERE workspace_id = ?1 AND public_id = ?2 AND locale = ?3";
        let values = [text(&self.id), text(id), text(locale)];
        let connection = self.connection()?;
        let found =
            within(async { Ok(query(&connection, sql, &values, |row| row.get::<String>(0)).await?) }).await?;
        let overlays: Vec<Overlay> =
            found.iter().map(|of| Overlay::read(of.as_bytes())).collect::<Result<_, _>>()?;
        let layers: Vec<&Overlay> = overlays.iter().collect();
        Ok(compose(&instance.config, registry.rules(&id.widget_type)?, &layers)?.content)
    }
}

fn now() -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Value::Integer(i64::try_from(now.as_millis()).unwrap_or(i64::MAX))
}
