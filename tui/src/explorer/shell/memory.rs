//! What is kept from one start to the next: the tab that showed, and what each tab wants kept. It lies in a file of its
//! own in the platform's folder for such things, is small, and nothing depends on it: what cannot be read is not there,
//! what cannot be written is not kept.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use etcetera::{AppStrategy, AppStrategyArgs};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tempfile::NamedTempFile;

use super::app::App;
use crate::explorer::tabs;

/// A larger file is none that was written here.
const BYTES_MAX: u64 = 256 * 1024;
const FILE: &str = "explorer.json";

/// What is kept.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// The tab that showed, by its name.
    shown: String,
    /// What each tab keeps, by its name.
    tabs: BTreeMap<String, Value>,
}

/// Where it is kept.
#[derive(Debug)]
pub struct Memory {
    file: Option<PathBuf>,
}

impl Memory {
    /// In the platform's own folder; nowhere, where it names none.
    pub fn of_user() -> Memory {
        let names = AppStrategyArgs {
            top_level_domain: "dev".into(),
            author: "zenith".into(),
            app_name: "zenith".into(),
        };
        let strategy = etcetera::choose_app_strategy(names).ok();
        let folder = strategy.map(|dirs| dirs.state_dir().unwrap_or_else(|| dirs.data_dir()));
        Memory { file: folder.map(|folder| folder.join(FILE)) }
    }

    #[cfg(test)]
    pub fn below(folder: &Path) -> Memory {
        Memory { file: Some(folder.join(FILE)) }
    }

    /// What was kept; none at the first start.
    pub fn read(&self) -> Option<Kept> {
        let file = fs::File::open(self.file.as_ref()?).ok()?;
        let mut text = String::new();
        file.take(BYTES_MAX).read_to_string(&mut text).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Keeps what differs from what is kept. Another start reads the old file or the new one, never a part.
    pub fn write(&self, kept: &Kept) -> io::Result<()> {
        let Some(file) = self.file.as_ref().filter(|_| self.read().as_ref() != Some(kept)) else {
            return Ok(());
        };
        let folder = file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut written = NamedTempFile::new_in(folder)?;
        written.write_all(&serde_json::to_vec_pretty(kept)?)?;
        written.persist(file)?;
        Ok(())
    }
}

impl App {
    /// What is to be kept.
    pub fn kept(&self) -> Kept {
        let shown = self.tabs.get(self.shown).map(|tab| tab.name().to_string()).unwrap_or_default();
        let each = self.tabs.iter().filter_map(|tab| Some((tab.name().to_string(), tab.kept()?)));
        Kept { shown, tabs: each.collect() }
    }

    /// Goes on where an earlier start ended; the first one begins where most begin.
    pub fn resume(&mut self, kept: Option<Kept>) {
        let kept = kept.unwrap_or_default();
        for tab in &mut self.tabs {
            if let Some(of_tab) = kept.tabs.get(tab.name()) {
                tab.resume(of_tab);
            }
        }
        let place = |name: &str| self.tabs.iter().position(|tab| tab.name() == name);
        self.shown = place(&kept.shown).or_else(|| place(tabs::FIRST)).unwrap_or(0);
        if let Some(tab) = self.tabs.get_mut(self.shown) {
            tab.enter();
        }
    }
}
