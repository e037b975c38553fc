//! Packages and what they depend on where no lockfile says which versions: those in folders, and of the
//! released ones the newest on this machine that fit.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::finder::{Finder, Read};
use super::manifest::{Need, Wanted};
use super::members::Members;
use super::patches::{Patch, Patches};
use super::platform::holds_here;
use super::registry::fits;
use super::released::{CRATES_IO, qualified};
use super::settings::Place;
use super::{Broken, Cargo, DiscoverError, Missing, Origin, SourcePackage, SourceSet};
use crate::package::{PackageId, is_version};

/// Packages that are looked through for those that were asked for.
const PACKAGES_MAX: usize = 2_000;

/// A workspace that has no lockfile, and of which cargo makes none.
pub(super) fn workspace(set: &mut SourceSet, finder: &mut Finder<'_>) {
    if let Some(root) = above(&set.root) {
        set.root = root;
    }
    finder.patches = Patches::of(&finder.settings, &set.root);
    let Members { packages, broken } = match Members::read(&set.root, &finder.patches) {
        Ok(members) => members,
        Err(error) => return set.broken.push(Broken::of(&set.root, &set.root, &error.to_string())),
    };
    set.broken.extend(broken);
    let mut open = Vec::new();
    for (package, wanted) in packages {
        open.push((set.packages.len(), wanted));
        set.packages.push(package);
    }
    close(set, open, finder);
}

/// The workspace above a package that has it as a member.
fn above(root: &Path) -> Option<PathBuf> {
    if super::is_workspace(root) {
        return None;
    }
    let workspace = root.ancestors().skip(1).find(|folder| super::is_workspace(folder))?;
    let members = Members::read(workspace, &Patches::default()).ok()?.packages;
    members.iter().any(|(package, _)| package.root == root).then(|| workspace.to_owned())
}

/// One package of cargo's registry folder, with those of its dependencies that are there too.
pub(super) fn package(name: &str, version: Option<&str>, cargo: &Cargo) -> Result<SourceSet, DiscoverError> {
    PackageId::rust(name, version.unwrap_or("0.0.0"))?;
    let mut finder = Finder::new(&cargo.home, cargo);
    // A mirror's packages are crates.io's, released again.
    let mirror = match finder.settings.place(CRATES_IO) {
        Place::Registry(index) => {
            url::Url::parse(&index).ok().and_then(|url| url.host_str().map(str::to_owned))
        }
        _ => None,
    };
    let found = finder.registry().named(name).filter_map(|one| {
        let of_crates_io = one.is_of_crates_io() || mirror.as_deref() == Some(one.host());
        let source = (!of_crates_io).then(|| format!("registry+https://{}", one.host()));
        let qualified = qualified(&one.version.to_string(), source.as_deref());
        let is = |of: &dyn Fn(&str, &str) -> bool| {
            let released = one.version.to_string();
            version.is_none_or(|version| of(version, &qualified) || of_crates_io && of(version, &released))
        };
        let (asked, very) = (is(&is_version), is(&|typed, version| typed == version));
        // The very version comes first, what crates.io released before its namesakes, and releases before what leads
        // to them.
        asked.then(|| {
            let order = (very, of_crates_io, one.version.pre.is_empty(), one.version.clone());
            (order, qualified, one.path.clone())
        })
    });
    let absent = || {
        let shown = version.map_or(name.to_owned(), |version| format!("{name}@{version}"));
        DiscoverError::NotInRegistry(shown, cargo.home.join("registry").join("src").display().to_string())
    };
    let (_, qualified, root) = found.max_by(|a, b| a.0.cmp(&b.0)).ok_or_else(absent)?;
    let (mut first, wanted) =
        super::manifest::read(&root, Origin::Dependency, super::manifest::Above::Nowhere)?;
    first.id = PackageId::rust(first.id.name(), qualified)?;
    first.direct = true;
    let mut set = SourceSet { packages: vec![first], root, ..SourceSet::default() };
    close(&mut set, vec![(0, wanted)], &mut finder);
    for package in set.packages.iter_mut().skip(1) {
        package.wanted = false;
    }
    super::sort(&mut set);
    Ok(set)
}

