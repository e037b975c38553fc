//! Instances of widgets: those that are authored in this data folder, and those of a workspace.

use std::path::PathBuf;
use std::sync::Arc;

use super::sharing::folder_name;
use super::{Zenith, ZenithError};
use crate::catalog::{DatabaseRole, Server};
use crate::identity::service::Access;
use crate::publish::{
    Authored, Endpoint, Known, Mirror, PublishError, Publisher, Reader, Several, Workspace,
};

impl Zenith {
    fn instances_folder(&self) -> PathBuf {
        self.config.data_dir.join("instances")
    }

    /// The file of what is authored here, be it there or not.
    pub fn authored_path(&self) -> PathBuf {
        self.instances_folder().join("authored.db")
    }

    /// What is authored here. No server is asked for anything.
    pub async fn authored(&self) -> Result<Authored, ZenithError> {
        Ok(Authored::open(&self.instances_folder()).await?)
    }

    /// What translates without anybody else: the files of this folder, the pseudo-locale, and what a translator said before.
    pub fn offline_translations(&self) -> Several {
        let mut several = Several::offline(&self.instances_folder().join("translations"));
        if self.config.publish.translator.is_some() {
            several.0.push(Box::new(Known));
        }
        several
    }

    /// What translates: the files of this folder, the pseudo-locale, and the translator that the settings name. Making it
    /// asks nobody.
    pub fn translations(&self) -> Result<Several, ZenithError> {
        let mut several = Several::offline(&self.instances_folder().join("translations"));
        if let Some(url) = &self.config.publish.translator {
            several.0.push(Box::new(Endpoint::new(url.clone()).map_err(PublishError::from)?));
        }
        Ok(several)
    }

    /// Publications from this folder to the store that the settings name.
    pub async fn publisher(&self) -> Result<Publisher, ZenithError> {
        let settings = &self.config.publish;
        let mirror = match (&settings.mirror, &settings.mirror_token) {
            (Some(url), token) => {
                let token = token.clone().unwrap_or_else(|| String::new().into());
                Some(Mirror::connect(&Server { url: url.clone(), token }).await?)
            }
            (None, _) => None,
        };
        Ok(Publisher {
            authored: self.authored().await?,
            store: self.store()?,
            mirror,
            generator: Arc::new(self.translations()?),
            name: folder_name(&self.config.data_dir)?,
        })
    }

    /// A reader of what is published in the store that the settings name, which remembers what it saw.
    pub fn reader(&self) -> Result<Reader, ZenithError> {
        Ok(Reader::remembering(self.store()?, &self.instances_folder().join("seen.db")))
    }

    /// The instances of the user's own workspace, in a database of its own on a server. It is no part
    /// of what `sync` copies: nothing of it is kept here.
    pub async fn workspace(&self) -> Result<Workspace, ZenithError> {
        let databases = self.session.iter().flat_map(|session| &session.databases);
        let workspace = databases.into_iter().find(|database| {
            matches!(database.role, DatabaseRole::Workspace(_)) && database.access == Access::ReadWrite
        });
        let (Some(database), Some(subject)) = (workspace, self.identity.subject()) else {
            return Err(ZenithError::NoWorkspace);
        };
        let server = self.servers(std::slice::from_ref(database)).await?.pop().flatten();
        let server = server.ok_or(ZenithError::NoWorkspace)?;
        let opened = server.open().await.map_err(PublishError::from)?;
        Ok(Workspace::open(opened, subject).await?)
    }
}
