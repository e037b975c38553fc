//! Where a package was released, as lockfiles and cargo write it.
//!
//! A name and a version mean one package only where they were released to one place. A package from git, or
//! from a registry other than crates.io, therefore bears its source in its version, as build metadata that
//! semver ignores: `1.0.0+git.0123456789`. So it has rows, a place and a name of its own, and nothing that is
//! known of crates.io's package of that name is ever taken for it.

use url::Url;

/// The source that crates.io is, by its old index, as lockfiles still name it.
pub(super) const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";
/// As much of a commit as tells it apart.
const COMMIT_CHARS: usize = 10;
/// As much of a registry's address as a version bears.
const REGISTRY_CHARS_MAX: usize = 60;

/// A source, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Released<'a> {
    CratesIo,
    /// Another registry, by its index.
    Registry(&'a str),
    Git {
        /// Without its query.
        url: &'a str,
        /// `rev`, `branch` or `tag`, as written.
        query: &'a str,
        commit: &'a str,
    },
}

impl Released<'_> {
    pub fn of(source: &str) -> Released<'_> {
        if let Some(git) = source.strip_prefix("git+") {
            let (address, commit) = git.split_once('#').unwrap_or((git, ""));
            let (url, query) = address.split_once('?').unwrap_or((address, ""));
            return Released::Git { url, query, commit };
        }
        let index = source.split_once('+').map_or(source, |(_, index)| index);
        match index.trim_end_matches('/') {
            "https://index.crates.io" => Released::CratesIo,
            old if CRATES_IO.strip_prefix("registry+") == Some(old) => Released::CratesIo,
            _ => Released::Registry(index),
        }
    }
}

/// A version with what tells its source apart, where that is not crates.io and not the workspace.
pub(super) fn qualified(version: &str, source: Option<&str>) -> String {
    let Some(source) = source else { return version.to_owned() };
    let mark = match Released::of(source) {
        Released::CratesIo => return version.to_owned(),
        Released::Git { commit, .. } => {
            let commit: String =
                commit.chars().filter(char::is_ascii_alphanumeric).take(COMMIT_CHARS).collect();
            if commit.is_empty() { "git".to_owned() } else { format!("git.{commit}") }
        }
        Released::Registry(index) => registry_mark(index),
    };
    let separator = if version.contains('+') { '.' } else { '+' };
    format!("{version}{separator}{mark}")
}

/// A registry's host and path. Whatever else an address holds may be a secret.
fn registry_mark(index: &str) -> String {
    let address = Url::parse(index).map_or_else(
        |_| index.to_owned(),
        |url| format!("{}{}", url.host_str().unwrap_or_default(), url.path()),
    );
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '.' };
    let plain: String = address.chars().map(plain).collect();
    let parts: Vec<&str> = plain.split('.').filter(|part| !part.is_empty()).collect();
    let mark: String = parts.join(".").chars().take(REGISTRY_CHARS_MAX).collect();
    match mark.trim_end_matches('.') {
        "" => "registry".to_owned(),
        mark => mark.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::PackageId;

    #[test]
    fn only_what_crates_io_released_bears_its_version_alone() {
        let version = |source| qualified("1.2.0", Some(source));
        assert_eq!(qualified("1.2.0", None), "1.2.0");
        assert_eq!(version("registry+https://github.com/rust-lang/crates.io-index"), "1.2.0");
        assert_eq!(version("sparse+https://index.crates.io/"), "1.2.0");
        assert_eq!(
            version("git+https://example.org/a.git?branch=x#0123456789abcdef"),
            "1.2.0+git.0123456789"
        );
        assert_eq!(
            version("sparse+https://user:secret@crates.example.org/api/a/"),
            "1.2.0+crates.example.org.api.a"
        );
        assert_eq!(version("registry+file:///srv/index"), "1.2.0+srv.index");
        assert_eq!(qualified("1.0.0+spec", Some("git+ssh://git@h/x#abc")), "1.0.0+spec.git.abc");
    }

    #[test]
    fn whatever_a_lockfile_says_is_a_version_that_can_be_parsed_and_kept() {
        for source in ["", "+", "registry+", "git+", "git+x#../..", "registry+https://ä.example/../x", "odd"]
        {
            let version = qualified("1.0.0", Some(source));
            assert!(PackageId::rust("a", version.as_str()).is_ok(), "{source:?} became {version:?}");
            let parsed = cargo_metadata::semver::Version::parse(&version);
            assert!(parsed.is_ok(), "{source:?} became {version:?}: {parsed:?}");
        }
    }
}
