//! What is known of a row whatever the query: its kind, whether it is public, what nobody writes.

use crate::ingest::{STANDARD_CRATES, only_elsewhere};
use crate::lake::{ApiSymbol, Needs};

/// Kinds that rank alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Group {
    /// A function, macro, struct or trait: what a package is made of.
    #[default]
    Main,
    Method,
    /// An enum, union or type alias.
    Type,
    Module,
    /// A constant or static.
    Value,
    /// A variant and whatever else is a part of an item.
    Part,
    /// A section of documentation.
    Section,
}

/// The facts of one row, as 32 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub group: Group,
    /// How long its documentation is: 0 for none, 3 for some paragraphs.
    pub documented: u8,
    /// How many segments its path has before the name, at most 7.
    pub depth: u8,
    pub public: bool,
    /// Implemented for a trait, which documents it.
    pub of_trait: bool,
    pub deprecated: bool,
    pub unstable: bool,
    pub hidden: bool,
    /// What nobody writes: bindings to another language, generated names, holders of doctests.
    pub unwritten: bool,
    /// Not built here: a feature would have to change.
    pub off: bool,
    /// Not built here: this machine is of another platform.
    pub elsewhere: bool,
    /// A test, or what helps tests.
    pub test: bool,
    /// In how many places documentation and examples use it, and of one's own code its functions.
    pub used: u8,
}

const GROUPS: [Group; 7] =
    [Group::Main, Group::Method, Group::Type, Group::Module, Group::Value, Group::Part, Group::Section];

/// The one flag that does not stand beside the others.
const ELSEWHERE_BIT: u32 = 9;

/// The condition under which a row's item, or what shows it, is built on other platforms alone, in words.
pub fn elsewhere(metadata: &serde_json::Value) -> Option<String> {
    ["cfg", "shown_cfg"].iter().find_map(|key| only_elsewhere(metadata.get(*key)?.as_str()?))
}

impl Facts {
    pub fn of_symbol(symbol: &ApiSymbol, metadata: &serde_json::Value) -> Facts {
        Facts {
            group: Group::of(&symbol.kind),
            documented: match symbol.doc_comment.as_deref().map_or(0, str::len) {
                0 => 0,
                1..40 => 1,
                40..200 => 2,
                _ => 3,
            },
            depth: u8::try_from(symbol.path.matches("::").count().min(7)).unwrap_or(7),
            public: symbol.visibility == "public",
            of_trait: metadata["trait"].is_string(),
            deprecated: !metadata["deprecated"].is_null(),
            unstable: !metadata["unstable"].is_null(),
            hidden: metadata["hidden"] == true,
            unwritten: is_unwritten(symbol, metadata),
            off: !Needs::in_value(metadata).is_empty(),
            elsewhere: elsewhere(metadata).is_some(),
            test: is_test(symbol),
            used: metadata["used"].as_u64().map_or(0, |used| u8::try_from(used).unwrap_or(u8::MAX)),
        }
    }

    pub fn of_section() -> Facts {
        Facts { group: Group::Section, documented: 3, public: true, ..Facts::default() }
    }

    /// How good a result the row is where nothing was asked for, 0 to 255: public, documented, shallow items
    /// first; what is implemented for a trait, deprecated or hidden after them.
    pub fn quality(self) -> u8 {
        let kind = match self.group {
            Group::Section => return 60,
            Group::Main => 40,
            Group::Method => 32,
            Group::Type => 28,
            Group::Module => 24,
            Group::Value => 8,
            Group::Part => 4,
        };
        let doc = [0, 40, 60, 75].get(usize::from(self.documented)).copied().unwrap_or(0);
        let shallow = 50_i32.saturating_sub(i32::from(self.depth).saturating_sub(1).max(0) * 12).max(0);
        let less = [
            (!self.public, 60),
            (self.of_trait, 60),
            (self.deprecated, 50),
            (self.unstable, 50),
            (self.hidden, 80),
            (self.unwritten, 80),
            // Of equals the one that is built goes first.
            (self.off || self.elsewhere, 4),
        ];
        let less: i32 = less.iter().filter(|(is_so, _)| *is_so).map(|(_, points)| points).sum();
        u8::try_from((60 + kind + doc + shallow - less).clamp(0, 255)).unwrap_or(0)
    }

