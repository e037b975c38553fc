//! In which order the packages of a set are worth reading.

use std::cmp::Reverse;

use super::{Origin, SourcePackage, SourceSet};

/// Direct dependencies first, since they are searched first; then one's own code, then the rest: what builds on a package
/// before it, so that what is read of it for those need not be kept for long.
pub(super) fn sort(set: &mut SourceSet) {
    let rank = |package: &SourcePackage| match (package.origin, package.direct) {
        (Origin::Dependency, true) => 0,
        (Origin::Own, _) => 1,
        (Origin::Dependency, false) => 2,
    };
    let mut order: Vec<usize> = (0..set.packages.len()).collect();
    // The walk begins in the same order whatever cargo's was.
    order.sort_by_key(|&at| set.packages.get(at).map(|package| package.id.clone()));
    let finished = dependencies_first(set, &order).0;
    order.sort_by_key(|&at| {
        let package = set.packages.get(at)?;
        let rank = rank(package);
        Some((rank, if rank == 2 { Reverse(finished.get(at).copied()) } else { Reverse(None) }))
    });
    let mut place = vec![0; order.len()];
    for (new, &old) in order.iter().enumerate() {
        if let Some(slot) = place.get_mut(old) {
            *slot = new;
        }
    }
    for package in &mut set.packages {
        package.dependencies.retain(|_, at| place.get(*at).map(|&new| *at = new).is_some());
    }
    let mut ranked: Vec<(usize, SourcePackage)> = place.into_iter().zip(set.packages.drain(..)).collect();
    ranked.sort_by_key(|(new, _)| *new);
    set.packages = ranked.into_iter().map(|(_, package)| package).collect();
    set.missing.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
}

/// By package: how many are finished before it in a walk that finishes dependencies first and begins with these in
/// turn, and the longest chain below it.
pub fn dependencies_first(set: &SourceSet, begins: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let mut order = vec![usize::MAX; set.packages.len()];
    let mut height = vec![0; set.packages.len()];
    let mut seen = vec![false; set.packages.len()];
    let mut finished = 0;
    for &start in begins {
        let mut stack = vec![(start, false)];
        while let Some((package, leaves)) = stack.pop() {
            if leaves {
                let below = set.packages.get(package).into_iter().flat_map(|one| one.dependencies.values());
                let below = below.filter(|&&next| order.get(next).is_some_and(|&at| at < finished));
                let longest = below.filter_map(|&next| height.get(next)).max().map_or(0, |one| one + 1);
                if let Some(slot) = height.get_mut(package) {
                    *slot = longest;
                }
                if let Some(slot) = order.get_mut(package) {
                    *slot = finished;
                }
                finished += 1;
                continue;
            }
            match seen.get_mut(package) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            stack.push((package, true));
            if let Some(source) = set.packages.get(package) {
                stack.extend(source.dependencies.values().map(|&next| (next, false)));
            }
        }
    }
    (order, height)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::PackageId;

    fn package(name: &str, below: &[usize], direct: bool) -> SourcePackage {
        SourcePackage {
            id: PackageId::rust(name, "1.0.0").unwrap(),
            root: name.into(),
            origin: if name == "own" { Origin::Own } else { Origin::Dependency },
            wanted: true,
            direct,
            here: true,
            description: None,
            repository: None,
            targets: Vec::new(),
            dependencies: below.iter().map(|at| (at.to_string(), *at)).collect(),
            edition_2015: false,
            features: None,
        }
    }

    #[test]
    fn direct_ones_come_first_and_of_the_rest_what_builds_on_a_package_before_it() {
        let packages = vec![
            package("alone", &[], false),
            package("base", &[], false),
            package("middle", &[1], false),
            package("top", &[2, 1], false),
            package("own", &[5, 6], false),
            package("near", &[3], true),
            package("asked", &[2, 0], true),
        ];
        let mut set = SourceSet { packages, ..SourceSet::default() };
        sort(&mut set);
        let names: Vec<&str> = set.packages.iter().map(|package| package.id.name()).collect();
        assert_eq!(names, ["asked", "near", "own", "top", "middle", "base", "alone"]);
        let top = set.packages.iter().find(|package| package.id.name() == "top").unwrap();
        let below: Vec<&str> = top.dependencies.values().map(|at| names[*at]).collect();
        assert_eq!(below, ["base", "middle"], "places are those of the new order");
    }
}
