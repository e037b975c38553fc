//! Every action by the name that the settings give it keys by.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ratatui::layout::Size;
use serde::Serialize;
use zenith_core::config::ThemeChoice;

use super::{Does, Row};
use crate::explorer::shell::app::App;
use crate::explorer::shell::look::Look;
use crate::explorer::tabs;

/// An action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    pub name: String,
    /// Those that it has by now, in any tab.
    pub keys: Vec<String>,
    /// What it does.
    pub does: String,
    /// The tabs that it acts in; empty where it acts in all of them.
    pub tabs: Vec<&'static str>,
}

/// Every action with its keys as the settings have them, by its name; and what is to be said of the settings.
pub fn named(settings: &BTreeMap<String, Vec<String>>) -> (Vec<Named>, Vec<String>) {
    let look = Look::of_surroundings(ThemeChoice::Auto);
    let mut app = App::new(PathBuf::new(), tabs::all(), look, Size::default());
    let said = app.take_keys(settings);
    (app.named(), said)
}

impl App {
    fn named(&self) -> Vec<Named> {
        let mut named: BTreeMap<String, Named> = BTreeMap::new();
        for row in self.every_row() {
            let name = row.does.name();
            let new =
                || Named { name: name.clone(), keys: Vec::new(), does: row.label.clone(), tabs: Vec::new() };
            let one = named.entry(name.clone()).or_insert_with(new);
            for key in row.keys.iter().map(ToString::to_string) {
                if !one.keys.contains(&key) {
                    one.keys.push(key);
                }
            }
            if let Does::Tab(index, _) = row.does
                && let Some(tab) = self.tabs.get(index).map(|tab| tab.name())
                && !one.tabs.contains(&tab)
            {
                one.tabs.push(tab);
            }
        }
        named.into_values().collect()
    }

    /// The rows of every tab, and then those of the shell.
    pub(super) fn every_row(&self) -> impl Iterator<Item = Row> {
        (0..self.tabs.len()).flat_map(|index| self.tab_rows(index)).chain(self.shell_rows())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explorer::parts::key::Key;

    #[test]
    fn every_action_is_listed_once_with_keys_that_the_settings_can_give() {
        let (all, said) = named(&BTreeMap::new());
        assert_eq!(said, [""; 0]);
        let one = |name: &str| all.iter().filter(|named| named.name == name).collect::<Vec<_>>();
        let [copy] = one("copy")[..] else { panic!("{all:#?}") };
        assert!(copy.keys.contains(&"y".to_string()) && copy.keys.contains(&"Alt-y".to_string()), "{copy:?}");
        assert!(copy.tabs.contains(&"Search") && copy.tabs.contains(&"Explore"), "{copy:?}");
        assert!(one("quit")[0].tabs.is_empty() && one("half-page-down").len() == 1);
        for named in &all {
            let settings = BTreeMap::from([(named.name.clone(), Vec::new())]);
            let without = super::named(&settings).0;
            let keys = &without.iter().find(|other| other.name == named.name).unwrap().keys;
            assert!(keys.is_empty() || named.name == "interrupt", "{named:?} is an action of the settings");
            for key in &named.keys {
                let parsed = Key::parse(key).map(|key| key.to_string());
                assert_eq!(parsed.as_ref(), Some(key), "{named:?}");
            }
        }
    }

    #[test]
    fn keys_of_the_settings_are_listed_in_place_of_the_others() {
        let settings = BTreeMap::from([("quit", vec!["F9".to_string()]), ("qit", Vec::new())]);
        let settings = settings.into_iter().map(|(name, keys)| (name.to_string(), keys)).collect();
        let (all, said) = named(&settings);
        assert_eq!(all.iter().find(|named| named.name == "quit").unwrap().keys, ["F9"]);
        assert!(said[0].contains("`zenith keys`"), "{said:?}");
    }
}