/// Adds what packages depend on, and what that depends on. What is optional is there to be seen through; it is
/// not asked for.
fn close(set: &mut SourceSet, mut open: Vec<(usize, Vec<Wanted>)>, finder: &mut Finder<'_>) {
    let mut places: HashMap<PathBuf, usize> =
        set.packages.iter().enumerate().map(|(at, package)| (package.root.clone(), at)).collect();
    let mut manifests: HashMap<usize, Vec<Wanted>> = HashMap::new();
    let mut absent: BTreeMap<String, Missing> = BTreeMap::new();
    while let Some((at, wanted)) = open.pop() {
        let Some(parent) = set.packages.get(at) else { continue };
        let (own, parent_asked, parent_here) = (parent.origin == Origin::Own, parent.wanted, parent.here);
        let in_folders = own || finder.is_in_checkout(&parent.root);
        for one in wanted.iter().filter(|one| own || one.need == Need::Normal) {
            let here = parent_here && one.platform.as_deref().is_none_or(holds_here);
            let asked = parent_asked && (own || !one.optional);
            let place = match target(one, in_folders, set, &places, finder) {
                Target::Known(place) => place,
                Target::New(package, next) if set.packages.len() < PACKAGES_MAX => {
                    let place = set.packages.len();
                    places.insert(package.root.clone(), place);
                    set.packages.push(SourcePackage { wanted: asked, here, ..*package });
                    open.push((place, next));
                    place
                }
                Target::New(..) => continue,
                Target::Absent(why) => {
                    if asked && let Some(reason) = why {
                        let (name, version) = (one.package.clone(), one.requirement.clone());
                        absent.entry(name.clone()).or_insert(Missing { name, version, reason, here });
                    }
                    continue;
                }
            };
            let Some(found) = set.packages.get_mut(place) else { continue };
            found.direct |= own && found.origin == Origin::Dependency;
            // Reached by a better way than before: so is all that it depends on.
            if here && !found.here || asked && !found.wanted {
                (found.here, found.wanted) = (found.here || here, found.wanted || asked);
                open.extend(manifests.remove(&place).map(|again| (place, again)));
            }
            let library = found.library().map(|target| target.crate_name());
            if one.need == Need::Normal
                && let Some(name) = one.alias.clone().or(library)
                && let Some(package) = set.packages.get_mut(at)
            {
                package.dependencies.insert(name, place);
            }
        }
        manifests.insert(at, wanted);
    }
    set.missing.extend(absent.into_values());
}

/// What a dependency leads to.
enum Target {
    Known(usize),
    New(Box<SourcePackage>, Vec<Wanted>),
    /// Why it is not here, where nothing else tells that.
    Absent(Option<String>),
}

/// Finds what a dependency means; of a package whose folders are here too (`in_folders`) a path means the folder
/// alone.
fn target(
    wanted: &Wanted,
    in_folders: bool,
    set: &SourceSet,
    places: &HashMap<PathBuf, usize>,
    finder: &mut Finder<'_>,
) -> Target {
    let folder = wanted.path.as_ref().and_then(|path| path.canonicalize().ok());
    if let Some(&place) = folder.as_ref().and_then(|folder| places.get(folder)) {
        return Target::Known(place);
    }
    match (folder, &wanted.path) {
        (Some(folder), _) => return read(finder.in_checkout(&folder), set).unwrap_or(Target::Absent(None)),
        (None, Some(_)) if in_folders => return Target::Absent(None),
        // The folders of a released package are not released with it, but by a version of their own.
        (None, Some(_)) if wanted.requirement == "*" => return Target::Absent(None),
        (None, _) => {}
    }
    let newest = finder.newest(wanted);
    let version = newest.as_ref().map(|(package, _)| package.id.version());
    for patch in finder.patches.for_wanted(wanted, &finder.settings, version) {
        if let Some(target) = standing_in(&patch, wanted, set, places, finder) {
            return target;
        }
    }
    let absent = || Target::Absent(Some("nothing on this machine fits: `cargo fetch` brings it".to_owned()));
    read(newest, set).unwrap_or_else(absent)
}

/// What stands in for what is wanted; none where its version does not fit.
fn standing_in(
    patch: &Patch,
    wanted: &Wanted,
    set: &SourceSet,
    places: &HashMap<PathBuf, usize>,
    finder: &mut Finder<'_>,
) -> Option<Target> {
    let absent = || Some(Target::Absent(Some(patch.absent())));
    let Some(version) = patch.version(finder) else { return absent() };
    if !fits(&wanted.requirement, &version) {
        return None;
    }
    match &patch.by.path {
        Some(folder) => {
            let place = folder.canonicalize().ok().and_then(|folder| places.get(&folder).copied());
            place.map(Target::Known).or_else(absent)
        }
        None => read(finder.newest(&patch.by), set).or_else(absent),
    }
}

/// A package that was read, where the set does not have it yet.
fn read(read: Option<Read>, set: &SourceSet) -> Option<Target> {
    let (package, next) = read?;
    Some(match set.packages.iter().position(|one| one.id == package.id) {
        Some(place) => Target::Known(place),
        None => Target::New(Box::new(package), next),
    })
}
