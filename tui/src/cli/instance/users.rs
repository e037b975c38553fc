//! Users' instances: of one's own workspace, in its database.

use std::process::ExitCode;

use anyhow::bail;
use serde_json::json;
use zenith_core::publish::{PublishError, UserId, texts};

use super::args::{Edit, Resolve, Show};
use super::{Desk, print};
use crate::cli::output;

impl Desk<'_> {
    pub(super) async fn list_workspace(&self) -> anyhow::Result<ExitCode> {
        let instances = self.zenith.workspace().await?.list().await?;
        if instances.is_empty() && !self.json {
            output::line(
                "your workspace has no instances; `zenith instance edit wgt_TYPE_u_KEY FILE` begins",
            )?;
        }
        for instance in instances {
            if self.json {
                output::json(&instance)?;
            } else {
                output::line(format!("{}  revision {}", instance.public_id, instance.revision))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    pub(super) async fn show_users(&self, id: &UserId, show: &Show) -> anyhow::Result<ExitCode> {
        let workspace = self.zenith.workspace().await?;
        let instance = workspace.get(id).await?;
        let content = match &show.locale {
            Some(locale) => workspace.resolve(id, &self.authored.registry()?, locale).await?.content,
            None => instance.config.clone(),
        };
        let line = json!({
            "public_id": id, "workspace_id": instance.workspace_id, "revision": instance.revision,
            "content": content,
        });
        self.tell(&line, || print::config(&content))
    }

    pub(super) async fn edit_users(&self, id: &UserId, edit: &Edit) -> anyhow::Result<ExitCode> {
        let (Some(file), None) = (&edit.file, edit.status) else {
            bail!("a user's instance has no status here: it is what its workspace says");
        };
        let registry = self.authored.registry()?;
        let bytes = self.read(file)?;
        let workspace = self.zenith.workspace().await?;
        if let Some(locale) = &edit.locale {
            workspace.revise(id, &registry, locale, texts(&bytes)?).await?;
        } else {
            workspace.save(id, &registry, &bytes).await?;
        }
        let revision = workspace.get(id).await?.revision;
        let line = json!({ "public_id": id, "revision": revision });
        self.tell(&line, || {
            output::line(format!("kept {id} in your workspace's database, revision {revision}"))
        })
    }

    /// What is not published has no set, and no age.
    pub(super) async fn resolve_users(&self, id: &UserId, asked: &Resolve) -> anyhow::Result<ExitCode> {
        if asked.set || asked.max_age.is_some() {
            bail!("a user's instance is not published: --set and --max-age are of those that are");
        }
        let (registry, workspace) = (self.authored.registry()?, self.zenith.workspace().await?);
        let locale = asked.locale.as_ref().unwrap_or(&registry.base_locale);
        let resolved = workspace.resolve(id, &registry, locale).await?;
        if asked.strict && resolved.reason.is_some() {
            return Err(PublishError::NoLocale { id: id.to_string(), locale: locale.to_string() }.into());
        }
        self.tell(&resolved, || {
            if let Some(reason) = &resolved.reason {
                let (id, asked, got) = (id.to_string(), &resolved.asked_locale, &resolved.got_locale);
                output::note(&print::why(*reason, (&id, &id), (asked, got)));
            }
            print::config(&resolved.content)
        })
    }
}
