//! The files of a package: which ones are read, and within which bounds.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use ignore::WalkBuilder;

use super::{LANGUAGES, Language, Origin, SkipReason, VERSION, docs};

/// A larger file is data, not something that anyone reads.
pub(super) const FILE_BYTES_MAX: u64 = 8 << 20;
/// Brackets nested deeper than this were made to break a parser.
pub(super) const NESTING_DEPTH_MAX: usize = 256;
/// Folders within folders.
const FOLDER_DEPTH_MAX: usize = 64;
const FILES_MAX: usize = 100_000;

/// A regular file inside a package.
#[derive(Debug)]
pub(super) struct Found {
    /// Relative to the package's root, with `/`.
    pub relative: String,
    pub absolute: PathBuf,
}

/// The files below `root` whose relative paths are `wanted`, in the order of their paths. Hidden
/// ones, `target` and `node_modules` are passed over, and what git ignores where the code is one's
/// own.
pub(super) fn files(
    root: &Path,
    origin: Origin,
    wanted: fn(&str) -> bool,
    skipped: &mut BTreeMap<SkipReason, usize>,
) -> Vec<Found> {
    let own = origin == Origin::Own;
    let mut found = Vec::new();
    let walk = WalkBuilder::new(root)
        .standard_filters(false)
        .hidden(true)
        .git_ignore(own)
        .git_exclude(own)
        .require_git(false)
        .parents(own)
        .max_depth(Some(FOLDER_DEPTH_MAX))
        .filter_entry(|entry| !matches!(entry.file_name().to_str(), Some("target" | "node_modules")))
        .build();
    for entry in walk {
        let Ok(entry) = entry else {
            *skipped.entry(SkipReason::Unreadable).or_default() += 1;
            continue;
        };
        let path = entry.path();
        let Ok(relative) = path.strip_prefix(root) else { continue };
        let is_link = entry.path_is_symlink();
        if !(path.is_file() && wanted(&relative.to_string_lossy()) || is_link && path.is_dir()) {
            continue;
        }
        if is_link && !stays_inside(root, path) {
            *skipped.entry(SkipReason::OutsidePackage).or_default() += 1;
            continue;
        }
        if path.is_dir() {
            continue;
        }
        if found.len() == FILES_MAX {
            *skipped.entry(SkipReason::TooManyFiles).or_default() += 1;
            break;
        }
        match slashed(relative) {
            Some(relative) => found.push(Found { relative, absolute: path.to_owned() }),
            None => *skipped.entry(SkipReason::OddName).or_default() += 1,
        }
    }
    found.sort_by(|a, b| a.relative.cmp(&b.relative));
    found
}

/// A file's path relative to `root` (a canonical path) and its text.
pub(super) fn read_text(root: &Path, path: &Path) -> Result<(String, String), SkipReason> {
    let real = fs::canonicalize(path).map_err(|_| SkipReason::Unreadable)?;
    let relative = real.strip_prefix(root).map_err(|_| SkipReason::OutsidePackage)?;
    let relative = slashed(relative).ok_or(SkipReason::OddName)?;
    let metadata = fs::metadata(&real).map_err(|_| SkipReason::Unreadable)?;
    if !metadata.is_file() {
        return Err(SkipReason::Unreadable);
    }
    if metadata.len() > FILE_BYTES_MAX {
        return Err(SkipReason::TooLarge);
    }
    let bytes = fs::read(&real).map_err(|_| SkipReason::Unreadable)?;
    if bytes.contains(&0) {
        return Err(SkipReason::NotText);
    }
    let text = String::from_utf8(bytes).map_err(|_| SkipReason::NotText)?;
    Ok((relative, text))
}

fn stays_inside(root: &Path, path: &Path) -> bool {
    fs::canonicalize(path).is_ok_and(|real| real.starts_with(root))
}

/// A relative path with `/`; none where it has a name that could not be shown on one line.
fn slashed(path: &Path) -> Option<String> {
    let mut slashed = String::new();
    for component in path.components() {
        let Component::Normal(name) = component else { return None };
        let name = name.to_str().filter(|name| !name.contains(char::is_control))?;
        if !slashed.is_empty() {
            slashed.push('/');
        }
        slashed.push_str(name);
    }
    Some(slashed)
}

/// The language of a source file.
fn language_of(relative: &str) -> Option<&'static Language> {
    let extension = relative.rsplit_once('.').map_or("", |(_, extension)| extension);
    LANGUAGES.iter().find(|language| language.extensions.contains(&extension))
}

/// Whether a file's content has a say in what the package yields.
fn is_read(relative: &str) -> bool {
    language_of(relative).is_some() || relative.ends_with("Cargo.toml") || docs::is_document(relative)
}

/// How the fingerprints of what was released begin; those of one's own code are hashes.
const RELEASED: &str = "ingest ";

/// Whether a fingerprint is one of released code or of one's own. Early versions kept none of released code.
pub fn origin_of(fingerprint: Option<&str>) -> Origin {
    match fingerprint.is_none_or(|fingerprint| fingerprint.starts_with(RELEASED)) {
        true => Origin::Dependency,
        false => Origin::Own,
    }
}

/// Tells whether a package would yield the rows that it yielded before. What was released never changes, so that
/// the way in which it is read is all. Of one's own code it is the files below `root` that are read for the package
/// as well: their paths, sizes and modification times. What git ignores is among them where a source file names it:
/// a generated module is a module.
pub fn fingerprint(root: &Path, origin: Origin) -> String {
    if origin == Origin::Dependency {
        return format!("{RELEASED}{VERSION}");
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(&VERSION.to_le_bytes());
    for file in found(root) {
        let Ok(metadata) = fs::metadata(&file.absolute) else { continue };
        let modified = metadata.modified().ok();
        let since = modified.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        hasher.update(file.relative.as_bytes());
        hasher.update(&[0]);
        hasher.update(&metadata.len().to_le_bytes());
        hasher.update(&since.map_or(0, |since| since.as_nanos()).to_le_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// The files below `root` that a fingerprint is of.
pub fn read_files(root: &Path) -> Vec<PathBuf> {
    found(root).into_iter().map(|file| file.absolute).collect()
}

fn found(root: &Path) -> Vec<Found> {
    let root = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let mut found = files(&root, Origin::Own, is_read, &mut BTreeMap::new());
    add_named(&root, &mut found);
    found
}

/// Adds the files inside `root` that source files name, and those that these name, and so on.
fn add_named(root: &Path, found: &mut Vec<Found>) {
    let mut known: HashSet<PathBuf> = found.iter().map(|file| file.absolute.clone()).collect();
    let mut at = 0;
    while let Some(file) = found.get(at).filter(|_| found.len() < FILES_MAX) {
        at += 1;
        let Some(language) = language_of(&file.relative) else { continue };
        let Ok((_, text)) = read_text(root, &file.absolute) else { continue };
        for path in (language.named)(&file.absolute, &text) {
            if known.contains(&path) || !path.is_file() {
                continue;
            }
            let Ok(absolute) = fs::canonicalize(path) else { continue };
            let relative = absolute.strip_prefix(root).ok().and_then(slashed);
            if let Some(relative) = relative.filter(|_| known.insert(absolute.clone())) {
                found.push(Found { relative, absolute });
            }
        }
    }
    found.sort_by(|a, b| a.relative.cmp(&b.relative));
}
