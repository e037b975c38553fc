//! The rows of the list: which of them show.

use zenith_core::publish::{Standing, UserInstance};

use super::{Instances, Side};
use crate::explorer::parts::fuzzy::Filter;

impl Instances {
    /// The ids of all that could be listed.
    fn ids(&self) -> Vec<String> {
        match self.side {
            Side::Authored => self.standings().iter().map(|of| of.public_id.to_string()).collect(),
            Side::Workspace => self.users().iter().map(|of| of.public_id.to_string()).collect(),
        }
    }

    pub fn standings(&self) -> &[Standing] {
        self.looked.as_ref().map(|looked| looked.standings.as_slice()).unwrap_or_default()
    }

    pub fn users(&self) -> &[UserInstance] {
        match self.own.value() {
            Some(Ok(users)) => users,
            _ => &[],
        }
    }

    /// Makes the rows anew, with the selection on the one of this id.
    pub fn refresh(&mut self, selected: Option<&str>) {
        let ids = self.ids();
        let mut filter = Filter::new(self.filter.value());
        let mut fits = |id: &str| filter.as_mut().is_none_or(|filter| filter.fit(id).is_some());
        self.rows = ids.iter().enumerate().filter(|(_, id)| fits(id)).map(|(at, _)| at).collect();
        self.cursor.selected = self.cursor.selected.min(self.rows.len().saturating_sub(1));
        let is_it = |at: &usize| ids.get(*at).map(String::as_str) == selected;
        if let Some(place) = selected.and_then(|_| self.rows.iter().position(is_it)) {
            self.cursor.selected = place;
        }
    }

    fn at(&self) -> Option<usize> {
        self.rows.get(self.cursor.selected).copied()
    }

    /// The authored instance that keys are about.
    pub fn standing(&self) -> Option<&Standing> {
        self.at().filter(|_| self.side == Side::Authored).and_then(|at| self.standings().get(at))
    }

    /// The user's instance that keys are about.
    pub fn user(&self) -> Option<&UserInstance> {
        self.at().filter(|_| self.side == Side::Workspace).and_then(|at| self.users().get(at))
    }

    /// The id of what is selected.
    pub fn selected(&self) -> Option<String> {
        let authored = self.standing().map(|of| of.public_id.to_string());
        authored.or_else(|| self.user().map(|of| of.public_id.to_string()))
    }
}
