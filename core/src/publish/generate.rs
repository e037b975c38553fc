//! Generators: from the texts of an instance to the same in another locale. They see texts and return texts; where these
//! belong, and whether they may, is not theirs to say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use serde_json::Value;

use super::canonical::{Sha256, read};
use super::locale::Locale;
use super::overlay::OVERLAY_BYTES_MAX;

/// The locale of texts that are only made to look foreign.
const PSEUDO: &str = "en-XA";

/// Why nothing was generated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenerateError {
    #[error("the translations in {path} cannot be used: {why}")]
    File { path: PathBuf, why: String },
    #[error("the translator cannot be asked: {0}")]
    Away(String),
    #[error("the translator answered with something else than texts for these places")]
    Answer,
}

/// Texts that are wanted in another locale, by place.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    pub public_id: &'a str,
    pub widget_type: &'a str,
    pub from: &'a Locale,
    pub to: &'a Locale,
    pub texts: &'a BTreeMap<String, String>,
    /// What was generated for some of them before, of the very same texts: who pays for each needs not do it again.
    pub known: &'a BTreeMap<String, String>,
}

/// What makes texts in another locale.
#[async_trait]
pub trait Generator: Send + Sync {
    /// What its answers depend on besides the texts: while it stays, so do they.
    fn fingerprint(&self, to: &Locale) -> Result<String, GenerateError>;

    /// Texts for those places that it has any for.
    async fn generate(&self, wanted: &Wanted<'_>) -> Result<BTreeMap<String, String>, GenerateError>;
}

/// Files of translations, `{locale}.json` each: from a text of the base to the same text in the locale. What is keyed by
/// the text itself cannot be stale.
#[derive(Clone, Debug)]
pub struct Files {
    pub folder: PathBuf,
}

impl Files {
    fn read(&self, to: &Locale) -> Result<Option<Vec<u8>>, GenerateError> {
        let path = self.path(to);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(GenerateError::File { path, why: error.to_string() }),
        }
    }

    fn path(&self, to: &Locale) -> PathBuf {
        self.folder.join(format!("{to}.json"))
    }
}

#[async_trait]
impl Generator for Files {
    fn fingerprint(&self, to: &Locale) -> Result<String, GenerateError> {
        let bytes = self.read(to)?;
        Ok(bytes.map_or_else(|| "no file".to_string(), |bytes| format!("file {}", Sha256::of(&bytes))))
    }

    async fn generate(&self, wanted: &Wanted<'_>) -> Result<BTreeMap<String, String>, GenerateError> {
        let Some(bytes) = self.read(wanted.to)? else { return Ok(BTreeMap::new()) };
        let fail = |why: String| GenerateError::File { path: self.path(wanted.to), why };
        // A file of all texts may be larger than one overlay.
        let known = read(&bytes, OVERLAY_BYTES_MAX * 16).map_err(|error| fail(error.to_string()))?;
        if let Some((text, _)) = known.iter().find(|(_, value)| !value.is_string()) {
            return Err(fail(format!("what {text:?} is translated as is no text")));
        }
        let translated = |(at, text): (&String, &String)| {
            Some((at.clone(), known.get(text).and_then(Value::as_str)?.to_string()))
        };
        Ok(wanted.texts.iter().filter_map(translated).collect())
    }
}

/// Texts that are still readable and look foreign: for trying without a translator.
#[derive(Clone, Copy, Debug)]
pub struct Pseudo;

#[async_trait]
impl Generator for Pseudo {
    fn fingerprint(&self, _: &Locale) -> Result<String, GenerateError> {
        Ok("pseudo 1".to_string())
    }

    async fn generate(&self, wanted: &Wanted<'_>) -> Result<BTreeMap<String, String>, GenerateError> {
        if wanted.to.as_str() != PSEUDO {
            return Ok(BTreeMap::new());
        }
        Ok(wanted.texts.iter().map(|(at, text)| (at.clone(), pseudo(text))).collect())
    }
}

