//! One result of a search.

use serde::Serialize;

use super::project::Project;
use super::rank::{FoundBy, Ranked};
use crate::catalog::CatalogEntry;
use crate::lake::{Declaration, Needs};
use crate::package::Tier;

/// One result, as `--json` prints it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// From 1.
    pub rank: usize,
    /// Comparable within one search alone.
    pub score: f32,
    pub tier: Tier,
    pub ecosystem: String,
    pub package: String,
    pub version: String,
    /// The project locks the package for other platforms alone; said where it is so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub other_platform: bool,
    pub kind: String,
    /// As a user would write it in code.
    pub path: String,
    pub name: String,
    pub signature: String,
    /// The package that the file is in: of an item that is shown from elsewhere the one that declares it.
    pub file_package: String,
    pub file: String,
    pub line: u32,
    /// The documentation's beginning.
    pub doc: String,
    /// What it is called elsewhere, where it was found by that and not by its own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// The features that have to change for it to be built; said where it is not.
    #[serde(flatten)]
    pub needs: Needs,
    /// Where it is built, if that is on other platforms alone: `windows`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
    /// It is code of one's own that this project does not build on; said where it is so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub other_project: bool,
    /// What it was found by: where words end, and meaning alone goes on. Not a part of what `--json` promises.
    #[serde(skip)]
    pub found_by: FoundBy,
    /// How near in meaning it is, as a cosine; 0 where meaning was not asked for. Not a part of that either.
    #[serde(skip)]
    pub near: f32,
}

impl Hit {
    pub(super) fn new(rank: usize, project: Option<&Project>, item: Ranked<'_>, typed: &str) -> Hit {
        let (entry, card) = (item.entry, item.card);
        let is =
            |what: fn(&Project, &CatalogEntry) -> bool| project.is_some_and(|project| what(project, entry));
        let (other_platform, other_project) = (is(Project::is_for_others), is(Project::is_of_another));
        let declared_in = card.declared_in.as_ref().and_then(Declaration::id);
        Hit {
            rank,
            score: item.score,
            tier: entry.tier(),
            ecosystem: entry.id.ecosystem().to_string(),
            alias: card.alias_for(typed).map(str::to_string),
            package: entry.id.name().to_string(),
            version: entry.id.version().to_string(),
            other_platform,
            kind: card.kind,
            path: card.path,
            name: card.name,
            signature: card.signature,
            file_package: declared_in.as_ref().unwrap_or(&entry.id).to_string(),
            file: card.file,
            line: card.line,
            doc: card.doc,
            needs: card.needs,
            only: card.only,
            other_project,
            found_by: item.found_by,
            near: item.near,
        }
    }

    /// Why it is not built here, in words; none where it is.
    pub fn not_built(&self) -> Option<String> {
        let only = || Some(format!("not built here: only with cfg({})", self.only.as_ref()?));
        self.needs.words().or_else(only)
    }

    /// The package that the file is in, where it is another than the result's.
    pub fn file_elsewhere(&self) -> Option<&str> {
        let own = self.file_package.strip_prefix(&self.package).and_then(|rest| rest.strip_prefix('@'));
        (own != Some(&self.version)).then_some(&*self.file_package)
    }

    /// Where it stands: file and line, behind the package that the file is in where it is another.
    pub fn place(&self) -> String {
        let package = self.file_elsewhere().map(|package| format!("{package} · ")).unwrap_or_default();
        format!("{package}{}:{}", self.file, self.line)
    }
}
