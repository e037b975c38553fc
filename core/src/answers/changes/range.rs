//! Which two versions are compared where nobody says: what git has of the lockfile, else what is on this machine.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

use cargo_metadata::semver::Version;

use crate::ingest::lockfile;
use crate::package::is_version;

/// Commits of a lockfile that are looked through.
const COMMITS_MAX: usize = 100;

/// Two versions of a package, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    pub from: String,
    pub to: String,
    pub origin: Origin,
}

/// What two versions were found in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Asked,
    /// The lockfile differs from the last commit's.
    Uncommitted,
    /// A commit changed what is locked.
    Commit(String),
    /// The two newest on this machine.
    Newest,
}

/// A range that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no two versions; `FROM..TO` does, as 1.0.0..1.1.0; one of them may be left out")]
pub struct RangeError(String);

/// `1` and `0.13`: one or two numbers.
fn is_beginning(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split('.').count() <= 2 && text.split('.').all(is_number)
}

impl fmt::Display for Origin {
    /// To be read after the two versions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Asked => Ok(()),
            Origin::Uncommitted => f.write_str(", as Cargo.lock changed since the last commit"),
            Origin::Commit(hash) => {
                write!(f, ", as commit {} changed Cargo.lock", hash.get(..10).unwrap_or(hash))
            }
            Origin::Newest => f.write_str(", the newest on this machine"),
        }
    }
}

impl Range {
    /// Reads `FROM..TO`; either may be missing, not both. Of a version the beginning will do.
    pub fn parse(text: &str) -> Result<(Option<String>, Option<String>), RangeError> {
        let fail = || RangeError(text.chars().take(80).collect());
        let (from, to) = text.split_once("..").ok_or_else(fail)?;
        let version = |text: &str| match text.trim().trim_start_matches('v') {
            "" => Ok(None),
            version if is_beginning(version) => Ok(Some(version.to_owned())),
            version => Version::parse(version).map(|_| Some(version.to_owned())).map_err(|_| fail()),
        };
        match (version(from)?, version(to)?) {
            (None, None) => Err(fail()),
            (from, to) => Ok((from, to)),
        }
    }

    /// A version that was typed: of several that begin so the newest; as typed where none does.
    pub fn whole(typed: String, versions: &BTreeSet<String>) -> String {
        let fits = |version: &&String| is_version(&typed, version);
        let parsed = |text: &String| Version::parse(text).ok();
        let newest =
            versions.iter().filter(fits).filter_map(|text| Some((parsed(text)?, text))).max_by(|a, b| {
                let order = |one: &(Version, &String)| (*one.1 == typed, one.0.pre.is_empty(), one.0.clone());
                order(a).cmp(&order(b))
            });
        newest.map(|(_, text)| text.clone()).unwrap_or(typed)
    }

    /// What the lockfile of a git repository says of a package: now beside the last commit, else the newest commit
    /// that locked another version. Git is asked for what it has here; nothing where there is none. Blocks.
    pub fn in_history(lockfile: &Path, package: &str) -> Option<Range> {
        let folder = lockfile.parent()?;
        let name = lockfile.file_name()?.to_str()?;
        let now = locked(&std::fs::read_to_string(lockfile).ok()?, package);
        let at =
            |commit: &str| Some(locked(&git(folder, &["show", &format!("{commit}:./{name}")])?, package));
        let mut later = at("HEAD").unwrap_or_else(|| now.clone());
        if let Some((from, to)) = replaced(&later, &now) {
            return Some(Range { from, to, origin: Origin::Uncommitted });
        }
        let count = COMMITS_MAX.to_string();
        let commits = git(folder, &["log", "--format=%H", "--max-count", &count, "--", name])?;
        let mut commits = commits.lines().peekable();
        while let Some(commit) = commits.next() {
            // One in which there was no lockfile says nothing.
            let Some(earlier) = at(commits.peek()?) else { continue };
            if let Some((from, to)) = replaced(&earlier, &later) {
                return Some(Range { from, to, origin: Origin::Commit(commit.to_owned()) });
            }
            later = earlier;
        }
        None
    }

    /// The same, but for an end that somebody told.
    pub fn with_ends(self, from: Option<String>, to: Option<String>) -> Range {
        Range { from: from.unwrap_or(self.from), to: to.unwrap_or(self.to), origin: self.origin }
    }

    /// Whether it leads from an earlier version to a later one.
    pub fn is_ascending(&self) -> bool {
        Version::parse(&self.from).ok().zip(Version::parse(&self.to).ok()).is_some_and(|(from, to)| from < to)
    }

    /// From a version to the newest, or to a version from the newest before it; a released one, if there is one.
    pub fn beside(
        from: Option<String>,
        to: Option<String>,
        versions: impl IntoIterator<Item = String>,
    ) -> Option<Range> {
        let end = |end: &Option<String>| end.as_deref().and_then(|text| Version::parse(text).ok());
        let (after, before) = (end(&from), end(&to));
        let fits = |version: &Version| {
            after.as_ref().is_none_or(|after| version > after)
                && before.as_ref().is_none_or(|before| version < before)
        };
        let known = versions.into_iter().filter_map(|text| Version::parse(&text).ok()).filter(fits);
        let other = known.max_by_key(|version| (version.pre.is_empty(), version.clone()))?.to_string();
        Some(Range {
            from: from.unwrap_or_else(|| other.clone()),
            to: to.unwrap_or(other),
            origin: Origin::Newest,
        })
    }

