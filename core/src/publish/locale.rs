//! Locales: how they are spelled, and what stands in for one that is not there.

use std::collections::BTreeSet;
use std::fmt;

use icu_locale_core::Locale as Parsed;
use icu_locale_fallback::LocaleFallbacker;
use serde::{Deserialize, Serialize};

/// Languages that were called otherwise once.
const RENAMED: [(&str, &str); 6] =
    [("iw", "he"), ("in", "id"), ("ji", "yi"), ("jw", "jv"), ("mo", "ro"), ("tl", "fil")];
/// More subtags than any language needs: language, script, region and some variants.
const SUBTAGS_MAX: usize = 6;

/// What is no locale, or none that texts are published for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no locale: write it as de, pt-BR or zh-Hant")]
pub struct LocaleError(String);

/// A language, with script, region and variants where they matter, in the one spelling that counts: `pt-BR`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Locale(String);

impl Locale {
    /// Reads any usual spelling: `pt-br`, `pt_BR`, `PT-BR`.
    pub fn parse(text: &str) -> Result<Locale, LocaleError> {
        let fail = || LocaleError(text.chars().take(60).collect());
        let parsed: Parsed = text.replace('_', "-").parse().map_err(|_| fail())?;
        // Extensions and private parts are wishes of a reader, no language.
        if !parsed.extensions.is_empty() || parsed.id.language.is_unknown() {
            return Err(fail());
        }
        let spelled = parsed.id.to_string();
        if spelled.split('-').count() > SUBTAGS_MAX {
            return Err(fail());
        }
        let (language, rest) =
            spelled.split_once('-').map_or((spelled.as_str(), None), |(a, b)| (a, Some(b)));
        let renamed = RENAMED.iter().find(|(old, _)| *old == language).map_or(language, |(_, new)| new);
        Ok(Locale(rest.map_or(renamed.to_string(), |rest| format!("{renamed}-{rest}"))))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The locale itself and its parents by CLDR, the nearest first; never one of another script: Taiwan's
    /// Chinese does not become the mainland's.
    pub fn chain(&self) -> Vec<Locale> {
        let mut chain = vec![self.clone()];
        let Ok(parsed) = self.0.parse::<Parsed>() else { return chain };
        let fallbacker = LocaleFallbacker::new();
        let mut steps = fallbacker.for_config(Default::default()).fallback_for(parsed.into());
        while !steps.get().is_unknown() && chain.len() < 16 {
            if let Ok(next) = Locale::parse(&steps.get().to_string())
                && !chain.contains(&next)
            {
                chain.push(next);
            }
            steps.step();
        }
        chain
    }

    /// The nearest locale that is there: by CLDR's parents first, then by what the type of widget declares for one of
    /// them. `None` where the base has to do.
    pub fn nearest<'a>(
        &self,
        there: &'a BTreeSet<Locale>,
        declared: impl Fn(&Locale) -> Vec<Locale>,
    ) -> Option<&'a Locale> {
        let chain = self.chain();
        let beside = chain.iter().flat_map(declared);
        let mut candidates = chain.iter().cloned().chain(beside);
        candidates.find_map(|candidate| there.get(&candidate))
    }
}

impl TryFrom<String> for Locale {
    type Error = LocaleError;

    /// Of a document: only the one spelling, since two would be one file on some systems.
    fn try_from(text: String) -> Result<Locale, LocaleError> {
        match Locale::parse(&text)? {
            locale if locale.0 == text => Ok(locale),
            _ => Err(LocaleError(text.chars().take(60).collect())),
        }
    }
}

impl From<Locale> for String {
    fn from(locale: Locale) -> String {
        locale.0
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locale(text: &str) -> Locale {
        Locale::parse(text).unwrap()
    }

    /// V14.
    #[test]
    fn a_locale_has_one_spelling() {
        for (text, spelled) in [
            ("pt-br", "pt-BR"),
            ("pt_BR", "pt-BR"),
            ("PT-BR", "pt-BR"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("iw", "he"),
            ("iw-IL", "he-IL"),
            ("DE", "de"),
            ("en-XA", "en-XA"),
            ("de-1996", "de-1996"),
        ] {
            assert_eq!(locale(text).as_str(), spelled);
            assert_eq!(Locale::try_from(text.to_string()).is_ok(), text == spelled, "{text} in a document");
        }
        for bad in [
            "x-private",
            "en-u-ca-buddhist",
            "",
            "e",
            "en--us",
            "../en",
            "en/us",
            "und",
            "a-very-long-tag",
            "en-x-y",
        ] {
            assert!(Locale::parse(bad).is_err(), "{bad:?}");
        }
    }

    fn nearest(asked: &str, there: &[&str]) -> Option<String> {
        let there: BTreeSet<Locale> = there.iter().map(|text| locale(text)).collect();
        locale(asked).nearest(&there, |_| Vec::new()).map(Locale::to_string)
    }

    /// V15, and parents as CLDR has them.
    #[test]
    fn what_stands_in_is_of_the_same_script() {
        for (asked, there, got) in [
            ("zh-TW", &["zh", "zh-Hant", "en"][..], Some("zh-Hant")),
            ("zh-HK", &["zh", "zh-Hant", "en"], Some("zh-Hant")),
            ("zh-TW", &["zh", "en"], None),
            ("zh-HK", &["zh"], None),
            ("zh-CN", &["zh"], Some("zh")),
            ("zh-Hans-SG", &["zh"], Some("zh")),
            ("sr-ME", &["sr", "sr-Latn"], Some("sr-Latn")),
            ("sr-ME", &["sr"], None),
            ("es-MX", &["es-419", "es"], Some("es-419")),
            ("es-MX", &["es"], Some("es")),
            ("en-GB", &["en-001", "en"], Some("en-001")),
            ("pt-AO", &["pt", "pt-PT"], Some("pt-PT")),
            ("de-AT", &["de"], Some("de")),
            ("de", &["de-AT"], None),
            ("de", &["de"], Some("de")),
            ("fr-CA", &["en", "de"], None),
        ] {
            assert_eq!(nearest(asked, there).as_deref(), got, "{asked} of {there:?}");
        }
    }

    #[test]
    fn what_a_type_declares_comes_after_the_parents() {
        let declared = |of: &Locale| match of.as_str() {
            "pt-BR" => vec![locale("pt-PT")],
            _ => Vec::new(),
        };
        let there = |list: &[&str]| -> BTreeSet<Locale> { list.iter().map(|text| locale(text)).collect() };
        assert_eq!(locale("pt-BR").nearest(&there(&["pt-PT"]), declared).unwrap().as_str(), "pt-PT");
        assert_eq!(locale("pt-BR").nearest(&there(&["pt-PT", "pt"]), declared).unwrap().as_str(), "pt");
        assert_eq!(locale("fr").nearest(&there(&["pt-PT"]), declared), None);
    }
}