    pub(super) fn to_bits(self) -> u32 {
        let group = GROUPS.iter().position(|group| *group == self.group).unwrap_or(0);
        let mut bits = u32::try_from(group).unwrap_or(0) | u32::from(self.documented & 3) << 4;
        bits |= u32::from(self.depth & 7) << 6 | u32::from(self.elsewhere) << ELSEWHERE_BIT;
        bits |= u32::from(self.used) << 24;
        let flags = [
            self.public,
            self.of_trait,
            self.deprecated,
            self.unstable,
            self.hidden,
            self.unwritten,
            self.off,
            self.test,
        ];
        for (at, flag) in flags.into_iter().enumerate() {
            bits |= u32::from(flag) << (16 + at);
        }
        bits
    }

    pub(super) fn from_bits(bits: u32) -> Facts {
        let small = |at: u32, mask: u32| u8::try_from(bits >> at & mask).unwrap_or(0);
        let flag = |at: u32| bits >> (16 + at) & 1 == 1;
        Facts {
            group: GROUPS.get(usize::from(small(0, 15))).copied().unwrap_or_default(),
            documented: small(4, 3),
            depth: small(6, 7),
            public: flag(0),
            of_trait: flag(1),
            deprecated: flag(2),
            unstable: flag(3),
            hidden: flag(4),
            unwritten: flag(5),
            off: flag(6),
            elsewhere: bits >> ELSEWHERE_BIT & 1 == 1,
            test: flag(7),
            used: small(24, 255),
        }
    }
}

impl Group {
    fn of(kind: &str) -> Group {
        match kind {
            "fn" | "macro" | "struct" | "trait" => Group::Main,
            "method" => Group::Method,
            "enum" | "type" | "union" => Group::Type,
            "mod" => Group::Module,
            "const" | "static" => Group::Value,
            _ => Group::Part,
        }
    }
}

/// Modules of bindings to other languages, and of what a program generated.
const UNWRITTEN_MODULES: [&str; 6] = ["bindings", "ffi", "generated", "imp", "private", "sys"];
/// How packages of bindings end.
const UNWRITTEN_PACKAGES: [&str; 2] = ["_sys", "_ffi"];

fn is_unwritten(symbol: &ApiSymbol, metadata: &serde_json::Value) -> bool {
    let mut segments = symbol.path.split("::");
    let package = segments.next().unwrap_or_default().replace('-', "_");
    // The standard library's `ffi` is what everybody writes.
    let is_standard = STANDARD_CRATES.contains(&package.as_str());
    let of_module =
        |segment: &str| segment.starts_with("__") || (!is_standard && UNWRITTEN_MODULES.contains(&segment));
    UNWRITTEN_PACKAGES.iter().any(|end| package.ends_with(end))
        || segments.any(of_module)
        || symbol.name.to_lowercase().contains("doctest")
        || metadata["cfg"].as_str().is_some_and(|condition| condition.contains("doctest"))
}

/// A test or a helper of tests: by its attribute, its module, or the folder of its file.
fn is_test(symbol: &ApiSymbol) -> bool {
    let of_attribute = |line: &str| line == "test" || line.ends_with("::test");
    ["tests/", "benches/"].iter().any(|folder| symbol.file_path.starts_with(folder))
        || symbol.path.split("::").skip(1).any(|segment| segment == "tests")
        || symbol.attributes.as_deref().is_some_and(|lines| lines.lines().any(of_attribute))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_survive_their_bits() {
        for group in GROUPS {
            for flags in 0..256_u32 {
                let mut facts = Facts::from_bits(flags << 16);
                (facts.group, facts.documented, facts.depth, facts.used) = (group, 2, 5, 201);
                facts.elsewhere = flags % 3 == 0;
                assert_eq!(Facts::from_bits(facts.to_bits()), facts);
            }
        }
        let every = Facts::from_bits(u32::MAX);
        assert_eq!((every.group, every.documented, every.depth, every.used), (Group::Main, 3, 7, 255));
    }

    #[test]
    fn what_nobody_writes_is_no_good_result() {
        let public = Facts { public: true, documented: 3, ..Facts::default() };
        for less in [
            Facts { unwritten: true, ..public },
            Facts { hidden: true, ..public },
            Facts { public: false, ..public },
            Facts { documented: 0, ..public },
            Facts { depth: 5, ..public },
            Facts { group: Group::Part, ..public },
        ] {
            assert!(less.quality() + 20 < public.quality(), "{less:?}");
        }
    }
}
