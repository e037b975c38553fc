//! What the tab remembers.

use std::path::PathBuf;

use tui_input::Input;

use super::opened::OpenPackage;
use super::packages::{PackageList, PackageRow};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::list::Cursor;
use crate::explorer::parts::page::{Preview, Subject};
use crate::explorer::parts::tree::Item;
use crate::text::clean_line;

#[derive(Debug, Default)]
pub struct Explore {
    pub pane: Pane,
    pub packages: PackageList,
    /// The package whose tree shows, beside the packages or instead of them.
    pub opened: Option<OpenPackage>,
    /// Whether one is in that tree, rather than among the packages.
    pub is_inside: bool,
    pub preview: Preview,
    /// The name that is looked for among all packages, since the one that it was followed from has no such item.
    pub finding: Option<String>,
    /// The revision of the world that the list was made of.
    pub revision: u64,
}

impl Explore {
    /// The package whose tree one is in.
    pub fn inside(&self) -> Option<&OpenPackage> {
        self.opened.as_ref().filter(|_| self.is_inside)
    }

    pub fn inside_mut(&mut self) -> Option<&mut OpenPackage> {
        self.opened.as_mut().filter(|_| self.is_inside)
    }

    /// The package whose tree shows where there is room for it: the one that is selected, or that one is in.
    pub fn shown_tree(&self) -> Option<&OpenPackage> {
        let is_selected = |opened: &&OpenPackage| match self.packages.selected() {
            Some(PackageRow::Package { entry, .. }) => opened.entry.dataset == entry.dataset,
            _ => false,
        };
        self.opened.as_ref().filter(|opened| self.is_inside || is_selected(opened))
    }

    /// Whether the tree, or what a filter leaves of it, is still being looked for.
    pub fn is_looking(&self) -> bool {
        self.inside().is_some_and(|opened| opened.tree.is_pending() || opened.filtered.is_pending())
    }

    /// The number of rows of the list that shows.
    pub fn len(&self) -> usize {
        self.inside().map_or(self.packages.rows.len(), |opened| opened.shown().len())
    }

    pub fn cursor(&mut self) -> &mut Cursor {
        match (&mut self.opened, self.is_inside) {
            (Some(opened), true) => &mut opened.cursor,
            _ => &mut self.packages.cursor,
        }
    }

    pub fn filter(&self) -> &Input {
        self.inside().map_or(&self.packages.filter, |opened| &opened.filter)
    }

    pub fn filter_mut(&mut self) -> &mut Input {
        match (&mut self.opened, self.is_inside) {
            (Some(opened), true) => &mut opened.filter,
            _ => &mut self.packages.filter,
        }
    }

    /// What the selected row is about.
    pub fn subject(&self, lockfile: Option<&PathBuf>) -> Option<Subject> {
        let Some(opened) = self.inside() else {
            return Some(match self.packages.selected()? {
                PackageRow::Tier { tier, packages, symbols, .. } => Subject::Tier {
                    tier: *tier,
                    packages: *packages,
                    symbols: *symbols,
                    lockfile: lockfile.cloned(),
                },
                PackageRow::Package { entry, standing } => {
                    Subject::Package { entry: entry.clone(), standing: *standing }
                }
            });
        };
        let entry = opened.entry.clone();
        Some(match &opened.tree()?.node(opened.selected()?)?.item {
            Item::Group => Subject::Package { entry, standing: opened.standing },
            Item::Symbol { id, .. } => Subject::Symbol { entry, id: id.clone() },
            Item::Section { file, line } => Subject::Section { entry, file: file.clone(), line: *line },
        })
    }

    /// The path that the selected row is written as in code, or the package's name.
    pub fn path(&self) -> Option<String> {
        let Some(opened) = self.inside() else {
            return match self.packages.selected()? {
                PackageRow::Tier { .. } => None,
                PackageRow::Package { entry, .. } => Some(entry.id.to_string()),
            };
        };
        match &opened.tree()?.node(opened.selected()?)?.item {
            Item::Symbol { path, .. } => Some(clean_line(path)),
            Item::Section { file, .. } => Some(clean_line(file)),
            Item::Group => Some(opened.entry.id.to_string()),
        }
    }
}
