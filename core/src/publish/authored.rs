//! What is authored here: a file that no server reaches. Saving is a local matter, and asks nobody.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libsql::{Connection, Row, Value};
use tokio::sync::{Mutex, MutexGuard};

use super::canonical::{Sha256, read};
use super::error::PublishError;
use super::file;
use super::id::{AuthoredId, Kind, WidgetType};
use super::instance::{CONFIG_BYTES_MAX, Instance, Kept, Status};
use super::locale::Locale;
use super::overlay::{Composed, Overlay, compose};
use super::registry::Registry;
use super::schema::{Home, ensure};
use super::translations::{Of, keep_texts, overlays};
use crate::catalog::{Trouble, execute, open_own, query};

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The authored instances of a data folder. Cheap to clone.
#[derive(Clone)]
pub struct Authored {
    /// One at a time: what is sent beside a transaction would be part of it.
    connection: Arc<Mutex<Connection>>,
    folder: PathBuf,
}

impl Authored {
    /// Opens the authored instances in a folder, which is made where there is none.
    pub async fn open(folder: &Path) -> Result<Authored, PublishError> {
        let fail =
            |source| PublishError::File { attempted: "create", path: folder.display().to_string(), source };
        std::fs::create_dir_all(folder).map_err(fail)?;
        let path = folder.join("authored.db");
        file::ready(&path).await?;
        let (_, connection) = open_own(&path, BUSY_TIMEOUT).await?;
        ensure(&connection, &Home::Authored).await?;
        Ok(Authored { connection: Arc::new(Mutex::new(connection)), folder: folder.to_path_buf() })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the registry of widget types lies.
    pub fn registry_path(&self) -> PathBuf {
        self.folder.join("widgets").join("manifest.json")
    }

    pub fn registry(&self) -> Result<Registry, PublishError> {
        Ok(Registry::load(&self.registry_path())?)
    }

    pub(super) async fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().await
    }

    /// Every instance, by id.
    pub async fn list(&self) -> Result<Vec<Instance>, PublishError> {
        self.ask("ORDER BY public_id", &[]).await
    }

    pub async fn get(&self, id: &AuthoredId) -> Result<Instance, PublishError> {
        let found = self.ask("WHERE public_id = ?1", &[text(id)]).await?;
        found.into_iter().next().ok_or_else(|| PublishError::NotThere(id.to_string()))
    }

