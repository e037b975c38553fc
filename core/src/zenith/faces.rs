//! Where an item is shown: what is asked of it is answered alike by whichever of its paths it is asked for.

use super::{Zenith, ZenithError};
use crate::answers::Wanted;
use crate::catalog::CatalogEntry;
use crate::lake::{ApiSymbol, Declaration, Names};

/// Packages that show an item, beside the one that declares it, which are looked at.
const FACES_MAX: usize = 32;
/// Kinds of what holds others.
const HOLDERS: [&str; 6] = ["mod", "struct", "enum", "union", "trait", "type"];

/// Another package by whose paths an item can be written.
pub(super) struct Face {
    pub entry: CatalogEntry,
    /// Paths that lead to it there.
    pub paths: Vec<String>,
}

/// Where the item of a row is declared.
pub(super) fn declaration(entry: &CatalogEntry, symbol: &ApiSymbol) -> Declaration {
    let own = || Declaration {
        package: entry.id.name().to_owned(),
        version: entry.id.version().to_owned(),
        path: symbol.path.clone(),
    };
    Names::of(&symbol.metadata).declared_in.filter(|declared| !declared.path.is_empty()).unwrap_or_else(own)
}

impl Zenith {
    /// The packages that show an item, or what holds it: a module of the package that declares it, or all of that.
    pub(super) async fn faces(
        &self,
        declared: &Declaration,
        visible: &[CatalogEntry],
    ) -> Result<Vec<Face>, ZenithError> {
        let (search, declared, visible) = (self.search.clone(), declared.clone(), visible.to_vec());
        let look = move || {
            let mut faces: Vec<Face> = Vec::new();
            let ends = declared.path.match_indices("::").map(|(at, _)| at).chain([declared.path.len()]);
            for end in ends.collect::<Vec<_>>().into_iter().rev() {
                let (held, rest) = declared.path.split_at(end);
                let holder = Declaration { path: held.to_owned(), ..declared.clone() };
                let kinds = HOLDERS.iter().filter(|_| !rest.is_empty()).map(|kind| (*kind).to_owned());
                for (entry, path) in search.shown(&holder, &kinds.collect::<Vec<_>>(), &visible)? {
                    let path = format!("{path}{rest}");
                    let same = |face: &Face| face.entry.id == entry.id && face.entry.scope == entry.scope;
                    match faces.iter().position(same) {
                        Some(at) => {
                            faces.get_mut(at).into_iter().for_each(|face| face.paths.push(path.clone()))
                        }
                        None if faces.len() == FACES_MAX => {}
                        None => faces.push(Face { entry: entry.clone(), paths: vec![path] }),
                    }
                }
            }
            Ok::<_, ZenithError>(faces)
        };
        tokio::task::spawn_blocking(look).await?
    }

    /// What is looked for in sources: an item by all paths that lead to it.
    pub(super) async fn wanted(
        &self,
        entry: &CatalogEntry,
        symbol: &ApiSymbol,
        faces: &[Face],
    ) -> Result<Wanted, ZenithError> {
        let outlines = self.symbols(entry).await?;
        let mut wanted = Wanted::of(symbol, &outlines);
        for face in faces {
            wanted.also_at(&face.paths, &self.symbols(&face.entry).await?);
        }
        Ok(wanted)
    }
}