/// `[Ƭéxţ one]`: accents on vowels, a third longer, in brackets that show where a text is cut.
fn pseudo(text: &str) -> String {
    let accented = |c: char| match c {
        'a' => 'á',
        'e' => 'é',
        'i' => 'í',
        'o' => 'ö',
        'u' => 'ü',
        'A' => 'Å',
        'E' => 'É',
        'I' => 'Î',
        'O' => 'Ø',
        'U' => 'Û',
        c => c,
    };
    let longer = " one".repeat((text.chars().count() / 12).clamp(1, 40));
    format!("[{}{longer}]", text.chars().map(accented).collect::<String>())
}

/// What was generated before and still fits: in place of a translator that is not to be asked.
#[derive(Clone, Copy, Debug)]
pub struct Known;

#[async_trait]
impl Generator for Known {
    fn fingerprint(&self, _: &Locale) -> Result<String, GenerateError> {
        Ok("known".to_string())
    }

    async fn generate(&self, wanted: &Wanted<'_>) -> Result<BTreeMap<String, String>, GenerateError> {
        Ok(wanted.known.clone())
    }
}

/// Several, the first that has a text for a place being asked first.
pub struct Several(pub Vec<Box<dyn Generator>>);

impl Several {
    /// What needs nobody else: the files of a folder, and the pseudo-locale.
    pub fn offline(folder: &Path) -> Several {
        Several(vec![Box::new(Files { folder: folder.to_path_buf() }), Box::new(Pseudo)])
    }
}

#[async_trait]
impl Generator for Several {
    fn fingerprint(&self, to: &Locale) -> Result<String, GenerateError> {
        let all: Result<Vec<String>, GenerateError> = self.0.iter().map(|one| one.fingerprint(to)).collect();
        Ok(all?.join(", "))
    }

    async fn generate(&self, wanted: &Wanted<'_>) -> Result<BTreeMap<String, String>, GenerateError> {
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for one in &self.0 {
            let left = wanted.texts.iter().filter(|(at, _)| !found.contains_key(*at));
            let left: BTreeMap<String, String> = left.map(|(at, text)| (at.clone(), text.clone())).collect();
            if !left.is_empty() {
                found.extend(one.generate(&Wanted { texts: &left, ..wanted.clone() }).await?);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::trial::locale;

    #[tokio::test]
    async fn a_file_translates_texts_wherever_they_stand() {
        let folder = tempfile::tempdir().unwrap();
        let several = Several::offline(folder.path());
        let (en, de, xa) = (locale("en"), locale("de"), locale("en-XA"));
        let texts =
            BTreeMap::from([("/a".to_string(), "Yes".to_string()), ("/b".to_string(), "No".to_string())]);
        let known = BTreeMap::new();
        let wanted = Wanted {
            public_id: "wgt_main_faq",
            widget_type: "faq",
            from: &en,
            to: &de,
            texts: &texts,
            known: &known,
        };
        assert!(several.generate(&wanted).await.unwrap().is_empty());
        let before = several.fingerprint(&de).unwrap();
        std::fs::write(folder.path().join("de.json"), r#"{"Yes":"Ja","Maybe":"Vielleicht"}"#).unwrap();
        assert_ne!(several.fingerprint(&de).unwrap(), before);
        assert_eq!(
            several.generate(&wanted).await.unwrap(),
            BTreeMap::from([("/a".to_string(), "Ja".to_string())])
        );
        let pseudo = several.generate(&Wanted { to: &xa, ..wanted.clone() }).await.unwrap();
        assert_eq!(pseudo["/a"], "[Yés one]");
        for bad in [r#"{"Yes":1}"#, r#"{"Yes":"a","Yes":"b"}"#, "[]"] {
            std::fs::write(folder.path().join("de.json"), bad).unwrap();
            assert!(matches!(several.generate(&wanted).await, Err(GenerateError::File { .. })), "{bad}");
        }
    }
}
