//! A package from its manifest alone, where cargo is not asked.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::semver::Version;
use toml::{Table, Value};

use super::registry::fits;
use super::{DiscoverError, Origin, SourcePackage, targets};
use crate::ingest::walk::FILE_BYTES_MAX;
use crate::package::PackageId;

/// Folders above a package among which its workspace is looked for.
const FOLDERS_ABOVE_MAX: usize = 32;

/// A dependency as a manifest writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The name in code, unless the library has another one.
    pub alias: Option<String>,
    pub package: String,
    pub requirement: String,
    pub need: Need,
    /// The platform that it is limited to, as written.
    pub platform: Option<String>,
    /// Where it lies, if it is a folder.
    pub path: Option<PathBuf>,
    /// Where it is released, if the manifest says that: `git+URL?rev=…`, or the name of a registry.
    pub git: Option<String>,
    pub registry: Option<String>,
    pub optional: bool,
}

/// What a dependency is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Normal,
    Development,
    Build,
}

/// Where the workspace may lie that a package inherits fields from.
#[derive(Clone, Copy)]
pub(in crate::ingest) enum Above<'a> {
    /// A released package inherits nothing, and nothing outside of it is read.
    Nowhere,
    Within(&'a Path),
    Anywhere,
}

/// A workspace's folder and its table.
struct Workspace {
    folder: PathBuf,
    table: Table,
}

/// The manifest in a folder.
pub(super) fn parse(folder: &Path) -> Result<Table, DiscoverError> {
    let path = folder.join("Cargo.toml");
    let unreadable = |why: String| DiscoverError::Unreadable { path: path.display().to_string(), why };
    match fs::metadata(&path) {
        Ok(metadata) if metadata.len() > FILE_BYTES_MAX => {
            return Err(unreadable("it is too large".to_owned()));
        }
        _ => {}
    }
    let text = fs::read_to_string(&path).map_err(|error| unreadable(error.to_string()))?;
    // The line, too: whoever broke it wants to know where.
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| text.get(..span.start).unwrap_or_default().lines().count().max(1));
        let line = line.map_or(String::new(), |line| format!("line {line}: "));
        unreadable(format!("{line}{}", error.message()))
    })
}

/// The table that describes a manifest's package.
pub(super) fn package_table(manifest: &Table) -> Option<&Table> {
    manifest.get("package").or_else(|| manifest.get("project")).and_then(Value::as_table)
}

/// Kinds of crates that no other builds on.
const NO_LIBRARIES: [&str; 4] = ["bin", "example", "test", "bench"];

/// What a manifest tells who wants to use the package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub name: String,
    /// The name of its library in code.
    pub crate_name: String,
    /// Whether there is one that others can build on.
    pub has_library: bool,
    /// None where it is the workspace's to say, and that is not read.
    pub version: Option<String>,
    pub rust_version: Option<String>,
    /// Each feature with what it turns on, as written.
    pub features: BTreeMap<String, Vec<String>>,
    pub dependencies: Vec<Named>,
}

/// A dependency by its names, as a manifest has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    pub package: String,
    /// The name in code, where the manifest gives it another than its own.
    pub alias: Option<String>,
    /// The versions that are asked for, as written.
    pub requirement: String,
    pub built: Built,
}

/// When a dependency is built with its package.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Built {
    #[default]
    Always,
    /// Where a feature turns it on.
    Optionally,
    /// On some platforms, or for tests and build scripts.
    Sometimes,
}

impl Named {
    /// Whether a version is one that is asked for. What is no version by itself may be.
    pub fn admits(&self, version: &str) -> bool {
        Version::parse(version).map_or(true, |version| fits(&self.requirement, &version))
    }
}

