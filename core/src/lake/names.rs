//! What a row's metadata says of the names of its item, beside its path.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::package::PackageId;

/// The other names of an item. What a row does not say, or says in another shape, is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Names {
    /// Paths under which it can be written as well.
    pub paths: Vec<String>,
    /// Where it is declared, if that is another path and none that can be written: compilers and
    /// backtraces tell it.
    pub declared_at: Option<String>,
    pub declared_in: Option<Declaration>,
    /// What its documentation says it is called elsewhere: `#[doc(alias = "…")]`.
    pub aliases: Vec<String>,
}

/// The package and path that a re-exported item is declared under.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Declaration {
    pub package: String,
    pub version: String,
    pub path: String,
}

impl Names {
    /// Reads the metadata of a row.
    pub fn of(metadata: &str) -> Names {
        // Most rows have none, and are not read.
        let may_have = ["\"paths\"", "\"declared_", "\"aliases\""].iter().any(|key| metadata.contains(key));
        may_have.then(|| serde_json::from_str(metadata).ok()).flatten().unwrap_or_default()
    }

    /// The same of metadata that is read already.
    pub fn in_value(metadata: &Value) -> Names {
        Names::deserialize(metadata).unwrap_or_default()
    }

    /// The package whose source has the row's file, where that is another than the row's own: the one that declares
    /// the item. What is shown of a standard library that is not here has the line that shows it, which is the
    /// row's own package's.
    pub fn file_in(&self) -> Option<PackageId> {
        self.declared_in.as_ref().and_then(Declaration::id)
    }

    /// Every path other than the row's own that leads to the item.
    pub fn other_paths(&self) -> impl Iterator<Item = &str> {
        let declared = self.declared_in.iter().map(|declaration| declaration.path.as_str());
        let paths = self.paths.iter().chain(&self.declared_at).map(String::as_str);
        paths.chain(declared.filter(|path| !path.is_empty()))
    }
}

impl Declaration {
    /// The package, where its version is known.
    pub fn id(&self) -> Option<PackageId> {
        PackageId::rust(self.package.as_str(), self.version.as_str()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_of_any_shape_gives_names() {
        for odd in ["", "[]", "{", r#"{"paths":3}"#, r#"{"declared_in":"x"}"#, "null"] {
            assert_eq!(Names::of(odd), Names::default(), "{odd}");
            let value: Value = serde_json::from_str(odd).unwrap_or_default();
            assert_eq!(Names::in_value(&value), Names::default(), "{odd}");
        }
        let metadata = r#"{"cfg":"unix","paths":["a::b"],"declared_in":{"package":"x","path":"x::b"}}"#;
        let names = Names::of(metadata);
        assert_eq!(Names::in_value(&serde_json::from_str(metadata).unwrap()), names);
        assert_eq!(names.other_paths().collect::<Vec<_>>(), ["a::b", "x::b"]);
        assert_eq!(names.file_in(), None, "without a version it is the standard library's");
        let there = Names::of(r#"{"declared_in":{"package":"x","version":"1.0.0"}}"#).file_in();
        assert_eq!(there, PackageId::rust("x", "1.0.0").ok());
        assert_eq!(Names::of(r#"{"declared_in":{"package":"../x","version":"1.0.0"}}"#).file_in(), None);
    }
}
