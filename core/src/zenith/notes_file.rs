//! The notes as plain tables, `workspace/notes.db`, for every other tool: who keeps them up to date, and when.
//!
//! # Decisions
//!
//! - **Whoever changes notes brings the file up to date**, a command before it ends, an explorer for as long as it is open.
//!   There is no service for it, and nobody who only reads waits for it.
//! - **Who finds the file kept by another process leaves it to that.** So that nothing is left behind, whoever lets go of
//!   it looks once more at the notes afterwards: what was written until then was left to them.

use std::path::{Path, PathBuf};

use tokio::sync::watch;

use super::{Zenith, ZenithError};
use crate::workspace::{Driver, FileProvider, Standing, Workspace};

/// The file of a data folder's notes, and this process as the one that may keep it.
pub struct NotesFile {
    path: PathBuf,
    notes: Workspace,
    driver: Option<Driver>,
}

impl Zenith {
    /// The file of these notes. Nobody keeps it yet.
    pub fn notes_file(&self, notes: &Workspace) -> NotesFile {
        NotesFile { path: notes_file_path(&self.config.data_dir), notes: notes.clone(), driver: None }
    }
}

impl NotesFile {
    /// Keeps the file from now on, where no other process does; whether this one does. Must be called within a runtime.
    pub fn keep(&mut self) -> Result<bool, ZenithError> {
        if self.driver.is_none() {
            let taken = FileProvider::new(&self.path)
                .map_err(|source| ZenithError::NotesFileLock { path: self.path.clone(), source })?;
            self.driver = taken.map(|provider| Driver::start(provider, self.notes.moments()));
        }
        Ok(self.driver.is_some())
    }

    /// How the file stands, where this process keeps it.
    pub fn standing(&self) -> Option<watch::Receiver<Standing>> {
        self.driver.as_ref().map(Driver::standing)
    }

    /// Brings the file to the newest moment of the notes and lets go of it, where no other process keeps it.
    pub async fn settle(mut self) -> Result<(), ZenithError> {
        while self.keep()? {
            let moment = self.newest().await?;
            if let Some(driver) = self.driver.take() {
                let brought = driver.at_least(moment).await;
                driver.close().await;
                brought?;
            }
            if self.newest().await? == moment {
                break;
            }
        }
        Ok(())
    }

    /// The moment of the notes with all that other processes wrote.
    async fn newest(&self) -> Result<u64, ZenithError> {
        // Who makes no edit reads what others made.
        Ok(self.notes.edit(Vec::new()).await?.generation)
    }
}

/// The file of the notes for other tools.
pub fn notes_file_path(data_dir: &Path) -> PathBuf {
    data_dir.join("workspace").join("notes.db")
}