/// What the manifest in a folder tells; none where it describes no package.
pub(in crate::ingest) fn told(root: &Path, above: Above<'_>) -> Option<Told> {
    let manifest = parse(root).ok()?;
    let package = package_table(&manifest)?;
    let workspace = workspace_of(root, package, above);
    let text = |key: &str| match package.get(key)? {
        Value::Table(_) => workspace.as_ref()?.table.get("package")?.get(key)?.as_str().map(str::to_owned),
        value => value.as_str().map(str::to_owned),
    };
    let name = text("name")?;
    let library = manifest.get("lib").and_then(|library| library.get("name")).and_then(Value::as_str);
    let features = manifest.get("features").and_then(Value::as_table).into_iter().flatten();
    let list = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let dependencies = dependencies(root, &manifest, workspace.as_ref());
    let is_library =
        |target: &super::Target| !target.kinds.iter().any(|kind| NO_LIBRARIES.contains(&kind.as_str()));
    Some(Told {
        has_library: targets::of(root, &manifest, &name).iter().any(is_library),
        crate_name: library.unwrap_or(&name).replace('-', "_"),
        version: text("version"),
        rust_version: text("rust-version"),
        features: features.map(|(name, value)| (name.clone(), list(value))).collect(),
        dependencies: dependencies.into_iter().map(named).collect(),
        name,
    })
}

fn named(wanted: Wanted) -> Named {
    let built = match (wanted.need, wanted.optional, &wanted.platform) {
        (Need::Normal, true, _) => Built::Optionally,
        (Need::Normal, false, None) => Built::Always,
        _ => Built::Sometimes,
    };
    let Wanted { package, alias, requirement, .. } = wanted;
    Named { package, alias, requirement, built }
}

/// A package and the dependencies that its manifest names.
pub(super) fn read(
    root: &Path,
    origin: Origin,
    above: Above<'_>,
) -> Result<(SourcePackage, Vec<Wanted>), DiscoverError> {
    let manifest = parse(root)?;
    let Some(package) = package_table(&manifest) else {
        let (path, why) =
            (root.join("Cargo.toml").display().to_string(), "it describes no package".to_owned());
        return Err(DiscoverError::Unreadable { path, why });
    };
    let workspace = workspace_of(root, package, above);
    let inherited = |key: &str| workspace.as_ref()?.table.get("package")?.get(key);
    let field = |key: &str| match package.get(key)? {
        Value::Table(table) if table.contains_key("workspace") => inherited(key),
        value => Some(value),
    };
    let text = |key: &str| field(key).and_then(Value::as_str).map(str::to_owned);
    let name = text("name").unwrap_or_default();
    // A version inherited from a workspace that is not here is known to the lockfile.
    let version = text("version").unwrap_or_else(|| "0.0.0".to_owned());
    let source = SourcePackage {
        id: PackageId::rust(name.as_str(), version)?,
        root: root.to_owned(),
        origin,
        wanted: true,
        direct: false,
        here: true,
        description: text("description"),
        repository: text("repository"),
        targets: targets::of(root, &manifest, &name),
        dependencies: BTreeMap::new(),
        edition_2015: text("edition").is_none_or(|edition| edition == "2015"),
        features: None,
    };
    Ok((source, dependencies(root, &manifest, workspace.as_ref())))
}

/// The workspace that a package inherits from: the one that it names, itself, or the nearest above.
fn workspace_of(root: &Path, package: &Table, above: Above<'_>) -> Option<Workspace> {
    let named = package.get("workspace").and_then(Value::as_str).map(|folder| root.join(folder));
    let above_it = root.ancestors().take(FOLDERS_ABOVE_MAX).map(Path::to_owned);
    let allowed = |folder: &PathBuf| match above {
        Above::Nowhere => folder.as_path() == root,
        Above::Within(limit) => folder.starts_with(limit),
        Above::Anywhere => true,
    };
    named.into_iter().chain(above_it).filter(allowed).find_map(|folder| {
        let mut manifest = parse(&folder).ok()?;
        match manifest.remove("workspace")? {
            Value::Table(table) => Some(Workspace { folder, table }),
            _ => None,
        }
    })
}

fn dependencies(root: &Path, manifest: &Table, workspace: Option<&Workspace>) -> Vec<Wanted> {
    const TABLES: [(&str, Need); 5] = [
        ("dependencies", Need::Normal),
        ("dev-dependencies", Need::Development),
        ("dev_dependencies", Need::Development),
        ("build-dependencies", Need::Build),
        ("build_dependencies", Need::Build),
    ];
    let platforms = manifest.get("target").and_then(Value::as_table).into_iter().flatten();
    let limited =
        platforms.filter_map(|(platform, table)| Some((Some(platform.as_str()), table.as_table()?)));
    let mut list = Vec::new();
    for (platform, tables) in [(None, manifest)].into_iter().chain(limited) {
        for (table, need) in TABLES {
            let entries = tables.get(table).and_then(Value::as_table).into_iter().flatten();
            list.extend(entries.map(|(key, value)| dependency(root, key, value, need, platform, workspace)));
        }
    }
    list
}

