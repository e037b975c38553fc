//! Types of widgets, and what of each may be translated: one file of the authored folder, read at each write and at each
//! publication. A type that is added there is known at once.
//!
//! ```json
//! {"v": 1, "base_locale": "en", "locales": ["de", "fr"],
//!  "types": {"faq": {"paths": ["/title", "/faqs/[id]/question"], "fallback": {"pt-BR": ["pt-PT"]}}}}
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::canonical::read;
use super::file::read_file;
use super::id::WidgetType;
use super::locale::Locale;
use super::place::{Pattern, PlaceError, texts};

const BYTES_MAX: usize = 4 << 20;
const VERSION: u64 = 1;

/// A registry that cannot be used, or an instance that does not fit it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    #[error(
        "there is no registry of widget types; write {path}, with what of each type may be translated, as \
         {{\"v\": 1, \"base_locale\": \"en\", \"locales\": [\"de\"], \"types\": {{\"faq\": {{\"paths\": [\"/title\"]}}}}}}"
    )]
    Absent { path: PathBuf },
    #[error("the registry of widget types in {path} cannot be used: {why}")]
    Unusable { path: PathBuf, why: String },
    #[error("there is no widget type {asked}; known are {}", known.join(", "))]
    Unknown { asked: WidgetType, known: Vec<String> },
    #[error(
        "nothing is published in {asked}: the registry of widget types names {}; add it to the \"locales\" in {path}",
        named(.known)
    )]
    Locale { asked: Locale, known: Vec<String>, path: PathBuf },
    #[error("{0} is the locale that instances are written in: edit the instance itself")]
    Base(Locale),
}

fn named(locales: &[String]) -> String {
    if locales.is_empty() { "no locales".to_string() } else { locales.join(", ") }
}

/// The types that there are.
#[derive(Clone, Debug)]
pub struct Registry {
    /// What configurations are written in.
    pub base_locale: Locale,
    /// What they are translated into.
    pub locales: BTreeSet<Locale>,
    types: BTreeMap<WidgetType, Rules>,
}

