//! What a package is called, and the one grammar that every name from outside must pass.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who may find a package: everyone, an organisation, or its owner alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    Public,
    Team,
    Private,
}

impl Tier {
    pub const ALL: [Tier; 3] = [Tier::Public, Tier::Team, Tier::Private];

    pub fn as_str(self) -> &'static str {
        match self {
            Tier::Public => "public",
            Tier::Team => "team",
            Tier::Private => "private",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Tier {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Tier, NameError> {
        Tier::ALL
            .into_iter()
            .find(|tier| tier.as_str() == text)
            .ok_or_else(|| NameError::new("tier", text, "use public, team or private"))
    }
}

/// Whether a version is the one that was typed, or begins with it.
pub fn is_version(typed: &str, version: &str) -> bool {
    let is_part = typed.matches('.').count() < 2 && !typed.contains(['-', '+']);
    let rest = version.strip_prefix(typed);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('+') || (is_part && rest.starts_with('.')))
}

/// One exact version of one package. Its three parts are safe to use as path segments: they passed
/// [`PackageId::new`]'s grammar.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "RawPackageId")]
pub struct PackageId {
    ecosystem: String,
    name: String,
    version: String,
}

#[derive(Deserialize)]
struct RawPackageId {
    ecosystem: String,
    name: String,
    version: String,
}

impl TryFrom<RawPackageId> for PackageId {
    type Error = NameError;

    fn try_from(raw: RawPackageId) -> Result<PackageId, NameError> {
        PackageId::new(raw.ecosystem, raw.name, raw.version)
    }
}

impl PackageId {
    /// Checks each part: ASCII letters, digits and `_ - . +`, starting with a letter, digit or `_`,
    /// without `..`, at most 128 bytes. Nothing else ever reaches a path or a statement.
    pub fn new(
        ecosystem: impl Into<String>,
        name: impl Into<String>,
        version: impl Into<String>,
    ) -> Result<PackageId, NameError> {
        let id = PackageId { ecosystem: ecosystem.into(), name: name.into(), version: version.into() };
        check_segment("ecosystem", &id.ecosystem)?;
        check_segment("package name", &id.name)?;
        check_segment("version", &id.version)?;
        Ok(id)
    }

    /// A Rust crate.
    pub fn rust(name: impl Into<String>, version: impl Into<String>) -> Result<PackageId, NameError> {
        PackageId::new("rust", name, version)
    }

    pub fn ecosystem(&self) -> &str {
        &self.ecosystem
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn version(&self) -> &str {
        &self.version
    }
}

impl fmt::Display for PackageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

/// A name, version, tier or owner from outside that does not fit the grammar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {value:?} is not usable: {why}")]
pub struct NameError {
    what: &'static str,
    value: String,
    why: &'static str,
}

impl NameError {
    pub(crate) fn new(what: &'static str, value: &str, why: &'static str) -> NameError {
        NameError { what, value: value.chars().take(80).collect(), why }
    }
}

const SEGMENT_BYTES_MAX: usize = 128;

/// The grammar of everything that becomes a path segment or a key in the catalog.
pub(crate) fn check_segment(what: &'static str, value: &str) -> Result<(), NameError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+');
    let fail = |why| Err(NameError::new(what, value, why));
    match value.chars().next() {
        None => fail("it is empty"),
        Some(_) if value.len() > SEGMENT_BYTES_MAX => fail("it is longer than 128 bytes"),
        Some(first) if !(first.is_ascii_alphanumeric() || first == '_') => {
            fail("it must start with a letter, a digit or _")
        }
        Some(_) if !value.chars().all(allowed) => fail("only letters, digits and _ - . + are allowed"),
        Some(_) if value.contains("..") => fail("it must not contain .."),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_that_could_leave_its_folder_is_refused() {
        for bad in ["", ".", "..", "a/b", "a\\b", "a..b", "-rf", "a b", "a'b", "ä", "a\0", &"x".repeat(129)]
        {
            assert!(PackageId::rust(bad, "1.0.0").is_err(), "{bad:?} was accepted");
            assert!(PackageId::rust("a", bad).is_err(), "{bad:?} was accepted");
        }
        for good in ["tokio", "_priv", "x.y", "1.0.0-rc.1+build"] {
            assert!(PackageId::rust(good, good).is_ok(), "{good:?} was refused");
        }
    }
}
