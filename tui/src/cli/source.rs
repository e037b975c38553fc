//! What `zenith index` is asked to index, from what was typed.

use std::fmt;
use std::path::{Path, PathBuf};

use zenith_core::find_lockfile;
use zenith_core::ingest::Source;
use zenith_core::package::PackageId;

/// Words that name nothing which could be indexed.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    found: String,
    advice: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refusal { found, advice } = self;
        write!(f, "{found}; expected is a Cargo.lock, a folder, or a package as NAME[@VERSION]; {advice}")
    }
}

impl std::error::Error for Refusal {}

/// A Cargo.lock by its path.
pub fn lockfile(folder: &Path, typed: &Path) -> Result<Source, Refusal> {
    let path = absolute(folder, typed);
    let shown = path.display();
    if path.is_file() {
        return file(&path);
    }
    Err(match path.is_dir() {
        true => {
            refuse(format!("{shown} is a folder"), format!("`zenith index {shown}` indexes the code in it"))
        }
        false => refuse(format!("there is no {shown}"), "`cargo generate-lockfile` writes one".to_string()),
    })
}

/// A folder, a lockfile, or a package in cargo's registry folder.
pub fn named(folder: &Path, typed: &str) -> Result<Source, Refusal> {
    if typed.trim().is_empty() {
        return Err(refuse(
            "the name is empty".to_string(),
            "`zenith index .` indexes this folder".to_string(),
        ));
    }
    let path = absolute(folder, Path::new(typed));
    if path.is_dir() {
        return Ok(Source::Folder(path));
    }
    if path.is_file() {
        return file(&path);
    }
    if typed.contains(['/', '\\'])
        || typed.ends_with(".lock")
        || typed.ends_with(".toml")
        || typed.ends_with(".rs")
    {
        let advice = "`zenith index .` indexes this folder".to_string();
        return Err(refuse(format!("there is no {}", path.display()), advice));
    }
    let (name, version) = match typed.split_once('@') {
        Some((name, version)) => (name, Some(version)),
        None => (typed, None),
    };
    if let Err(error) = PackageId::rust(name, version.unwrap_or("0.0.0")) {
        let advice = "`zenith index serde@1.0.229` is one".to_string();
        return Err(refuse(error.to_string(), advice));
    }
    Ok(Source::Registry { name: name.to_string(), version: version.map(str::to_string) })
}

/// The project of the folder that one stands in.
pub fn surrounding(folder: &Path) -> Option<Source> {
    let lockfile = find_lockfile(folder).map(Source::Lockfile);
    lockfile.or_else(|| Some(Source::Workspace(with_manifest(folder)?)))
}

/// Cargo knows a lockfile by its name, and so does everything that reads one.
fn file(path: &Path) -> Result<Source, Refusal> {
    if path.file_name().is_some_and(|name| name == "Cargo.lock") {
        return Ok(Source::Lockfile(path.to_owned()));
    }
    let shown = path.display();
    let what = match (
        path.file_name().and_then(|name| name.to_str()),
        path.extension().and_then(|of| of.to_str()),
    ) {
        (Some("Cargo.toml"), _) => "a manifest",
        (_, Some("rs")) => "a Rust source file",
        (_, Some("lock")) => "not a lockfile of cargo",
        _ => "a file of another kind",
    };
    let advice = match path.parent().and_then(with_manifest) {
        Some(folder) => {
            let lock = folder.join("Cargo.lock");
            let all = format!(", `zenith index {}` all that it builds on", lock.display());
            let all = if lock.is_file() { all } else { String::new() };
            format!("`zenith index {}` indexes the package it belongs to{all}", folder.display())
        }
        None => {
            let folder = path.parent().unwrap_or(path).display();
            format!("`zenith index {folder}` indexes the folder it lies in")
        }
    };
    Err(refuse(format!("{shown} is {what}"), advice))
}

/// The nearest folder with a manifest, here or above.
fn with_manifest(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|folder| folder.join("Cargo.toml").is_file()).map(Path::to_owned)
}

fn refuse(found: String, advice: String) -> Refusal {
    Refusal { found, advice }
}

fn absolute(folder: &Path, path: &Path) -> PathBuf {
    let joined = folder.join(path);
    joined.canonicalize().unwrap_or(joined)
}
