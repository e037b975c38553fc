//! What the order of results is made from: a list of named features, each with one weight.
//!
//! A new feature is a line in `features!`, the place in `measure.rs` that sets it, and a weight in
//! `weights.rs`, which `benches/src/bin/weights.rs` writes.

/// Among items that all bear the name that was typed, what they are decides; words and meaning, which are
/// nearly the same for all of them, break ties.
const NAMED_SHARE: f32 = 0.1;
/// How the words that were typed fit.
const MATCHING: [Feature; 14] = [
    Feature::Words,
    Feature::Meaning,
    Feature::Cosine,
    Feature::Late,
    Feature::Same,
    Feature::TitleLate,
    Feature::TitleSame,
    Feature::SectionWords,
    Feature::SectionMeaning,
    Feature::SectionLate,
    Feature::SectionTitle,
    Feature::Company,
    Feature::Told,
    Feature::Holds,
];

/// Declares the features, so that the list, the names and the count cannot differ.
macro_rules! features {
    ($($(#[doc = $doc:literal])+ $feature:ident = $name:literal,)+) => {
        /// One thing that is known of a candidate; between 0 and 1.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Feature { $($(#[doc = $doc])+ $feature,)+ }

        impl Feature {
            /// Every feature, in the order of a candidate's list.
            pub const ALL: &[Feature] = &[$(Feature::$feature,)+];

            /// The name by which reports speak of it.
            pub const fn name(self) -> &'static str {
                match self { $(Feature::$feature => $name,)+ }
            }
        }
    };
}

features! {
    /// BM25 of the words, relative to the best candidate's.
    Words = "words",
    /// The cosine of the mean vectors, between the farthest candidate and the nearest.
    Meaning = "meaning",
    /// The cosine as it is.
    Cosine = "cosine",
    /// Late interaction: each word of the question with the best word of the item's texts.
    Late = "late",
    /// What of the question stands in the item's texts as it is.
    Same = "same",
    /// Late interaction with the name and the path alone.
    TitleLate = "title-late",
    /// What of the question stands in the name and the path.
    TitleSame = "title-same",
    /// What of the name is asked for, or what is like it.
    NameLate = "name-late",
    /// What of the name is asked for as it is.
    NameSame = "name-same",
    /// The item is public. One's own code is taken as if it were.
    Public = "public",
    /// How much is written about the item. One's own code is no documentation: there it counts as much.
    Documented = "documented",
    /// How near to its package's root the item lies.
    Shallow = "shallow",
    /// The item is a method.
    Method = "method",
    /// The item is an enum, union or type alias.
    Type = "type",
    /// The item is a module.
    Module = "module",
    /// The item is a constant or a static.
    Value = "value",
    /// The item is a variant or another part of an item.
    Part = "part",
    /// The item is implemented for a trait, which documents it.
    OfTrait = "of-trait",
    /// The item is deprecated.
    Deprecated = "deprecated",
    /// The item is unstable.
    Unstable = "unstable",
    /// The item is hidden from the documentation.
    Hidden = "hidden",
    /// Nobody writes it: bindings, generated names, holders of doctests.
    Unwritten = "unwritten",
    /// A newer version of its package is among those that are searched.
    Older = "older",
    /// It is one's own, or of a package that the project names, or of the standard library.
    Near = "near",
    /// It is one's own code.
    Own = "own",
    /// Its package is named in the question, as far as that name is no common word.
    Package = "package",
    /// A word of the question is its package's name, however common.
    PackageWord = "package-word",
    /// In how many places documentation and examples use it, and of one's own code its functions.
    Used = "used",
    /// It is a test, or what helps tests.
    Test = "test",
    /// How many packages of the project build on its package.
    BuiltOn = "built-on",
    /// How near the nearest of its package are to the question, relative to the best package's.
    Company = "company",
    /// How well the best section of its package's documentation fits the question.
    Told = "told",
    /// How well the best of what stands in it fits the question.
    Holds = "holds",
    /// It is a section of documentation. What follows is of sections alone; what stands above is of items, but for
    /// what is said of their packages.
    Section = "section",
    /// How much the question is one of prose.
    SectionProse = "section-prose",
    /// The question asks for an explanation.
    SectionExplains = "section-explains",
    /// BM25 of the words, relative to the best candidate's.
    SectionWords = "section-words",
    /// The cosine of the mean vectors, between the farthest candidate and the nearest.
    SectionMeaning = "section-meaning",
    /// Late interaction with the title and the text.
    SectionLate = "section-late",
    /// Late interaction with the title.
    SectionTitle = "section-title",
    /// Its package is named in the question, as far as that name is no common word.
    SectionPackage = "section-package",
}

impl Feature {
    /// Whether more of it is better (1) or worse (-1), where that is known beforehand; whatever the queries
    /// show, a weight keeps this direction.
    pub const fn direction(self) -> i8 {
        match self {
            Feature::OfTrait
            | Feature::Deprecated
            | Feature::Unstable
            | Feature::Hidden
            | Feature::Unwritten
            | Feature::Older
            | Feature::Test => -1,
            Feature::Method
            | Feature::Type
            | Feature::Module
            | Feature::Value
            | Feature::Part
            | Feature::Section => 0,
            _ => 1,
        }
    }

    /// Whether it is a rule that holds also where no judged query shows it.
    pub const fn is_rule(self) -> bool {
        matches!(
            self,
            Feature::Public
                | Feature::Near
                | Feature::Own
                | Feature::Deprecated
                | Feature::Unstable
                | Feature::Hidden
                | Feature::Unwritten
                | Feature::Older
                | Feature::Used
                | Feature::Package
                | Feature::SectionProse
                | Feature::SectionExplains
                | Feature::SectionWords
        )
    }
}

/// How many features there are.
pub const FEATURES: usize = Feature::ALL.len();

/// A candidate's features.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features([f32; FEATURES]);

impl Default for Features {
    fn default() -> Features {
        Features([0.0; FEATURES])
    }
}

impl Features {
    pub fn set(&mut self, feature: Feature, value: f32) {
        if let Some(place) = self.0.get_mut(feature as usize) {
            *place = value;
        }
    }

    pub fn get(&self, feature: Feature) -> f32 {
        self.0.get(feature as usize).copied().unwrap_or(0.0)
    }

    /// Those of an item that bears the very name that was typed.
    pub fn damp(&mut self) {
        for feature in MATCHING {
            self.set(feature, NAMED_SHARE * self.get(feature));
        }
    }

    /// All of them, in the order of [`Feature::ALL`].
    pub fn all(&self) -> &[f32] {
        &self.0
    }

    /// The score that weights give.
    pub fn score(&self, weights: &Weights) -> f32 {
        self.0.iter().zip(weights.0).map(|(value, weight)| value * weight).sum()
    }
}

/// One weight a feature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights([f32; FEATURES]);

impl Weights {
    /// Those of a list; what it does not name weighs nothing.
    pub fn of(list: &[(Feature, f32)]) -> Weights {
        let mut weights = Weights([0.0; FEATURES]);
        for (feature, weight) in list {
            if let Some(place) = weights.0.get_mut(*feature as usize) {
                *place = *weight;
            }
        }
        weights
    }

    /// What a feature weighs.
    pub fn get(&self, feature: Feature) -> f32 {
        self.0.get(feature as usize).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_feature_has_a_name_of_its_own_and_its_place() {
        for (at, feature) in Feature::ALL.iter().enumerate() {
            assert_eq!(*feature as usize, at);
            let same = Feature::ALL.iter().filter(|other| other.name() == feature.name());
            assert_eq!(same.count(), 1, "{}", feature.name());
        }
    }

    #[test]
    fn a_score_is_the_weighted_sum() {
        let mut features = Features::default();
        features.set(Feature::Words, 0.5);
        features.set(Feature::Hidden, 1.0);
        let weights = Weights::of(&[(Feature::Words, 2.0), (Feature::Hidden, -3.0), (Feature::Late, 9.0)]);
        assert!((features.score(&weights) + 2.0).abs() < 1e-6);
    }
}
