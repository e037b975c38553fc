//! What the tab remembers.

use std::path::PathBuf;

use ratatui::layout::Rect;
use tui_input::Input;

use super::opened::OpenPackage;
use super::packages::{PackageList, PackageRow};
use crate::explorer::parts::areas::{Areas, Pane, take_top};
use crate::explorer::parts::list::Cursor;
use crate::explorer::parts::page::{Preview, Subject};
use crate::explorer::parts::tree::Item;
use crate::text::clean_line;

/// Narrower places show the preview below the list.
const COLUMNS_BESIDE: u16 = 76;

#[derive(Debug, Default)]
pub struct Explore {
    pub pane: Pane,
    pub packages: PackageList,
    /// The package whose tree shows instead of the list of packages.
    pub opened: Option<OpenPackage>,
    pub preview: Preview,
    /// The revision of the world that the list was made of.
    pub revision: u64,
}

impl Explore {
    /// How it parts its place.
    pub fn areas(&self, area: Rect) -> Areas {
        let mut areas = Areas::default();
        let columns = (area.width * 2 / 5).clamp(32, 56);
        let mut left = areas.split(area, columns, area.width >= COLUMNS_BESIDE, self.pane);
        areas.head = take_top(&mut left, 1);
        if self.pane == Pane::Input || !self.filter().value().is_empty() {
            areas.switches = take_top(&mut left, 1);
        }
        areas.list = left;
        areas
    }

    /// Whether the tree, or what a filter leaves of it, is still being looked for.
    pub fn is_looking(&self) -> bool {
        let opened = self.opened.as_ref();
        opened.is_some_and(|opened| opened.tree.is_pending() || opened.filtered.is_pending())
    }

    /// The number of rows of the list that shows.
    pub fn len(&self) -> usize {
        self.opened.as_ref().map_or(self.packages.rows.len(), |opened| opened.shown().len())
    }

    pub fn cursor(&mut self) -> &mut Cursor {
        match &mut self.opened {
            Some(opened) => &mut opened.cursor,
            None => &mut self.packages.cursor,
        }
    }

    pub fn filter(&self) -> &Input {
        self.opened.as_ref().map_or(&self.packages.filter, |opened| &opened.filter)
    }

    pub fn filter_mut(&mut self) -> &mut Input {
        match &mut self.opened {
            Some(opened) => &mut opened.filter,
            None => &mut self.packages.filter,
        }
    }

    /// What the selected row is about.
    pub fn subject(&self, lockfile: Option<&PathBuf>) -> Option<Subject> {
        let Some(opened) = &self.opened else {
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
        let Some(opened) = &self.opened else {
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