/// What an entry asks for that inherits nothing, as those of `[patch]` do.
pub(super) fn entry(folder: &Path, key: &str, value: &Value) -> Wanted {
    dependency(folder, key, value, Need::Normal, None, None)
}

fn dependency(
    root: &Path,
    key: &str,
    value: &Value,
    need: Need,
    platform: Option<&str>,
    workspace: Option<&Workspace>,
) -> Wanted {
    let inherits = value.get("workspace").and_then(Value::as_bool) == Some(true);
    let shared =
        workspace.filter(|_| inherits).and_then(|one| one.table.get("dependencies")?.get(key)).zip(workspace);
    let (folder, described) = shared.map_or((root, value), |(value, one)| (one.folder.as_path(), value));
    let field = |name: &str| described.get(name).and_then(Value::as_str);
    let renamed = field("package");
    Wanted {
        alias: renamed.map(|_| key.replace('-', "_")),
        package: renamed.unwrap_or(key).to_owned(),
        requirement: described.as_str().or_else(|| field("version")).unwrap_or("*").to_owned(),
        need,
        platform: platform.map(str::to_owned),
        path: field("path").map(|path| folder.join(path)),
        git: field("git").map(|url| {
            let kinds = ["rev", "branch", "tag"].into_iter();
            let query = kinds.filter_map(|kind| Some(format!("?{kind}={}", field(kind)?))).next();
            format!("git+{url}{}", query.unwrap_or_default())
        }),
        registry: field("registry").or_else(|| field("registry-index")).map(str::to_owned),
        optional: value.get("optional").and_then(Value::as_bool).unwrap_or(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renamed_and_platform_dependencies_are_found() {
        let manifest = r#"
            [dependencies]
            a = "1"
            b-c = { package = "d", version = "2" }
            [target.'cfg(unix)'.dependencies.e]
            version = "3"
            [dev-dependencies]
            f = { git = "https://example.org/f", rev = "abc" }
        "#;
        let list = dependencies(Path::new("/p"), &toml::from_str(manifest).unwrap_or_default(), None);
        let mut told: Vec<_> = list
            .iter()
            .map(|one| (one.package.as_str(), one.alias.as_deref(), one.requirement.as_str(), one.need))
            .collect();
        told.sort_by_key(|one| one.0);
        assert_eq!(
            told,
            [
                ("a", None, "1", Need::Normal),
                ("d", Some("b_c"), "2", Need::Normal),
                ("e", None, "3", Need::Normal),
                ("f", None, "*", Need::Development),
            ]
        );
        let platforms: Vec<_> = list.iter().filter_map(|one| one.platform.as_deref()).collect();
        assert_eq!(platforms, ["cfg(unix)"]);
        let git: Vec<_> = list.iter().filter_map(|one| one.git.as_deref()).collect();
        assert_eq!(git, ["git+https://example.org/f?rev=abc"]);
    }

    #[test]
    fn what_a_workspace_says_once_its_packages_inherit() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(
            "Cargo.toml",
            "[workspace]\nmembers = [\"a\"]\n[workspace.package]\nversion = \"1.2.3\"\nedition = \"2021\"\n\
             [workspace.dependencies]\nquick = { package = \"fast\", version = \"2\", path = \"fast\" }\n",
        );
        write(
            "a/Cargo.toml",
            "[package]\nname = \"a\"\nversion.workspace = true\nedition.workspace = true\n\
             [dependencies]\nquick = { workspace = true, optional = true }\n",
        );
        let (package, wanted) = read(&folder.path().join("a"), Origin::Own, Above::Anywhere).unwrap();
        assert_eq!((package.id.to_string().as_str(), package.edition_2015), ("a@1.2.3", false));
        assert_eq!((wanted[0].package.as_str(), wanted[0].alias.as_deref()), ("fast", Some("quick")));
        assert_eq!(wanted[0].path.as_deref(), Some(folder.path().join("fast").as_path()));
        assert!(wanted[0].optional);
        // A released package is read by itself.
        let (package, _) = read(&folder.path().join("a"), Origin::Dependency, Above::Nowhere).unwrap();
        assert_eq!(package.id.version(), "0.0.0");
    }
}
