//! What a lockfile names and cargo did not tell of: looked for where its source puts it, or listed as
//! missing with what would bring it.

use std::collections::{HashMap, HashSet};

use super::finder::Finder;
use super::lockfile::Lockfile;
use super::manifest::{self, Above, Need, Wanted};
use super::members::Members;
use super::platform::{self, Edge};
use super::registry::fits;
use super::{Missing, Origin, SourcePackage, SourceSet};
use crate::package::PackageId;

/// Adds to the set what the lockfile names and the set lacks. `tells_platforms` says whether what is in the
/// set already is marked as built here or not.
pub(super) fn complete(set: &mut SourceSet, lock: &Lockfile, tells_platforms: bool, finder: &mut Finder<'_>) {
    let known = places(set);
    let key = |at: usize| lock.packages.get(at).map(|one| (one.name.clone(), one.version.clone()));
    let lacking: Vec<usize> =
        (0..lock.packages.len()).filter(|&at| key(at).is_some_and(|key| !known.contains_key(&key))).collect();
    let silent = set.packages.is_empty();
    let mut members = Members::default();
    if silent || lacking.iter().any(|&at| lock.packages.get(at).is_some_and(|one| one.own)) {
        match Members::read(&set.root, &finder.patches) {
            Ok(read) => members = read,
            // A lockfile that lies alone has no manifest beside it.
            Err(_) if !set.root.join("Cargo.toml").exists() => {}
            Err(error) => set.broken.push(super::Broken::of(&set.root, &set.root, &error.to_string())),
        }
    }
    let mut added: HashSet<usize> = HashSet::new();
    let mut manifests: HashMap<usize, Vec<Wanted>> = HashMap::new();
    for &index in &lacking {
        let Some(one) = lock.packages.get(index) else { continue };
        let read = match PackageId::rust(one.name.as_str(), one.version.as_str()) {
            Err(_) => Err("its name or version is not usable".to_owned()),
            Ok(id) => {
                let read = match one.own {
                    true => members.take(&one.name, &one.version),
                    false => match finder.patched(lock, one) {
                        Some(why) => Err(why),
                        None => finder.locked(one),
                    },
                };
                read.map(|(package, wanted)| (SourcePackage { id, direct: one.direct, ..package }, wanted))
            }
        };
        match read {
            Ok((package, wanted)) => {
                manifests.insert(index, wanted);
                set.packages.push(package);
                added.insert(index);
            }
            Err(_) if one.own && members.is_broken(&one.name) => {}
            Err(reason) => set.missing.push(Missing {
                name: one.name.clone(),
                version: one.version.clone(),
                reason,
                here: true,
            }),
        }
    }
    set.broken.append(&mut members.broken);
    // What was added to the workspace since the lockfile was written.
    if silent {
        set.packages.extend(members.packages.into_iter().map(|(package, _)| package));
    }
    let untold: HashSet<usize> =
        if tells_platforms { lacking.iter().copied().collect() } else { (0..lock.packages.len()).collect() };
    let edges = connect(set, lock, &added, &untold, manifests);
    platform::mark(set, lock, &edges, &untold);
}

/// Gives the packages that were added the dependencies that the lockfile names, and says on which platforms
/// what is `untold` is depended on.
fn connect(
    set: &mut SourceSet,
    lock: &Lockfile,
    added: &HashSet<usize>,
    untold: &HashSet<usize>,
    mut manifests: HashMap<usize, Vec<Wanted>>,
) -> Vec<Edge> {
    let places = places(set);
    let place = |index: usize| {
        let one = lock.packages.get(index)?;
        places.get(&(one.name.clone(), one.version.clone())).copied()
    };
    let mut edges = Vec::new();
    for (index, one) in lock.packages.iter().enumerate() {
        let is_added = added.contains(&index);
        if !is_added && !one.dependencies.iter().any(|other| untold.contains(other)) {
            continue;
        }
        let root = place(index).and_then(|at| Some(set.packages.get(at)?.root.clone()));
        let manifest = manifests.remove(&index).or_else(|| {
            let above = if one.own { Above::Anywhere } else { Above::Nowhere };
            Some(manifest::read(&root?, Origin::Dependency, above).ok()?.1)
        });
        // A lockfile has nothing that only the tests of somebody else's package need.
        let manifest = manifest.map(|mut list| {
            list.retain(|wanted| one.own || wanted.need != Need::Development);
            list
        });
        let mut names: Vec<(String, usize)> = Vec::new();
        for &other in &one.dependencies {
            let entries = lock.packages.get(other).map(|other| {
                let mut entries = meant(manifest.as_deref(), &other.name, &other.released);
                // Who names a folder means no released package, whatever an older lockfile says.
                entries.retain(|wanted| other.own || !one.own || wanted.path.is_none());
                entries
            });
            let entries = entries.unwrap_or_default();
            edges.push(Edge { from: index, to: other, platforms: platforms(&entries) });
            let Some((at, package)) = place(other).and_then(|at| Some((at, set.packages.get(at)?))) else {
                continue;
            };
            let library = package.library().map(|target| target.crate_name());
            if manifest.is_none() {
                names.extend(library.clone().map(|name| (name, at)));
            }
            let normal = entries.iter().filter(|wanted| wanted.need == Need::Normal);
            names.extend(
                normal.filter_map(|wanted| Some((wanted.alias.clone().or_else(|| library.clone())?, at))),
            );
        }
        if is_added && let Some(package) = place(index).and_then(|at| set.packages.get_mut(at)) {
            package.dependencies.extend(names);
        }
    }
    edges
}

/// The entries of a manifest that mean a locked package: of its name, and asking for its version where any
/// of them does.
fn meant<'a>(manifest: Option<&'a [Wanted]>, name: &str, version: &str) -> Vec<&'a Wanted> {
    let named: Vec<&Wanted> =
        manifest.unwrap_or_default().iter().filter(|wanted| wanted.package == name).collect();
    let version = cargo_metadata::semver::Version::parse(version).ok();
    let asks = |wanted: &&&Wanted| version.as_ref().is_some_and(|version| fits(&wanted.requirement, version));
    let asking: Vec<&Wanted> = named.iter().filter(asks).copied().collect();
    if asking.is_empty() { named } else { asking }
}

/// The platforms that a dependency is limited to; none where it is limited to none. An entry that is not
/// optional says why the dependency is locked, and one that is may be off. One for no platform at all only ties
/// versions together.
fn platforms(entries: &[&Wanted]) -> Vec<String> {
    let holds = |wanted: &&&Wanted| !wanted.optional && wanted.platform.as_deref() != Some("cfg(any())");
    let needed: Vec<&Wanted> = entries.iter().filter(holds).copied().collect();
    let telling = if needed.is_empty() { entries } else { &needed };
    let limits: Option<Vec<String>> = telling.iter().map(|wanted| wanted.platform.clone()).collect();
    limits.unwrap_or_default()
}

fn places(set: &SourceSet) -> HashMap<(String, String), usize> {
    let key = |one: &SourcePackage| (one.id.name().to_owned(), one.id.version().to_owned());
    set.packages.iter().enumerate().map(|(at, one)| (key(one), at)).collect()
}
