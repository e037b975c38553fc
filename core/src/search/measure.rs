//! A candidate's features, for one question.

use super::candidates::{Candidate, Member};
use super::features::{Feature, Features};
use super::named::Named;
use super::shelf::{Facts, Group, Traits};
use crate::embed::{AskedTokens, Match};

/// The deepest path that still differs from a deeper one.
const DEPTH_MAX: f32 = 5.0;
/// What stands for documentation, and for the place of an item, in one's own code: the same for all of it.
const OWN_DOCUMENTED: f32 = 1.0;
const OWN_SHALLOW: f32 = 0.9;

/// What is asked, and what the other candidates are.
pub struct Question {
    /// `None` where meaning does not count.
    pub asked: Option<AskedTokens>,
    pub named: Named,
    /// How much it is a question of prose, between 0 and 1.
    pub prose: f32,
    /// Whether it asks for an explanation, and not for an item.
    pub explains: bool,
    pub by_meaning: bool,
    /// The best candidate's words.
    pub best_words: f32,
    /// The nearest and the farthest candidate's cosine.
    pub cosines: (f32, f32),
}

/// Where an item comes from, as seen from the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// One's own code, and that of one's team.
    Own,
    /// A dependency that the project names.
    Direct,
    /// What `std` shows; every program builds on it, as on what it names.
    Standard,
    /// The same under the names of `core` and `alloc`.
    StandardPart,
    Other,
}

impl Question {
    /// The features of a candidate, of which these traits are known.
    pub fn measure(
        &mut self,
        candidate: &Candidate,
        member: &Member<'_>,
        traits: Option<Traits<'_>>,
        origin: Origin,
        built_on: f32,
    ) -> Features {
        let mut features = Features::default();
        let (best, least) = self.cosines;
        let span = (best - least).max(f32::MIN_POSITIVE);
        let words = candidate.words / self.best_words;
        let meaning = ((candidate.cosine - least) / span).clamp(0.0, 1.0);
        let facts = traits.map_or_else(Facts::default, |traits| traits.facts);
        let (mut whole, mut title, mut name) = (Match::default(), Match::default(), Match::default());
        if let (Some(traits), Some(asked)) = (traits, &mut self.asked) {
            whole = asked.of_text(traits.name().chain(traits.path()).chain(traits.text()));
            title = asked.of_text(traits.name().chain(traits.path()));
            name = asked.of_name(traits.name());
        }
        let naming = self.named.naming(member.entry.id.name());
        let mut set = |feature, value| features.set(feature, value);
        set(Feature::BuiltOn, built_on);
        if facts.group == Group::Section {
            set(Feature::Section, 1.0);
            set(Feature::SectionProse, self.prose);
            set(Feature::SectionExplains, f32::from(self.explains));
            set(Feature::SectionWords, words);
            set(Feature::SectionPackage, naming.distinct);
            if self.by_meaning {
                set(Feature::SectionMeaning, meaning);
                set(Feature::SectionLate, whole.near);
                set(Feature::SectionTitle, title.near);
            }
            return features;
        }
        set(Feature::Words, words);
        set(Feature::Same, whole.same);
        set(Feature::TitleSame, title.same);
        set(Feature::NameSame, name.same);
        if self.by_meaning {
            set(Feature::Meaning, meaning);
            set(Feature::Cosine, candidate.cosine.max(0.0));
            set(Feature::Late, whole.near);
            set(Feature::TitleLate, title.near);
            set(Feature::NameLate, name.near);
        }
        set(Feature::Package, naming.distinct);
        set(Feature::PackageWord, naming.word);
        set(Feature::Older, f32::from(member.is_older));
        set(Feature::Near, if origin == Origin::Other { 0.0 } else { 1.0 });
        set(Feature::Own, f32::from(origin == Origin::Own));
        of_facts(facts, origin == Origin::Own, &mut set);
        features
    }
}

fn of_facts(facts: Facts, is_own: bool, set: &mut impl FnMut(Feature, f32)) {
    let documented = [0.0, 0.5, 0.8, 1.0].get(usize::from(facts.documented)).copied().unwrap_or(0.0);
    let shallow = 1.0 - f32::from(facts.depth.saturating_sub(1)).min(DEPTH_MAX) / DEPTH_MAX;
    set(Feature::Public, if is_own { 1.0 } else { f32::from(facts.public) });
    set(Feature::Documented, if is_own { OWN_DOCUMENTED } else { documented });
    set(Feature::Shallow, if is_own { OWN_SHALLOW } else { shallow });
    match facts.group {
        Group::Main | Group::Section => {}
        Group::Method => set(Feature::Method, 1.0),
        Group::Type => set(Feature::Type, 1.0),
        Group::Module => set(Feature::Module, 1.0),
        Group::Value => set(Feature::Value, 1.0),
        Group::Part => set(Feature::Part, 1.0),
    }
    // The first uses say most.
    set(Feature::Used, f32::from(facts.used).ln_1p() / f32::from(u8::MAX).ln_1p());
    set(Feature::Test, f32::from(facts.test));
    set(Feature::OfTrait, f32::from(facts.of_trait));
    set(Feature::Deprecated, f32::from(facts.deprecated));
    set(Feature::Unstable, f32::from(facts.unstable));
    set(Feature::Hidden, f32::from(facts.hidden));
    set(Feature::Unwritten, f32::from(facts.unwritten));
}
