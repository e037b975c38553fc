//! What is searched without being on this machine: rows that were read where they lie and are held, on
//! shelves like any other, for as long as this program runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

use super::shelf::{Shelf, ShelfError, ShelfPackage, Shelves};
use crate::catalog::CatalogEntry;
use crate::embed::Embedder;
use crate::holder::{self, Holder, is_gone};
use crate::identity::Scope;
use crate::lake::PackageRows;

/// Packages that are held. Their shelves lie in a folder of this program's own, which goes with it; should
/// the program be killed, the next one that holds something removes it.
pub struct Held {
    root: PathBuf,
    state: Mutex<Option<State>>,
    /// One change at a time.
    turn: Arc<tokio::sync::Mutex<()>>,
}

struct State {
    packages: Vec<HeldPackage>,
    shelves: Arc<Shelves>,
    folder: PathBuf,
    /// Locked for as long as the folder is in use.
    _holder: Holder,
}

impl Drop for State {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A package whose rows lie elsewhere.
#[derive(Clone)]
pub struct HeldPackage {
    pub entry: CatalogEntry,
    /// Without vectors, which are on the shelf, and without what is not searched.
    pub rows: Arc<PackageRows>,
}

/// Rows that cannot be held.
#[derive(Debug, thiserror::Error)]
pub enum HeldError {
    #[error("cannot make a folder for what is searched on the store: {0}")]
    Folder(std::io::Error),
    #[error(transparent)]
    Shelf(#[from] ShelfError),
}

impl Held {
    /// Nothing yet; its folders will lie below `root`, which need not exist.
    pub fn below(root: PathBuf) -> Held {
        Held { root, state: Mutex::default(), turn: Arc::default() }
    }

    /// Waits for a turn to change what is held.
    pub async fn turn(&self) -> OwnedMutexGuard<()> {
        self.turn.clone().lock_owned().await
    }

    /// What is held.
    pub fn packages(&self) -> Vec<HeldPackage> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.as_ref().map(|state| state.packages.clone()).unwrap_or_default()
    }

    /// The rows of an entry that is held.
    pub fn rows(&self, entry: &CatalogEntry) -> Option<Arc<PackageRows>> {
        let held = self.packages().into_iter().find(|held| held.entry == *entry)?;
        Some(held.rows)
    }

    pub(super) fn shelf(&self, scope: &Scope) -> Option<Arc<Shelf>> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.as_ref().map(|state| state.shelves.of(scope))
    }

    /// Holds packages beside those that are held already, each in place of another state of it. Blocks.
    pub fn add(
        &self,
        packages: Vec<(CatalogEntry, PackageRows)>,
        embedder: &dyn Embedder,
    ) -> Result<(), HeldError> {
        let shelves = self.shelves()?;
        let mut by_scope: BTreeMap<Scope, Vec<ShelfPackage>> = BTreeMap::new();
        let mut new = Vec::with_capacity(packages.len());
        for (entry, mut rows) in packages {
            let (dataset, model) = (entry.dataset.as_deref(), entry.embedding_model.as_deref());
            let (dataset, model) = (dataset.unwrap_or_default(), model.unwrap_or_default());
            let package = ShelfPackage::of(&entry.id, dataset, model, &rows, embedder);
            rows.symbols.iter_mut().for_each(|row| row.embedding = Vec::new());
            rows.chunks.iter_mut().for_each(|row| row.embedding = Vec::new());
            by_scope.entry(entry.scope.clone()).or_default().push(package);
            new.push(HeldPackage { entry, rows: Arc::new(rows) });
        }
        for (scope, packages) in by_scope {
            shelves.of(&scope).apply(&packages, &[])?;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = state.as_mut() {
            let same =
                |one: &CatalogEntry, other: &CatalogEntry| one.scope == other.scope && one.id == other.id;
            state.packages.retain(|held| !new.iter().any(|new| same(&new.entry, &held.entry)));
            state.packages.extend(new);
        }
        Ok(())
    }

    /// Lets go of everything, when its turn has come: who holds something just now is not cut short.
    pub async fn let_go(&self) -> Result<(), HeldError> {
        let _turn = self.turn().await;
        self.keep(&[])
    }

    /// Lets go of every package that is not among `visible` any more. Blocks.
    pub fn keep(&self, visible: &[&CatalogEntry]) -> Result<(), HeldError> {
        let mut gone: BTreeMap<Scope, Vec<_>> = BTreeMap::new();
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(state) = state.as_mut() else { return Ok(()) };
            let key = |entry: &CatalogEntry| (entry.scope.clone(), entry.id.clone(), entry.dataset.clone());
            let stays = |held: &HeldPackage| visible.iter().any(|entry| key(entry) == key(&held.entry));
            for HeldPackage { entry, .. } in state.packages.iter().filter(|held| !stays(held)) {
                gone.entry(entry.scope.clone()).or_default().push(entry.id.clone());
            }
            state.packages.retain(stays);
        }
        for (scope, ids) in gone {
            if let Some(shelf) = self.shelf(&scope) {
                shelf.apply(&[], &ids)?;
            }
        }
        Ok(())
    }

    fn shelves(&self) -> Result<Arc<Shelves>, HeldError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = state.as_ref() {
            return Ok(state.shelves.clone());
        }
        sweep(&self.root);
        let holder = Holder::new(&self.root).map_err(HeldError::Folder)?;
        let folder = self.root.join(holder.id());
        let shelves = Arc::new(Shelves::below(&folder));
        *state = Some(State { packages: Vec::new(), shelves: shelves.clone(), folder, _holder: holder });
        Ok(shelves)
    }
}

/// Removes what programs that are gone have held.
pub fn sweep(root: &Path) {
    for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && is_gone(root, &entry.file_name().to_string_lossy()) {
            let _ = std::fs::remove_dir_all(path);
        }
    }
    holder::sweep(root);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_lets_go_waits_for_its_turn() {
        let root = tempfile::tempdir().unwrap();
        let held = Held::below(root.path().to_path_buf());
        let turn = held.turn().await;
        let mut lets_go = std::pin::pin!(held.let_go());
        assert!(futures::poll!(lets_go.as_mut()).is_pending());
        drop(turn);
        lets_go.await.unwrap();
    }

    #[test]
    fn what_a_killed_program_held_goes_with_the_next_one() {
        let root = tempfile::tempdir().unwrap();
        let (living, dead) = (Holder::new(root.path()).unwrap(), Holder::new(root.path()).unwrap());
        let folder = |holder: &Holder| root.path().join(holder.id()).join("team/acme/text");
        let (of_living, of_dead) = (folder(&living), folder(&dead));
        std::fs::create_dir_all(&of_living).unwrap();
        std::fs::create_dir_all(&of_dead).unwrap();
        dead.leave_behind();
        sweep(root.path());
        assert!(of_living.exists() && !of_dead.exists());
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 2, "a folder and its lock");
    }
}
