//! What cargo itself says of a workspace, offline.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId as CargoId, TargetKind};

use super::{Cargo, Origin, SourcePackage, Target};
use crate::package::PackageId;

#[derive(Clone, Copy)]
pub(super) enum Platforms {
    All,
    Host,
}

/// The packages of the workspace at `root`; none where cargo is absent or cannot answer with what
/// is on this machine.
pub(super) fn packages(root: &Path, cargo: &Cargo, platforms: Platforms) -> Option<Vec<SourcePackage>> {
    let mut options = vec!["--offline".to_owned(), "--locked".to_owned()];
    if let Platforms::Host = platforms {
        options.extend(["--filter-platform".to_owned(), "host-tuple".to_owned()]);
    }
    let metadata = MetadataCommand::new()
        .cargo_path(&cargo.program)
        .manifest_path(root.join("Cargo.toml"))
        .current_dir(root)
        .env("CARGO_HOME", &cargo.home)
        .other_options(options)
        .exec()
        .ok()?;
    Some(convert(&metadata))
}

fn convert(metadata: &Metadata) -> Vec<SourcePackage> {
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
        // A name that cargo takes and the grammar of ids does not is left to the lockfile's list.
        let Ok(id) = PackageId::rust(package.name.as_str(), package.version.to_string()) else { continue };
        if let Some(place) = packages.iter().position(|one| one.id == id) {
            places.insert(&package.id, place);
            continue;
        }
        let origin = if own.contains(&package.id) { Origin::Own } else { Origin::Dependency };
        places.insert(&package.id, packages.len());
        packages.push(SourcePackage {
            id,
            root: package
                .manifest_path
                .parent()
                .map(|path| path.as_std_path().to_owned())
                .unwrap_or_default(),
            origin,
            wanted: true,
            direct: origin == Origin::Dependency && direct.contains(&package.id),
            description: package.description.clone(),
            repository: package.repository.clone(),
            targets: targets(package),
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

fn targets(package: &Package) -> Vec<Target> {
    let built = package.targets.iter().filter(|target| !target.is_kind(TargetKind::CustomBuild));
    built
        .map(|target| Target {
            name: target.name.clone(),
            kinds: target.kind.iter().map(ToString::to_string).collect(),
            entry: target.src_path.as_std_path().to_owned(),
        })
        .collect()
}
