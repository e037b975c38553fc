//! What the other candidates say of one: whether its package is what the question is about, and whether what
//! stands in it fits.
//!
//! Who asks for something that a package is made for finds much of it near the question, and what a package's
//! documentation tells counts for its items: the clusters of candidates that retrieval by clusters looks for
//! (Kurland and Lee 2004), where a package is a cluster that its author made.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::features::{Feature, Features};
use super::shelf::{Group, Traits};

/// So many of a package, the nearest, say how near it is.
const NEAREST: usize = 5;

/// What tells a candidate's neighbours. Each is a hash: what is not the same and has the same is as good as never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The package, whatever its version. One's own are one.
    package: u64,
    /// The item, and what it stands in; none of a section.
    item: Option<(u64, u64)>,
}

impl Standing {
    pub fn of(package: &str, is_own: bool, traits: Option<Traits<'_>>) -> Standing {
        let item = traits.filter(|traits| traits.facts.group != Group::Section).map(|traits| {
            let outer: Vec<u16> = traits.path().collect();
            let mut whole = outer.clone();
            // A path's tokens are kept each once, as what stands in the item has them.
            whole.extend(traits.name().filter(|token| !outer.contains(token)));
            (hash(&(package, whole)), hash(&(package, outer)))
        });
        Standing { package: hash(&if is_own { None } else { Some(package) }), item }
    }
}

/// Adds to each candidate's features what the others say. What they are near by is [`Feature::Meaning`] and
/// [`Feature::Late`], so that nothing is added where meaning does not count.
pub fn note(mut candidates: Vec<(Standing, &mut Features)>) {
    let mut near: HashMap<u64, Vec<f32>> = HashMap::new();
    let (mut told, mut held) = (HashMap::<u64, f32>::new(), HashMap::<u64, f32>::new());
    for (standing, features) in &candidates {
        let meaning = features.get(Feature::Meaning) + features.get(Feature::SectionMeaning);
        near.entry(standing.package).or_default().push(meaning);
        raise(&mut told, standing.package, features.get(Feature::SectionLate));
        if let Some((_, outer)) = standing.item {
            raise(&mut held, outer, features.get(Feature::Late));
        }
    }
    let near: HashMap<u64, f32> =
        near.into_iter().map(|(package, all)| (package, mean_of_nearest(all))).collect();
    let best = near.values().fold(f32::MIN_POSITIVE, |best, one| best.max(*one));
    for (standing, features) in &mut candidates {
        let of = |known: &HashMap<u64, f32>, key: u64| known.get(&key).copied().unwrap_or(0.0);
        features.set(Feature::Company, of(&near, standing.package) / best);
        features.set(Feature::Told, of(&told, standing.package));
        features.set(Feature::Holds, standing.item.map_or(0.0, |(item, _)| of(&held, item)));
    }
}

fn raise(known: &mut HashMap<u64, f32>, key: u64, value: f32) {
    let best = known.entry(key).or_default();
    *best = best.max(value);
}

/// Where there are fewer, the rest counts as far.
fn mean_of_nearest(mut all: Vec<f32>) -> f32 {
    all.sort_unstable_by(|a, b| b.total_cmp(a));
    all.iter().take(NEAREST).sum::<f32>() / NEAREST as f32
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(package: u64, item: u64, outer: u64) -> Standing {
        Standing { package, item: Some((item, outer)) }
    }

    fn features(list: &[(Feature, f32)]) -> Features {
        let mut features = Features::default();
        list.iter().for_each(|(feature, value)| features.set(*feature, *value));
        features
    }

    #[test]
    fn a_package_is_as_near_as_its_nearest_and_an_item_holds_the_best_that_stands_in_it() {
        let item = |meaning, late| features(&[(Feature::Meaning, meaning), (Feature::Late, late)]);
        let (mut outer, mut inner, mut other) = (item(0.4, 0.1), item(1.0, 0.9), item(0.7, 0.8));
        let mut section = features(&[(Feature::SectionMeaning, 0.7), (Feature::SectionLate, 0.6)]);
        note(vec![
            (standing(1, 10, 1), &mut outer),
            (standing(1, 11, 10), &mut inner),
            (Standing { package: 2, item: None }, &mut section),
            (standing(3, 30, 3), &mut other),
        ]);
        assert_eq!(outer.get(Feature::Company), 1.0);
        assert!((section.get(Feature::Company) - 0.5).abs() < 1e-6, "{section:?}");
        assert_eq!((outer.get(Feature::Holds), inner.get(Feature::Holds)), (0.9, 0.0));
        assert_eq!((section.get(Feature::Told), other.get(Feature::Told)), (0.6, 0.0));
    }

    #[test]
    fn many_far_ones_do_not_make_a_package_near() {
        let mut far = vec![features(&[(Feature::Meaning, 0.1)]); 100];
        let mut near = vec![features(&[(Feature::Meaning, 0.9)]); NEAREST];
        let far = far.iter_mut().map(|one| (standing(1, 0, 1), one));
        let all: Vec<_> = far.chain(near.iter_mut().map(|one| (standing(2, 0, 2), one))).collect();
        note(all);
        assert_eq!(near.first().map(|one| one.get(Feature::Company)), Some(1.0));
    }
}
