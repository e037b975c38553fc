//! The keys that the settings give to actions, by their names.

use std::collections::BTreeMap;

use super::key::Key;

#[derive(Clone, Debug, Default)]
pub struct Keymap(BTreeMap<String, Vec<Key>>);

impl Keymap {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys of an action, where the settings give it any.
    pub fn of(&self, action: &str) -> Option<&[Key]> {
        self.0.get(action).map(Vec::as_slice)
    }

    pub fn set(&mut self, action: String, keys: Vec<Key>) {
        self.0.insert(action, keys);
    }
}
