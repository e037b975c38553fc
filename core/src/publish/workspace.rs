//! Users' instances: rows of their workspace's own database, and never of a file here.
//!
//! Two fences stand around them: the database is one workspace's, and its token opens no other; and the only statements
//! that read or write name the workspace, whose rows alone the tables take.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use libsql::{Connection, Database, Row, Value};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::authored::{now_ms, text};
use super::canonical::{canonical, read};
use super::error::PublishError;
use super::id::UserId;
use super::instance::{CONFIG_BYTES_MAX, Kept};
use super::locale::Locale;
use super::overlay::{Overlay, compose};
use super::registry::Registry;
use super::resolve::{Reason, stands_in};
use super::schema::{Home, ensure, within};
use super::translations::{Of, keep_texts, overlays};
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

/// A user's instance in a locale.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UserResolved {
    pub asked: UserId,
    pub asked_locale: Locale,
    pub got_locale: Locale,
    /// Why it is another locale than was asked for.
    pub reason: Option<Reason>,
    /// Texts that are still the base's.
    pub untranslated: u64,
    pub content: Map<String, Json>,
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
        let columns = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?));
        let found: Vec<(String, String, String, i64, i64)> =
            within(async { Ok(query(&connection, &sql, &values, columns).await?) }).await?;
        let instance =
            |(id, workspace_id, config, revision, updated_at): (String, String, String, i64, i64)| {
                let config = read(config.as_bytes(), CONFIG_BYTES_MAX)?;
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
        let form = Kept::of(bytes, registry.rules(&id.widget_type)?)?.form;
        let there = match self.get(id).await {
            Ok(there) if canonical(&there.config)? == form.as_bytes() => return Ok((there, false)),
            Ok(there) => Some(there),
            Err(PublishError::NotThere(_)) => None,
            Err(error) => return Err(error),
        };
        let (form, now) = (Value::Text(form), Value::Integer(now_ms()));
        let connection = self.connection()?;
        let changed = within(async {
            let (sql, values) = match &there {
                Some(there) => (
                    "UPDATE widget_instances SET config = ?3, revision = revision + 1, updated_at = ?4 \
                     WHERE workspace_id = ?1 AND public_id = ?2 AND revision = ?5",
                    vec![text(&self.id), text(id), form, now, Value::Integer(there.revision)],
                ),
                None => (
                    "INSERT INTO widget_instances (workspace_id, public_id, config, created_at, updated_at, widget_type, \
                     revision) SELECT ?1, ?2, ?3, ?4, ?4, ?5, 1 \
                     WHERE NOT EXISTS (SELECT 1 FROM widget_instances WHERE public_id = ?2)",
                    vec![text(&self.id), text(id), form, now, text(&id.widget_type)],
                ),
            };
            Ok(execute(&connection, sql, &values).await?)
        });
        match changed.await? {
            1 => Ok((self.get(id).await?, true)),
            _ => Err(PublishError::Changed(id.to_string())),
        }
    }

    /// Keeps what the user wrote in another locale, by place. Texts for other places stay as they are.
    pub async fn translate(
        &self,
        id: &UserId,
        registry: &Registry,
        locale: &Locale,
        texts: BTreeMap<String, String>,
    ) -> Result<(), PublishError> {
        let texts = texts.into_iter().map(|(at, text)| (at, Some(text))).collect();
        self.revise(id, registry, locale, texts).await
    }

    /// The same; a place that is given no text loses the one that the user wrote for it.
    pub async fn revise(
        &self,
        id: &UserId,
        registry: &Registry,
        locale: &Locale,
        texts: BTreeMap<String, Option<String>>,
    ) -> Result<(), PublishError> {
        let (instance, named) = (self.get(id).await?, id.to_string());
        let rules = registry.rules(&id.widget_type)?;
        let of = Of { workspace: Some(&self.id), public_id: &named, rules, config: &instance.config };
        let connection = self.connection()?;
        within(keep_texts(&connection, &of, locale, texts, now_ms())).await.map(drop)
    }

    /// An instance in a locale, as its workspace has it, or in what stands in for that.
    pub async fn resolve(
        &self,
        id: &UserId,
        registry: &Registry,
        locale: &Locale,
    ) -> Result<UserResolved, PublishError> {
        let (instance, rules) = (self.get(id).await?, registry.rules(&id.widget_type)?);
        let (connection, named) = (self.connection()?, id.to_string());
        let kept = within(overlays(&connection, Some(&self.id), Some(&named))).await?;
        let kept: Vec<Overlay> = kept.into_values().flatten().collect();
        let mut there: BTreeSet<Locale> = kept.iter().map(|overlay| overlay.locale.clone()).collect();
        there.insert(registry.base_locale.clone());
        let (got_locale, reason) = stands_in(&there, &rules.fallback, &registry.base_locale, locale);
        let layers: Vec<&Overlay> = kept.iter().filter(|overlay| overlay.locale == got_locale).collect();
        let composed = compose(&instance.config, rules, &layers)?;
        Ok(UserResolved {
            asked: id.clone(),
            asked_locale: locale.clone(),
            got_locale,
            reason,
            untranslated: composed.untranslated.len() as u64,
            content: composed.content,
        })
    }
}
