//! Which two versions are compared: those that are told, and where nobody tells what the lockfile has, git has of it,
//! or is on this machine.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

use cargo_metadata::semver::Version;

use crate::ingest::lockfile;
use crate::package::is_version;

/// Commits of a lockfile that are looked through.
const COMMITS_MAX: usize = 100;
/// Versions that are named where one is missing.
const VERSIONS_TOLD_MAX: usize = 12;

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
    /// One end is told, and the other one locked.
    Locked,
    /// The lockfile differs from the last commit's.
    Uncommitted,
    /// A commit changed what is locked.
    Commit(String),
    /// The newest on this machine.
    Newest,
}

/// What is known of a package's versions.
#[derive(Clone, Debug, Default)]
pub struct Versions {
    /// On this machine: indexed, or to be indexed from cargo's registry folder.
    pub here: BTreeSet<String>,
    /// By the project's lockfile.
    pub locked: BTreeSet<Version>,
    /// What git has of that lockfile.
    pub replaced: Option<Range>,
}

/// Why there are no two versions to compare, to be read after what was to be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.told())]
pub struct NoRange {
    package: String,
    here: BTreeSet<String>,
    why: Lacking,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Lacking {
    /// One that begins so.
    Beginning(String),
    Exact(String),
    After(String),
    Before(String),
    /// Both ends are this one.
    Same(String),
    /// Nobody told an end, and git tells of none.
    Two,
}

/// A range that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} names no versions to compare; `FROM..TO` does, as 1.0.0..1.1.0 or 1..2; `FROM..` goes to the locked version, \
     and `..TO` comes from it"
)]
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
            Origin::Locked => f.write_str(", as Cargo.lock has it"),
            Origin::Uncommitted => f.write_str(", as Cargo.lock changed since the last commit"),
            Origin::Commit(hash) => {
                write!(f, ", as commit {} changed Cargo.lock", hash.get(..10).unwrap_or(hash))
            }
            Origin::Newest => f.write_str(", the newest on this machine"),
        }
    }
}

impl NoRange {
    /// That a version is not on this machine.
    pub fn absent(package: &str, version: &str, here: BTreeSet<String>) -> NoRange {
        NoRange { package: package.to_owned(), here, why: Lacking::Exact(version.to_owned()) }
    }

    fn told(&self) -> String {
        let NoRange { package, here, why } = self;
        let listed: Vec<&str> = sorted(here).into_iter().rev().take(VERSIONS_TOLD_MAX).collect();
        let more = match here.len() - listed.len() {
            0 => String::new(),
            more => format!(" and {more} older"),
        };
        let is = if here.len() == 1 { "is" } else { "are" };
        let of = format!("of {package} {}{more} {is} on this machine", listed.join(", "));
        let brings = "`cargo fetch` in a project that locks";
        match why {
            _ if here.is_empty() => {
                format!("no version of {package} is on this machine; {brings} it brings it here")
            }
            Lacking::Beginning(text) => {
                format!("{of}, none that begins with {text}; {brings} one brings it here")
            }
            Lacking::Exact(text) => format!("{of}, not {text}; {brings} {package} {text} brings it here"),
            Lacking::After(text) => format!("{of}, none later than {text}; {brings} one brings it here"),
            Lacking::Before(text) => format!("{of}, none earlier than {text}; {brings} one brings it here"),
            Lacking::Same(text) => format!("both ends are {package} {text}; {of}"),
            Lacking::Two => format!("{of}, and git tells of no other; {brings} another brings it here"),
        }
    }
}

/// Those that are versions, the oldest first.
fn sorted(versions: &BTreeSet<String>) -> Vec<&str> {
    let parsed = versions.iter().filter_map(|text| Some((Version::parse(text).ok()?, text.as_str())));
    let mut parsed: Vec<(Version, &str)> = parsed.collect();
    parsed.sort();
    parsed.into_iter().map(|(_, text)| text).collect()
}

/// The newest of some versions, a released one before others.
fn newest<'a>(versions: impl Iterator<Item = &'a Version>) -> Option<&'a Version> {
    versions.max_by_key(|version| (version.pre.is_empty(), *version))
}

