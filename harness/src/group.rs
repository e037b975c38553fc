//! The groups that spikes come in; the first letter of a spike's id names its group.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What part of the architecture a spike's claim is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    Export,
    Read,
    Speed,
    Increments,
    Manifest,
    Lance,
    Catalog,
    Tiers,
    Operations,
    Notes,
    Tenancy,
}

impl Group {
    /// Every group, in the order of their letters.
    pub const fn all() -> [Group; 11] {
        use Group::*;
        [Export, Read, Speed, Increments, Manifest, Lance, Catalog, Tiers, Operations, Notes, Tenancy]
    }

    /// The letter that the ids of the group begin with.
    pub const fn letter(self) -> char {
        match self {
            Group::Export => 'A',
            Group::Read => 'B',
            Group::Speed => 'C',
            Group::Increments => 'D',
            Group::Manifest => 'E',
            Group::Lance => 'F',
            Group::Catalog => 'J',
            Group::Tiers => 'K',
            Group::Operations => 'L',
            Group::Notes => 'P',
            Group::Tenancy => 'T',
        }
    }

    /// The group in one word.
    pub const fn title(self) -> &'static str {
        match self {
            Group::Export => "export",
            Group::Read => "read",
            Group::Speed => "speed",
            Group::Increments => "increments",
            Group::Manifest => "manifest",
            Group::Lance => "lance",
            Group::Catalog => "catalog",
            Group::Tiers => "tiers",
            Group::Operations => "operations",
            Group::Notes => "notes",
            Group::Tenancy => "tenancy",
        }
    }

    /// The group with this letter or title, in any case.
    pub fn named(text: &str) -> Option<Group> {
        let mut letter = [0; 4];
        Group::all().into_iter().find(|group| {
            let letter: &str = group.letter().encode_utf8(&mut letter);
            letter.eq_ignore_ascii_case(text) || group.title().eq_ignore_ascii_case(text)
        })
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.title())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_found_by_its_letter_and_by_its_title() {
        for group in Group::all() {
            assert_eq!(Group::named(&group.letter().to_lowercase().to_string()), Some(group));
            assert_eq!(Group::named(&group.title().to_uppercase()), Some(group));
        }
        assert_eq!(Group::named("Z"), None);
    }

    #[test]
    fn letters_are_in_order() {
        assert!(Group::all().is_sorted_by_key(|group| group.letter()));
    }
}