    async fn find(&self, id: &AuthoredId) -> Result<Option<Instance>, PublishError> {
        match self.get(id).await {
            Ok(instance) => Ok(Some(instance)),
            Err(PublishError::NotThere(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn ask(&self, clause: &str, values: &[Value]) -> Result<Vec<Instance>, PublishError> {
        let sql = format!(
            "SELECT public_id, widget_type, status, config, config_hash, revision, updated_at \
             FROM curated_widget_instances {clause}"
        );
        let connection = self.lock().await;
        query(&connection, &sql, values, columns).await?.into_iter().map(instance_of).collect()
    }

    /// Keeps a configuration. Whether anything changed, and what is there now. A new curated instance names its type; a
    /// baseline's is in its id.
    pub async fn save(
        &self,
        id: &AuthoredId,
        widget_type: Option<&WidgetType>,
        bytes: &[u8],
    ) -> Result<(Instance, bool), PublishError> {
        self.keep(id, widget_type, bytes, Status::Published).await
    }

    /// The same, and what becomes of a new one is known from the beginning.
    pub(super) async fn keep(
        &self,
        id: &AuthoredId,
        widget_type: Option<&WidgetType>,
        bytes: &[u8],
        status: Status,
    ) -> Result<(Instance, bool), PublishError> {
        may_become(id, status)?;
        let there = self.find(id).await?;
        let of = there.as_ref().map(|there| &there.widget_type).or(id.widget_type());
        let widget_type = match (of, widget_type) {
            (Some(of), Some(named)) if of != named => {
                return Err(PublishError::OtherType { id: id.to_string(), is: of.to_string() });
            }
            (of, named) => of.or(named).ok_or_else(|| PublishError::NoType(id.to_string()))?.clone(),
        };
        let kept = Kept::of(bytes, self.registry()?.rules(&widget_type)?)?;
        if let Some(there) = there.clone().filter(|there| there.config_hash == kept.hash) {
            return Ok((there, false));
        }
        let (form, hash, now) = (Value::Text(kept.form), text(&kept.hash), Value::Integer(now_ms()));
        let changed = match &there {
            Some(there) => {
                let sql = "UPDATE curated_widget_instances SET config = ?2, config_hash = ?3, revision = revision + 1, \
                           updated_at = ?4 WHERE public_id = ?1 AND revision = ?5";
                let values = [text(id), form, hash, now, Value::Integer(there.revision)];
                execute(&*self.lock().await, sql, &values).await?
            }
            None => {
                let sql = "INSERT INTO curated_widget_instances (public_id, widget_type, kind, status, config, \
                           config_hash, revision, created_at, updated_at) \
                           SELECT ?1, ?2, ?3, ?7, ?4, ?5, 1, ?6, ?6 \
                           WHERE NOT EXISTS (SELECT 1 FROM curated_widget_instances WHERE public_id = ?1)";
                let (kind, status) = (text(&id.kind().as_str()), text(&status.as_str()));
                let values = [text(id), text(&widget_type), kind, form, hash, now, status];
                execute(&*self.lock().await, sql, &values).await?
            }
        };
        match changed {
            1 => Ok((self.get(id).await?, true)),
            _ => Err(PublishError::Changed(id.to_string())),
        }
    }

    /// Says what becomes of an instance. Nothing is published by that. What is deprecated leads to the baseline of its type,
    /// which has to be there.
    pub async fn set_status(
        &self,
        id: &AuthoredId,
        status: Status,
    ) -> Result<(Instance, bool), PublishError> {
        let there = self.get(id).await?;
        may_become(id, status)?;
        if there.status == status {
            return Ok((there, false));
        }
        if status == Status::Deprecated {
            self.check_baseline(id, AuthoredId::Baseline(there.widget_type.clone())).await?;
        }
        let sql = "UPDATE curated_widget_instances SET status = ?2, revision = revision + 1, updated_at = ?3 \
                   WHERE public_id = ?1 AND revision = ?4";
        let status = Value::Text(status.as_str().to_string());
        let values = [text(id), status, Value::Integer(now_ms()), Value::Integer(there.revision)];
        let changed = execute(&*self.lock().await, sql, &values).await?;
        match changed {
            1 => Ok((self.get(id).await?, true)),
            _ => Err(PublishError::Changed(id.to_string())),
        }
    }

    async fn check_baseline(&self, id: &AuthoredId, baseline: AuthoredId) -> Result<(), PublishError> {
        let is_there = match self.find(&baseline).await? {
            Some(authored) => authored.status == Status::Published,
            None => self.live_of(&baseline).await?.is_some(),
        };
        match is_there {
            true => Ok(()),
            false => Err(PublishError::NoBaseline { id: id.to_string(), baseline: baseline.to_string() }),
        }
    }

    /// The deprecated instances of a type: their readers get its baseline.
    pub async fn deprecated(&self, widget_type: &WidgetType) -> Result<Vec<AuthoredId>, PublishError> {
        let clause = "WHERE widget_type = ?1 AND status = 'deprecated' ORDER BY public_id";
        let found = self.ask(clause, &[text(widget_type)]).await?;
        Ok(found.into_iter().map(|instance| instance.public_id).collect())
    }

    /// Keeps what a person wrote in another locale: texts by place, for the instance as it is now. Texts for other places
    /// stay as they are.
    pub async fn translate(
        &self,
        id: &AuthoredId,
        locale: &Locale,
        texts: BTreeMap<String, String>,
    ) -> Result<Overlay, PublishError> {
        self.revise(id, locale, texts.into_iter().map(|(at, text)| (at, Some(text))).collect()).await
    }

    /// The same; a place that is given no text loses the one that a person wrote for it.
    pub async fn revise(
        &self,
        id: &AuthoredId,
        locale: &Locale,
        texts: BTreeMap<String, Option<String>>,
    ) -> Result<Overlay, PublishError> {
        let (instance, registry, named) = (self.get(id).await?, self.registry()?, id.to_string());
        // What was written for a locale of before can still be taken back.
        if texts.values().any(Option::is_some) {
            registry.check_locale(locale, &self.registry_path())?;
        }
        let rules = registry.rules(&instance.widget_type)?;
        let of = Of { workspace: None, public_id: &named, rules, config: &instance.config };
        keep_texts(&*self.lock().await, &of, locale, texts, now_ms()).await
    }

    /// The overlays of an instance, by locale and source.
    pub async fn overlays(&self, id: &AuthoredId) -> Result<Vec<Overlay>, PublishError> {
        let found = overlays(&*self.lock().await, None, Some(&id.to_string())).await?;
        Ok(found.into_values().flatten().collect())
    }

    /// The overlays of every instance.
    pub(super) async fn all_overlays(&self) -> Result<BTreeMap<String, Vec<Overlay>>, PublishError> {
        overlays(&*self.lock().await, None, None).await
    }

    /// An instance as it would be in a locale, by what is here: a preview.
    pub async fn preview(&self, id: &AuthoredId, locale: &Locale) -> Result<Composed, PublishError> {
        let instance = self.get(id).await?;
        let overlays = self.overlays(id).await?;
        let registry = self.registry()?;
        let layers: Vec<&Overlay> = overlays.iter().filter(|overlay| overlay.locale == *locale).collect();
        Ok(compose(&instance.config, registry.rules(&instance.widget_type)?, &layers)?)
    }
}

/// Others fall back to a baseline.
fn may_become(id: &AuthoredId, status: Status) -> Result<(), PublishError> {
    match status == Status::Deprecated && id.kind() == Kind::Baseline {
        true => Err(PublishError::BaselineStays(id.to_string())),
        false => Ok(()),
    }
}

/// Milliseconds since 1970.
pub(super) fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn text(value: &impl std::fmt::Display) -> Value {
    Value::Text(value.to_string())
}

type Columns = (String, String, String, String, String, i64, i64);

fn columns(row: &Row) -> Result<Columns, libsql::Error> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
}

fn instance_of(
    (id, widget_type, status, config, hash, revision, updated_at): Columns,
) -> Result<Instance, PublishError> {
    Ok(Instance {
        public_id: AuthoredId::parse(&id)?,
        widget_type: WidgetType::parse(&widget_type)?,
        status: Status::parse(&status).ok_or(Trouble::Damaged)?,
        config: read(config.as_bytes(), CONFIG_BYTES_MAX)?,
        config_hash: Sha256::try_from(hash).map_err(|_| Trouble::Damaged)?,
        revision,
        updated_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::overlay::OverlayError;
    use crate::publish::registry::RegistryError;
    use crate::publish::trial::{FAQ, authored, id};

    #[tokio::test]
    async fn what_is_saved_is_read_again_and_what_did_not_change_is_not_written() {
        let (_folder, authored) = authored().await;
        let faq = id("wgt_main_faq");
        let (first, changed) = authored.save(&faq, None, FAQ.as_bytes()).await.unwrap();
        assert!(changed && first.revision == 1);
        let respaced = FAQ.replace(':', " : ");
        let (again, changed) = authored.save(&faq, None, respaced.as_bytes()).await.unwrap();
        assert_eq!((again, changed), (first, false));
        let (second, changed) = authored.save(&faq, None, br#"{"title":"Other"}"#).await.unwrap();
        assert!(changed && second.revision == 2);
        assert_eq!(Authored::open(authored.folder()).await.unwrap().get(&faq).await.unwrap(), second);
    }

    #[tokio::test]
    async fn what_does_not_fit_its_type_is_not_kept() {
        let (_folder, authored) = authored().await;
        let curated = id("wgt_curated_a");
        let pricing = WidgetType::parse("pricing").unwrap();
        let refused = authored.save(&curated, Some(&pricing), b"{}").await;
        assert!(matches!(refused, Err(PublishError::Registry(RegistryError::Unknown { .. }))));
        assert!(matches!(authored.save(&curated, None, b"{}").await, Err(PublishError::NoType(_))));
        let faq = WidgetType::parse("faq").unwrap();
        for bad in
            [r#"[]"#, r#"{"a":1,"a":2}"#, r#"{"faqs":[{"question":"no id"}]}"#, r#"{"n":9007199254740993}"#]
        {
            assert!(authored.save(&curated, Some(&faq), bad.as_bytes()).await.is_err(), "{bad}");
        }
        assert!(authored.list().await.unwrap().is_empty());
        let faqs: Vec<String> = (0..1_000).map(|at| format!(r#"{{"id":"{at}","question":"?"}}"#)).collect();
        let many = format!(r#"{{"title":"one too many","faqs":[{}]}}"#, faqs.join(","));
        let refused = authored.save(&curated, Some(&faq), many.as_bytes()).await;
        assert!(matches!(refused, Err(PublishError::Overlay(OverlayError::Large { .. }))), "{refused:?}");

        // A type that is added is known at once.
        let registry = std::fs::read_to_string(authored.registry_path()).unwrap();
        let more = registry.replace("\"types\":{", "\"types\":{\"pricing\":{},");
        std::fs::write(authored.registry_path(), more).unwrap();
        authored.save(&curated, Some(&pricing), b"{}").await.unwrap();
        let other = authored.save(&curated, Some(&faq), b"{}").await;
        assert!(matches!(other, Err(PublishError::OtherType { .. })));
    }

    #[tokio::test]
    async fn a_baseline_is_never_deprecated() {
        let (_folder, authored) = authored().await;
        let faq = id("wgt_main_faq");
        authored.save(&faq, None, FAQ.as_bytes()).await.unwrap();
        assert!(matches!(
            authored.set_status(&faq, Status::Deprecated).await,
            Err(PublishError::BaselineStays(_))
        ));
        assert!(authored.set_status(&faq, Status::Unpublished).await.unwrap().1);
        assert!(!authored.set_status(&faq, Status::Unpublished).await.unwrap().1);
    }

    #[tokio::test]
    async fn what_is_deprecated_has_a_baseline_to_lead_to() {
        let (_folder, authored) = authored().await;
        let (spring, faq) = (id("wgt_curated_spring"), WidgetType::parse("faq").unwrap());
        authored.save(&spring, Some(&faq), FAQ.as_bytes()).await.unwrap();
        let refused = authored.set_status(&spring, Status::Deprecated).await;
        assert!(matches!(refused, Err(PublishError::NoBaseline { .. })), "{refused:?}");
        authored.save(&id("wgt_main_faq"), None, FAQ.as_bytes()).await.unwrap();
        assert!(authored.set_status(&spring, Status::Deprecated).await.unwrap().1);
        assert_eq!(authored.deprecated(&faq).await.unwrap(), [spring]);
    }
}