/// What counts for one type.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub patterns: Vec<Pattern>,
    /// What else may stand in for a locale, where none of its parents is there.
    pub fallback: BTreeMap<Locale, Vec<Locale>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InFile {
    v: u64,
    base_locale: Locale,
    #[serde(default)]
    locales: BTreeSet<Locale>,
    types: BTreeMap<WidgetType, RulesInFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesInFile {
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    fallback: BTreeMap<Locale, Vec<Locale>>,
}

impl Registry {
    /// Reads the file.
    pub fn load(path: &Path) -> Result<Registry, RegistryError> {
        match read_file(path, BYTES_MAX) {
            Ok(bytes) => Registry::parse(&bytes)
                .map_err(|why| RegistryError::Unusable { path: path.to_path_buf(), why }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(RegistryError::Absent { path: path.to_path_buf() })
            }
            Err(error) => Err(RegistryError::Unusable { path: path.to_path_buf(), why: error.to_string() }),
        }
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Registry, String> {
        let value = Value::Object(read(bytes, BYTES_MAX).map_err(|error| error.to_string())?);
        let file: InFile = serde_json::from_value(value).map_err(|error| error.to_string())?;
        if file.v != VERSION {
            return Err(format!("it is of version {}, and this program reads {VERSION}", file.v));
        }
        let rules = |(name, of): (WidgetType, RulesInFile)| {
            let patterns = of.paths.iter().map(|text| Pattern::parse(text)).collect::<Result<_, _>>();
            let patterns: Vec<Pattern> = patterns.map_err(|error| format!("{name}: {error}"))?;
            let is_identity = |one: &&Pattern| patterns.iter().any(|other| one.translates_identity_of(other));
            if let Some(identity) = patterns.iter().find(is_identity) {
                let at = identity.as_str();
                return Err(format!(
                    "{name}: {at} is what items are known by, and stays the same in every locale"
                ));
            }
            Ok((name, Rules { patterns, fallback: of.fallback }))
        };
        let types = file.types.into_iter().map(rules).collect::<Result<_, String>>()?;
        let locales = file.locales.into_iter().filter(|locale| *locale != file.base_locale).collect();
        Ok(Registry { base_locale: file.base_locale, locales, types })
    }

    /// Refuses a locale that nothing is translated into. `path` is where the registry lies.
    pub fn check_locale(&self, locale: &Locale, path: &Path) -> Result<(), RegistryError> {
        if *locale == self.base_locale {
            return Err(RegistryError::Base(locale.clone()));
        }
        match self.locales.contains(locale) {
            true => Ok(()),
            false => Err(RegistryError::Locale {
                asked: locale.clone(),
                known: self.locales.iter().map(Locale::to_string).collect(),
                path: path.to_path_buf(),
            }),
        }
    }

    /// What counts for a type.
    pub fn rules(&self, widget_type: &WidgetType) -> Result<&Rules, RegistryError> {
        self.types.get(widget_type).ok_or_else(|| RegistryError::Unknown {
            asked: widget_type.clone(),
            known: self.types.keys().map(WidgetType::to_string).collect(),
        })
    }
}

impl Rules {
    /// The translatable texts of an instance, by place.
    pub fn texts(&self, config: &Map<String, Value>) -> Result<BTreeMap<String, String>, PlaceError> {
        let mut found = BTreeMap::new();
        texts(&mut config.clone(), &self.patterns, &mut |at, text| {
            drop(found.insert(at.to_string(), text.clone()))
        })?;
        Ok(found)
    }

    /// Whether a place may be translated.
    pub fn allows(&self, at: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.covers(at))
    }

    /// What these rules are called, so that a publication knows whether they changed.
    pub(super) fn describe(&self) -> String {
        let paths: Vec<&str> = self.patterns.iter().map(Pattern::as_str).collect();
        format!("{paths:?} {:?}", self.fallback)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str =
        r#"{"v":1,"base_locale":"en","locales":["de","en"],"types":{"faq":{"paths":["/title"]},"hero":{}}}"#;

    #[test]
    fn an_unknown_type_is_told_with_those_that_are_known() {
        let registry = Registry::parse(FILE.as_bytes()).unwrap();
        let error = registry.rules(&WidgetType::parse("pricing").unwrap()).unwrap_err().to_string();
        assert_eq!(error, "there is no widget type pricing; known are faq, hero");
        assert_eq!(registry.locales.len(), 1, "the base is no translation");
        let rules = registry.rules(&WidgetType::parse("faq").unwrap()).unwrap();
        assert!(rules.allows("/title") && !rules.allows("/colour"));
    }

    #[test]
    fn a_registry_that_says_what_nobody_knows_is_refused() {
        for bad in [
            r#"{"v":2,"base_locale":"en","types":{}}"#,
            r#"{"v":1,"base_locale":"EN","types":{}}"#,
            r#"{"v":1,"base_locale":"en","types":{"main":{}}}"#,
            r#"{"v":1,"base_locale":"en","types":{"faq":{"paths":["title"]}}}"#,
            r#"{"v":1,"base_locale":"en","types":{"faq":{"path":[]}}}"#,
            r#"{"v":1,"base_locale":"en","types":{"faq":{},"faq":{}}}"#,
            r#"{"v":1,"base_locale":"en","types":{"faq":{"paths":["/items/[id]/id","/items/[id]/q"]}}}"#,
            r#"{"v":1,"base_locale":"en","types":{"faq":{"paths":["/l/[id]/m/[k]/q","/l/[other]/m/[id]/k"]}}}"#,
            r#"{"v":1,"base_locale":"en","types":{"faq":{"paths":["/l/[id]/m/[k]/q","/l/[k]/id"]}}}"#,
            "{",
        ] {
            assert!(Registry::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        let beside =
            r#"{"v":1,"base_locale":"en","types":{"faq":{"paths":["/id","/l/[id]/m/[k]/id","/l/[id]/k"]}}}"#;
        assert!(Registry::parse(beside.as_bytes()).is_ok(), "a member of that name elsewhere is a text");
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(
            Registry::load(&folder.path().join("manifest.json")),
            Err(RegistryError::Absent { .. })
        ));
        // What never ends is not read to its end.
        for endless in [Path::new("/dev/zero"), folder.path()] {
            let refused = Registry::load(endless).unwrap_err().to_string();
            assert!(refused.contains("it is no file"), "{refused}");
        }
    }
}
