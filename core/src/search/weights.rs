//! What each feature weighs. Written by `benches/src/bin/weights.rs`, which fits it to judged queries: change
//! features and queries, not this.

#![allow(clippy::approx_constant, reason = "a weight may be near any number")]

use super::features::Feature;

/// Of words and meaning together.
pub const HYBRID: &[(Feature, f32)] = &[
    (Feature::Words, 0.52),
    (Feature::Meaning, 3.68),
    (Feature::Cosine, 3.28),
    (Feature::Late, 4.08),
    (Feature::Same, 1.11),
    (Feature::NameLate, 0.22),
    (Feature::Public, 0.25),
    (Feature::Documented, 1.05),
    (Feature::Shallow, 4.52),
    (Feature::Method, -0.26),
    (Feature::Type, -0.30),
    (Feature::Module, 0.02),
    (Feature::Value, -1.04),
    (Feature::Part, -2.35),
    (Feature::OfTrait, -1.76),
    (Feature::Deprecated, -0.65),
    (Feature::Unstable, -0.25),
    (Feature::Hidden, -1.52),
    (Feature::Unwritten, -2.14),
    (Feature::Older, -0.25),
    (Feature::Near, 0.60),
    (Feature::Own, 0.25),
    (Feature::Package, 1.10),
    (Feature::PackageWord, 1.16),
    (Feature::Used, 4.81),
    (Feature::Section, 4.02),
    (Feature::SectionProse, 0.25),
    (Feature::SectionWords, 1.35),
    (Feature::SectionMeaning, 4.53),
    (Feature::SectionLate, 4.37),
    (Feature::SectionTitle, 1.26),
    (Feature::SectionPackage, 6.28),
];

/// Of words alone.
pub const TEXT: &[(Feature, f32)] = &[
    (Feature::Words, 2.98),
    (Feature::Same, 5.08),
    (Feature::NameSame, 0.50),
    (Feature::Public, 0.25),
    (Feature::Documented, 1.13),
    (Feature::Shallow, 4.18),
    (Feature::Method, -0.34),
    (Feature::Type, -0.46),
    (Feature::Module, 0.05),
    (Feature::Value, -1.92),
    (Feature::Part, -2.00),
    (Feature::OfTrait, -1.62),
    (Feature::Deprecated, -0.81),
    (Feature::Unstable, -0.25),
    (Feature::Hidden, -1.18),
    (Feature::Unwritten, -1.97),
    (Feature::Older, -0.25),
    (Feature::Near, 0.50),
    (Feature::Own, 0.25),
    (Feature::Package, 1.11),
    (Feature::PackageWord, 3.20),
    (Feature::Used, 4.72),
    (Feature::Section, 5.04),
    (Feature::SectionProse, 0.25),
    (Feature::SectionWords, 2.83),
    (Feature::SectionPackage, 7.37),
];