impl Range {
    /// Reads `FROM..TO`; either may be missing, not both. Of a version the beginning will do.
    pub fn parse(text: &str) -> Result<(Option<String>, Option<String>), RangeError> {
        let fail = || RangeError(text.chars().take(80).collect());
        let (from, to) = text.split_once("..").ok_or_else(fail)?;
        match (Range::end(from).map_err(|_| fail())?, Range::end(to).map_err(|_| fail())?) {
            (None, None) => Err(fail()),
            ends => Ok(ends),
        }
    }

    /// Reads one end; none where nothing is there.
    pub fn end(text: &str) -> Result<Option<String>, RangeError> {
        match text.trim().trim_start_matches('v') {
            "" => Ok(None),
            version if is_beginning(version) || Version::parse(version).is_ok() => {
                Ok(Some(version.to_owned()))
            }
            _ => Err(RangeError(text.chars().take(80).collect())),
        }
    }

    /// The two versions that are meant by what was told of them. A whole version is what it is, whether it is here
    /// or not; a beginning is the newest that begins so.
    pub fn meant(
        package: &str,
        ends: (Option<String>, Option<String>),
        known: &Versions,
    ) -> Result<Range, NoRange> {
        let lacking = |why: Lacking| NoRange { package: package.to_owned(), here: known.here.clone(), why };
        let here: Vec<Version> = known.here.iter().filter_map(|text| Version::parse(text).ok()).collect();
        // The whole version of an end that fits; none where it is a beginning and none does.
        let whole = |end: &str, fits: &dyn Fn(&Version) -> bool| match Version::parse(end) {
            Ok(version) => Some(version),
            Err(_) => {
                let begins = |one: &&Version| is_version(end, &one.to_string()) && fits(one);
                newest(here.iter().filter(begins)).cloned()
            }
        };
        let any = |_: &Version| true;
        let beginning = |end: &str| lacking(Lacking::Beginning(end.to_owned()));
        let (from, to, origin) = match ends {
            (None, None) => {
                let told = known.replaced.clone().or_else(|| Range::newest(known.here.iter().cloned()));
                return told.ok_or_else(|| lacking(Lacking::Two));
            }
            (Some(from), Some(to)) => {
                let to = whole(&to, &any).ok_or_else(|| beginning(&to))?;
                let before = whole(&from, &|one| *one < to).or_else(|| whole(&from, &|one| *one != to));
                let from = before.or_else(|| whole(&from, &any)).ok_or_else(|| beginning(&from))?;
                if from == to {
                    return Err(lacking(Lacking::Same(to.to_string())));
                }
                (from, to, Origin::Asked)
            }
            (Some(from), None) => {
                let begins = whole(&from, &any).ok_or_else(|| beginning(&from))?;
                let later = |to: &Version| whole(&from, &|one| one < to).filter(|one| one < to);
                let locked = newest(known.locked.iter().filter(|to| later(to).is_some()));
                let found = locked.or_else(|| newest(here.iter().filter(|to| later(to).is_some())));
                let to = found.ok_or_else(|| lacking(Lacking::After(begins.to_string())))?;
                let origin = if locked.is_some() { Origin::Locked } else { Origin::Newest };
                (later(to).unwrap_or(begins), to.clone(), origin)
            }
            (None, Some(to)) => {
                let to = whole(&to, &any).ok_or_else(|| beginning(&to))?;
                let replaced = known.replaced.clone().filter(|known| known.to == to.to_string());
                let locked = newest(known.locked.iter().filter(|from| **from < to));
                match (locked, replaced.filter(Range::is_ascending)) {
                    (Some(locked), _) => (locked.clone(), to, Origin::Locked),
                    (None, Some(replaced)) => return Ok(replaced),
                    (None, None) => {
                        let from = newest(here.iter().filter(|from| **from < to));
                        let from = from.ok_or_else(|| lacking(Lacking::Before(to.to_string())))?;
                        (from.clone(), to, Origin::Newest)
                    }
                }
            }
        };
        Ok(Range { from: from.to_string(), to: to.to_string(), origin })
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
pub fn locked(text: &str, package: &str) -> BTreeSet<Version> {
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
        for odd in ["", "..", "1.0.0", "1..2.", "a..b", "1.0.0...2.0.0", "1.x..2"] {
            assert!(Range::parse(odd).is_err(), "{odd}");
        }
    }

    /// What is meant by `FROM..TO` where these are here and those are locked.
    fn meant(text: &str, here: &[&str], locked: &[&str]) -> Result<(String, String), String> {
        let here = here.iter().map(|text| (*text).to_owned()).collect();
        let known = Versions { here, locked: versions(locked), replaced: None };
        let range = Range::meant("gear", Range::parse(text).unwrap(), &known);
        range.map(|range| (range.from, range.to)).map_err(|error| error.to_string())
    }

    #[test]
    fn an_open_range_leads_to_the_locked_version_or_comes_from_it() {
        let here = ["1.0.0", "1.9.0", "1.10.0", "2.0.0", "2.1.0-rc.1"];
        for (text, locked, from, to) in [
            ("1.0.0..", &["1.9.0"][..], "1.0.0", "1.9.0"),
            ("1.0.0..", &[], "1.0.0", "2.0.0"),
            ("1.9.0..", &["1.9.0"], "1.9.0", "2.0.0"),
            ("1..", &["1.10.0"], "1.9.0", "1.10.0"),
            ("1..", &["1.0.0", "2.0.0"], "1.10.0", "2.0.0"),
            ("1..", &["1.0.0"], "1.10.0", "2.0.0"),
            ("2..", &["1.0.0"], "2.0.0", "2.1.0-rc.1"),
            // A locked version that is not here is still the one that is meant.
            ("1.10.0..", &["1.11.0"], "1.10.0", "1.11.0"),
            ("..2.0.0", &["1.9.0"], "1.9.0", "2.0.0"),
            ("..2.0.0", &["2.0.0"], "1.10.0", "2.0.0"),
            ("..2.0.0", &["1.0.0", "1.9.0", "2.0.0"], "1.9.0", "2.0.0"),
            ("..1", &["2.0.0"], "1.9.0", "1.10.0"),
            ("1..1", &[], "1.9.0", "1.10.0"),
            ("1..2", &[], "1.10.0", "2.0.0"),
            ("2..1", &[], "2.0.0", "1.10.0"),
            ("2..1.0.0", &[], "2.0.0", "1.0.0"),
            ("1.0.0..3.0.0", &[], "1.0.0", "3.0.0"),
        ] {
            let found = meant(text, &here, locked);
            assert_eq!(found, Ok((from.to_owned(), to.to_owned())), "{text}, locked {locked:?}");
        }
    }

    #[test]
    fn what_is_missing_is_told_with_what_is_here() {
        let here = ["1.3.2", "2.13.2"];
        for (text, told) in [
            ("3..4", "of gear 2.13.2, 1.3.2 are on this machine, none that begins with 4; "),
            ("3..2", "of gear 2.13.2, 1.3.2 are on this machine, none that begins with 3; "),
            ("3..", "of gear 2.13.2, 1.3.2 are on this machine, none that begins with 3; "),
            ("2..", "of gear 2.13.2, 1.3.2 are on this machine, none later than 2.13.2; "),
            ("..1.0.0", "of gear 2.13.2, 1.3.2 are on this machine, none earlier than 1.0.0; "),
        ] {
            let error = meant(text, &here, &[]).unwrap_err();
            let same = meant("2..2.13.2", &here, &[]).unwrap_err();
            assert!(same.starts_with("both ends are gear 2.13.2; of gear 2.13.2, 1.3.2 are"), "{same}");
            assert!(error.starts_with(told) && error.contains("`cargo fetch`"), "{text}: {error}");
        }
        assert!(meant("1..2", &[], &[]).unwrap_err().starts_with("no version of gear is on this machine"));
        let many: Vec<String> = (0..20).map(|minor| format!("1.{minor}.0")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(meant("3..", &many, &[]).unwrap_err().contains("1.8.0 and 8 older are"));
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
