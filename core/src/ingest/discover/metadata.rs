//! What cargo itself says of a workspace, offline.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId as CargoId, TargetKind};

use serde::Deserialize;

use super::ask::Asker;
use super::lockfile::{self, Lockfile};
use super::mirror::Mirror;
use super::released::qualified;
use super::settings::Settings;
use super::{Cargo, Origin, SourcePackage, Target};
use crate::package::PackageId;

/// A workspace as cargo resolved it.
pub(super) struct Answer {
    pub packages: Vec<SourcePackage>,
    /// Whether each says if it is built on this machine.
    pub tells_platforms: bool,
    /// The lockfile that it resolved by, where that is not the workspace's own.
    pub lockfile: Option<Lockfile>,
}

/// Asks cargo for the packages of the workspace at `root`: with its lockfile as it is, else with one that is
/// made in a copy, from what is on this machine. The error says why there is no answer.
pub(super) fn packages(root: &Path, settings: &Settings, cargo: &Cargo) -> Result<Answer, String> {
    let manifest = root.join("Cargo.toml");
    if !manifest.is_file() {
        return Err(format!("there is no Cargo.toml in {}", root.display()));
    }
    let asker = Asker::new(cargo, root);
    let mut why = "there is no Cargo.lock".to_owned();
    if root.join("Cargo.lock").is_file() {
        match resolved(&asker, settings, &manifest, true, &Path::to_owned) {
            Ok(answer) => return Ok(answer),
            Err(because) => why = because,
        }
    }
    let workspace = workspace_of(&asker, &manifest).map_err(|because| format!("{why}; {because}"))?;
    let mirror = Mirror::of(&workspace).map_err(|error| format!("{why}; a copy cannot be made: {error}"))?;
    let manifest = mirror.root.join("Cargo.toml");
    let answer = resolved(&asker, settings, &manifest, false, &|path| mirror.real(path));
    let mut answer = answer.map_err(|because| mirror.real_words(&because))?;
    answer.lockfile = lockfile::read(&mirror.root.join("Cargo.lock")).ok();
    Ok(answer)
}

/// The features that a workspace turns on of each package that it locks, asked of cargo in one run; none where it
/// does not answer at once.
pub(super) fn features(root: &Path, cargo: &Cargo) -> Option<BTreeMap<PackageId, BTreeSet<String>>> {
    /// What of cargo's answer tells features; most of it does not.
    #[derive(Deserialize)]
    struct Told {
        packages: Vec<Named>,
        resolve: Option<Resolve>,
    }
    #[derive(Deserialize)]
    struct Named {
        id: String,
        name: String,
        version: String,
        source: Option<String>,
    }
    #[derive(Deserialize)]
    struct Resolve {
        nodes: Vec<Node>,
    }
    #[derive(Deserialize)]
    struct Node {
        id: String,
        features: BTreeSet<String>,
    }
    let manifest = root.join("Cargo.toml");
    if !manifest.is_file() || !root.join("Cargo.lock").is_file() {
        return None;
    }
    let manifest = manifest.display().to_string();
    let arguments =
        ["metadata", "--format-version", "1", "--offline", "--locked", "--manifest-path", &manifest];
    let told = Asker::of_the_folders_toolchain(cargo, root).json(&arguments).ok()?;
    let told: Told = serde_json::from_str(&told).ok()?;
    let ids: HashMap<String, PackageId> = told
        .packages
        .into_iter()
        .filter_map(|one| {
            let version = qualified(&one.version, one.source.as_deref());
            Some((one.id, PackageId::rust(one.name, version).ok()?))
        })
        .collect();
    let nodes = told.resolve?.nodes.into_iter();
    Some(nodes.filter_map(|node| Some((ids.get(&node.id)?.clone(), node.features))).collect())
}

/// The folder whose lockfile a manifest is resolved by.
fn workspace_of(asker: &Asker<'_>, manifest: &Path) -> Result<PathBuf, String> {
    #[derive(Deserialize)]
    struct Project {
        root: PathBuf,
    }
    let manifest = manifest.display().to_string();
    let told = asker.json(&["locate-project", "--workspace", "--offline", "--manifest-path", &manifest])?;
    let project: Project = serde_json::from_str(&told).map_err(|error| error.to_string())?;
    let folder = project.root.parent().unwrap_or(&project.root);
    folder.canonicalize().map_err(|error| error.to_string())
}