    /// The two newest of some versions; released ones, if there are two.
    pub fn newest(versions: impl IntoIterator<Item = String>) -> Option<Range> {
        let mut known: Vec<Version> =
            versions.into_iter().filter_map(|text| Version::parse(&text).ok()).collect();
        known.sort();
        known.dedup();
        let released: Vec<Version> = known.iter().filter(|version| version.pre.is_empty()).cloned().collect();
        match (if released.len() > 1 { released } else { known }).as_slice() {
            [.., from, to] => {
                Some(Range { from: from.to_string(), to: to.to_string(), origin: Origin::Newest })
            }
            _ => None,
        }
    }
}

/// The versions of a package that a lockfile's text names.
fn locked(text: &str, package: &str) -> BTreeSet<Version> {
    let lockfile = lockfile::parse(text).unwrap_or_default();
    let named = lockfile.packages.into_iter().filter(|one| one.name == package);
    named.filter_map(|one| Version::parse(&one.version).ok()).collect()
}

/// The newest version that came, and the one that it took the place of, or came beside.
fn replaced(before: &BTreeSet<Version>, after: &BTreeSet<Version>) -> Option<(String, String)> {
    let to = after.difference(before).max()?;
    let gone: Vec<&Version> = before.difference(after).collect();
    let from = gone.iter().filter(|one| **one < to).max().or(gone.iter().max()).copied();
    let from = from.or_else(|| before.iter().filter(|one| *one < to).max())?;
    Some((from.to_string(), to.to_string()))
}

/// What git prints, of what it has on this machine. A repository's own settings start nothing here.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut git = Command::new("git");
    git.args(["--no-pager", "-c", "core.fsmonitor=false", "-C"]).arg(folder).args(arguments);
    git.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0");
    // What a hook of another repository is told of it.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"] {
        git.env_remove(variable);
    }
    let output = git.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(list: &[&str]) -> BTreeSet<Version> {
        list.iter().map(|text| Version::parse(text).unwrap()).collect()
    }

    #[test]
    fn a_range_names_two_versions() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(Range::parse("1.0.0..v2.0.0-rc.1"), Ok((some("1.0.0"), some("2.0.0-rc.1"))));
        assert_eq!(Range::parse("..2.0.0"), Ok((None, some("2.0.0"))));
        assert_eq!(Range::parse("0.13..1"), Ok((some("0.13"), some("1"))), "the beginning will do");
        let known = ["1.0.0", "1.9.0", "1.10.0", "1.11.0-rc.1", "2.0.0"].map(str::to_owned).into();
        for (typed, whole) in
            [("1", "1.10.0"), ("1.9", "1.9.0"), ("1.11", "1.11.0-rc.1"), ("3", "3"), ("1.0.0", "1.0.0")]
        {
            assert_eq!(Range::whole(typed.to_owned(), &known), whole);
        }
        for odd in ["", "..", "1.0.0", "1..2.", "a..b", "1.0.0...2.0.0", "1.x..2"] {
            assert!(Range::parse(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn what_replaced_what_is_told_of_lockfiles_with_several_versions() {
        let told = |before: &[&str], after: &[&str]| replaced(&versions(before), &versions(after));
        let pair = |from: &str, to: &str| Some((from.to_owned(), to.to_owned()));
        assert_eq!(told(&["1.3.2", "2.1.0"], &["1.3.2", "2.2.0"]), pair("2.1.0", "2.2.0"));
        assert_eq!(told(&["2.0.0"], &["1.0.0"]), pair("2.0.0", "1.0.0"));
        assert_eq!(told(&["1.9.0"], &["1.9.0", "2.0.0"]), pair("1.9.0", "2.0.0"));
        assert_eq!(told(&["1.0.0"], &["1.0.0"]), None);
        assert_eq!(told(&["1.0.0"], &[]), None);
        assert_eq!(told(&[], &["1.0.0"]), None);
    }

    #[test]
    fn the_newest_are_released_ones_if_there_are_two() {
        let newest = |list: &[&str]| {
            Range::newest(list.iter().map(|text| (*text).to_owned())).map(|range| (range.from, range.to))
        };
        let pair = |from: &str, to: &str| Some((from.to_owned(), to.to_owned()));
        assert_eq!(newest(&["1.10.0", "1.9.0", "1.9.0", "2.0.0-rc.1"]), pair("1.9.0", "1.10.0"));
        assert_eq!(newest(&["1.0.0", "2.0.0-rc.1"]), pair("1.0.0", "2.0.0-rc.1"));
        assert_eq!(newest(&["1.0.0"]), None);
    }

    #[test]
    fn the_other_end_is_the_newest_on_its_side() {
        let beside = |from: Option<&str>, to: Option<&str>| {
            let versions = ["0.2.12", "1.4.0", "1.5.0", "1.6.0-rc.1"].map(str::to_owned);
            let range = Range::beside(from.map(str::to_owned), to.map(str::to_owned), versions)?;
            Some((range.from, range.to))
        };
        let pair = |from: &str, to: &str| Some((from.to_owned(), to.to_owned()));
        assert_eq!(beside(None, Some("1.4.0")), pair("0.2.12", "1.4.0"));
        assert_eq!(beside(None, Some("1.4.1")), pair("1.4.0", "1.4.1"));
        assert_eq!(beside(Some("0.2.12"), None), pair("0.2.12", "1.5.0"));
        assert_eq!(beside(Some("1.5.0"), None), pair("1.5.0", "1.6.0-rc.1"));
        assert_eq!(beside(None, Some("0.2.12")), None);
    }
}
