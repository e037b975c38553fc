//! A package from its manifest alone, where cargo is not asked.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use toml::{Table, Value};

use super::{DiscoverError, Origin, SourcePackage, Target};
use crate::ingest::walk;
use crate::package::PackageId;

/// Root files of a folder that has no manifest to name them.
const LOOSE_FILES_MAX: usize = 1_000;

/// A dependency as a manifest writes it.
pub(super) struct Wanted {
    /// The name in code, unless the library has another one.
    pub alias: Option<String>,
    pub package: String,
    pub requirement: String,
}

/// A package and the normal dependencies that its manifest names.
pub(super) fn read(root: &Path, origin: Origin) -> Result<(SourcePackage, Vec<Wanted>), DiscoverError> {
    let path = root.join("Cargo.toml");
    let unreadable = |why: String| DiscoverError::Unreadable { path: path.display().to_string(), why };
    let text = fs::read_to_string(&path).map_err(|error| unreadable(error.to_string()))?;
    let manifest: Table = toml::from_str(&text).map_err(|error| unreadable(error.message().to_owned()))?;
    let package = manifest.get("package").and_then(Value::as_table);
    let package = package.ok_or_else(|| unreadable("it describes no package".to_owned()))?;
    let field = |key: &str| package.get(key).and_then(Value::as_str).map(str::to_owned);
    let name = field("name").unwrap_or_default();
    // A version inherited from the workspace is known to the lockfile, not here.
    let version = field("version").unwrap_or_else(|| "0.0.0".to_owned());
    let source = SourcePackage {
        id: PackageId::rust(name.as_str(), version)?,
        root: root.to_owned(),
        origin,
        wanted: true,
        direct: false,
        description: field("description"),
        repository: field("repository"),
        targets: targets(root, &manifest, &name),
        dependencies: BTreeMap::new(),
        edition_2015: package.get("edition").is_none_or(|edition| edition.as_str() == Some("2015")),
        features: None,
    };
    Ok((source, dependencies(&manifest)))
}

fn targets(root: &Path, manifest: &Table, name: &str) -> Vec<Target> {
    let library = manifest.get("lib").and_then(Value::as_table);
    let field = |key: &str| library.and_then(|library| library.get(key));
    let path = field("path").and_then(Value::as_str).unwrap_or("src/lib.rs");
    let procedural = field("proc-macro").or_else(|| field("proc_macro")).and_then(Value::as_bool);
    let library = Target {
        name: field("name").and_then(Value::as_str).unwrap_or(name).to_owned(),
        kinds: vec![if procedural == Some(true) { "proc-macro" } else { "lib" }.to_owned()],
        entry: root.join(path),
    };
    let program =
        Target { name: name.to_owned(), kinds: vec!["bin".to_owned()], entry: root.join("src/main.rs") };
    [library, program].into_iter().filter(|target| target.entry.is_file()).collect()
}

fn dependencies(manifest: &Table) -> Vec<Wanted> {
    let platforms = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    let tables = platforms.filter_map(Value::as_table).chain([manifest]);
    let lists = tables.filter_map(|table| table.get("dependencies").and_then(Value::as_table));
    lists
        .flatten()
        .map(|(key, value)| {
            let field = |name: &str| value.get(name).and_then(Value::as_str);
            let renamed = field("package");
            Wanted {
                alias: renamed.map(|_| key.replace('-', "_")),
                package: renamed.unwrap_or(key).to_owned(),
                requirement: value.as_str().or_else(|| field("version")).unwrap_or("*").to_owned(),
            }
        })
        .collect()
}

/// A folder without a manifest: named after itself, its crates found by the usual file names, or
/// else every source file by itself.
pub(super) fn plain_folder(root: &Path) -> Result<SourcePackage, DiscoverError> {
    let folder = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = usable_name(&folder);
    let usual = [("lib", "src/lib.rs"), ("lib", "lib.rs"), ("bin", "src/main.rs"), ("bin", "main.rs")];
    let target = |kind: &str, name: &str, relative: &str| Target {
        name: name.to_owned(),
        kinds: vec![kind.to_owned()],
        entry: root.join(relative),
    };
    let mut targets: Vec<Target> = usual
        .into_iter()
        .map(|(kind, relative)| target(kind, &name, relative))
        .filter(|target| target.entry.is_file())
        .collect();
    if targets.is_empty() {
        let files = walk::files(root, Origin::Own, |path| path.ends_with(".rs"), &mut BTreeMap::new());
        let sources = files.iter().filter_map(|file| file.relative.strip_suffix(".rs"));
        targets = sources
            .take(LOOSE_FILES_MAX)
            .map(|stem| {
                let name = stem.rsplit('/').next().unwrap_or(stem);
                target("bin", &usable_name(name), &format!("{stem}.rs"))
            })
            .collect();
    }
    Ok(SourcePackage {
        id: PackageId::rust(name, "0.0.0")?,
        root: root.to_owned(),
        origin: Origin::Own,
        wanted: true,
        direct: false,
        description: None,
        repository: None,
        targets,
        dependencies: BTreeMap::new(),
        edition_2015: false,
        features: None,
    })
}

/// A name that fits the grammar of package ids, as near to `name` as it allows.
fn usable_name(name: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' };
    let usable: String = name.chars().take(100).map(keep).collect();
    let usable = usable.trim_start_matches('-');
    if usable.is_empty() { "folder".to_owned() } else { usable.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_folders_name_becomes_a_usable_one() {
        for name in ["", "-", "..", "a b", "ä", "\u{202e}x", &"x".repeat(500)] {
            let usable = usable_name(name);
            assert!(PackageId::rust(usable.as_str(), "0.0.0").is_ok(), "{name:?} became {usable:?}");
        }
        assert_eq!(usable_name("my-notes"), "my-notes");
    }

    #[test]
    fn renamed_and_platform_dependencies_are_found() {
        let manifest = r#"
            [dependencies]
            a = "1"
            b-c = { package = "d", version = "2" }
            [target.'cfg(unix)'.dependencies.e]
            version = "3"
        "#;
        let list = dependencies(&toml::from_str(manifest).unwrap_or_default());
        let mut list: Vec<_> = list
            .iter()
            .map(|one| (one.alias.as_deref(), one.package.as_str(), one.requirement.as_str()))
            .collect();
        list.sort();
        assert_eq!(list, [(None, "a", "1"), (None, "e", "3"), (Some("b_c"), "d", "2")]);
    }
}