/// What is resolved for every platform, and what of it for this machine; the latter alone where the sources
/// for other platforms were never downloaded.
fn resolved(
    asker: &Asker<'_>,
    settings: &Settings,
    manifest: &Path,
    locked: bool,
    real: &(dyn Fn(&Path) -> PathBuf + Sync),
) -> Result<Answer, String> {
    let built_for: Vec<&str> = asker
        .host
        .iter()
        .chain(settings.targets.iter().filter(|one| !one.ends_with(".json")))
        .map(String::as_str)
        .collect();
    let ask = |platforms: &[&str]| {
        let manifest = manifest.display().to_string();
        let mut arguments =
            vec!["metadata", "--format-version", "1", "--offline", "--manifest-path", &manifest];
        if locked {
            arguments.push("--locked");
        }
        arguments.extend(platforms.iter().flat_map(|platform| ["--filter-platform", platform]));
        let json = asker.json(&arguments)?;
        MetadataCommand::parse(json).map_err(|error| error.to_string())
    };
    let for_host =
        || if built_for.is_empty() { Err("its platform is unknown".to_owned()) } else { ask(&built_for) };
    // A lockfile that is made is made once: what asks second finds it.
    let (all, here) = match locked {
        true => std::thread::scope(|scope| {
            let here = scope.spawn(for_host);
            let all = ask(&[]);
            (all, here.join().unwrap_or_else(|_| Err("it was not asked".to_owned())))
        }),
        false => (ask(&[]), for_host()),
    };
    let tells_platforms = here.is_ok();
    let mut packages = match (&all, &here) {
        (Ok(all), _) => convert(all, real),
        (Err(_), Ok(here)) => convert(here, real),
        (Err(_), Err(why)) => return Err(why.clone()),
    };
    if let Ok(here) = &here {
        let built: HashSet<PackageId> = here.packages.iter().filter_map(id_of).collect();
        for package in &mut packages {
            package.here = package.origin == Origin::Own || built.contains(&package.id);
        }
    }
    Ok(Answer { packages, tells_platforms, lockfile: None })
}

/// A package's name here; none where cargo takes it and the grammar of ids does not.
fn id_of(package: &Package) -> Option<PackageId> {
    let source = package.source.as_ref().map(|source| source.repr.as_str());
    let version = qualified(&package.version.to_string(), source);
    PackageId::rust(package.name.as_str(), version).ok()
}

fn convert(metadata: &Metadata, real: &dyn Fn(&Path) -> PathBuf) -> Vec<SourcePackage> {
    let nodes = metadata.resolve.as_ref().map_or(&[][..], |resolve| &resolve.nodes);
    let own: HashSet<&CargoId> = metadata
        .packages
        .iter()
        .filter(|package| package.source.is_none())
        .map(|package| &package.id)
        .collect();
    let mut direct: HashSet<&CargoId> = HashSet::new();
    for node in nodes.iter().filter(|node| own.contains(&node.id)) {
        direct.extend(node.deps.iter().map(|dependency| &dependency.pkg));
    }
    let mut places: HashMap<&CargoId, usize> = HashMap::new();
    let mut packages: Vec<SourcePackage> = Vec::new();
    for package in &metadata.packages {
        // What has no name here is left to the lockfile's list.
        let Some(id) = id_of(package) else { continue };
        if let Some(place) = packages.iter().position(|one| one.id == id) {
            places.insert(&package.id, place);
            continue;
        }
        let origin = if own.contains(&package.id) { Origin::Own } else { Origin::Dependency };
        places.insert(&package.id, packages.len());
        packages.push(SourcePackage {
            id,
            root: package.manifest_path.parent().map(|path| real(path.as_std_path())).unwrap_or_default(),
            origin,
            wanted: true,
            direct: origin == Origin::Dependency && direct.contains(&package.id),
            here: true,
            description: package.description.clone(),
            repository: package.repository.clone(),
            targets: targets(package, real),
            dependencies: BTreeMap::new(),
            edition_2015: package.edition == cargo_metadata::Edition::E2015,
            features: None,
        });
    }
    for node in nodes {
        let normal = node
            .deps
            .iter()
            .filter(|one| one.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal));
        let known: BTreeMap<String, usize> =
            normal.filter_map(|one| Some((one.name.clone(), *places.get(&one.pkg)?))).collect();
        if let Some(package) = places.get(&node.id).and_then(|&at| packages.get_mut(at)) {
            package.dependencies.extend(known);
            package.features = Some(node.features.iter().map(ToString::to_string).collect());
        }
    }
    packages
}

fn targets(package: &Package, real: &dyn Fn(&Path) -> PathBuf) -> Vec<Target> {
    let built = package.targets.iter().filter(|target| !target.is_kind(TargetKind::CustomBuild));
    built
        .map(|target| Target {
            name: target.name.clone(),
            kinds: target.kind.iter().map(ToString::to_string).collect(),
            entry: real(target.src_path.as_std_path()),
        })
        .collect()
}
