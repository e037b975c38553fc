//! What re-exports say of what they show: the documentation that stands before a `pub use`.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::path::Path;
use std::sync::Arc;

use super::collect::text_of;
use super::notes::Notes;
use super::resolved::Resolved;
use super::rows::OpenFile;
use super::scope::Def;

/// Files whose texts are kept: the re-exports of a crate stand in few.
const TEXTS_MAX: usize = 4;

/// What the rows of one file leave for those of the next.
#[derive(Default)]
pub(super) struct Kept {
    /// By package: its root, canonical.
    roots: HashMap<u32, Option<Arc<Path>>>,
    /// By package and file, the last one in front.
    texts: VecDeque<((u32, u32), Arc<str>)>,
}

impl Kept {
    pub fn root(&mut self, package: u32, root: &Path) -> Option<Arc<Path>> {
        let canonical = || std::fs::canonicalize(root).ok().map(Arc::from);
        self.roots.entry(package).or_insert_with(canonical).clone()
    }

    fn text(&mut self, of: &Resolved, root: &Path, file: u32) -> Option<Arc<str>> {
        let key = (of.package, file);
        if let Some((_, text)) = self.texts.iter().find(|(known, _)| *known == key) {
            return Some(text.clone());
        }
        let text = text_of(&of.model, root, file)?;
        self.texts.truncate(TEXTS_MAX - 1);
        self.texts.push_front((key, text.clone()));
        Some(text)
    }
}

/// A file whose rows are made, and the crates that may say something of what it holds.
pub(super) struct Teller<'a> {
    pub me: &'a Resolved,
    /// The root of the package at hand.
    pub root: &'a Path,
    /// The crate that the file is of.
    pub owner: &'a Resolved,
    pub file: u32,
    pub open: OpenFile<'a>,
    /// Of the package at hand.
    pub features: Option<&'a BTreeSet<String>>,
}

impl Teller<'_> {
    /// Whether any re-export says anything. Most crates document none.
    pub fn tells(&self) -> bool {
        !self.me.told.is_empty() || !self.owner.told.is_empty()
    }

    /// What a re-export under this name says of an item: one of this crate, or one of the crate that
    /// declares it.
    pub fn told(&self, def: Def, name: &str, kept: &mut Kept) -> Option<Notes> {
        let mine = self.told_by(self.me, self.root, def, name, kept);
        mine.or_else(|| self.told_by(self.owner, self.open.root, def, name, kept))
    }

    fn told_by(&self, by: &Resolved, root: &Path, def: Def, name: &str, kept: &mut Kept) -> Option<Notes> {
        // Most crates document no re-export.
        if by.told.is_empty() {
            return None;
        }
        let span = by.told.get(&(def, Arc::from(name)))?;
        let entry = by.model.file(span.file)?;
        let read;
        let text = if by.package == self.owner.package && span.file == self.file {
            self.open.text
        } else {
            read = kept.text(by, root, span.file)?;
            &*read
        };
        let (absolute, relative) = (&*entry.absolute, &*entry.relative);
        let mut file = OpenFile { root, absolute, relative, text, ..self.open };
        if by.package == self.me.package {
            file.features = self.features;
        }
        Some(Notes::read(file.slice(span.outer, span.start), false, &file))
    }
}
